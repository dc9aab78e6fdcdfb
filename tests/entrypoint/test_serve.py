"""`probe run --serve`: the init, the workload and the agent together."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.entrypoint.helpers import HEALTHY, ISOLATED, UNHEALTHY, run, start
from tests.support.leftovers import children_of, gone, wait_until
from tests.support.toolchains import Toolchain


@pytest.fixture
def address() -> str:
    """An address on loopback that is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def ask(address: str, path: str) -> int:
    """The status of an answer; 0 when nobody answers."""
    return answer(address, path)[0]


def answer(address: str, path: str, accept: str = "*/*") -> tuple[int, str]:
    """The status of an answer and its text."""
    asked = urllib.request.Request(f"http://{address}{path}", headers={"Accept": accept})
    try:
        with urllib.request.urlopen(asked, timeout=5) as got:
            return int(got.status), got.read().decode()
    except urllib.error.HTTPError as got:
        with got:
            return got.code, got.read().decode()
    except OSError:
        return 0, ""


class Served:
    """A started entrypoint with an agent."""

    def __init__(
        self,
        address: str,
        *command: str,
        options: tuple[str, ...] = HEALTHY,
        env: dict[str, str] | None = None,
    ) -> None:
        self.process = start(
            *command,
            options=(*options, "--serve", address, "--set", "agent.socket="),
            how=ISOLATED,
            env=env,
            stdout=subprocess.DEVNULL,
        )
        self.address = address

    @property
    def children(self) -> dict[str, int]:
        """The agent and the workload."""
        found = {}
        for pid in children_of(self.process.pid):
            with suppress(OSError):  # it has just been reaped
                line = Path(f"/proc/{pid}/cmdline").read_bytes()
                found["agent" if b"--serve" in line else "workload"] = pid
        return found

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=10)
        return self.process.returncode, err.decode()


@pytest.fixture
def served(address: str) -> Iterator[Served]:
    """One whose workload needs half a second to end, and says 4."""
    made = Served(address, "sh", "-c", "trap 'sleep 0.5; exit 4' TERM; while :; do sleep 0.05; done")
    wait_until(lambda: ask(address, "/readyz") == 200, 10)
    yield made
    if made.process.returncode is None:
        made.end()


def test_the_agent_answers_and_turns_unready_when_told_to_end(served: Served) -> None:
    """200 while all is well, 503 from SIGTERM until the workload has ended, then nobody; its code is ours."""
    assert ask(served.address, "/livez") == 200
    served.process.send_signal(signal.SIGTERM)
    wait_until(lambda: ask(served.address, "/readyz") == 503)
    assert served.process.poll() is None
    served.process.communicate(timeout=10)
    assert served.process.returncode == 4
    assert ask(served.address, "/livez") == 0


def test_losing_the_agent_never_takes_the_workload_down(served: Served) -> None:
    """A new one answers on the same port, the workload is the same process, and stderr says what happened."""
    before = served.children
    os.kill(before["agent"], signal.SIGKILL)
    wait_until(lambda: ask(served.address, "/readyz") == 200, 10)
    after = served.children
    assert after["workload"] == before["workload"]
    assert after["agent"] != before["agent"]
    code, err = served.end()
    assert code == 4
    assert "probe: the agent was ended by signal 9; starting it again in 0.1 s\n" in err
    wait_until(lambda: gone(after.values()))


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Nothing is forwarded, reaped or replaced in the meantime."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_probe_waits_while_the_agent_is_replaced(served: Served) -> None:
    """The init holds the address: a connection is taken while there is no agent, and the next one answers."""
    host, _, port = served.address.partition(":")
    with stopped(served.process.pid):
        agent = served.children["agent"]
        os.kill(agent, signal.SIGKILL)
        wait_until(lambda: stat(agent) == "Z")
        asking = socket.create_connection((host, int(port)), timeout=10)
        asking.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    with asking:
        assert asking.recv(64).startswith(b"HTTP/1.1 200 OK\r\n")


def test_what_became_of_the_agents_is_counted(served: Served) -> None:
    """For whoever looks at the metrics: how often it was lost, and that the workload runs."""
    for lost in (0, 1):
        wait_until(lambda: ask(served.address, "/livez") == 200, 10)
        told = answer(served.address, "/metrics")[1].splitlines()
        assert "probe_workload_up 1" in told
        assert f"probe_agent_restarts_total {lost}" in told
        os.kill(served.children["agent"], signal.SIGKILL)


def test_an_agent_that_is_lost_while_the_workload_ends_stays_unready(address: str) -> None:
    """The next one knows that SIGTERM has been: it answers, and takes no traffic."""
    slow = Served(address, "sh", "-c", "trap : TERM; while :; do sleep 0.05; done")
    wait_until(lambda: ask(address, "/readyz") == 200, 10)
    slow.process.terminate()
    wait_until(lambda: ask(address, "/readyz") == 503)
    lost = slow.children["agent"]
    os.kill(lost, signal.SIGKILL)
    wait_until(lambda: slow.children.get("agent", lost) != lost)
    assert "[-]agent failed" in answer(address, "/readyz")[1]
    assert ask(address, "/livez") == 200
    os.kill(slow.children["workload"], signal.SIGKILL)
    slow.process.communicate(timeout=10)
    assert slow.process.returncode == 137


def stat(pid: int) -> str:
    """The state of a process: R, S, Z, …"""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def codes_of(address: str, path: str) -> list[str]:
    """The codes of the findings, where details are shown."""
    report = json.loads(answer(address, path, accept="application/json")[1])
    return [finding["code"] for check in report["checks"] for finding in check["findings"]]


@pytest.mark.parametrize("path", ["livez", "readyz", "startupz"])
def test_health_says_whether_the_workload_is_alive(address: str, path: str) -> None:
    """Until it has ended; here the init, which would end with it, is kept from seeing that."""
    served = Served(address, "sleep", "60", options=(*HEALTHY, "--set", "agent.expose_details=true"))
    checks = "" if path == "livez" else "[+]timezone ok\n"
    wait_until(lambda: ask(address, "/readyz") == ask(address, "/startupz") == 200, 10)
    assert answer(address, f"/{path}?verbose") == (
        200,
        f"[+]agent ok\n[+]workload ok\n{checks}{path} check passed\n",
    )
    assert answer(address, f"/{path}/workload") == (200, "ok")
    assert codes_of(address, f"/{path}")[:2] == ["AGENT_OK", "WORKLOAD_OK"]
    with stopped(served.process.pid):
        workload = served.children["workload"]
        os.kill(workload, signal.SIGSTOP)  # stopped is not ended
        assert ask(address, f"/{path}") == 200
        os.kill(workload, signal.SIGKILL)
        wait_until(lambda: stat(workload) == "Z")
        assert ask(address, f"/{path}") == 503
        assert codes_of(address, f"/{path}")[:2] == ["AGENT_OK", "WORKLOAD_GONE"]
        assert ask(address, f"/{path}?exclude=workload") == 200
        assert "probe_workload_up 0" in answer(address, "/metrics")[1].splitlines()
    _, err = served.process.communicate(timeout=10)
    assert served.process.returncode == 137
    told = [json.loads(line) for line in err.decode().splitlines()]
    reasons = [(line["code"], line["cause"], line["remedy"]) for line in told if "code" in line]
    assert set(reasons) == {("WORKLOAD_GONE", f"process {workload} has ended", "docker logs CONTAINER")}


def test_the_workload_holds_nothing_of_ours(served: Served) -> None:
    """Neither the address nor a pipe: the descriptors of the caller, nothing else."""
    assert sorted(os.listdir(f"/proc/{served.children['workload']}/fd")) == ["0", "1", "2"]


def test_an_address_that_is_taken_ends_us_before_the_workload(address: str) -> None:
    """One line, and nothing was started."""
    host, _, port = address.partition(":")
    with socket.create_server((host, int(port))):
        done = run("echo", "workload", options=(*HEALTHY, "--serve", address))
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(f"probe: cannot listen on {address}: address already in use".encode())
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--kill-after", "soon"), 64, b"--kill-after soon: write seconds"),
        (("--no-such-option",), 64, b"there is no option --no-such-option"),
        (("--set", "timezone.wanted=UTC"), 78, b"timezone.wanted"),
    ],
)
def test_what_does_not_fit_is_told_rather_than_an_address_that_is_taken(
    address: str, options: tuple[str, ...], code: int, says: bytes
) -> None:
    """Wrong usage and wrong configuration do not come out as "not healthy"."""
    host, _, port = address.partition(":")
    with socket.create_server((host, int(port))):
        done = run("echo", "workload", options=(*HEALTHY, "--serve", address, *options))
    assert (done.returncode, done.stdout) == (code, b"")
    assert says in done.stderr
    assert b"cannot listen" not in done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--serve", "nowhere"), b"--serve nowhere: must end with a port"),
        (("--serve=",), b"--serve needs an address"),
        (("--kill-after", "3"), b"--kill-after is for --serve"),
        (("--serve", "127.0.0.1:1", "--kill-after", "soon"), b"--kill-after soon: write seconds"),
    ],
)
def test_what_does_not_fit_is_refused(options: tuple[str, ...], says: bytes) -> None:
    """Exit 64, one line, no workload."""
    done = run("echo", "workload", options=(*HEALTHY, *options))
    assert (done.returncode, done.stdout) == (64, b"")
    assert says in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_unhealthy_does_not_start_the_workload(address: str) -> None:
    """As without --serve."""
    done = run("echo", "workload", options=(*UNHEALTHY, "--serve", address))
    assert (done.returncode, done.stdout) == (1, b"")


def test_hold_answers_unhealthy(address: str) -> None:
    """No workload, but somebody who says why; TERM ends it."""
    more = ("--on-fail", "hold", "--set", "agent.expose_details=true")
    held = Served(address, "echo", "workload", options=(*UNHEALTHY, *more))
    wait_until(lambda: "[-]timezone failed" in answer(address, "/readyz")[1], 10)
    assert list(held.children) == ["agent"]
    code, text = answer(address, "/livez")
    assert code == 503
    assert text.splitlines()[1].startswith(
        "[-]workload failed: WORKLOAD_GONE: it was not started: the checks had failed, and --on-fail is hold "
        "(TIMEZONE_EXPECTED_UNKNOWN: "
    )
    report = json.loads(answer(address, "/livez", accept="application/json")[1])
    (told,) = (finding for check in report["checks"][1:2] for finding in check["findings"])
    assert told["remedy"] == "probe check"
    assert held.end()[0] == 143


def test_what_was_mended_during_hold_needs_a_new_start(address: str, tmp_path: Path) -> None:
    """The checks pass again, and still nothing is ready: no program runs."""
    zone = tmp_path / "zone"
    more = ("--on-fail", "hold", "--set", "agent.retry_s=0.1", "--set", "agent.expose_details=true")
    held = Served(address, "true", options=(*HEALTHY, *more), env={"TZ": str(zone)})
    wait_until(lambda: "[-]timezone failed" in answer(address, "/readyz")[1], 10)
    zone.write_bytes(Path("/usr/share/zoneinfo/UTC").read_bytes())
    wait_until(lambda: "[+]timezone ok" in answer(address, "/readyz")[1], 10)
    assert ask(address, "/readyz") == 503
    assert ask(address, "/readyz?exclude=workload") == 200
    assert held.end()[0] == 143


def test_what_the_agent_imports_is_what_it_needs() -> None:
    """What stays for as long as the workload runs holds nothing that only its children or some users need."""
    code = (
        "import sys; before = set(sys.modules)\n"
        "import probe.cli.run_entrypoint, probe.cli.run, probe.cli.serve\n"
        "import probe.agent.server, probe.agent.workload, probe.agent.tls\n"
        "print(*(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "waitress.server" in loaded
    heavy = {
        "typing",
        "signal",
        "struct",
        "resource",
        "pickle",
        "tomllib",
        "ssl",
        "hmac",
        "ctypes",
        "_ctypes",
        "psutil",
    }
    assert not loaded & heavy
    assert not {one for one in loaded if one.startswith("probe.checks.")}


def test_memory_of_init_and_agent_together(served: Served) -> None:
    """At most 16 MB proportional set size."""
    for _ in range(20):
        assert ask(served.address, "/readyz") == 200
    time.sleep(0.5)
    total = 0
    for pid in (served.process.pid, served.children["agent"]):
        found = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        assert found
        total += int(found[1])
    assert total <= 16_000


def test_what_held_the_program_back_is_told_after_it_has_gone(
    address: str, tmp_path: Path, go_newest: Toolchain
) -> None:
    """The reason is that of the checks before it, whatever the agent's own runs find afterwards."""
    first = f"[ -e {tmp_path}/asked ] || {{ >{tmp_path}/asked; exit 3; }}"
    (tmp_path / "go").write_text(f'#!/bin/sh\n{first}\nexec {go_newest.go} "$@"\n')
    (tmp_path / "go").chmod(0o755)
    only = ("--only", "go-version", "--on-fail", "hold", "--set", "agent.expose_details=true")
    held = Served(address, "true", options=only, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    wait_until(lambda: "[+]go-version ok" in answer(address, "/readyz")[1], 20)
    assert "--on-fail is hold (GO_FAILED: " in answer(address, "/livez")[1]
    assert held.end()[0] == 143
