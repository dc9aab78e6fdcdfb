"""Variables with which the go command starts and no build works, as far as values and files tell."""

from __future__ import annotations

from probe import codes, redact
from probe.checks.go_version import findings
from probe.checks.go_version.findings import JudgedProgram
from probe.facts import Facts
from probe.golang.command import flags, levels, platforms
from probe.golang.command.environment_files import value
from probe.golang.command.toolchain import Toolchain
from probe.lightweight import Iterator, NamedTuple
from probe.report import Finding, Remedies, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.command.environment_files import GoSetting

_ASKED_SINCE = 22
_PREEMPTIBLE, _PREEMPTIBLE_SINCE = "preemptibleloops", 24  # the first release whose library it compiles


class Build(NamedTuple):
    """What is asked about: a build by one go command."""

    facts: Facts
    toolchain: Toolchain
    subject: JudgedProgram
    minor: int  # the go command is of 1.*minor*

    @property
    def platform(self) -> tuple[str, str]:
        """GOOS and GOARCH; "" for one that is not known."""
        settings = self.facts.environment().settings
        return value(settings, "GOOS") or "linux", value(settings, "GOARCH")

    @property
    def cgo(self) -> bool:
        return value(self.facts.environment().settings, "CGO_ENABLED") != "0"

    def impossible(self, name: str, setting: GoSetting, why: str, remedies: Remedies = ()) -> Finding:
        """The finding that no build works with what *setting* makes of the variable *name*."""
        shown = redact.value(name, setting.value)
        cause = f"no build works with {name}={shown}: {redact.text(why)}"
        evidence = {"path": self.subject.path, "value": shown, "origin": setting.origin}
        own = f"go1.{self.minor}"
        remedies = remedies or findings.corrected(name, setting, own, self.platform)
        return Finding(Status.FAIL, codes.GO_BUILD_IMPOSSIBLE, name, cause, remedies, evidence)


def obstacles(build: Build) -> Iterator[Finding]:
    """Yield what the variables come to, one finding each at most."""
    for name, judge in (
        ("GOOS", _system),
        ("GOARCH", _machine),
        ("GOFLAGS", _flags),
        ("GOEXPERIMENT", _experiments),
        ("GOCACHE", _cache),
        ("GOTMPDIR", _scratch),
        ("CC", _compiler),
        ("CXX", _compiler),
        ("FC", _compiler),
    ):
        setting = build.facts.setting(name)
        if setting.value and (why := judge(build, setting.value)):
            yield build.impossible(name, setting, why)
    yield from _level(build)
    yield from _temporary(build)


def _system(build: Build, system: str) -> str:
    known = platforms.machines(system, build.minor)
    if not known:
        return f"unsupported GOOS {system}"
    machine = build.platform[1]
    if build.facts.setting("GOARCH").value or not machine:
        return ""  # GOARCH is told
    return _pair(build, system, machine)


def _machine(build: Build, machine: str) -> str:
    system = build.platform[0]
    return _pair(build, system, machine) if platforms.machines(system, build.minor) else ""


def _pair(build: Build, system: str, machine: str) -> str:
    if machine not in platforms.machines(system, build.minor):
        return f"unsupported GOOS/GOARCH pair {system}/{machine}"
    what = platforms.needs_compiler("", system, machine)
    return _linker(build, what)


def _linker(build: Build, what: str) -> str:
    """Since 1.22 the go command says so before it builds; the linker of 1.21 finds a way, but for iOS."""
    if not what or build.cgo or (build.minor < _ASKED_SINCE and build.platform[0] != "ios"):
        return ""
    return f"{what} requires external (cgo) linking, but cgo is not enabled"


def _level(build: Build) -> Iterator[Finding]:
    machine = build.platform[1]
    name = levels.variable(machine)
    if not name or build.minor < levels.SINCE.get(name, 0):
        return
    setting = build.facts.setting(name)
    if setting.value and (why := levels.refused(machine, setting.value)):
        yield build.impossible(name, setting, why)


def _flags(build: Build, text: str) -> str:
    from probe.checks.go_version import build_files
    from probe.golang.command import build_flags, tool_flags

    values = build_flags.given(text)
    return (
        build_flags.refused(text, build.minor, cgo=build.cgo)
        or build_files.of_flags(build.facts, values)
        or _of_platform(build, values.get("buildmode") or "")
        or next(
            (why for name in values if (why := tool_flags.refused(name, values[name] or "", build.minor))), ""
        )
    )


def _experiments(build: Build, text: str) -> str:
    """All but one that a release knows build its library; of an experiment the last mention counts."""
    named = [one for one in text.split(",") if one.removeprefix("no") == _PREEMPTIBLE]
    if not named or named[-1] != _PREEMPTIBLE or build.minor >= _PREEMPTIBLE_SINCE:
        return ""
    return f"the compiler of Go 1.{build.minor} crashes on its own library (internal compiler error)"


def _of_platform(build: Build, mode: str) -> str:
    system, machine = build.platform
    if not machine:
        return ""
    if why := platforms.refused_mode(mode, system, machine):
        return why
    what = platforms.needs_compiler(mode, system, machine) if mode else ""
    return _linker(build, what)


def _cache(build: Build, path: str) -> str:
    """The build cache (cache/default.go); the program of GOCACHEPROG takes its place."""
    from probe.checks.go_version import build_files
    from probe.golang.command import build_flags

    if build.facts.setting("GOCACHEPROG").value and build.minor >= build_flags.CACHE_PROGRAM_SINCE:
        return ""
    if path == "off":
        return "the build cache is required since Go 1.12"
    if not path.startswith("/"):
        return "GOCACHE is not an absolute path"
    return build_files.no_cache(build.facts.target, path)


def _scratch(build: Build, path: str) -> str:
    from probe.checks.go_version import build_files

    return build_files.no_scratch(build.facts.target, path)


def _temporary(build: Build) -> Iterator[Finding]:
    """TMPDIR takes the place of GOTMPDIR, with its own name in the finding."""
    path = build.facts.target.env.get("TMPDIR", "")
    if path and not build.facts.setting("GOTMPDIR").value:
        setting = build.facts.setting("TMPDIR")._replace(value=path, origin="os", file="", line=0)
        if why := _scratch(build, path):
            yield build.impossible("TMPDIR", setting, why)


def _compiler(_: Build, text: str) -> str:
    """The compilers are looked at before every build, with cgo and without (work/init.go)."""
    words = flags.split(text)
    if words is None:
        return "it could not be parsed: unterminated string"
    relative = bool(words) and (not words[0] or ("/" in words[0] and not words[0].startswith("/")))
    return "it is relative; it must be an absolute path" if relative else ""
