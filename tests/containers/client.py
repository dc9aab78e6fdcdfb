"""
A `docker` for commands that are typed as documented: the real client, in the names of one test run.

What a registry would bring (the base images) is given as build arguments, names of images are those of
the run, and what is started has its label. Nothing else of a command changes.
"""

import os
import sys
from pathlib import Path

from tests.containers.engine import CLIENT, LABEL, Engine, docker

_SCRIPT = """#!{python}
import os, sys
words, names = sys.argv[1:], {names!r}
words = [names.get(word, word) for word in words]
if words[0] in ("build", "run", "create"):
    words[1:1] = {label!r} + ({build!r} if words[0] == "build" else {run!r})
os.execv({client!r}, [{client!r}, *words])
"""


def put(engine: Engine, folder: Path, build_args: dict[str, str], *images: str) -> Path:
    """A folder for PATH whose `docker` knows *images* by the names of this run."""
    build = [word for name, value in build_args.items() for word in ("--build-arg", f"{name}={value}")]
    script = folder / "docker"
    script.write_text(
        _SCRIPT.format(
            python=sys.executable,
            names={name: engine.tag(name.replace(":", "-").lower()) for name in images},
            label=["--label", f"{LABEL}={engine.run_id}"],
            build=["--network", "host", *build],
            run=["--network", "none"],
            client=CLIENT,
        )
    )
    script.chmod(0o755)
    return folder


def environment(folder: Path) -> dict[str, str]:
    """Where `docker` is the one in *folder*, with BuildKit."""
    kept = {name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ}
    return {**kept, "PATH": f"{folder}:{os.environ['PATH']}", "HOME": "/nonexistent", "DOCKER_BUILDKIT": "1"}


def tagged(engine: Engine, image: str, name: str) -> None:
    """Let *image* be known by *name* too, in this run."""
    docker("tag", image, engine.tag(name.replace(":", "-").lower()))
