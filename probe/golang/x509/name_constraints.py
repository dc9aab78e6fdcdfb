"""
Name constraints, by the two algorithms that Go has had.

Up to 1.25 every authority was checked while a chain was built (isValid in
crypto/x509/verify.go); from 1.26 on a finished chain is checked as a whole
(crypto/x509/constraints.go, in `sorted_constraints`).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from probe.golang import backports
from probe.golang.net import addresses
from probe.golang.quoting import quote
from probe.golang.release import Go
from probe.golang.x509.certificate_fields import Certificate, Names
from probe.golang.x509.hostname import lower
from probe.golang.x509.issuing import NOT_AUTHORIZED
from probe.golang.x509.mailbox import Mailbox, domain_valid, parse_mailbox, reverse_labels, uri_host
from probe.golang.x509.oids import ALTERNATIVE_NAMES
from probe.golang.x509.tlv import inside

_Constraint = TypeVar("_Constraint", str, bytes)
_EMAIL, _DNS, _URI, _IP = 0x81, 0x82, 0x86, 0x87  # GeneralName tags
_COMPARISONS = 250_000  # of names with constraints, for one authority
_TOO_MANY = "x509: unknown error"  # what TooManyConstraints prints


def authority_problem(authority: Certificate, below: Sequence[Certificate], go: Go) -> str:
    """Go's error when *authority* may not stand above those *below*, else "". Up to 1.25."""
    checker = _Checker(authority, go)
    for certificate in below:
        for tag, value in general_names(certificate):
            problem = checker.check(tag, value)
            if problem:
                return problem
    return ""


def general_names(certificate: Certificate) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each subject alternative name, in the order of the certificate."""
    value = next((value for oid, _, value in certificate.extensions if oid == ALTERNATIVE_NAMES), b"")
    return inside(value)


def domain_matches(domain: str, constraint: str, go: Go, *, excluded: bool) -> bool:
    """Whether *domain* lies below *constraint* (matchDomainConstraint); a leading dot leaves out the apex."""
    if not constraint:
        return True
    labels = reverse_labels(lower(domain), go)
    bare = constraint.removeprefix(".")
    wanted = reverse_labels(lower(bare), go)
    below = bare != constraint
    if len(labels) < len(wanted) + below:
        return False
    if (
        excluded
        and domain.startswith("*")
        and len(labels) > 1
        and wanted
        and backports.has(go, backports.WILDCARDS_EXCLUDED)
    ):
        labels, wanted = labels[:-1], wanted[:-1]
    return labels[: len(wanted)] == wanted


class _Checker:
    """One authority's constraints; counts comparisons, as Go bounds them."""

    def __init__(self, authority: Certificate, go: Go) -> None:
        self.permitted = authority.permitted or Names()
        self.excluded = authority.excluded or Names()
        self.go = go
        self.count = 0

    def check(self, tag: int, value: bytes) -> str:
        """Go's error about one name, "" when it is allowed."""
        if tag == _IP:
            return self._ip(value)
        name = value.decode("latin-1")
        if tag == _DNS:
            return self._dns(name)
        if tag == _EMAIL:
            return self._email(name)
        return self._uri(name) if tag == _URI else ""

    def _ip(self, value: bytes) -> str:
        def match(network: bytes, _: bool) -> bool:
            return addresses.within(value, network)

        excluded, permitted = self.excluded.ip, self.permitted.ip
        return self._decide("IP address", addresses.text(value), excluded, permitted, match)

    def _dns(self, name: str) -> str:
        if not domain_valid(name, self.go):
            return f"x509: cannot parse dnsName {quote(name)}"

        def match(constraint: str, excluding: bool) -> bool:
            return domain_matches(name, constraint, self.go, excluded=excluding)

        return self._decide("DNS name", name, self.excluded.dns, self.permitted.dns, match)

    def _email(self, name: str) -> str:
        mailbox = parse_mailbox(name, self.go)
        if mailbox is None:
            return 'x509: cannot parse rfc822Name {"" ""}'

        def match(constraint: str, excluding: bool) -> bool:
            return self._email_matches(mailbox, constraint, excluding)

        return self._decide("email address", name, self.excluded.email, self.permitted.email, match)

    def _uri(self, name: str) -> str:
        if not self.excluded.uri and not self.permitted.uri:
            return ""
        host, problem = uri_host(name, self.go)
        if problem:
            return NOT_AUTHORIZED + problem

        def match(constraint: str, excluding: bool) -> bool:
            return domain_matches(host, constraint, self.go, excluded=excluding)

        return self._decide("URI", name, self.excluded.uri, self.permitted.uri, match)

    def _email_matches(self, mailbox: Mailbox, constraint: str, excluding: bool) -> bool:
        if "@" not in constraint:
            return domain_matches(mailbox.domain, constraint, self.go, excluded=excluding)
        other = parse_mailbox(constraint, self.go)
        if other is None or mailbox.local != other.local:
            return False
        return lower(mailbox.domain) == lower(other.domain)

    def _decide(
        self,
        kind: str,
        name: str,
        excluded: Sequence[_Constraint],
        permitted: Sequence[_Constraint],
        match: Callable[[_Constraint, bool], bool],
    ) -> str:
        self.count += len(excluded)
        if self.count > _COMPARISONS:
            return _TOO_MANY
        for constraint in excluded:
            if match(constraint, True):
                return f"{NOT_AUTHORIZED}{kind} {quote(name)} is excluded by constraint {show(constraint)}"
        self.count += len(permitted)
        if self.count > _COMPARISONS:
            return _TOO_MANY
        if permitted and not any(match(constraint, False) for constraint in permitted):
            return f"{NOT_AUTHORIZED}{kind} {quote(name)} is not permitted by any constraint"
        return ""


def show(constraint: str | bytes) -> str:
    """A constraint as %q prints it."""
    return quote(constraint if isinstance(constraint, str) else addresses.network_text(constraint))
