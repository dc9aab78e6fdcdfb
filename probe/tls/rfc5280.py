"""
What clients that are strict about RFC 5280 find wrong with a chain that Go accepts.

Python from 3.13 on and everything that sets OpenSSL's X509_V_FLAG_X509_STRICT; the
rules are those of check_extensions in OpenSSL's crypto/x509/x509_vfy.c.
"""

from __future__ import annotations

from probe.golang.x509.certificate_fields import Certificate
from probe.golang.x509.oids import ALTERNATIVE_NAMES, AUTHORITY_KEY_ID, BASIC_CONSTRAINTS, SUBJECT_KEY_ID
from probe.golang.x509.verify import Chain
from probe.lightweight import Iterator

_KEY_CERT_SIGN, _CRL_SIGN = 1 << 5, 1 << 6
_EMPTY_NAME = b"\x30\x00"


def faults(chain: Chain) -> list[tuple[Certificate, str]]:
    """Every fault and whose it is. A chain of one certificate has none."""
    if len(chain) < 2:
        return []
    authorities = [(one, "no basicConstraints") for one in chain[1:] if not one.has_basic_constraints]
    return authorities + [(one, fault) for one in chain for fault in _faults(one, is_last=one is chain[-1])]


def _faults(one: Certificate, *, is_last: bool) -> Iterator[str]:
    usage = one.key_usage
    if one.max_path_len >= 0:
        if not one.is_ca:
            yield "a path length without being an authority"
        if usage is not None and not usage & _KEY_CERT_SIGN:
            yield "a path length without keyUsage keyCertSign"
    if one.is_ca and BASIC_CONSTRAINTS not in one.critical:
        yield "basicConstraints not critical"
    if one.is_ca and usage is None:
        yield "no keyUsage"
    if not one.is_ca and usage is not None and usage & _KEY_CERT_SIGN:
        yield "keyUsage keyCertSign without being an authority"
    yield from _names(one)
    if one.version < 3:
        return
    if not is_last and not one.authority_key_id:
        yield "no authorityKeyIdentifier"
    if one.is_ca and not one.subject_key_id:
        yield "no subjectKeyIdentifier"
    for oid, name in ((AUTHORITY_KEY_ID, "authorityKeyIdentifier"), (SUBJECT_KEY_ID, "subjectKeyIdentifier")):
        if oid in one.critical:
            yield f"{name} critical"


def _names(one: Certificate) -> Iterator[str]:
    if one.raw_issuer == _EMPTY_NAME:
        yield "an empty issuer"
    if one.raw_subject == _EMPTY_NAME:
        if one.is_ca or not one.has_san or (one.key_usage or 0) & _CRL_SIGN:
            yield "an empty subject"
        elif ALTERNATIVE_NAMES not in one.critical:
            yield "an empty subject with subjectAltName not critical"
