"""
Hostile input, row by row, against the real command: it always ends within its deadline, takes little
memory, says in a code what is wrong, prints no escape sequence and no secret, and is never healthy.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import pki, worlds
from tests.support.commands import clean_environment
from tests.support.leftovers import pids_of, wait_until
from tests.support.worlds import File, Link
from tests.tls import servers

MEMORY = 150 << 20  # bytes
SLACK_S = 1.0  # a busy machine takes its time to start an interpreter
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
FORMATS = ("text", "json", "health+json", "junit", "tap", "nagios", "prometheus")
SECRETS = ("hunter2", "s3cr3t")
# What a process holds is told by its parent alone, and a child begins with what its parent holds: be small.
WATCH = """
import os, sys, time
begin = time.monotonic()
pid = os.posix_spawn(sys.executable, [sys.executable, "-m", "probe", *sys.argv[2:]], os.environ)
_, status, usage = os.wait4(pid, 0)
told = f"{os.waitstatus_to_exitcode(status)} {time.monotonic() - begin} {usage.ru_maxrss << 10}"
os.write(int(sys.argv[1]), told.encode())
"""


class Watched(NamedTuple):
    """What a run did, and what it took: seconds and bytes."""

    code: int
    out: str
    err: str
    seconds: float
    memory: int


def watch(*arguments: str, env: dict[str, str] | None = None, cwd: str | None = None) -> Watched:
    """Run the command; whatever is true of every run is asserted here."""
    reader, writer = os.pipe()
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", WATCH, str(writer), *arguments],
        env={**clean_environment(), **(env or {})},
        cwd=cwd or Path(__file__).parent.parent,
        capture_output=True,
        pass_fds=(writer,),
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    os.close(writer)
    code, seconds, memory = os.read(reader, 100).decode().split()
    os.close(reader)
    out, err = done.stdout.decode("utf-8", "strict"), done.stderr.decode("utf-8", "strict")
    for secret in (*SECRETS, "\x1b", "Traceback", "CHECK_CRASHED", "error of our own"):
        assert secret not in out + err
    return Watched(int(code), out, err, float(seconds), int(memory))


def check(*arguments: str, timeout_s: float = 3.0, env: dict[str, str] | None = None) -> Watched:
    """A check that must be unhealthy, in time and in little memory."""
    done = watch("check", "--timeout", str(timeout_s), *arguments, env=env)
    assert done.code in ((2, 3) if "nagios" in arguments else (1,)), done  # as plugins say it
    assert done.seconds < timeout_s + SLACK_S
    assert done.memory < MEMORY
    return done


WHERE = {
    "bundle": BUNDLE,
    "entry": "/etc/pki/tls/certs/entry.pem",
    "localtime": "/etc/localtime",
    "variables": "/root/.config/go/env",
    "go": "/usr/local/go/bin/go",
    "release": "/etc/os-release",
    "users": "/etc/passwd",
}


def hostile(kind: str, path: Path) -> None:
    """Make *path* something that no reader likes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "FIFO":
        os.mkfifo(path)
    elif kind == "device":
        os.mknod(path, worlds.ZERO.kind | 0o666, os.makedev(*worlds.ZERO.device))
    elif kind == "loop":
        path.symlink_to(path.name)
    else:
        with path.open("wb") as stream:
            stream.truncate(1 << 30)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("FIFO", ("CA_BUNDLE_FIFO", "TIMEZONE_FILE_BLOCKS", "GO_ENV_FILE_BLOCKS", "GO_NOT_EXECUTABLE")),
        pytest.param(
            "device",
            ("CA_BUNDLE_DEVICE", "TIMEZONE_FILE_SPECIAL", "GO_ENV_FILE_BLOCKS", "GO_NOT_EXECUTABLE"),
            marks=pytest.mark.root("mknod"),
        ),
        ("loop", ("CA_BUNDLE_LINK_LOOP", "TIMEZONE_LINK_LOOP", "GO_NOT_FOUND")),
        ("1 GB", ("CA_BUNDLE_TOO_LARGE", "TIMEZONE_FILE_TOO_LARGE", "GO_NOT_EXECUTABLE")),
    ],
)
def test_files_that_are_none(root: Path, kind: str, codes: Sequence[str]) -> None:
    """In every place at once where a file is read: a FIFO, an endless device, a link to itself, 1 GB."""
    for path in WHERE.values():
        hostile(kind, root / path.lstrip("/"))
    done = check(
        "--root", str(root), "--env", "HOME=/root", "--env", "PATH=/usr/local/go/bin", "--format", "json"
    )
    for code in codes:
        assert code in done.out


BEGIN, END = b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n"


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("block", "code"),
    [(BEGIN + END, "CA_BUNDLE_TRUNCATED"), (BEGIN + b"MIIB!!!\n" + END, "CA_BUNDLE_SKIPPED_BLOCKS")],
    ids=["empty", "garbled"],
)
@pytest.mark.parametrize("timeout_s", [0.3, 10.0])
def test_100_000_blocks(root: Path, block: bytes, code: str, timeout_s: float) -> None:
    """They are accounted for where there is time, and it is said where there is not."""
    worlds.lay(root, {BUNDLE: block * 100_000})
    done = check("--root", str(root), "--only", "ca-bundle", timeout_s=timeout_s)
    assert f"unhealthy: {code}" in done.out or "unhealthy: CHECK_TIMED_OUT" in done.out


@pytest.mark.sweep
def test_a_directory_of_2_000_names_that_are_no_text(root: Path) -> None:
    """Names of bytes that are no UTF-8 and that would steer a terminal."""
    worlds.lay(root, {f"/etc/ssl/certs/\udcff\x1b[2J{number}": b"" for number in range(2_000)})
    done = check("--root", str(root), "--only", "ca-bundle", "--verbose", timeout_s=10)
    assert "CA_BUNDLE_ONLY_DIRECTORY" in done.out or "CHECK_TIMED_OUT" in done.out


@pytest.mark.parametrize("name", FORMATS)
def test_bytes_that_are_no_text(root: Path, name: str) -> None:
    """In names, values, a certificate's subject and what a `go` prints; no format lets them through."""
    evil = b"\xff\xfe\x1b[2J\x00\xe2\x80\xae"
    odd = pki.root(pki.seq(pki.tlv(0x31, pki.seq(pki.oid("2.5.4.3"), pki.tlv(pki.T61, evil)))))
    text = evil.replace(b"\0", b"").decode("utf-8", "surrogateescape")
    worlds.lay(
        root,
        {
            BUNDLE: odd.pem.encode(),
            "/etc/os-release": b"ID=" + evil,
            "/root/.config/go/env": b"GOPROXY=https://u:hunter2@h" + evil + b"\nGOFLAGS=" + evil,
            "/etc/localtime": Link(f"/usr/share/zoneinfo/{text}"),
            f"/usr/share/zoneinfo/{text}": evil,
            "/bin/go": File(b"#!" + evil, 0o755),
        },
    )
    values = {"HOME": "/root", "PATH": "/bin", "TZ": text, "GODEBUG": f"{text}=1", "GOROOT": f"/{text}"}
    given = [word for key, value in values.items() for word in ("--env", f"{key}={value}")]
    check("--root", str(root), *given, "--format", name, *(["--verbose"] if name == "text" else []))


VARIABLES = (
    "TZ",
    "ZONEINFO",
    "SSL_CERT_DIR",
    "GODEBUG",
    "GOPROXY",
    "GOSUMDB",
    "GOFLAGS",
    "GOAUTH",
    "GOENV",
    "GOROOT",
    "GOPATH",
    "HOME",
    "PATH",
    "HTTPS_PROXY",
    "NO_PROXY",
    "GOTOOLCHAIN",
    "GONOSUMDB",
    "GOINSECURE",
    "CGO_ENABLED",
    "CC",
)


@pytest.mark.sweep
@pytest.mark.parametrize("unit", ["https://u:hunter2@h/,", "\udcff\x1b[2J", ":/x", "a:s3cr3t@h "])
def test_1_mb_of_environment(unit: str) -> None:
    """Each variable that is read as long as the kernel lets one be (128 KiB), in groups of 1 MB."""
    for first in range(0, len(VARIABLES), 8):
        names = VARIABLES[first : first + 8]
        long = {name: unit * (130_000 // len(unit.encode("utf-8", "surrogateescape"))) for name in names}
        check("--set", "ca-bundle.endpoints=localhost:1", "--format", "json", env=long)


def go(tmp_path: Path, script: str) -> dict[str, str]:
    """An environment whose go command is that shell script."""
    worlds.lay(tmp_path, {"/bin/go": File(f"#!/bin/sh\n{script}\n".encode(), 0o755)})
    return {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "HOME": str(tmp_path), "GOPROXY": "https://u:hunter2@h"}


FORKS = "for n in 1 2 3 4 5 6 7 8; do sleep {nap} & setsid sleep {nap} & done; exec sleep {nap}"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (FORKS, "GO_HUNG"),
        ("trap '' TERM INT HUP PIPE; while :; do sleep {nap}; done", "GO_HUNG"),
        ("exec >&- 2>&-; sleep {nap}", "GO_HUNG"),
        ("setsid sleep {nap} & kill -STOP $PPID; exec sleep {nap}", "GO_HUNG"),
        (
            'setsid sh -c "while :; do kill -STOP $PPID; done" sleep {nap} & exec sleep {nap}',
            "GO_HUNG",
        ),
        ("kill -KILL $PPID; exec sleep {nap}", "GO_START_FAILED"),
        ("exec yes", "GO_OUTPUT_UNEXPECTED"),
        ("exec yes >&2", "GO_OUTPUT_UNEXPECTED"),
        ("rm $0; mkdir $0; echo go version go1.27.3 linux/amd64", "GO_ENV_NOT_STARTED"),
        ("env; env >&2; exit 3", "GO_FAILED"),
        ("printf 'go version go1.27.3\\033[2J \\377'", "GO_ENV_GARBLED"),
    ],
    ids=[
        "forks",
        "ignores-signals",
        "closes",
        "stops-us",
        "stops-us-for-ever",
        "kills-us",
        "floods",
        "floods-stderr",
        "replaces-itself",
        "tells",
        "ansi",
    ],
)
def test_go_that_misbehaves(tmp_path: Path, script: str, code: str) -> None:
    """Nothing that it started is left when the check has ended."""
    nap = f"7{os.getpid()}.{time.monotonic_ns()}"
    done = check("--verbose", timeout_s=1.5, env=go(tmp_path, script.replace("{nap}", nap)))
    assert code in done.out
    wait_until(lambda: not pids_of(f"sleep\0{nap}"), 10.0)


@pytest.mark.parametrize(
    ("handler", "codes"),
    [
        (servers.drips, ("TLS_HANDSHAKE_TIMEOUT", "TLS_PROXY_TIMEOUT")),
        (servers.floods, ("TLS_TOO_MUCH_DATA", "TLS_PROXY_REFUSED")),
        (servers.silent, ("TLS_HANDSHAKE_TIMEOUT", "TLS_PROXY_TIMEOUT")),
        (servers.closes, ("TLS_CLOSED", "TLS_PROXY_REFUSED")),
        (servers.says(b"SSH-2.0-\x1b[2J\xff\r\n" * 9), ("TLS_NOT_TLS", "TLS_PROXY_REFUSED")),
        (
            servers.says(b"HTTP/1.1 200 OK\r\n" + b"X: \x1b[2J\r\n" * 999_999),
            ("TLS_NOT_TLS", "TLS_PROXY_REFUSED"),
        ),
    ],
    ids=["drips", "16 MB", "silent", "closes", "SSH", "endless headers"],
)
def test_servers_that_misbehave(handler: servers.Handler, codes: tuple[str, str]) -> None:
    """As the endpoint, and as the proxy on the way to one."""
    with servers.listen(handler) as server:
        for code, endpoint, env in (
            (codes[0], server.endpoint, {}),
            (codes[1], "example.test:443", {"HTTPS_PROXY": f"http://u:hunter2@127.0.0.1:{server.port}"}),
        ):
            line = ("--only", "ca-bundle", "--set", f"ca-bundle.endpoints={endpoint}", "--verbose")
            out = check(*line, timeout_s=1.5, env=env).out
            assert code in out or "CHECK_TIMED_OUT" in out


@pytest.mark.parametrize("kind", ["FIFO", "loop", "1 GB"])
def test_files_that_the_command_line_names(tmp_path: Path, root: Path, kind: str) -> None:
    """Settings, variables, images and certificates: each is refused at once, in one line."""
    path = tmp_path / "named"
    hostile(kind, path)
    for code, line in (
        (78, ["check", "--config", str(path)]),
        (64, ["check", "--root", str(root), "--env-file", str(path)]),
        (1, ["check", "--image", str(path)]),
        (1, ["check", "--root", str(path)]),
        (1, ["inspect", "chain", str(path), "--host", "a.test"]),
        (1, ["check", "--only", "go-version", "--set", f"go-version.binary={path}"]),
    ):
        done = watch(*line)
        assert (done.code, done.memory < MEMORY, done.seconds < 1 + SLACK_S) == (code, True, True), line
        assert done.err.count("\n") == (0 if done.out else 1)


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 100_000 + "=1",
        "[a" + ".a" * 100_000 + "]",
        "a=" + "[" * 100_000,
        "a=" + "{a=" * 50_000,
        "#" + "." * 200_000 + "=\nno = 1",
    ],
    ids=["dotted key", "dotted table", "lists", "tables", "dots"],
)
def test_settings_that_lie_deep(tmp_path: Path, text: str) -> None:
    """A parser's time and its stack have an end."""
    path = tmp_path / "probe.toml"
    path.write_text(text)
    done = watch("check", "--config", str(path))
    assert (done.code, done.err.count("\n"), done.seconds < 1 + SLACK_S) == (78, 1, True)


def test_settings_of_10_000_tables(tmp_path: Path) -> None:
    """As many as fit into the greatest file are read in the time that they take to read."""
    path = tmp_path / "probe.toml"
    path.write_text("".join(f"[go-env.A{number}]\nequals=''\n" for number in range(10_000)))
    done = watch("check", "--config", str(path), "--only", "timezone", "--env", "TZ=UTC")
    assert (done.code, done.seconds < 10) == (0, True)  # 0.6 s on a machine at rest; by squares it is minutes
