"""
The extensions of a certificate, as crypto/x509/parser.go:processExtensions reads them.

Each reader takes the value of one extension and gives the fields of the certificate
that it fills and whether Go has dealt with it: what it has not, and is critical,
makes the certificate useless for verification.
"""

from __future__ import annotations

from probe.golang.release import Go
from probe.golang.x509 import certificate_general_names as general_names
from probe.golang.x509 import der
from probe.golang.x509.der import CONSTRUCTED, CONTEXT, SEQUENCE, ParseError
from probe.lightweight import Any, Callable, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

_URI = CONTEXT | 6


class Extension(NamedTuple):
    """One extension of a certificate and what Go makes of it."""

    oid: str
    critical: bool
    value: bytes
    fields: dict[str, Any]  # of Certificate
    handled: bool
    refusal: str  # Go's words when it refuses the certificate for this, else ""


class _ExtensionInput(NamedTuple):
    """What a reader is asked about."""

    value: bytes
    critical: bool
    go: Go


_Reading = tuple[dict[str, "Any"], bool]
_Reader: TypeAlias = "Callable[[_ExtensionInput], _Reading]"


def read(data: bytes, at: int, end: int, go: Go) -> Extension:
    """The extension whose content lies there; Refused when it is no extension at all."""
    oid, at = der.oid(data, at, end, "x509: malformed extension OID field")
    critical = False
    if der.peek(data, at, end) == der.BOOLEAN:
        critical, at = der.boolean(data, at, end, "x509: malformed extension critical field")
    start, stop = der.take(data, at, end, der.OCTET_STRING, "x509: malformed extension value field")
    value = data[start:stop]
    first, reader = _READERS.get(oid, (0, _unknown))
    try:
        fields, handled = reader(_ExtensionInput(value, critical, go)) if go.minor >= first else ({}, False)
        if oid in _ALONE and go.minor >= _ALONE_SINCE:
            der.end(value, "x509: trailing data after extension")
    except ParseError as problem:
        return Extension(oid, critical, value, {}, True, problem.reason)
    return Extension(oid, critical, value, fields, handled, "")


def _unknown(_: _ExtensionInput) -> _Reading:
    return {}, False


def _key_usage(asked: _ExtensionInput) -> _Reading:
    octets, _, _ = der.bits(asked.value, 0, len(asked.value), "x509: invalid key usage")
    usage = 0
    for bit in range(min(9, 8 * len(octets))):
        if octets[bit // 8] & (0x80 >> bit % 8):
            usage |= 1 << bit
    return {"key_usage": usage}, True


def _basic_constraints(asked: _ExtensionInput) -> _Reading:
    value = asked.value
    reason = "x509: invalid basic constraints"
    at, end = der.take(value, 0, len(value), SEQUENCE, reason)
    is_ca, length = False, -1
    if der.peek(value, at, end) == der.BOOLEAN:
        is_ca, at = der.boolean(value, at, end, reason)
    if der.peek(value, at, end) == der.INTEGER:
        length, at = der.int64(value, at, end, reason)
        if length < 0 and asked.go.minor >= 25:
            raise ParseError(reason)
    return {"has_basic_constraints": True, "is_ca": is_ca, "max_path_len": length}, True


def _alternative_names(asked: _ExtensionInput) -> _Reading:
    return general_names.alternative_names(asked.value, asked.go)


def _name_constraints(asked: _ExtensionInput) -> _Reading:
    from probe.golang.x509 import certificate_constraints  # few have them

    fields, handled = certificate_constraints.name_constraints(asked.value, asked.go)
    return {**fields, "constraints_critical": asked.critical}, handled


def _distribution_points(asked: _ExtensionInput) -> _Reading:
    value = asked.value
    reason = "x509: invalid CRL distribution point"
    at, end = der.take(value, 0, len(value), SEQUENCE, f"{reason}s")
    while at < end:
        start, at = der.take(value, at, end, SEQUENCE, reason)
        if der.peek(value, start, at) != CONTEXT | CONSTRUCTED:
            continue
        start, stop = der.take(value, start, at, CONTEXT | CONSTRUCTED, reason)
        start, stop = der.take(value, start, stop, CONTEXT | CONSTRUCTED, reason)
        while der.peek(value, start, stop) == _URI:
            _, start = der.take(value, start, stop, _URI, reason)
    return {}, True


def _authority_key_id(asked: _ExtensionInput) -> _Reading:
    value = asked.value
    if asked.critical and asked.go.minor >= 23:
        raise ParseError("x509: authority key identifier incorrectly marked critical")
    reason = "x509: invalid authority key identifier"
    at, end = der.take(value, 0, len(value), SEQUENCE, reason)
    if der.peek(value, at, end) != CONTEXT:
        return {}, True
    start, stop = der.take(value, at, end, CONTEXT, reason)
    return {"authority_key_id": value[start:stop]}, True


def _subject_key_id(asked: _ExtensionInput) -> _Reading:
    value = asked.value
    if asked.critical and asked.go.minor >= 23:
        raise ParseError("x509: subject key identifier incorrectly marked critical")
    start, stop = der.take(value, 0, len(value), der.OCTET_STRING, "x509: invalid subject key identifier")
    return {"subject_key_id": value[start:stop]}, True


def _extended_key_usage(asked: _ExtensionInput) -> _Reading:
    value = asked.value
    reason = "x509: invalid extended key usages"
    at, end = der.take(value, 0, len(value), SEQUENCE, reason)
    usages = []
    while at < end:
        usage, at = der.oid(value, at, end, reason)
        usages.append(usage)
    return {"extended_key_usage": tuple(usages)}, True


def _policies(asked: _ExtensionInput) -> _Reading:
    value = asked.value
    reason = "x509: invalid certificate policies"
    at, end = der.take(value, 0, len(value), SEQUENCE, reason)
    policies: list[str] = []
    seen: set[str] = set()
    while at < end:
        start, at = der.take(value, at, end, SEQUENCE, reason)
        start, stop = der.take(value, start, at, der.OID, reason)
        policy = (der.dotted if asked.go.minor < 22 else der.dotted_any)(value[start:stop])
        if not policy or (policy in seen and asked.go.minor >= 24):
            raise ParseError(reason)
        policies.append(policy)
        seen.add(policy)
    return {"policies": tuple(policies)}, True


def _policy_mappings(asked: _ExtensionInput) -> _Reading:
    value = asked.value
    reason = "x509: invalid policy mappings extension"
    at, end = der.take(value, 0, len(value), SEQUENCE, reason)
    mappings = []
    while at < end:
        start, at = der.take(value, at, end, SEQUENCE, reason)
        issuer, start = _any_oid(value, start, at, reason)
        subject, _ = _any_oid(value, start, at, reason)
        mappings.append((issuer, subject))
    return {"policy_mappings": tuple(mappings)}, True


def _any_oid(value: bytes, at: int, end: int, reason: str) -> tuple[str, int]:
    """What stands in the place of an OBJECT IDENTIFIER, unchecked; in dotted form where it is one."""
    start, stop = der.take(value, at, end, der.OID, reason)
    return der.dotted_any(value[start:stop]) or f"#{value[start:stop].hex()}", stop


def _policy_constraints(asked: _ExtensionInput) -> _Reading:
    value = asked.value
    reason = "x509: invalid policy constraints extension"
    at, end = der.take(value, 0, len(value), SEQUENCE, reason)
    fields = {}
    for tag, field in ((CONTEXT, "require_explicit_policy"), (CONTEXT | 1, "inhibit_policy_mapping")):
        if der.peek(value, at, end) == tag:
            fields[field], at = der.int64(value, at, end, reason, tag)
    return fields, True


def _inhibit_any_policy(asked: _ExtensionInput) -> _Reading:
    reason = "x509: invalid inhibit any policy extension"
    return {"inhibit_any_policy": der.int64(asked.value, 0, len(asked.value), reason)[0]}, True


def _authority_info_access(asked: _ExtensionInput) -> _Reading:
    value = asked.value
    if asked.critical and asked.go.minor >= 23:
        raise ParseError("x509: authority info access incorrectly marked critical")
    reason = "x509: invalid authority info access"
    at, end = der.take(value, 0, len(value), SEQUENCE, reason)
    while at < end:
        start, at = der.take(value, at, end, SEQUENCE, reason)
        _, start = der.oid(value, start, at, reason)
        if der.peek(value, start, at) == _URI:
            der.take(value, start, at, _URI, reason)
    return {}, True


# The first release (1.N) that reads it; an extension that is not read is unknown.
# Extensions after whose value nothing may follow, from the release on that is being made (a preview).
_ALONE = ("2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.32", "2.5.29.37")
_ALONE_SINCE = 28

_READERS: dict[str, tuple[int, _Reader]] = {
    "2.5.29.14": (0, _subject_key_id),
    "2.5.29.15": (0, _key_usage),
    "2.5.29.17": (0, _alternative_names),
    "2.5.29.19": (0, _basic_constraints),
    "2.5.29.30": (0, _name_constraints),
    "2.5.29.31": (0, _distribution_points),
    "2.5.29.32": (0, _policies),
    "2.5.29.33": (24, _policy_mappings),
    "2.5.29.35": (0, _authority_key_id),
    "2.5.29.36": (24, _policy_constraints),
    "2.5.29.37": (0, _extended_key_usage),
    "2.5.29.54": (24, _inhibit_any_policy),
    "1.3.6.1.5.5.7.1.1": (0, _authority_info_access),
}
