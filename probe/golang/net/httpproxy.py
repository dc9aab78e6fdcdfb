"""
Which proxy net/http uses for a server, from the environment.

Source: vendor/golang.org/x/net/http/httpproxy/proxy.go. ALL_PROXY is not heeded;
crypto/tls and net.Dial never use a proxy.
"""

from __future__ import annotations

from probe.golang import backports
from probe.golang.net import addresses, neturl
from probe.golang.release import Go
from probe.lightweight import Mapping, NamedTuple

_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
SCHEMES = tuple(_PORTS)  # the others are taken for http (net/http/transport.go:dialConn)
_OLD_SCHEMES = ("http", "https", "socks5")
_ADDRESSES_APART = ((1, 23, 7), (1, 24, 1))  # CVE-2025-22870


class Proxy(NamedTuple):
    """A proxy and how to talk to it. `user` and `password` are secrets: never shown."""

    variable: str  # where it was found
    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""
    authenticates: bool = False  # there were credentials, if only empty ones

    @property
    def address(self) -> str:
        """Without the credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def proxy_for(
    host: str, port: int, env: Mapping[str, str], go: Go, *, variable: str = "HTTPS_PROXY"
) -> Proxy | None:
    """
    The proxy through which net/http connects to https://host:port; None for a direct connection.

    For an http:// URL the *variable* is HTTP_PROXY.
    """
    name, value = _first(env, variable)
    proxy = _parse(name, value, go) if value else None
    return proxy if proxy and _uses_proxy(host, port, _first(env, "NO_PROXY")[1], go) else None


def is_read(text: str, go: Go) -> bool:
    """Whether *text* names a proxy; Go passes over another value silently."""
    return _parse("", text, go) is not None


def fault(text: str, go: Go) -> str:
    """Why *text* names none, in Go's words without what they quote, maybe a secret; "" if it does."""
    try:
        neturl.parse(text, go)
    except neturl.BadUrl as problem:
        before, _, quoted = str(problem).removeprefix("net/url: ").partition('"')
        after = quoted.rpartition('"')[2]  # a quote within what is quoted ends nothing
        return " ".join(f"{before} {after}".split()).replace("( )", "")
    return ""


def exempts(host: str, port: int, env: Mapping[str, str], go: Go) -> str:
    """The entry of NO_PROXY, in small letters, for which the server is asked directly; "" for none."""
    entries = [part.strip().lower() for part in _first(env, "NO_PROXY")[1].split(",")]
    return next((one for one in entries if one and not _uses_proxy(host, port, one, go)), "")


def _first(env: Mapping[str, str], name: str) -> tuple[str, str]:
    """The variable and its value; an empty one counts as unset."""
    for spelling in (name, name.lower()):
        if env.get(spelling):
            return spelling, env[spelling]
    return name, ""


def _parse(variable: str, text: str, go: Go) -> Proxy | None:
    """The proxy that *text* names; None where Go goes on without one, silently."""
    url = _url(text, go)
    fits = url and (url.scheme in _OLD_SCHEMES if go.minor <= 22 else url.scheme and url.host)
    if not fits:
        second = _url(f"http://{text}", go)
        if second:
            url = second
    if not url:
        return None
    pair = addresses.split_host_port(url.host)
    host, port = pair if pair else (url.host.strip("[]"), "")
    user, password = map(neturl.unescape, url.userinfo.partition(":")[::2])
    number = int(port[:6]) if port else _PORTS.get(url.scheme, 0)
    return Proxy(variable, url.scheme, host, number, user, password, url.has_user)


def _url(text: str, go: Go) -> neturl.Url | None:
    try:
        return neturl.parse(text, go)
    except neturl.BadUrl:
        return None


def _uses_proxy(host: str, port: int, no_proxy: str, go: Go) -> bool:
    if host == "localhost":
        return False
    apart = backports.has(go, _ADDRESSES_APART)
    address = addresses.parse_scoped(host) if apart else addresses.parse(host)
    if address is not None and addresses.is_loopback(address):
        return False
    entries = [entry for entry in (part.strip().lower() for part in no_proxy.split(",")) if entry]
    if "*" in entries:
        return False
    return not any(_matches(entry, host.strip().lower(), port, address, apart=apart) for entry in entries)


def _matches(entry: str, host: str, port: int, address: bytes | None, *, apart: bool) -> bool:
    """Whether an *entry* of NO_PROXY holds for the host; *apart*: domains never match addresses."""
    network = _network(entry)
    if network is not None:
        return address is not None and addresses.within(addresses.unmap(address), network)
    pair = addresses.split_host_port(entry)
    name, wanted = pair if pair else (entry, "")
    if not name or (wanted and wanted != str(port)):
        return False
    own = addresses.parse(name)
    if own is not None:
        return address is not None and addresses.unmap(own) == addresses.unmap(address)
    if address is not None and apart:
        return False
    name = _ascii(name[1:] if name.startswith("*.") else name)
    if name.startswith("."):
        return host.endswith(name)
    return host == name or host.endswith(f".{name}")


def _network(entry: str) -> bytes | None:
    """Address and mask of a CIDR block (net.ParseCIDR)."""
    text, slash, prefix = entry.partition("/")
    address = addresses.parse(text)
    if not slash or address is None or not (prefix.isascii() and prefix.isdigit()) or len(prefix) > 8:
        return None
    size = 8 * len(address)
    if int(prefix) > size:
        return None
    mask = (((1 << size) - 1) ^ ((1 << size - int(prefix)) - 1)).to_bytes(len(address), "big")
    network = bytes(a & m for a, m in zip(address, mask, strict=True))
    # Of ::ffff:10.0.0.0/104 what lies in it is 10.0.0.0/8 (net/ip.go:networkNumberAndMask).
    return (unmapped := addresses.unmap(network)) + mask[-len(unmapped) :]


def _ascii(name: str) -> str:
    """An internationalised name as DNS knows it; as it is where that fails."""
    if name.isascii():
        return name
    try:
        return ".".join(label.encode("idna").decode("ascii") for label in name.split("."))
    except UnicodeError:
        return name
