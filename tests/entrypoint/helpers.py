"""Starting the entrypoint as a container engine does, and seeing what the workload got."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import probe
from tests.support.commands import clean_environment

CHECKOUT = str(Path(probe.__file__).parent.parent)
# Isolated, as README says for a workload with PYTHON* variables of its own.
ISOLATED = [
    sys.executable,
    "-I",
    "-c",
    f"import sys; sys.path.append({CHECKOUT!r}); from probe.cli import main; main()",
]
# What a console script does.
SCRIPT = [word for word in ISOLATED if word != "-I"]
PLAIN = [sys.executable, "-m", "probe"]
HEALTHY = ("--only", "timezone")  # with TZ=UTC
UNHEALTHY = (*HEALTHY, "--set", "timezone.expected=No/Where")

ODD_ARGUMENTS = [
    b"",
    b"--",
    b"-h",
    b"--on-fail",
    b"@x",
    b" a  b\t\n",
    "grün 東京".encode(),
    b"\xff\xfe",
    b"*",
]


def line(*command: str | bytes, options: Sequence[str] = HEALTHY, how: Sequence[str] = PLAIN) -> list[Any]:
    return [*how, "run", *options, "--", *command]


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    return {**clean_environment(), "TZ": "UTC", **(env or {})}


def run(
    *command: str | bytes,
    options: Sequence[str] = HEALTHY,
    how: Sequence[str] = PLAIN,
    env: Mapping[str, str] | None = None,
    **more: Any,
) -> subprocess.CompletedProcess[bytes]:
    """What `probe run` with *options* and *command* came to."""
    return subprocess.run(
        line(*command, options=options, how=how),
        env=environment(env),
        **{"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": 60, "cwd": CHECKOUT, **more},
    )


def start(
    *command: str | bytes,
    options: Sequence[str] = HEALTHY,
    how: Sequence[str] = PLAIN,
    env: Mapping[str, str] | None = None,
    **more: Any,
) -> subprocess.Popen[bytes]:
    defaults = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        line(*command, options=options, how=how),
        env=environment(env),
        **{"cwd": CHECKOUT, **defaults, **more},
    )


def status(text: bytes) -> dict[str, str]:
    """The fields of a /proc/PID/status."""
    return {
        key: value.strip()
        for key, _, value in (entry.partition(":") for entry in os.fsdecode(text).splitlines())
    }


def slow_go(tmp_path: Path) -> dict[str, str]:
    """An environment whose `go` never ends and has a child, so that the check go-env waits."""
    go = tmp_path / "bin" / "go"
    go.parent.mkdir(exist_ok=True)
    go.write_text(f"#!/bin/sh\necho $$ >> {tmp_path}/pids\nsleep 61 & echo $! >> {tmp_path}/pids\nwait\n")
    go.chmod(0o755)
    return {"PATH": f"{go.parent}:/usr/bin:/bin"}


def raw_exec(command: list[Any], block: list[bytes]) -> list[str]:
    """A command line that execs *command* with an environment block that no dict can hold."""
    code = (
        "import ctypes; strings = lambda words: (ctypes.c_char_p * (len(words) + 1))(*words, None); "
        f"ctypes.CDLL(None).execve({os.fsencode(command[0])!r}, "
        f"strings({[os.fsencode(word) for word in command]!r}), strings({block!r}))"
    )
    return [sys.executable, "-c", code]
