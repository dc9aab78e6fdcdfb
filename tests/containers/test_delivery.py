"""Images that stay as they are: what the overlays emptydir, gate and sidecar run, without a cluster."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.containers.engine import CLIENT, Engine
from tests.deploy.rendered import DEPLOY, containers
from tests.support.leftovers import wait_until

# What the base of the overlays asks for.
RESTRICTED = ("--read-only", "--user", "10001:10001", "--cap-drop", "ALL", "--security-opt=no-new-privileges")


def declared(overlay: str, name: str) -> tuple[list[str], list[str]]:
    """Options and command of the container *name* of *overlay*, with no more memory than it requests."""
    found = containers(DEPLOY / "kubernetes/overlays" / overlay)
    one = next(container for container in found if container["name"] == name)
    words: list[str] = one["command"] + one.get("args", [])
    memory = one["resources"]["requests"]["memory"].removesuffix("i").lower()
    options = [*RESTRICTED, "--memory", memory, "--memory-swap", memory, "--entrypoint", words[0]]
    for variable in one.get("env", ()):
        options += ["--env", f"{variable['name']}={variable['value']}"]
    return options, words[1:]


@pytest.mark.root("a volume of another user")
def test_the_init_container_brings_the_bundle(
    engine: Engine, probe_image: str, witness_alone: str, tmp_path: Path
) -> None:
    """It copies the image's bundle, twice; the gate then runs in a foreign image by the copy."""
    volume = tmp_path / "volume"
    volume.mkdir()
    os.chown(volume, 10001, 10001)
    options, words = declared("emptydir", "deliver")
    for _ in range(2):  # init containers may run again
        done = engine.run(probe_image, *words, options=[*options, "--volume", f"{volume}:/deliver"])
        assert (done.code, done.out, done.err) == (0, "", "")
        assert [path.name for path in volume.iterdir()] == ["probe"]

    options, words = declared("gate", "gate")
    options += ["--volume", f"{volume}/probe:/opt/probe:ro"]
    failing = engine.run(witness_alone, *words, options=options)
    roots = f"{volume}/probe/lib/python3.13/certifi/cacert.pem:/etc/ssl/certs/ca-certificates.crt:ro"
    passing = engine.run(witness_alone, *words, options=[*options, "--volume", roots])

    assert failing.out.startswith("unhealthy: CA_BUNDLE_MISSING (1 of 4 checks failed)"), failing
    assert (failing.code, passing.code, passing.out.partition(":")[0]) == (1, 0, "healthy"), passing


def test_the_sidecar_sees_the_program(
    engine: Engine, probe_image: str, witness_alone: str, bundle: Path
) -> None:
    """Another container's process, by the shared process namespace, as the same user, with no capability."""
    roots = f"{bundle}/lib/python3.13/certifi/cacert.pem:/etc/ssl/certs/ca-certificates.crt:ro"
    options, words = declared("sidecar", "probe")
    run = ("--tmpfs", "/run/probe:mode=1777")
    for volumes, verdict in (
        ((), "unhealthy: CA_BUNDLE_MISSING ("),
        (("--volume", roots), "healthy: 4 checks"),
    ):
        app = engine.start(witness_alone, "wait", options=[*RESTRICTED, "--entrypoint", "/app", *volumes])
        shared = ("--pid", f"container:{app.id}")
        sidecar = engine.start(probe_image, *words, options=[*options, *shared, *run])
        asked = ("/opt/probe/bin/probe", "status", "--role", "startup")
        wait_until(lambda: sidecar.exec(*asked).out.startswith(verdict), 30)  # noqa: B023 - done within the turn
        assert sidecar.state["OOMKilled"] is False


def test_an_image_is_judged_through_a_pipe(engine: Engine, probe_image: str, witness_alone: str) -> None:
    """As README has it: docker save app | docker run -i --rm probe check --image -."""
    line = f"{CLIENT} save {witness_alone} | {CLIENT} run -i --rm {probe_image} check --image -"
    done = subprocess.run(
        ["sh", "-c", line], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("unhealthy: CA_BUNDLE_MISSING (")
