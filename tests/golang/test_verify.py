"""
Chains judged by Go's rules: the code that each flaw gets, and whose it is.

Whether real Go agrees, word by word, is asked in tests/differential/test_chains.py for
every case in tests/golang/chains.py.
"""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe import codes
from probe.certificate_codes import CODES
from probe.codes import Code
from probe.golang.release import NEWEST, Go
from probe.golang.x509.certificate import Certificate, parse
from probe.golang.x509.verify import Pool, Verdict, verify
from probe.tls.signatures import signed
from tests.golang.chains import CASES, HOST, Case
from tests.support import pki
from tests.support.pki import NOW, Made, intermediate, leaf, root
from tests.support.sweeps import examples

# Case → the code under Go 1.27.3; every other case is accepted.
REFUSED: dict[str, Code] = {
    **dict.fromkeys(
        (
            "no roots",
            "unknown root",
            "intermediate not sent",
            "upper intermediate not sent",
            "self-signed leaf",
            "issuer written as another kind of string",
            "issuer written in other case",
            "two that signed each other",
            "root key of a kind unknown to Go",
        ),
        codes.TLS_UNKNOWN_AUTHORITY,
    ),
    **dict.fromkeys(
        (
            "unknown root, one of its name",
            "unknown RSA root, one of its name",
            "unknown Ed25519 root, one of its name",
            "root of its name has another kind of key",
            "RSA leaf's root has an ECDSA key",
            "Ed25519 leaf's root has an ECDSA key",
            "candidate without a common name",
            "candidate without any name",
            "candidate with an odd name",
            "99 wrong intermediates",
            "leaf with a broken signature",
            "intermediate with a broken signature",
            "root exponent too large",
        ),
        codes.TLS_WRONG_SIGNATURE,
    ),
    "intermediate not sent, named by the leaf": codes.TLS_INTERMEDIATE_MISSING,
    **dict.fromkeys(
        (
            "root without basicConstraints",
            "root that is no authority",
            "root that may not sign certificates",
            "intermediate without basicConstraints",
            "intermediate of version 1",
            "intermediate that is no authority",
            "intermediate that may not sign certificates",
        ),
        codes.TLS_ISSUER_NOT_CA,
    ),
    **dict.fromkeys(
        ("101 wrong intermediates", "101 wrong intermediates before the right one"),
        codes.TLS_TOO_MANY_SIGNATURES,
    ),
    **dict.fromkeys(
        (
            "leaf signed with SHA-1",
            "leaf signed with SHA-1, allowed",
            "RSA leaf signed with SHA-1",
            "RSA leaf signed with SHA-1, allowed",
            "leaf signed with MD5",
            "intermediate signed with SHA-1",
        ),
        codes.TLS_WEAK_SIGNATURE,
    ),
    **dict.fromkeys(
        ("root key of 512 bits", "root exponent too large, RSA leaf", "root exponent of 33 bits"),
        codes.TLS_WEAK_KEY,
    ),
    **dict.fromkeys(
        (
            "leaf expired",
            "intermediate expired",
            "root expired",
            "leaf expired and for another name",
            "a year later",
        ),
        codes.TLS_EXPIRED,
    ),
    **dict.fromkeys(
        (
            "leaf not yet valid",
            "intermediate not yet valid",
            "root not yet valid",
            "root ends before it begins",
        ),
        codes.TLS_NOT_YET_VALID,
    ),
    **dict.fromkeys(
        (
            "leaf itself trusted, for another name",
            "wrong name",
            "wrong name, and unknown root",
            "no name at all",
            "no DNS name",
            "wildcard does not cover two labels",
            "wildcard does not cover none",
            "bare wildcard",
            "wildcard in the middle",
            "wildcard in a part",
            "trailing dot in the certificate",
            "two trailing dots",
            "hyphen first, wildcard",
            "a hundred names",
            "ninety-nine names",
            "a hundred addresses",
            "address only as DNS name",
            "another address",
            "another IPv6",
            "another IPv6 with a zone",
            "IPv6 without a match, no addresses",
        ),
        codes.TLS_WRONG_NAME,
    ),
    **dict.fromkeys(
        (
            "name only in the common name",
            "name only in the common name, in other case",
            "address only as common name",
        ),
        codes.TLS_COMMON_NAME_ONLY,
    ),
    **dict.fromkeys(
        (
            "leaf itself trusted, for clients only",
            "leaf for clients only",
            "leaf with a strange usage only",
            "root for clients only",
            "intermediate for clients only",
        ),
        codes.TLS_WRONG_USAGE,
    ),
    **dict.fromkeys(
        (
            "leaf with a strange critical extension",
            "intermediate with a strange critical extension",
            "root with a strange critical extension",
            "leaf with a critical SAN of nothing known",
            "constraint of a kind unknown to Go",
        ),
        codes.TLS_CRITICAL_EXTENSION,
    ),
    **dict.fromkeys(
        ("path length exceeded", "path length of zero exceeded", "path length of the root exceeded"),
        codes.TLS_PATH_TOO_LONG,
    ),
}


def read(made: Sequence[Made], go: Go) -> list[Certificate]:
    found = [parse(one.der, go) for one in made]
    assert all(isinstance(one, Certificate) for one in found)
    return [one for one in found if isinstance(one, Certificate)]


def judge(case: Case, go: Go = NEWEST) -> Verdict:
    go = go._replace(godebug=case.godebug)
    return verify(read(case.chain, go), case.host, case.now, read(case.roots, go), go, signed)


NOT_HERE = (
    "constraint",
    "permitted",
    "excluded",
    "URI",
    "email",
    "DNS name",
    "polic",
    "mapping",
    "mapped",
    "own name",
)
SIMPLE = [name for name in CASES if not any(word in name for word in NOT_HERE) or name in REFUSED]


@pytest.mark.parametrize("name", SIMPLE)
def test_each_flaw_has_its_code(name: str) -> None:
    """What is not listed as refused is accepted."""
    verdict = judge(CASES[name]())
    expected = REFUSED.get(name, codes.TLS_OK)
    assert (CODES[verdict.reason], verdict.ok) == (expected, expected is codes.TLS_OK), verdict.error
    assert bool(verdict.error) == (not verdict.ok)
    assert bool(verdict.chains) == bool(verdict.ok)


@pytest.mark.parametrize("minor", [25, 27])
def test_a_name_outside_a_constraint_has_its_code(minor: int) -> None:
    """By the rules of either age."""
    go = Go((1, minor, 5), "as-go")
    assert CODES[judge(CASES["name not permitted"](), go).reason] is codes.TLS_NAME_CONSTRAINT
    assert CODES[judge(CASES["name permitted"](), go).reason] is codes.TLS_OK


def test_policies_are_heeded_from_1_24_on() -> None:
    """Before, nobody looked."""
    demand = pki.policy_constraints(explicit=0)
    middle = intermediate(top := root(), extra=[pki.policies("1.2.3.1"), (demand[0], False, demand[2])])
    case = Case([leaf(middle, HOST, extra=[pki.policies("1.2.3.2")]), middle], [top])
    assert CODES[judge(case, Go((1, 23, 9), "as-go")).reason] is codes.TLS_OK
    assert CODES[judge(case, Go((1, 24, 0), "as-go")).reason] is codes.TLS_POLICY


def test_the_certificate_to_blame_is_named() -> None:
    """The expired one, the one without an issuer, the authority that is none."""
    top = root("Top")
    assert blamed(Case([leaf(top, HOST)], [])) == "CN=www.example.test"
    old = intermediate(top, "Old", not_after=NOW - 1)
    assert blamed(Case([leaf(old, HOST), old], [top])) == "CN=Old"
    middle = intermediate(top, "Middle")
    assert blamed(Case([leaf(middle, HOST), middle], [])) == "CN=Middle"
    no_ca = root("No CA", ca=False)
    verdict = judge(Case([leaf(no_ca, HOST)], [no_ca]))
    assert verdict.blame
    assert verdict.candidate
    assert verdict.blame.subject == verdict.candidate.subject == "CN=No CA"


def blamed(case: Case) -> str:
    verdict = judge(case)
    assert verdict.blame
    return verdict.blame.subject


def test_a_signature_that_cannot_be_checked_is_neither_yes_nor_no() -> None:
    """Unless the chain falls for another reason, or there is another chain."""

    def nobody_knows(_child: Certificate, _parent: Certificate) -> bool | None:
        return None

    top = root()
    chain, roots = read([leaf(top, HOST)], NEWEST), read([top], NEWEST)
    verdict = verify(chain, HOST, NOW, roots, NEWEST, nobody_knows)
    assert (verdict.ok, CODES[verdict.reason]) == (None, codes.TLS_SIGNATURE_UNCHECKED)
    assert CODES[verify(chain, "other.test", NOW, roots, NEWEST, nobody_knows).reason] is codes.TLS_WRONG_NAME
    assert CODES[verify(chain, HOST, NOW, [], NEWEST, nobody_knows).reason] is codes.TLS_UNKNOWN_AUTHORITY
    assert verify(chain, HOST, NOW, [*roots, chain[0]], NEWEST, nobody_knows).ok
    clients = root(eku=(pki.CLIENT,))
    verdict = verify(
        read([leaf(clients, HOST)], NEWEST), HOST, NOW, read([clients], NEWEST), NEWEST, nobody_knows
    )
    assert CODES[verdict.reason] is codes.TLS_WRONG_USAGE


def test_a_key_that_go_distrusts_drops_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 1.27.3 on; nobody has such a key, so one of ours is put onto the list."""
    from hashlib import sha256

    case = CASES["root signs leaf"]()
    listed = sha256(pki.spki(case.roots[0].key)).hexdigest()
    monkeypatch.setattr("probe.golang.x509.verify.DISTRUSTED_KEYS", frozenset({listed}))
    verdict = judge(case)
    assert (CODES[verdict.reason], verdict.error) == (codes.TLS_DISTRUSTED_KEY, "x509: no valid chains built")
    assert judge(case, Go((1, 27, 2), "as-go")).ok


def test_a_pool_holds_each_certificate_once() -> None:
    """By its bytes, and finds issuers by theirs."""
    top = root()
    (certificate,) = read([top], NEWEST)
    pool = Pool([certificate, certificate])
    assert list(pool.members) == [top.der]
    assert pool.parents(certificate) == [certificate]


@settings(deadline=None, max_examples=examples(60))
@given(st.lists(st.sampled_from(sorted(CASES)), min_size=1, max_size=4), st.integers(21, 27))
def test_nothing_but_a_verdict_ever_comes_out(names: list[str], minor: int) -> None:
    """Certificates of unrelated chains, thrown together."""
    go = Go((1, minor, 0), "as-go")
    made = [one for name in names for one in CASES[name]().chain[:3]]
    chain = [one for one in (parse(each.der, go) for each in made) if isinstance(one, Certificate)]
    if chain:
        verdict = verify(chain, HOST, NOW, chain[::2], go, signed)
        assert isinstance(verdict, Verdict)
        assert bool(verdict.error) == (verdict.ok is False)
