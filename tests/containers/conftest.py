"""The engine, or a skip that says why; base images."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers import bases, products
from tests.containers.engine import CACHE, RUN, Engine, unusable
from tests.support.toolchains import Toolchain

Folders = pytest.TempPathFactory


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test here waits for base images and builds."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def engine_of_this_run() -> Engine:
    if reason := unusable():
        pytest.skip(f"needs a Docker Engine: {reason}")
    CACHE.mkdir(parents=True, exist_ok=True)
    run_id = os.environ[RUN]
    (CACHE / f"{run_id}.used").touch()
    return Engine(run_id)


@pytest.fixture
def engine(engine_of_this_run: Engine) -> Iterator[Engine]:
    """A Docker Engine; the containers that a test starts end with it."""
    yield engine_of_this_run
    engine_of_this_run.forget()


@pytest.fixture(scope="session")
def bootstrap() -> None:
    """Base images can be made."""
    if os.geteuid():
        pytest.skip("needs root: debootstrap")
    if not shutil.which("debootstrap"):
        pytest.skip("needs debootstrap")


@pytest.fixture(scope="session")
def debian(engine_of_this_run: Engine, bootstrap: None) -> str:
    """A small Debian 12 with a shell and the C library, without CA certificates and without zone data."""
    return engine_of_this_run.imported("debian", bases.debian(), 'CMD ["/bin/sh"]')


@pytest.fixture(scope="session")
def probe_image(engine_of_this_run: Engine, bootstrap: None) -> str:
    """The image that the Dockerfile makes."""
    return products.image(engine_of_this_run)


@pytest.fixture(scope="session")
def bundle(engine_of_this_run: Engine, probe_image: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory /opt/probe of that image, at another path."""
    return products.bundle(engine_of_this_run, tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="session")
def witness(go_newest: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A static Go program that tells what it was started with."""
    source = Path(__file__).with_name("witness")
    return go_newest.build(source, tmp_path_factory.mktemp("witness") / "witness", "-ldflags=-s -w")


@pytest.fixture(scope="session")
def scratch(engine_of_this_run: Engine, probe_image: str, witness: Path) -> str:
    """`FROM scratch` with the Go program, and one COPY line."""
    lines = f"FROM scratch\nCOPY witness /witness\nCOPY --from={probe_image} /opt/probe /opt/probe\n"

    def make(tag: str) -> None:
        (witness.parent / "Dockerfile").write_text(lines)
        engine_of_this_run.build(witness.parent, "scratch")

    return engine_of_this_run.image("scratch", make)


@pytest.fixture(scope="session")
def witness_alone(engine_of_this_run: Engine, witness: Path) -> str:
    """`FROM scratch` with the Go program: somebody else's image."""

    def make(tag: str) -> None:
        (witness.parent / "alone.Dockerfile").write_text("FROM scratch\nCOPY witness /app\n")
        engine_of_this_run.build(witness.parent, "alone", "--file", str(witness.parent / "alone.Dockerfile"))

    return engine_of_this_run.image("alone", make)


@pytest.fixture(scope="session")
def golang(
    engine_of_this_run: Engine, bootstrap: None, go_newest: Toolchain, tmp_path_factory: Folders
) -> str:
    """What stands for the image golang: Debian with CA certificates, zones and a Go toolchain."""
    base = products.tools(engine_of_this_run)
    lines = f"FROM {base}\nCOPY go /usr/local/go\nENV PATH=/usr/local/go/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"

    def make(tag: str) -> None:
        context = tmp_path_factory.mktemp("golang")
        left_out = shutil.ignore_patterns("cmd", "test", "testdata", "doc", "api", "*_test.go")
        shutil.copytree(go_newest.root, context / "go", symlinks=True, ignore=left_out)
        (context / "Dockerfile").write_text(lines)
        engine_of_this_run.build(context, "golang")

    return engine_of_this_run.image("golang", make)
