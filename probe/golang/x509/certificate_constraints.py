"""The names of a nameConstraints (crypto/x509/parser.go)."""

from __future__ import annotations

from probe.golang import backports
from probe.golang.net import netip
from probe.golang.quoting import quote
from probe.golang.release import Go
from probe.golang.x509 import der, mailbox
from probe.golang.x509.certificate_fields import Names
from probe.golang.x509.certificate_general_names import DNS, IP, MAPPED, RFC822, URI, strict
from probe.golang.x509.der import CONSTRUCTED, CONTEXT, SEQUENCE, ParseError
from probe.lightweight import Any


def name_constraints(value: bytes, go: Go) -> tuple[dict[str, Any], bool]:
    """The fields that a nameConstraints fills, and whether Go knows all kinds of names in it."""
    reason = "x509: invalid NameConstraints extension"
    at, end = der.take(value, 0, len(value), SEQUENCE, reason)
    if end != len(value):
        raise ParseError(reason)
    sides: list[bytes | None] = []
    for tag in (CONTEXT | CONSTRUCTED, CONTEXT | CONSTRUCTED | 1):
        side = None
        if der.peek(value, at, end) == tag:
            start, at = der.take(value, at, end, tag, reason)
            side = value[start:at]
        sides.append(side)
    if at != end:
        raise ParseError(reason)
    if not any(sides):
        raise ParseError("x509: empty name constraints extension")
    permitted, excluded = (None if side is None else _subtrees(side, go) for side in sides)
    handled = not any(side and side[1] for side in (permitted, excluded))
    return {"permitted": permitted and permitted[0], "excluded": excluded and excluded[0]}, handled


def _subtrees(data: bytes, go: Go) -> tuple[Names, bool]:
    """The names of a side of a constraint, and whether there were others that Go knows nothing about."""
    reason = "x509: invalid NameConstraints extension"
    dns, ip, email, uri, unknown = [], [], [], [], False
    at = 0
    while at < len(data):
        start, stop = der.take(data, at, len(data), SEQUENCE, reason)
        tag, begin, end = der.take_any(data, start, stop, reason)
        content = data[begin:end]
        if tag == DNS:
            dns.append(_constraint(content, "dnsName", go))
        elif tag == IP:
            ip.append(_range(content, go))
        elif tag == RFC822:
            email.append(_constraint(content, "rfc822Name", go))
        elif tag == URI:
            uri.append(_constraint(content, "URI", go))
        else:
            unknown = True
        at = stop
    return Names(tuple(dns), tuple(ip), tuple(email), tuple(uri)), unknown


def _constraint(content: bytes, kind: str, go: Go) -> str:
    """A name of that kind in a constraint."""
    text = content.decode("utf-8", "surrogateescape")
    if not content.isascii():
        raise ParseError(
            f"x509: invalid constraint value: x509: {quote(text)} cannot be encoded as an IA5String"
        )
    address = netip.parse(text) if kind == "URI" else None
    if address and not address[1]:
        raise ParseError(f"x509: failed to parse URI constraint {quote(text)}: cannot be IP address")
    exact = kind == "rfc822Name" and "@" in text
    if not (mailbox.parse_mailbox(text, go) if exact else _domain(text, go)):
        raise ParseError(f"x509: failed to parse {kind} constraint {quote(text)}")
    return text


def _domain(name: str, go: Go) -> bool:
    """Whether *name* may stand in a constraint, where a dot in front leaves the domain itself out."""
    if strict(go):
        return not name or (len(name) < 254 and mailbox.strictly_valid(name.removeprefix(".")))
    if name == ".":
        return not backports.has(go, backports.DOMAIN_NAMES)
    return mailbox.domain_valid(name.removeprefix("."), go)


def _range(content: bytes, go: Go) -> bytes:
    if len(content) not in (8, 32):
        raise ParseError(f"x509: IP constraint contained value of length {len(content)}")
    address, mask = content[: len(content) // 2], content[len(content) // 2 :]
    zeros = ~int.from_bytes(mask) & ((1 << 8 * len(mask)) - 1)
    if zeros & (zeros + 1):
        raise ParseError(f"x509: IP constraint contained invalid mask {mask.hex()}")
    if address.startswith(MAPPED) and len(address) == 16 and go.minor >= 27:
        raise ParseError("x509: IP constraint contained IPv4-mapped IPv6 address")
    return content
