"""The program that is started, or the interpreter of the script: what is wrong with it, step by step."""

from __future__ import annotations

from probe import codes, redact
from probe.checks.linkage import findings, policy
from probe.errors import reason
from probe.golang import binary
from probe.golang.binary import Binary, NoBinary
from probe.lightweight import Iterator
from probe.remedies import actions
from probe.report import Finding, Status
from probe.targets import NotRegular, ldso

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.base import Run
    from probe.checks.linkage import Linkage as Wanted
    from probe.targets import Target

_SCRIPTS = 4  # of which one is the interpreter of the next; the kernel's own bound (fs/exec.c)
_LINE = 256  # bytes of a first line that the kernel reads (BINPRM_BUF_SIZE)


def look(target: Target, run: Run, wanted: Wanted) -> Iterator[Finding]:
    """Whether the program that is started here can be loaded, and is as agreed."""
    path = target.path(wanted.binary) if wanted.binary else target.executable  # bare: not found in PATH
    if path and "/" not in path:
        yield findings.not_in_path(path, redact.value("PATH", target.env.get("PATH", "")))
        return
    if not path:
        cause = "the program that starts here is unknown"
        name = actions.ways(actions.configure("linkage.binary", "/path/to/the/program"))
        yield Finding(Status.UNKNOWN, codes.LINKAGE_UNKNOWN, "the program", cause, name)
        return
    yield from _program(target, run, wanted, path, ())


def _program(
    target: Target, run: Run, wanted: Wanted, path: str, scripts: tuple[str, ...]
) -> Iterator[Finding]:
    run.phase(f"reading {path}")
    try:
        found = run.facts.binary(path)
    except OSError as problem:
        yield findings.unreadable(path, reason(problem))
        return
    if isinstance(found, binary.NoBinary):
        yield from _no_program(target, run, wanted, found, scripts)
        return
    broken = list(_broken(target, found, wanted))
    yield from broken
    wrong = [] if scripts else list(policy.judge(target, found, wanted))
    yield from wrong
    if not broken and not wrong:
        yield findings.fine(found, scripts)


def _broken(target: Target, found: Binary, wanted: Wanted) -> Iterator[Finding]:
    """What keeps it from being started: the first thing that the kernel or the loader meets."""
    if closed := findings.not_executable(target, found.path):
        yield closed
    elif wrong := findings.wrong_architecture(found, wanted.architecture):
        yield wrong
    elif found.loader_present is False:
        yield findings.no_loader(target, found)
    elif damaged := findings.damaged(target, found):
        yield damaged
    elif found.elf.interpreter:
        yield from findings.libraries(target, found, ldso.link(target, found.path, found.elf))


def _no_program(
    target: Target, run: Run, wanted: Wanted, found: NoBinary, scripts: tuple[str, ...]
) -> Iterator[Finding]:
    path = found.path
    if found.kind == "missing":
        yield findings.missing(path, scripts)
    elif found.kind == "denied":
        yield findings.not_executable(target, path) or findings.unreadable(path, "this user may not read it")
    elif found.reason != "a script":
        yield findings.no_program(path, found.reason)
    elif len(scripts) >= _SCRIPTS:
        yield findings.no_program(path, "a script for a script for a script, deeper than the kernel goes")
    else:
        yield from _script(target, run, wanted, path, scripts)


def _script(
    target: Target, run: Run, wanted: Wanted, path: str, scripts: tuple[str, ...]
) -> Iterator[Finding]:
    if closed := findings.not_executable(target, path):
        yield closed
        return
    try:
        with target.open(path) as stream:
            line = stream.read(_LINE).partition(b"\n")[0][2:].strip(b" \t")
    except (OSError, NotRegular) as problem:
        yield findings.unreadable(path, str(problem))
        return
    # For the kernel only these two end the name, a carriage return does not.
    interpreter = line.replace(b"\t", b" ").partition(b" ")[0].decode("utf-8", "surrogateescape")
    if not interpreter:
        yield findings.no_program(path, "a script whose first line names no interpreter")
    elif interpreter.endswith("\r"):
        yield findings.carriage_return(path, interpreter)
    else:
        yield from _program(target, run, wanted, target.path(interpreter), (*scripts, path))
