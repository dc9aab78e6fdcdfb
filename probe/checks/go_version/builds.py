"""Settings and files with which the go command starts, and no build works."""

from __future__ import annotations

import os

from probe import codes, redact
from probe.checks.go_version import findings, variables
from probe.checks.go_version.findings import JudgedProgram
from probe.errors import reason
from probe.facts import Facts
from probe.golang import release_dates, version
from probe.golang.command import build_flags, flags, levels
from probe.lightweight import Iterator, Mapping
from probe.report import Finding, Status
from probe.targets import NotRegular, TooLarge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.command.environment_files import GoSetting
    from probe.targets import Target

# `go tool dist list` of 1.21 to 1.27, put together.
_MACHINES = {
    "aix": "ppc64", "android": "386 amd64 arm arm64", "darwin": "amd64 arm64", "dragonfly": "amd64",
    "freebsd": "386 amd64 arm arm64 riscv64", "illumos": "amd64", "ios": "amd64 arm64", "js": "wasm",
    "linux": "386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x",
    "netbsd": "386 amd64 arm arm64", "openbsd": "386 amd64 arm arm64 ppc64 riscv64", "plan9": "386 amd64 arm",
    "solaris": "amd64", "wasip1": "wasm", "windows": "386 amd64 arm arm64",
}  # fmt: skip
_SWITCHING_SINCE = 21
_CACHE_PROGRAM_SINCE = 24
_NEWEST = f"go1.{release_dates.NEWEST_KNOWN}.999"


def obstacles(facts: Facts, subject: JudgedProgram, told: str) -> Iterator[Finding]:
    """Yield what stops every build by a go command whose version is *told*."""
    release = version.read(told).release
    if not release:
        return
    yield from _platform(facts, subject)
    yield from _level(facts, subject, release[1])
    yield from _flags(facts, subject)
    yield from _workspace(facts, subject)
    yield from _cache_program(facts, subject, release[1])
    yield from _directories(facts, subject)
    yield from _compilers(facts, subject)
    if release[1] >= _SWITCHING_SINCE and (newer := _newer(facts, subject, told)):
        yield newer


def _platform(facts: Facts, subject: JudgedProgram) -> Iterator[Finding]:
    system, machine = variables.setting(facts, "GOOS"), variables.setting(facts, "GOARCH")
    known = _MACHINES.get(system.value or "linux", "").split()
    if not known:
        yield _impossible(subject, "GOOS", system, f"unsupported GOOS {system.value}")
        return
    settings = facts.environment().settings
    wanted = machine.value or (settings["GOARCH"].value if "GOARCH" in settings else "")
    if wanted and wanted not in known:
        why = f"unsupported GOOS/GOARCH pair {system.value or 'linux'}/{wanted}"
        name, setting = ("GOARCH", machine) if machine.value else ("GOOS", system)
        yield _impossible(subject, name, setting, why)


def _level(facts: Facts, subject: JudgedProgram, minor: int) -> Iterator[Finding]:
    settings = facts.environment().settings
    machine = settings["GOARCH"].value if "GOARCH" in settings else ""
    name = levels.variable(machine)
    if not name or minor < levels.SINCE.get(name, 0):
        return
    setting = variables.setting(facts, name)
    if setting.value and (why := levels.refused(machine, setting.value)):
        yield _impossible(subject, name, setting, why)


def _flags(facts: Facts, subject: JudgedProgram) -> Iterator[Finding]:
    setting = variables.setting(facts, "GOFLAGS")
    if not setting.value:
        return
    values = build_flags.given(setting.value)
    cgo = facts.environment().settings.get("CGO_ENABLED")
    why = (
        build_flags.refused(setting.value, cgo=not cgo or cgo.value != "0")
        or (f"the program of -toolexec: {said}" if (said := _missing(facts, values.get("toolexec"))) else "")
        or _no_file(facts, values)
    )
    if why:
        yield _impossible(subject, "GOFLAGS", setting, why)


def _no_file(facts: Facts, values: Mapping[str, str | None]) -> str:
    """Why a file that a flag names cannot be read, "" where all can."""
    modfile = values.get("modfile") or ""
    if modfile and not modfile.endswith(".mod"):
        return f"-modfile={modfile}: file does not have .mod extension"
    pgo = values.get("pgo") or ""
    for name, path in (
        ("modfile", modfile),
        ("overlay", values.get("overlay") or ""),
        ("pgo", "" if pgo in ("off", "auto") else pgo),
    ):
        if path and (why := _unreadable(facts, path)):
            return f"-{name}={path}: {why}"
    return ""


def _unreadable(facts: Facts, path: str) -> str:
    try:
        found = facts.target.stat(path)
    except OSError as problem:
        return reason(problem)
    return "is a directory" if found.is_dir else ""


def _directories(facts: Facts, subject: JudgedProgram) -> Iterator[Finding]:
    """GOCACHE and GOTMPDIR, where they are set to what cannot be one (cache/default.go, work/action.go)."""
    cache, scratch = variables.setting(facts, "GOCACHE"), variables.setting(facts, "GOTMPDIR")
    program = variables.setting(facts, "GOCACHEPROG")
    if cache.value and not program.value:
        if cache.value == "off":
            yield _impossible(subject, "GOCACHE", cache, "the build cache is required since Go 1.12")
        elif not cache.value.startswith("/"):
            yield _impossible(subject, "GOCACHE", cache, "GOCACHE is not an absolute path")
        elif why := _no_directory(facts, cache.value, made=True):
            yield _impossible(subject, "GOCACHE", cache, why)
    if scratch.value and (why := _no_directory(facts, scratch.value, made=False)):
        yield _impossible(subject, "GOTMPDIR", scratch, why)


def _no_directory(facts: Facts, path: str, *, made: bool) -> str:
    """Why *path* is no directory; *made*: the go command makes one where nothing is."""
    try:
        found = facts.target.stat(path)
    except FileNotFoundError as problem:
        return "" if made else reason(problem)
    except OSError as problem:
        return reason(problem)
    return "" if found.is_dir else "not a directory"


def _compilers(facts: Facts, subject: JudgedProgram) -> Iterator[Finding]:
    """The compilers are checked before every build, with cgo and without (work/init.go)."""
    for name in ("CC", "CXX", "FC"):
        setting = variables.setting(facts, name)
        words = flags.split(setting.value)
        if words is None:
            yield _impossible(subject, name, setting, "it could not be parsed: unterminated string")
        elif words and "/" in words[0] and not words[0].startswith("/"):
            yield _impossible(subject, name, setting, "it is relative; it must be an absolute path")


def _cache_program(facts: Facts, subject: JudgedProgram, minor: int) -> Iterator[Finding]:
    setting = variables.setting(facts, "GOCACHEPROG")
    if minor >= _CACHE_PROGRAM_SINCE and (why := _missing(facts, setting.value)):
        yield _impossible(subject, "GOCACHEPROG", setting, f"error starting it: {why}")


def _missing(facts: Facts, command: str | None) -> str:
    """Why the program that *command* names cannot be started, "" where it can (os/exec.LookPath)."""
    path = (flags.split(command or "") or [""])[0]
    if not path:
        return ""
    target = facts.target
    if "/" in path:
        return _not_executable(target, path)
    places = [place for place in target.env.get("PATH", "").split(":") if place.startswith("/")]
    if any(not _not_executable(target, f"{place}/{path}") for place in places):
        return ""
    return "executable file not found in $PATH"


def _not_executable(target: Target, path: str) -> str:
    try:
        if target.stat(path).is_dir:
            return "permission denied"
        target.access(path, os.X_OK)
    except OSError as problem:
        return reason(problem)
    return ""


def _workspace(facts: Facts, subject: JudgedProgram) -> Iterator[Finding]:
    setting = variables.setting(facts, "GOWORK")
    if setting.value in ("", "off", "auto"):
        return
    if not setting.value.startswith("/"):
        yield _impossible(subject, "GOWORK", setting, "invalid GOWORK: not an absolute path")
        return
    from probe.golang.command import gomod

    try:
        why = gomod.workspace_fault(facts.target.read(setting.value, gomod.LIMIT))
    except OSError as problem:
        yield _impossible(subject, "GOWORK", setting, reason(problem))
    except NotRegular:
        yield _impossible(subject, "GOWORK", setting, "it is no regular file")
    except TooLarge:
        return
    else:
        if why:
            yield _impossible(subject, "GOWORK", setting, why)


def _newer(facts: Facts, subject: JudgedProgram, told: str) -> Finding | None:
    """A go.work or go.mod of the working directory that asks for another Go (toolchain/select.go:Select)."""
    file, wanted, toolchain = _wanted(facts)
    if toolchain not in ("", "default") and not version.toolchain_version(toolchain):
        cause = f"{file} has the line `toolchain {findings.shown(toolchain)}`, with which no go command works"
        return _module(subject, Status.FAIL, file, cause, "go mod edit -toolchain=none", toolchain)
    own = f"go{version.toolchain_version(version.read(told).name)}"
    mode = variables.setting(facts, "GOTOOLCHAIN").value or "auto"
    local = mode == "local"
    by_line = "" if local or toolchain == "default" else toolchain
    needed = max((name for name in (wanted, by_line) if name), key=_order, default="")
    if not needed or version.compare(own, needed) >= 0:
        return None
    if local:
        cause = f"{file} requires {needed}, the go command is {own}, and GOTOOLCHAIN=local: every build fails"
        return _module(subject, Status.FAIL, file, cause, f"FROM golang:{needed[2:]}", needed)
    cause = f"{file} requires {needed} and the go command is {own}: every go command runs {needed} instead"
    if variables.setting(facts, "GOPROXY").value == "off" and "path" not in mode:
        cause += ", which GOPROXY=off does not let it download"
        return _module(subject, Status.FAIL, file, cause, f"FROM golang:{needed[2:]}", needed)
    if version.compare(needed, _NEWEST) > 0:
        cause += ", and no such release is known"
        remedy = f"go mod edit -go={own[2:]} -toolchain=none"
        return _module(subject, Status.UNKNOWN, file, cause, remedy, needed)
    cause += ", from PATH or by download"
    return _module(subject, Status.WARN, file, cause, f"FROM golang:{needed[2:]}", needed)


def _wanted(facts: Facts) -> tuple[str, str, str]:
    """The file that decides, its go line as a name of a release, and its toolchain line."""
    settings = facts.environment().settings
    for name in ("GOWORK", "GOMOD"):
        file = settings[name].value if name in settings else ""
        if not file.startswith("/") or file == "/dev/null":
            continue
        from probe.golang.command import gomod  # where there is one to be read

        try:
            found = gomod.parse(facts.target.read(file, gomod.LIMIT))
        except (OSError, NotRegular, TooLarge):
            continue
        return file, f"go{found.go}" if found.go else "", found.toolchain
    return "", "", ""


def _order(name: str) -> tuple[int, int, int]:
    return version.read(name).release or (0, 0, 0)


def _module(
    subject: JudgedProgram, status: Status, file: str, cause: str, remedy: str, wanted: str
) -> Finding:
    found = subject.finding(
        status, codes.GO_MODULE_NEWER, cause, remedy, file=file, wanted=findings.shown(wanted)
    )
    return found._replace(subject=file)


def _impossible(subject: JudgedProgram, name: str, setting: GoSetting, why: str) -> Finding:
    shown = redact.value(name, setting.value)
    cause = f"no build works with {name}={shown}: {redact.text(why)}"
    evidence = {"path": subject.path, "value": shown, "origin": setting.origin}
    remedy = variables.unset(name, setting)
    return Finding(Status.FAIL, codes.GO_BUILD_IMPOSSIBLE, name, cause, remedy, evidence)
