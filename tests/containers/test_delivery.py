"""Into an image that stays as it is: deploy/kubernetes/overlays/emptydir and gate, without a cluster."""

import os
from pathlib import Path

import pytest

from tests.containers.engine import Completed, Engine
from tests.deploy.rendered import DEPLOY, containers

# What the base of the overlays asks for.
RESTRICTED = ("--read-only", "--user", "10001:10001", "--cap-drop", "ALL", "--security-opt=no-new-privileges")


def declared(engine: Engine, image: str, overlay: str, name: str, *options: str) -> Completed:
    """Run what the container *name* of *overlay* runs, within its limit of memory."""
    found = containers(DEPLOY / "kubernetes/overlays" / overlay)
    one = next(container for container in found if container["name"] == name)
    words: list[str] = one["command"] + one.get("args", [])
    memory = one["resources"]["limits"]["memory"].removesuffix("i").lower()
    limits = ("--memory", memory, "--entrypoint", words[0])
    return engine.run(image, *words[1:], options=(*RESTRICTED, *limits, *options))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a volume of another user")
def test_the_init_container_brings_the_bundle(
    engine: Engine, probe_image: str, witness_alone: str, tmp_path: Path
) -> None:
    """It copies the image's bundle, twice; the gate then runs in a foreign image by the copy."""
    volume = tmp_path / "volume"
    volume.mkdir()
    os.chown(volume, 10001, 10001)
    for _ in range(2):  # init containers may run again
        done = declared(engine, probe_image, "emptydir", "deliver", "--volume", f"{volume}:/deliver")
        assert (done.code, done.out, done.err) == (0, "", "")
        assert [path.name for path in volume.iterdir()] == ["probe"]
    mount = ("--volume", f"{volume}/probe:/opt/probe:ro", "--env", "PROBE_GO_VERSION__BINARY=/witness")

    done = declared(engine, witness_alone, "gate", "gate", *mount)

    assert done.code == 1
    assert done.out.startswith("unhealthy: CA_BUNDLE_MISSING (1 of 4 checks failed)"), done
    roots = "/opt/probe/lib/python3.11/certifi/cacert.pem"
    passing = declared(engine, witness_alone, "gate", "gate", *mount, "--env", f"SSL_CERT_FILE={roots}")
    assert (passing.code, passing.out.partition(":")[0]) == (0, "healthy"), passing
