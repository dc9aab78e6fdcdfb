"""Which Go is judged: the one that was asked for, the workload's, the toolchain's, or the newest known."""

from __future__ import annotations

from probe.deadline import Deadline
from probe.errors import UsageError
from probe.golang import godebug, version
from probe.golang.release import NEWEST, Go
from probe.lightweight import Callable
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.binary import Binary, NoBinary
    from probe.golang.command.toolchain import Toolchain


def determine(
    target: Target,
    as_go: str = "",
    binary: str = "",
    *,
    patience_s: float = 0.0,
    find: Callable[[], Toolchain | None],
    read: Callable[[str], Binary | NoBinary],
    tell: Callable[[str], object] = len,
) -> Go:
    """
    The Go whose rules hold in *target*, with the GODEBUG settings that its program starts with.

    *as_go* ("1.24") comes first, then the program at *binary* (by default the workload's
    own), then the go command, and where none of them tells, the newest Go that is known.
    *find* gives the go command, *read* the program at a path; *tell* is given the version that such
    a go command prints, for who else would ask it.
    The environment's GODEBUG overrides what was baked in, key by key. Nothing is run but,
    for *patience_s* seconds at most, a go command whose files do not tell: a wrapper.
    """
    chosen = godebug.parse(target.env.get("GODEBUG", ""))
    program = _program(read, binary or target.executable)
    module = program.settings.get("GOFIPS140", "").partition("-")[0] if program else ""
    linked = bool(program and program.fallback_roots), bool(program and program.embedded_tzdata), module
    carried = (program.path, program.zones) if program else ()
    cgo, vendor = (_cgo(program), program.vendor) if program else ("", "")
    if as_go:
        asked = Go(_asked_for(as_go), "as-go", chosen, *linked, *carried)
        return asked._replace(cgo=cgo, vendor=vendor, exact=as_go.count(".") > 1)
    if program and program.named.release:
        settings = program.godebug | chosen
        go = Go(program.named.release, "binary", settings, *linked, *carried)
        return go._replace(cgo=cgo, vendor=vendor)
    toolchain = find()
    release = _release(target, toolchain, patience_s, tell) if toolchain else None
    if toolchain and release:
        go = of_command(target, toolchain._replace(version="go{}.{}.{}".format(*release)), NEWEST)
    else:
        go = NEWEST._replace(godebug=chosen)
    return go._replace(program=program.path, zones=program.zones) if program else go


def _cgo(program: Binary) -> str:
    """Whether *program* knows the C library's resolver: "0", "1", "" where its build info does not tell."""
    tags = program.settings.get("-tags", "").split(",")
    return "0" if "netgo" in tags else program.settings.get("CGO_ENABLED", "")


def of_command(target: Target, toolchain: Toolchain | None, go: Go) -> Go:
    """The Go that the go command itself is, a program of its own release; *go* where that was asked for."""
    release = version.read(toolchain.version).release if toolchain else None
    if not toolchain or not release or go.source == "as-go":
        return go
    own = toolchain.program.godebug if toolchain.program else {}
    return Go(release, "toolchain", own | godebug.parse(target.env.get("GODEBUG", "")))


def _asked_for(as_go: str) -> tuple[int, int, int]:
    release = version.read("go" + as_go.removeprefix("go")).release
    if not release or release[0] != 1:
        raise UsageError(f"--as-go {as_go}: not a Go version; write 1.24 or 1.24.3")
    return release


def _release(
    target: Target, toolchain: Toolchain, patience_s: float, tell: Callable[[str], object]
) -> tuple[int, int, int] | None:
    """By its files; else, where it may be run, by its own word. Why it says none is told by go-version."""
    told = toolchain.version
    if not told and toolchain.executable and target.runs_commands and patience_s:
        from probe.golang.command.toolchain import run
        from probe.targets.supervisor_line import SupervisorLost

        try:
            done = run(target, toolchain, ["version"], Deadline(patience_s))
        except (OSError, SupervisorLost):
            return None
        told = version.from_output(done.out.decode("utf-8", "replace")) or ""
        if told and done.code == 0:
            tell(told)
    return version.read(told).release


def _program(read: Callable[[str], Binary | NoBinary], path: str) -> Binary | None:
    if not path:
        return None
    from probe.golang.binary import Binary

    try:
        found = read(path)
    except OSError:  # the check go-version tells about it
        return None
    return found if isinstance(found, Binary) else None
