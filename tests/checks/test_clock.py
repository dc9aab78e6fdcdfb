"""The opt-in check `clock`: real servers with a Date of their own, and clocks that are off."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.clock import Clock, findings
from probe.codes import Code
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Finding, Status
from probe.targets import Target
from probe.targets.kernel_clock import KernelClock
from probe.web.date_header import date_in
from tests.support.commands import MakeTarget, RunProbe, clean_environment
from tests.support.commits import committed
from tests.support.fixes import fixes
from tests.support.https import BUNDLE, CA, SOUND, https
from tests.support.pki import DAY, NOW, leaf, pems, root
from tests.support.syscalls import denied
from tests.support.timing import Stopwatch
from tests.support.toolchains import Toolchain
from tests.tls import servers
from tests.tls.servers import Server

STEP = "chronyc makestep\n\ntimedatectl set-ntp true"


@pytest.fixture
def trusting(make_target: MakeTarget) -> Target:
    """A container that trusts CA."""
    return make_target({BUNDLE: pems([CA])})


def look(
    target: Target, *, off_s: float = 0, role: str = "all", timeout_s: float = 10, **settings: Any
) -> list[Finding]:
    run = Run(Deadline(timeout_s), role, time.time() + off_s, Facts(target, go=NEWEST), lambda phase: None)
    return list(Clock(**{"unsynchronised": "ignore", **settings}).run(target, run))


def found(findings: list[Finding], code: Code, status: Status) -> Finding:
    (one,) = (finding for finding in findings if finding.code is code)
    assert one.status is status, one
    return one


def ask(target: Target, server: Server, **settings: Any) -> Finding:
    return look(target, endpoints=(server.endpoint,), **settings)[-1]


# --- the kernel -------------------------------------------------------------------------

GOOD = KernelClock(True, 1e-6, 0.0004, 0.02, "ok")


@pytest.mark.parametrize(("policy", "status"), [("fail", Status.FAIL), ("warn", Status.WARN)])
def test_what_the_kernel_says(policy: str, status: Status) -> None:
    """An undisciplined clock is worth what the configuration says; a disciplined one passes."""
    one = findings.synchronised(GOOD._replace(synchronised=False), policy)
    assert (one.code, one.status) == (codes.CLOCK_UNSYNCHRONISED, status)
    assert fixes(one).startswith("timedatectl set-ntp true")
    good = findings.synchronised(GOOD, policy)
    assert (good.code, good.status) == (codes.CLOCK_SYNCHRONISED_OK, Status.PASS)
    assert good.cause == "the system clock is synchronised, to 0.4 ms by its estimate"


def test_this_kernel_says_something(trusting: Target) -> None:
    """One of the two, as it is on this machine; with "ignore" nobody asks."""
    one = look(trusting, unsynchronised="warn")[0]
    assert one.code in (codes.CLOCK_UNSYNCHRONISED, codes.CLOCK_SYNCHRONISED_OK)
    assert one.evidence["max_error_s"] > 0
    assert look(trusting, unsynchronised="ignore")[0].code is codes.CLOCK_AFTER_BUILD_OK


@pytest.mark.parametrize(("policy", "code", "status"), [("fail", 1, "unknown"), ("warn", 0, "warn")])
def test_a_kernel_that_may_not_be_asked(policy: str, code: int, status: str) -> None:
    """A seccomp filter denies it: worth no more than the worst that it could have said."""
    sets = ["--only", "clock", "--set", f"clock.unsynchronised={policy}", "--format", "json"]
    done = denied("-m", "probe", "check", *sets)
    assert done.returncode == code, done.stderr
    (finding, _) = json.loads(done.stdout)["checks"][0]["findings"]
    assert (finding["code"], finding["status"]) == ("CLOCK_KERNEL_SILENT", status)
    assert codes.CLOCK_KERNEL_SILENT.name == finding["code"]
    assert finding["remedy"].startswith('{"names": ["adjtimex"]')


# --- the past ---------------------------------------------------------------------------


@pytest.mark.needs("git")
def test_a_clock_before_the_commit(tmp_path: Path, go_newest: Toolchain, make_target: MakeTarget) -> None:
    """A program cannot run before it was written."""
    folder = tmp_path / "source"
    folder.mkdir()
    target = make_target({"app": committed(folder, go_newest).read_bytes()})._replace(executable="/app")
    off_s = 1_767_225_600 - 90 * DAY - time.time()
    one = found(look(target, off_s=off_s), codes.CLOCK_BEFORE_BUILD, Status.FAIL)
    assert fixes(one) == STEP
    assert "certificates will seem not yet valid" in one.cause
    found(look(target), codes.CLOCK_AFTER_BUILD_OK, Status.PASS)


@pytest.mark.needs("git")
def test_the_program_that_the_configuration_names(
    tmp_path: Path, go_newest: Toolchain, run_probe: RunProbe
) -> None:
    """An unpacked root knows no program of its own; go-version.binary says which it is."""
    for name in ("source", "root"):
        (tmp_path / name).mkdir()
    committed(tmp_path / "source", go_newest, int(NOW) - DAY).rename(tmp_path / "root/app")
    line = ["check", "--only", "clock", "--root", str(tmp_path / "root"), "--at", str(int(NOW) - 5 * DAY)]
    assert run_probe(*line).code == 0
    done = run_probe(*line, "--set", "go-version.binary=/app")
    assert done.code == 1
    assert "4 days before the commit that /app is built from" in done.out
    assert "fix: chronyc makestep\n" in done.out


def test_a_clock_before_the_newest_root(make_target: MakeTarget) -> None:
    """A warning: an authority may be made for a day to come."""
    target = make_target({BUNDLE: pems([root("Young CA", not_before=NOW - DAY), CA])})
    one = found(look(target, off_s=-5 * DAY), codes.CLOCK_BEFORE_ROOT, Status.WARN)
    assert "4 days before the root CN=Young CA becomes valid" in one.cause
    assert fixes(one) == STEP
    found(look(target), codes.CLOCK_AFTER_BUILD_OK, Status.PASS)


# --- servers ----------------------------------------------------------------------------


def test_a_server_that_agrees(trusting: Target) -> None:
    """One plain HEAD, without anything secret, whatever it answers to it."""
    seen: list[str] = []
    with https(seen=seen) as server:
        one = ask(trusting, server)
    assert (one.code, one.status) == (codes.CLOCK_SERVER_OK, Status.PASS)
    assert abs(one.evidence["skew_s"]) < 5
    (request,) = seen
    assert request.startswith(f"HEAD / HTTP/1.1\nHost: localhost:{server.port}\n")
    assert "Authorization" not in request


@pytest.mark.parametrize("days", [-90, 90])
def test_a_clock_that_is_90_days_off(trusting: Target, days: int) -> None:
    """The certificate fails by our clock, and the server's Date tells why."""
    with https() as server:
        one = ask(trusting, server, off_s=days * DAY)
        assert (one.code, one.status) == (codes.CLOCK_SKEWED, Status.FAIL)
        where = "ahead of" if days > 0 else "behind"
        assert f"the clock is {90 * DAY} s {where} localhost:{server.port}" in one.cause
        assert "x509: certificate has expired or is not yet valid" in one.cause
        assert fixes(one) == STEP
        assert ask(trusting, server).code is codes.CLOCK_SERVER_OK


@pytest.mark.parametrize(("off_s", "code"), [(-40, codes.CLOCK_SERVER_OK), (-90, codes.CLOCK_SKEWED)])
def test_the_bound_decides(trusting: Target, off_s: float, code: Code) -> None:
    """60 s by default, or what the configuration says."""
    with https() as server:
        assert ask(trusting, server, off_s=off_s).code is code
        assert ask(trusting, server, off_s=off_s, max_skew_s=300.0).code is codes.CLOCK_SERVER_OK
        assert ask(trusting, server, off_s=off_s, max_skew_s=20.0).code is codes.CLOCK_SKEWED


def test_a_server_that_tells_no_time(trusting: Target) -> None:
    """Its certificate still shows a clock that is behind; otherwise there is nothing to learn from it."""
    with https(date=False) as server:
        one = ask(trusting, server)
        assert (one.code, one.status) == (codes.CLOCK_NO_DATE, Status.WARN)
        assert fixes(one) == "probe check --set clock.endpoints=NAME:443"
        behind = ask(trusting, server, off_s=-90 * DAY)
    assert (behind.code, behind.status) == (codes.CLOCK_BEFORE_CERTIFICATE, Status.FAIL)
    assert fixes(behind) == STEP


def test_a_clock_after_a_certificate_that_tells_no_time(trusting: Target) -> None:
    """90 days ahead: that it has expired by our clock is no warning only."""
    with https(date=False) as server:
        ahead = ask(trusting, server, off_s=90 * DAY)
        assert ask(trusting, server).code is codes.CLOCK_NO_DATE
    assert (ahead.code, ahead.status) == (codes.CLOCK_AFTER_CERTIFICATE, Status.FAIL)
    assert "x509: certificate has expired or is not yet valid" in ahead.cause
    assert fixes(ahead).startswith(f"{STEP}\n\nAsk the owner of {server.endpoint} to renew")


@pytest.mark.slow
@pytest.mark.parametrize("slow", ["silent", "dripping"])
def test_a_server_that_does_not_end_its_answer(trusting: Target, slow: str) -> None:
    """Unknown by the deadline: whether it has a Date was not seen."""
    made = servers.context([SOUND])

    def handler(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), made.wrap_socket(connection, server_side=True) as secured:
            secured.settimeout(10)
            while slow == "silent" and secured.recv(4096):
                pass
            secured.sendall(b"HTTP/1.1 200 OK\r\n")
            for _ in range(100):
                secured.sendall(b"X")
                time.sleep(0.1)

    watch = Stopwatch()
    with servers.listen(handler) as server:
        one = ask(trusting, server, timeout_s=1.5)
    assert watch.quiet() < 5
    assert (one.code, one.status) == (codes.CLOCK_SERVER_UNREACHABLE, Status.UNKNOWN)
    assert one.cause.endswith(" gave no time: the answer to HEAD: no answer in time")
    assert fixes(one).startswith(f"curl -vI https://{server.endpoint}/")


@pytest.mark.parametrize(
    "said", [b"", b"220 ESMTP\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000], ids=["", "SMTP", "endless"]
)
def test_a_server_that_speaks_no_http(trusting: Target, said: bytes) -> None:
    """Whatever it says until it closes, or more than a head has."""
    made = servers.context([SOUND])

    def handler(connection: socket.socket) -> None:
        with made.wrap_socket(connection, server_side=True) as secured:
            secured.recv(4096)
            secured.sendall(said)

    with servers.listen(handler) as server:
        one = ask(trusting, server)
    assert (one.code, one.status) == (codes.CLOCK_NO_DATE, Status.WARN)


def test_a_stranger_proves_nothing(trusting: Target) -> None:
    """No root vouches for it at any time: nothing is sent to it."""
    seen: list[str] = []
    with https(leaf(root("Other CA"), "localhost"), seen=seen) as server:
        one = ask(trusting, server)
    assert (one.code, one.status) == (codes.CLOCK_SERVER_UNTRUSTED, Status.UNKNOWN)
    assert fixes(one) == f"probe check --only ca-bundle --set ca-bundle.endpoints=localhost:{server.port}"
    assert not seen


def test_a_server_that_is_not_there(trusting: Target) -> None:
    """Unknown; the next one is asked all the same."""
    with socket.create_server(("127.0.0.1", 0)) as gone, https() as server:
        port = gone.getsockname()[1]
        gone.close()
        findings = look(trusting, endpoints=(f"127.0.0.1:{port}", server.endpoint))
    one = found(findings, codes.CLOCK_SERVER_UNREACHABLE, Status.UNKNOWN)
    assert fixes(one).startswith(f"curl -vI https://127.0.0.1:{port}/")
    found(findings, codes.CLOCK_SERVER_OK, Status.PASS)


@pytest.mark.parametrize("role", ["ready", "live"])
def test_roles_that_ask_nobody(trusting: Target, role: str) -> None:
    """As with handshakes: servers are asked at the start."""
    with https() as server:
        one = ask(trusting, server, role=role)
        assert (one.code, one.status) == (codes.CLOCK_NOT_ASKED, Status.SKIP)
        assert not server.accepted
        assert ask(trusting, server, role="startup").code is codes.CLOCK_SERVER_OK
    with https() as server:
        one = ask(trusting, server, role="ready", handshake_roles=("ready",))
    assert one.code is codes.CLOCK_SERVER_OK


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Thu, 01 Jan 1970 00:00:10 GMT", 10.0),
        ("Thu, 01 Jan 2026 00:00:00 GMT ", 1_767_225_600.0),
        ("Thursday, 01-Jan-70 00:00:10 GMT", None),
        ("Thu, 31 Feb 2026 00:00:00 GMT", None),
        ("Thu, 01 Jan 0000 00:00:00 GMT", None),
        ("Thu, 01 Jan 2026 24:00:00 GMT", None),
        ("now", None),
    ],
)
def test_dates_in_an_answer(date: str, moment: float | None) -> None:
    """The one form that may be sent; anything else is no date."""
    assert date_in(f"HTTP/1.1 200 OK\r\nServer: x\r\ndate: {date}\r\n\r\n".encode()) == moment
    assert date_in(f"SSH-2.0 x\r\nDate: {date}\r\n\r\n".encode()) is None


# --- the command ------------------------------------------------------------------------


def test_a_process_whose_clock_is_90_days_off(trusting: Target) -> None:
    """A real process under libfaketime. Time namespaces have no offset for this clock: time_namespaces(7)."""
    faketime = shutil.which("faketime")
    if not faketime:
        pytest.skip("needs faketime")
    with https() as server:
        line = [sys.executable, "-m", "probe", "check", "--only", "clock", "--root", trusting.name]
        line += ["--set", f"clock.endpoints={server.endpoint}"]
        env = clean_environment()
        done = subprocess.run(
            [faketime, "-f", "-90d", *line], env=env, capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 1
        assert done.stdout.startswith("unhealthy: CLOCK_SKEWED (1 of 1 check failed)"), done.stdout
        assert "fix: chronyc makestep\n" in done.stdout
        done = subprocess.run(line, env=env, capture_output=True, text=True, timeout=30)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_moment_of_the_command_line_counts(trusting: Target, run_probe: RunProbe) -> None:
    """--at is our clock then."""
    with https() as server:
        line = ["check", "--only", "clock", "--root", trusting.name]
        line += ["--set", f"clock.endpoints={server.endpoint}"]
        assert run_probe(*line).code == 0
        done = run_probe(*line, "--at", str(int(time.time()) + 90 * DAY))
    assert done.code == 1
    assert "fail CLOCK_SKEWED" in done.out
