"""Chains with policies, name constraints and flaws, whose extensions are mutated before they are signed."""

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from probe.golang.release import NEWEST
from probe.golang.x509 import certificate_extensions
from tests.fuzz.der_mutations import Mutator, elements, encoded
from tests.support import pki
from tests.support.pki import Extension, Made

NOW = 1_790_000_000
_AUTHORITIES, _LONGEST = 40, 5  # kept at a time; above one leaf
DAY = 86_400
HOST = "www.example.test"
_POLICIES = ("1.2.3.1", "1.2.3.2", "1.2.3.3", "2.5.29.32.0")
_DNS = (
    HOST, "*.example.test", "example.test", "a.b.example.test", "*", "*.test", "x.com", "*.foo.com",
    "WWW.Example.Test", "a_b.test", "-a.test", ".example.test", ".www.example.test", ".", "..test", "a..b",
    "example.test.", "10.0.0.1", "*.*.test", "w*.example.test", "", "*.", " www.example.test",
)  # fmt: skip
_HOSTS = (
    *[HOST] * 70, "example.test", "a.b.example.test", "x.foo.com", "localhost", "10.0.0.1", "[2001:db8::1]",
    "fe80::1%eth0", "WWW.EXAMPLE.test.", "a_b.test", "*.example.test", "", "::ffff:10.0.0.1", "[10.0.0.1]",
    "www.example.test..", ".", "10.0.0.01",
)  # fmt: skip
_USAGES = (pki.SERVER, pki.CLIENT, pki.ANY_USAGE, "1.2.3", "1.3.6.1.4.1.311.10.3.3")
_IPS = ("10.0.0.1", "192.168.1.1", "2001:db8::1", "fe80::1")
_EMAILS = (
    "a@example.test", "b@x.com", '"q q"@example.test', "nonsense", "a@B.Example.Test", "a@@b", "a@[10.0.0.1]",
)  # fmt: skip
_URIS = (
    "https://example.test/x", "spiffe://x.com/a", "urn:uuid:1", "https://10.0.0.1/", "https://[::1]:1/",
    "http://EXAMPLE.test:80/", "http://u@example.test/", "http://example.test./", "//example.test",
)  # fmt: skip
_DNS_LIMITS = (
    "", "test", "example.test", ".example.test", HOST, "x.com", "a.foo.com", "EXAMPLE.test", "com",
    "*.example.test", ".test", "..test", ".",
)  # fmt: skip
_IP_LIMITS = ("10.0.0.0/8", "10.0.0.1/32", "10.3.0.0/8", "2001:db8::/32", "0.0.0.0/0", "::/0")
_EMAIL_LIMITS = ("example.test", ".example.test", "a@example.test", "x.com", "", "a@EXAMPLE.test")
_URI_LIMITS = ("example.test", ".example.test", "x.com", "", "10.0.0.1")


class Chain(NamedTuple):
    """What a server presents, leaf first, and what is trusted, all in DER."""

    sent: Sequence[bytes]
    trusted: Sequence[bytes]
    host: str
    now: int


class ChainMutator:
    """Draws small worlds of authorities that have signed one another, and a leaf below them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self._keys = [*(pki.key("P256", number) for number in range(4)), pki.key("Ed25519")]
        samples = [self._policy()[2] for _ in range(40)] + [self._constraints()[2] for _ in range(40)]
        self._authorities: list[Made] = []
        self._mutator = Mutator([value for value in samples if len(elements(value)) > 1], chance)

    def mutant(self) -> Chain:
        chance = self.chance
        if len(self._authorities) < 3 or chance.random() < 0.3:
            self._grow()
        above = chance.choice(self._authorities)
        leaf = self._leaf(above)
        strangers = [chance.choice(self._authorities) for _ in range(chance.choice((0, 0, 0, 1, 2)))]
        sent = [*_line(above), *strangers]
        chance.shuffle(sent)
        if chance.random() < 0.1:
            sent = sent[: chance.randrange(len(sent) + 1)]
        usual = _line(above)[-1:]
        trusted = chance.choice((usual, usual, usual, usual, usual, sent, self._authorities[-3:], [leaf], []))
        now = NOW + chance.choice((0, 0, 0, 0, 0, 0, 1, -1, 11 * DAY))
        return Chain(
            [one.der for one in (leaf, *sent)], [one.der for one in trusted], chance.choice(_HOSTS), now
        )

    def _grow(self) -> None:
        """One authority more, and the oldest goes when there are many."""
        chance = self.chance
        above = chance.choice(self._authorities) if self._authorities and chance.random() < 0.75 else None
        if above is None or len(_line(above)) < _LONGEST:
            self._authorities.append(self._authority(above, chance.choice("IIJR" if above else "RRRRRS")))
        del self._authorities[:-_AUTHORITIES]

    def _authority(self, above: Made | None, name: str) -> Made:
        chance = self.chance
        different = self._flaws()
        different.setdefault("ca", chance.choice((True,) * 20 + (False, None)))
        if chance.random() < 0.1:
            different["path_length"] = chance.randrange(3)
        extra = [self._policy() for _ in range(3) if chance.random() < 0.35]
        if chance.random() < 0.35:
            extra.append(self._constraints())
        return self._made(name, above, extra, different)

    def _leaf(self, above: Made) -> Made:
        chance = self.chance
        different: dict[str, Any] = {"ca": chance.choice((None, False, False)), **self._flaws()}
        names = [HOST] if chance.random() < 0.8 else []
        extra = [self._policy() for _ in range(3) if chance.random() < 0.3]
        if chance.random() < 0.95:
            names += [chance.choice(_DNS) for _ in range(chance.choice((0, 0, 1, 2)))]
            others = self._names(_IPS, _EMAILS, _URIS, rarely=0.15)
            extra.append(pki.alternative_names(dns=names, critical=chance.random() < 0.1, **others))
        return self._made(chance.choice((HOST, "leaf", "")), above, extra, different)

    def _made(self, name: str, above: Made | None, extra: list[Extension], different: dict[str, Any]) -> Made:
        extra = [self._mutated(extension) for extension in extra]
        if self.chance.random() < 0.05:
            extra.append(("1.2.3.4.5", self.chance.random() < 0.6, b"\5\0"))
        self.chance.shuffle(extra)
        unique = list({kind: (kind, critical, value) for kind, critical, value in extra}.values())
        return pki.make(name, above, key=self.chance.choice(self._keys), extra=unique, **different)

    def _mutated(self, extension: Extension) -> Extension:
        kind, critical, value = extension
        if self.chance.random() >= 0.3:
            return extension
        for _ in range(8):
            changed = self._mutator.changed(value, times=self.chance.choice((1, 1, 2)))
            # What is refused tells nothing about chains; the campaign with certificates tries it.
            if _is_taken(kind, changed) or self.chance.random() < 0.03:
                return kind, critical, changed
        return extension

    def _flaws(self) -> dict[str, Any]:
        chance = self.chance
        may: dict[str, Any] = {
            "not_after": NOW + chance.choice((-1, 0, 1)),
            "not_before": NOW + chance.choice((-1, 0, 1)),
            "usage": chance.choice((None, (), (0,), (5,), (0, 5))),
            "eku": (chance.choice(_USAGES),),
            "hash_": "SHA1",
            "break_signature": True,
            "version": chance.choice((1, 2)),
            "key_id": chance.choice((b"", b"\1" * 20)),
            "authority_key_id": chance.choice((b"", b"\1" * 20)),
        }  # fmt: skip
        usual = {"not_before": NOW - 30 * DAY, "not_after": NOW + 300 * DAY}
        return {**usual, **{name: value for name, value in may.items() if chance.random() < 0.012}}

    def _policy(self) -> Extension:
        """An extension that has to do with policies."""
        chance = self.chance
        kind = chance.randrange(6)
        if kind <= 1:
            return pki.policies(*chance.sample(_POLICIES, chance.choice((1, 1, 2, 3))))
        if kind == 2:
            pairs = [
                (chance.choice(_POLICIES), chance.choice(_POLICIES)) for _ in range(chance.choice((1, 2)))
            ]
            return pki.policy_mappings(*pairs)
        if kind == 3:
            return pki.inhibit_any_policy(chance.choice((0, 1, 2)))
        explicit, mapping = chance.choice((None, 0, 0, 1, 2)), chance.choice((None, 0, 1, 2))
        return pki.policy_constraints(explicit, mapping)

    def _constraints(self) -> Extension:
        chance = self.chance
        sides = []
        for _ in range(2):
            dns = [chance.choice(_DNS_LIMITS) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
            others = self._names(_IP_LIMITS, _EMAIL_LIMITS, _URI_LIMITS, rarely=0.2)
            directory = ("x",) if chance.random() < 0.05 else ()
            names = pki.general_names(dns=dns, directory=directory, **others)
            sides.append(names if chance.random() < 0.75 else [])
        return pki.constraints(*sides, critical=chance.random() < 0.5)

    def _names(
        self, ips: Sequence[str], emails: Sequence[str], uris: Sequence[str], *, rarely: float
    ) -> dict[str, Sequence[str]]:
        chance = self.chance
        kinds = (("ip", ips), ("email", emails), ("uri", uris))
        return {
            name: chance.choices(values, k=chance.choice((1, 1, 2))) if chance.random() < rarely else []
            for name, values in kinds
        }  # fmt: skip


def _line(lowest: Made) -> list[Made]:
    """An authority and all above it, the root last."""
    found = [lowest]
    while found[-1].issuer:
        found.append(found[-1].issuer)
    return found


def _is_taken(kind: str, value: bytes) -> bool:
    found = pki.oid(kind) + encoded(4, value)
    return not certificate_extensions.read(found, 0, len(found), NEWEST).refusal
