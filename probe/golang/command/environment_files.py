"""The two files that the go command takes settings from, and the precedence between them."""

from __future__ import annotations

from probe.golang import filepath
from probe.lightweight import Mapping, NamedTuple
from probe.targets import NotRegular, Target, TooLarge

LIMIT = 1 << 18  # bytes of such a file that are read
RELATIVE_REFUSED = 24  # the first minor release in which a relative XDG_CONFIG_HOME is an error


class GoSetting(NamedTuple):
    """The value of one variable, and what gave it."""

    value: str
    origin: str  # "os", "file", "go.env", "default"; "unknown" when we cannot tell the value
    file: str = ""  # where "file" and "go.env" found it
    line: int = 0  # 1-based


def value(settings: Mapping[str, GoSetting], name: str) -> str:
    """What *settings* say of *name*, "" where they do not know it."""
    return settings[name].value if name in settings else ""


class EnvFile(NamedTuple):
    """What a file of settings holds; nothing when it is missing, unreadable or a directory, as for Go."""

    path: str = ""
    origin: str = "file"
    values: Mapping[str, tuple[str, int]] = {}  # name → value and line
    blocks: bool = False  # a FIFO or a device: every go command waits here for ever
    too_large: bool = False  # for us; Go would read on


class Sources(NamedTuple):
    """Everything that a variable can come from, for one go command."""

    target: Target
    minor: int  # release of the go command
    user: EnvFile
    goroot: EnvFile  # GOROOT/go.env

    def os(self, name: str) -> str:
        return self.target.env.get(name, "")

    def get(self, name: str, default: str = "") -> GoSetting:
        """
        The value that the go command works with (cfg.Getenv).

        An empty variable of the operating system counts as unset; an empty one in the
        user's file hides go.env and leaves the built-in default.
        """
        if value := self.os(name):
            return GoSetting(value, "os")
        for source in (self.user, self.goroot):
            if name in source.values:
                value, line = source.values[name]
                if value or not default:
                    return GoSetting(value, source.origin, source.path, line)
                break
        return GoSetting(default, "default")


def parse(data: bytes, *, first: bool = False) -> dict[str, tuple[str, int]]:
    """
    The settings in such a file, name → (value, line); of repeated ones the last, or the *first*.

    A line counts when its first byte is A to Z and it holds a "=". Nothing is trimmed,
    unquoted or expanded: a carriage return belongs to the value, a blank to the name.
    """
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(data.split(b"\n"), 1):
        name, equals, value = line.partition(b"=")
        if equals and b"A" <= line[:1] <= b"Z":
            if first:
                found.setdefault(_text(name), (_text(value), number))
            else:
                found[_text(name)] = (_text(value), number)
    return found


def read(target: Target, path: str, origin: str) -> EnvFile:
    """
    What Go takes from the file at *path*, relative to the working directory; "" is no file.

    In go.env the first of repeated settings counts, in the user's file the last.
    """
    if not path:
        return EnvFile()
    try:
        return EnvFile(path, origin, parse(target.read(path, LIMIT), first=origin == "go.env"))
    except NotRegular:
        return EnvFile(path, origin, blocks=True)
    except TooLarge:
        return EnvFile(path, origin, too_large=True)
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return EnvFile(path, origin)


def user_path(target: Target, minor: int) -> str:
    """Where the user's file is looked for, whether it exists or not; "" for none (cfg.EnvFile)."""
    chosen = target.env.get("GOENV", "")
    if chosen:
        return "" if chosen == "off" else chosen
    return filepath.join(config, "go/env") if (config := config_dir(target.env, minor)) else ""


def config_dir(env: Mapping[str, str], minor: int) -> str:
    return _xdg(env, minor, "XDG_CONFIG_HOME", "/.config")


def cache_dir(env: Mapping[str, str], minor: int) -> str:
    return _xdg(env, minor, "XDG_CACHE_HOME", "/.cache")


def _xdg(env: Mapping[str, str], minor: int, name: str, below_home: str) -> str:
    """os.UserConfigDir and os.UserCacheDir; "" where they give an error."""
    if chosen := env.get(name, ""):
        return chosen if chosen.startswith("/") or minor < RELATIVE_REFUSED else ""
    home = env.get("HOME", "")
    return home + below_home if home else ""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
