"""Signatures of every kind that Go verifies, right ones and ones that are wrong in one way each."""

import functools
from typing import NamedTuple

from probe.golang.release import Go
from probe.golang.x509.certificate import parse
from probe.golang.x509.certificate_fields import Certificate
from tests.support import pki

HASHES = ("SHA1", "SHA256", "SHA384", "SHA512")
KINDS = (
    *((kind, hash_) for kind in ("RSA1024", "RSA2048", "RSA3072") for hash_ in HASHES),
    *(("RSA2048", f"{hash_}-PSS") for hash_ in HASHES[1:]),
    *((kind, hash_) for kind in ("P224", "P256", "P384", "P521") for hash_ in HASHES),
    *((kind, "SHA256") for kind in ("Ed25519", "MLDSA44", "MLDSA65", "MLDSA87")),
)


class Sample(NamedTuple):
    """A certificate, who may have signed it, and whether that is so."""

    name: str
    child: Certificate
    parent: Certificate
    answer: bool


def _read(made: pki.Made) -> Certificate:
    found = parse(made.der, Go((1, 27, 3), "as-go"))
    assert isinstance(found, Certificate), found
    return found


@functools.cache
def samples(kind: str, hash_: str) -> list[Sample]:
    """A signature as it should be, and one wrong in each way."""
    top, other = (pki.root(f"Root {n}", key=pki.key(kind, n), hash_=hash_) for n in range(2))
    parent, stranger = _read(top), _read(other)
    child = _read(pki.make("leaf", top, hash_=hash_))
    made = child.signature
    wrong = {
        "last bit": child._replace(signature=made[:-1] + bytes([made[-1] ^ 1])),
        "first bit": child._replace(signature=bytes([made[0] ^ 1]) + made[1:]),
        "empty": child._replace(signature=b""),
        "too short": child._replace(signature=made[:-1]),
        "too long": child._replace(signature=made + b"\0"),
        "zero": child._replace(signature=bytes(len(made))),
        "other content": child._replace(raw_tbs=child.raw_tbs + b"\0"),
    }
    return [
        Sample("right", child, parent, True),
        Sample("other key", child, stranger, False),
        *(Sample(name, one, parent, False) for name, one in wrong.items()),
    ]
