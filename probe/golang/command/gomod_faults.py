"""
Lines of go.mod and go.work with which no build works.

Sources in Go's tree: golang.org/x/mod/modfile/rule.go (strict, as for the main module),
cmd/go/internal/modload/init.go.
"""

from __future__ import annotations

import re

from probe.golang import version
from probe.golang.command import gomod
from probe.lightweight import Callable

_GO_LINE = re.compile(r"[1-9]\d*\.(0|[1-9]\d*)(\.(0|[1-9]\d*))?([a-z]+\d+)?", re.ASCII)
_TOOLCHAIN_LINE = re.compile(r"default|go1(\..*)?", re.ASCII)
_OF_MODULES = {
    **dict.fromkeys(("module", "go", "toolchain", "require", "exclude", "replace", "retract"), 0),
    "godebug": 23, "tool": 24, "ignore": 25,
}  # fmt: skip
_OF_WORKSPACES = {**dict.fromkeys(("go", "replace", "toolchain", "use"), 0), "godebug": 23}
_ONCE = ("module", "go", "toolchain")
_WORKSPACE_WITHOUT_A_LINE = "1.18"
_REQUIRED_SINCE = 21  # that a workspace is not older than its modules

Fault = tuple[int, str]
"""The line, from 1 (0 for the file as a whole), and what is wrong with it."""


def of_module(data: bytes, minor: int, *, updated: bool = False) -> Fault | None:
    """What Go 1.*minor* refuses in the main module's go.mod; *updated*: it may be rewritten (-mod=mod)."""
    fault = _of_lines(data, _OF_MODULES, minor, _module_line)
    if fault or updated or minor < _REQUIRED_SINCE:
        return fault
    found = gomod.parse(data)
    if not _is_dropped(found.toolchain, found.go):
        return None
    return 0, f"updates to go.mod needed: its line toolchain {found.toolchain} says nothing"


def _is_dropped(toolchain: str, go: str) -> bool:
    """Whether the go command takes a toolchain line out of go.mod (UpdateGoModFromReqs)."""
    if not toolchain:
        return False
    own = version.toolchain_version(toolchain)
    return toolchain == f"go{go}" or not own or version.compare(f"go{own}", "go1.21") < 0


def of_workspace(data: bytes, minor: int) -> Fault | None:
    """What Go 1.*minor* refuses in a go.work, whatever its modules are."""
    if fault := _of_lines(data, _OF_WORKSPACES, minor, _workspace_line):
        return fault
    return None if gomod.used(data) else (0, "no modules were found in the workspace")


def too_new(workspace: bytes, module: bytes, minor: int) -> str:
    """Why a go.work is too old for one of its modules, "" where it is not."""
    listed, needed = gomod.parse(workspace).go or _WORKSPACE_WITHOUT_A_LINE, gomod.parse(module).go
    if minor < _REQUIRED_SINCE or not needed or version.compare(f"go{needed}", f"go{listed}") <= 0:
        return ""
    return f"a module requires go >= {needed}, but go.work lists go {listed}"


def _of_lines(
    data: bytes, known: dict[str, int], minor: int, judge: Callable[[list[str]], str]
) -> Fault | None:
    seen = set()
    for number, words in gomod.directives(data):
        verb = words[0]
        if known.get(verb, 99) > minor:
            return number, f"unknown directive: {verb}"
        if verb in _ONCE and verb in seen:
            return number, f"repeated {verb} statement"
        seen.add(verb)
        if why := judge(words):
            return number, why
    return None


def _module_line(words: list[str]) -> str:
    verb, *rest = words
    if verb == "module":
        return "" if len(rest) == 1 else "usage: module module/path"
    if verb in ("require", "exclude"):
        return "" if len(rest) == 2 else f"usage: {verb} module/path v1.2.3"
    return _version_line(verb, rest)


def _workspace_line(words: list[str]) -> str:
    verb, *rest = words
    if verb == "use":
        return "" if len(rest) == 1 else "usage: use local/dir"
    return _version_line(verb, rest)


def _version_line(verb: str, rest: list[str]) -> str:
    if verb not in ("go", "toolchain"):
        return ""
    if len(rest) != 1:
        return f"{verb} directive expects exactly one argument"
    fits = _GO_LINE if verb == "go" else _TOOLCHAIN_LINE
    return "" if fits.fullmatch(rest[0]) else f"invalid {verb} version {rest[0]}"
