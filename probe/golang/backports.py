"""Which release a change came with, where a security release brought it to older lines too."""

from probe.golang.release import Go

Release = tuple[int, int, int]
_NEWEST = 1 << 30

PEM_SCANNER: tuple[Release, ...] = ((1, 24, 8), (1, 25, 2))  # CVE-2025-61723
URL_BRACKETS: tuple[Release, ...] = ((1, 24, 8), (1, 25, 2))  # CVE-2025-47912
URL_BRACKETS_FIRST: tuple[Release, ...] = ((1, 25, 8), (1, 26, 1))  # nothing may stand before a bracket
DOMAIN_NAMES: tuple[Release, ...] = ((1, 24, 8), (1, 25, 2))  # CVE-2025-58187
DISTRUSTED_KEYS: tuple[Release, ...] = ((1, 27, 3),)


def has(go: Go, first: tuple[Release, ...]) -> bool:
    """
    Whether *go* carries a change whose first releases, one a line and in order, are *first*.

    Who asks for Go 1.24 and no more means the line: what its newest release does.
    """
    major, minor, patch = go.release
    release = (major, minor, _NEWEST if go.source == "as-go" and patch == 0 else patch)
    return release >= first[-1] or any((major, minor) == fixed[:2] and release >= fixed for fixed in first)
