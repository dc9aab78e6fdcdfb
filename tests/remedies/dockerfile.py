"""Carries out the lines that probe prints as the build of an image would: by root, sh, no terminal."""

import json
import os
import shlex
import subprocess
from pathlib import Path

from tests.remedies.bases import BUNDLE
from tests.support.pem import mozilla
from tests.support.zonefiles import NAMES, reference

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class CannotBeDone(Exception):
    """The line is none that a Dockerfile, or a shell beside it, takes."""


def carry_out(root: Path, env: dict[str, str], text: str, context: dict[str, bytes], subject: str) -> None:
    """
    Do what the lines of *text* say in *root* and *env*.

    *context* are the files beside the Dockerfile. A line without an instruction is for the shell
    there, on the file that is then copied: it is run in the directory of *subject*, by the machine.
    """
    for line in text.split("\n"):
        word, _, rest = line.partition(" ")
        if word == "RUN":
            _run(root, env, rest)
        elif word == "ENV":
            set_env(env, rest)
        elif word == "COPY":
            _copy(root, rest, context)
        elif word in (
            "{",
            "openssl",
            "sed",
            "iconv",
            "base64",
            "chmod",
            "rm",
            "rmdir",
            "mv",
            "ln",
            "keytool",
            "gunzip",
            "grep",
        ):
            _outside(root, line, subject)
        else:
            raise CannotBeDone(line)


def _run(root: Path, env: dict[str, str], command: str) -> None:
    done = subprocess.run(
        ["chroot", root, "/bin/sh", "-c", command],
        env={"PATH": PATH, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, f"RUN {command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"


def _outside(root: Path, command: str, subject: str) -> None:
    here = (root / subject.lstrip("/")).parent
    while not here.is_dir():
        here = here.parent
    done = subprocess.run(
        ["sh", "-c", command], cwd=here, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, f"{command}\n{done.stderr[-2000:]}"


def set_env(env: dict[str, str], rest: str) -> None:
    """ENV NAME=VALUE …: words as a shell takes them apart; every one must be an assignment."""
    for word in shlex.split(rest):
        name, equals, value = word.partition("=")
        assert equals, f"ENV {rest}"
        env[name] = value.replace(f"${name}", env.get(name, ""))  # of others no remedy speaks


def _copy(root: Path, rest: str, context: dict[str, bytes]) -> None:
    operands = json.loads(rest) if rest.startswith("[") else rest.split(" ")
    stage = operands.pop(0).removeprefix("--from=") if operands[0].startswith("--from=") else ""
    source, destination = operands
    for name, content in _content(stage, source, context).items():
        path = destination + (source.rpartition("/")[2] if destination.endswith("/") else "") + name
        there = _resolved(root, path)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.unlink(missing_ok=True)
        there.write_bytes(content)
        there.chmod(0o644)


def _resolved(root: Path, path: str) -> Path:
    """Where COPY writes: through links to directories, in the place of a link to a file."""
    directory, _, name = path.rpartition("/")
    real = os.path.realpath(root / directory.lstrip("/"))
    assert real.startswith(str(root))
    return Path(real) / name


def _content(stage: str, source: str, context: dict[str, bytes]) -> dict[str, bytes]:
    """What the image *stage*, or the directory of the Dockerfile, has at *source*."""
    if stage == "alpine" and source == f"/{BUNDLE}":
        return {"": mozilla()}
    if stage.startswith("gcr.io/distroless/static") and source == "/usr/share/zoneinfo":
        return {f"/{name}": reference(name) for name in NAMES}
    if not stage and source in context:
        return {"": context[source]}
    raise CannotBeDone(f"COPY of {source} from {stage or 'the context'}")
