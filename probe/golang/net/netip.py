"""IP addresses as Go reads them from text (net/netip/netip.go:ParseAddr)."""


def parse(text: str) -> tuple[bytes, str] | None:
    """The 4 or 16 octets of an address and its IPv6 zone ("" for none); None when it is none."""
    dot, colon = text.find("."), text.find(":")
    if dot >= 0 and (colon < 0 or dot < colon):
        octets = None if "%" in text[:dot] else _v4(text)
        return None if octets is None else (octets, "")
    if colon < 0 or "%" in text[:colon]:
        return None
    address, percent, zone = text.partition("%")
    if percent and not zone:
        return None
    octets = _v6(address)
    return None if octets is None else (octets, zone)


def _v4(text: str) -> bytes | None:
    fields = text.split(".")
    if len(fields) != 4:
        return None
    for field in fields:
        if not (field.isascii() and field.isdigit()) or len(field) > 3 or (field[0] == "0" and field != "0"):
            return None
    numbers = [int(field) for field in fields]
    return bytes(numbers) if max(numbers) < 256 else None


def _v6(text: str) -> bytes | None:
    head, gap, tail = text.partition("::")
    left, right = _groups(head, last=not gap), _groups(tail, last=True)
    if left is None or right is None:
        return None
    missing = 16 - len(left) - len(right)
    # Go takes "::" for one group of zeros at least.
    if missing < 2 if gap else missing != 0:
        return None
    return left + bytes(missing) + right


def _groups(text: str, *, last: bool) -> bytes | None:
    """The octets of groups between colons, the last of which may be an IPv4 address."""
    if not text:
        return b""
    octets = b""
    groups = text.split(":")
    if len(groups) > 8:
        return None
    for at, group in enumerate(groups):
        if "." in group and last and at == len(groups) - 1:
            embedded = _v4(group)
            if embedded is None:
                return None
            octets += embedded
        elif 1 <= len(group) <= 4 and not group.strip("0123456789abcdefABCDEF"):
            octets += int(group, 16).to_bytes(2)
        else:
            return None
    return octets
