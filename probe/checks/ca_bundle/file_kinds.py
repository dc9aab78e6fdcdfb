"""What a file is that should hold PEM certificates and from which Go takes none."""

from probe import codes
from probe.codes import Code
from probe.formats import pem
from probe.golang.x509 import der
from probe.lightweight import NamedTuple

LOOK_LIMIT = 256 << 10  # bytes that are looked at


class FileKind(NamedTuple):
    """The kind of a content: how it goes on after "the file …", and the command that mends it."""

    code: Code
    words: str
    command: str = ""  # with {path}; "" when the file has to be got anew


_MARK = "sed -i '1s/^\\xEF\\xBB\\xBF//' {path}"
_FROM_DER = "openssl x509 -inform der -in {path} -out {path}.pem && mv {path}.pem {path}"
_FROM_PKCS12 = "openssl pkcs12 -in {path} -nokeys -out {path}.pem && mv {path}.pem {path}"
_FROM_JKS = "keytool -list -rfc -keystore {path} > {path}.pem && mv {path}.pem {path}"
_FROM_PKCS7 = "openssl pkcs7 {form}-print_certs -in {{path}} -out {{path}}.pem && mv {{path}}.pem {{path}}"
_FROM_UTF16 = "iconv -f UTF-16 -t UTF-8 {path} -o {path}.pem && mv {path}.pem {path}"
_FROM_BASE64 = "base64 -d {path} > {path}.pem && mv {path}.pem {path}"
_FROM_TRUSTED = "trust extract --format=pem-bundle --filter=ca-anchors --overwrite {path}"
_LINE_ENDS = "sed -i 's/\\r/\\n/g' {path}"
_ESCAPES = "sed -i 's/\\\\n/\\n/g' {path}"

_STARTS = (
    (b"\xfe\xed\xfe\xed", FileKind(codes.CA_BUNDLE_KEYSTORE, "is a Java keystore", _FROM_JKS)),
    (b"\xce\xce\xce\xce", FileKind(codes.CA_BUNDLE_KEYSTORE, "is a Java keystore", _FROM_JKS)),
    (b"\xff\xfe", FileKind(codes.CA_BUNDLE_UTF16, "is UTF-16 text", _FROM_UTF16)),
    (b"\xfe\xff", FileKind(codes.CA_BUNDLE_UTF16, "is UTF-16 text", _FROM_UTF16)),
    (b"-\0-\0", FileKind(codes.CA_BUNDLE_UTF16, "is UTF-16 text", "iconv -f UTF-16LE " + _FROM_UTF16[16:])),
    (b"\0-\0-", FileKind(codes.CA_BUNDLE_UTF16, "is UTF-16 text", "iconv -f UTF-16BE " + _FROM_UTF16[16:])),
    (b"PK\x03\x04", FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, "is a zip archive")),
    (b"\x1f\x8b", FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, "is gzip data")),
    (b"\x7fELF", FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, "is a program")),
    (b"version https://git-lfs", FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, "is a Git LFS pointer")),
    (b"LS0tLS1CRUdJTi", FileKind(codes.CA_BUNDLE_BASE64, "is base64 around PEM", _FROM_BASE64)),
    (b"MII", FileKind(codes.CA_BUNDLE_BASE64, "is base64 without BEGIN and END lines")),
)
_PAGES = (b"<html", b"<!doctype", b"<?xml", b"<head", b"<body")


def look(data: bytes) -> FileKind:
    """What *data*, the beginning of a file, is."""
    if not data:
        return FileKind(codes.CA_BUNDLE_EMPTY, "is empty")
    if not data.strip(b"\0 \t\r\n"):
        return FileKind(codes.CA_BUNDLE_EMPTY, "holds nothing but blanks")
    found = next((found for start, found in _STARTS if data.startswith(start)), None)
    return found or _binary(data) or _page(data) or _pem(data)


def _binary(data: bytes) -> FileKind | None:
    if data[0] != der.SEQUENCE or data[1:2] < b"\x80":
        return None
    inside = data[2 + (data[1] & 0x7F) :]
    if inside.startswith(b"\x02\x01\x03"):
        return FileKind(codes.CA_BUNDLE_KEYSTORE, "is a PKCS#12 keystore", _FROM_PKCS12)
    if inside.startswith(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"):
        return FileKind(codes.CA_BUNDLE_PKCS7, "is PKCS#7 in DER", _FROM_PKCS7.format(form="-inform der "))
    return FileKind(codes.CA_BUNDLE_DER, "is DER, not PEM", _FROM_DER)


def _page(data: bytes) -> FileKind | None:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return FileKind(codes.CA_BUNDLE_HTML, "is an HTML page") if start.startswith(_PAGES) else None


def _pem(data: bytes) -> FileKind:
    blocks = list(pem.split(data))
    labels = [block.label for block in blocks]
    if blocks and blocks[0].fault == pem.MARKED:
        return FileKind(codes.CA_BUNDLE_BYTE_ORDER_MARK, "begins with a byte order mark", _MARK)
    if b"\\n" in data and b"-----BEGIN " in data:
        return FileKind(codes.CA_BUNDLE_LINE_ENDS, "has its line ends written as \\n", _ESCAPES)
    if b"\r" in data and b"\n" not in data and b"-----BEGIN " in data:
        return FileKind(codes.CA_BUNDLE_LINE_ENDS, "has lines that end in CR alone", _LINE_ENDS)
    if "TRUSTED CERTIFICATE" in labels:
        return FileKind(codes.CA_BUNDLE_TRUSTED_FORMAT, "holds TRUSTED CERTIFICATE blocks", _FROM_TRUSTED)
    if "PKCS7" in labels:
        return FileKind(codes.CA_BUNDLE_PKCS7, "is PKCS#7", _FROM_PKCS7.format(form=""))
    if blocks and blocks[-1].fault == pem.NO_END:
        return FileKind(codes.CA_BUNDLE_TRUNCATED, f"breaks off after line {blocks[-1].line}")
    if any(label.endswith("CERTIFICATE") for label in labels):
        return FileKind(codes.CA_BUNDLE_SKIPPED_BLOCKS, "holds certificates, and Go takes none of them")
    if labels:
        return FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, f"holds {_article(labels[0])}, no certificate")
    if b"\0" in data:
        return FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, "is binary data")
    return FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, "is text without any PEM block")


def _article(label: str) -> str:
    return f"a {label}" if label else "a PEM block without a label"
