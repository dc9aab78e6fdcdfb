"""The image as users get it: published to a registry, pulled by its digest, copied from and run."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from probe import __version__
from tests.containers import registry
from tests.containers.engine import Engine, docker


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with registry.registry(tmp_path_factory.mktemp("registry")) as found:
        yield found


@pytest.mark.needs("docker-registry")
def test_the_image_is_published_pulled_by_digest_and_run(
    engine: Engine, probe_image: str, address: str, tmp_path: Path
) -> None:
    """What the registry gives back is byte for byte what was pushed: the digest says so, and it works."""
    name = f"{address}/probe"
    try:
        docker("tag", probe_image, f"{name}:v{__version__}")
        pushed = docker("push", f"{name}:v{__version__}", timeout=300).out
        (digest,) = re.findall(r"digest: (sha256:[0-9a-f]{64})", pushed)
        assert registry.tags(address, "probe") == [f"v{__version__}"]
        docker("rmi", f"{name}:v{__version__}")

        by_digest = f"{name}@{digest}"
        assert docker("image", "inspect", by_digest, check=False).code
        docker("pull", by_digest, timeout=300)
        done = engine.run(by_digest, "--version")
        assert (done.code, done.out) == (0, f"probe {__version__}\n"), done
        (tmp_path / "Dockerfile").write_text(
            f"FROM scratch\nCOPY --from={by_digest} /opt/probe /opt/probe\n"
            'ENTRYPOINT ["/opt/probe/bin/probe"]\n'
        )
        copied = engine.build(tmp_path, "from-registry")
        done = engine.run(copied, "check", "--only", "timezone", "--format", "json")
        (check,) = json.loads(done.out)["checks"]
        assert check["name"] == "timezone"
    finally:
        for left in (f"{name}:v{__version__}", f"{name}@{digest}"):
            docker("rmi", "--force", left, check=False)


@pytest.mark.needs("docker-registry")
def test_a_digest_that_is_not_there_is_refused(engine: Engine, address: str) -> None:
    """No other image comes in its place."""
    done = docker("pull", f"{address}/probe@sha256:{'0' * 64}", check=False, timeout=60)
    assert done.code != 0
