"""
GODEBUG: which settings are chosen, and which ones a program dies of.

Sources in Go's tree: internal/godebugs/table.go of 1.21 to 1.27, internal/godebug, runtime/runtime1.go.
"""

from __future__ import annotations

from probe.lightweight import NamedTuple

# The runtime's work before main grows with the square of GOMAXPROCS: here it is seconds of CPU.
ABSURD_GOMAXPROCS = 10_000


class Fatal(NamedTuple):
    """An entry of GODEBUG that ends a program before its main function."""

    name: str
    value: str
    why: str


# Name → the values that a program built by 1.27 or later refuses, and the release that removed it.
REMOVED = {
    "x509sha1": (("1",), 24),
    "tlskyber": (("0",), 24),
    "gotypesalias": (("0",), 27),
    "tlsunsafeekm": (("1",), 27),
    "tlsrsakex": (("1",), 27),
    "tls3des": (("1",), 27),
    "tls10server": (("1",), 27),
    "x509keypairleaf": (("0",), 27),
    "asynctimerchan": (("1", "2"), 27),
}
_REMOVAL_IS_FATAL = 27  # the first release that dies of them
_PLUS_SINCE = 26  # the first release whose runtime takes "+5" for a number
_UNITS = {"KiB": 1, "MiB": 2, "GiB": 3, "TiB": 4}  # powers of 1024
_DIGITS = frozenset("0123456789")
_FIPS140 = ("", "off", "on", "only", "debug")
_FIPS140_SINCE = 24


def parse(text: str) -> dict[str, str]:
    """
    The settings in a GODEBUG value; of repeated ones the last counts.

    Entries without "=" count for nothing, and what follows "#" in a value is not part of it.
    """
    pairs = (entry.split("=", 1) for entry in text.split(",") if "=" in entry)
    return {name: value.partition("#")[0] for name, value in pairs}


def fatal(text: str, minor: int, *, fips140: bool = True) -> Fatal | None:
    """
    What in the environment's GODEBUG kills a program built by Go 1.*minor*, if anything does.

    A removed setting counts wherever it stands, even where a later entry overrides it
    (runtime/runtime1.go:parsegodebug). fips140 is looked at by every program that links
    a hash or a cipher (crypto/internal/fips140): *fips140* says whether this one does.
    """
    if minor >= _REMOVAL_IS_FATAL:
        for entry in text.split(","):
            name, _, value = entry.partition("=")
            refused, removed = REMOVED.get(name, ((), 0))
            if value in refused:
                return Fatal(name, value, f"Go 1.{removed} removed the setting")
    checked = [entry for entry in text.split(",") if entry.startswith("cgocheck=")]
    numbers = [number for entry in checked if (number := _number(entry[9:], minor, 31)) is not None]
    if numbers and numbers[-1] > 1:
        return Fatal("cgocheck", str(numbers[-1]), "it became GOEXPERIMENT=cgocheck2 in Go 1.21")
    chosen = parse(text).get("fips140", "")
    if fips140 and minor >= _FIPS140_SINCE and chosen not in _FIPS140:
        return Fatal("fips140", chosen, "it knows off, on, only and debug")
    return None


def gomaxprocs(text: str) -> int:
    """The number in GOMAXPROCS; 0 where the runtime ignores it (runtime/proc.go:schedinit)."""
    return max(_number(text, 99, 31) or 0, 0) if text else 0


def memory_limit(text: str) -> int | None:
    """The bytes of a well-formed GOMEMLIMIT; None for none, `off` and a malformed one."""
    if text in ("", "off") or bad_memory_limit(text, 99):
        return None
    unit = 1024 ** _UNITS.get(text[-3:], 0)
    number = _number(text[:-3] if unit > 1 else text.removesuffix("B"), 99, 63)
    return None if number is None else number * unit


def bad_memory_limit(text: str, minor: int) -> bool:
    """
    Whether GOMEMLIMIT kills every program built by Go 1.*minor*.

    It must be `off` or a whole number, alone or with B, KiB, MiB, GiB or TiB; 512Mi, as
    Kubernetes writes it, is fatal (runtime/mgcpacer.go:readGOMEMLIMIT).
    """
    if text in ("", "off"):
        return False
    unit = 1024 ** _UNITS.get(text[-3:], 0)
    digits = text[:-3] if unit > 1 else text.removesuffix("B")
    number = _number(digits, minor, 63)
    return number is None or not 0 <= number * unit < 1 << 63


def _number(text: str, minor: int, bits: int) -> int | None:
    """A decimal number as the runtime reads it; None when it is none, or too large for *bits* and a sign."""
    signs = ("-", "+") if minor >= _PLUS_SINCE else ("-",)
    digits = text[1:] if text.startswith(signs) else text
    if not digits or not _DIGITS.issuperset(digits) or len(digits.lstrip("0")) > 19:
        return None
    value = -int(digits) if text[0] == "-" else int(digits)
    return value if -(1 << bits) <= value < 1 << bits else None
