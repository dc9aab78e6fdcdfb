"""PEM and certificates: what is taken, what it says and why the rest is refused, held against real Go."""

import random
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe.golang.backports import pem_scanner
from probe.golang.x509.certificate import Parser
from tests.differential.answers import blocks, certificate, judged, roots, told, told_blocks
from tests.differential.harness import run, same
from tests.formats.pem_forms import FORMS
from tests.golang.odd_certificates import ODD
from tests.support.junk import JUNK
from tests.support.sweeps import examples


def ask_all(version: str, certificates: Sequence[bytes], **env: str) -> list[dict[str, Any]]:
    requests = [{"der": b64encode(data).decode()} for data in certificates]
    answers = run(version, "cert", requests, env=env, patience_s=60)
    assert isinstance(answers, list), answers
    return answers


def compare(ours: dict[str, Any], theirs: dict[str, Any], context: object) -> None:
    same(ours, told(ours, theirs), context)


def test_every_odd_certificate_is_read_as_in_go(go_version: str) -> None:
    """Taken or refused, in Go's words, with the same content."""
    parser = Parser(judged(go_version))
    answers = ask_all(go_version, [odd.data for odd in ODD.values()])
    for (what, odd), theirs in zip(ODD.items(), answers, strict=True):
        compare(certificate(odd.data, parser), theirs, what)


def test_negative_serials_come_back_by_setting(go_version: str) -> None:
    """GODEBUG=x509negativeserial=1 means the same to both."""
    data = ODD["serial negative"].data
    (theirs,) = ask_all(go_version, [data], GODEBUG="x509negativeserial=1")
    compare(certificate(data, Parser(judged(go_version, x509negativeserial="1"))), theirs, "negative serial")


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
        compare(certificate(data, parser), theirs, data.hex())


def ask_pem(version: str, data: Sequence[bytes]) -> list[dict[str, Any]]:
    answers = run(version, "pem", [{"data": b64encode(item).decode()} for item in data], patience_s=60)
    assert isinstance(answers, list), answers
    return answers


def test_every_form_of_pem_is_read_as_in_go(go_version: str) -> None:
    """The same blocks with the same labels, and headers where Go sees headers."""
    go = judged(go_version)
    for form, theirs in zip(FORMS, ask_pem(go_version, [form.data for form in FORMS]), strict=True):
        same(blocks(form.data, go), told_blocks(theirs), form.what)
        if not pem_scanner(go)["gives_up"]:  # 1.25.2 and its like found nothing after a bad block
            assert len(theirs["blocks"]) == form.found


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"text\n", b" "], ids=["", "mark", "text", "blank"])
def test_a_certificate_in_pem_joins_the_pool_as_in_go(go_version: str, before: bytes) -> None:
    """Out of a file with odd certificates and keys the same ones come into the pool."""
    from tests.support.der import pem as written

    data = before + b"".join(written(odd.data) for odd in ODD.values()) + written(b"x", label="PRIVATE KEY")
    (theirs,) = ask_pem(go_version, [data])
    go = judged(go_version)
    same(roots(data, Parser(go), go), theirs["roots"], before)


@settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck))
@given(batch=st.lists(JUNK, min_size=150, max_size=150))
def test_composed_pem_is_read_as_in_go(go_version: str, batch: list[bytes]) -> None:
    """Whatever pieces of PEM are thrown together, both find the same blocks."""
    go = judged(go_version)
    for data, theirs in zip(batch, ask_pem(go_version, batch), strict=True):
        ours = [{**item, "type": item["type"].replace("\ufffd", "?")} for item in blocks(data, go)]
        told = [{**item, "type": item["type"].replace("\ufffd", "?")} for item in told_blocks(theirs)]
        same(ours, told, data)
