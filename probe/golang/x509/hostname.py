"""Does a certificate belong to a host? (*Certificate).VerifyHostname in crypto/x509/verify.go."""

from probe.golang import backports
from probe.golang.net import addresses
from probe.golang.release import Go
from probe.golang.x509.certificate_fields import Certificate

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_UPPER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_MANY = 100  # names that an error message spells out


def mismatch(leaf: Certificate, common_name: str, host: str, go: Go) -> str:
    """Go's error when *leaf* is not valid for *host*, "" when it is."""
    address = _address(host, go)
    if address is not None:
        if any(addresses.unmap(address) == addresses.unmap(mine) for mine in leaf.names.ip):
            return ""
        bare = host[1:-1] if host.startswith("[") else host
        return _error(leaf, common_name, addresses.text(address) if go.minor >= 27 else bare, go)
    if any(matches(pattern, host, go) for pattern in leaf.names.dns):
        return ""
    return _error(leaf, common_name, host, go)


def matches(pattern: str, host: str, go: Go) -> bool:
    """
    Whether the dNSName *pattern* covers *host*.

    A wildcard stands for one whole label on the left. Names that are no valid
    hostnames match only when they are equal.
    """
    host = lower(host)
    if _valid(host, go, pattern=False) and _valid(pattern, go, pattern=True):
        return _match_labels(pattern, host)
    nothing = ("", ".")
    return pattern not in nothing and host not in nothing and lower(pattern) == host


def lower(text: str) -> str:
    """ASCII letters only, as toLowerCaseASCII."""
    return text.translate(_UPPER)


def only_common_name(leaf: Certificate, common_name: str, host: str) -> bool:
    """Whether nothing but the legacy Common Name holds the host's name."""
    return not leaf.has_san and _match_labels(common_name, lower(host))


def _address(host: str, go: Go) -> bytes | None:
    bare = host[1:-1] if len(host) >= 3 and host[0] == "[" and host[-1] == "]" else host
    return addresses.parse_scoped(bare) if go.minor >= 27 else addresses.parse(bare)


def _match_labels(pattern: str, host: str) -> bool:
    if not pattern or not host.removesuffix("."):
        return False
    wanted = lower(pattern).split(".")
    labels = host.removesuffix(".").split(".")
    if len(wanted) != len(labels):
        return False
    return wanted[0] in ("*", labels[0]) and wanted[1:] == labels[1:]


def _valid(host: str, go: Go, *, pattern: bool) -> bool:
    if not pattern:
        host = host.removesuffix(".")
    if not host or (host == "*" and go.minor >= 23):
        return False
    labels = host.split(".")
    if pattern and labels[0] == "*":
        labels = labels[1:]
    return all(label and label[0] != "-" and _LETTERS.issuperset(label.replace("-", "_")) for label in labels)


def _error(leaf: Certificate, common_name: str, host: str, go: Go) -> str:
    if only_common_name(leaf, common_name, host):
        return "x509: certificate relies on legacy Common Name field, use SANs instead"
    names: tuple[str, ...] = leaf.names.dns
    kind = "names"
    if addresses.parse(host) is not None:
        if not leaf.names.ip:
            return f"x509: cannot validate certificate for {host} because it doesn't contain any IP SANs"
        names, kind = tuple(map(addresses.text, leaf.names.ip)), "IP SANs"
    if len(names) >= _MANY and backports.has(go, backports.MANY_NAMES):
        return f"x509: certificate is valid for {len(names)} {kind}, but none matched {host}"
    valid = ", ".join(names)
    if not valid:
        return f"x509: certificate is not valid for any names, but wanted to match {host}"
    return f"x509: certificate is valid for {valid}, not {host}"
