"""Name servers that choke on EDNS0: Go's own resolver fails there, and we say so, as it does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.differential.harness import same
from tests.support import toolchains
from tests.support.commands import clean_environment
from tests.tls.name_server import DELAY_S, KINDS, NAME

pytestmark = pytest.mark.root
ALONE = ("unshare", "--net", "--mount", "--propagation", "private")
SOURCE = """
package main

import ("context"; "fmt"; "net"; "os"; "time")

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	_, err := net.DefaultResolver.LookupHost(ctx, os.Args[1])
	fmt.Println(err == nil)
}
"""


def beside(kind: str, folder: Path, command: list[str], **env: str) -> subprocess.CompletedProcess[str]:
    """*command*, in which PORT is the server's, where a name server of *kind* answers."""
    line = [*ALONE, sys.executable, "-m", "tests.tls.name_server", kind, str(folder / "ca.pem"), *command]
    checkout = str(Path(__file__).parents[2])
    return subprocess.run(
        line,
        env={**clean_environment(), **env},
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A program that looks a name up by Go's own resolver, and one that may use the C library's."""
    folder = tmp_path_factory.mktemp("programs")
    (folder / "main.go").write_text(SOURCE)
    (folder / "go.mod").write_text("module lookup\ngo 1.21\n")
    go = toolchains.install(toolchains.VERSIONS[-1])
    own = go.build(folder, folder / "own", CGO_ENABLED="0")
    return {"own": own}


@pytest.mark.parametrize("kind", KINDS)
def test_what_go_s_resolver_gets(kind: str, programs: dict[str, Path], tmp_path: Path) -> None:
    """Healthy where Go finds the name; else failed, and the remedy lets Go find it."""
    program = str(programs["own"])
    theirs = beside(kind, tmp_path, [program, NAME]).stdout.strip() == "true"
    code = judged(kind, tmp_path, program)
    same(code == "", theirs, f"{kind}: {code}")
    if not theirs:
        assert code == "TLS_RESOLVER_EDNS0"
        same(judged(kind, tmp_path, program, GODEBUG="netedns0=0"), "", kind)
        same(beside(kind, tmp_path, [program, NAME], GODEBUG="netedns0=0").stdout, "true\n", kind)


def test_of_a_program_that_is_not_known_it_is_not_known(tmp_path: Path) -> None:
    """Nobody says which resolver it uses."""
    assert judged("formerr", tmp_path, "") == "TLS_RESOLVER_EDNS0"
    assert judged("formerr", tmp_path, "", status="unknown") == "TLS_RESOLVER_EDNS0"


def test_a_name_of_etc_hosts_is_asked_of_nobody(programs: dict[str, Path], tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {NAME.upper()}\n")
    script = f'mount --bind {hosts} /etc/hosts && exec "$@"'
    assert judged("formerr", tmp_path, str(programs["own"]), before=("sh", "-c", script, "sh")) == ""


def test_a_resolv_conf_that_the_c_library_misreads(programs: dict[str, Path], tmp_path: Path) -> None:
    """With line ends of Windows and no attempt at all the C library asks nobody, and Go this server."""
    conf = tmp_path / "resolv.conf"
    conf.write_bytes(b"nameserver 127.0.0.1\r\noptions attempts:0\r\n")
    before = ("sh", "-c", f'umount /etc/resolv.conf; mount --bind {conf} /etc/resolv.conf && exec "$@"', "sh")
    program = str(programs["own"])
    same(beside("sound", tmp_path, [*before, program, NAME]).stdout, "true\n")
    assert judged("sound", tmp_path, program, before=before) == ""


def test_it_costs_no_round_trip_of_its_own(programs: dict[str, Path], tmp_path: Path) -> None:
    """It is asked while the name is looked up for the handshake: beside a run that does not ask."""
    took = []
    for settings in ("", "netedns0=0"):
        line = command(str(programs["own"]))
        done = beside("slow", tmp_path, line, SSL_CERT_FILE=str(tmp_path / "ca.pem"), GODEBUG=settings)
        report = json.loads(done.stdout)
        assert report["healthy"], done.stdout
        took.append(report["duration_s"])
    assert took[0] < took[1] + DELAY_S * 0.8, took


def command(program: str) -> list[str]:
    line = [sys.executable, "-m", "probe", "check", "--only", "ca-bundle", "--format", "json"]
    return [
        *line,
        "--endpoint",
        f"{NAME}:PORT",
        *(["--set", f"go-version.binary={program}"] if program else []),
    ]


def judged(
    kind: str, folder: Path, program: str, *, status: str = "", before: tuple[str, ...] = (), **env: str
) -> str:
    """The code that is told beside a handshake that succeeds, of that *status* where one is given."""
    done = beside(kind, folder, [*before, *command(program)], SSL_CERT_FILE=str(folder / "ca.pem"), **env)
    assert done.stdout, done.stderr
    (check,) = json.loads(done.stdout)["checks"]
    bad = [one for one in check["findings"] if one["status"] in ("fail", "unknown")]
    if status:
        assert [one["status"] for one in bad] == [status], bad
    return bad[0]["code"] if bad else ""
