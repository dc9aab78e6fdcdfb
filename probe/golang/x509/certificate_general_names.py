"""The names of a subjectAltName (crypto/x509/parser.go). What few certificates have is imported for it."""

from __future__ import annotations

from probe.golang import backports
from probe.golang.release import Go
from probe.golang.x509 import der
from probe.golang.x509.certificate_fields import Names
from probe.golang.x509.der import CONTEXT, SEQUENCE, ParseError
from probe.lightweight import Any

RFC822, DNS, URI, IP = CONTEXT | 1, CONTEXT | 2, CONTEXT | 6, CONTEXT | 7
MAPPED = bytes(10) + b"\xff\xff"  # what an IPv4 address written as an IPv6 one begins with


def alternative_names(value: bytes, go: Go) -> tuple[dict[str, Any], bool]:
    """The fields that a subjectAltName fills, and whether there was anything in it that Go knows."""
    at, end = der.take(value, 0, len(value), SEQUENCE, "x509: invalid subject alternative names")
    dns, ip, email, uri = [], [], [], []
    while at < end:
        tag, start, at = der.take_any(value, at, end, "x509: invalid subject alternative name")
        content = value[start:at]
        if tag == DNS:
            dns.append(_dns_name(content, go))
        elif tag == RFC822:
            email.append(_mail_address(content, go))
        elif tag == URI:
            uri.append(_uri(_ascii(content, "x509: SAN uniformResourceIdentifier is malformed"), go))
        elif tag == IP:
            if len(content) not in (4, 16):
                raise ParseError(f"x509: cannot parse IP address of length {len(content)}")
            if len(content) == 16 and content.startswith(MAPPED) and go.minor >= 27:
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
    if strict(go):
        from probe.golang.x509 import mailbox

        if not mailbox.strictly_valid(name):
            raise ParseError(reason)
    return name


def _mail_address(content: bytes, go: Go) -> str:
    reason = "x509: SAN rfc822Name is malformed"
    text = _ascii(content, reason)
    if strict(go):
        from probe.golang.x509 import mailbox

        parsed = mailbox.parse_mailbox(text, go)
        if parsed is None or not mailbox.strictly_valid(parsed.domain):
            raise ParseError(reason)
    return text


def strict(go: Go) -> bool:
    """Whether names are looked at more closely: 1.24.8 and 1.25.2 did, and refused what many have."""
    return backports.only_in(go, backports.STRICT_NAMES, backports.LAX_NAMES)


def _uri(text: str, go: Go) -> str:
    from probe.golang.net import neturl
    from probe.golang.quoting import quote
    from probe.golang.x509 import mailbox

    try:
        host = neturl.parse(text, go).host
    except neturl.BadUrl as problem:
        name = quote(text)
        raise ParseError(f"x509: cannot parse URI {name}: parse {name}: {problem}") from None
    if strict(go):
        if host and not mailbox.strictly_valid(host):
            raise ParseError(f"x509: cannot parse URI {quote(text)}: %!s(<nil>)")
    elif not mailbox.domain_valid(host, go):
        raise ParseError(f"x509: cannot parse URI {quote(text)}: invalid domain")
    return text
