"""Processes in the world's root: a container without an engine."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from probe.demo import enter
from probe.demo.rootfs import HOST, Rootfs
from probe.lightweight import NamedTuple

# As runner's command: where a package lies in an archive there is no file to start.
_PACKAGE = str(Path(__file__).parents[2])
_CODE = f"import sys; sys.path.append({_PACKAGE!r}); from probe.demo.enter import main; main(*sys.argv[1:])"
_ENTER = [sys.executable, "-I", "-c", _CODE]
_PATIENCE_S = 10.0
_GO = "/usr/local/go/bin/go"
_GO_HOME = "tmp/go"  # where the go command keeps what it fetches


class NotPermitted(Exception):
    """This machine does not let us enter or mount; the text says at which step."""


class GoAnswer(NamedTuple):
    """What the real go command printed: its output, else the first line of what it complains of."""

    code: int
    said: str


@contextlib.contextmanager
def held(world: Rootfs) -> Iterator[int]:
    """The pid of a process that lives in the world's root, with its volume and what is mounted in there."""
    reader, writer = os.pipe()
    holder = subprocess.Popen(
        [*_ENTER, str(world.root), world.volume, *_mounts(world)],
        env=world.env,
        stdin=subprocess.PIPE,
        stdout=writer,
        stderr=writer,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as said:
            first = said.readline().strip()
        if first != "ready":
            raise NotPermitted(first or "no answer")
        yield holder.pid
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            holder.communicate(timeout=_PATIENCE_S)  # its stdin ends, and so does it
        holder.kill()
        holder.wait()


def go(world: Rootfs, arguments: Sequence[str]) -> GoAnswer:
    """Run the world's own go command in its root, with its environment; NotPermitted where that cannot be."""
    home = world.path(_GO_HOME)
    mode = home / ".config/go/telemetry/mode"
    mode.parent.mkdir(parents=True)
    mode.write_text("off")
    try:
        done = subprocess.run(
            [
                *_ENTER,
                str(world.root),
                world.volume,
                *_mounts(world),
                "--",
                *_environment(world),
                _GO,
                *arguments,
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
        )
    finally:
        shutil.rmtree(home)
    if done.returncode == enter.REFUSED:
        raise NotPermitted(done.stdout.strip())
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    return GoAnswer(done.returncode, lines[0] if lines else "")


def _environment(world: Rootfs) -> list[str]:
    """Beside what the image sets: our server is every module proxy, and no /proc tells GOROOT."""
    off = world.env.get("GOPROXY") == "off"
    more = {
        "GOPROXY": "off" if off else f"https://{HOST}:{world.port}",
        "GOROOT": world.env.get("GOROOT") or "/usr/local/go",
        "GOTOOLCHAIN": "local",
        "GOSUMDB": "off",
        "GOFLAGS": "-mod=mod",
        "HOME": f"/{_GO_HOME}",
    }
    return [f"{name}={value}" for name, value in {**world.env, **more}.items()]


def _mounts(world: Rootfs) -> list[str]:
    return [f"{file}={path}" for file, path in world.mounts]
