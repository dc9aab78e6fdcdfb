"""Settings and files with which the go command starts, and no build works."""

from __future__ import annotations

from probe import codes, redact
from probe.checks.go_version import policy, variables
from probe.checks.go_version.policy import JudgedProgram
from probe.errors import reason
from probe.facts import Facts
from probe.golang import release_dates, version
from probe.golang.command import flags, goflags
from probe.report import Finding, Status
from probe.targets import NotRegular, TooLarge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from probe.golang.command.environment_files import GoSetting

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
    yield from _flags(facts, subject)
    yield from _workspace(facts, subject)
    yield from _cache_program(facts, subject, release[1])
    if release[1] >= _SWITCHING_SINCE and (newer := _newer(facts, subject, told)):
        yield newer


def _platform(facts: Facts, subject: JudgedProgram) -> Iterator[Finding]:
    system, machine = variables.setting(facts, "GOOS"), variables.setting(facts, "GOARCH")
    known = _MACHINES.get(system.value or "linux", "").split()
    if not known:
        yield _impossible(subject, "GOOS", system, f"unsupported GOOS {system.value}")
    elif machine.value and machine.value not in known:
        pair = f"{system.value or 'linux'}/{machine.value}"
        yield _impossible(subject, "GOARCH", machine, f"unsupported GOOS/GOARCH pair {pair}")


def _flags(facts: Facts, subject: JudgedProgram) -> Iterator[Finding]:
    setting = variables.setting(facts, "GOFLAGS")
    if not setting.value:
        return
    if mode := goflags.bad_mode(setting.value):
        yield _impossible(subject, "GOFLAGS", setting, f"-mod={mode} not supported")
    if why := _missing(facts, goflags.value(setting.value, "toolexec")):
        yield _impossible(subject, "GOFLAGS", setting, f"the program of -toolexec: {why}")


def _cache_program(facts: Facts, subject: JudgedProgram, minor: int) -> Iterator[Finding]:
    setting = variables.setting(facts, "GOCACHEPROG")
    if minor >= _CACHE_PROGRAM_SINCE and (why := _missing(facts, setting.value)):
        yield _impossible(subject, "GOCACHEPROG", setting, f"error starting it: {why}")


def _missing(facts: Facts, command: str) -> str:
    """Why the program that *command* names by an absolute path is not there, "" where nothing is missing."""
    path = (flags.split(command) or [""])[0]
    if not path.startswith("/"):
        return ""
    try:
        facts.target.stat(path)
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
    try:
        facts.target.stat(setting.value)
    except OSError as problem:
        yield _impossible(subject, "GOWORK", setting, reason(problem))


def _newer(facts: Facts, subject: JudgedProgram, told: str) -> Finding | None:
    """A go.work or go.mod of the working directory that asks for another Go (toolchain/select.go:Select)."""
    file, wanted, toolchain = _wanted(facts)
    if toolchain not in ("", "default") and not version.toolchain_version(toolchain):
        cause = f"{file} has the line `toolchain {policy.shown(toolchain)}`, with which no go command works"
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
        status, codes.GO_MODULE_NEWER, cause, remedy, file=file, wanted=policy.shown(wanted)
    )
    return found._replace(subject=file)


def _impossible(subject: JudgedProgram, name: str, setting: GoSetting, why: str) -> Finding:
    shown = redact.value(name, setting.value)
    cause = f"no build works with {name}={shown}: {redact.value(name, why)}"
    evidence = {"path": subject.path, "value": shown, "origin": setting.origin}
    remedy = variables.unset(name, setting)
    return Finding(Status.FAIL, codes.GO_BUILD_IMPOSSIBLE, name, cause, remedy, evidence)
