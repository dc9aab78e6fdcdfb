"""IP addresses and host:port pairs as Go's net package reads and prints them."""

from probe.golang.net import netip

_MAPPED = bytes(10) + b"\xff\xff"


def parse(text: str) -> bytes | None:
    """4 or 16 bytes, or None when *text* is no address (net.ParseIP; a zone makes it none)."""
    found = netip.parse(text)
    return found[0] if found and not found[1] else None


def parse_scoped(text: str) -> bytes | None:
    """Like `parse`, but an IPv6 address may carry a zone, which is dropped (netip.ParseAddr)."""
    found = netip.parse(text)
    return found[0] if found else None


def unmap(address: bytes) -> bytes:
    """The 4 bytes of an IPv4-mapped IPv6 address; any other as it is (net.IP.To4)."""
    return address[12:] if len(address) == 16 and address.startswith(_MAPPED) else address


def is_loopback(address: bytes) -> bool:
    """Whether net.IP.IsLoopback holds: 127.0.0.0/8 or ::1."""
    address = unmap(address)
    return address[:1] == b"\x7f" if len(address) == 4 else address == bytes(15) + b"\x01"


def text(address: bytes) -> str:
    """The address as net.IP.String prints it (RFC 5952)."""
    address = unmap(address)
    if len(address) == 4:
        return ".".join(map(str, address))
    groups = [f"{address[at] << 8 | address[at + 1]:x}" for at in range(0, 16, 2)]
    start, length = _longest_zeros(groups)
    if length < 2:
        return ":".join(groups)
    return ":".join(groups[:start]) + "::" + ":".join(groups[start + length :])


def network_text(network: bytes) -> str:
    """An address and its mask, one after the other, as net.IPNet.String prints them."""
    half = len(network) // 2
    address, mask = network[:half], network[half:]
    return f"{text(address)}/{int.from_bytes(mask, 'big').bit_count()}"


def within(address: bytes, network: bytes) -> bool:
    """Whether *address* lies in *network* (address and mask); never across families."""
    half = len(network) // 2
    if len(address) != half:
        return False
    return all(a & m == n & m for a, n, m in zip(address, network[:half], network[half:], strict=True))


def split_host_port(pair: str) -> tuple[str, str] | None:
    """net.SplitHostPort: the brackets of an IPv6 host are taken off; None where Go gives an error."""
    host, colon, port = pair.rpartition(":")
    if not colon:
        return None
    if pair.startswith("["):
        close = pair.find("]")
        if close < 0 or close + 1 != len(host) or "[" in pair[1:] or "]" in pair[close + 1 :]:
            return None
        return host[1:-1], port
    if ":" in host or "[" in pair or "]" in pair:
        return None
    return host, port


def _longest_zeros(groups: list[str]) -> tuple[int, int]:
    best = (0, 0)
    start = 0
    for at, group in enumerate(groups):
        if group != "0":
            start = at + 1
        elif at + 1 - start > best[1]:
            best = (start, at + 1 - start)
    return best
