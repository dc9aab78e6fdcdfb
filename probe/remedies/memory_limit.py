"""What a GOMEMLIMIT was meant to be that Go does not read (runtime/string.go:parseByteCount)."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.targets import Target

_SIZES = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_NO_LIMIT = (  # of ulimit, cgroups and systemd, and as people say it
    *("OFF", "MAX", "UNLIMITED", "NONE", "INFINITY", "INF", "INFINITE", "NOLIMIT", "NO", "FALSE", "DISABLED"),
    *("-1", "-1B", "NULL", "NIL", "NEVER", "\u221e"),
)
_MAX = (1 << 63) - 1  # bytes, and then it is no limit
_LONG = 200  # characters, more than any amount has
_GROUP_BYTES = 4096  # of a file of the control group
_AROUND = " \t\r\n\"'`=;,\u201c\u201d\u2018\u2019\u00a0"
_THOUSANDS = re.compile(r"(?<=\d)[,_' ](?=\d{3}(?!\d))")
_WORDS = (("BYTES", "B"), ("BYTE", "B"), ("OCTETS", "B"), ("ITS", "I"))
_NAMES = (("KILO", "K"), ("MEGA", "M"), ("GIGA", "G"), ("TERA", "T"), ("KIBI", "KI"), ("MEBI", "MI"))
_MORE_NAMES = (("GIBI", "GI"), ("TEBI", "TI"), ("GIGS", "G"), ("GIG", "G"), ("MEGS", "M"), ("MEG", "M"))


def meant(limit: str, memory: int | None = None) -> str | None:
    """
    The same amount as Go writes it; None where it is none, or more than any machine has.

    Kubernetes and Docker write 512Mi, 512M, 0.5g: all of them are taken for powers of 1024. A share, as
    80%, is one of *memory*, the bytes that the container may have.
    """
    text = limit[:_LONG].strip(_AROUND).upper().removeprefix("GOMEMLIMIT").strip(_AROUND)
    text = text.partition("#")[0].strip(_AROUND)
    if text in _NO_LIMIT or text.replace(" ", "") in ("NOLIMIT", "NO-LIMIT"):
        return "off"
    if share := re.fullmatch(r"(\d{1,3}(?:[.,]\d{1,3})?)\s*(?:%|PERCENT|PCT)\D{0,20}", text):
        return _of(memory, float(share[1].replace(",", ".")) / 100)
    if re.fullmatch(r"0?[.,]\d{1,4}", text):
        return _of(memory, float(text.replace(",", ".")))
    size = _bytes(text)
    return None if size is None or not 0 < size < _MAX >> 10 else _written(size)


def of_target(limit: str, target: Target) -> str | None:
    """The same, a share being one of what the target's control group allows."""
    from probe.targets import cgroup

    memory = None
    if target.proc and ("%" in limit or "." in limit or "p" in limit.lower()):
        try:
            memory = cgroup.limits(target.proc, lambda path: target.read(path, _GROUP_BYTES)).memory
        except (OSError, ValueError):
            memory = None
    return meant(limit, memory)


def _of(memory: int | None, share: float) -> str | None:
    """A share of the memory in whole MiB; None where either is not known, or there is more than all."""
    if not memory or not 0 < share <= 1:
        return None
    return f"{max(1, int(memory * share) >> 20)}MiB"


def _bytes(text: str) -> int | None:
    if hexadecimal := re.fullmatch(r"0X([0-9A-F]{1,15})B?", text):
        return int(hexadecimal[1], 16)
    for said, sign in (*_WORDS, *_NAMES, *_MORE_NAMES):
        text = text.replace(said, sign)
    number = _THOUSANDS.sub("", text.removeprefix("+"))
    found = re.fullmatch(r"(\d{1,18}(?:[.,]\d{0,6})?(?:E\+?\d{1,2})?)\s*([KMGT]?)(?:I?[BO]?|IO)", number)
    if not found:
        return None
    amount = found[1].replace(",", ".")
    if not (amount.isdigit() or found[2] or "E" in amount):  # 1,5 of what?
        return None
    exact = int(amount) if amount.isdigit() else float(amount)
    return round(exact * (1 << _SIZES[found[2]]))


def _written(size: int) -> str:
    """By the largest unit of which it is a whole number."""
    for unit, shift in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size % (1 << shift) == 0:
            return f"{size >> shift}{unit}"
    return f"{size}B"
