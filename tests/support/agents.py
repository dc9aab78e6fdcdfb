"""Real agents: processes of their own on a free port, asked by a real HTTP client."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest

from probe.cli import status_client
from tests.support.commands import clean_environment

QUICK = ("agent.interval_s=0.3", "agent.retry_s=0.2", "agent.stale_after_s=30", "agent.drain_s=0.2")


class Reply(NamedTuple):
    """What an HTTP client got."""

    status: int
    text: str
    headers: Mapping[str, str]


class Agent:
    """One running agent."""

    def __init__(self, process: subprocess.Popen[str], log: Path, socket: Path) -> None:
        self.process, self.log_file, self.socket = process, log, socket
        self.port = 0

    @property
    def log(self) -> list[dict[str, Any]]:
        return [
            json.loads(line)
            for line in self.log_file.read_text().splitlines(keepends=True)
            if line[-1] == "\n"
        ]

    def events(self) -> list[str]:
        return [line["event"] for line in self.log]

    def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            text = answer.read().decode()
            return Reply(answer.status, text, {name.lower(): value for name, value in answer.getheaders()})

    def until(self, path: str, status: int, within_s: float = 15) -> Reply:
        """Ask until the answer has *status*."""
        reply: Reply = wait_for(lambda: (got := self.get(path)).status == status and got, within_s)
        return reply

    def status(self, role: str) -> str:
        """The beginning of what the Unix socket says: verdict and code."""
        return status_client.ask(str(self.socket), role).partition(" ")[2].partition(" (")[0]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


def wait_for(condition: Callable[[], Any], within_s: float = 60) -> Any:
    """What *condition* gives once that is true; it is asked every 20 ms."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come about")


class Serve(Protocol):
    def __call__(
        self, *arguments: str, sets: tuple[str, ...] = QUICK, log: Path | None = None, **env: str
    ) -> Agent: ...


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start an agent; all of them are gone afterwards."""
    agents: list[Agent] = []

    def start(*arguments: str, sets: tuple[str, ...] = QUICK, log: Path | None = None, **env: str) -> Agent:
        number = len(agents)
        log, socket = log or tmp_path / f"log{number}", tmp_path / f"run{number}" / "probe.sock"
        line = [sys.executable, "-m", "probe", "serve", "127.0.0.1:0", f"--set=agent.socket={socket}"]
        line += [f"--set={one}" for one in sets]
        with log.open("w") as stream:
            process = subprocess.Popen(
                [*line, *arguments],
                env={**clean_environment(), **env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stream,
                text=True,
            )
        agent = Agent(process, log, socket)
        agents.append(agent)
        begin = wait_for(lambda: "listening" in log.read_text() and agent.log)
        agent.port = int(next(x for x in begin if x["event"] == "listening")["address"].rpartition(":")[2])
        return agent

    yield start
    for agent in agents:
        if agent.process.poll() is None:
            agent.process.kill()
            agent.process.wait()


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def processes_with(marker: str) -> list[int]:
    """Those whose environment holds *marker*."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdecimal() and int(name) != os.getpid():
            with contextlib.suppress(OSError):
                if marker.encode() in Path(f"/proc/{name}/environ").read_bytes() and alive(int(name)):
                    found.append(int(name))
    return found
