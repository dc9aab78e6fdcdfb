"""Throw-away certificate authorities and what they issue."""

import datetime as dt
from collections.abc import Iterable, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from probe.lightweight import NamedTuple

_DAY = dt.timedelta(days=1)


class Issued(NamedTuple):
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


class Authority:
    """A root that signs leaves, and intermediates."""

    def __init__(self, name: str, issuer: "Authority | None" = None) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        extensions = [(x509.BasicConstraints(True, None), True), (_key_usage(signs_certificates=True), True)]
        self.issued: Issued = _issue(name, key, issuer.issued if issuer else None, 1, 365, extensions)

    @property
    def pem(self) -> bytes:
        return self.issued.pem

    def leaf(
        self, names: Sequence[str], *, since_days: int = 1, for_days: int = 365, fetch: str = ""
    ) -> Issued:
        """
        A server's certificate for DNS *names*, valid from *since_days* ago, for *for_days* in all.

        Like those of public authorities it says where the issuer's certificate can be
        fetched, if *fetch* is that URL.
        """
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (_key_usage(signs_certificates=False), True),
        ]
        if fetch:
            url = x509.UniformResourceIdentifier(fetch)
            access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, url)
            extensions.append((x509.AuthorityInformationAccess([access]), False))
        key = ec.generate_private_key(ec.SECP256R1())
        return _issue(names[0], key, self.issued, since_days, for_days, extensions)


def _issue(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: Issued | None,
    since_days: int,
    for_days: int,
    extensions: Iterable[tuple[x509.ExtensionType, bool]],
) -> Issued:
    begin = dt.datetime.now(dt.UTC) - since_days * _DAY
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer.certificate.subject if issuer else _name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + for_days * _DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return Issued(builder.sign(signer, hashes.SHA256()), key)
