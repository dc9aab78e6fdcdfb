"""A served chain: our verdict is Go's, its words and its chains included."""

import hashlib
from collections.abc import Sequence

import pytest

from probe.golang.certificate import Certificate, Refusal, parse
from probe.golang.instants import rfc3339
from probe.golang.judged import Go
from probe.golang.verify import verify
from probe.tls.signatures import signed
from tests.differential.harness import ask, same
from tests.golang.chains import CASES, Case
from tests.pki import Made, pems


def ours(case: Case, go: Go) -> dict[str, object]:
    """Our answer in the oracle's form."""
    chain = parsed(case.chain, go)
    if isinstance(chain, Refusal):
        return {
            "ok": False,
            "error": f"tls: failed to parse certificate from server: {chain.reason}",
            "chains": [],
        }
    roots = [root for root in (parse(made.der, go) for made in case.roots) if isinstance(root, Certificate)]
    verdict = verify(chain, case.host, case.now, roots, go, signed)
    chains = [[hashlib.sha256(one.der).hexdigest() for one in chain] for chain in verdict.chains]
    return {"ok": verdict.ok, "error": verdict.error or None, "chains": chains}


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


def parsed(made: Sequence[Made], go: Go) -> list[Certificate] | Refusal:
    found = []
    for one in made:
        certificate = parse(one.der, go)
        if isinstance(certificate, Refusal):
            return certificate
        found.append(certificate)
    return found


def judged(version: str, case: Case) -> Go:
    major, minor, patch = map(int, version.split("."))
    return Go((major, minor, patch), "as-go", case.godebug)


@pytest.mark.parametrize("name", CASES)
def test_a_chain_is_judged_as_go_judges_it(name: str, go_version: str) -> None:
    """The same answer, in the same words, with the same chains."""
    case = CASES[name]()
    if case.godebug.get("x509sha1") == "1" and go_version >= "1.27":
        pytest.skip("that GODEBUG kills such a program at start")
    same(ours(case, judged(go_version, case)), theirs(case, go_version), name)
