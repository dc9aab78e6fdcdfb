"""
Certificates for tests, written byte by byte so that each can be wrong in any one way.

`make` gives a sound one; each field of `Extensions` and `Fields` makes one thing about it different.
Keys are made once a process. `cryptography` signs, except where it refuses what a test needs.
"""

import base64
import functools
import hashlib
import subprocess
import textwrap
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, padding, rsa

from probe.golang.net import addresses

SERVER, CLIENT, ANY_USAGE = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"
DIGITAL_SIGNATURE, CERT_SIGN, CRL_SIGN = 0, 5, 6
HOUR, DAY = 3600, 86400
NOW = int(time.time())
UTF8, PRINTABLE, T61, BMP = 0x0C, 0x13, 0x14, 0x1E

MLDSA = mldsa.MLDSA44PrivateKey | mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey
Key = (
    ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey | MLDSA
)
Extension = tuple[str, bool, bytes]  # OID, critical, value


# --- DER --------------------------------------------------------------------------------


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def seq(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def integer(value: int, tag: int = 0x02) -> bytes:
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    content = b""
    for arc in (40 * first + second, *rest):
        octets = [arc & 0x7F]
        while arc := arc >> 7:
            octets.insert(0, 0x80 | arc & 0x7F)
        content += bytes(octets)
    return tlv(0x06, content)


def bits(content: bytes) -> bytes:
    return tlv(0x03, b"\0", content)


def octets(content: bytes) -> bytes:
    return tlv(0x04, content)


def moment(seconds: float) -> bytes:
    """A UTCTime or, from 2050 on, a GeneralizedTime."""
    parts = time.gmtime(seconds)
    text = time.strftime("%Y%m%d%H%M%SZ", parts).encode()
    return tlv(0x18, text) if parts.tm_year >= 2050 else tlv(0x17, text[2:])


def dn(common_name: str, organization: str = "", tag: int = UTF8) -> bytes:
    """A distinguished name; "" for a common name leaves it out."""
    encoding = {BMP: "utf-16-be", T61: "latin-1"}.get(tag, "utf-8")
    parts = []
    for kind, text in (("2.5.4.10", organization), ("2.5.4.3", common_name)):
        if text:
            parts.append(tlv(0x31, seq(oid(kind), tlv(tag, text.encode(encoding)))))
    return seq(*parts)


# --- keys -------------------------------------------------------------------------------


@functools.cache
def key(kind: str = "P256", which: int = 0) -> Key:
    """A private key: P224 … Ed25519 Ed448 RSA2048 … MLDSA44 … ; *which* tells several of a kind apart."""
    if kind.startswith("MLDSA"):
        made: Key = getattr(mldsa, f"{kind}PrivateKey").generate()
        return made
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind == "Ed448":
        return ed448.Ed448PrivateKey.generate()
    if kind.startswith("RSA"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    curve: Any = getattr(ec, f"SECP{kind[1:]}R1")
    return ec.generate_private_key(curve())


class RawKey(NamedTuple):
    """An RSA key that `cryptography` does not make."""

    modulus: int
    private: int
    exponent: int = 65537


def tiny_key() -> RawKey:
    """512 bits."""
    p, q = 3 * 2**254 + 49, 2**256 - 2**200 + 137  # primes
    return RawKey(p * q, pow(65537, -1, (p - 1) * (q - 1)))


@functools.cache
def strange_key(exponent: int) -> RawKey:
    """An RSA key of 2048 bits with another exponent than all use."""
    private = key("RSA2048")
    assert isinstance(private, rsa.RSAPrivateKey)
    numbers = private.private_numbers()
    return RawKey(numbers.public_numbers.n, pow(exponent, -1, (numbers.p - 1) * (numbers.q - 1)), exponent)


def huge_key() -> RawKey:
    """More bits than OpenSSL takes. Its exponent is 1, so anybody can sign; Go before 1.22 takes that."""
    return RawKey(2**16399 + 1, 1, 1)


@functools.cache
def odd_rsa_key(bits: int, exponent: int = 65537) -> rsa.RSAPrivateKey:
    """An RSA key that `cryptography` does not generate, for a server to use: OpenSSL makes it."""
    options = [f"rsa_keygen_bits:{bits}", f"rsa_keygen_pubexp:{exponent}"]
    command = ["openssl", "genpkey", "-algorithm", "RSA", "-quiet"]
    command += [word for option in options for word in ("-pkeyopt", option)]
    pem = subprocess.run(command, capture_output=True, check=True).stdout
    private = serialization.load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(private, rsa.RSAPrivateKey)
    return private


def spki(private: Key | RawKey) -> bytes:
    if isinstance(private, RawKey):
        return rsa_spki(private.modulus, private.exponent)
    return private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def rsa_spki(modulus: int, exponent: int = 65537) -> bytes:
    return seq(seq(oid("1.2.840.113549.1.1.1"), b"\x05\0"), bits(seq(integer(modulus), integer(exponent))))


# --- signatures -------------------------------------------------------------------------

_RSA = {
    "MD5": "1.2.840.113549.1.1.4",
    "SHA1": "1.2.840.113549.1.1.5",
    "SHA256": "1.2.840.113549.1.1.11",
    "SHA384": "1.2.840.113549.1.1.12",
    "SHA512": "1.2.840.113549.1.1.13",
}
_ECDSA = {
    "SHA224": "1.2.840.10045.4.3.1",
    "SHA1": "1.2.840.10045.4.1",
    "SHA256": "1.2.840.10045.4.3.2",
    "SHA384": "1.2.840.10045.4.3.3",
    "SHA512": "1.2.840.10045.4.3.4",
}
_DIGEST_PREFIXES = {  # DigestInfo, RFC 8017 9.2
    "MD5": bytes.fromhex("3020300c06082a864886f70d020505000410"),
    "SHA1": bytes.fromhex("3021300906052b0e03021a05000414"),
    "SHA256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "SHA384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "SHA512": bytes.fromhex("3051300d060960864801650304020305000440"),
}
_ML_DSA = (  # RFC 9881
    (mldsa.MLDSA44PrivateKey, "2.16.840.1.101.3.4.3.17"),
    (mldsa.MLDSA65PrivateKey, "2.16.840.1.101.3.4.3.18"),
    (mldsa.MLDSA87PrivateKey, "2.16.840.1.101.3.4.3.19"),
)
_HASH_OIDS = {
    "SHA256": "2.16.840.1.101.3.4.2.1",
    "SHA384": "2.16.840.1.101.3.4.2.2",
    "SHA512": "2.16.840.1.101.3.4.2.3",
}


def algorithm(private: Key | RawKey, hash_: str) -> bytes:
    """The AlgorithmIdentifier of what `sign` makes; a hash of "SHA256-PSS" is RSASSA-PSS."""
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return seq(oid("1.3.101.112"))
    if isinstance(private, ed448.Ed448PrivateKey):
        return seq(oid("1.3.101.113"))
    for kind, number in _ML_DSA:
        if isinstance(private, kind):
            return seq(oid(number))
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return seq(oid(_ECDSA[hash_]))
    if hash_.endswith("-PSS"):
        name = hash_[:-4]
        digest = seq(oid(_HASH_OIDS[name]), b"\x05\0")
        size = int(name[3:]) // 8
        parameters = seq(
            tlv(0xA0, digest), tlv(0xA1, seq(oid("1.2.840.113549.1.1.8"), digest)), tlv(0xA2, integer(size))
        )
        return seq(oid("1.2.840.113549.1.1.10"), parameters)
    return seq(oid(_RSA[hash_]), b"\x05\0")


def sign(private: Key | RawKey, message: bytes, hash_: str) -> bytes:
    if isinstance(private, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey | MLDSA):
        return private.sign(message)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(message, ec.ECDSA(getattr(hashes, hash_)()))
    if hash_.endswith("-PSS"):
        assert isinstance(private, rsa.RSAPrivateKey)
        digest = getattr(hashes, hash_[:-4])()
        return private.sign(message, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    if isinstance(private, rsa.RSAPrivateKey):
        numbers = private.private_numbers()
        private = RawKey(numbers.public_numbers.n, numbers.d)
    info = _DIGEST_PREFIXES[hash_] + hashlib.new(hash_, message, usedforsecurity=False).digest()
    size = (private.modulus.bit_length() + 7) // 8
    padded = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
    return pow(int.from_bytes(padded, "big"), private.private, private.modulus).to_bytes(size, "big")


# --- extensions -------------------------------------------------------------------------


def general_names(
    dns: Iterable[str] = (),
    ip: Iterable[str] = (),
    email: Iterable[str] = (),
    uri: Iterable[str] = (),
    directory: Iterable[str] = (),
) -> list[bytes]:
    found = [tlv(0x82, name.encode()) for name in dns]
    found += [tlv(0x87, _address(text)) for text in ip]
    found += [tlv(0x81, name.encode()) for name in email]
    found += [tlv(0x86, name.encode()) for name in uri]
    return found + [tlv(0xA4, dn(name)) for name in directory]


def _address(text: str) -> bytes:
    """An address, or address/prefix as a range."""
    address, slash, prefix = text.partition("/")
    octets = addresses.parse(address)
    assert octets is not None
    if not slash:
        return octets
    size = 8 * len(octets)
    return octets + (((1 << size) - 1) ^ ((1 << size - int(prefix)) - 1)).to_bytes(len(octets), "big")


def alternative_names(*, critical: bool = False, **names: Iterable[str]) -> Extension:
    return "2.5.29.17", critical, seq(*general_names(**names))


def constraints(
    permitted: Sequence[bytes] = (), excluded: Sequence[bytes] = (), *, critical: bool = True
) -> Extension:
    sides = []
    for tag, names in ((0xA0, permitted), (0xA1, excluded)):
        if names:
            sides.append(tlv(tag, *(seq(name) for name in names)))
    return "2.5.29.30", critical, seq(*sides)


def basic_constraints(*, ca: bool | None, path_length: int | None = None, critical: bool = True) -> Extension:
    parts = [tlv(0x01, b"\xff")] if ca else []
    if path_length is not None:
        parts.append(integer(path_length))
    return "2.5.29.19", critical, seq(*parts)


def key_usage(*set_bits: int) -> Extension:
    value = sum(0x8000 >> bit for bit in set_bits)
    return "2.5.29.15", True, tlv(0x03, b"\7", value.to_bytes(2, "big"))


def extended_key_usage(*usages: str) -> Extension:
    return "2.5.29.37", False, seq(*map(oid, usages))


def policies(*found: str) -> Extension:
    return "2.5.29.32", False, seq(*(seq(oid(policy)) for policy in found))


def policy_constraints(explicit: int | None = None, mapping: int | None = None) -> Extension:
    parts = [integer(explicit, 0x80)] if explicit is not None else []
    if mapping is not None:
        parts.append(integer(mapping, 0x81))
    return "2.5.29.36", True, seq(*parts)


def policy_mappings(*pairs: tuple[str, str]) -> Extension:
    return "2.5.29.33", False, seq(*(seq(oid(issuer), oid(subject)) for issuer, subject in pairs))


def inhibit_any_policy(skip: int) -> Extension:
    return "2.5.29.54", True, integer(skip)


def ca_issuers(url: str = "http://ca.test/ca.crt") -> Extension:
    return "1.3.6.1.5.5.7.1.1", False, seq(seq(oid("1.3.6.1.5.5.7.48.2"), tlv(0x86, url.encode())))


# --- certificates -----------------------------------------------------------------------


class Made(NamedTuple):
    """A certificate with its private key and those above it."""

    der: bytes
    key: Key | RawKey
    subject: bytes
    key_id: bytes
    issuer: "Made | None" = None

    @property
    def pem(self) -> str:
        return pem(self.der)

    @property
    def key_pem(self) -> str:
        assert not isinstance(self.key, RawKey)
        form = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()

    @property
    def chain(self) -> list["Made"]:
        """This one and all above it but the root."""
        return [self, *(self.issuer.chain if self.issuer and self.issuer.issuer else [])]


def pem(der: bytes) -> str:
    body = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


def pems(made: Iterable[Made]) -> str:
    return "".join(one.pem for one in made)


class Extensions(NamedTuple):
    """What a certificate says in extensions; None and () leave one out."""

    ca: bool | None = None
    path_length: int | None = None
    usage: Sequence[int] | None = None
    eku: Sequence[str] = ()
    dns: Sequence[str] = ()
    ip: Sequence[str] = ()
    email: Sequence[str] = ()
    uri: Sequence[str] = ()
    extra: Sequence[Extension] = ()

    def all(self) -> list[Extension]:
        found = list(self.extra)
        if self.ca is not None:
            found.append(basic_constraints(ca=self.ca, path_length=self.path_length))
        if self.usage is not None:
            found.append(key_usage(*self.usage))
        if self.eku:
            found.append(extended_key_usage(*self.eku))
        if self.dns or self.ip or self.email or self.uri:
            found.append(alternative_names(dns=self.dns, ip=self.ip, email=self.email, uri=self.uri))
        return found


class Fields(NamedTuple):
    """Everything else; None stands for what follows from names and keys, and b"" leaves an identifier out."""

    not_before: float = NOW - 30 * DAY
    not_after: float = NOW + 300 * DAY
    hash_: str = "SHA256"
    version: int = 3
    serial: int | None = None
    issuer_name: bytes | None = None
    key_id: bytes | None = None
    authority_key_id: bytes | None = None
    public: bytes | None = None
    break_signature: bool = False


def make(
    name: str | bytes, issuer: Made | None = None, *, key: Key | RawKey | None = None, **different: Any
) -> Made:
    """
    A certificate for *name* (a common name, or a whole name in DER), signed by *issuer* or itself.

    *different*: the `Extensions` that it has, and the `Fields` that are not the usual ones.
    """
    says = Extensions(**{field: different.pop(field) for field in Extensions._fields if field in different})
    fields = Fields(**different)
    subject = dn(name) if isinstance(name, str) else name
    private = key or fresh_key()
    public = fields.public or spki(private)
    signer = issuer.key if issuer else private
    mine = hashlib.sha1(public, usedforsecurity=False).digest() if fields.key_id is None else fields.key_id
    theirs = fields.authority_key_id
    if theirs is None:
        theirs = issuer.key_id if issuer else mine
    extensions = says.all()
    if mine:
        extensions.append(("2.5.29.14", False, octets(mine)))
    if theirs:
        extensions.append(("2.5.29.35", False, seq(tlv(0x80, theirs))))
    identifier = algorithm(signer, fields.hash_)
    serial = fields.serial
    if serial is None:
        serial = int.from_bytes(hashlib.sha256(public + subject).digest()[:8], "big")
    tbs = seq(
        tlv(0xA0, integer(fields.version - 1)) if fields.version > 1 else b"",
        integer(serial),
        identifier,
        fields.issuer_name or (issuer.subject if issuer else subject),
        seq(moment(fields.not_before), moment(fields.not_after)),
        subject,
        public,
        tlv(0xA3, seq(*map(_extension, extensions))) if fields.version == 3 and extensions else b"",
    )
    signature = sign(signer, tbs, fields.hash_)
    if fields.break_signature:
        signature = signature[:-1] + bytes([signature[-1] ^ 1])
    return Made(seq(tbs, identifier, bits(signature)), private, subject, mine, issuer)


def _extension(extension: Extension) -> bytes:
    kind, critical, value = extension
    return seq(oid(kind), tlv(0x01, b"\xff") if critical else b"", octets(value))


def fresh_key() -> Key:
    """A P-256 key that no other certificate has."""
    return ec.generate_private_key(ec.SECP256R1())


def root(name: str | bytes = "Test Root", **different: Any) -> Made:
    """A self-signed authority."""
    return make(name, **{"ca": True, "usage": (CERT_SIGN, CRL_SIGN), **different})


def intermediate(issuer: Made, name: str | bytes = "Test Intermediate", **different: Any) -> Made:
    return make(name, issuer, **{"ca": True, "usage": (CERT_SIGN, CRL_SIGN), **different})


def leaf(issuer: Made | None, *dns: str, **different: Any) -> Made:
    """A server's certificate for those names."""
    usual = {"ca": False, "usage": (DIGITAL_SIGNATURE,), "eku": (SERVER,), "dns": dns}
    name = different.pop("name", dns[0] if dns else "leaf")
    return make(name, issuer, **{**usual, **different})
