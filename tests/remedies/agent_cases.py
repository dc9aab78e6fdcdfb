"""Cases of a running agent: what is said of its own state, and what the printed line does about it."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.remedies.container import Container, findings
from tests.support.agents import wait_for

DETAILS = "DETAILS_WITHHELD"  # of whom the test is one of its own
LOG = "/srv/log"
_SOCKET = "/srv/run/probe.sock"
_BASELINE = "/srv/baseline.toml"
_BAD_ZONE = "Asia/Tokio"


class AgentCase(NamedTuple):
    """One code of an agent, words that its line writes, and what its reader does once they are read."""

    code: str
    arrange: Callable[[Container], int]  # the agent's process
    shows: str = ""  # "" where the line itself ends it
    then: Callable[[Container, int], object] = lambda here, pid: None


def serving(here: Container, *words: str, command: str = "serve 127.0.0.1:0", **settings: str) -> int:
    """A started agent."""
    here.settings = {"checks": '["timezone"]', **here.settings}
    here.settings |= {"agent.interval_s": "0.3", "agent.retry_s": "0.3"}
    here.settings |= {f"agent.{key}": value for key, value in settings.items()}
    here.env |= {"TZ": here.env.get("TZ", "UTC"), "PROBE_AGENT__SOCKET": _SOCKET}
    here.configure()
    return here.start("/bin/sh", "-c", f"exec probe {command} {' '.join(words)} 2>{LOG}")


def status(here: Container) -> str:
    return here.sh("probe status --role ready").out


def healthy(here: Container) -> bool:
    said = status(here)
    return said.startswith("healthy: ") and "this is a check" not in said


def _healthy_agent(here: Container, *words: str, **settings: str) -> int:
    pid = serving(here, *words, **settings)
    wait_for(lambda: healthy(here))
    return pid


def _signal_run(pid: int, number: int) -> bool:
    """Send *number* to the child that is at work, once it is bound to end with the agent."""
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(ProcessLookupError):
            if os.getsid(int(child)) == int(child):
                os.kill(int(child), number)
                return True
    return False


def _go_on(_: Container, pid: int) -> None:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGCONT)


def _renewed(here: Container, _: int) -> None:
    said = here.sh(f"TZ=UTC probe baseline snapshot > {_BASELINE}")
    assert said.code == 0, said


def states() -> list[AgentCase]:
    def stopped(here: Container) -> int:
        pid = _healthy_agent(here)
        os.kill(pid, signal.SIGSTOP)
        return pid

    def hesitant(here: Container) -> int:
        return serving(here, interval_s="1", success_threshold="5")

    def stale(here: Container) -> int:
        here.settings["timeout_s"] = "30"
        pid = _healthy_agent(here, stale_after_s="0.5")
        wait_for(lambda: _signal_run(pid, signal.SIGSTOP))
        return pid

    def killed(here: Container) -> int:
        pid = _healthy_agent(here, retry_s="3", failure_threshold="1")
        wait_for(lambda: _signal_run(pid, signal.SIGKILL))
        return pid

    def late(here: Container) -> int:
        here.settings["timeout_s"] = "0.5"
        pid = _healthy_agent(here, retry_s="3", failure_threshold="1")
        wait_for(lambda: _signal_run(pid, signal.SIGSTOP))
        return pid

    def draining(here: Container) -> int:
        pid = _healthy_agent(here, drain_s="30")
        os.kill(pid, signal.SIGTERM)
        return pid

    def again(here: Container, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: "this is a check" in status(here))
        serving(here)

    return [
        AgentCase("AGENT_NO_ANSWER", stopped),
        AgentCase("AGENT_NOT_RUN_YET", hesitant, "healthy: "),
        AgentCase("AGENT_REPORT_STALE", stale, "healthy: ", _go_on),
        AgentCase("AGENT_RUN_LOST", killed, "healthy: "),
        AgentCase("AGENT_RUN_TIMED_OUT", late, "healthy: "),
        AgentCase("AGENT_DRAINING", draining, "drain_s = 30", again),
    ]


def beside() -> list[AgentCase]:
    """What stands beside the agent: the target with a configuration of its own, the program."""

    def broken(here: Container) -> int:
        here.put("/srv/tree/etc/probe.toml", "")
        pid = _healthy_agent(
            here, "--root", "/srv/tree", "--target-config", "--only", "timezone", "--env", "TZ=UTC"
        )
        here.put("/srv/tree/etc/probe.toml", "[timezone]\nexpectd = 1\n")
        return pid

    def valid(here: Container, _: int) -> None:
        here.put("/srv/tree/etc/probe.toml", "")

    def forgotten(here: Container) -> int:
        _renewed(here, 0)
        here.settings |= {"checks": '["timezone", "baseline"]', "baseline.file": f'"{_BASELINE}"'}
        pid = _healthy_agent(here)
        (here.root / _BASELINE[1:]).unlink()
        return pid

    def held(here: Container) -> int:
        here.env["TZ"] = _BAD_ZONE
        return serving(here, command="run --serve 127.0.0.1:0 --on-fail hold -- sleep 100")

    def started_again(here: Container, pid: int) -> None:
        os.kill(pid, signal.SIGTERM)
        (finding,) = (one for one in findings(here.report()) if one["status"] == "fail")
        here.follow(finding["remedy"])
        wait_for(lambda: "this is a check" in status(here))
        serving(here, command="run --serve 127.0.0.1:0 --on-fail hold -- sleep 100")

    return [
        AgentCase("TARGET_CONFIG", broken, "probe.toml:2", valid),
        AgentCase("BASELINE_UNUSABLE", forgotten, "No such file", _renewed),
        AgentCase("WORKLOAD_GONE", held, "TIMEZONE_NAME_UNKNOWN", started_again),
    ]


def all_of_them() -> list[AgentCase]:
    return [*states(), *beside()]
