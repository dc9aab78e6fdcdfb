"""Through a proxy to an endpoint: CONNECT as net/http sends it, or SOCKS 5 (RFC 1928, RFC 1929)."""

from probe import redact
from probe.golang.net import addresses, httpresponse
from probe.golang.net.endpoint import Endpoint
from probe.golang.net.httpproxy import Proxy
from probe.golang.release import Go
from probe.tls import reasons
from probe.tls.errors import NO_SOCKS, TUNNEL, Failed
from probe.tls.stream import Stream

_HEADER_LIMIT = 10 << 20  # bytes of a proxy's answer: Go's own limit from 1.26 on
_FIELDS = 64 << 10  # bytes of a header in which challenges are looked for
_SHOWN = 120  # characters of a status line
_SOCKS_REPLIES = {
    1: "general failure",
    2: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live expired",
    7: "command not supported",
    8: "address type not supported",
}


def open_tunnel(stream: Stream, proxy: Proxy, endpoint: Endpoint, go: Go) -> None:
    """Have *proxy*, to which *stream* leads, connect it with *endpoint*; Failed where *go* would not."""
    if proxy.scheme.startswith("socks5"):
        _socks(stream, proxy, endpoint)
    else:
        _connect(stream, proxy, endpoint, go)


def _connect(stream: Stream, proxy: Proxy, endpoint: Endpoint, go: Go) -> None:
    """net/http.(*Transport).dialConn: 200 and nothing else will do."""
    lines = [
        f"CONNECT {endpoint.text} HTTP/1.1",
        f"Host: {endpoint.text}",
        "User-Agent: Go-http-client/1.1",
    ]
    if proxy.authenticates:
        lines.append(f"Proxy-Authorization: Basic {basic(proxy)}")
    stream.send("\r\n".join([*lines, "", ""]).encode("latin-1"))
    line, _, fields = _header(stream).partition(b"\n")
    status = _printable(line)
    number = _status_code(status)
    shown = redact.text(status[:_SHOWN])
    if number and (malformed := httpresponse.fault(fields, go, chunks=status[5:8] >= "1.1")):
        named = f": {redact.text(_printable(malformed.line))}" if malformed.line else ""
        raise Failed(reasons.PROXY_REFUSED, TUNNEL, malformed.reason + named)
    if number == "200":
        return
    if number == "407":
        raise _unauthorized(shown, fields)
    raise Failed(reasons.PROXY_REFUSED, TUNNEL, shown if number else f"no HTTP answer: {shown}")


def _unauthorized(shown: str, fields: bytes) -> Failed:
    """By what the proxy takes: net/http has nothing but Basic (transport.go:proxyAuth)."""
    schemes = _schemes(fields[:_FIELDS].decode("latin-1"))
    if not schemes or any(name.lower() == "basic" for name in schemes):
        return Failed(reasons.PROXY_AUTHENTICATION, TUNNEL, shown)
    taken = " or ".join(_printable(name.encode("latin-1")) for name in schemes[:4])
    return Failed(reasons.PROXY_SCHEMES, TUNNEL, f"{shown}: it takes {taken}, not Basic, all that Go sends")


def _schemes(fields: str) -> list[str]:
    """What the challenges of a header ask for, each once (RFC 9110, 11.3)."""
    found: dict[str, None] = {}
    for line in fields.splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() != "proxy-authenticate":
            continue
        for challenge in "".join(value.split('"')[::2]).split(","):
            word = challenge.split(None, 1)[0] if challenge.strip() else "="
            if "=" not in word:  # else a parameter of the one before it
                found[word] = None
    return list(found)


def _status_code(status: str) -> str:
    """The code in a status line, "" where net/http finds none (response.go:ReadResponse)."""
    version, _, rest = status.partition(" ")
    code = rest.lstrip(" ").partition(" ")[0]
    numbers = version.removeprefix("HTTP/").split(".")
    sound = version.startswith("HTTP/") and len(numbers) == 2 and all(len(one) == 1 for one in numbers)
    return code if sound and len(code) == 3 and code.isdigit() and "".join(numbers).isdigit() else ""


def _header(stream: Stream) -> bytes:
    """An answer's header, without the empty line that ends it."""
    header = bytearray()
    while True:
        data = stream.receive()
        start = max(0, len(header) - 3)
        header += data
        ends = [at for end in (b"\n\n", b"\n\r\n") if (at := header.find(end, start)) >= 0]
        if ends:
            return bytes(header[: min(ends)])
        if not data:
            shown = f" after {_printable(bytes(header[:_SHOWN]))}" if header else ""
            raise Failed(reasons.PROXY_REFUSED, TUNNEL, f"it closed the connection{shown}")
        if len(header) > _HEADER_LIMIT:
            raise Failed(reasons.PROXY_REFUSED, TUNNEL, "its answer does not end")


def _printable(data: bytes) -> str:
    text = data[:_SHOWN].decode("ascii", "replace").rstrip("\r")
    return "".join(char if char.isprintable() else "." for char in text)


def basic(proxy: Proxy) -> str:
    """The credentials for a proxy, as the header has them (RFC 7617)."""
    from binascii import b2a_base64

    pair = f"{proxy.user}:{proxy.password}".encode("utf-8", "surrogateescape")
    return b2a_base64(pair, newline=False).decode()


def _socks(stream: Stream, proxy: Proxy, endpoint: Endpoint) -> None:
    stream.send(b"\5\2\0\2" if proxy.authenticates else b"\5\1\0")
    version, method = _exactly(stream, 2)
    if version != 5:
        raise Failed(reasons.PROXY_REFUSED, TUNNEL, NO_SOCKS)
    if method == 2 and proxy.authenticates:
        user = proxy.user.encode("utf-8", "surrogateescape")[:255]
        password = proxy.password.encode("utf-8", "surrogateescape")[:255]
        stream.send(b"\1" + bytes([len(user)]) + user + bytes([len(password)]) + password)
        if _exactly(stream, 2)[1]:
            raise Failed(reasons.PROXY_AUTHENTICATION, TUNNEL, "it does not take the user and password")
    elif method:
        raise Failed(reasons.PROXY_AUTHENTICATION, TUNNEL, "it wants a way of authentication that Go lacks")
    stream.send(b"\5\1\0" + _socks_address(endpoint.host) + endpoint.port.to_bytes(2, "big"))
    _, reply, _, kind = _exactly(stream, 4)
    if reply:
        raise Failed(reasons.PROXY_REFUSED, TUNNEL, _SOCKS_REPLIES.get(reply, f"reply {reply}"))
    size = {1: 4, 4: 16}.get(kind) or _exactly(stream, 1)[0]
    _exactly(stream, size + 2)


def _socks_address(host: str) -> bytes:
    address = addresses.parse(host)
    if address is None:
        return b"\3" + bytes([len(host)]) + host.encode("ascii")
    return (b"\1" if len(address) == 4 else b"\4") + address


def _exactly(stream: Stream, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = stream.receive(size - len(data))
        if not more:
            raise Failed(reasons.PROXY_REFUSED, TUNNEL, "it closed the connection")
        data += more
    return data
