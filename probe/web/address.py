"""A URL as net/http takes it apart to call somebody."""

import re

from probe.golang.net import neturl
from probe.golang.net.endpoint import Endpoint
from probe.golang.net.neturl import BadUrl
from probe.golang.release import Go
from probe.lightweight import NamedTuple

_PORTS = {"http": 80, "https": 443}


class RequestUrl(NamedTuple):
    """Whom to call, and what to ask for."""

    scheme: str  # "http" or "https"
    endpoint: Endpoint
    host: str  # for the header of that name: as it is written, with its port
    path: str  # escaped, with the query; never empty
    userinfo: str = ""  # as it is written: a secret

    @property
    def shown(self) -> str:
        """Without userinfo and query, which may be secrets."""
        return f"{self.scheme}://{self.host}{self.path.partition('?')[0]}"


def read(url: str, go: Go) -> RequestUrl:
    """The address in *url*; BadUrl for one that nobody can be called by."""
    parsed = neturl.parse(url, go)
    if parsed.scheme not in _PORTS:
        raise BadUrl(f"unsupported protocol scheme {parsed.scheme}")
    found = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d{0,5}))?", parsed.host)
    name = found[1].strip("[]") if found else ""
    port = int((found and found[2]) or _PORTS[parsed.scheme])
    if not name.isascii() or not name.isprintable() or " " in name or not name or not 0 < port < 65536:
        raise BadUrl("no host and port that can be called")
    path = _plain(parsed.path or "/") + (f"?{_plain(parsed.query)}" if parsed.query else "")
    return RequestUrl(parsed.scheme, Endpoint(name, port), parsed.host, path, parsed.userinfo)


def _plain(text: str) -> str:
    """*text* as it may stand in a request line: blanks and what is not ASCII as %XX."""
    octets = text.encode("utf-8", "surrogateescape")
    return "".join(chr(octet) if 0x20 < octet < 0x7F else f"%{octet:02X}" for octet in octets)
