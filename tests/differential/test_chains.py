"""A served chain: our verdict is Go's, its words and its chains included."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe.golang.release import Go
from probe.golang.timefmt import rfc3339
from probe.golang.x509.certificate import Parser
from tests.differential import answers
from tests.differential.harness import ask, leads, same
from tests.golang.chains import CASES, Case
from tests.support import pki
from tests.support.pki import NOW, pems
from tests.support.sweeps import examples


def ours(case: Case, go: Go) -> dict[str, object]:
    """Our answer in the oracle's form."""
    return ours_and_code(case, go)[0]


def ours_and_code(case: Case, go: Go) -> tuple[dict[str, object], str]:
    """It and the code of a finding."""
    sent, trusted = [made.der for made in case.chain], [made.der for made in case.roots]
    return answers.verdict_and_code(sent, trusted, case.host, int(case.now), Parser(go), go)


def theirs(case: Case, version: str) -> dict[str, object]:
    godebug = ",".join(f"{name}={value}" for name, value in case.godebug.items())
    request = {
        "chain": pems(case.chain),
        "roots": pems(case.roots),
        "host": case.host,
        "time": rfc3339(case.now),
    }
    answer: dict[str, object] = ask(version, "verify", request, env={"GODEBUG": godebug} if godebug else {})
    return {key: answer[key] for key in ("ok", "error", "chains")}


def judged(version: str, case: Case) -> Go:
    return answers.judged(version, **case.godebug)


@pytest.mark.parametrize("name", CASES)
def test_a_chain_is_judged_as_go_judges_it(name: str, go_version: str) -> None:
    """The same answer, in the same words, with the same chains."""
    case = CASES[name]()
    if case.godebug.get("x509sha1") == "1" and go_version >= "1.27":
        pytest.skip("nothing to compare: that GODEBUG ends a program of this release at its start")
    (answer, code), go_says = ours_and_code(case, judged(go_version, case)), theirs(case, go_version)
    same(answer, go_says, name)
    if go_says["error"]:
        leads(str(go_says["error"]), code)


# --- chains that nobody thought of ------------------------------------------------------

DNS_NAMES = st.sampled_from(
    ["www.example.test", "*.example.test", "example.test", "a.b.example.test", "*", "*.test", "x.com",
     "*.foo.com", "WWW.Example.Test", "a_b.test", "-a.test", ".example.test", "a..b", "example.test.",
     "10.0.0.1"]
)  # fmt: skip
HOSTS = st.sampled_from(
    ["www.example.test", "example.test", "a.b.example.test", "x.foo.com", "localhost", "10.0.0.1",
     "[2001:db8::1]", "fe80::1%eth0", "WWW.EXAMPLE.test.", "www.other.test", "a_b.test"]
)  # fmt: skip
ADDRESSES = st.sampled_from(["10.0.0.1", "192.168.1.1", "2001:db8::1", "fe80::1"])
EMAILS = st.sampled_from(["a@example.test", "b@x.com", '"q q"@example.test', "nonsense", "a@B.Example.Test"])
URIS = st.sampled_from(
    ["https://example.test/x", "spiffe://x.com/a", "urn:uuid:1", "https://10.0.0.1/", "https://[::1]:1/"]
)
DNS_LIMITS = st.sampled_from(
    ["", "test", "example.test", ".example.test", "www.example.test", "x.com", "a.foo.com", "EXAMPLE.test"]
)
IP_LIMITS = st.sampled_from(["10.0.0.0/8", "10.0.0.1/32", "10.3.0.0/8", "2001:db8::/32", "0.0.0.0/0"])
EMAIL_LIMITS = st.sampled_from(["example.test", ".example.test", "a@example.test", "x.com", ""])
URI_LIMITS = st.sampled_from(["example.test", ".example.test", "x.com", ""])
POLICIES = st.sampled_from(["1.2.3.1", "1.2.3.2", "1.2.3.3", "2.5.29.32.0"])
FEW = 3


@st.composite
def limits(draw: st.DrawFn) -> list[bytes]:
    """One side of a name constraint."""
    return pki.general_names(
        dns=draw(st.lists(DNS_LIMITS, max_size=FEW)),
        ip=draw(st.lists(IP_LIMITS, max_size=FEW)),
        email=draw(st.lists(EMAIL_LIMITS, max_size=2)),
        uri=draw(st.lists(URI_LIMITS, max_size=2)),
        directory=draw(st.sampled_from([(), (), (), ("x",)])),
    )


# What may be different about a certificate, as keywords of `pki.make` …
ODDITIES: dict[str, st.SearchStrategy[Any]] = {
    "not_after": st.just(NOW - 10),
    "not_before": st.just(NOW + 10),
    "ca": st.sampled_from([None, True, False]),
    "path_length": st.integers(0, 2),
    "usage": st.sampled_from([None, (), (0,), (5,), (0, 5)]),
    "eku": st.lists(st.sampled_from([pki.SERVER, pki.CLIENT, pki.ANY_USAGE, "1.2.3"]), max_size=2),
    "hash_": st.sampled_from(["SHA1", "SHA384"]),
    "break_signature": st.just(True),
    "version": st.sampled_from([1, 2]),
    "key_id": st.sampled_from([b"", b"\1" * 20]),
    "authority_key_id": st.sampled_from([b"", b"\1" * 20]),
}
# … and as extensions.
EXTENSIONS: list[st.SearchStrategy[pki.Extension]] = [
    st.booleans().map(lambda critical: ("1.2.3.4.5", critical, b"\5\0")),
    st.lists(POLICIES, min_size=1, max_size=FEW, unique=True).map(lambda found: pki.policies(*found)),
    st.builds(pki.policy_constraints, st.integers(0, 2), st.none() | st.integers(0, 1)),
    st.lists(st.tuples(POLICIES, POLICIES), min_size=1, max_size=2).map(
        lambda pairs: pki.policy_mappings(*pairs)
    ),
    st.integers(0, 2).map(pki.inhibit_any_policy),
]
CONSTRAINTS = st.builds(pki.constraints, limits(), limits(), critical=st.booleans())
RARELY = st.integers(0, 9).map(lambda number: number == 0)
NOT_ALWAYS = st.integers(0, 3).map(lambda number: number == 0)


@st.composite
def oddities(draw: st.DrawFn, *, authority: bool) -> dict[str, Any]:
    """What is different about a certificate; most of it sound, so that some chains stand."""
    found = {name: draw(strategy) for name, strategy in ODDITIES.items() if draw(RARELY)}
    extra = [draw(strategy) for strategy in EXTENSIONS if draw(RARELY)]
    if authority and draw(NOT_ALWAYS):
        extra.append(draw(CONSTRAINTS))
    if not authority or draw(RARELY):
        found["dns"] = draw(st.lists(DNS_NAMES, max_size=FEW))
        found["ip"] = draw(st.lists(ADDRESSES, max_size=2))
        found["email"] = draw(st.lists(EMAILS, max_size=1))
        found["uri"] = draw(st.lists(URIS, max_size=1))
    return {**found, "extra": extra}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A few authorities that have signed one another, a leaf, and some of them sent, some of them trusted."""
    key = st.sampled_from(
        [pki.key("P256", number) for number in range(3)] + [pki.key("RSA2048"), pki.key("Ed25519")]
    )
    authorities = [
        pki.root(draw(st.sampled_from(["R", "S"])), key=draw(key), **draw(oddities(authority=True)))
    ]
    for _ in range(draw(st.integers(0, 4))):
        above = draw(st.sampled_from(authorities))
        name = draw(st.sampled_from(["I", "J", "R"]))
        authorities.append(pki.intermediate(above, name, key=draw(key), **draw(oddities(authority=True))))
    above = draw(st.sampled_from(authorities[-2:]))
    last = pki.leaf(above, key=draw(key), name="www.example.test", **draw(oddities(authority=False)))
    sent = draw(st.permutations(authorities))[: draw(st.integers(0, len(authorities)))]
    trusted = draw(st.sampled_from([authorities[:1], authorities, authorities[1:], [last], []]))
    return Case([last, *(sent if draw(st.booleans()) else authorities)], trusted, draw(HOSTS))


@settings(max_examples=examples(80), deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_chains_that_nobody_thought_of_are_judged_as_go_judges_them(case: Case, go_version: str) -> None:
    """Any mixture of flaws: the same answer, in the same words, with the same chains."""
    same(ours(case, judged(go_version, case)), theirs(case, go_version), explained(case))


def explained(case: Case) -> str:
    return f"host {case.host}, sent:\n{pems(case.chain)}trusted:\n{pems(case.roots)}"
