"""The directories, files and programs that the go command finds for itself."""

from __future__ import annotations

from probe.errors import reason
from probe.golang import filepath
from probe.golang.command import environment_files as files
from probe.golang.command.environment_files import GoSetting, Sources
from probe.lightweight import os
from probe.targets import NotRegular, Stat, Target, TooLarge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.command.toolchain import Toolchain

_UNKNOWN = GoSetting("", "unknown")
_BIN_IS_EFFECTIVE = 27  # the first release that prints the directory where GOBIN is unset
_TELEMETRY = 23


def goroot_of_go_env(sources: Sources, toolchain: Toolchain | None) -> str:
    """
    The directory whose go.env is read (cfg.findGOROOT); "" when there is none.

    The user's file wins over the operating system here, although not for GOROOT itself.
    """
    chosen = sources.user.values.get("GOROOT", ("", 0))[0] or sources.os("GOROOT")
    if chosen:
        return filepath.clean(chosen)
    return toolchain.root if toolchain else ""


def goroot_is_baked_in(toolchain: Toolchain) -> bool:
    """Whether only its making, or a wrapper around it, can tell where its tree is: it stands in none."""
    program = toolchain.program
    return not toolchain.root and (program is None or program.settings.get("-trimpath") != "true")


def goroot(sources: Sources, found: str) -> GoSetting:
    """GOROOT as printed: the operating system's as it is written, else *found*."""
    if chosen := sources.os("GOROOT"):
        return GoSetting(chosen, "os")
    value, line = sources.user.values.get("GOROOT", ("", 0))
    if value:
        return GoSetting(found, "file", sources.user.path, line)
    return GoSetting(found, "default")


def directories(sources: Sources, goroot: str) -> dict[str, GoSetting]:
    minor, env = sources.minor, sources.target.env
    gopath, raw = _gopath(sources)
    cached = _first(raw, "pkg/mod")
    found = {
        "GOPATH": gopath,
        "GOMODCACHE": sources.get("GOMODCACHE", cached),
        "GOCACHE": _gocache(sources),
        "GOENV": GoSetting(
            files.user_path(sources.target, minor), "os" if sources.os("GOENV") else "default"
        ),
        **_module(sources, goroot),
    }
    found["GOBIN"] = _gobin(sources, gopath.value, in_module_mode=_module_mode(sources, found["GOMOD"]))
    if minor >= _TELEMETRY:
        config = files.config_dir(env, minor)
        telemetry = filepath.join(config, "go", "telemetry") if config else ""
        found["GOTELEMETRYDIR"] = GoSetting(telemetry, "default")
        found["GOTELEMETRY"] = _telemetry(sources.target, telemetry)
    return found


def _gopath(sources: Sources) -> tuple[GoSetting, str]:
    """GOPATH as printed, and as it was when the directories below it were worked out."""
    home = sources.os("HOME")
    default = filepath.join(home, "go") if home else ""
    if default == filepath.clean(sources.os("GOROOT")):
        default = ""
    gopath = sources.get("GOPATH", default)
    if gopath.origin == "default" and any(
        entry and not entry.startswith("/") for entry in filepath.split_list(gopath.value)
    ):
        return GoSetting("", "default"), gopath.value  # a relative HOME
    return gopath, gopath.value


def _first(gopath: str, below: str) -> str:
    first = gopath.partition(":")[0]
    return filepath.join(first, below) if first else ""


def _gocache(sources: Sources) -> GoSetting:
    """A relative directory is printed as `off`, and so is the lack of a home."""
    chosen = sources.get("GOCACHE")
    if chosen.value:
        return chosen if chosen.value.startswith("/") else chosen._replace(value="off")
    cache = files.cache_dir(sources.target.env, sources.minor)
    return GoSetting(filepath.join(cache, "go-build") if cache else "off", "default")


def _telemetry(target: Target, directory: str) -> GoSetting:
    if not directory:
        return GoSetting("off", "default")
    path = filepath.join(directory, "mode")
    try:
        mode = target.read(path, files.LIMIT).decode("utf-8", "surrogateescape").strip()
    except (OSError, ValueError):
        return GoSetting("local", "default")
    except (NotRegular, TooLarge):
        return _UNKNOWN
    return GoSetting(mode.partition(" ")[0], "file", path, 1)


def _gobin(sources: Sources, gopath: str, *, in_module_mode: bool) -> GoSetting:
    chosen = sources.get("GOBIN")
    if chosen.value or sources.minor < _BIN_IS_EFFECTIVE:
        return chosen
    entries = filepath.split_list(gopath)
    if in_module_mode or not entries:
        return GoSetting(_first(gopath, "bin"), "default")
    here = working_directory(sources.target)
    return GoSetting(filepath.join(next(filter(here.startswith, entries), entries[0]), "bin"), "default")


def _module_mode(sources: Sources, gomod: GoSetting) -> bool:
    mode = sources.get("GO111MODULE").value
    return mode != "off" and (mode != "auto" or bool(gomod.value))


def _module(sources: Sources, goroot: str) -> dict[str, GoSetting]:
    """GOMOD and GOWORK, looked for upwards from the working directory (modload.Init, FindGoWork)."""
    target = sources.target
    above = filepath.parents(working_directory(target))
    mode = sources.get("GO111MODULE").value
    module = next((path for path in above if _is_file(target, filepath.join(path, "go.mod"))), "")
    if module and _same(target, module, sources.os("TMPDIR") or "/tmp"):  # noqa: S108
        module = ""  # a go.mod in the root of all temporary directories is ignored
    if mode not in ("", "on", "off", "auto"):
        gomod = _UNKNOWN  # fatal
    elif mode == "off" or (mode == "auto" and not module):
        gomod = GoSetting("", "default")
    else:
        gomod = GoSetting(filepath.join(module, "go.mod") if module else "/dev/null", "default")
    return {"GOMOD": gomod, "GOWORK": _gowork(sources, above, goroot)}


def _gowork(sources: Sources, above: list[str], goroot: str) -> GoSetting:
    chosen = sources.get("GOWORK")
    if chosen.value not in ("", "auto"):
        # A relative one is fatal.
        return chosen if chosen.value == "off" or chosen.value.startswith("/") else _UNKNOWN
    for at, directory in enumerate(above):
        if at and directory == goroot:
            break  # not beyond GOROOT
        if _is_file(sources.target, path := filepath.join(directory, "go.work")):
            return GoSetting(path, "default")
    return GoSetting("", "default")


def working_directory(target: Target) -> str:
    """The working directory as os.Getwd names it: $PWD when that is the same directory."""
    named = target.env.get("PWD", "")
    if named.startswith("/") and _same(target, named, target.cwd):
        return named
    return target.cwd


def _same(target: Target, first: str, second: str) -> bool:
    """Whether both lead to one directory."""
    if filepath.clean(first) == filepath.clean(second):
        return True
    one, other = stat(target, first), stat(target, second)
    if not one or not other:
        return False
    return one.identity == other.identity != (0, 0) or target.resolve(first) == target.resolve(second)


def _is_file(target: Target, path: str) -> bool:
    found = stat(target, path)
    return found is not None and not found.is_dir


def stat(target: Target, path: str) -> Stat | None:
    try:
        return target.stat(path)
    except (OSError, ValueError):
        return None


def program(sources: Sources, name: GoSetting) -> GoSetting:
    """The path of a program where it is found, else its name."""
    path, _ = look_path(sources.target, name.value)
    return name._replace(value=path) if path else name


def look_path(target: Target, name: str) -> tuple[str, str]:
    """The program that os/exec.LookPath finds, or "" and why there is none, in Go's words."""
    if "/" in name:
        why = not_executable(target, name)
        return ("" if why else name), why
    for entry in filepath.search_path(target.env.get("PATH", "")):
        path = filepath.join(entry or ".", name)
        if not not_executable(target, path):
            if path.startswith("/") or "execerrdot=0" in target.env.get("GODEBUG", "").split(","):
                return path, ""
            return "", "cannot run executable found relative to current directory"
    return "", "executable file not found in $PATH"


def not_executable(target: Target, path: str) -> str:
    """Why execve(2) would not start the file at *path*, by its kind and its mode; "" where it would."""
    try:
        if target.stat(path).is_dir:
            return "permission denied"
        target.access(path, os.X_OK)
    except OSError as problem:
        return reason(problem)
    except ValueError:  # a NUL in the path
        return "invalid argument"
    return ""
