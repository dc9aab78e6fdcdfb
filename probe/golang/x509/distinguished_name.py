"""The parts of a distinguished name that Go's messages quote (crypto/x509/pkix.Name)."""

from probe.golang.release import Go
from probe.golang.x509 import der
from probe.golang.x509.certificate_fields import Certificate
from probe.golang.x509.tlv import elements, inside

_COMMON_NAME, _ORGANIZATION = b"\x55\x04\x03", b"\x55\x04\x0a"  # 2.5.4.3 and 2.5.4.10
_UTF8 = (der.UTF8_STRING, der.PRINTABLE_STRING, der.IA5_STRING, der.NUMERIC_STRING)


def common_name(raw: bytes, go: Go) -> str:
    """The last common name in a raw name; "" when it has none."""
    return _values(raw, _COMMON_NAME, go)[-1]


def short_name(certificate: Certificate, go: Go) -> str:
    """What UnknownAuthorityError calls a candidate: common name, first organization or serial number."""
    name = common_name(certificate.raw_subject, go)
    organizations = _values(certificate.raw_subject, _ORGANIZATION, go)[1:]
    return name or next(iter(organizations), f"serial:{certificate.serial}")


def _values(raw: bytes, wanted: bytes, go: Go) -> list[str]:
    """ "", then every value of one attribute, in the order of the name."""
    found = [""]
    for _, attributes in inside(raw):
        for _, attribute in elements(attributes):
            (_, oid), (tag, value), *_ = elements(attribute)
            if oid == wanted:
                found += _decode(tag, value, go)
    return found


def _decode(tag: int, value: bytes, go: Go) -> list[str]:
    """The text of a string that the parser has taken; nothing for what is no string (1.27 drops it)."""
    if tag in _UTF8:
        return [value.decode("utf-8", "surrogateescape")]
    if tag == der.T61_STRING:
        return [value.decode("latin-1") if go.minor >= 25 else value.decode("utf-8", "surrogateescape")]
    if tag == der.BMP_STRING:
        return [value.removesuffix(b"\0\0").decode("utf-16-be", "replace")]
    return []
