"""`probe run --serve`: the init, the workload and the agent together."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.entrypoint.helpers import HEALTHY, ISOLATED, UNHEALTHY, run, start
from tests.leftovers import children_of, gone, wait_until


@pytest.fixture
def address() -> str:
    """An address on loopback that is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def ask(address: str, path: str) -> int:
    """The status of an answer; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code
    except OSError:
        return 0


class Served:
    """A started entrypoint with an agent."""

    def __init__(self, address: str, *command: str, options: tuple[str, ...] = HEALTHY) -> None:
        self.process = start(
            *command,
            options=(*options, "--serve", address, "--set", "agent.socket="),
            how=ISOLATED,
            stdout=subprocess.DEVNULL,
        )
        self.address = address

    @property
    def children(self) -> dict[str, int]:
        """The agent and the workload."""
        return {
            "agent" if b"--serve" in Path(f"/proc/{pid}/cmdline").read_bytes() else "workload": pid
            for pid in children_of(self.process.pid)
        }

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
    assert "probe: the agent was ended by signal 9; starting it again in 1 s\n" in err
    wait_until(lambda: gone(after.values()))


def test_an_address_that_is_taken_ends_us_before_the_workload(address: str) -> None:
    """One line, and nothing was started."""
    host, _, port = address.partition(":")
    with socket.create_server((host, int(port))):
        done = run("echo", "workload", options=(*HEALTHY, "--serve", address))
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(f"probe: cannot listen on {address}: address already in use".encode())
    assert done.stderr.count(b"\n") == 1


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
    held = Served(address, "echo", "workload", options=(*UNHEALTHY, "--on-fail", "hold"))
    wait_until(lambda: ask(address, "/readyz") == 503, 10)
    assert list(held.children) == ["agent"]
    assert held.end()[0] == 143


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
