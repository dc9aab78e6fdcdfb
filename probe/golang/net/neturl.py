"""URLs as far as net/url.Parse takes or refuses them (net/url/url.go)."""

from probe.golang import backports
from probe.golang.net import addresses, netip
from probe.golang.quoting import quote
from probe.golang.release import Go
from probe.lightweight import NamedTuple

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"
_HEX = frozenset("0123456789abcdefABCDEF")
_IN_HOST = frozenset(_LETTERS + _DIGITS + "-_.~!$&'()*+,;=:[]<>\"")
_IN_USER = frozenset(_LETTERS + _DIGITS + "-._:~!$&'()*+,;=%@")


class Url(NamedTuple):
    """The parts of a URL that name whom to talk to."""

    scheme: str  # lower case, "" for none
    host: str  # "host" or "host:port", unescaped; bytes that are no UTF-8 as surrogates
    opaque: bool = False  # "mailto:x": nothing but a scheme and the rest
    path: str = ""  # as it is written, with its %XX
    query: str = ""  # what follows "?"
    userinfo: str = ""  # "user:password" as it is written: a secret
    has_user: bool = False  # there is an "@", if only behind nothing


class BadUrl(ValueError):
    """url.Parse gives an error, with these words behind `parse "…": `."""


def parse(text: str, go: Go) -> Url:
    """The URL in *text*; BadUrl where Go's url.Parse gives an error."""
    rest, _, fragment = text.partition("#")
    url = _parse(rest, go)
    _unescape(fragment)
    return url


def unescape(text: str) -> str:
    """A part of such a URL with its %XX replaced; BadUrl when one of them is none."""
    return _unescape(text)


def _parse(text: str, go: Go) -> Url:
    if any(char < " " or char == "\x7f" for char in text):
        raise BadUrl("net/url: invalid control character in URL")
    if text == "*":
        return Url("", "")
    scheme, rest = _scheme(text)
    rest, _, query = rest.partition("?")
    if not rest.startswith("/"):
        if scheme:
            return Url(scheme, "", opaque=True)
        if ":" in rest.partition("/")[0]:
            raise BadUrl("first path segment in URL cannot contain colon")
    host = userinfo = at = ""
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        host, rest = _authority(scheme, authority, go), slash + path
        userinfo, at, _ = authority.rpartition("@")
    _unescape(rest)
    return Url(scheme, host, path=rest, query=query, userinfo=userinfo, has_user=bool(at))


def _scheme(text: str) -> tuple[str, str]:
    for at, char in enumerate(text):
        if char in _LETTERS:
            continue
        if char == ":":
            if at == 0:
                raise BadUrl("missing protocol scheme")
            return text[:at].lower(), text[at + 1 :]
        if at == 0 or char not in _DIGITS + "+-.":
            break
    return "", text


def _authority(scheme: str, authority: str, go: Go) -> str:
    user, at, host = authority.rpartition("@")
    host = _host(scheme, host, go)
    if at:
        if not _IN_USER.issuperset(user):
            raise BadUrl("net/url: invalid userinfo")
        for part in user.partition(":")[::2]:
            _unescape(part)
    return host


def _host(scheme: str, host: str, go: Go) -> str:
    bracket = host.rfind("[")
    if not backports.has(go, backports.URL_BRACKETS):
        if bracket >= 0 and host.startswith("["):
            return _bracketed_before(host)
    elif bracket > 0 and backports.has(go, backports.URL_BRACKETS_FIRST):
        raise BadUrl("invalid IP-literal")
    elif bracket >= 0:
        return _bracketed(host, bracket, go)
    first, last = host.find(":"), host.rfind(":")
    if first >= 0:
        _require_port(host[first if _one_colon(scheme, go) else last :])
    return _unescape(host, _IN_HOST)


def _one_colon(scheme: str, go: Go) -> bool:
    """Whether a second colon in the host is refused: from 1.26 on, soon in HTTP URLs only."""
    if go.minor < 26 or go.debug("urlstrictcolons") == "0":
        return False
    if backports.has(go, backports.URL_COLONS_HTTP):
        return scheme in ("http", "https")
    return scheme not in ("postgresql", "postgres")


def _bracketed(host: str, bracket: int, go: Go) -> str:
    closing = host.rfind("]")
    if closing < 0:
        raise BadUrl("missing ']' in host")
    port = host[closing + 1 :]
    _require_port(port)
    inside, percent, zone = host[bracket + 1 : closing].partition("%25")
    name = _unescape(inside, _IN_HOST)
    if percent:
        name += _unescape(percent + zone, _IN_HOST, zone=True)
    address = netip.parse(name)
    if not address:
        raise BadUrl(f"invalid host: ParseAddr({quote(name)}): unable to parse IP")
    if not backports.has(go, backports.URL_MAPPED):
        if len(addresses.unmap(address[0])) == 4:
            raise BadUrl("invalid IPv6 host")
    elif len(address[0]) == 4:
        raise BadUrl("invalid IP-literal")
    return f"[{name}]{port}"


def _bracketed_before(host: str) -> str:
    """The same up to Go 1.24.7 and 1.25.1: anything may stand between the brackets."""
    closing = host.rfind("]")
    if closing < 0:
        raise BadUrl("missing ']' in host")
    _require_port(host[closing + 1 :])
    percent = host.find("%25", 0, closing)
    if percent < 0:
        return _unescape(host, _IN_HOST)
    return (
        _unescape(host[:percent], _IN_HOST)
        + _unescape(host[percent:closing], _IN_HOST, zone=True)
        + _unescape(host[closing:], _IN_HOST)
    )


def _require_port(port: str) -> None:
    if port and (port[0] != ":" or port[1:].strip(_DIGITS)):
        raise BadUrl(f"invalid port {quote(port)} after host")


def _unescape(text: str, plain: frozenset[str] | None = None, *, zone: bool = False) -> str:
    """*text* with its %XX replaced; in a host only what *plain* holds may stand for itself."""
    out = bytearray()
    at = 0
    while at < len(text):
        char = text[at]
        if char == "%":
            escape = text[at : at + 3]
            if len(escape) < 3 or not _HEX.issuperset(escape[1:]):
                raise BadUrl(f"invalid URL escape {quote(escape)}")
            octet = int(escape[1:], 16)
            if plain and escape != "%25" and not _may_escape(octet, plain, zone=zone):
                raise BadUrl(f"invalid URL escape {quote(escape)}")
            out.append(octet)
            at += 3
            continue
        if plain and char.isascii() and char not in plain:
            raise BadUrl(f"invalid character {quote(char)} in host name")
        out += char.encode("utf-8", "surrogateescape")
        at += 1
    return out.decode("utf-8", "surrogateescape")


def _may_escape(octet: int, plain: frozenset[str], *, zone: bool) -> bool:
    """In a host only what is not ASCII is escaped; in a zone a blank and what need not be."""
    return (chr(octet) in plain or octet == 32) if zone else octet >= 0x80
