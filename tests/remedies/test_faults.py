"""What probe prints for the other checks is carried out; probe, the kernel and real Go are asked again."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.golang.builds import build
from tests.remedies import bases, printed
from tests.remedies.dockerfile import PATH, CannotBeDone, carry_out
from tests.remedies.fault import GO, Fault
from tests.remedies.faults import all_of_them
from tests.remedies.mounted import MountedGo
from tests.support.commands import clean_environment

pytestmark = [pytest.mark.root, pytest.mark.timeout(200)]
FAULTS = all_of_them()
_SHELL = ("mv", "sed", "go", "cd", "chmod", "chown", "install", "setfacl", "tar")
BASES = {"alpine": bases.alpine, "debian": bases.debian, "machine": bases.machine}
BAD = ("warn", "unknown", "fail")
_FIRST = {fault.check: number for number, fault in reversed(list(enumerate(FAULTS)))}


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param(
            f"{fault.code}-{number}",
            fault,
            id=f"{fault.code}-{number}",
            marks=() if _FIRST[fault.check] == number else pytest.mark.sweep,
        )
        for number, fault in enumerate(FAULTS)
    ],
)
def test_the_remedy_helps(name: str, fault: Fault) -> None:
    """The finding is gone after its best remedy, nothing is worse, and what it was for works."""
    with BASES[fault.base]() as root, MountedGo(root, fault.old or GO) as tree:
        fault.break_(root)
        env = {"PATH": f"/usr/local/go/bin:{PATH}", "HOME": "/root", **fault.env}
        settings = list(fault.settings)
        before = _probe(root, env, fault, settings)
        finding = next((one for one in before if one["code"] == fault.code), None)
        assert finding, [(one["code"], one["cause"]) for one in before]
        printed.hold(name, finding)
        _apply(root, env, fault, settings, finding["remedy"], tree)
        after = _probe(root, env, fault, settings)
        left = [one for one in after if one["code"] == fault.code and one["status"] in BAD]
        assert not left, (finding["remedy"], left)
        known = {one["code"] for one in before} | fault.also
        worse = [one for one in after if one["status"] in ("unknown", "fail") and one["code"] not in known]
        assert not worse, (finding["remedy"], worse)
        _works(root, env, fault)


def _apply(
    root: Path, env: dict[str, str], fault: Fault, settings: list[str], text: str, tree: MountedGo
) -> None:
    """Each line where it belongs: Dockerfile, shell in the container, configuration of probe."""
    context = {name: make() for name, make in fault.context.items()}
    for line in text.split("\n"):
        word = line.split(" ", 1)[0]
        if line.startswith("probe check "):
            words = shlex.split(line)
            settings += [after for before, after in pairwise(words) if before == "--set"]
        elif word.startswith(f"{fault.check}."):
            settings.append(line.replace(" = ", "="))
        elif word == "FROM" and line.split()[1].startswith("golang:"):
            tree.take(GO)
        elif "go build" in f" {line}":
            _build(root, line.removeprefix("RUN "), fault)
        elif word.startswith("GOENV=") or word in _SHELL:
            seen_inside = line.replace(str(root), "")  # it names the file below the tree: here we enter that
            carry_out(root, {**env, **fault.net}, f"RUN {seen_inside}", context, "/")
        elif word == "COPY" and "--from=build" in line:
            carry_out(root, env, line.replace("--from=build ", ""), context, "/")
            there = root / line.split()[-1].lstrip("/")
            there.chmod(0o755)  # COPY keeps the mode that the file had
        else:
            try:
                carry_out(root, env, line, context, "/")
            except CannotBeDone as why:
                pytest.fail(f"cannot be carried out: {why}")


def _build(root: Path, line: str, fault: Fault) -> None:
    """Run the printed command on the program's sources, by the real go command."""
    words = shlex.split(line)
    env = dict(word.partition("=")[::2] for word in words[: words.index("go")])
    flags = [word for word in words[words.index("go") + 2 :] if word not in ("-o", "/app", ".")]
    made = build(GO, fault.source, *flags, **env)
    shutil.copy(made, root / "app")


_START = (
    "import runpy, sys; sys.path.insert(0, {!r}); sys.argv[0] = 'probe'; "
    "runpy.run_module('probe', {{}}, '__main__')"
)


def _probe(root: Path, env: dict[str, str], fault: Fault, settings: list[str]) -> list[dict[str, Any]]:
    """What probe finds: from outside in the tree, or as a process of the machine that it is."""
    command = [sys.executable, *printed.ALL, "-P", "-c", _START.format(str(bases.REPOSITORY)), "check"]
    command += ["--only", fault.check, "--format", "json", "--role", "ready", "--timeout", "60"]
    command += [f"--set={setting}" for setting in settings]
    surrounded = clean_environment()
    if fault.inside:
        surrounded = env
        command[:0] = [str(shutil.which("chroot")), str(root)]
    else:
        command += ["--root", str(root), *(f"--env={name}={value}" for name, value in env.items())]
        command += [f"--user={fault.user}"] * bool(fault.user) + [f"--cwd={fault.cwd}"] * bool(fault.cwd)
    done = subprocess.run(command, env=surrounded, capture_output=True, text=True, timeout=100)
    assert done.stdout, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["checks"][0]["findings"]
    return found


def _works(root: Path, env: dict[str, str], fault: Fault) -> None:
    """The go command, the program or the kernel, asked for the same in the root itself."""
    if not fault.proof:
        return
    uid, _, gid = fault.user.partition(":")
    with _devices(root):
        done = subprocess.run(
            fault.proof,
            executable=None,
            env={"GOCACHE": "/tmp/c", "GOFLAGS": "", **env},
            preexec_fn=lambda: _enter(root, int(uid or 0), int(gid or 0)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, (fault.proof, done.stdout[-500:], done.stderr[-500:])


def _enter(root: Path, uid: int, gid: int) -> None:
    os.chroot(root)
    os.chdir("/")
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


@contextmanager
def _devices(root: Path) -> Iterator[None]:
    (root / "dev").mkdir(exist_ok=True)
    null = root / "dev/null"
    if not null.exists():
        os.mknod(null, 0o666 | 0o020000, os.makedev(1, 3))
        null.chmod(0o666)
    (root / "tmp").chmod(0o1777)
    proc = root / "proc"  # by which a trimmed go command finds its tree
    proc.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "proc", "proc", proc], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", proc], check=True)
