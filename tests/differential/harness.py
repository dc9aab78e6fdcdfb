"""Ask real Go, and hold its answer against ours."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from probe.explain import messages
from tests.support.toolchains import CACHE, install, need

SOURCE = Path(__file__).parent / "oracle"
PATIENCE_S = 5.0  # an answer takes milliseconds; what takes longer waits for ever


class Blocks(NamedTuple):
    """Go waits for ever here."""


class Died(NamedTuple):
    """The program ended before it could answer."""

    code: int
    err: str


class Counter:
    """How many comparisons the running test has made; the plugin adds them up."""

    compared = 0


def oracle(version: str, go_line: str = "") -> Path:
    """
    The oracle as a static program, built once by that release.

    Its module asks for *go_line*, by default for the release itself: that line
    fixes the GODEBUG defaults which are baked in.
    """
    need(version)
    sources = sorted(SOURCE.glob("*.go"))
    digest = hashlib.sha256(go_line.encode())
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    store = CACHE.parent / "oracle"
    store.mkdir(parents=True, exist_ok=True)
    program = store / f"{version}-{digest.hexdigest()[:16]}"
    with (store / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            with tempfile.TemporaryDirectory(dir=store) as scratch:
                module = Path(scratch) / "oracle"
                module.mkdir()
                for source in sources:
                    shutil.copy(source, module)
                release = ".".join(version.split(".")[:3])  # a wheel may have a number more: 1.23.4.4
                (module / "go.mod").write_text(f"module oracle\n\ngo {go_line or release}\n")
                built = install(version).build(
                    module, Path(scratch) / "program", "-trimpath", "-ldflags", "-s -w"
                )
                built.chmod(0o755)
                built.rename(program)
    return program


def need_root() -> None:
    """Skip the test, and say why, where we are not root."""
    if os.geteuid() != 0:
        pytest.skip("needs root: chroot")


def run(
    version: str,
    question: str,
    requests: Sequence[Mapping[str, Any]],
    *,
    root: Path | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str = "",
    uid: int | None = None,
    go_line: str = "",
    patience_s: float = PATIENCE_S,
) -> list[Any] | Blocks | Died:
    """Put many requests to one process: their answers in order, or how it failed to give any."""
    options: list[str] = []
    if root is not None:
        need_root()
        options += ["-root", str(root)]
    if uid is not None:
        need_root()
        options += ["-uid", str(uid)]
    if cwd:
        options += ["-cwd", cwd]
    try:
        done = subprocess.run(
            [oracle(version, go_line), *options, question],
            input=json.dumps(list(requests)),
            env=dict(env or {}),
            capture_output=True,
            text=True,
            timeout=patience_s,
        )
    except subprocess.TimeoutExpired:
        return Blocks()
    if done.returncode:
        assert done.returncode != 70, done.stderr  # the request was wrong, not the world
        return Died(done.returncode, done.stderr)
    answers: list[Any] = json.loads(done.stdout)
    return answers


def ask(
    version: str,
    question: str,
    request: Mapping[str, Any] | None = None,
    *,
    root: Path | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str = "",
    uid: int | None = None,
    go_line: str = "",
    patience_s: float = PATIENCE_S,
) -> Any:
    """Put one request: its answer (a dict), `Blocks()` or `Died(code, err)`."""
    answers = run(
        version,
        question,
        [request or {}],
        root=root,
        env=env,
        cwd=cwd,
        uid=uid,
        go_line=go_line,
        patience_s=patience_s,
    )
    return answers[0] if isinstance(answers, list) else answers


def same(ours: object, theirs: object, context: object = "") -> None:
    """Fail with both answers printed unless they are equal; either way it counts as one comparison."""
    Counter.compared += 1
    if ours != theirs:
        pytest.fail(
            f"probe and Go differ: {context}\nprobe: {shown(ours)}\nGo:    {shown(theirs)}", pytrace=False
        )


def leads(message: str, code: str) -> None:
    """Fail unless `probe explain` names *code* for what Go says; it counts as a comparison."""
    Counter.compared += 1
    known = messages.find(message)
    listed = [one.name for one in known.codes] if known else []
    if code not in listed:
        pytest.fail(
            f"probe explain does not lead from Go's words to {code}: {message!r}: {listed}", pytrace=False
        )


def shown(answer: object) -> str:
    try:
        return json.dumps(answer, indent=2, sort_keys=True, ensure_ascii=False)
    except (TypeError, ValueError):
        return repr(answer)
