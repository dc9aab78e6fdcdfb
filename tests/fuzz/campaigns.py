"""Three campaigns against real Go: certificates, PEM, chains. Each mutant is one comparison."""

import random
import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import certifi

from probe.golang.release import Go
from probe.golang.x509.certificate import Parser
from tests.differential import answers
from tests.fuzz.chains import Chain, ChainMutator
from tests.fuzz.der_mutations import Mutator
from tests.fuzz.oracle import Request, Stream
from tests.fuzz.pem_mutations import PemMutator
from tests.golang.chains import CASES
from tests.golang.odd_certificates import ODD
from tests.support.pki import Made

_BUNDLES = (certifi.where(), "/etc/ssl/certs/ca-certificates.crt")
_BLOCK = re.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_BATCH = 300
_SLOW_S = 1.0
_KEPT = 50  # differences of one campaign


class Sample(NamedTuple):
    """One input of a campaign."""

    kind: str  # "certificate", "pem" or "chain"
    parts: Sequence[bytes]  # the DER or PEM; for a chain what is sent, leaf first
    trusted: Sequence[bytes] = ()
    host: str = ""
    now: int = 0


class Difference(NamedTuple):
    sample: Sample
    version: str
    ours: object
    theirs: object

    @property
    def shape(self) -> str:
        """The same for differences that have probably one cause."""
        if not isinstance(self.ours, dict) or not isinstance(self.theirs, dict):
            return f"{self.sample.kind}: {str(self.ours)[:80]}"
        keys = [key for key in self.ours if self.ours[key] != self.theirs.get(key)]
        words = [_generic(answer.get("error")) for answer in (self.ours, self.theirs)]
        return f"{self.sample.kind}: {','.join(keys)}: {words}"


def _generic(error: object) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*"|\d+', "…", str(error))[:100]


class Result(NamedTuple):
    compared: int
    accepted: int
    differences: Sequence[Difference]  # one of each shape
    slowest_s: float  # of our own reading of one input


@cache
def real_certificates() -> tuple[bytes, ...]:
    """Mozilla's roots as certifi and the distribution bring them, and our own odd and sound ones."""
    found: dict[bytes, None] = {}
    for bundle in _BUNDLES:
        if Path(bundle).exists():
            for block in _BLOCK.findall(Path(bundle).read_text()):
                found[ssl.PEM_cert_to_DER_cert(block)] = None
    for odd in ODD.values():
        found[odd.data] = None
    for made in _own_chains():
        found[made.der] = None
    return tuple(found)


def _own_chains() -> Iterator[Made]:
    for make in CASES.values():
        case = make()
        yield from case.chain
        yield from case.roots


def certificates(chance: random.Random) -> Iterator[Sample]:
    mutator = Mutator(real_certificates(), chance)
    while True:
        yield Sample("certificate", [mutator.mutant()])


def pem(chance: random.Random) -> Iterator[Sample]:
    small = sorted(real_certificates(), key=len)[:60]
    mutator = PemMutator(small, chance)
    while True:
        yield Sample("pem", [mutator.mutant()])


def chains(chance: random.Random) -> Iterator[Sample]:
    mutator = ChainMutator(chance)
    while True:
        made: Chain = mutator.mutant()
        yield Sample("chain", made.sent, made.trusted, made.host, made.now)


CAMPAIGNS: dict[str, Callable[[random.Random], Iterator[Sample]]] = {
    "certificates": certificates,
    "pem": pem,
    "chains": chains,
}


def request(sample: Sample) -> Request:
    if sample.kind == "certificate":
        return b"c", sample.parts
    if sample.kind == "pem":
        return b"p", sample.parts
    words = (sample.host, str(sample.now), str(len(sample.parts)))
    return b"v", [*(word.encode() for word in words), *sample.parts, *sample.trusted]


def compare(sample: Sample, answer: dict[str, Any], parser: Parser, go: Go) -> tuple[object, object]:
    """Our answer and Go's, in one form."""
    if sample.kind == "certificate":
        ours = answers.certificate(sample.parts[0], parser)
        return _readable(ours), answers.told(ours, answer)
    if sample.kind == "pem":
        blocks = [_readable(block) for block in answers.blocks(sample.parts[0], go)]
        found = [_readable(block) for block in answers.told_blocks(answer)]
        return [blocks, answers.roots(sample.parts[0], parser, go)], [found, answer["roots"]]
    ours = answers.verdict(sample.parts, sample.trusted, sample.host, sample.now, parser, go)
    return _readable(ours), answers.told(ours, answer)


def _readable(answer: dict[str, Any]) -> dict[str, Any]:
    """Octets that are no UTF-8 become U+FFFD in Go's JSON."""
    return {key: _text(value) if isinstance(value, str) else value for key, value in answer.items()}


def _text(value: str) -> str:
    if value.isascii():
        return value
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def run(
    campaign: str,
    version: str,
    seed: int,
    *,
    seconds: float = 0,
    mutants: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> Result:
    """Compare until that many *seconds* or *mutants* have gone by (0: no bound by it)."""
    assert seconds or mutants
    source = CAMPAIGNS[campaign](random.Random(f"{campaign} {seed}"))
    go = answers.judged(version)
    found: dict[str, Difference] = {}
    compared = accepted = 0
    slowest = 0.0
    parser = Parser(go)
    with Stream(version) as stream:  # which may have to be built first
        ends = time.monotonic() + (seconds or float("inf"))
        while not compared or (time.monotonic() < ends and (not mutants or compared < mutants)):
            batch = [next(source) for _ in range(min(_BATCH, mutants - compared) if mutants else _BATCH)]
            for sample, answer in zip(batch, stream.ask([request(one) for one in batch]), strict=True):
                began = time.perf_counter()
                try:
                    ours, theirs = compare(sample, answer, parser, go)
                except Exception as raised:  # noqa: BLE001 that is what is looked for
                    ours, theirs = f"raised {raised!r}", answer
                slowest = max(slowest, time.perf_counter() - began)
                compared += 1
                accepted += bool(answer.get("ok") or answer.get("blocks"))
                difference = Difference(sample, version, ours, theirs)
                if ours != theirs and difference.shape not in found and len(found) < _KEPT:
                    found[difference.shape] = difference
                    say(f"{campaign} {version}: {difference.shape}")
    return Result(compared, accepted, list(found.values()), slowest)
