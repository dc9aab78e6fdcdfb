"""
The roots that distributions ship, by their digest, with what Go's parser makes of each.

The table is written by `python -m tests.support.public_roots`. It has only what the minor release alone
decides, whatever GODEBUG says; the rest is parsed.
"""

from __future__ import annotations

from probe.golang.release import Go
from probe.golang.x509.certificate_fields import Certificate, Names
from probe.golang.x509.public_roots_table import ROOTS
from probe.lightweight import Any, blake2b

# Fields of Certificate that are a part of its bytes: the table has where each begins and ends.
PARTS = (
    "raw_subject",
    "raw_issuer",
    "raw_tbs",
    "raw_spki",
    "signature",
    "subject_key_id",
    "authority_key_id",
)
_PLACES = tuple([Certificate._fields.index(name) for name in PARTS])
_NAMES, _CRITICAL, _EXTENSIONS = [
    Certificate._fields.index(name) for name in ("names", "critical", "extensions")
]
_NO_NAMES = Names()
_LAST = [Certificate._field_defaults.get(name) for name in Certificate._fields]


def digest(data: bytes) -> bytes:
    """By which the table knows *data*: BLAKE2b of 256 bits, in Python's own C a fifth of SHA-256's work."""
    return blake2b(data, digest_size=32).digest()


def find(data: bytes, go: Go) -> Certificate | None:
    """The certificate whose DER is *data*, as *go* reads it; None where it is not known."""
    for since, row in ROOTS.get(digest(data), ()):
        if go.minor >= since:
            return _certificate(data, row)
    return None


def _certificate(data: bytes, row: tuple[Any, ...]) -> Certificate:
    fields: list[Any] = [data, *row]
    for place in _PLACES:
        start, stop = fields[place]
        fields[place] = data[start:stop]
    fields[_NAMES] = Names(*fields[_NAMES]) if fields[_NAMES] else _NO_NAMES
    fields[_CRITICAL] = frozenset(fields[_CRITICAL])
    fields[_EXTENSIONS] = tuple(
        [(oid, critical, data[start:stop]) for oid, critical, start, stop in fields[_EXTENSIONS]]
    )
    fields += _LAST[len(fields) :]
    return tuple.__new__(Certificate, fields)  # Certificate(*fields), without what looks for defaults
