"""Why nothing was found, and what might have been meant. On the way of a failure only."""

from __future__ import annotations

from probe import codes, redact
from probe.checks.go_version import findings
from probe.golang import binary
from probe.golang.binary import Binary
from probe.golang.command import toolchain
from probe.lightweight import Iterator
from probe.remedies import actions
from probe.report import Finding, Status
from probe.targets import Target

# Where images put the one program that they are made for.
_FOLDERS = ("", "/app", "/usr/local/bin", "/ko-app", "/opt", "/srv", "/workspace", "/go/bin", "/bin")
_MAX_FILES = 100
_SMALLEST = 500_000  # bytes: no Go program is smaller


def finding(target: Target, source: str, now: float) -> Finding:
    """There is nothing to judge: a fault where a go command was asked for, else simply not known."""
    evidence = {"source": source, "PATH": redact.value("PATH", target.env.get("PATH", ""))}
    if source == "toolchain":
        cause = f"there is no go command in PATH, GOROOT or the usual places{_dangling(target)}"
        take = actions.from_image(f"golang:{findings.release_to_take(now)}")
        return Finding(Status.FAIL, codes.GO_NOT_FOUND, "go", cause, actions.ways(take), evidence)
    missing = "" if source == "binary" else "no go command found and "
    cause = f"{missing}go-version.binary is not set: nothing to check{_dangling(target)}"
    program = _likely_program(target) or "/path/to/the/program"
    name = actions.ways(actions.configure("go-version.binary", program))
    return Finding(Status.UNKNOWN, codes.GO_NOT_FOUND, "go", cause, name, evidence)


def _dangling(target: Target) -> str:
    """Words about a go command that is a link to nowhere, "" when there is none."""
    for path, _ in toolchain.candidates(target):
        try:
            if target.stat(path, follow=False).is_link:
                return f": {path} is a link to {target.readlink(path)}, which is not there"
        except (OSError, ValueError):
            continue
    return ""


def _likely_program(target: Target) -> str:
    """The only Go program in the usual folders; "" where there is none, or more than one to choose from."""
    found = [path for path in _files(target) if _is_go(target, path)]
    return found[0] if len(found) == 1 else ""


def _is_go(target: Target, path: str) -> bool:
    try:
        found = binary.read(target, path)
    except OSError:
        return False
    return isinstance(found, Binary) and found.info is not None and found.info.path != "cmd/go"


def _files(target: Target) -> Iterator[str]:
    left = _MAX_FILES
    for folder in _FOLDERS:
        try:
            names = target.listdir(folder or "/")
        except OSError:
            continue
        for name in names:
            try:
                found = target.stat(f"{folder}/{name}", follow=False)  # a link leads to what is met anyway
            except OSError:
                continue
            if left and found.is_file and found.mode & 0o111 and found.size >= _SMALLEST:
                left -= 1
                yield f"{folder}/{name}"
