"""Exit codes, and the errors that end a command before it has a verdict."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

HEALTHY = 0
UNHEALTHY = 1
USAGE = 64  # EX_USAGE in sysexits(3)
CONFIG = 78  # EX_CONFIG in sysexits(3)


class ProbeError(Exception):
    """A command cannot go on. The text is one line for the user: what, where, what to do."""

    exit_code = UNHEALTHY


class UsageError(ProbeError):
    """The command line is wrong."""

    exit_code = USAGE


class ConfigError(ProbeError):
    """A configuration file, a PROBE_* variable or a --set value is wrong."""

    exit_code = CONFIG


class TargetError(ProbeError):
    """The target cannot be examined: it is not there, or a permission is missing."""


def reason(problem: BaseException) -> str:
    """What the system says of an error, without its number and the path: "permission denied"."""
    return (getattr(problem, "strerror", None) or str(problem)).lower()


def did_you_mean(name: str, known: "Iterable[str]") -> str:
    """`; did you mean X?` where one of *known* is like *name*, whatever its case and dashes; else nothing."""
    from probe import likeness  # only where something is wrong

    plain = {_plain(word): word for word in known}
    found = likeness.nearest(_plain(name[:100]), plain, 0.65)
    return f"; did you mean {plain[found]}?" if found else ""


def _plain(word: str) -> str:
    return word.lower().replace("_", "-").strip("-")
