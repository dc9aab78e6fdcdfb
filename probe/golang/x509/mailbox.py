"""Email addresses and URI hosts inside certificates, as crypto/x509/verify.go takes them apart."""

from probe.golang.net import addresses, neturl
from probe.golang.quoting import quote
from probe.golang.release import Go
from probe.lightweight import NamedTuple

_ATOM = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.")
_QUOTABLE = frozenset(map(chr, {*range(1, 9), 11, 12, *range(14, 34), *range(35, 92), *range(93, 128)}))
_AFTER_BACKSLASH = frozenset(map(chr, {*range(1, 10), 11, 12, *range(14, 128)}))


class Mailbox(NamedTuple):
    local: str
    domain: str


def domain_valid(name: str, go: Go) -> bool:
    """Whether *name* may stand in a SAN next to constraints (domainNameValid); "" may."""
    return all(label and all(33 <= ord(c) <= 126 for c in label) for label in reverse_labels(name, go))


def strictly_valid(name: str) -> bool:
    """The same in 1.24.8 and 1.25.2, when a certificate is parsed: by length alone, and "" is none."""
    return len(name) <= 253 and all(0 < len(label) < 64 for label in name.split("."))


def reverse_labels(name: str, go: Go) -> list[str]:
    """The labels of *name*, the last one first (domainToReverseLabels)."""
    if go.minor <= 22 and name != ".":
        name = name.removeprefix(".")  # there the loop ended before the empty label in front
    return name.split(".")[::-1] if name else []


def parse_mailbox(text: str, go: Go) -> Mailbox | None:
    """The two sides of an rfc822Name, or None when it is no mailbox (parseRFC2821Mailbox)."""
    split = _quoted(text[1:]) if text.startswith('"') else _atoms(text)
    if split is None or not split[1].startswith("@"):
        return None
    local, domain = split[0], split[1][1:]
    if not domain_valid(domain, go) or (go.minor >= 27 and "@" in domain):
        return None
    return Mailbox(local, domain)


def uri_host(uri: str, go: Go) -> tuple[str, str]:
    """The host in a SAN that constraints are held against, and Go's error ("" when there is none)."""
    host = neturl.parse(uri, go).host
    if go.minor >= 26:
        host = host.lower()
    if not host:
        return "", f"URI with empty host ({quote(uri)}) cannot be matched against constraints"
    if ":" in host and not host.endswith("]"):
        split = addresses.split_host_port(host)
        if split is None:
            problem = f"address {host}: too many colons in address"
            return "", f"cannot parse URI host {quote(host)}: {problem}" if go.minor >= 26 else problem
        host = split[0]
    bracketed = host.startswith("[") and host.endswith("]")
    if bracketed or addresses.parse_scoped(host) is not None:
        return "", f"URI with IP ({quote(uri)}) cannot be matched against constraints"
    return host, ""


def _quoted(text: str) -> tuple[str, str] | None:
    local: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == '"':
            return "".join(local), text[at:]
        if char == "\\":
            if text[at : at + 1] not in _AFTER_BACKSLASH:
                return None
            char = text[at]
            at += 1
        elif char not in _QUOTABLE:
            return None
        local.append(char)
    return None


def _atoms(text: str) -> tuple[str, str] | None:
    local: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
            if at == len(text):
                return None
        elif text[at] not in _ATOM:
            break
        local.append(text[at])
        at += 1
    name = "".join(local)
    if not name or name[0] == "." or name[-1] == "." or ".." in name:
        return None
    return name, text[at:]
