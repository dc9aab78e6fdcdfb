"""GOPROXY and GOSUMDB: how the go command walks the list, and what it refuses."""

import io
import itertools
import json
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from probe.golang.command import moduleproxy
from probe.golang.release import Go
from tests.differential.harness import same
from tests.support.toolchains import install

MODULE = "example.com/m"
KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"


class Server(NamedTuple):
    """A module proxy on loopback: below /N it answers with status N, and it remembers who was asked."""

    url: str
    asked: list[str]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr(f"{MODULE}@v1.0.0/go.mod", f"module {MODULE}\n")
    files = {
        "info": json.dumps({"Version": "v1.0.0", "Time": "2024-01-01T00:00:00Z"}).encode(),
        "mod": f"module {MODULE}\n".encode(),
        "zip": archive.getvalue(),
    }
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.split("/")[1]
            asked.append(name)
            status = int(name[:3])
            if status == 200 and "/@v/" not in self.path:
                status = 404
            self.send_response(status)
            body = files[self.path.rpartition(".")[2]] if status == 200 else b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield Server(f"http://127.0.0.1:{http.server_port}", asked)
        http.shutdown()
        thread.join()


def download(version: str, scratch: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`go mod download` of one module by real Go, into an empty cache."""
    tool = install(version)
    base = {
        "HOME": str(scratch),
        "PATH": "/nowhere",
        "GOFLAGS": "-modcacherw",
        "GOTOOLCHAIN": "local",
        "HTTPS_PROXY": "http://127.0.0.1:1",  # nobody out there is ever called
        "GOROOT": str(tool.root),
    }
    command = [str(tool.go), "mod", "download", f"{MODULE}@v1.0.0"]
    return subprocess.run(command, env=base | env, cwd=scratch, capture_output=True, text=True, timeout=60)


def walk(goproxy: str) -> list[str]:
    """Which entries would be asked for a file, when /N answers with status N, by our reading of the list."""
    asked = []
    for entry in moduleproxy.proxies(goproxy).entries:
        if entry.url in ("off", "direct"):
            break
        name = entry.url.rpartition("/")[2]
        asked.append(name)
        if name.startswith("200") or not (entry.on_any_error or name[:3] in ("404", "410")):
            break
    return asked


LISTS = [
    "{}/200",
    "{}/404,{}/200",
    "{}/410,{}/200",
    "{}/500,{}/200",
    "{}/500|{}/200",
    "{}/403|{}/401,{}/200",
    "{}/404|{}/410,{}/500,{}/200",
    " {}/404 ,\t{}/200 ",
    ",,{}/404||{}/200",
    "{}/404,off,{}/200",
    "{}/404|direct|{}/200",
    "off",
    "direct,{}/200",
    "{}/403,{}/200x|{}/200y",
    "{}/401|{}/403|{}/200x,{}/200y",
]


@pytest.mark.parametrize("form", LISTS)
def test_a_list_is_walked_as_go_walks_it(go_version: str, tmp_path: Path, server: Server, form: str) -> None:
    """The separator behind an entry decides whether its failure is the end."""
    goproxy = form.replace("{}", server.url)
    server.asked.clear()
    download(go_version, tmp_path, GOPROXY=goproxy, GOSUMDB="off")
    theirs = [name for name, _ in itertools.groupby(server.asked)]
    ours = walk(goproxy)
    # Each of the three files is asked for along the same way.
    rounds = 3 if ours and ours[-1].startswith("200") else 1
    same([name for name, _ in itertools.groupby(ours * rounds)], theirs, goproxy)


REFUSED = [
    "",
    ",|",
    " ",
    "nonsense",
    "OFF",
    "/srv/proxy",
    "ftp://a.example",
    "file:/srv",
    "file://host/srv",
    "file:///srv?x",
    "file:///srv#x",
    "https://a:b",
    "https://a example",
    "https://%zz",
    ":/",
    "1:/a",
    "https://[::1",
    "https://a\x7f",
    "{}/404,nonsense",
]


@pytest.mark.parametrize("form", REFUSED)
def test_a_list_is_refused_in_gos_words(go_version: str, tmp_path: Path, server: Server, form: str) -> None:
    """What we call an error is one, and is called the same."""
    goproxy = form.replace("{}", server.url)
    (tmp_path / ".config/go").mkdir(parents=True)
    (tmp_path / ".config/go/env").write_text(f"GOPROXY={goproxy}\n")  # where an empty one counts
    done = download(go_version, tmp_path, GOSUMDB="off")
    error = moduleproxy.proxies(goproxy, judged(go_version)).error
    assert error
    assert done.returncode == 1
    same(error if error in done.stderr else "?", error, f"{goproxy!r}: {done.stderr}")


@pytest.mark.parametrize(
    "goproxy", ["{}/200#", "{}/200?x", "{}/200/", "HTTP{}/200", "file:///nowhere#", "a.example"]
)
def test_a_list_that_we_take_is_taken(go_version: str, tmp_path: Path, server: Server, goproxy: str) -> None:
    """Oddities that are no error for Go are none for us."""
    goproxy = goproxy.replace("HTTP{}", server.url.replace("http", "HTTP")).replace("{}", server.url)
    assert not moduleproxy.proxies(goproxy, judged(go_version)).error
    done = download(go_version, tmp_path, GOPROXY=goproxy, GOSUMDB="off")
    same(
        "GOPROXY list" in done.stderr or "invalid proxy" in done.stderr or "parse " in done.stderr,
        False,
        done.stderr,
    )


DATABASES = [
    "",
    " ",
    " off",
    "sum.example",
    "sum.golang.google.cn x",
    "a b c",
    KEY[:-1],
    KEY + "=",
    KEY.replace("033de0ae", "033DE0AE") + " {}/500",
    KEY.replace("033de0ae", "33de0ae"),
    KEY.replace("033de0ae", "033de0af"),
    "x+a7966926+AAAA",
    "x+be710db5+AQAA",
    "a/+302ea1ab+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "sum.golang.org https://a:b",
    "sum.golang.org {}/500",
    f"{KEY} {{}}/500",
    f" {KEY}\u00a0{{}}/500 ",
    "off",
]


@pytest.mark.parametrize("form", DATABASES)
def test_a_database_is_taken_or_refused_as_go_does(
    go_version: str, tmp_path: Path, server: Server, form: str
) -> None:
    """Off, refused with the same words, or asked at the same place."""
    gosumdb = form.replace("{}", server.url)
    (tmp_path / ".config/go").mkdir(parents=True)
    (tmp_path / ".config/go/env").write_text(f"GOSUMDB={gosumdb}\n")
    server.asked.clear()
    done = download(go_version, tmp_path, GOPROXY=f"{server.url}/200")
    database = moduleproxy.sumdb(gosumdb, judged(go_version))
    if database.error:
        words = database.error.rpartition("URL: ")[2]  # Go shows the URL, with its password
        same(words if words in done.stderr else "?", words, done.stderr)
    elif database.off:
        same(done.returncode, 0, done.stderr)
    else:
        same(database.url.rpartition("/")[2] in server.asked, True, done.stderr)


def judged(version: str) -> Go:
    major, minor, patch = map(int, version.split("."))
    return Go((major, minor, patch), "toolchain")
