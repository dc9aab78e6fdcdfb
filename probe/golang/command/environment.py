"""
What `go env` prints, worked out without running it, and where each value comes from.

Sources in Go's tree: cmd/go/internal/cfg/cfg.go, cmd/go/internal/envcmd/env.go,
go/build/build.go, cmd/go/internal/modload/init.go, cmd/go/main.go.
"""

from __future__ import annotations

from probe.golang import filepath, version
from probe.golang.command import environment_defaults as defaults
from probe.golang.command import environment_files as files
from probe.golang.command import environment_places as places
from probe.golang.command import flags
from probe.golang.command.environment_files import EnvFile, GoSetting, Sources, value
from probe.golang.command.environment_places import look_path
from probe.golang.release import Go
from probe.lightweight import Mapping, NamedTuple
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.command.toolchain import Toolchain

__all__ = ["EnvFile", "Environment", "GoSetting", "look", "value"]

_UNKNOWN = GoSetting("", "unknown")


class Environment(NamedTuple):
    """The go command's environment in a target."""

    settings: Mapping[str, GoSetting]  # every name that `go env` knows or a file sets, sorted
    user: EnvFile
    goroot: EnvFile

    @property
    def blocks_on(self) -> str | None:
        """The file at which every go command waits for ever."""
        return next((file.path for file in (self.user, self.goroot) if file.blocks), None)


def minor_of(toolchain: Toolchain | None, go: Go) -> int:
    """The minor version whose rules the go command goes by: its own, unless another was asked for."""
    release = version.read(toolchain.version).release if toolchain else None
    return release[1] if release and go.source != "as-go" else go.minor


def look(target: Target, toolchain: Toolchain | None, go: Go) -> Environment:
    """
    The environment of *toolchain*'s go command when it is started in *target*.

    Its own release decides, unless another one was asked for (*go* has the source "as-go").
    Without a toolchain: what the one of release *go* would see, as far as that does not
    depend on where it is installed; a GOROOT/go.env is then taken to be the official one.
    """
    minor = minor_of(toolchain, go)
    path = files.user_path(target, minor)
    known = toolchain.user if toolchain else None
    user = known if known and known.path == path else files.read(target, path, "file")
    sources = Sources(target, minor, user, EnvFile())
    goroot = places.goroot_of_go_env(sources, toolchain)
    if minor < defaults.GO_ENV_SINCE:
        found = _assumed("default", defaults.BUILT_IN)
    elif goroot:
        found = files.read(target, filepath.join(goroot, "go.env"), "go.env")
    elif not toolchain:
        found = _assumed("default", defaults.GO_ENV)
    elif places.goroot_is_baked_in(toolchain):
        found = _assumed("unknown", dict.fromkeys(defaults.GO_ENV, ""))
    else:
        found = EnvFile()
    sources = sources._replace(goroot=found)
    return Environment(_settings(sources, toolchain, goroot), user, found)


def _assumed(origin: str, values: Mapping[str, str]) -> EnvFile:
    """A go.env that we have not seen."""
    return EnvFile("", origin, {name: (value, 0) for name, value in values.items()})


def _settings(sources: Sources, toolchain: Toolchain | None, found: str) -> Mapping[str, GoSetting]:
    minor = sources.minor
    settings = {
        name: sources.get(name, default)
        for name, (default, since) in defaults.PLAIN.items()
        if minor >= since
    }
    for name, since in defaults.OS_ONLY.items():
        if minor >= since:
            value = sources.os(name)
            settings[name] = GoSetting(value, "os" if value else "default")
    host = toolchain.program.elf.architecture if toolchain and toolchain.program else ""
    goroot = places.goroot(sources, found)
    known = goroot.value or (toolchain and not places.goroot_is_baked_in(toolchain))
    settings["GOROOT"] = goroot if known else _UNKNOWN
    settings["GOHOSTOS"] = GoSetting("linux", "default")
    settings["GOHOSTARCH"] = GoSetting(host, "default") if host else _UNKNOWN
    settings["GOVERSION"] = GoSetting(toolchain.version, "default") if toolchain else _UNKNOWN
    tools = filepath.join(goroot.value, "pkg", "tool", f"linux_{host}")
    settings["GOTOOLDIR"] = (
        GoSetting(tools if goroot.value else "", "default") if host and known else _UNKNOWN
    )
    settings |= _machine(sources, host)
    settings |= places.directories(sources, goroot.value)
    settings |= _private(sources)
    settings |= _costly(sources)
    for name in (*sources.user.values, *sources.goroot.values, *defaults.KNOWN):
        if name not in settings and minor >= defaults.KNOWN.get(name, 0):
            other = sources.get(name)
            if other.value or name not in defaults.KNOWN:
                settings[name] = other
    return dict(sorted(settings.items()))


def _machine(sources: Sources, host: str) -> dict[str, GoSetting]:
    """What is built for, and with which C compiler."""
    system = sources.get("GOOS", "linux")
    machine = sources.get("GOARCH", host)
    clang = system.value in ("darwin", "ios", "freebsd", "openbsd")
    found = {
        "GOOS": system,
        "GOARCH": machine if machine.value else _UNKNOWN,
        "GOEXE": GoSetting(".exe" if system.value == "windows" else "", "default"),
        "CC": sources.get("CC", "clang" if clang else "gcc"),
        "CXX": sources.get("CXX", "clang++" if clang else "g++"),
        "GCCGO": places.program(sources, sources.get("GCCGO", "gccgo")),
        "CGO_ENABLED": _cgo(sources, system.value, machine.value, host),
    }
    name, default, since = defaults.ARCHITECTURES.get(machine.value, ("", "", 0))
    if name and sources.minor >= since:
        if name == "GOARM" and sources.minor in (22, 23):
            default = "7,hardfloat"
        found[name] = sources.get(name, default)
    return found


def _cgo(sources: Sources, system: str, machine: str, host: str) -> GoSetting:
    """
    CGO_ENABLED: what is set, if it is 0 or 1; else 0 when building for another platform, and
    0 when CC is not in the environment (its place in the user's file does not count) and the
    default compiler is not in PATH.
    """
    chosen = sources.get("CGO_ENABLED")
    if chosen.value in ("0", "1"):
        return chosen
    if system != "linux" or (host and machine != host):
        return GoSetting("0", "default")
    if not sources.os("CC") and not look_path(sources.target, "gcc")[0]:
        return GoSetting("0", "default")
    return GoSetting("1", "default") if host else _UNKNOWN


def _private(sources: Sources) -> dict[str, GoSetting]:
    """GOPRIVATE is the default of two others."""
    private = sources.get("GOPRIVATE").value
    return {name: sources.get(name, private) for name in ("GONOPROXY", "GONOSUMDB")}


def _costly(sources: Sources) -> dict[str, GoSetting]:
    """The flags for the C compiler, as Go writes them back after splitting them."""
    found = {}
    for name, default in defaults.COSTLY.items():
        setting = sources.get(name, default)
        words = flags.split(setting.value)
        if name == "GOGCCFLAGS" or words is None or (name == "PKG_CONFIG" and not words):
            found[name] = _UNKNOWN
        elif name == "PKG_CONFIG":
            found[name] = setting._replace(value=words[0])
        else:
            found[name] = setting._replace(value=flags.join(words))
    return found
