"""The agent as a process: how it starts, follows signals, ends, and outlives what goes wrong around it."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from probe import codes
from tests.support.agent_runs import child_of, codes_in, results
from tests.support.agents import QUICK, Agent, Serve, alive, processes_with, wait_for
from tests.support.commands import RunProbe, clean_environment

GOOD = ("--only", "timezone", "--env", "TZ=UTC")
BAD = ("--only", "timezone", "--env", "TZ=No/Where")
DETAILS = (*QUICK, "agent.expose_details=true")


def hanging(tmp_path: Path) -> str:
    """A PATH on which `go` hangs, and leaves a process behind that has forked itself away."""
    go = tmp_path / "bin" / "go"
    go.parent.mkdir(exist_ok=True)
    go.write_text("#!/bin/sh\n(setsid sleep 61 &) \nexec sleep 60\n")
    go.chmod(0o755)
    return f"{go.parent}:/usr/bin:/bin"


# --- start and end --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 64, "ADDR is missing"),
        (("9810",), 64, "must end with a port"),
        (("127.0.0.1:0", "more"), 64, "unexpected argument more"),
        (("127.0.0.1:0", "--skip", "nothing"), 64, "--skip nothing"),
        (("127.0.0.1:0", "--set", "agent.interval=1"), 78, "did you mean interval_s?"),
        (
            ("127.0.0.1:0", "--set", "agent.token_file=/no/such"),
            78,
            "/no/such: No such file or directory; agent.token_file",
        ),
        (
            ("127.0.0.1:0", "--set", "agent.token_file=/dev/null"),
            78,
            "/dev/null: is not a file of at most 1 MiB; agent.token_file must name a file",
        ),
        (("127.0.0.1:0", "--set", 'ca-bundle.handshake_roles=["live"]'), 78, "live"),
        (
            ("192.0.2.1:9810",),
            1,
            "cannot listen on 192.0.2.1:9810: cannot assign requested address; write an address of this",
        ),
        (("no.such.host.invalid:9810",), 1, "cannot listen on no.such.host.invalid:9810: "),
    ],
)
def test_what_cannot_be_served_is_said_at_once(
    run_probe: RunProbe, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """One line, the same exit codes as of every command."""
    done = run_probe("serve", *arguments)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    assert done.err.count("\n") == 1


def test_a_port_in_use_is_named(run_probe: RunProbe) -> None:
    """Exit 1 and which port it is."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_probe("serve", f"127.0.0.1:{port}")
    assert done.code == 1
    assert done.err.startswith(f"probe: cannot listen on 127.0.0.1:{port}: address already in use; ")


@pytest.mark.needs("IPv6")
def test_both_families_are_answered_on_two_colons(run_probe: RunProbe) -> None:
    """[::]:PORT is what the kubelet needs, whatever family the pod's address is of."""
    line = [sys.executable, "-m", "probe", "serve", "[::]:0", "--set=agent.socket=", *GOOD]
    with subprocess.Popen(line, env=clean_environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        port = int(json.loads(process.stderr.readline())["address"].rpartition(":")[2])
        for host in ("127.0.0.1", "::1"):
            with socket.create_connection((host, port), timeout=5) as one:
                one.sendall(b"GET /livez HTTP/1.0\r\n\r\n")
                assert one.recv(100).startswith(b"HTTP/1.0 200 OK")
        process.kill()


def test_asked_to_end_it_turns_traffic_away_first(serve: Serve) -> None:
    """SIGTERM: 503 on readyz at once while live stays well, then exit 0; the socket is gone."""
    agent = serve(*GOOD, sets=(*DETAILS, "agent.drain_s=1"))
    agent.until("/readyz", 200)
    agent.process.send_signal(signal.SIGTERM)
    reply = agent.until("/readyz", 503, within_s=1)
    assert codes.AGENT_DRAINING.name in reply.text
    assert agent.get("/livez").status == 200
    assert agent.process.wait(10) == 0
    assert not agent.socket.exists()


def test_asked_twice_it_ends_at_once(serve: Serve) -> None:
    """The second signal waits for nothing."""
    agent = serve(*GOOD, sets=(*QUICK, "agent.drain_s=60"))
    agent.until("/readyz", 200)
    agent.process.send_signal(signal.SIGTERM)
    agent.until("/readyz", 503)
    assert agent.stop(signal.SIGINT) == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_it(serve: Serve, tmp_path: Path, number: signal.Signals) -> None:
    """However it ends, a run that hangs ends with it, and what that has started, forked away or not."""
    marker = f"marker-{os.getpid()}-{time.monotonic_ns()}"
    line = ("--only", "go-env", "--timeout", "30", "--env", f"MARKER={marker}")
    agent = serve(*line, PATH=hanging(tmp_path), MARKER=marker)
    wait_for(lambda: len(processes_with(marker)) >= 4)  # agent, run, its supervisor, go, sleep
    agent.process.send_signal(number)
    agent.process.wait(10)
    wait_for(lambda: not processes_with(marker), within_s=5)


# --- runs that go wrong ---------------------------------------------------------------


def test_a_run_that_is_killed_is_no_pass(serve: Serve, tmp_path: Path) -> None:
    """As by the kernel for want of memory: unhealthy with that code, and the next run is tried."""
    agent = serve("--only", "go-env", "--timeout", "20", sets=DETAILS, PATH=hanging(tmp_path))
    os.kill(child_of(agent), signal.SIGKILL)
    wait_for(lambda: codes.AGENT_RUN_LOST.name in codes_in(agent))
    assert agent.get("/readyz").status == 503
    assert "killed by signal 9" in agent.get("/readyz").text
    assert agent.get("/livez").status == 200
    assert child_of(agent)


def test_a_run_that_hangs_is_killed_with_all_it_started(serve: Serve) -> None:
    """One that cannot even report that it is late: killed after its deadline, unhealthy with that code."""
    agent = serve(*GOOD, sets=(*DETAILS, "timeout_s=1", "agent.interval_s=1"))
    agent.until("/readyz", 200)

    def stopped() -> int:
        pid = child_of(agent)
        try:
            os.kill(pid, signal.SIGSTOP)
        except ProcessLookupError:
            return 0
        return pid

    pid = wait_for(stopped)
    wait_for(lambda: agent.get("/metrics").text.count('check="run"'))
    assert codes.AGENT_RUN_TIMED_OUT.name in agent.get("/metrics").text
    wait_for(lambda: not alive(pid))
    # A single failure does not turn the verdict; the next good run confirms it.
    assert agent.get("/readyz").status == 200


def test_when_every_run_hangs_the_roles_turn(serve: Serve, tmp_path: Path) -> None:
    """Confirmed by a second one, the verdict turns, with that code."""
    (tmp_path / "sitecustomize.py").write_text("")
    agent = serve(*GOOD, sets=(*DETAILS, "timeout_s=0.2", "agent.failure_threshold=1"))
    agent.until("/readyz", 200)
    end = time.monotonic() + 20
    while codes.AGENT_RUN_TIMED_OUT.name not in codes_in(agent):
        assert time.monotonic() < end
        try:
            os.kill(child_of(agent), signal.SIGSTOP)
        except ProcessLookupError:
            continue
    assert (agent.get("/readyz").status, agent.get("/livez").status) == (503, 200)


def test_startup_once_passed_stays_passed(serve: Serve, tmp_path: Path) -> None:
    """What goes wrong later is for ready."""
    zone = tmp_path / "zone"
    zone.mkdir()
    (zone / "etc").mkdir()
    agent = serve("--only", "timezone", "--strict", "--root", str(zone), "--env", "TZ=UTC", "--timeout", "2")
    agent.until("/startupz", 200)
    agent.until("/readyz", 200)
    (zone / "etc").rmdir()
    zone.rmdir()
    agent.until("/readyz", 503)
    assert agent.get("/livez").status == 200
    assert agent.get("/startupz").status == 200
    assert agent.events().count("startup is healthy") == 1


def test_it_takes_as_many_runs_as_the_thresholds_say(serve: Serve, tmp_path: Path) -> None:
    """Three failures in a row to turn, two passes to turn back, each told once."""
    root = tmp_path / "root"
    root.mkdir()
    sets = (*QUICK, "agent.failure_threshold=3", "agent.success_threshold=2")
    agent = serve("--only", "timezone", "--root", str(root), "--env", "TZ=UTC", sets=sets)
    agent.until("/readyz", 200)
    assert results(agent)["healthy"] >= 2
    root.rename(tmp_path / "away")
    agent.until("/readyz", 503)
    assert results(agent)["unhealthy"] >= 3
    (tmp_path / "away").rename(root)
    agent.until("/readyz", 200)
    assert agent.events().count("ready is healthy") == 2
    assert agent.events().count("ready is unhealthy") == 1


# --- telling --------------------------------------------------------------------------


def test_the_reason_for_a_failed_start_is_left_where_the_kubelet_looks(serve: Serve, tmp_path: Path) -> None:
    """In the termination log, if that exists; it is not made, and a passed start empties it."""
    there, absent = tmp_path / "there", tmp_path / "absent"
    there.write_text("old")
    bad = serve(*BAD, sets=(*QUICK, f"agent.termination_log={there}"))
    wait_for(lambda: there.read_text().startswith("unhealthy: TIMEZONE_NAME_UNKNOWN"))
    bad.stop()
    good = serve(*GOOD, sets=(*QUICK, f"agent.termination_log={there}"))
    good.until("/startupz", 200)
    wait_for(lambda: there.read_text() == "")
    other = serve(*BAD, sets=(*QUICK, f"agent.termination_log={absent}"))
    wait_for(lambda: "startup is unhealthy" in other.events())
    assert not absent.exists()


def test_only_changes_are_told(serve: Serve) -> None:
    """Many requests and many runs later there are the lines of the start and no other."""
    agent = serve(*GOOD)
    agent.until("/readyz", 200)
    for _ in range(200):
        agent.get("/readyz")
    wait_for(lambda: results(agent)["healthy"] > 4)
    assert agent.events()[0] == "listening"
    assert sorted(agent.events()[1:]) == ["ready is healthy", "startup is healthy"]
    assert all(set(line) >= {"time", "level", "event"} for line in agent.log)


def test_the_log_tells_the_cause_that_is_true_now(serve: Serve, tmp_path: Path) -> None:
    """Each change of the worst code of an unhealthy role is a line, with its remedy."""
    zone, root = tmp_path / "zone", tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    zone.write_bytes(b"nonsense")
    (root / "etc/localtime").symlink_to("/zone")
    (root / "zone").write_bytes(b"nonsense")
    agent = serve("--only", "timezone", "--root", str(root))

    def reasons() -> list[str]:
        return [line["code"] for line in agent.log if line.get("role") == "ready" and "code" in line]

    wait_for(lambda: len(reasons()) == 1)
    (root / "zone").unlink()
    wait_for(lambda: len(reasons()) == 2)
    assert len(set(reasons())) == 2
    told = [line for line in agent.log if "code" in line]
    assert all(line["level"] == "error" and line["remedy"] for line in told)
    assert agent.get("/readyz").status == 503


def test_a_program_that_is_still_to_come_is_waited_for(serve: Serve, tmp_path: Path) -> None:
    """One line at info and no error; when it has come the verdicts, when it goes again an error."""
    name = f"late{os.getpid()}"
    program = tmp_path / name
    program.symlink_to("/bin/sleep")
    agent = serve("--process", name, "--only", "timezone", "--set", "agent.failure_threshold=1")
    wait_for(lambda: f"waiting for process {name}" in agent.events())
    wait_for(lambda: results(agent)["unhealthy"] > 3)
    assert agent.get("/readyz").status == agent.get("/startupz").status == 503
    assert [line["level"] for line in agent.log] == ["info", "info"]
    with subprocess.Popen([str(program), "60"], env={"TZ": "UTC"}) as late:
        agent.until("/readyz", 200)
        late.kill()
    wait_for(lambda: agent.log[-1].get("code") == codes.TARGET_NOT_FOUND.name)
    assert agent.log[-1]["level"] == "error"
    assert agent.events().count(f"waiting for process {name}") == 1


def test_an_end_that_was_asked_for_is_no_error(serve: Serve) -> None:
    """SIGTERM: what is told of it has the level info."""
    agent = serve(*GOOD, sets=(*QUICK, "agent.drain_s=1"))
    agent.until("/readyz", 200)
    assert agent.stop() == 0
    assert agent.log[-1]["code"] == codes.AGENT_DRAINING.name
    assert {line["level"] for line in agent.log} == {"info"}


# --- configuration --------------------------------------------------------------------


def test_a_new_configuration_is_taken_over_on_sighup(serve: Serve, tmp_path: Path) -> None:
    """Swapped as a ConfigMap is, through a link: only SIGHUP makes it count, and a broken one is refused."""
    for name, content in (
        ("good", '[timezone]\nexpected = "UTC"\n'),
        ("other", '[timezone]\nexpected = "Asia/Tokyo"\n'),
        ("broken", "[timezone]\nexpect = 1\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "probe.toml").write_text(content)
    data, link = tmp_path / "..data", tmp_path / "probe.toml"
    data.symlink_to("good")
    link.symlink_to("..data/probe.toml")

    def swap(name: str) -> None:
        (tmp_path / "..new").symlink_to(name)
        (tmp_path / "..new").rename(data)

    agent = serve(*GOOD, "--config", str(link))
    agent.until("/readyz", 200)
    swap("broken")
    runs = results(agent)["healthy"]
    wait_for(lambda: results(agent)["healthy"] > runs + 2)
    agent.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "configuration rejected, keeping the old one" in agent.events())
    assert "timezone.expect: no such key" in agent.log[-1]["cause"]
    assert "probe_config_last_reload_successful 0\n" in agent.get("/metrics").text
    runs = results(agent)["healthy"]
    wait_for(lambda: results(agent)["healthy"] > runs + 2)
    assert agent.get("/readyz").status == 200
    swap("other")
    agent.process.send_signal(signal.SIGHUP)
    agent.until("/readyz", 503)
    assert "probe_config_last_reload_successful 1\n" in agent.get("/metrics").text
    swap("good")
    agent.process.send_signal(signal.SIGHUP)
    agent.until("/readyz", 200)


def test_reading_the_configuration_holds_nobody_up(serve: Serve, tmp_path: Path) -> None:
    """However long it takes: probes are answered meanwhile, and a second SIGHUP on top is heeded."""
    file = tmp_path / "probe.toml"
    file.write_text("[timezone]\nexpected = 'UTC'\n")
    agent = serve(*GOOD, "--config", str(file), sets=("agent.interval_s=60", "agent.failure_threshold=1"))
    agent.until("/readyz", 200)
    slow = "".join(f"equals = 'x' # {number}\n[go-env.N{number}]\n" for number in range(5_000))
    file.write_text(f"[go-env.N]\n{slow}equals = '0'\n")
    agent.process.send_signal(signal.SIGHUP)
    begin, slowest = time.monotonic(), 0.0
    while "configuration reloaded" not in agent.events():
        asked = time.monotonic()
        assert agent.get("/livez", Connection="close").status == 200
        slowest = max(slowest, time.monotonic() - asked)
    assert time.monotonic() - begin > 5 * slowest
    agent.process.send_signal(signal.SIGHUP)
    time.sleep(0.05)  # it reads the old file now, however long that takes
    file.write_text("[timezone]\nexpected = 'Asia/Tokyo'\n")
    agent.process.send_signal(signal.SIGHUP)
    agent.until("/readyz", 503)


def is_in(log: Path, words: str) -> bool:
    return words in log.read_text()


def test_what_cannot_change_is_refused(tmp_path: Path) -> None:
    """Another address needs another process; a token that cannot be read is no token either."""
    file, log = tmp_path / "probe.toml", tmp_path / "log"
    socket_line = f"socket = '{tmp_path}/run/sock'\n"
    file.write_text(f"[agent]\nlisten = '127.0.0.1:0'\n{socket_line}")
    line = [sys.executable, "-m", "probe", "serve", "--config", str(file), *GOOD]
    with log.open("w") as stream:
        process = subprocess.Popen(line, env=clean_environment(), stderr=stream, text=True)
    agent = Agent(process, log, tmp_path / "run" / "sock")
    try:
        for content, words in (
            ("listen = '127.0.0.1:1'\n" + socket_line, "agent.listen: cannot change while the agent runs"),
            ("listen = '127.0.0.1:0'\nsocket = ''\n", "agent.socket: cannot change while the agent runs"),
            (f"listen = '127.0.0.1:0'\n{socket_line}token_file = '/none'\n", "/none: No such file"),
        ):
            wait_for(lambda: "startup is healthy" in agent.events())
            file.write_text(f"[agent]\n{content}")
            process.send_signal(signal.SIGHUP)
            wait_for(partial(is_in, log, words))
        file.write_text(f"[agent]\nlisten = '127.0.0.1:0'\n{socket_line}")
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: "configuration reloaded" in agent.events())
        assert agent.stop() == 0
    finally:
        process.kill()
        process.wait()


# --- surroundings ---------------------------------------------------------------------


def test_a_full_disk_does_not_hold_it(tmp_path: Path) -> None:
    """Log and termination log that take nothing: the answers are the same."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "probe", "serve", f"127.0.0.1:{port}", *BAD]
    line += ["--set=agent.socket=", "--set=agent.termination_log=/dev/full"]
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(line, env=clean_environment(), stderr=full, text=True)
    agent = Agent(process, tmp_path / "none", tmp_path / "none")
    agent.port = port

    def answers() -> bool:
        try:
            return "timezone" in agent.get("/readyz").text
        except OSError:
            return False

    try:
        wait_for(answers)
    finally:
        process.kill()
        process.wait()


def test_few_descriptors_are_enough(serve: Serve) -> None:
    """At a limit of 64 it serves newcomers, and goes on with its runs, whoever holds connections open."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, before[1]))
    try:
        agent = serve(*GOOD)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    agent.until("/readyz", 200)
    crowd = [socket.create_connection(("127.0.0.1", agent.port), timeout=5) for _ in range(200)]
    runs = results(agent)["healthy"]
    wait_for(lambda: results(agent)["healthy"] > runs + 2)
    assert agent.get("/readyz").status == 200
    for line in crowd:
        line.close()


@pytest.mark.sweep
def test_memory_does_not_grow(serve: Serve) -> None:
    """Some thousand requests and dozens of runs later it holds what it held."""
    sets = ("agent.interval_s=0.1", "agent.retry_s=0.1", "agent.stale_after_s=30")
    agent = serve(*GOOD, sets=sets)
    agent.until("/readyz", 200)

    def resident() -> int:
        for _ in range(300):
            for path in ("/readyz?verbose", "/metrics", "/livez"):
                agent.get(path)
        return int(Path(f"/proc/{agent.process.pid}/statm").read_text().split()[1]) * 4

    wait_for(lambda: results(agent)["healthy"] > 5)
    before = resident()
    wait_for(lambda: results(agent)["healthy"] > 40, within_s=60)
    for _ in range(2):
        after = resident()
    assert after - before < 300, "KiB"
