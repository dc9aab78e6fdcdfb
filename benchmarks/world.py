"""What the benchmarks look at: throw-away CAs, big bundles, TLS servers in a process of their own."""

import contextlib
import datetime as dt
import ipaddress
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from benchmarks.measure import ROOT

SHIPPED = ROOT / "tests" / "golang" / "public_roots.pem"
# What RFC 5280 asks of a CA; without it a check ends with a warning.
_SIGNING = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    **dict.fromkeys(
        (
            *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
            *("key_agreement", "encipher_only", "decipher_only"),
        ),
        False,
    ),
)
_NOW = dt.datetime.now(dt.UTC)


class Authority(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def _builder(name: str, key: ec.EllipticCurvePrivateKey, issuer: str) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOW - dt.timedelta(days=1))
        .not_valid_after(_NOW + dt.timedelta(days=365))
    )


def authority(name: str, key: ec.EllipticCurvePrivateKey | None = None) -> Authority:
    """A root of its own."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = _builder(name, key, name).add_extension(x509.BasicConstraints(True, None), critical=True)
    builder = builder.add_extension(_SIGNING, critical=True).add_extension(_identifier(key), critical=False)
    return Authority(builder.sign(key, hashes.SHA256()), key)


def _identifier(key: ec.EllipticCurvePrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def serving(ca: Authority, folder: Path) -> Path:
    """A leaf for localhost with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    leaf = (
        _builder("localhost", key, ca.certificate.subject.rfc4514_string().removeprefix("CN="))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), critical=False
        )
        .add_extension(_identifier(key), critical=False)
        .sign(ca.key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        leaf.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def well_known(count: int) -> bytes:
    """*count* roots that distributions ship, as Debian writes them: Mozilla's, then those of before."""
    texts = [Path(certifi.where()).read_bytes(), SHIPPED.read_bytes()]
    block = re.compile(rb"-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n")
    roots = list(dict.fromkeys(root for text in texts for root in block.findall(text)))
    assert len(roots) >= count
    return b"".join(roots[:count])


def bundle(count: int) -> bytes:
    """*count* different roots: Mozilla's, and as many of our own as are wanted beyond them."""
    key = ec.generate_private_key(ec.SECP256R1())
    end = b"-----END CERTIFICATE-----\n"
    roots = [root + end for root in Path(certifi.where()).read_bytes().split(end)[:-1]]
    roots += [authority(f"Benchmark Root {number}", key).pem for number in range(len(roots), count)]
    return b"".join(roots[:count])


@contextlib.contextmanager
def servers(pem: Path, count: int, delay_s: float) -> Iterator[list[int]]:
    """The ports of *count* TLS servers on 127.0.0.1, each of which waits *delay_s* before it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", pem, str(count), str(delay_s)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        yield [int(port) for port in process.stdout.readline().split()]
    finally:
        process.terminate()
        process.communicate(timeout=10)
