"""Which release a change came with, where a security release brought it to older lines too."""

from probe.golang.judged import Go

Release = tuple[int, int, int]

PEM_SCANNER: tuple[Release, ...] = ((1, 24, 8), (1, 25, 2))  # CVE-2025-61723
URL_BRACKETS: tuple[Release, ...] = ((1, 24, 8), (1, 25, 2))  # CVE-2025-47912
URL_BRACKETS_FIRST: tuple[Release, ...] = ((1, 25, 8), (1, 26, 1))  # nothing may stand before a bracket
DOMAIN_NAMES: tuple[Release, ...] = ((1, 24, 8), (1, 25, 2))  # CVE-2025-58187
DISTRUSTED_KEYS: tuple[Release, ...] = ((1, 27, 3),)


def has(go: Go, first: tuple[Release, ...]) -> bool:
    """Whether *go* carries a change whose first releases, one a line and in order, are *first*."""
    line = go.release[:2]
    return go.release >= first[-1] or any(line == fixed[:2] and go.release >= fixed for fixed in first)
