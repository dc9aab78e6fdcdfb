"""Chains that are wrong in one way each, or only odd: for our rules and for real Go alike."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tests.support import pki
from tests.support.pki import (
    ANY_USAGE,
    CLIENT,
    DAY,
    DIGITAL_SIGNATURE,
    NOW,
    SERVER,
    Made,
    intermediate,
    leaf,
    make,
    root,
)

HOST = "www.example.test"


class Case(NamedTuple):
    """What a server presents, leaf first, and who is trusted."""

    chain: Sequence[Made]
    roots: Sequence[Made]
    host: str = HOST
    now: float = NOW
    godebug: Mapping[str, str] = {}


def under(top: Made, *names: str, **different: object) -> Case:
    """A leaf that *top* signs."""
    return Case([leaf(top, *(names or (HOST,)), **different)], [top])


def below(middle: Made, *names: str, **different: object) -> Case:
    """A leaf that an intermediate signs, which is sent along."""
    assert middle.issuer
    return Case([leaf(middle, *(names or (HOST,)), **different), middle], [middle.issuer])


def sent(case: Case, *which: int) -> Case:
    """The same with those certificates of the chain, in that order."""
    return case._replace(chain=[case.chain[at] for at in which])


def trusting(case: Case, which: int) -> Case:
    """The same with that certificate of the chain as the only root."""
    return case._replace(roots=[case.chain[which]])


def trusting_both(case: Case) -> Case:
    return case._replace(roots=[*case.roots, case.chain[1]])


def with_root(case: Case) -> Case:
    return case._replace(chain=[*case.chain, *case.roots])


def with_stranger(case: Case) -> Case:
    return case._replace(chain=[*case.chain, root("Other")])


def named(host: str, *names: str, **different: object) -> Case:
    return under(root(), *names, **different)._replace(host=host)


def constrained(
    permitted: Sequence[bytes] = (),
    excluded: Sequence[bytes] = (),
    *,
    at_root: bool = False,
    **names: Sequence[str],
) -> Case:
    """A leaf with those SANs (besides the host's) under a constrained intermediate or root."""
    limits = [pki.constraints(permitted, excluded)]
    top = root(extra=limits) if at_root else root()
    middle = intermediate(top, extra=[] if at_root else limits)
    dns = names.pop("dns", (HOST,))
    return Case([leaf(middle, *dns, **names), middle], [top])


def dns(*names: str) -> list[bytes]:
    return pki.general_names(dns=names)


def ips(*ranges: str) -> list[bytes]:
    return pki.general_names(ip=ranges)


def emails(*names: str) -> list[bytes]:
    return pki.general_names(email=names)


def uris(*names: str) -> list[bytes]:
    return pki.general_names(uri=names)


def cross_signed() -> Case:
    """The old root has gone; the intermediate is also signed by a new one that is trusted."""
    key = pki.fresh_key()
    old, new = root("Old"), root("New")
    by_old, by_new = intermediate(old, "Middle", key=key), intermediate(new, "Middle", key=key)
    return Case([leaf(by_old, HOST), by_old, by_new], [new])


def same_key_roots(*, first_expired: bool) -> Case:
    key = pki.fresh_key()
    old = root("R", key=key, not_after=NOW - DAY)
    new = root("R", key=key, serial=2)
    return Case([leaf(new, HOST)], [old, new] if first_expired else [new, old])


def loop() -> Case:
    """Two authorities that have signed each other, and no root."""
    one_key, other_key = pki.fresh_key(), pki.fresh_key()
    one = make("One", ca=True, key=one_key)
    other = make("Other", ca=True, key=other_key)
    one_by_other = make("One", other, ca=True, key=one_key)
    other_by_one = make("Other", one, ca=True, key=other_key)
    return Case([leaf(one, HOST), one_by_other, other_by_one], [root()])


def many_candidates(count: int, *, with_root: bool) -> Case:
    """Intermediates of one name, of which none (or the last looked at) has the right key."""
    top = root()
    right = intermediate(top, "Middle", key_id=b"")
    others = [intermediate(top, "Middle", key_id=b"", serial=n) for n in range(count)]
    return Case([leaf(right, HOST, authority_key_id=b""), *others, *([right] if with_root else [])], [top])


def policy_chain(
    leaf_policies: Sequence[str] = (),
    middle_policies: Sequence[str] = (),
    middle_extra: Sequence[pki.Extension] = (),
    leaf_extra: Sequence[pki.Extension] = (),
    eku: Sequence[str] = (SERVER,),
) -> Case:
    top = root()
    middle_all = [*middle_extra, *([pki.policies(*middle_policies)] if middle_policies else [])]
    middle = intermediate(top, extra=middle_all)
    leaf_all = [*leaf_extra, *([pki.policies(*leaf_policies)] if leaf_policies else [])]
    return Case([leaf(middle, HOST, extra=leaf_all, eku=eku), middle], [top])


def weak_root() -> Made:
    return root(key=pki.tiny_key())


def deep(count: int, **different: object) -> Case:
    """A chain of that many intermediates; the first one below the root is *different*."""
    top = root()
    chain = [intermediate(top, "I0", **different)]
    for number in range(1, count):
        chain.insert(0, intermediate(chain[0], f"I{number}"))
    return Case([leaf(chain[0], HOST), *chain], [top])


def trusted(made: Made, *sent: Made, host: str = HOST) -> Case:
    """The pool holds that very certificate."""
    return Case([made, *sent], [made], host)


def named_otherwise(*, issuer_name: bytes) -> Case:
    top = root()
    return Case([leaf(top, HOST, issuer_name=issuer_name)], [top])


P1, P2, P3, ANY = "1.2.3.1", "1.2.3.2", "1.2.3.3", "2.5.29.32.0"
EXPLICIT = [pki.policy_constraints(explicit=0)]
STRANGE = ("1.2.3.4.5", True, b"\x05\x00")

CASES: dict[str, Callable[[], Case]] = {
    # sound
    "root signs leaf": lambda: under(root()),
    "intermediate sent": lambda: below(intermediate(root())),
    "intermediates in the wrong order": lambda: sent(deep(3), 0, 3, 2, 1),
    "root sent along": lambda: with_root(below(intermediate(root()))),
    "leaf sent twice": lambda: sent(below(intermediate(root())), 0, 1, 0),
    "a stranger sent along": lambda: with_stranger(under(root())),
    "cross-signed": cross_signed,
    "P-384": lambda: under(root(key=pki.key("P384"), hash_="SHA384"), hash_="SHA384"),
    "P-521": lambda: under(root(key=pki.key("P521"), hash_="SHA512"), hash_="SHA512"),
    "P-224": lambda: under(root(key=pki.key("P224"))),
    "P-521 with SHA-256": lambda: under(root(key=pki.key("P521")), hash_="SHA256"),
    "Ed25519": lambda: under(root(key=pki.key("Ed25519"))),
    "RSA": lambda: under(root(key=pki.key("RSA2048"))),
    "RSA with SHA-512": lambda: under(root(key=pki.key("RSA2048")), hash_="SHA512"),
    "RSASSA-PSS": lambda: under(root(key=pki.key("RSA2048")), hash_="SHA256-PSS"),
    "RSASSA-PSS with SHA-512": lambda: under(root(key=pki.key("RSA2048")), hash_="SHA512-PSS"),
    # authorities
    "no roots": lambda: under(root())._replace(roots=[]),
    "unknown root": lambda: under(root())._replace(roots=[root("Other")]),
    "unknown root, one of its name": lambda: under(root())._replace(roots=[root()]),
    "unknown RSA root, one of its name": lambda: under(root(key=pki.key("RSA2048")))._replace(
        roots=[root(key=pki.key("RSA2048", 1))]
    ),
    "unknown Ed25519 root, one of its name": lambda: under(root(key=pki.key("Ed25519")))._replace(
        roots=[root(key=pki.key("Ed25519", 1))]
    ),
    "root of its name has another kind of key": lambda: under(root())._replace(
        roots=[root(key=pki.key("RSA2048"))]
    ),
    "RSA leaf's root has an ECDSA key": lambda: under(root(key=pki.key("RSA2048")))._replace(roots=[root()]),
    "Ed25519 leaf's root has an ECDSA key": lambda: under(root(key=pki.key("Ed25519")))._replace(
        roots=[root()]
    ),
    "candidate without a common name": lambda: under(root(pki.dn("", "Org")))._replace(
        roots=[root(pki.dn("", "Org"))]
    ),
    "candidate without any name": lambda: under(root(pki.dn("")))._replace(
        roots=[root(pki.dn(""), serial=77)]
    ),
    "candidate with an odd name": lambda: under(root('q"uo\te\u00e9'))._replace(
        roots=[root('q"uo\te\u00e9')]
    ),
    "intermediate not sent": lambda: sent(below(intermediate(root())), 0),
    "intermediate not sent, named by the leaf": lambda: sent(
        below(intermediate(root()), extra=[pki.ca_issuers()]), 0
    ),
    "upper intermediate not sent": lambda: sent(deep(2), 0, 1),
    "self-signed leaf": lambda: Case([leaf(None, HOST)], [root()]),
    "self-signed leaf, trusted": lambda: trusted(leaf(None, HOST)),
    "leaf itself trusted": lambda: trusted(leaf(root(), HOST)),
    "leaf itself trusted, for another name": lambda: trusted(leaf(root(), HOST), host="other.test"),
    "leaf itself trusted, for clients only": lambda: trusted(leaf(root(), HOST, eku=(CLIENT,))),
    "intermediate itself trusted": lambda: trusting(below(intermediate(root())), 1),
    "intermediate itself trusted, not sent": lambda: sent(trusting(below(intermediate(root())), 1), 0),
    "root and intermediate trusted": lambda: trusting_both(below(intermediate(root()))),
    "issuer written as another kind of string": lambda: named_otherwise(
        issuer_name=pki.dn("Test Root", tag=pki.PRINTABLE)
    ),
    "issuer written in other case": lambda: named_otherwise(issuer_name=pki.dn("TEST ROOT")),
    "root of version 1": lambda: under(root(version=1)),
    "root without basicConstraints": lambda: under(root(ca=None)),
    "root that is no authority": lambda: under(root(ca=False)),
    "root that may not sign certificates": lambda: under(root(usage=(DIGITAL_SIGNATURE,))),
    "root without keyUsage": lambda: under(root(usage=None)),
    "root with an empty keyUsage": lambda: under(root(usage=())),
    "intermediate of version 1": lambda: below(intermediate(root(), version=1)),
    "intermediate without basicConstraints": lambda: below(intermediate(root(), ca=None)),
    "intermediate that is no authority": lambda: below(intermediate(root(), ca=False)),
    "intermediate that may not sign certificates": lambda: below(
        intermediate(root(), usage=(DIGITAL_SIGNATURE,))
    ),
    "key identifiers do not match": lambda: under(root(), authority_key_id=b"\1" * 20),
    "no key identifiers": lambda: under(root(key_id=b""), key_id=b""),
    "same key, expired root first": lambda: same_key_roots(first_expired=True),
    "same key, expired root last": lambda: same_key_roots(first_expired=False),
    "two that signed each other": loop,
    "99 wrong intermediates": lambda: many_candidates(99, with_root=False),
    "101 wrong intermediates": lambda: many_candidates(101, with_root=False),
    "101 wrong intermediates before the right one": lambda: many_candidates(101, with_root=True),
    "60 wrong intermediates before the right one": lambda: many_candidates(60, with_root=True),
    # signatures and keys
    "leaf signed with SHA-1": lambda: under(root(), hash_="SHA1"),
    "leaf signed with SHA-1, allowed": lambda: under(root(), hash_="SHA1")._replace(
        godebug={"x509sha1": "1"}
    ),
    "RSA leaf signed with SHA-1": lambda: under(root(key=pki.key("RSA2048")), hash_="SHA1"),
    "RSA leaf signed with SHA-1, allowed": lambda: under(root(key=pki.key("RSA2048")), hash_="SHA1")._replace(
        godebug={"x509sha1": "1"}
    ),
    "leaf signed with MD5": lambda: under(root(key=pki.key("RSA2048")), hash_="MD5"),
    "intermediate signed with SHA-1": lambda: below(intermediate(root(), hash_="SHA1")),
    "root signed with SHA-1": lambda: under(root(hash_="SHA1")),
    "root signed with MD5": lambda: under(root(key=pki.key("RSA2048"), hash_="MD5")),
    "root with a broken signature": lambda: under(root(break_signature=True)),
    "leaf with a broken signature": lambda: under(root(), break_signature=True),
    "intermediate with a broken signature": lambda: below(intermediate(root(), break_signature=True)),
    "root key of 512 bits": lambda: under(weak_root()),
    "root key of 512 bits, allowed": lambda: under(weak_root())._replace(godebug={"rsa1024min": "0"}),
    "leaf key of 512 bits": lambda: under(root(), public=pki.rsa_spki(pki.tiny_key().modulus)),
    "root key of 1024 bits": lambda: under(root(key=pki.key("RSA1024"))),
    "root exponent too large": lambda: under(root())._replace(
        roots=[root(public=pki.rsa_spki(pki.tiny_key().modulus ** 4, 2**32 + 15))]
    ),
    "root exponent too large, RSA leaf": lambda: under(root(key=pki.key("RSA2048")))._replace(
        roots=[root(public=pki.rsa_spki(pki.tiny_key().modulus ** 4, 2**32 + 15))]
    ),
    "root exponent of 33 bits": lambda: under(root(key=pki.strange_key(2**32 + 15))),
    "root exponent of 31 bits": lambda: under(root(key=pki.strange_key(2**31 - 1))),
    "leaf key of a kind unknown to Go": lambda: under(
        root(), public=pki.seq(pki.seq(pki.oid("1.3.101.113")), pki.bits(b"\1" * 57))
    ),
    "root key of a kind unknown to Go": lambda: under(root())._replace(
        roots=[root(public=pki.seq(pki.seq(pki.oid("1.3.101.113")), pki.bits(b"\1" * 57)))]
    ),
    # dates
    "leaf expired": lambda: under(root(), not_after=NOW - 1),
    "leaf expires this second": lambda: under(root(), not_after=NOW),
    "leaf not yet valid": lambda: under(root(), not_before=NOW + 1),
    "leaf valid from this second": lambda: under(root(), not_before=NOW),
    "intermediate expired": lambda: below(intermediate(root(), not_after=NOW - DAY)),
    "intermediate not yet valid": lambda: below(intermediate(root(), not_before=NOW + DAY)),
    "root expired": lambda: under(root(not_after=NOW - DAY)),
    "root not yet valid": lambda: under(root(not_before=NOW + DAY)),
    "root ends before it begins": lambda: under(root(not_before=NOW + DAY, not_after=NOW - DAY)),
    "leaf valid until 2060": lambda: under(root(), not_after=2840140800),
    "leaf expired and for another name": lambda: under(root(), "other.test", not_after=NOW - 1),
    "a year later": lambda: under(root())._replace(now=NOW + 365 * DAY),
    # names
    "wrong name": lambda: named(HOST, "other.test", "another.test"),
    "wrong name, and unknown root": lambda: named(HOST, "other.test")._replace(roots=[]),
    "name only in the common name": lambda: named(HOST, name=HOST, dns=()),
    "name only in the common name, in other case": lambda: named(HOST, name=HOST.upper(), dns=()),
    "no name at all": lambda: named(HOST, name="something else", dns=()),
    "no DNS name": lambda: named(HOST, ip=("10.0.0.1",), name=HOST, dns=()),
    "wildcard": lambda: named(HOST, "*.example.test"),
    "wildcard of the top level": lambda: named("x.test", "*.test"),
    "wildcard does not cover two labels": lambda: named("a.b.example.test", "*.example.test"),
    "wildcard does not cover none": lambda: named("example.test", "*.example.test"),
    "bare wildcard": lambda: named("localhost", "*"),
    "bare wildcard for a bare wildcard": lambda: named("*", "*"),
    "wildcard in the middle": lambda: named(HOST, "www.*.test"),
    "wildcard in a part": lambda: named(HOST, "w*.example.test"),
    "other case": lambda: named("WWW.Example.TEST", "www.example.test"),
    "pattern in other case": lambda: named(HOST, "WWW.EXAMPLE.test"),
    "trailing dot asked": lambda: named(HOST + ".", HOST),
    "trailing dot in the certificate": lambda: named(HOST, HOST + "."),
    "two trailing dots": lambda: named(HOST + "..", HOST),
    "underscore": lambda: named("a_b.test", "a_b.test"),
    "hyphen first": lambda: named("-a.test", "-a.test"),
    "hyphen first, wildcard": lambda: named("-a.test", "*.test"),
    "strange name, equal": lambda: named("a b.test", "a b.test"),
    "strange name, other case": lambda: named("A b.test", "a b.test"),
    "a hundred names": lambda: named(HOST, *(f"n{number}.test" for number in range(100))),
    "ninety-nine names": lambda: named(HOST, *(f"n{number}.test" for number in range(99))),
    "a hundred addresses": lambda: named("10.9.9.9", ip=[f"10.0.0.{number}" for number in range(100)]),
    "address": lambda: named("10.0.0.1", ip=("10.0.0.1",)),
    "address in brackets": lambda: named("[10.0.0.1]", ip=("10.0.0.1",)),
    "address only as DNS name": lambda: named("10.0.0.1", "10.0.0.1"),
    "address only as common name": lambda: named("10.0.0.1", name="10.0.0.1", dns=()),
    "another address": lambda: named("10.0.0.1", ip=("10.0.0.2", "2001:db8:0:0:1::1")),
    "IPv6": lambda: named("2001:db8::1", ip=("2001:db8::1",)),
    "IPv6 in brackets": lambda: named("[2001:DB8:0::1]", ip=("2001:db8::1",)),
    "another IPv6": lambda: named("[2001:db8::2]", ip=("2001:db8::1", "::1", "::ffff:0:0:0")),
    "IPv6 with a zone": lambda: named("fe80::1%eth0", ip=("fe80::1",)),
    "IPv6 with a zone in brackets": lambda: named("[fe80::1%eth0]", ip=("fe80::1",)),
    "another IPv6 with a zone": lambda: named("[fe80::1%eth0]", ip=("fe80::2",)),
    "IPv4 written as IPv6": lambda: named("::ffff:10.0.0.1", ip=("10.0.0.1",)),
    "IPv6 without a match, no addresses": lambda: named("::1", "localhost"),
    "address with leading zeros": lambda: named("010.0.0.1", "010.0.0.1"),
    # usages and extensions
    "leaf for clients only": lambda: under(root(), eku=(CLIENT,)),
    "leaf for anything": lambda: under(root(), eku=(ANY_USAGE,)),
    "leaf without usages": lambda: under(root(), eku=()),
    "leaf with a strange usage only": lambda: under(root(), eku=("1.2.3.4",)),
    "root for clients only": lambda: under(root(eku=(CLIENT,))),
    "root for servers and clients": lambda: under(root(eku=(CLIENT, SERVER))),
    "intermediate for clients only": lambda: below(intermediate(root(), eku=(CLIENT,))),
    "intermediate for anything": lambda: below(intermediate(root(), eku=(CLIENT, ANY_USAGE))),
    "leaf keyUsage without digitalSignature": lambda: under(root(), usage=(4,)),
    "leaf with a strange critical extension": lambda: under(root(), extra=[STRANGE]),
    "intermediate with a strange critical extension": lambda: below(intermediate(root(), extra=[STRANGE])),
    "root with a strange critical extension": lambda: under(root(extra=[STRANGE])),
    "root with a strange extension": lambda: under(root(extra=[("1.2.3.4.5", False, b"\x05\x00")])),
    "leaf with a critical SAN of nothing known": lambda: named(
        HOST, name=HOST, dns=(), extra=[pki.alternative_names(directory=("x",), critical=True)]
    ),
    "path length kept": lambda: deep(2, path_length=1),
    "path length exceeded": lambda: deep(3, path_length=1),
    "path length of zero exceeded": lambda: deep(2, path_length=0),
    "path length of the root kept": lambda: below(intermediate(root(path_length=1))),
    "path length of the root exceeded": lambda: below(intermediate(root(path_length=0))),
    "path length of a leaf": lambda: under(root(), extra=[], ca=True, path_length=0),
    # name constraints
    "name permitted": lambda: constrained(dns("example.test")),
    "name not permitted": lambda: constrained(dns("other.test")),
    "name permitted among others": lambda: constrained(dns("other.test", "example.test", "www.more.test")),
    "name excluded": lambda: constrained(excluded=dns("example.test")),
    "name excluded in other case": lambda: constrained(excluded=dns("EXAMPLE.Test")),
    "name excluded and permitted": lambda: constrained(dns("test"), dns("example.test")),
    "neighbour of what is excluded": lambda: constrained(excluded=dns("ample.test")),
    "constraint by the root": lambda: constrained(dns("other.test"), at_root=True),
    "constraint with a leading dot": lambda: constrained(dns(".example.test")),
    "constraint with a leading dot leaves the apex out": lambda: constrained(
        dns(".example.test"), dns=("example.test", HOST)
    ),
    "empty constraint permits all": lambda: constrained(dns("")),
    "empty constraint excludes all": lambda: constrained(excluded=dns("")),
    "common name is not constrained": lambda: constrained(dns("example.test"), name="else.where"),
    "another SAN not permitted": lambda: constrained(dns("example.test"), dns=(HOST, "other.test")),
    "other kinds of constraint": lambda: constrained(ips("10.0.0.0/8")),
    "no SAN under a constraint": lambda: constrained(dns("example.test"), dns=())._replace(host=""),
    "wildcard under an excluded name": lambda: constrained(
        excluded=dns("a.example.test"), dns=(HOST, "*.example.test")
    ),
    "wildcard beside an excluded name": lambda: constrained(
        excluded=dns("a.other.test"), dns=(HOST, "*.example.test")
    ),
    "wildcard, one label excluded": lambda: constrained(excluded=dns("x.com"), dns=(HOST, "*.foo.com")),
    "wildcard, deeper name excluded": lambda: constrained(
        excluded=dns("a.b.foo.com"), dns=(HOST, "*.foo.com")
    ),
    "wildcard permitted": lambda: constrained(dns("example.test"), dns=(HOST, "*.example.test")),
    "wildcard not permitted": lambda: constrained(dns("www.example.test"), dns=(HOST, "*.example.test")),
    "bad DNS name under a constraint": lambda: constrained(dns("example.test"), dns=(HOST, "a..b")),
    "DNS name with a trailing dot under a constraint": lambda: constrained(
        dns("test"), dns=(HOST, "a.test.")
    ),
    "DNS name with a leading dot under a constraint": lambda: constrained(dns("test"), dns=(HOST, ".a.test")),
    "address permitted": lambda: constrained(ips("10.0.0.0/8"), ip=("10.1.2.3",)),
    "address not permitted": lambda: constrained(ips("10.0.0.0/8"), ip=("11.1.2.3",)),
    "address excluded": lambda: constrained(excluded=ips("10.0.0.0/8"), ip=("10.1.2.3",)),
    "address excluded by a range with host bits": lambda: constrained(
        excluded=ips("10.2.3.4/8"), ip=("10.1.2.3",)
    ),
    "address permitted by one of many ranges": lambda: constrained(
        ips("10.0.0.0/8", "10.5.0.0/16", "192.168.0.0/16", "172.16.0.0/12"), ip=("172.31.0.1", "10.200.0.1")
    ),
    "IPv6 permitted": lambda: constrained(ips("2001:db8::/32"), ip=("2001:db8::1",)),
    "IPv6 excluded": lambda: constrained(excluded=ips("2001:db8::/32"), ip=("2001:db8:1::1",)),
    "IPv6 under IPv4 constraints": lambda: constrained(ips("10.0.0.0/8"), ip=("2001:db8::1",)),
    "email permitted": lambda: constrained(emails("example.test"), email=("a@example.test",)),
    "email host only": lambda: constrained(emails("example.test"), email=("a@sub.example.test",)),
    "email not permitted": lambda: constrained(emails("example.test"), email=("a@other.test",)),
    "email address itself permitted": lambda: constrained(
        emails("a@Example.test"), email=("a@example.TEST",)
    ),
    "email address of another": lambda: constrained(emails("a@example.test"), email=("b@example.test",)),
    "email excluded": lambda: constrained(excluded=emails("example.test"), email=("a@Example.test",)),
    "email address excluded": lambda: constrained(
        excluded=emails("a@example.test"), email=("a@example.test",)
    ),
    "bad email": lambda: constrained(emails("example.test"), email=("no mailbox",)),
    "bad email under another constraint": lambda: constrained(dns("test"), email=("no mailbox",)),
    "email with quotes": lambda: constrained(emails("other.test"), email=('"a \\"b"@example.test',)),
    "email with a backslash": lambda: constrained(emails("other.test"), email=("a\\@b@example.test",)),
    "URI permitted": lambda: constrained(uris("example.test"), uri=("https://example.test/x",)),
    "URI not permitted": lambda: constrained(
        uris("example.test"), uri=("https://u:p@other.test:8443/x?y#z",)
    ),
    "URI excluded": lambda: constrained(excluded=uris(".example.test"), uri=("spiffe://a.example.test/x",)),
    "URI without a host": lambda: constrained(uris("example.test"), uri=("urn:uuid:1",)),
    "URI without a host under another constraint": lambda: constrained(dns("test"), uri=("urn:uuid:1",)),
    "URI with an address": lambda: constrained(uris("example.test"), uri=("https://10.0.0.1/",)),
    "URI with an IPv6 address": lambda: constrained(uris("example.test"), uri=("https://[::1]/",)),
    "URI with an IPv6 address and port": lambda: constrained(uris("example.test"), uri=("https://[::1]:1/",)),
    "URI and DNS name both wrong": lambda: constrained(
        [*uris("example.test"), *dns("example.test")], uri=("https://other.test/",), dns=(HOST, "no.test")
    ),
    "constraint of a kind unknown to Go": lambda: constrained(pki.general_names(directory=("x",))),
    "constraint not critical, unknown kind": lambda: below(
        intermediate(root(), extra=[pki.constraints(pki.general_names(directory=("x",)), critical=False)])
    ),
    "intermediate's own name against the root's": lambda: below(
        intermediate(
            root(extra=[pki.constraints(dns("example.test"))]),
            extra=[pki.alternative_names(dns=("ca.other.test",))],
        )
    ),
    # policies
    "policies agree": lambda: policy_chain([P1], [P1], EXPLICIT),
    "policies differ": lambda: policy_chain([P2], [P1], EXPLICIT),
    "policies differ, nobody demands them": lambda: policy_chain([P2], [P1]),
    "policy demanded, none given": lambda: policy_chain((), [P1], EXPLICIT),
    "policy demanded by one without any": lambda: policy_chain([P1], (), EXPLICIT),
    "any policy above": lambda: policy_chain([P1], [ANY], EXPLICIT),
    "any policy below": lambda: policy_chain([ANY], [P1], EXPLICIT),
    "any policy inhibited": lambda: policy_chain([ANY], [P1], [*EXPLICIT, pki.inhibit_any_policy(0)]),
    "policy mapped": lambda: policy_chain([P2], [P1], [*EXPLICIT, pki.policy_mappings((P1, P2))]),
    "policy mapped to another": lambda: policy_chain([P3], [P1], [*EXPLICIT, pki.policy_mappings((P1, P2))]),
    "any policy mapped": lambda: policy_chain([P2], [ANY], [*EXPLICIT, pki.policy_mappings((P1, P2))]),
    "mapping of any policy": lambda: policy_chain([P2], [P1], [*EXPLICIT, pki.policy_mappings((ANY, P2))]),
    "mapping inhibited": lambda: policy_chain(
        [P2], [P1], [pki.policy_constraints(explicit=0, mapping=0), pki.policy_mappings((P1, P2))]
    ),
    "leaf demands a policy": lambda: policy_chain((), (), (), EXPLICIT),
    "leaf demands a policy and has it": lambda: policy_chain([P1], [P1], (), EXPLICIT),
    "bad policies and bad usage": lambda: policy_chain((), [P1], EXPLICIT, eku=(CLIENT,)),
}
