"""The options of `probe run` that the small process reads by itself; it imports no parser."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

ON_FAIL = ("exit", "warn", "hold")
_LONGEST_S = 86400.0


def seconds(text: str) -> float | None:
    """A number of seconds up to a day; None for anything else."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= _LONGEST_S else None


def value(options: "Sequence[str]", flag: str) -> str:
    """The last value of *flag*; what is wrong with it, the child says."""
    found = ""
    for at, option in enumerate(options):
        name, equals, text = option.partition("=")
        if name == flag:
            found = text if equals else "".join(options[at + 1 : at + 2])
            if not equals and found.startswith("--"):
                found = ""  # it is missing, and the next option has been taken for it
    return found


def transient_code(options: "Sequence[str]") -> int:
    """The exit code for what may pass by itself, 1 where none is asked for; the child has looked at it."""
    text = value(options, "--exit-code-transient")
    return int(text) if text.isascii() and text.isdecimal() else 1
