"""
Real agents, each with one fault that is made for real, and the alerts that belong to it.

`python -m tests.deploy.record` writes what they expose into the unit tests of the rules; the suite
asks a real Prometheus that scrapes them.
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.golang import builds
from tests.support.commands import clean_environment
from tests.support.pki import DAY, Made, leaf, pems, root
from tests.tls import servers

QUICK = {
    "PROBE_AGENT__INTERVAL_S": "0.5",
    "PROBE_AGENT__RETRY_S": "0.5",
    "PROBE_AGENT__STALE_AFTER_S": "60",
    "PROBE_AGENT__FAILURE_THRESHOLD": "1",
    "PROBE_AGENT__DRAIN_S": "0",
    "PROBE_AGENT__SOCKET": "",
    "PROBE_CHECKS": '["go-version", "ca-bundle", "timezone"]',
}
SOON_S = 25  # enough for an agent's first run under load


class Stage:
    """A folder, a CA, a bundle that holds it, and agents; all of them end with it."""

    def __init__(self, folder: Path, ends: contextlib.ExitStack) -> None:
        self.folder, self._ends = folder, ends
        self.ca = root()
        self.bundle = folder / "roots.pem"
        self.bundle.write_text(pems([self.ca]))
        (folder / "more").mkdir()
        self.endpoint = self.served(leaf(self.ca, "localhost", not_after=time.time() + 400 * DAY))
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def served(self, *chain: Made) -> str:
        """The endpoint of a TLS server that presents *chain*."""
        return self._ends.enter_context(servers.tls(*chain)).endpoint

    def agent(self, *command: str, config: Path | None = None, **env: str) -> None:
        """`probe serve`, or *command* beside the agent; without a fault but for what *env* makes."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        address = f"127.0.0.1:{self.port}"
        line = ["run", "--serve", address, *command] if command else ["serve", address]
        line += [f"--config={config}"] if config else []
        known = {
            "SSL_CERT_FILE": str(self.bundle),
            "SSL_CERT_DIR": str(self.folder / "more"),
            "TZ": "UTC",
            "PROBE_GO_VERSION__BINARY": str(program("1.27.3")),
            "PROBE_CA_BUNDLE__ENDPOINTS": json.dumps([self.endpoint]),
        }
        log = self._ends.enter_context((self.folder / "log").open("wb"))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "probe", *line],
            env={**clean_environment(), **QUICK, **known, **env},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        self._ends.callback(_end, self.process)

    def metrics(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as reply:
            return str(reply.read().decode())

    def until(self, line: str, within_s: float = 60) -> None:
        """Wait until /metrics has *line*."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if line in self.metrics().splitlines():
                    return
            time.sleep(0.1)
        raise AssertionError(f"no {line}: {(self.folder / 'log').read_text()}")

    def started(self) -> None:
        self.until('probe_role_healthy{role="startup"} 1')
        self.until('probe_role_healthy{role="ready"} 1')

    def send_to_runs(self, number: int) -> None:
        """A signal to each run that is under way; they lead sessions of their own."""
        assert self.process
        pid = self.process.pid
        with contextlib.suppress(OSError):
            for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    if os.getsid(int(word)) == int(word):
                        os.kill(int(word), number)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def program(version: str) -> Path:
    return builds.build(version, {"main.go": builds.HELLO})


class Fault(NamedTuple):
    """How an agent begins without the fault, what makes it, and the alerts that then have to fire."""

    name: str
    alerts: frozenset[str]
    begin: Callable[[Stage], None]
    make: Callable[[Stage], None]
    to_runs: int = 0  # the signal that every run gets while the fault lasts


def _plain(stage: Stage) -> None:
    stage.agent()
    stage.started()


def _nothing(_: Stage) -> None:
    """The fault was there from the beginning."""


def _never_starts(stage: Stage) -> None:
    stage.bundle.unlink()
    stage.agent()
    stage.until("probe_ca_bundle_roots_usable 0")
    stage.until(f'probe_tls_handshake_success{{endpoint="{stage.endpoint}"}} 0')


def _bundle_goes(stage: Stage) -> None:
    stage.bundle.unlink()
    stage.until('probe_role_healthy{role="ready"} 0')
    stage.until("probe_would_start 0")


def _hold(stage: Stage) -> None:
    options = ("--on-fail", "hold", "--", "sleep", "600")
    stage.agent(*options, TZ="No/Where", PROBE_CHECKS='["timezone"]')
    stage.until("probe_workload_up 0")
    stage.until("probe_would_start 0")


def _old_go(stage: Stage) -> None:
    stage.agent(PROBE_GO_VERSION__BINARY=str(program("1.21.13")))
    stage.started()


def _hang(stage: Stage) -> None:
    stage.agent(PROBE_AGENT__STALE_AFTER_S="2", PROBE_TIMEOUT_S="1000")
    stage.started()


def _stop_runs(stage: Stage) -> None:
    """Until the last report is too old, for some time already."""
    end = time.monotonic() + 60
    while not re.search(r'^probe_role_report_age_seconds{role="ready"} [4-9]', stage.metrics(), re.M):
        assert time.monotonic() < end
        stage.send_to_runs(signal.SIGSTOP)
        time.sleep(0.01)


def _kill_runs(stage: Stage) -> None:
    end = time.monotonic() + 60
    while "probe_runs_lost_total 8" not in stage.metrics().splitlines():
        assert time.monotonic() < end
        stage.send_to_runs(signal.SIGKILL)
        time.sleep(0.01)


def _ends_soon(stage: Stage) -> None:
    stage.endpoint = stage.served(leaf(stage.ca, "localhost", not_after=time.time() + 3 * DAY))
    _plain(stage)


def _ends_now(stage: Stage) -> None:
    stage.endpoint = stage.served(leaf(stage.ca, "localhost", not_after=time.time() + SOON_S))
    _plain(stage)


def _wait_for_the_end(_: Stage) -> None:
    time.sleep(SOON_S + 1)


def _damage(stage: Stage) -> None:
    stage.bundle.write_text(pems([stage.ca]) + pems([root("Broken")]).replace("\n", "\n!!!", 3))
    stage.until("probe_ca_bundle_blocks_skipped 1")


def _configured(stage: Stage) -> None:
    file = stage.folder / "probe.toml"
    file.write_text('[timezone]\nexpected = "UTC"\n')
    stage.agent(config=file)
    stage.started()


def _misconfigured(stage: Stage) -> None:
    (stage.folder / "probe.toml").write_text("[timezone]\nexpect = 1\n")
    assert stage.process
    stage.process.send_signal(signal.SIGHUP)
    stage.until("probe_config_last_reload_successful 0")


UNREADY = {"ProbeNotReady", "ProbeFinding"}
NO_BUNDLE = {*UNREADY, "ProbeNoUsableRoot"}
FAULTS = (
    Fault("nothing is wrong", frozenset(), _plain, _nothing),
    Fault(
        "no bundle from the beginning",
        frozenset({*NO_BUNDLE, "ProbeStartupFails", "ProbeHandshakeFails"}),
        _nothing,
        _never_starts,
    ),
    Fault(
        "the bundle goes while the program runs",
        frozenset({*NO_BUNDLE, "ProbeWouldNotStartAgain"}),
        _plain,
        _bundle_goes,
    ),
    Fault(
        "held without its program",
        frozenset({*UNREADY, "ProbeStartupFails", "ProbeProgramDown"}),
        _nothing,
        _hold,
    ),
    Fault("a Go without support", frozenset({"ProbeWarning", "ProbeGoSupportEnds"}), _nothing, _old_go),
    Fault(
        "runs that hang", frozenset({"ProbeNotReady", "ProbeReportStale"}), _hang, _stop_runs, signal.SIGSTOP
    ),
    Fault("runs that are killed", frozenset({*UNREADY, "ProbeRunsLost"}), _plain, _kill_runs, signal.SIGKILL),
    Fault("a chain that ends soon", frozenset({"ProbeChainExpires"}), _nothing, _ends_soon),
    Fault(
        "a chain that has ended since",
        frozenset({"ProbeChainExpires", "ProbeChainExpired"}),
        _ends_now,
        _wait_for_the_end,
    ),
    Fault(
        "a damaged block in the bundle",
        frozenset({"ProbeBundleBlocksSkipped", "ProbeWarning"}),
        _plain,
        _damage,
    ),
    Fault("a configuration that is refused", frozenset({"ProbeReloadRefused"}), _configured, _misconfigured),
)


@contextlib.contextmanager
def staged(fault: Fault, folder: Path) -> Iterator[Stage]:
    """An agent that has begun as *fault* says, and has not got it yet."""
    folder.mkdir()
    with contextlib.ExitStack() as ends:
        stage = Stage(folder, ends)
        fault.begin(stage)
        yield stage
