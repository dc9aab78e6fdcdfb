"""Settings and files with which the go command starts, and no build works."""

from __future__ import annotations

from probe import codes
from probe.checks.base import Run
from probe.checks.go_version import build_settings, findings
from probe.checks.go_version.build_settings import Build
from probe.checks.go_version.findings import JudgedProgram
from probe.errors import reason
from probe.facts import Facts
from probe.golang import filepath, release_dates, version
from probe.golang.command.environment_files import GoSetting, value
from probe.golang.command.toolchain import Toolchain
from probe.lightweight import Iterator
from probe.report import Action, Finding, Status
from probe.targets import NotRegular, TooLarge

_SWITCHING_SINCE = 21
_VENDORED_WORKSPACES_SINCE = 22
_NEWEST = f"go1.{release_dates.NEWEST_KNOWN}.999"


def obstacles(run: Run, found: Toolchain, subject: JudgedProgram, told: str) -> Iterator[Finding]:
    """Yield what stops every build by a go command whose version is *told*."""
    release = version.read(told).release
    if not release:
        return
    facts = run.facts
    build = Build(facts, found, subject, release[1])
    yield from build_settings.obstacles(build)
    if any(facts.setting(name).value for name in ("GOFLAGS", "GOCACHEPROG")):
        from probe.checks.go_version import build_programs

        yield from build_programs.obstacles(build, run.deadline)
    if facts.setting("GO111MODULE").value == "off":
        return
    yield from _workspace(build)
    yield from _module_file(build)
    if release[1] >= _SWITCHING_SINCE and (newer := _newer(facts, subject, told)):
        yield newer


def _workspace(build: Build) -> Iterator[Finding]:
    """GOWORK, and what a go.work names: each module is there, the working directory's among them."""
    facts, setting = build.facts, build.facts.setting("GOWORK")
    chosen = setting.value not in ("", "off", "auto")
    if chosen and not setting.value.startswith("/"):
        yield build.impossible("GOWORK", setting, "invalid GOWORK: not an absolute path")
        return
    file = value(facts.environment().settings, "GOWORK")
    if file.startswith("/") and (why := _workspace_fault(build, file)):
        from probe.remedies import actions

        off = () if chosen else actions.ways(actions.set_env("GOWORK", "off"))
        yield build.impossible("GOWORK", setting if chosen else setting._replace(value=file), why, off)


def _workspace_fault(build: Build, file: str) -> str:
    from probe.golang.command import build_flags, gomod, gomod_faults

    data = _read(build.facts, file)
    if isinstance(data, str):
        return data
    if fault := gomod_faults.of_workspace(data, build.minor):
        return _at(fault)
    mode = build_flags.given(build.facts.setting("GOFLAGS").value).get("mod") or ""
    if mode == "mod" or (mode == "vendor" and build.minor < _VENDORED_WORKSPACES_SINCE):
        return f"-mod may only be set to readonly when in workspace mode, but it is set to {mode}"
    folder = file.rpartition("/")[0] or "/"
    places = [used if used.startswith("/") else filepath.join(folder, used) for used in gomod.used(data)]
    for place in places:
        path = filepath.join(place, "go.mod")
        module = _read(build.facts, path)
        if isinstance(module, str):
            return f"cannot load module {place} listed in go.work file: {module}"
        if fault := gomod_faults.of_module(module, build.minor, updated=True):
            return f"cannot load module {place} listed in go.work file: {_at(fault)}"
        if why := gomod_faults.too_new(data, module, build.minor):
            return why
    module_file = value(build.facts.environment().settings, "GOMOD")
    if module_file.startswith("/") and module_file != "/dev/null":
        here = module_file.rpartition("/")[0] or "/"
        if not any(_same(build.facts, here, place) for place in places):
            return f"the module in {here} is not one of the workspace modules"
    return ""


def _module_file(build: Build) -> Iterator[Finding]:
    """The go.mod of the working directory, where no workspace is told and no other file takes its place."""
    settings = build.facts.environment().settings
    file = value(settings, "GOMOD")
    if value(settings, "GOWORK").startswith("/") or not file.startswith("/") or file == "/dev/null":
        return
    from probe.golang.command import build_flags, gomod_faults

    given = build_flags.given(build.facts.setting("GOFLAGS").value)
    if given.get("modfile"):
        return
    data = _read(build.facts, file)
    fault = (
        None
        if isinstance(data, str)
        else gomod_faults.of_module(data, build.minor, updated=given.get("mod") == "mod")
    )
    if fault:
        from probe.remedies import actions, quoting

        shown = actions.look(f"sed -n {fault[0]}p {quoting.word(file)}", file)
        way = shown if fault[0] else actions.build("go mod edit -toolchain=none")
        yield build.impossible("GOMOD", GoSetting(file, "default"), _at(fault), actions.ways(way))


def _at(fault: tuple[int, str]) -> str:
    number, why = fault
    return f"line {number}: {why}" if number else why


def _read(facts: Facts, file: str) -> bytes | str:
    """What is in *file*, or why it cannot be read; nothing of one that is too large for us."""
    from probe.golang.command import gomod

    try:
        return facts.target.read(file, gomod.LIMIT)
    except OSError as problem:
        return reason(problem)
    except NotRegular:
        return "it is no regular file"
    except TooLarge:
        return b""


def _same(facts: Facts, one: str, other: str) -> bool:
    if filepath.clean(one) == filepath.clean(other):
        return True
    try:
        return facts.target.resolve(one) == facts.target.resolve(other)
    except (OSError, ValueError):
        return False


def _newer(facts: Facts, subject: JudgedProgram, told: str) -> Finding | None:
    """A go.work or go.mod of the working directory that asks for another Go (toolchain/select.go:Select)."""
    file, wanted, toolchain = _wanted(facts)
    if toolchain not in ("", "default") and not version.toolchain_version(toolchain):
        from probe.remedies import actions

        cause = f"{file} has the line `toolchain {findings.shown(toolchain)}`, with which no go command works"
        return _module(
            subject, Status.FAIL, file, cause, actions.build("go mod edit -toolchain=none"), toolchain
        )
    own = f"go{version.toolchain_version(version.read(told).name)}"
    mode = facts.setting("GOTOOLCHAIN").value or "auto"
    local = mode == "local"
    by_line = "" if local or toolchain == "default" else toolchain
    needed = max((name for name in (wanted, by_line) if name), key=_order, default="")
    if not needed or version.compare(own, needed) >= 0:
        return None
    from probe.remedies import actions

    if local:
        cause = f"{file} requires {needed}, the go command is {own}, and GOTOOLCHAIN=local: every build fails"
        return _module(subject, Status.FAIL, file, cause, actions.from_image(f"golang:{needed[2:]}"), needed)
    cause = f"{file} requires {needed} and the go command is {own}: every go command runs {needed} instead"
    from probe.checks.go_version import switching

    if why := switching.impossible(facts, needed, path_only=mode.endswith("path")):
        cause += f": {why}"
        return _module(subject, Status.FAIL, file, cause, actions.from_image(f"golang:{needed[2:]}"), needed)
    if version.compare(needed, _NEWEST) > 0:
        cause += ", and no such release is known"
        older = actions.build(f"go mod edit -go={own[2:]} -toolchain=none")
        return _module(subject, Status.UNKNOWN, file, cause, older, needed)
    cause += ", from PATH or by download"
    return _module(subject, Status.WARN, file, cause, actions.from_image(f"golang:{needed[2:]}"), needed)


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
    subject: JudgedProgram, status: Status, file: str, cause: str, way: Action, wanted: str
) -> Finding:
    from probe.remedies import actions

    found = subject.finding(
        status, codes.GO_MODULE_NEWER, cause, actions.ways(way), file=file, wanted=findings.shown(wanted)
    )
    return found._replace(subject=file)
