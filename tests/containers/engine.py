"""The Docker Engine: images and containers of one test run, by which name they are known, and their end."""

import fcntl
import io
import json
import os
import secrets
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.leftovers import wait_until

CACHE = (Path(__file__).parent.parent.parent / ".cache" / "containers").resolve()
RUN = "PROBE_CONTAINERS_RUN"  # set by the plugin: all processes of one test run have the same
LABEL = "probe.test-run"
# Another client that comes first in PATH may lack the part that builds.
CLIENT = next(filter(os.path.exists, ["/usr/bin/docker"]), "") or shutil.which("docker") or ""
_SURROUNDINGS = {name: os.environ[name] for name in ("PATH", "DOCKER_HOST") if name in os.environ}


class Completed(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


class Failed(AssertionError):
    """The docker command failed where a test needs it to succeed."""


def unusable() -> str:
    """Why no container can be run here; "" where they can."""
    if not CLIENT:
        return "there is no docker command"
    done = docker("version", "--format", "{{.Server.Version}}", check=False)
    return "" if done.code == 0 else done.err.strip().replace("\n", " ")


def docker(
    *arguments: str | Path,
    check: bool = True,
    timeout: float = 60,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
) -> Completed:
    """Run the docker command; Failed with all that it said where it fails and *check* is set."""
    done = subprocess.run(
        [CLIENT, *arguments],
        env={**_SURROUNDINGS, "HOME": "/nonexistent", "DOCKER_BUILDKIT": "1", **(env or {})},
        capture_output=True,
        timeout=timeout,
        input=stdin or b"",
    )
    result = Completed(done.returncode, done.stdout.decode(), done.stderr.decode("utf-8", "replace"))
    if check and result.code:
        raise Failed(f"docker {' '.join(map(str, arguments))}: exit {result.code}\n{result.out}{result.err}")
    return result


@contextmanager
def events(kind: str) -> Iterator[list[str]]:
    """What happens to containers meanwhile, told at the end: nanoseconds since 1970, event, container."""
    watch = ["events", "--filter", f"event={kind}", "--format", "{{.TimeNano}} {{.Action}} {{.Actor.ID}}"]
    told: list[str] = []
    env = {**_SURROUNDINGS, "HOME": "/nonexistent"}
    with subprocess.Popen([CLIENT, *watch], env=env, stdout=subprocess.PIPE, text=True) as watching:
        try:
            yield told
        finally:
            watching.terminate()
        told += watching.communicate()[0].splitlines()


class Container:
    """A container that is there until the test ends."""

    def __init__(self, identity: str) -> None:
        self.id = identity

    def inspect(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(docker("inspect", self.id).out)[0]
        return found

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.inspect()["State"]
        return state

    @property
    def health(self) -> str:
        """starting, healthy or unhealthy, as the engine sees it."""
        return str(self.state["Health"]["Status"])

    def wait_for_health(self, wanted: str, seconds: float = 30.0) -> None:
        """Return when the engine says *wanted*; Failed, with what its checks printed, after *seconds*."""
        try:
            wait_until(lambda: self.health == wanted, seconds)
        except AssertionError:
            state = json.dumps(self.state, indent=1)
            raise Failed(f"not {wanted} within {seconds} s: {state}\n{self.logs()}") from None

    def logs(self) -> str:
        """What the container has printed, stdout and stderr."""
        done = docker("logs", self.id)
        return done.out + done.err

    def exec(self, *command: str, options: Sequence[str] = (), timeout: float = 60) -> Completed:
        """Run *command* inside."""
        return docker("exec", *options, self.id, *command, check=False, timeout=timeout)

    def put(self, path: str, content: bytes, mode: int = 0o644) -> None:
        """Write a file inside; it replaces what is there, as a new file."""
        directory, name = os.path.split(path)
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as archive:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), mode
            archive.addfile(info, io.BytesIO(content))
        docker("cp", "-", f"{self.id}:{directory}", stdin=out.getvalue())

    def zombies(self) -> list[str]:
        """The processes that nobody has reaped; `docker top` does not list them."""
        states = self.exec("sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null").out.splitlines()
        return [line for line in states if line.rpartition(")")[2].split()[0] == "Z"]

    def stop(self) -> None:
        docker("stop", self.id)

    def wait(self, timeout: float = 60) -> int:
        """Its exit code, when it has ended."""
        return int(docker("wait", self.id, timeout=timeout).out)

    def remove(self) -> None:
        docker("rm", "--force", "--volumes", self.id)


class Engine:
    """Makes images and containers that bear the label of this test run and end with it."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.containers: list[Container] = []

    def tag(self, name: str) -> str:
        return f"probe-test-{self.run_id}/{name}"

    def image(self, name: str, make: Callable[[str], object]) -> str:
        """The image *name* of this test run; *make* has to give it that tag where it is not there yet."""
        tag = self.tag(name)
        with locked(f"{self.run_id}-{name.replace('/', '-')}"):
            if docker("image", "inspect", tag, check=False).code:
                make(tag)
        return tag

    def imported(self, name: str, archive: Path, *changes: str) -> str:
        """An image of one layer from a tar; *changes* are lines of a Dockerfile."""
        options = [word for line in (f"LABEL {LABEL}={self.run_id}", *changes) for word in ("--change", line)]
        return self.image(name, lambda tag: docker("import", *options, archive, tag, timeout=300))

    def build(
        self,
        context: Path,
        name: str,
        *options: str,
        args: Mapping[str, str] | None = None,
        timeout: float = 600,
    ) -> str:
        """The image that *context* and its Dockerfile make, built without a network."""
        given = [word for key, value in (args or {}).items() for word in ("--build-arg", f"{key}={value}")]
        tag = self.tag(name)
        labels = ["--label", f"{LABEL}={self.run_id}", "--network", "none", "--tag", tag]
        docker("build", *labels, *given, *options, context, timeout=timeout)
        return tag

    def run(self, image: str, *command: str, options: Sequence[str] = (), timeout: float = 60) -> Completed:
        """What a container came to that ran in the foreground, without a network."""
        given = ["--rm", *self.labelled(), *_without_network(options)]
        return docker("run", *given, image, *command, check=False, timeout=timeout)

    def start(self, image: str, *command: str, options: Sequence[str] = ()) -> Container:
        """A container in the background, without a network; `forget` ends it."""
        labelled = self.labelled()
        started = self.adopt(labelled[-1])  # before it starts: it may be left when that fails
        docker("run", "--detach", *labelled, *_without_network(options), image, *command)
        return started

    def labelled(self) -> list[str]:
        """Options by which a container is known as ours."""
        name = f"probe-test-{self.run_id}-{secrets.token_hex(4)}"
        return ["--label", f"{LABEL}={self.run_id}", "--name", name]

    def adopt(self, identity: str) -> Container:
        """The container of that name or number; `forget` ends it."""
        self.containers.append(Container(identity))
        return self.containers[-1]

    def forget(self) -> None:
        """Remove all containers that were started here."""
        while self.containers:
            docker("rm", "--force", "--volumes", self.containers.pop().id, check=False)


def _without_network(options: Sequence[str]) -> list[str]:
    """Where no other is asked for."""
    return [*([] if "--network" in options else ["--network", "none"]), *options]


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One process at a time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"{name}.lock"
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove_all(run_id: str) -> None:
    """Remove containers and images of a test run."""
    label = f"label={LABEL}={run_id}"
    if containers := docker("ps", "--all", "--quiet", "--filter", label).out.split():
        docker("rm", "--force", "--volumes", *containers)
    if images := docker("images", "--quiet", "--filter", label).out.split():
        docker("rmi", "--force", *dict.fromkeys(images))
    for lock in CACHE.glob(f"{run_id}-*.lock"):
        lock.unlink()
