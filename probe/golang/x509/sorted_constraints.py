"""
Name constraints as Go checks them from 1.26 on: a whole chain at a time (crypto/x509/constraints.go).

The lists are sorted and thinned out, then searched by halving, so the answer can
differ from asking each constraint in turn; that is followed here.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from probe.golang import backports
from probe.golang.net import addresses
from probe.golang.quoting import quote
from probe.golang.release import Go
from probe.golang.x509.certificate_fields import Certificate, Names
from probe.golang.x509.hostname import lower
from probe.golang.x509.mailbox import Mailbox, domain_valid, parse_mailbox, uri_host
from probe.golang.x509.name_constraints import show
from probe.golang.x509.oids import NAME_CONSTRAINTS
from probe.lightweight import NamedTuple


def chain_problem(chain: Sequence[Certificate], go: Go) -> str:
    """Go's error when a name in *chain* (leaf first) breaks a constraint above it, else ""."""
    authorities = [
        (depth, _Constraints(certificate, go))
        for depth, certificate in enumerate(chain)
        if any(oid == NAME_CONSTRAINTS for oid, _, _ in certificate.extensions)
    ]
    for depth, certificate in enumerate(chain):
        above = [constraints for at, constraints in authorities if at > depth]
        if not above or not certificate.has_san:
            continue
        names, problem = _parse_names(certificate, go)
        try:
            for constraints in above:
                problem = problem or constraints.check(names)
        except _Panic:
            return "panic: runtime error: index out of range [0] with length 0"
        if problem:
            return problem
    return ""


class _Panic(Exception):
    """Go 1.26.0 ends the program: it looks for a "*" at the beginning of an empty name."""


class _Parsed(NamedTuple):
    ips: tuple[bytes, ...]
    dns: tuple[str, ...]
    uris: list[tuple[str, str]]  # as written, host
    emails: list[Mailbox]


def _parse_names(certificate: Certificate, go: Go) -> tuple[_Parsed, str]:
    parsed = _Parsed(certificate.names.ip, certificate.names.dns, [], [])
    for uri in certificate.names.uri:
        host, problem = uri_host(uri, go)
        if problem:
            return parsed, problem
        parsed.uris.append((uri, host))
    for email in certificate.names.email:
        mailbox = parse_mailbox(email, go)
        if mailbox is None:
            return parsed, f"cannot parse rfc822Name {quote(email)}"
        parsed.emails.append(Mailbox(mailbox.local, mailbox.domain.lower()))
    return parsed, ""


class _Constraints:
    """The constraints of one authority."""

    def __init__(self, authority: Certificate, go: Go) -> None:
        permitted, excluded = authority.permitted or Names(), authority.excluded or Names()
        self.go = go
        self.ips = (_Networks(permitted.ip, go), _Networks(excluded.ip, go))
        self.dns = (_Domains(permitted.dns, go, permitted=True), _Domains(excluded.dns, go, permitted=False))
        self.uris = (_Domains(permitted.uri, go, permitted=True), _Domains(excluded.uri, go, permitted=False))
        self.emails = (
            _Emails(permitted.email, go, permitted=True),
            _Emails(excluded.email, go, permitted=False),
        )

    def check(self, names: _Parsed) -> str:
        """Go's error about the first name that is not allowed, "" when all are."""
        for ip in names.ips:
            problem = _decide("IP address", addresses.text(ip), ip, *self.ips)
            if problem:
                return problem
        for domain in names.dns:
            if not domain_valid(domain, self.go):
                return f"x509: cannot parse dnsName {quote(domain)}"
            problem = _decide("DNS name", domain, domain, *self.dns)
            if problem:
                return problem
        for uri, host in names.uris:
            problem = _decide("URI", uri, host, *self.uris)
            if problem:
                return problem
        for mailbox in names.emails:
            problem = _decide("email address", f"{mailbox.local}@{mailbox.domain}", mailbox, *self.emails)
            if problem:
                return problem
        return ""


class _Networks:
    """IP ranges, the two families apart."""

    def __init__(self, networks: Iterable[bytes], go: Go) -> None:
        # 1.26 searched by the address as written, host bits and all.
        found = sorted(map(_mask, networks) if go.minor >= 27 else networks)
        self.present = bool(found)
        self.by_size = {
            size: _prune([network for network in found if len(network) == 2 * size], _covers)
            for size in (4, 16)
        }

    def query(self, address: bytes) -> bytes | None:
        networks = self.by_size[len(address)]
        keys = [network[: len(address)] for network in networks]
        at = bisect_left(keys, address)
        if at < len(keys) and keys[at] == address:
            return networks[at]
        return _nearest(networks, at, lambda network: _contains(network, address))


class _Domains:
    """DNS names, or the hosts of URIs and email addresses."""

    def __init__(self, domains: Iterable[str], go: Go, *, permitted: bool) -> None:
        found = sorted(domains, key=_reversed)
        self.fold = str.lower if backports.has(go, backports.CONSTRAINT_CASE) else str
        self.panics = not permitted and not backports.has(go, backports.EMAILS_BY_MAILBOX)
        self.present = bool(found)
        self.everything = "" in found
        self.domains = [] if self.everything else _prune(found, _is_suffix)
        self.keys = list(map(_reversed, self.domains))
        self.parents = {} if permitted else {_parent(name): name for name in map(self.fold, self.domains)}
        self.parents.pop("", None)

    def query(self, name: str) -> str | None:
        if self.everything:
            return ""
        key = _reversed(name)
        at = bisect_left(self.keys, key)
        if at < len(self.keys) and self.keys[at] == key:
            return self.domains[at]
        found = _nearest(self.domains, at, lambda domain: _is_suffix(domain, name))
        if found is None and not name and self.panics:
            raise _Panic
        if found is None and name.startswith("*"):
            return self.parents.get(_parent(self.fold(name)))
        return found


class _Emails:
    """Whole addresses, and the domains of others."""

    def __init__(self, constraints: Iterable[str], go: Go, *, permitted: bool) -> None:
        every = list(constraints)
        self.present = bool(every)
        whole = [parse_mailbox(text, go) for text in every if "@" in text]
        self.whole = {Mailbox(box.local, box.domain.lower()) for box in whole if box}
        self.domains = _Domains((text for text in every if "@" not in text), go, permitted=permitted)
        # 1.26.0 kept one domain for a local part, the last one.
        self.by_local: dict[str, str] | None = None
        if not backports.has(go, backports.EMAILS_BY_MAILBOX):
            self.by_local = {box.local: box.domain.lower() for box in whole if box}

    def query(self, mailbox: Mailbox) -> str | None:
        if self.by_local is not None:
            if self.by_local.get(mailbox.local) == mailbox.domain:
                return f"@{mailbox.domain}"
        elif mailbox in self.whole:
            return f"{mailbox.local}@{mailbox.domain}"
        return self.domains.query(mailbox.domain) if self.domains.present else None


_Value = TypeVar("_Value", bytes, str, Mailbox)
_Asked = TypeVar("_Asked", bytes, str, Mailbox, contravariant=True)
_Found = TypeVar("_Found", bytes, str)


class _Set(Protocol[_Asked]):
    present: bool

    def query(self, value: _Asked, /) -> bytes | str | None: ...


def _decide(kind: str, text: str, value: _Value, permitted: _Set[_Value], excluded: _Set[_Value]) -> str:
    if permitted.present and permitted.query(value) is None:
        return f"{kind} {quote(text)} is not permitted by any constraint"
    if excluded.present:
        found = excluded.query(value)
        if found is not None:
            return f"{kind} {quote(text)} is excluded by constraint {show(found)}"
    return ""


def _prune(ordered: Sequence[_Found], covers: Callable[[_Found, _Found], bool]) -> list[_Found]:
    """*ordered* without what the kept one before it covers."""
    kept: list[_Found] = []
    for item in ordered:
        if not kept or not covers(kept[-1], item):
            kept.append(item)
    return kept


def _nearest(ordered: Sequence[_Found], at: int, match: Callable[[_Found], bool]) -> _Found | None:
    """The item just before position *at* (the first at the very start), if it matches."""
    if not ordered:
        return None
    candidate = ordered[max(0, at - 1)]
    return candidate if match(candidate) else None


def _reversed(name: str) -> str:
    # The dot sorts before all else, so that a domain stands next to what lies below it.
    return lower(name).replace(".", "\0")[::-1]


def _is_suffix(suffix: str, name: str) -> bool:
    if not lower(name).endswith(lower(suffix)):
        return False
    return suffix.startswith(".") or len(suffix) == len(name) or name[-len(suffix) - 1] == "."


def _parent(name: str) -> str:
    """*name* without its first label, from the dot on; "" for a single label."""
    dot = name.find(".")
    return name[dot:] if dot >= 0 else ""


def _mask(network: bytes) -> bytes:
    half = len(network) // 2
    mask = network[half:]
    return bytes(a & m for a, m in zip(network[:half], mask, strict=True)) + mask


def _covers(outer: bytes, inner: bytes) -> bool:
    half = len(inner) // 2
    last = bytes(a | ~m & 0xFF for a, m in zip(inner[:half], inner[half:], strict=True))
    return _contains(outer, inner[:half]) and _contains(outer, last)


def _contains(network: bytes, address: bytes) -> bool:
    # net.IPNet.Contains turns IPv4-mapped addresses into IPv4 and then finds the sizes unequal.
    half = len(network) // 2
    if len(addresses.unmap(network[:half])) != half or len(addresses.unmap(address)) != len(address):
        return False
    return addresses.within(address, network)
