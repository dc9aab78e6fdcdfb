"""What a GOMEMLIMIT was meant to be that Go does not read (runtime/string.go:parseByteCount)."""

import re

_SIZES = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_NO_LIMIT = ("OFF", "MAX", "UNLIMITED", "NONE", "INFINITY", "INF")  # of ulimit, cgroups and systemd
_MAX = (1 << 63) - 1  # bytes, and then it is no limit


def meant(limit: str) -> str | None:
    """
    The same amount as Go writes it; None where it is none, or more than any machine has.

    Kubernetes and Docker write 512Mi, 512M, 0.5g: all of them are taken for powers of 1024.
    """
    text = limit.strip(" \t\r\n\"'`").upper()
    if text in _NO_LIMIT:
        return "off"
    found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,6})?)\s*([KMGT]?)I?B?", text.replace(",", ".", 1))
    if not found:
        return None
    size = round(float(found[1]) * (1 << _SIZES[found[2]]))
    if not 0 < size < _MAX >> 10:
        return None
    for unit, shift in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size % (1 << shift) == 0 or size >> shift > 10_000:
            return f"{max(1, size >> shift)}{unit}"
    return f"{size}B"
