"""Servers for TLS handshakes, as the configuration writes it."""

from probe.lightweight import NamedTuple


class Endpoint(NamedTuple):
    """Whom to shake hands with. An IPv6 host stands without brackets, and may have a zone."""

    host: str
    port: int

    @property
    def text(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_endpoint(text: str) -> Endpoint:
    """
    The endpoint in "host:port", "10.0.0.1:443" or "[::1]:443".

    ValueError says what is wrong and what to write, in words for the user.
    """
    if "://" in text:
        bare = text.partition("://")[2].partition("/")[0].rpartition("@")[2]
        raise ValueError(f'write host:port without scheme and path, such as "{_with_port(bare)}"')
    host, colon, port = text.rpartition(":")
    if not colon or (text.startswith("[") and not host.endswith("]")) or (":" in host and host[0] != "["):
        if text.count(":") > 1 and "[" not in text:
            raise ValueError(f'write an IPv6 address in brackets, such as "[{text}]:443"')
        raise ValueError(f'the port is missing; write "{_with_port(text)}"')
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise ValueError(f"the port must be a number from 1 to 65535, not {port!r}")
    if host.startswith("["):
        return Endpoint(_bracketed(host[1:-1]), int(port))
    _require_name(host)
    return Endpoint(host, int(port))


def _with_port(text: str) -> str:
    return text if text.rpartition(":")[2].isdigit() and not text.endswith("]") else f"{text or 'host'}:443"


def _bracketed(host: str) -> str:
    if ":" not in host or host.partition("%")[0].strip("0123456789abcdefABCDEF:."):
        raise ValueError("only an IPv6 address is written in brackets")
    return host


def _require_name(host: str) -> None:
    labels = host.removesuffix(".").split(".")
    if not host.isascii():
        raise ValueError("write the name as DNS has it (xn--…)")
    if any(char.isspace() or not char.isprintable() or char in "/@[]%" for char in host):
        raise ValueError("the host holds characters that no name has")
    if len(host) > 253 or not all(1 <= len(label) <= 63 for label in labels):
        raise ValueError("each part of the name must have 1 to 63 characters")
