"""PKCS #12 keystores that nobody can open, and that ask for much of whoever tries."""

from tests.support.der import integer, octets, oid, seq, tlv

PBKDF2, SCRYPT = "1.2.840.113549.1.5.12", "1.3.6.1.4.1.11591.4.11"


def asking(derivation: bytes, mac: int) -> bytes:
    """A store with a part that is encrypted under a key of that *derivation*, and a MAC of so many rounds."""
    how = seq(
        oid("1.2.840.113549.1.5.13"), seq(derivation, seq(oid("2.16.840.1.101.3.4.1.42"), octets(bytes(16))))
    )
    part = seq(integer(0), seq(oid("1.2.840.113549.1.7.1"), how, tlv(0x80, bytes(64))))
    parts = seq(seq(oid("1.2.840.113549.1.7.6"), tlv(0xA0, part)))
    digest = seq(seq(oid("2.16.840.1.101.3.4.2.1"), tlv(5)), octets(bytes(32)))
    held = seq(oid("1.2.840.113549.1.7.1"), tlv(0xA0, octets(parts)))
    return seq(integer(3), held, seq(digest, octets(b"salt"), integer(mac)))
