"""What `probe manifest` prints, run in containers: it judges the program's own container, and not itself."""

import json
import re
from typing import Any

import certifi
import pytest
import yaml

from tests.containers.engine import Container, Engine
from tests.support.commands import RunProbe
from tests.support.leftovers import wait_until

PROBE = "/opt/probe/bin/probe"
RESTRICTED = ("--read-only", "--user", "10001:10001", "--cap-drop", "ALL", "--security-opt=no-new-privileges")
ROOTS = ("--volume", f"{certifi.where()}:/etc/ssl/certs/ca-certificates.crt:ro")
OURS = ("--set", "go-version.binary=/witness", "--command", PROBE)
# The kubelet's question, by the interpreter of the bundle: the status of an answer.
ASK = """
import socket, sys
with socket.create_connection(("127.0.0.1", 9810), 5) as line:
    line.sendall(f"GET {sys.argv[1]} HTTP/1.0\\r\\n\\r\\n".encode())
    print(line.recv(100).split()[1].decode())
"""


def snippet(run_probe: RunProbe, what: str, *options: str) -> str:
    done = run_probe("manifest", what, *OURS, *options)
    assert done.code == 0, done
    return done.out


def started(engine: Engine, image: str, one: dict[str, Any], *options: str) -> Container:
    """The container as a kubelet would start it; the program waits."""
    words = one.get("command", ["/witness"])
    env = [word for pair in one["env"] for word in ("--env", f"{pair['name']}={pair['value']}")]
    return engine.start(
        image, *words[1:], "wait", options=[*RESTRICTED, *env, *options, "--entrypoint", words[0]]
    )


def asked(container: Container, probe: dict[str, Any]) -> tuple[bool, str]:
    """Whether the probe of a container passes, and what it says."""
    if "exec" in probe:
        done = container.exec(*probe["exec"]["command"])
        return done.code == 0, done.out
    done = container.exec("/opt/probe/bin/python3", "-I", "-c", ASK, probe["httpGet"]["path"])
    return done.out == "200\n", done.out


@pytest.mark.parametrize("listen", ["", "[::]:9810", "127.0.0.1:9810"], ids=["exec", "http", "loopback"])
def test_the_part_of_a_pod_judges_the_program(
    engine: Engine, scratch: str, run_probe: RunProbe, listen: str
) -> None:
    """Every probe passes beside a program with roots; without them the reason is told, in its own words."""
    options = ("--set", f"agent.listen={listen}") if listen else ()
    (one,) = yaml.safe_load(snippet(run_probe, "kubernetes", *options))["containers"]
    good = started(engine, scratch, one, *ROOTS)
    probes = [one[kind] for kind in ("startupProbe", "readinessProbe", "livenessProbe") if kind in one]
    assert len(probes) == (3 if listen.startswith("[") else 2)
    wait_until(lambda: all(asked(good, probe)[0] for probe in probes), 60)
    bad = started(engine, scratch, one)
    if listen:  # probe starts the program, and does not
        assert bad.wait() == 1
        assert "CA_BUNDLE_MISSING" in bad.logs()
    else:
        well, said = asked(bad, one["readinessProbe"])
        assert (well, "CA_BUNDLE_MISSING" in said) == (False, True)
    if listen.startswith("127"):
        assert "this is a check" not in good.exec(*one["readinessProbe"]["exec"]["command"]).out


@pytest.mark.parametrize("what", ["healthcheck", "compose"])
def test_the_health_check_judges_the_program(
    engine: Engine, scratch: str, run_probe: RunProbe, what: str
) -> None:
    """Beside a plain program it does the checks itself, says so, and turns with the bundle."""
    text = snippet(run_probe, what)
    if what == "compose":
        service = yaml.safe_load(text)["services"]["app"]
        env, words = service["environment"], service["healthcheck"]["test"][1:]
    else:
        found = re.search(r"CMD (\[.*\])", text)
        env, words = dict(re.findall(r'ENV (\S+)="(.*)"', text)), json.loads(found[1] if found else "[]")
    one = {"env": [{"name": name, "value": value} for name, value in env.items()]}
    for options, code, said in ((ROOTS, 0, "healthy: 4 checks"), ((), 1, "unhealthy: CA_BUNDLE_MISSING (")):
        done = started(engine, scratch, one, *options).exec(*words)
        assert (done.code, done.out[: len(said)]) == (code, said), done
        assert "no agent answers at /run/probe/probe.sock" in done.out


@pytest.mark.parametrize("shm", [(), ("--ipc", "none")], ids=["/dev/shm", "abstract"])
def test_beside_an_agent_no_health_check_is_a_second_run(
    engine: Engine, scratch: str, shm: tuple[str, ...]
) -> None:
    """In scratch, read-only, as any user: the agent finds a place for its socket, and `status` the agent."""
    env = ("--env", "TZ=UTC", "--env", 'PROBE_CHECKS=["timezone"]')
    words = ("run", "--serve", "127.0.0.1:9810", "--", "/witness", "wait")
    one = engine.start(scratch, *words, options=[*RESTRICTED, *env, *shm, "--entrypoint", PROBE])
    told = "healthy: 4 checks, 3 skipped checks\n"  # without the agent it would say how long a check took
    wait_until(lambda: one.exec(PROBE, "status").out == told, 60)
