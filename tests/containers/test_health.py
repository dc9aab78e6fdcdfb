"""The engine's own word on a container's health, by the bundle in it, through fault and repair."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import certifi
import pytest

from probe.demo.pki import Authority
from probe.demo.server import Server
from tests.containers.engine import Container, Engine, docker
from tests.support.timing import Stopwatch
from tests.support.zonefiles import reference

ROOTS = "/etc/ssl/certs/ca-certificates.crt"
ZONE = "/usr/share/zoneinfo/Asia/Shanghai"
PROBE = "/opt/probe/bin/probe"
# As in the image, but asked more often.
OFTEN = ("--health-interval", "1s", "--health-timeout", "6s", "--health-retries", "1")
# All that the smallest of pods leaves to a container.
RESTRICTED = (
    *("--read-only", "--user", "4242:4343", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
    *("--cpus", "0.1", "--memory", "64m"),
)


class Service(NamedTuple):
    """A running container, the server it calls, and what it holds."""

    container: Container
    server: Server
    ca: Authority
    zone: bytes

    def said(self) -> str:
        """What the health check said last."""
        return str(self.container.state["Health"]["Log"][-1]["Output"])


@pytest.fixture(scope="session")
def app(engine_of_this_run: Engine, debian: str, probe_image: str, witness: Path) -> str:
    """A program on a Debian base that has a shell, and one COPY line."""
    lines = (
        *(f"FROM {debian}", f"COPY --from={probe_image} /opt/probe /opt/probe", "COPY witness /witness"),
        f"RUN mkdir -p /etc/ssl/certs {os.path.dirname(ZONE)} && ln -sf {ZONE} /etc/localtime",
        'ENTRYPOINT ["/opt/probe/bin/probe", "run", "--on-fail", "warn", "--serve", "127.0.0.1:0", "--"]',
        'CMD ["/witness"]',
        'HEALTHCHECK CMD ["/opt/probe/bin/probe", "status"]',
    )

    def make(tag: str) -> None:
        (witness.parent / "Dockerfile").write_text("\n".join(lines))
        engine_of_this_run.build(witness.parent, "app")

    return engine_of_this_run.image("app", make)


@pytest.fixture
def server() -> Iterator[tuple[Server, Authority]]:
    """A TLS server on loopback with a certificate from a private CA."""
    ca = Authority("Private CA")
    server = Server(ca.leaf(["localhost"]))
    with server.running():
        yield server, ca


@pytest.fixture(params=["agent", "check"])
def service(
    request: pytest.FixtureRequest, engine: Engine, app: str, server: tuple[Server, Authority]
) -> Service:
    """Everything in its place; asked are the agent beside the program, or the four checks anew each time."""
    settings = {
        "PROBE_GO_VERSION__BINARY": "/witness",
        "PROBE_TIMEZONE__EXPECTED": "Asia/Shanghai",
        "PROBE_CA_BUNDLE__ENDPOINTS": json.dumps([f"localhost:{server[0].port}"]),
        "PROBE_CA_BUNDLE__HANDSHAKE_ROLES": '["startup", "ready"]',
        "PROBE_AGENT__INTERVAL_S": "1",
        "PROBE_AGENT__RETRY_S": "1",
        "PROBE_AGENT__FAILURE_THRESHOLD": "1",
    }
    options = ["--network", "host", *OFTEN]
    options += [word for name, value in settings.items() for word in ("--env", f"{name}={value}")]
    alone = () if request.param == "agent" else ("--entrypoint", "/witness")
    created = docker("create", *engine.labelled(), *options, *alone, app).out.strip()
    service = Service(engine.adopt(created), *server, reference("Asia/Shanghai"))
    service.container.put(ROOTS, Path(certifi.where()).read_bytes() + service.ca.pem)
    service.container.put(ZONE, service.zone)
    docker("start", created)
    return service


def replace_bundle(service: Service) -> Callable[[], None]:
    before = Path(certifi.where()).read_bytes() + service.ca.pem
    service.container.put(ROOTS, Authority("Another CA").pem)
    return lambda: service.container.put(ROOTS, before)


def cut_localtime(service: Service) -> Callable[[], None]:
    service.container.put(ZONE, service.zone[:40])
    return lambda: service.container.put(ZONE, service.zone)


def let_the_certificate_expire(service: Service) -> Callable[[], None]:
    service.server.present(service.ca.leaf(["localhost"], since_days=10, for_days=9))
    return lambda: service.server.present(service.ca.leaf(["localhost"]))


FAULTS = [
    (replace_bundle, "TLS_UNKNOWN_AUTHORITY"),
    (cut_localtime, "TIMEZONE_"),
    (let_the_certificate_expire, "TLS_EXPIRED"),
]


def test_health_follows_every_fault_and_its_repair(service: Service) -> None:
    """Starting, healthy, unhealthy with the fault's code, healthy again; three times in one container."""
    assert service.container.health == "starting"
    service.container.wait_for_health("healthy")
    for break_it, code in FAULTS:
        fix = break_it(service)
        service.container.wait_for_health("unhealthy")
        assert code in service.said()
        fix()
        service.container.wait_for_health("healthy")
    assert service.container.state["Running"]


def test_stop_takes_less_than_two_seconds(service: Service) -> None:
    """SIGTERM reaches the program, whose exit code is the container's, and nothing waits to be killed."""
    service.container.wait_for_health("healthy")
    watch = Stopwatch()
    service.container.stop()
    assert watch.quiet() < 2
    assert service.container.wait() == 7


def test_the_image_itself_tells_that_it_lacks_everything(engine: Engine, probe_image: str) -> None:
    """The HEALTHCHECK of the image runs in scratch, and its 1 is a verdict, not a failure to start."""
    container = engine.start(probe_image, "serve", "127.0.0.1:9810", options=(*OFTEN, *RESTRICTED))
    container.wait_for_health("unhealthy")
    last = container.state["Health"]["Log"][-1]
    assert last["ExitCode"] == 1
    assert "CA_BUNDLE_MISSING" in last["Output"]
    test = container.inspect()["Config"]["Healthcheck"]["Test"]
    assert test == ["CMD", PROBE, "status"]


def test_a_tenth_of_a_processor_and_little_memory_are_enough(
    engine: Engine, probe_image: str, tmp_path: Path
) -> None:
    """Read-only, without capabilities, as anybody: the checks pass within their own deadline."""
    (tmp_path / "roots.pem").write_bytes(Path(certifi.where()).read_bytes())
    (tmp_path / "localtime").write_bytes(reference("Asia/Shanghai"))
    options = [
        *RESTRICTED,
        *(
            "--volume",
            f"{tmp_path}/roots.pem:{ROOTS}:ro",
            "--volume",
            f"{tmp_path}/localtime:/etc/localtime:ro",
        ),
    ]
    done = engine.run(probe_image, "check", "--skip", "go-version", "--skip", "go-env", options=options)
    assert done.code == 0, done.out + done.err
