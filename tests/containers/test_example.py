"""deploy/examples/go-scratch: what is missing is named, and what is fixed works."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from probe.demo.pki import Authority
from probe.demo.server import Server
from tests.containers import products
from tests.containers.engine import Engine
from tests.support.leftovers import wait_until

EXAMPLE = products.CHECKOUT / "deploy" / "examples" / "go-scratch"


@pytest.fixture
def server() -> Iterator[tuple[Server, Authority]]:
    """The service that is called, with a certificate from a private CA."""
    ca = Authority("Private CA")
    server = Server(ca.leaf(["localhost"]))
    with server.running():
        yield server, ca


@pytest.fixture
def folder(tmp_path: Path, server: tuple[Server, Authority]) -> Path:
    """A copy of the example, with the private CA where its README says."""
    copied = Path(shutil.copytree(EXAMPLE, tmp_path / "example"))
    (copied / "certificates" / "private.crt").write_bytes(server[1].pem)
    return copied


class Made(NamedTuple):
    """An image of the example, and how a container of it is started."""

    image: str
    options: list[str]


@pytest.fixture
def make(
    engine: Engine, folder: Path, golang: str, probe_image: str, server: tuple[Server, Authority]
) -> Callable[[str], Made]:
    """Build one of the Dockerfiles; its containers call the server."""
    upstream = f"localhost:{server[0].port}"
    env = {"UPSTREAM": upstream, "PROBE_CA_BUNDLE__ENDPOINTS": json.dumps([upstream])}

    def made(dockerfile: str) -> Made:
        args = {"GO": golang, "PROBE": probe_image}
        name = f"example-{dockerfile.lower()}"
        image = engine.build(folder, name, "--file", str(folder / dockerfile), args=args)
        given = [word for key, value in env.items() for word in ("--env", f"{key}={value}")]
        return Made(image, ["--network", "host", "--read-only", "--cap-drop", "ALL", *given])

    return made


def test_what_is_missing_is_named_and_nothing_is_started(engine: Engine, make: Callable[[str], Made]) -> None:
    """Both causes, each with a line for the Dockerfile; the service has not run."""
    broken = make("Dockerfile.broken")
    done = engine.run(broken.image, options=broken.options)
    assert (done.code, done.out) == (1, "")
    for code, fix in (
        ("CA_BUNDLE_MISSING", "COPY --from=alpine /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/"),
        (
            "TIMEZONE_TZDATA_MISSING",
            "COPY --from=gcr.io/distroless/static-debian13 /usr/share/zoneinfo /usr/share/zoneinfo",
        ),
    ):
        assert f"fail {code}: " in done.err
        assert f"  fix: {fix}" in done.err


def test_without_the_checks_the_service_fails_for_the_same_reason(
    engine: Engine, make: Callable[[str], Made]
) -> None:
    """What Go says by itself."""
    broken = make("Dockerfile.broken")
    done = engine.run(broken.image, options=[*broken.options, "--entrypoint", "/service"])
    assert (done.code, done.out) == (1, "")
    assert "certificate signed by unknown authority" in done.err


def test_what_is_mended_runs(engine: Engine, make: Callable[[str], Made]) -> None:
    """The service is started, is connected to the upstream of the private CA, and its clock is Shanghai's."""
    fixed = make("Dockerfile")
    container = engine.start(fixed.image, options=fixed.options)
    wait_until(lambda: "connected" in container.logs() or not container.state["Running"], 20)
    assert re.fullmatch(r"connected to localhost:\d+ at \d\d:\d\d \+08:00\n", container.logs())


def test_without_the_private_ca_the_mended_image_names_it(
    engine: Engine, make: Callable[[str], Made], folder: Path
) -> None:
    """The line of the Dockerfile that adds it is what makes the difference."""
    (folder / "certificates" / "private.crt").write_bytes(Authority("Another CA").pem)
    fixed = make("Dockerfile")
    done = engine.run(fixed.image, options=fixed.options)
    assert done.code == 1
    assert "fail TLS_UNKNOWN_AUTHORITY: " in done.err


def test_the_readme_shows_what_is_printed(engine: Engine, make: Callable[[str], Made]) -> None:
    """Its sample is the output of the broken image without settings, but for the time it took."""
    done = engine.run(make("Dockerfile.broken").image)
    said = re.sub(r"in \d+\.\d+ s", "in 0.01 s", done.err)
    readme = (EXAMPLE / "README.md").read_text()
    sample = readme.partition("docker run --rm broken\n")[2].partition("```")[0]
    assert sample.strip() == said.strip()
