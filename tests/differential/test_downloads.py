"""`downloads` against `go mod download`: does it succeed, and who is asked for what, in which order?"""

import itertools
import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.downloads import Downloads
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import Go
from probe.report import Finding
from tests.differential.harness import leads, same
from tests.support import pki, proxies
from tests.support.commands import MakeTarget
from tests.support.proxies import MODULE, VERSION, Asked, ModuleProxy
from tests.support.toolchains import install
from tests.tls import servers

WANTED = f"{MODULE}@{VERSION}"
CA = pki.root("Test CA")
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
REFUSED = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def plain() -> Iterator[ModuleProxy]:
    with proxies.serve() as server:
        yield server


@pytest.fixture(scope="module")
def secure() -> Iterator[ModuleProxy]:
    with proxies.serve(servers.context([pki.leaf(CA, "localhost")])) as server:
        yield server


def theirs(version: str, home: Path, asked: list[Asked], **env: str) -> tuple[str, list[tuple[str, str]]]:
    """Why real Go does not download the module ("" when it does), and whom it asks for what on the way."""
    tool = install(version)
    home.mkdir()
    base = {
        "HOME": str(home),
        "PATH": "/nowhere",
        "GOROOT": str(tool.root),
        "GOFLAGS": "-modcacherw",
        "GOTOOLCHAIN": "local",
        "GOSUMDB": "off",
        "HTTPS_PROXY": REFUSED,  # nobody out there is ever called
        "NO_PROXY": "localhost",
    }
    asked.clear()
    command = [str(tool.go), "mod", "download", "-json", WANTED]
    done = subprocess.run(command, env=base | env, cwd=home, capture_output=True, text=True, timeout=60)
    said = json.loads(done.stdout or "{}").get("Error") or done.stderr if done.returncode else ""
    return said, order(asked)


def ours(
    version: str, make_target: MakeTarget, asked: list[Asked], files: dict[str, str], **env: str
) -> tuple[Finding, list[tuple[str, str]]]:
    """What the check concludes, and whom it asks."""
    major, minor, patch = map(int, version.split("."))
    go = Go((major, minor, patch), "as-go")
    target = make_target(files, PATH="/nowhere", **env)
    asked.clear()
    run = Run(Deadline(20), "startup", pki.NOW, Facts(target, go=go), lambda _: None)
    found = list(Downloads(module=WANTED, attempts=1).run(target, run))
    return found[0], order(asked)


def alike(finding: Finding, error: str, context: str) -> None:
    """Both get the module or neither; and from what Go says `probe explain` leads to the code."""
    same(finding.code is codes.DOWNLOADS_OK, not error, context)
    if error:
        leads(error, finding.code.name)


def order(asked: Sequence[Asked]) -> list[tuple[str, str]]:
    """From 1.24 on Go asks an https:// server a second time after 4xx: once is enough here."""
    return [pair for pair, _ in itertools.groupby((one.entry, one.file) for one in asked)]


LISTS = [
    "{}/200",
    "{}/200/",
    "{}/200/below//it",
    "{}/200?key=1",
    "{}/404,{}/200",
    "{}/410,{}/200",
    "{}/404,{}/410",
    "{}/403,{}/200",
    "{}/401,{}/200",
    "{}/403|{}/200",
    "{}/429,{}/200",
    "{}/429after1,{}/200",
    "{}/429|{}/200",
    "{}/500,{}/200",
    "{}/503|{}/404,{}/200",
    "{}/400,{}/200",
    "{}/204,{}/200",
    "{}/302,{}/200",
    "{}/to-200",
    "{}/to-to-200",
    "{}/to-404,{}/200",
    "{}/to-403,{}/200",
    "{}/loop,{}/200",
    "{}/loop|{}/200",
    "{}/garbage,{}/200",
    "{}/garbage|{}/200",
    "{}/other,{}/200",
    f"{REFUSED},{{}}/200",
    f"{REFUSED}|{{}}/200",
    f"{{}}/404|{REFUSED}|{{}}/410",
    "{}/404,off",
    "off",
    "{}/404,direct",
    "{}/500|direct",
    "direct",
    "file:///nowhere,{}/200",
    "{}/auth,{}/200",
    "http://me:s3cret@{host}/auth,{}/200",
    "http://me:s3cret@{host}/auth|{}/200",
]


@pytest.mark.parametrize("form", LISTS)
def test_what_a_list_comes_to(
    go_version: str, tmp_path: Path, make_target: MakeTarget, plain: ModuleProxy, form: str
) -> None:
    """The same verdict, and the same questions in the same order, whatever the entries answer."""
    goproxy = form.replace("{}", plain.url).replace("{host}", plain.url.partition("//")[2])
    error, they_asked = theirs(go_version, tmp_path / "home", plain.asked, GOPROXY=goproxy)
    finding, we_asked = ours(go_version, make_target, plain.asked, {}, GOPROXY=goproxy)
    same(we_asked, they_asked, goproxy)
    alike(finding, error, f"{goproxy}: {finding.code.name} {finding.cause}")


@pytest.mark.parametrize(
    ("form", "trusted", "netrc"),
    [
        ("{}/200", True, ""),
        ("{}/200", False, ""),
        ("{}/404,{}/200", True, ""),
        ("{}/404,{}/200", False, ""),
        ("{}/404|{plain}/200", False, ""),
        ("{}/to-200", True, ""),
        ("{}/down,{plain}/200", True, ""),
        ("{}/down|{plain}/200", True, ""),
        ("{}/auth", True, ""),
        ("{}/auth", True, "machine {host} login me password s3cret"),
        ("{}/auth", True, "machine {host} login me password wrong\nmachine {host} login me password s3cret"),
        ("{}/auth", True, "machine {host}/auth login me password s3cret"),
        ("{}/auth", True, "machine localhost login me password s3cret"),
        ("{}/auth", True, "default login me password s3cret"),
        ("{}/auth", True, "macdef x\nmachine {host} login me password s3cret"),
        ("https://me:s3cret@{host}/auth", True, ""),
        ("https://me:s3cret@{host}/auth", True, "machine {host} login me password wrong"),
        ("https://me:wrong@{host}/auth", True, "machine {host} login me password s3cret"),
        ("{}/to-auth", True, "machine {host} login me password s3cret"),
    ],
)
def test_what_a_list_of_tls_servers_comes_to(
    go_version: str,
    tmp_path: Path,
    make_target: MakeTarget,
    plain: ModuleProxy,
    secure: ModuleProxy,
    form: str,
    trusted: bool,
    netrc: str,
) -> None:
    """Roots, redirects from https to http, and credentials of .netrc and the URL count as for Go."""
    host = secure.url.partition("//")[2]
    goproxy = form.replace("{}", secure.url).replace("{plain}", plain.url).replace("{host}", host)
    (tmp_path / "pem").write_text(pki.pems([CA if trusted else pki.root("Other CA")]))
    (tmp_path / "netrc").write_text(netrc.replace("{host}", host))
    error, they_asked = theirs(
        go_version,
        tmp_path / "home",
        secure.asked,
        GOPROXY=goproxy,
        SSL_CERT_FILE=str(tmp_path / "pem"),
        SSL_CERT_DIR="/nowhere",
        NETRC=str(tmp_path / "netrc"),
    )
    inside = {BUNDLE: (tmp_path / "pem").read_text(), "/root/.netrc": (tmp_path / "netrc").read_text()}
    finding, we_asked = ours(go_version, make_target, secure.asked, inside, GOPROXY=goproxy, HOME="/root")
    same(we_asked, they_asked, goproxy)
    alike(finding, error, f"{goproxy}: {finding.code.name} {finding.cause}")


@pytest.mark.parametrize("spelling", ["HTTP_PROXY", "http_proxy"])
def test_the_proxy_for_plain_http(
    go_version: str, tmp_path: Path, make_target: MakeTarget, plain: ModuleProxy, spelling: str
) -> None:
    """A proxy for http:// URLs is asked with the whole URL, and who is behind it need not be known here."""
    # To the server the whole URL is its path: "http:" is then the entry.
    host = plain.url.partition("//")[2]
    env = {"GOPROXY": "http://proxy.invalid/200", spelling: f"http://me:s3cret@{host}"}
    error, _ = theirs(go_version, tmp_path / "home", plain.asked, **env)
    their_paths = [one.path for one in plain.asked]
    finding, _ = ours(go_version, make_target, plain.asked, {}, **env)
    same([one.path for one in plain.asked], their_paths, spelling)
    alike(finding, error, finding.cause)


@pytest.mark.parametrize("trusted", [True, False])
def test_the_proxy_for_https(go_version: str, tmp_path: Path, make_target: MakeTarget, trusted: bool) -> None:
    """Behind CONNECT the server's certificate decides as ever."""
    pem = pki.pems([CA if trusted else pki.root("Other CA")])
    (tmp_path / "pem").write_text(pem)
    roots = {"SSL_CERT_FILE": str(tmp_path / "pem"), "SSL_CERT_DIR": "/nowhere"}
    seen: list[bytes] = []
    with proxies.serve(servers.context([pki.leaf(CA, "modules.example")])) as server:
        port = int(server.url.rpartition(":")[2])
        with servers.listen(servers.http_proxy(port, seen)) as proxy:
            env = {
                "GOPROXY": "https://modules.example/404,https://modules.example/200",
                "HTTPS_PROXY": f"http://me:s3cret@127.0.0.1:{proxy.port}",
            }
            error, they_asked = theirs(go_version, tmp_path / "home", server.asked, **env, **roots)
            theirs_seen = {request.partition(b"\r\n\r\n")[0] for request in seen}
            seen.clear()
            finding, we_asked = ours(go_version, make_target, server.asked, {BUNDLE: pem}, **env)
    same(we_asked, they_asked, "questions")
    same(
        [sorted(request.splitlines()) for request in {one.partition(b"\r\n\r\n")[0] for one in seen}],
        [sorted(request.splitlines()) for request in theirs_seen],
        "CONNECT",
    )
    alike(finding, error, finding.cause)


GLOBS = [
    "example.com",
    "example.com/Me",
    "example.com/me",
    "example.com/Me/below",
    "*.com",
    "*/Me",
    "*",
    "exam?le.com",
    "example.com/[A-Z]e",
    "example.com/[^A-Z]e",
    "example.com/[",
    r"example\.com",
    "other.com,example.com/",
    "other.com",
    "example",
]


@pytest.mark.parametrize("globs", GLOBS)
def test_what_is_private_goes_direct(
    go_version: str, tmp_path: Path, make_target: MakeTarget, plain: ModuleProxy, globs: str
) -> None:
    """GONOPROXY decides whether a proxy is asked at all."""
    env = {"GOPROXY": f"{plain.url}/200", "GONOPROXY": globs}
    _, they_asked = theirs(go_version, tmp_path / "home", plain.asked, **env)
    _, we_asked = ours(go_version, make_target, plain.asked, {}, **env)
    same(bool(we_asked), bool(they_asked), globs)
