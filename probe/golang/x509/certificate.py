"""X.509 certificates as crypto/x509 reads them (parser.go), by the release that is judged."""

from __future__ import annotations

from probe.golang.release import Go
from probe.golang.x509 import (
    certificate_extensions,
    certificate_keys,
    certificate_names,
    certificate_times,
    der,
)
from probe.golang.x509 import certificate_signatures as signatures
from probe.golang.x509.certificate_extensions import Extension
from probe.golang.x509.certificate_fields import Certificate, Names, Refusal
from probe.golang.x509.certificate_keys import Key
from probe.golang.x509.certificate_names import Attribute
from probe.golang.x509.der import CONSTRUCTED, CONTEXT, SEQUENCE, ParseError
from probe.lightweight import Any

__all__ = ["Certificate", "Names", "Parser", "Refusal", "parse"]

_REMEMBERED = 4096  # entries of each memory
_WORTH_REMEMBERING = 512  # octets of an extension


def parse(data: bytes, go: Go) -> Certificate | Refusal:
    """What *go*'s x509.ParseCertificate makes of these bytes; never raises."""
    return Parser(go).parse(data)


class Parser:
    """
    x509.ParseCertificate of one Go release.

    Keeps what certificates of one bundle have in common (names, algorithms,
    extensions) between calls, within bounds.
    """

    def __init__(self, go: Go) -> None:
        self._go = go
        self._names: dict[bytes, str] = {}
        self._relative_names: dict[bytes, tuple[Attribute, ...]] = {}
        self._algorithms: dict[bytes, str] = {}
        self._extensions: dict[bytes, Extension] = {}

    def parse(self, data: bytes) -> Certificate | Refusal:
        """What Go makes of these bytes; never raises."""
        for memory in (self._names, self._relative_names, self._algorithms, self._extensions):
            if len(memory) > _REMEMBERED:
                memory.clear()
        try:
            return self._parse(data)
        except ParseError as refused:
            return Refusal(refused.reason)

    def _parse(self, data: bytes) -> Certificate:
        reason = "x509: malformed certificate"
        outer, outer_end = der.take(data, 0, len(data), SEQUENCE, reason)
        at, end = der.take(data, outer, outer_end, SEQUENCE, "x509: malformed tbs certificate")
        raw_tbs, after = data[outer:end], end
        version, at = self._version(data, at, end)
        serial, at = der.integer(data, at, end, "x509: malformed serial number")
        if serial < 0 and self._go.minor >= 23 and self._go.debug("x509negativeserial") != "1":
            raise ParseError("x509: negative serial number")
        algorithm, at, after = self._signature_algorithm(data, at, end, after, outer_end)
        raw_issuer, at = _element(data, at, end, "x509: malformed issuer")
        issuer = self._name(raw_issuer)
        start, at = der.take(data, at, end, SEQUENCE, "x509: malformed validity")
        not_before, start = certificate_times.read(data, start, at, self._go)
        not_after, _ = certificate_times.read(data, start, at, self._go)
        raw_subject, at = _element(data, at, end, "x509: malformed issuer")
        if raw_subject == raw_issuer:
            raw_subject, subject = raw_issuer, issuer
        else:
            subject = self._name(raw_subject)
        raw_spki, at = _element(data, at, end, "x509: malformed spki")
        key = self._key(raw_spki)
        fields: dict[str, Any] = {}
        if version > 1:
            for tag, which in ((CONTEXT | 1, "issuer"), (CONTEXT | 2, "subject")):
                if der.peek(data, at, end) == tag:
                    _, at = der.take(data, at, end, tag, f"x509: malformed {which}UniqueID")
            if version == 3 and der.peek(data, at, end) == CONTEXT | CONSTRUCTED | 3:
                fields = self._read_extensions(data, at, end)
        octets, padding, _ = der.bits(data, after, outer_end, "x509: malformed signature")
        if outer_end != len(data):
            raise ParseError("x509: trailing data")
        return Certificate(
            data,
            version,
            serial,
            subject,
            issuer,
            raw_subject,
            raw_issuer,
            not_before,
            not_after,
            raw_tbs,
            raw_spki,
            der.right_aligned(octets, padding),
            algorithm,
            key.algorithm,
            key.bits,
            key_fault=key.fault,
            **fields,
        )

    def _version(self, data: bytes, at: int, end: int) -> tuple[int, int]:
        """The version, counted from 1."""
        if der.peek(data, at, end) != CONTEXT | CONSTRUCTED:
            return 1, at
        reason = "x509: malformed version"
        start, stop = der.take(data, at, end, CONTEXT | CONSTRUCTED, reason)
        version, start = der.int64(data, start, stop, reason)
        if start != stop or version < 0:
            raise ParseError(reason)
        if version == der.LARGEST_INT:
            return -version - 1, stop  # Go adds one, and its int wraps around
        if version > 2:
            raise ParseError("x509: invalid version")
        return version + 1, stop

    def _signature_algorithm(
        self, data: bytes, at: int, end: int, outer: int, outer_end: int
    ) -> tuple[str, int, int]:
        """The algorithm that stands twice, and where both places end."""
        start, at = der.take(data, at, end, SEQUENCE, "x509: malformed signature algorithm identifier")
        inner = data[start:at]
        start, outer = der.take(data, outer, outer_end, SEQUENCE, "x509: malformed algorithm identifier")
        if data[start:outer] != inner:
            raise ParseError("x509: inner and outer signature algorithm identifiers don't match")
        name = self._algorithms.get(inner)
        if name is None:
            name = signatures.name(*_algorithm(inner, 0, len(inner)), self._go)
            self._algorithms[inner] = name
        return name, at, outer

    def _name(self, raw: bytes) -> str:
        name = self._names.get(raw)
        if name is None:
            name = self._names[raw] = certificate_names.read(raw, self._go, self._relative_names)
        return name

    def _key(self, raw: bytes) -> Key:
        at, end = der.take(raw, 0, len(raw), SEQUENCE, "x509: malformed spki")
        start, at = der.take(raw, at, end, SEQUENCE, "x509: malformed public key algorithm identifier")
        algorithm, parameters = _algorithm(raw, start, at)
        octets, padding, _ = der.bits(raw, at, end, "x509: malformed subjectPublicKey")
        return certificate_keys.read(algorithm, parameters, der.right_aligned(octets, padding), self._go)

    def _read_extensions(self, data: bytes, at: int, end: int) -> dict[str, Any]:
        """The fields of a certificate that its extensions fill."""
        reason = "x509: malformed extensions"
        at, end = der.take(data, at, end, CONTEXT | CONSTRUCTED | 3, reason)
        at, end = der.take(data, at, end, SEQUENCE, reason)
        found: dict[str, Extension] = {}
        while at < end:
            start, stop = der.take(data, at, end, SEQUENCE, "x509: malformed extension")
            extension = self._extension(data, start, stop)
            if extension.oid in found:
                raise ParseError(_duplicate(extension.oid, self._go))
            found[extension.oid] = extension
            at = stop
        fields: dict[str, Any] = {}
        for extension in found.values():
            if extension.refusal:
                raise ParseError(extension.refusal)
            fields.update(extension.fields)
        critical = [extension for extension in found.values() if extension.critical]
        fields["critical"] = frozenset([extension.oid for extension in critical])
        fields["unhandled_critical"] = tuple([e.oid for e in critical if not e.handled])
        fields["extensions"] = tuple([extension[:3] for extension in found.values()])
        return fields

    def _extension(self, data: bytes, start: int, stop: int) -> Extension:
        if stop - start > _WORTH_REMEMBERING:
            return certificate_extensions.read(data, start, stop, self._go)
        content = data[start:stop]
        extension = self._extensions.get(content)
        if extension is None:
            extension = certificate_extensions.read(content, 0, len(content), self._go)
            self._extensions[content] = extension
        return extension


def _element(data: bytes, at: int, end: int, reason: str) -> tuple[bytes, int]:
    """The SEQUENCE at *at* with its header, and where it ends."""
    _, stop = der.take(data, at, end, SEQUENCE, reason)
    return data[at:stop], stop


def _algorithm(data: bytes, at: int, end: int) -> tuple[str, bytes]:
    """The OID of an AlgorithmIdentifier and its parameters as a whole element, b"" for none."""
    oid, at = der.oid(data, at, end, "x509: malformed OID")
    if at == end:
        return oid, b""
    _, _, stop = der.take_any(data, at, end, "x509: malformed parameters")
    return oid, data[at:stop]


def _duplicate(oid: str, go: Go) -> str:
    if go.minor < 23:
        return "x509: certificate contains duplicate extensions"
    return f'x509: certificate contains duplicate extension with OID "{oid}"'
