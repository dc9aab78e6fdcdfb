"""Which resolver a program uses: Go's own, or that of the C library (net/conf.go)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.release import Go

OWN, LIBC, EITHER = "Go's own", "the C library's", "unknown"


def of(go: Go) -> str:
    """OWN or LIBC where that is certain; EITHER where cgo leaves the choice to the moment of a lookup."""
    wanted = go.debug("netdns").partition("+")[0]
    if go.without_cgo or wanted == "go":
        return OWN
    return LIBC if go.with_cgo and wanted == "cgo" else EITHER


def sends_edns0(go: Go) -> bool:
    """Whether Go's own resolver does; GODEBUG=netedns0=0 keeps it from that."""
    return go.debug("netedns0") != "0"
