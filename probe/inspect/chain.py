"""`probe inspect chain`: would Go accept these certificates?"""

from collections.abc import Iterator, Sequence
from typing import Any

from probe.certificate_codes import CODES
from probe.formats import pem
from probe.golang import backports
from probe.golang.quoting import json_text
from probe.golang.release import Go
from probe.golang.x509 import reasons
from probe.golang.x509.certificate import Certificate, Parser, Refusal
from probe.golang.x509.verify import verify
from probe.tls.signatures import signed

NONE = "no certificates"
_UNREADABLE = "tls: failed to parse certificate from server: "


def inspect(chain_pem: bytes, host: str, at: float, roots: Sequence[Certificate], go: Go) -> dict[str, Any]:
    """
    The answer as JSON values, in the published shape.

    *chain_pem* holds what a server would present, leaf first; *at* is in seconds since
    the epoch. `ok` is null where a signature decides that cannot be checked here.
    `error` is in Go's words, `code` is what `probe explain` tells more about.
    """
    chain: list[Certificate] = []
    for certificate in _parsed(chain_pem, go):
        if isinstance(certificate, Refusal):
            text = _UNREADABLE + certificate.reason
            return _answer(ok=False, error=text, reason=reasons.CERTIFICATE_REFUSED)
        chain.append(certificate)
    if not chain:
        return _answer(ok=False, error=NONE, reason=reasons.CERTIFICATE_REFUSED)
    verdict = verify(chain, host, at, roots, go, signed)
    return _answer(ok=verdict.ok, error=verdict.error, reason=verdict.reason)


def certificates(data: bytes, go: Go) -> list[Certificate]:
    """The certificates that a pool takes from PEM (AppendCertsFromPEM); the others are passed over."""
    return [found for found in _parsed(data, go, headers=False) if isinstance(found, Certificate)]


def _parsed(data: bytes, go: Go, *, headers: bool = True) -> Iterator[Certificate | Refusal]:
    """Every CERTIFICATE block; those with header lines too where *headers* do not matter."""
    parser = Parser(go)
    for block in pem.split(data, **backports.pem_scanner(go)):
        if block.label == "CERTIFICATE" and not block.fault and (headers or not block.headers):
            yield parser.parse(block.data)


def _answer(*, ok: bool | None, error: str, reason: reasons.Reason) -> dict[str, Any]:
    return {"ok": ok, "error": json_text(error) if error else None, "code": CODES[reason].name}
