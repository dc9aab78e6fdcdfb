"""The directories that the go command reads, runs from and writes to, and what it needs there."""

from __future__ import annotations

import os

from probe.golang import filepath
from probe.golang.command.environment import minor_of
from probe.golang.command.environment_files import GoSetting
from probe.golang.command.environment_files import value as setting
from probe.golang.command.toolchain import Toolchain
from probe.golang.release import Go
from probe.lightweight import Mapping, NamedTuple
from probe.targets import Target

NAMES = ("GOROOT", "GOPATH", "GOMODCACHE", "GOCACHE", "GOBIN", "TMPDIR")
_RUNS_FROM_CACHE = 24  # since 1.24 `go run` keeps what it links in GOCACHE and starts it there


class Place(NamedTuple):
    """A path, and what is needed of it."""

    name: str  # a variable, or the path itself
    path: str  # "" where the go command has none
    want: int  # os.R_OK | os.W_OK | os.X_OK
    made: bool = False  # the go command makes it, parents too, where it is missing
    runs: bool = False  # programs are started from there
    only: bool = False  # ... and nothing works where they cannot be


def places(
    target: Target,
    found: Toolchain | None,
    go: Go,
    settings: Mapping[str, GoSetting],
    names: tuple[str, ...] = NAMES,
) -> list[Place]:
    """
    What is behind each of *names* for the go command *found* with its *settings*; nothing is run.

    `go install` makes a missing GOBIN (cmd/go/internal/work: BuildInstallFunc), and the
    caches are made likewise; the temporary directory is not (os.MkdirTemp).
    """
    minor = minor_of(found, go)

    def value(name: str) -> str:
        return setting(settings, name)

    first, _, others = value("GOPATH").partition(":")
    # Without modules packages are looked for in the others too; a relative one is always refused.
    without_modules = value("GO111MODULE") in ("off", "auto")
    looked_in = [
        Place("GOPATH", path, os.R_OK | os.X_OK)
        for path in filepath.split_list(others)
        if path and (not path.startswith("/") or (without_modules and target.exists(path)))
    ]
    writing = os.W_OK | os.X_OK
    written = {
        "GOPATH": [Place("GOPATH", first, writing, made=True), *looked_in],
        "GOMODCACHE": [Place("GOMODCACHE", value("GOMODCACHE"), writing, made=True)],
        "GOCACHE": [
            Place("GOCACHE", _on(value("GOCACHE")), writing, made=True, runs=minor >= _RUNS_FROM_CACHE)
        ],
        "GOBIN": [Place("GOBIN", value("GOBIN") or _below(first, "bin"), writing, made=True, runs=True)],
        "TMPDIR": _temporary(value("GOTMPDIR"), target.env.get("TMPDIR") or "/tmp"),  # noqa: S108
    }
    answer: list[Place] = []
    for name in names:
        answer += _tree(found, value("GOROOT")) if name == "GOROOT" else written[name]
    return answer


def _temporary(of_go: str, usual: str) -> list[Place]:
    """Where it builds and what it has built for a moment runs; linkers and programs use the usual one."""
    writing = os.W_OK | os.X_OK
    own = [Place("GOTMPDIR", of_go, writing, runs=True)] if of_go else []
    return [*own, Place("TMPDIR", usual, writing, runs=not of_go)]


def _tree(found: Toolchain | None, root: str) -> list[Place]:
    """GOROOT and the parts of it without which nothing can be built."""
    reading = os.R_OK | os.X_OK
    tree = Place("GOROOT", root, reading, runs=True, only=True)
    if not root:
        return [tree]
    parts = [Place("GOROOT", filepath.join(root, "bin", "go"), os.X_OK, runs=True, only=True)]
    if found and found.program:
        tools = filepath.join(root, "pkg", "tool", f"linux_{found.program.elf.architecture}")
        # From 1.25 on most tools are built when they are needed; the compiler is always there.
        parts.append(Place("GOROOT", filepath.join(tools, "compile"), os.X_OK, runs=True, only=True))
    parts.append(Place("GOROOT", filepath.join(root, "src"), reading))
    return [tree, *parts]


def _below(directory: str, name: str) -> str:
    return filepath.join(directory, name) if directory else ""


def _on(value: str) -> str:
    return "" if value == "off" else value
