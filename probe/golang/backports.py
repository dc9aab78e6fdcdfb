"""Which release a change came with, where a security release brought it to older lines too."""

from probe.golang.release import Go

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Release = tuple[int, int, int]
_NEWEST = 1 << 30

POLICIES_FIRST: tuple[Release, ...] = ((1, 24, 4),)  # CVE-2025-22874: before key usages, whatever they are
PEM_SCANNER: tuple[Release, ...] = ((1, 24, 8), (1, 25, 2))  # CVE-2025-61723
PEM_GOES_ON: tuple[Release, ...] = ((1, 24, 10), (1, 25, 4))  # the new scanner gave up at the first bad block
URL_BRACKETS: tuple[Release, ...] = ((1, 24, 8), (1, 25, 2))  # CVE-2025-47912
URL_BRACKETS_FIRST: tuple[Release, ...] = ((1, 25, 8), (1, 26, 1))  # nothing may stand before a bracket
DOMAIN_NAMES: tuple[Release, ...] = ((1, 24, 8), (1, 25, 2))  # CVE-2025-58187
URL_MAPPED: tuple[Release, ...] = ((1, 24, 10), (1, 25, 4))  # [::ffff:10.0.0.1], refused between the two
URL_COLONS_HTTP: tuple[Release, ...] = ((1, 26, 2),)  # golang/go#78077
STRICT_NAMES: tuple[Release, ...] = DOMAIN_NAMES
LAX_NAMES: tuple[Release, ...] = ((1, 24, 9), (1, 25, 3))  # golang/go#75835: too many certificates had them
MANY_NAMES: tuple[Release, ...] = ((1, 24, 11), (1, 25, 5))  # CVE-2025-61729
WILDCARDS_EXCLUDED: tuple[Release, ...] = ((1, 24, 11), (1, 25, 5))  # CVE-2025-61727
EMAILS_BY_MAILBOX: tuple[Release, ...] = ((1, 26, 1),)  # CVE-2026-27137, CVE-2026-27138
CHAIN_WORK: tuple[Release, ...] = ((1, 25, 9), (1, 26, 2))  # CVE-2026-32280
POLICY_PRUNING: tuple[Release, ...] = ((1, 25, 9), (1, 26, 2))  # CVE-2026-32281
CONSTRAINT_CASE: tuple[Release, ...] = ((1, 26, 2),)  # CVE-2026-33810
DISTRUSTED_KEYS: tuple[Release, ...] = ((1, 27, 3),)


def has(go: Go, first: tuple[Release, ...]) -> bool:
    """
    Whether *go* carries a change whose first releases, one a line and in order, are *first*.

    Who asks for Go 1.24 and no more means the line: what its newest release does.
    """
    major, minor, patch = go.release
    release = (major, minor, _NEWEST if go.newest_of_line else patch)
    return release >= first[-1] or any((major, minor) == fixed[:2] and release >= fixed for fixed in first)


def only_in(go: Go, first: tuple[Release, ...], reverted: tuple[Release, ...]) -> bool:
    """Whether *go* carries what *first* brought and *reverted* took back."""
    return has(go, first) and not has(go, reverted)


def pem_scanner(go: Go) -> "dict[str, Any]":
    """The keywords with which `formats.pem.split` scans as *go* does."""
    first_form = only_in(go, PEM_SCANNER, PEM_GOES_ON)
    return {"begin_first": not has(go, PEM_SCANNER), "gives_up": first_form}
