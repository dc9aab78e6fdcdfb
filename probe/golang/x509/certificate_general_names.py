"""Names inside extensions: alternative names and name constraints (crypto/x509/parser.go)."""

from __future__ import annotations

from probe.golang import backports
from probe.golang.net import netip, neturl
from probe.golang.quoting import quote
from probe.golang.release import Go
from probe.golang.x509 import der, mailbox
from probe.golang.x509.certificate_fields import Names
from probe.golang.x509.der import CONSTRUCTED, CONTEXT, SEQUENCE, ParseError
from probe.lightweight import Any

_RFC822, _DNS, _URI, _IP = CONTEXT | 1, CONTEXT | 2, CONTEXT | 6, CONTEXT | 7
_MAPPED = bytes(10) + b"\xff\xff"  # what an IPv4 address written as an IPv6 one begins with


def alternative_names(value: bytes, go: Go) -> tuple[dict[str, Any], bool]:
    """The fields that a subjectAltName fills, and whether there was anything in it that Go knows."""
    at, end = der.take(value, 0, len(value), SEQUENCE, "x509: invalid subject alternative names")
    dns, ip, email, uri = [], [], [], []
    while at < end:
        tag, start, at = der.take_any(value, at, end, "x509: invalid subject alternative name")
        content = value[start:at]
        if tag == _DNS:
            dns.append(_dns_name(content, go))
        elif tag == _RFC822:
            email.append(_mail_address(content, go))
        elif tag == _URI:
            uri.append(_uri(_ascii(content, "x509: SAN uniformResourceIdentifier is malformed"), go))
        elif tag == _IP:
            if len(content) not in (4, 16):
                raise ParseError(f"x509: cannot parse IP address of length {len(content)}")
            if len(content) == 16 and content.startswith(_MAPPED) and go.minor >= 27:
                raise ParseError("x509: SAN iPAddress contains IPv4-mapped IPv6 address")
            ip.append(content)
    names = Names(tuple(dns), tuple(ip), tuple(email), tuple(uri))
    return {"has_san": True, "names": names}, any(names)


def _ascii(content: bytes, reason: str) -> str:
    if not content.isascii():
        raise ParseError(reason)
    return content.decode("ascii")


def _dns_name(content: bytes, go: Go) -> str:
    reason = "x509: SAN dNSName is malformed"
    name = _ascii(content, reason)
    if _strict(go) and not mailbox.strictly_valid(name):
        raise ParseError(reason)
    return name


def _mail_address(content: bytes, go: Go) -> str:
    reason = "x509: SAN rfc822Name is malformed"
    text = _ascii(content, reason)
    if _strict(go):
        parsed = mailbox.parse_mailbox(text, go)
        if parsed is None or not mailbox.strictly_valid(parsed.domain):
            raise ParseError(reason)
    return text


def _strict(go: Go) -> bool:
    """Whether names are looked at more closely: 1.24.8 and 1.25.2 did, and refused what many have."""
    return backports.only_in(go, backports.STRICT_NAMES, backports.LAX_NAMES)


def _uri(text: str, go: Go) -> str:
    try:
        host = neturl.parse(text, go).host
    except neturl.BadUrl as problem:
        name = quote(text)
        raise ParseError(f"x509: cannot parse URI {name}: parse {name}: {problem}") from None
    if _strict(go):
        if host and not mailbox.strictly_valid(host):
            raise ParseError(f"x509: cannot parse URI {quote(text)}: %!s(<nil>)")
    elif not mailbox.domain_valid(host, go):
        raise ParseError(f"x509: cannot parse URI {quote(text)}: invalid domain")
    return text


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
        if tag == _DNS:
            dns.append(_constraint(content, "dnsName", go))
        elif tag == _IP:
            ip.append(_range(content, go))
        elif tag == _RFC822:
            email.append(_constraint(content, "rfc822Name", go))
        elif tag == _URI:
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
    if _strict(go):
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
    if address.startswith(_MAPPED) and len(address) == 16 and go.minor >= 27:
        raise ParseError("x509: IP constraint contained IPv4-mapped IPv6 address")
    return content
