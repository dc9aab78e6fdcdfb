"""What goes wrong around an agent: a dead file server, a full disk, a clock that is set."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from probe import codes
from tests.support.agent_runs import child_of, codes_in, results
from tests.support.agents import QUICK, Agent, Serve, alive, wait_for
from tests.support.dead_server import DeadServer, mount, unmount
from tests.support.timing import Stopwatch

GOOD = ("--only", "timezone", "--env", "TZ=UTC")
BAD = ("--only", "timezone", "--env", "TZ=No/Where")
DETAILS = (*QUICK, "agent.expose_details=true")


@pytest.fixture
def dead_server(tmp_path: Path) -> Iterator[DeadServer]:
    server = DeadServer(tmp_path / "dead")
    yield server
    server.close()


@pytest.mark.needs("mounts")
@pytest.mark.needs("FUSE")
def test_a_run_that_cannot_even_be_killed(serve: Serve, dead_server: DeadServer, tmp_path: Path) -> None:
    """
    It sleeps uninterruptibly on a dead file server: no pass, and the agent answers and ends on time.

    When the server is gone the run is reaped, and the next one is tried.
    """
    good = tmp_path / "good"
    (good / "etc").mkdir(parents=True)
    root = tmp_path / "root"
    root.symlink_to(good)
    sets = (*DETAILS, "timeout_s=0.5", "agent.stale_after_s=3", "agent.interval_s=0.5")
    agent = serve("--only", "timezone", "--root", str(root), "--env", "TZ=UTC", sets=sets)
    agent.until("/readyz", 200)
    (tmp_path / "other").symlink_to(dead_server.place)
    (tmp_path / "other").rename(root)
    pid = wait_for(lambda: next((one for one in children(agent) if hangs(one)), 0))
    reply = agent.until("/readyz", 503)
    assert any(code.name in reply.text for code in (codes.AGENT_RUN_TIMED_OUT, codes.AGENT_REPORT_STALE))
    assert codes.AGENT_RUN_TIMED_OUT.name in agent.get("/metrics").text
    assert agent.get("/livez", Connection="close").status == 200
    assert hangs(pid)
    assert agent.status("ready").startswith("unhealthy: ")
    (tmp_path / "other").symlink_to(good)
    (tmp_path / "other").rename(root)
    dead_server.close()
    agent.until("/readyz", 200)
    wait_for(lambda: not alive(pid))


@pytest.mark.needs("mounts")
@pytest.mark.needs("FUSE")
def test_it_ends_beside_a_run_that_cannot(serve: Serve, dead_server: DeadServer) -> None:
    """SIGTERM: the run that cannot be killed is waited for a second and no more."""
    agent = serve("--only", "timezone", "--root", str(dead_server.place), sets=(*QUICK, "timeout_s=0.3"))
    pid = wait_for(lambda: next((one for one in children(agent) if hangs(one)), 0))
    watch = Stopwatch()
    assert agent.stop(signal.SIGTERM) == 0
    assert watch.quiet() < 5
    dead_server.close()
    wait_for(lambda: not alive(pid))


def children(agent: Agent) -> list[int]:
    pid = agent.process.pid
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def hangs(pid: int) -> bool:
    """Whether a thread of the process sleeps uninterruptibly."""
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            if (task / "stat").read_text().rpartition(")")[2].split()[0] == "D":
                return True
    return False


@pytest.mark.needs("mounts")
def test_a_full_disk_takes_nothing_but_words(serve: Serve, tmp_path: Path) -> None:
    """Log, termination log and socket on a full disk: runs and answers go on, and the words come again."""
    disk = tmp_path / "disk"
    mount("tmpfs", disk, "size=8k,nr_inodes=8")
    try:
        word, log = disk / "word", disk / "log"
        word.touch()
        log.touch()
        (disk / "fill").write_bytes(b"")
        sets = ("agent.interval_s=0.2", "agent.retry_s=0.2", f"agent.termination_log={word}")
        root = tmp_path / "root"
        root.mkdir()
        agent = serve("--only", "timezone", "--root", str(root), "--env", "TZ=UTC", sets=sets, log=log)
        agent.until("/readyz", 200)
        with contextlib.suppress(OSError), (disk / "fill").open("wb", buffering=0) as fill:
            while fill.write(b"x" * 4096):
                pass
        root.rename(tmp_path / "away")
        agent.until("/readyz", 503)
        runs = results(agent)["unhealthy"]
        wait_for(lambda: results(agent)["unhealthy"] > runs + 2)
        (disk / "fill").unlink()
        (tmp_path / "away").rename(root)
        agent.until("/readyz", 200)
        wait_for(lambda: agent.log[-1]["event"].endswith("is healthy"))
        assert agent.stop() == 0
    finally:
        unmount(disk)


FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)


@pytest.fixture
def nothing_shared() -> Iterator[None]:
    """What libfaketime shares between processes is removed: it stays where a process ends by _exit(2)."""
    memory = Path("/dev/shm")
    before = set(memory.glob("*faketime_*"))
    yield
    for path in set(memory.glob("*faketime_*")) - before:
        path.unlink(missing_ok=True)


@pytest.mark.usefixtures("nothing_shared")
@pytest.mark.parametrize("step", ["-3d", "+400d"])
def test_a_clock_that_is_set_changes_nothing(serve: Serve, tmp_path: Path, step: str) -> None:
    """Backwards and forwards by days: runs come on time, no report turns stale or fresh, ages stay ages."""
    if not FAKETIME:
        pytest.skip("needs faketime")
    clock = tmp_path / "clock"
    clock.write_text("+0d")
    sets = (*DETAILS, "agent.stale_after_s=2")
    agent = serve(
        *GOOD,
        sets=sets,
        LD_PRELOAD=str(FAKETIME),
        FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    agent.until("/readyz", 200)
    before = agent.log[-1]["time"]
    clock.write_text(step)
    events = len(agent.events())
    runs = results(agent)["healthy"]
    end = time.monotonic() + 3  # longer than a report counts
    while time.monotonic() < end or results(agent)["healthy"] < runs + 5:
        assert time.monotonic() < end + 20
        reply = agent.get("/readyz")
        assert reply.status == 200
        assert 0 <= int(reply.headers["age"]) <= 2
        time.sleep(0.1)
    assert len(agent.events()) == events
    # The step was real for the agent: what it writes as a time has moved.
    agent.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "configuration reloaded" in agent.events())
    assert agent.log[-1]["time"][:10] != before[:10]
    # And an old report is still found to be old.
    wait_for(lambda: stopped(agent) and codes.AGENT_REPORT_STALE.name in codes_in(agent, "/readyz"))


def stopped(agent: Agent) -> bool:
    """Stop the run that is under way, whichever it is by now."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child_of(agent), signal.SIGSTOP)
    return True
