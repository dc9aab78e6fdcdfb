"""PEM and certificates: what is taken, what it says and why the rest is refused, held against real Go."""

import random
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe.formats import pem
from probe.golang import backports
from probe.golang.net import addresses
from probe.golang.release import Go
from probe.golang.timefmt import rfc3339
from probe.golang.x509.certificate import Certificate, Names, Parser
from tests.differential.harness import run, same
from tests.formats.pem_forms import FORMS
from tests.formats.test_pem import JUNK
from tests.golang.odd_certificates import ODD

_UNTOLD = ("invalid host: ParseAddr", "cannot parse URI")  # Go tells more there than we do


def judged(version: str, **godebug: str) -> Go:
    major, minor, patch = map(int, version.split("."))
    return Go((major, minor, patch), "as-go", godebug)


def parsed(data: bytes, parser: Parser) -> dict[str, Any]:
    """Our answer in the oracle's form."""
    made = parser.parse(data)
    if not isinstance(made, Certificate):
        return {"ok": False, "error": made.reason}
    family = made.key_algorithm[:6] if made.key_algorithm.startswith("ML-DSA") else made.key_algorithm
    return {
        "ok": True,
        "error": None,
        "sha256": sha256(data).hexdigest(),
        "version": made.version,
        "serial": str(made.serial),
        "subject": made.subject,
        "issuer": made.issuer,
        "not_before": rfc3339(made.not_before),
        "not_after": rfc3339(made.not_after),
        "key_algorithm": family or "0",
        "signature_algorithm": made.signature_algorithm or "0",
        "is_ca": made.is_ca,
        "constraints_valid": made.has_basic_constraints,
        "max_path_len": made.max_path_len if made.has_basic_constraints else 0,
        "key_usage": made.key_usage or 0,
        "dns_names": list(made.names.dns),
        "ip_addresses": [addresses.text(address) for address in made.names.ip],
        "emails": list(made.names.email),
        "uris": len(made.names.uri),
        "key_usages": len(made.extended_key_usage or ()),
        "subject_key_id": made.subject_key_id.hex(),
        "authority_key_id": made.authority_key_id.hex(),
        "unhandled_critical": list(made.unhandled_critical),
        "policies": [policy for policy in made.policies if _fits(policy)],
        "extensions": len(made.extensions),
        "critical_constraint": made.constraints_critical,
        "permitted": constrained(made.permitted),
        "excluded": constrained(made.excluded),
        "signature": made.signature.hex(),
        "key": sha256(made.raw_spki).hexdigest(),
        "signed": sha256(made.raw_tbs).hexdigest(),
    }


def _fits(policy: str) -> bool:
    """Whether Go has the policy in its list of the older kind, whose arcs take 31 bits."""
    return not policy.startswith("#") and all(int(arc) < 1 << 31 for arc in policy.split("."))


def constrained(names: Names | None) -> list[str]:
    if names is None:
        return []
    return [*names.dns, *names.email, *names.uri, *(network.hex() for network in names.ip)]


def ask_all(version: str, certificates: Sequence[bytes], **env: str) -> list[dict[str, Any]]:
    requests = [{"der": b64encode(data).decode()} for data in certificates]
    answers = run(version, "cert", requests, env=env, patience_s=60)
    assert isinstance(answers, list), answers
    return answers


def compare(ours: dict[str, Any], theirs: dict[str, Any], context: object) -> None:
    told = {key: theirs.get(key) for key in ours}
    if ours["error"] and told["error"] and any(word in told["error"] for word in _UNTOLD):
        told["error"] = ours["error"]
    same(ours, told, context)


def test_every_odd_certificate_is_read_as_in_go(go_version: str) -> None:
    """Taken or refused, in Go's words, with the same content."""
    parser = Parser(judged(go_version))
    answers = ask_all(go_version, [odd.data for odd in ODD.values()])
    for (what, odd), theirs in zip(ODD.items(), answers, strict=True):
        compare(parsed(odd.data, parser), theirs, what)


def test_negative_serials_come_back_by_setting(go_version: str) -> None:
    """GODEBUG=x509negativeserial=1 means the same to both."""
    data = ODD["serial negative"].data
    (theirs,) = ask_all(go_version, [data], GODEBUG="x509negativeserial=1")
    compare(parsed(data, Parser(judged(go_version, x509negativeserial="1"))), theirs, "negative serial")


# Octets that mean something to DER, for damage that goes deeper than noise.
_TELLING = bytes((0, 1, 2, 3, 4, 5, 6, 12, 19, 20, 22, 23, 24, 30, 48, 49, 127, 128, 129, 130, 160, 163, 255))


def damaged(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at = chance.randrange(len(changed))
        new = (chance.choice(_TELLING), chance.randrange(256), changed[at] ^ 1 << chance.randrange(8))
        changed[at] = chance.choice(new)
    return bytes(changed)


def test_damaged_certificates_are_read_as_in_go(go_version: str) -> None:
    """Thousands of certificates with a few octets changed: the same answer to each."""
    chance = random.Random(20_260_101)
    sound = [odd.data for odd in ODD.values() if odd.data]
    certificates = [damaged(chance.choice(sound), chance) for _ in range(4000)]
    parser = Parser(judged(go_version))
    for data, theirs in zip(certificates, ask_all(go_version, certificates), strict=True):
        compare(parsed(data, parser), theirs, data.hex())


def blocks(data: bytes, go: Go) -> list[dict[str, Any]]:
    """Our sound blocks in the oracle's form."""
    items = pem.split(data, begin_first=not backports.has(go, backports.PEM_SCANNER))
    return [
        {"type": item.label, "headers": item.headers, "sha256": sha256(item.data).hexdigest()}
        for item in items
        if not item.fault
    ]


def told_blocks(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": item["type"], "headers": item["headers"] > 0, "sha256": item["sha256"]}
        for item in answer["blocks"]
    ]


def ask_pem(version: str, data: Sequence[bytes]) -> list[dict[str, Any]]:
    answers = run(version, "pem", [{"data": b64encode(item).decode()} for item in data], patience_s=60)
    assert isinstance(answers, list), answers
    return answers


def test_every_form_of_pem_is_read_as_in_go(go_version: str) -> None:
    """The same blocks with the same labels, and headers where Go sees headers."""
    go = judged(go_version)
    for form, theirs in zip(FORMS, ask_pem(go_version, [form.data for form in FORMS]), strict=True):
        same(blocks(form.data, go), told_blocks(theirs), form.what)
        assert len(theirs["blocks"]) == form.found


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"text\n", b" "], ids=["", "mark", "text", "blank"])
def test_a_certificate_in_pem_joins_the_pool_as_in_go(go_version: str, before: bytes) -> None:
    """Out of a file with odd certificates and keys the same ones come into the pool."""
    from tests.der import pem as written

    data = before + b"".join(written(odd.data) for odd in ODD.values()) + written(b"x", label="PRIVATE KEY")
    (theirs,) = ask_pem(go_version, [data])
    go = judged(go_version)
    parser = Parser(go)
    ours: dict[str, None] = {}
    for item in pem.split(data, begin_first=not backports.has(go, backports.PEM_SCANNER)):
        sound = not item.fault and not item.headers and item.label == "CERTIFICATE"
        if sound and isinstance(parser.parse(item.data), Certificate):
            ours[sha256(item.data).hexdigest()] = None
    same(list(ours), theirs["roots"], before)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(batch=st.lists(JUNK, min_size=150, max_size=150))
def test_composed_pem_is_read_as_in_go(go_version: str, batch: list[bytes]) -> None:
    """Whatever pieces of PEM are thrown together, both find the same blocks."""
    go = judged(go_version)
    for data, theirs in zip(batch, ask_pem(go_version, batch), strict=True):
        ours = [{**item, "type": item["type"].replace("\ufffd", "?")} for item in blocks(data, go)]
        told = [{**item, "type": item["type"].replace("\ufffd", "?")} for item in told_blocks(theirs)]
        same(ours, told, data)
