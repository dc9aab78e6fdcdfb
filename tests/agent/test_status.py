"""`probe status`: beside an agent, and without one."""

import os
import signal
import socket
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import probe
from probe import codes
from probe.cli import status_client
from tests.support.agents import Agent, Serve, wait_for
from tests.support.commands import Completed, RunProbe, clean_environment

GOOD = ("--only", "timezone", "--env", "TZ=UTC")
BAD = ("--only", "timezone", "--env", "TZ=No/Where")


def asked(agent: Agent, *arguments: str) -> Completed:
    """`probe status` as an exec probe runs it: the socket is named by the container's environment."""
    done = subprocess.run(
        [sys.executable, "-m", "probe", "status", *arguments],
        env={**clean_environment(), "PROBE_AGENT__SOCKET": str(agent.socket)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    return Completed(done.returncode, done.stdout, done.stderr)


def test_the_agents_verdict_is_told_in_one_line(serve: Serve) -> None:
    """0 and 1, on stdout, for each role."""
    good, bad = serve(*GOOD), serve(*BAD)
    good.until("/readyz", 200)
    wait_for(lambda: "timezone" in bad.get("/readyz").text)
    for role in ("startup", "ready"):
        well, ill = asked(good, "--role", role), asked(bad, f"--role={role}")
        assert (well.code, well.err, ill.code, ill.err) == (0, "", 1, "")
        assert well.out.startswith("healthy: ")
        assert ill.out.startswith(
            f"unhealthy: {codes.TIMEZONE_NAME_UNKNOWN.name} (1 of 1 check failed)\nfail "
        )
        assert well.out == "healthy: 1 check\n"
        assert "\n  fix: " in ill.out
    for one in (good, bad):
        told = "healthy: the agent answers; the role live has no checks: live_checks is empty\n"
        assert asked(one, "--role", "live") == (0, told, "")


def test_the_agent_tells_as_much_as_a_check(serve: Serve, run_probe: RunProbe, tmp_path: Path) -> None:
    """Count, every failing code, each with its fix, in at most 900 bytes, without how long it took."""
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    line = ("--root", str(root), "--env", "TZ=No/Where", "--set", "go-version.binary=/app")
    agent = serve(*line)
    wait_for(lambda: len(agent.get("/readyz").text.splitlines()) > 3)
    told = asked(agent)
    alone = run_probe("check", "--role", "ready", *line)
    assert told.code == alone.code == 1
    first, *rest = alone.out.splitlines()
    assert told.out.splitlines() == [first.partition(" in ")[0], *rest]
    assert len(told.out.encode()) <= 900
    assert {"CA_BUNDLE_MISSING", "TIMEZONE_NAME_UNKNOWN"} <= {*told.out.replace(":", " ").split()}
    assert "startup" not in told.out


def test_the_agent_speaks_the_language_of_its_environment(serve: Serve) -> None:
    """Its causes, for people; what machines ask stays as it was."""
    agent = serve(*BAD, PROBE_LANG="zh")
    wait_for(lambda: "timezone" in agent.get("/readyz").text)
    told = asked(agent)
    assert told.code == 1
    assert '\nfail TIMEZONE_NAME_UNKNOWN: TZ="No/Where" 指定的时区在 tzdata ' in told.out
    assert agent.get("/readyz?verbose").text.isascii()


def test_every_way_of_naming_the_socket_finds_it(serve: Serve, run_probe: RunProbe, tmp_path: Path) -> None:
    """A variable, --set, a file."""
    agent = serve(*GOOD)
    agent.until("/readyz", 200)
    file = tmp_path / "probe.toml"
    file.write_text(f'[agent]\nsocket = "{agent.socket}"\n')
    for line in (["--set", f"agent.socket={agent.socket}"], ["--config", str(file)]):
        assert run_probe("status", *line).out.startswith("healthy: 1 check\n")


def test_without_an_agent_it_checks(run_probe: RunProbe, tmp_path: Path) -> None:
    """A real check of this container, for the role that is asked for."""
    none = str(tmp_path / "none.sock")
    done = run_probe("status", PROBE_AGENT__SOCKET=none, PROBE_CHECKS="timezone", TZ="UTC")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("healthy: 4 checks in ")
    assert done.out.endswith(f"\nno agent answers at {none}: this is a check\n")
    done = run_probe("status", PROBE_AGENT__SOCKET=none, PROBE_CHECKS="timezone", TZ="No/Where")
    assert done.code == 1
    assert done.out.startswith("unhealthy: TIMEZONE_NAME_UNKNOWN")
    assert run_probe("status", "--role", "all").code == 64
    assert run_probe("status", "--rule", "ready").code == 64


def test_as_a_program_of_its_own_it_does_the_same(serve: Serve, tmp_path: Path) -> None:
    """python3 -I -S status_client.py: the agent's line, and without one the same check."""
    agent = serve(*GOOD)
    agent.until("/readyz", 200)
    for path, words in (
        (str(agent.socket), "healthy: 1 check\n"),
        (str(tmp_path / "none"), "healthy: 4 checks"),
    ):
        done = subprocess.run(
            [sys.executable, "-I", "-S", status_client.__file__, "--role", "ready"],
            env={**clean_environment(), "PROBE_AGENT__SOCKET": path, "PROBE_CHECKS": "timezone", "TZ": "UTC"},
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(words)


def test_an_old_report_is_not_healthy(serve: Serve) -> None:
    """The run hangs, the last good report grows old: that code."""
    sets = ("agent.interval_s=0.3", "agent.stale_after_s=0.5", "timeout_s=30")
    agent = serve(*GOOD, sets=sets)
    agent.until("/readyz", 200)
    wait_for(lambda: stop_a_run(agent))
    told = wait_for(lambda: (done := asked(agent)).code and done)
    assert told.out.startswith(f"unhealthy: {codes.AGENT_REPORT_STALE.name} (")
    assert agent.get("/readyz").status == 503
    assert asked(agent, "--role", "live").code == 0
    assert agent.get("/livez").status == 200
    # With nobody who asks it would be told a little later.
    wait_for(lambda: agent.log[-1].get("code") == codes.AGENT_REPORT_STALE.name)
    before = agent.events().count("ready is healthy")
    for child in Path(f"/proc/{agent.process.pid}/task/{agent.process.pid}/children").read_text().split():
        os.kill(int(child), signal.SIGCONT)
    agent.until("/readyz", 200)
    wait_for(lambda: agent.events().count("ready is healthy") == before + 1)


def stop_a_run(agent: Agent) -> bool:
    """Stop the child that is at work, so that it can neither end nor report."""
    children = Path(f"/proc/{agent.process.pid}/task/{agent.process.pid}/children").read_text().split()
    for child in children:
        try:
            if os.getsid(int(child)) != int(child):  # not yet bound to end with the agent
                return False
            os.kill(int(child), signal.SIGSTOP)
        except ProcessLookupError:
            return False
    return bool(children)


def test_an_agent_that_says_nothing_is_not_healthy(serve: Serve) -> None:
    """It is there and stopped: no check of our own on top, that code instead."""
    agent = serve(*GOOD)
    agent.until("/readyz", 200)
    agent.process.send_signal(signal.SIGSTOP)
    done = asked(agent)
    agent.process.send_signal(signal.SIGCONT)
    assert done.code == 1
    assert done.out.startswith(f"unhealthy: {codes.AGENT_NO_ANSWER.name}: ")
    assert asked(agent).code == 0


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[tuple[socket.socket, Path]]:
    """A socket of somebody else's making."""
    path = tmp_path / "fake.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o777)
        yield listener, path


@pytest.mark.root("another user")
def test_a_foreign_socket_is_ignored(fake: tuple[socket.socket, Path], run_probe: RunProbe) -> None:
    """One on which another user listens answers nothing for us; a check does."""
    listener, path = fake
    listener.close()
    path.unlink()
    path.parent.chmod(0o777)
    for parent in path.parent.parents:
        if parent.owner() == "root" and parent != Path("/") and str(parent).startswith("/tmp/pytest"):
            parent.chmod(0o755)
    code = (
        "import os, socket, sys; os.setuid(65534); s = socket.socket(socket.AF_UNIX);"
        "s.bind(sys.argv[1]); s.listen(); print('up', flush=True); c = s.accept()[0]; c.recv(9);"
        "c.sendall(b'0 healthy: trust me\\n'); c.recv(9)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as liar:
        assert liar.stdout
        assert liar.stdout.readline() == "up\n"
        done = run_probe("status", PROBE_AGENT__SOCKET=str(path), PROBE_CHECKS="timezone", TZ="UTC")
        liar.kill()
    assert done.out.startswith("healthy: 4 checks")


def test_a_socket_that_nobody_listens_on_is_ignored(
    fake: tuple[socket.socket, Path], run_probe: RunProbe
) -> None:
    """What an agent left that was killed."""
    _, path = fake
    done = run_probe("status", PROBE_AGENT__SOCKET=str(path), PROBE_CHECKS="timezone", TZ="UTC")
    assert done.out.startswith("healthy: 4 checks")


def test_the_socket_is_closed_to_others_and_taken_over(serve: Serve) -> None:
    """Directory 0700, socket 0600; an agent after one that was killed takes its place, and cleans up."""
    agent = serve(*GOOD)
    assert stat.S_IMODE(agent.socket.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(agent.socket.stat().st_mode) == 0o600
    agent.stop(signal.SIGKILL)
    assert agent.socket.exists()
    again = serve(*GOOD, f"--set=agent.socket={agent.socket}")
    again.socket = agent.socket
    again.until("/readyz", 200)
    assert asked(again).code == 0
    second = serve(*GOOD, f"--set=agent.socket={agent.socket}")
    assert "another agent answers there" in second.log[0]["cause"]
    assert asked(again).code == 0
    assert again.stop() == 0
    assert not agent.socket.exists()


@pytest.mark.parametrize("problem", ["open to others", "no socket", "a file for a directory"])
def test_a_place_that_will_not_do_is_told(serve: Serve, tmp_path: Path, problem: str) -> None:
    """The agent goes on over HTTP, and says what is missing and why."""
    path = tmp_path / "place" / "probe.sock"
    if problem == "a file for a directory":
        path.parent.write_text("")
    else:
        path.parent.mkdir(mode=0o755 if problem == "open to others" else 0o700)
        if problem == "no socket":
            path.write_text("precious")
    agent = serve(*GOOD, f"--set=agent.socket={path}")
    agent.until("/readyz", 200)
    assert agent.log[0]["level"] == "warn"
    assert str(path.parent) in agent.log[0]["cause"]
    if problem == "no socket":
        assert path.read_text() == "precious"


def test_the_places_of_a_socket_come_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """/run/probe, TMPDIR, /dev/shm, an abstract address; all but the first are of this user and container."""
    monkeypatch.setenv("TMPDIR", "/var/tmp/x/")
    name = f"probe-{os.geteuid()}-{os.stat('/proc/self/ns/mnt').st_ino}"
    assert status_client.places("auto") == [
        "/run/probe/probe.sock",
        f"/var/tmp/x/{name}/probe.sock",
        f"/dev/shm/{name}/probe.sock",
        f"\0{name}",
    ]
    monkeypatch.setenv("TMPDIR", "/" + "x" * 100)
    rest = status_client.places("auto")
    assert rest == ["/run/probe/probe.sock", f"/dev/shm/{name}/probe.sock", f"\0{name}"]
    assert (status_client.places(""), status_client.places("/a/b")) == ([], ["/a/b"])


@pytest.mark.root
@pytest.mark.parametrize("place", ["TMPDIR", "/dev/shm", "abstract"])
def test_an_agent_finds_a_place_of_its_own(tmp_path: Path, place: str) -> None:
    """Where /run/probe is not to be had: the next place is, and `status` finds the agent there."""
    script = tmp_path / "script"
    script.write_text(
        f"""#!/bin/sh
mount -t tmpfs -o ro none /run
if [ {place} = abstract ]; then mount -t tmpfs -o ro none /dev/shm; fi
exec {sys.executable} - <<'END'
import subprocess, sys, time
probe = [sys.executable, "-m", "probe"]
line = ["serve", "127.0.0.1:0", "--only", "timezone", "--env", "TZ=UTC"]
agent = subprocess.Popen([*probe, *line], stderr=subprocess.PIPE)
for _ in range(600):
    done = subprocess.run([*probe, "status"], capture_output=True, text=True)
    if "this is a check" not in done.stdout and not done.returncode:
        break
    time.sleep(0.05)
print(done.stdout, open("/proc/net/unix").read())
second = subprocess.Popen([*probe, *line], stderr=subprocess.PIPE)
print(second.stderr.readline())
second.kill()
agent.terminate()
agent.wait()
END
"""
    )
    script.chmod(0o755)
    folder = tmp_path / "tmp"
    folder.mkdir()
    checkout = str(Path(probe.__file__).parent.parent)
    env = {
        **clean_environment(),
        "PYTHONPATH": checkout,
        "TMPDIR": str(folder) if place == "TMPDIR" else "/nowhere",
    }
    done = subprocess.run(
        ["unshare", "--mount", str(script)], env=env, cwd="/", capture_output=True, text=True, timeout=120
    )
    assert done.stdout.startswith("healthy: 1 check\n"), done
    shown = {
        "TMPDIR": f"{folder}/probe-0-",
        "/dev/shm": "/dev/shm/probe-0-",
        "abstract": "@probe-0-",
    }
    assert shown[place] in done.stdout
    assert "another agent answers there" in done.stdout


def test_roles_and_place_are_the_agents(tmp_path: Path) -> None:
    """What stands in two places, for the sake of an import, is the same in both."""
    from probe.config.agent import Agent as Settings
    from probe.config.load import SYSTEM_FILE
    from probe.report import ROLES

    assert (ROLES, Settings().socket, SYSTEM_FILE) == (
        status_client.ROLES,
        status_client.SOCKET,
        status_client.SYSTEM_FILE,
    )


FILES = (
    "",
    "strict = true\n",
    "[agent]\nsocket = '/a/b.sock'\n",
    '[agent]\n# socket = "/x"\ninterval_s = 5\n  socket="/a-b/c_d.sock"  \r\n[timezone]\nexpected = ""\n',
    '[agent]\nsocket = "auto"\n',
    '[agent]\nsocket = ""\n',
    '[agent]\nsocket = "/a" # why\n',
    '[agent] # why\nsocket = "/a"\n',
    '[ agent ]\nsocket = "/a"\n',
    'agent.socket = "/a"\n',
    'agent = { socket = "/a" }\n',
    '[agent]\n"socket" = "/a"\n',
    '[agent]\n"\\u0073ocket" = "/a"\n[timezone]\nexpected = "socket"\n',
    '[agent]\nsocket = "/a\\u002fb"\n',
    '[agent]\n"\\u0073ocket" = "/a"\n',
    '[agent]\nsocket = """/a"""\n',
    '[agent]\nlisten = """\n[agent]\nsocket = "/a"\n"""\n',
    '[agent]\nlisten = """\n[x]\n"""\nsocket = "/a"\n',
    '[timezone]\nexpected = "socket"\n',
    '[ca-bundle]\nendpoints = [\n"socket:443",\n]\n[agent]\nsocket = "/a"\n',
    '[agent]\nsocket = "/grün"\n',
)


@pytest.mark.parametrize("text", FILES)
def test_the_short_way_reads_what_toml_says(text: str) -> None:
    """Or leaves it to TOML."""
    found = status_client.socket_in(text.encode())
    wanted = tomllib.loads(text).get("agent", {}).get("socket", status_client.SOCKET)
    assert found in (wanted, None)
    assert found is not None or '"' in text


def test_the_line_that_everybody_writes_takes_the_short_way() -> None:
    """And a file that does not speak of it."""
    assert [status_client.socket_in(text.encode()) for text in FILES[:4]] == [
        *("auto", "auto", "/a/b.sock", "/a-b/c_d.sock")
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--set", "agent.socket={}"),
        ("--set=agent.socket={}", "--role", "startup"),
        ("--role=ready", "--set", "agent.socket={}"),
        ("--set", 'agent.socket="{}"'),
        ("--set", "agent.socket={}", "--set", "strict=true"),
        ("--set", "agent.socket=/nowhere", "--set", "agent.socket={}"),
    ],
)
def test_every_way_to_write_the_flag_finds_the_agent(serve: Serve, arguments: Sequence[str]) -> None:
    """The short ones, and those for which the settings are loaded; what is wrong is told by those."""
    agent = serve(*GOOD)
    agent.until("/readyz", 200)
    done = asked(agent, *(word.format(agent.socket) for word in arguments))
    assert (done.code, done.out) == (0, "healthy: 1 check\n")
    for wrong in (
        ("--set", "agent.sock=/x"),
        ("--set",),
        ("--role", "ready", "--role", "none"),
        ("--set", "x"),
    ):
        assert asked(agent, *wrong).code in (64, 78)
