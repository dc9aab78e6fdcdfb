"""What we call a fault is what OpenSSL's strict mode refuses, and nothing else."""

import ssl
from collections.abc import Sequence

import pytest

from probe.golang.release import NEWEST
from probe.golang.x509.certificate import Certificate, parse
from probe.tls import rfc5280
from tests.support import pki
from tests.support.pki import Made, intermediate, leaf, root
from tests.tls import servers

LOOSE = pki.basic_constraints(ca=True, critical=False)
NAMELESS = pki.dn("")


def san(*, critical: bool) -> pki.Extension:
    return pki.alternative_names(dns=["localhost"], critical=critical)


def chains() -> dict[str, list[Made]]:
    sound = root("R")
    middle = intermediate(sound, "I")
    return {
        "sound": [leaf(sound, "localhost"), sound],
        "sound with an intermediate": [leaf(middle, "localhost"), middle, sound],
        "root: constraints not critical": under(root("R", ca=None, extra=[LOOSE])),
        "root: no key usage": under(root("R", usage=None)),
        "root: no key identifier": under(root("R", key_id=b"", authority_key_id=b"")),
        "root: no authority key identifier": under(root("R", authority_key_id=b"")),
        "root: path length": under(root("R", path_length=1)),
        "root: version 1": under(root("R", version=1)),
        "intermediate: no key usage": through(intermediate(sound, "I", usage=None)),
        "intermediate: constraints not critical": through(intermediate(sound, "I", ca=None, extra=[LOOSE])),
        "intermediate: no authority key identifier": through(intermediate(sound, "I", authority_key_id=b"")),
        "intermediate: no key identifier": through(intermediate(sound, "I", key_id=b"")),
        "leaf: no authority key identifier": [leaf(sound, "localhost", authority_key_id=b""), sound],
        "leaf: no key identifier": [leaf(sound, "localhost", key_id=b""), sound],
        "leaf: no constraints": [leaf(sound, "localhost", ca=None), sound],
        "leaf: no key usage": [leaf(sound, "localhost", usage=None), sound],
        "leaf: may sign certificates": [leaf(sound, "localhost", usage=(0, 5)), sound],
        "leaf: empty subject": [leaf(sound, name=NAMELESS, extra=[san(critical=False)]), sound],
        "leaf: empty subject, critical SAN": [leaf(sound, name=NAMELESS, extra=[san(critical=True)]), sound],
        "leaf: path length": [
            leaf(sound, "localhost", ca=None, extra=[pki.basic_constraints(ca=False, path_length=0)]),
            sound,
        ],
    }


def under(top: Made) -> list[Made]:
    return [leaf(top, "localhost"), top]


def through(middle: Made) -> list[Made]:
    assert middle.issuer
    return [leaf(middle, "localhost"), middle, middle.issuer]


def accepts(chain: Sequence[Made], flags: ssl.VerifyFlags) -> bool:
    """Whether OpenSSL takes the chain, with its last one as the root; no network."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.verify_flags |= flags
    client.load_verify_locations(cadata=chain[-1].der)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(back, there, server_hostname="localhost")
    serving = servers.context(chain).wrap_bio(there, back, server_side=True)
    for _ in range(3):
        for one in (asking, serving):
            try:
                one.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError:
                return False
    return True


@pytest.mark.parametrize("name", chains())
def test_a_fault_is_what_strict_openssl_refuses(name: str) -> None:
    """Without the flag OpenSSL takes every one of them."""
    chain = chains()[name]
    if not accepts(chain, ssl.VerifyFlags(0)):
        pytest.fail("OpenSSL refuses it even when it is not strict")
    parsed = tuple(one for one in (parse(made.der, NEWEST) for made in chain) if isinstance(one, Certificate))
    assert (rfc5280.faults(parsed) == []) == accepts(chain, ssl.VERIFY_X509_STRICT)


def test_a_chain_of_one_has_no_faults() -> None:
    """A pinned certificate is not looked at so closely."""
    parsed = parse(root("R", usage=None).der, NEWEST)
    assert isinstance(parsed, Certificate)
    assert rfc5280.faults((parsed,)) == []
