"""How the check words what it finds: short, on one line, ready to be pasted."""

from __future__ import annotations

from probe import redact
from probe.codes import Code
from probe.golang.quoting import quote
from probe.golang.x509.trust import FILES
from probe.lightweight import Mapping, NamedTuple
from probe.report import Remedy

_LIMIT = 120  # characters of a path or a name


class Diagnosis(NamedTuple):
    """What is wrong with the roots, before it is decided how bad that is."""

    code: Code
    path: str
    cause: str
    remedies: tuple[Remedy, ...]
    evidence: Mapping[str, object]


def plain(text: str) -> str:
    """A path or value of the target as a report may show it: one line, no secrets, not too long."""
    return text if text in FILES else line(redact.text(text))


def place(path: str) -> str:
    """A path that SSL_CERT_FILE or SSL_CERT_DIR may have named, for a report."""
    return path if path in FILES else line(redact.path(path))


def line(text: str) -> str:
    """A text without secrets, such as what a certificate says, on one line and not too long."""
    text = quote(text)[1:-1]
    return text if len(text) <= _LIMIT else f"{text[: _LIMIT - 1]}…"
