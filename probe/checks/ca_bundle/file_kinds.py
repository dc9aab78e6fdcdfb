"""What a file is that should hold PEM certificates and from which Go takes none."""

from probe import codes
from probe.codes import Code
from probe.formats import pem
from probe.golang.x509 import der
from probe.lightweight import NamedTuple
from probe.remedies import derivation, forms, keystore

LOOK_LIMIT = 256 << 10  # bytes that are looked at


class FileKind(NamedTuple):
    """The kind of a content: words that follow "the file …", and the form to convert it from."""

    code: Code
    words: str
    form: str = ""  # of remedies.file_actions.convert; "" when the file has to be got anew


_STARTS = (
    (b"\xfe\xed\xfe\xed", FileKind(codes.CA_BUNDLE_KEYSTORE, "is a Java keystore", forms.JKS)),
    (b"\xce\xce\xce\xce", FileKind(codes.CA_BUNDLE_KEYSTORE, "is a Java keystore", "jceks")),
    (b"\xff\xfe", FileKind(codes.CA_BUNDLE_UTF16, "is UTF-16 text", "utf-16")),
    (b"\xfe\xff", FileKind(codes.CA_BUNDLE_UTF16, "is UTF-16 text", "utf-16")),
    (b"-\0-\0", FileKind(codes.CA_BUNDLE_UTF16, "is UTF-16 text", "utf-16le")),
    (b"\0-\0-", FileKind(codes.CA_BUNDLE_UTF16, "is UTF-16 text", "utf-16be")),
    (b"PK\x03\x04", FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, "is a zip archive")),
    (b"\x7fELF", FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, "is a program")),
    (b"version https://git-lfs", FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, "is a Git LFS pointer")),
    (b"LS0tLS1CRUdJTi", FileKind(codes.CA_BUNDLE_BASE64, "is base64 around PEM", forms.BASE64)),
    (
        b"TFMwdExTMUNSVWRKVG",
        FileKind(codes.CA_BUNDLE_BASE64, "is base64 around base64 of PEM", "base64-twice"),
    ),
    (b"MII", FileKind(codes.CA_BUNDLE_BASE64, "is base64 without BEGIN and END lines", "base64-der")),
)
_PAGES = (b"<html", b"<!doctype", b"<?xml", b"<head", b"<body")


def look(data: bytes) -> FileKind:
    """What *data*, the beginning of a file, is."""
    if not data:
        return FileKind(codes.CA_BUNDLE_EMPTY, "is empty")
    if not data.strip(b"\0 \t\r\n"):
        return FileKind(codes.CA_BUNDLE_EMPTY, "holds only whitespace")
    found = next((found for start, found in _STARTS if data.startswith(start)), None)
    return found or _compressed(data) or _binary(data) or _page(data) or _pem(data)


def _compressed(data: bytes) -> FileKind | None:
    if data[:2] != b"\x1f\x8b":
        return None
    inside = forms.look(data)
    words = "is gzip data around a certificate" if inside else "is gzip data"
    return FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, words, inside.form if inside else "")


def _binary(data: bytes) -> FileKind | None:
    if data[0] != der.SEQUENCE or data[1:2] < b"\x80":
        return None
    inside = data[2 + (data[1] & 0x7F) :]
    if inside.startswith(b"\x02\x01\x03"):
        return FileKind(codes.CA_BUNDLE_KEYSTORE, f"is a PKCS#12 keystore{_asking(data)}", forms.PKCS12)
    if inside.startswith(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"):
        return FileKind(codes.CA_BUNDLE_PKCS7, "is PKCS#7 in DER", "pkcs7-der")
    if len(data) < LOOK_LIMIT and not forms.look(data):
        return FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, "is DER, but no certificate")
    return FileKind(codes.CA_BUNDLE_DER, "is DER, not PEM", forms.DER)


def _asking(data: bytes) -> str:
    """Why no password of a keystore is tried, which would tell what is in it."""
    asked = derivation.rounds(data)
    if asked <= keystore.ROUNDS:
        return ""
    return f" that asks for {asked} rounds of key derivation, more than the {keystore.ROUNDS} that are made"


def _page(data: bytes) -> FileKind | None:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return FileKind(codes.CA_BUNDLE_HTML, "is an HTML page") if start.startswith(_PAGES) else None


def _pem(data: bytes) -> FileKind:
    blocks = list(pem.split(data))
    labels = [block.label for block in blocks]
    if blocks and blocks[0].fault == pem.MARKED:
        return FileKind(codes.CA_BUNDLE_BYTE_ORDER_MARK, "begins with a byte order mark", forms.MARKED)
    if b"\\n" in data and b"-----BEGIN " in data:
        return FileKind(codes.CA_BUNDLE_LINE_ENDS, "has its newlines written as \\n", forms.ESCAPED)
    if b"\r" in data and b"\n" not in data and b"-----BEGIN " in data:
        return FileKind(codes.CA_BUNDLE_LINE_ENDS, "has lines that end in CR alone", forms.LINE_ENDS)
    if "TRUSTED CERTIFICATE" in labels:
        return FileKind(codes.CA_BUNDLE_TRUSTED_FORMAT, "holds TRUSTED CERTIFICATE blocks", forms.TRUSTED)
    if "PKCS7" in labels:
        return FileKind(codes.CA_BUNDLE_PKCS7, "is PKCS#7", forms.PKCS7)
    kept = forms.look(data)
    whole = kept and kept.form in (forms.JOINED, forms.HTML, forms.PERCENT, forms.PRINTABLE)
    if blocks and blocks[-1].fault == pem.NO_END and not whole:
        return FileKind(codes.CA_BUNDLE_TRUNCATED, f"is truncated after line {blocks[-1].line}")
    if kept:
        if kept.form == forms.IN_BASE64:
            return FileKind(codes.CA_BUNDLE_BASE64, f"holds {forms.WORDS[kept.form]}", kept.form)
        return FileKind(codes.CA_BUNDLE_SKIPPED_BLOCKS, f"is {forms.WORDS[kept.form]}", kept.form)
    if any(label.endswith("CERTIFICATE") for label in labels):
        return FileKind(codes.CA_BUNDLE_SKIPPED_BLOCKS, "holds certificates, but Go accepts none of them")
    if labels:
        return FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, f"holds {_article(labels[0])}, not a certificate")
    if b"\0" in data:
        return FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, "is binary data")
    return FileKind(codes.CA_BUNDLE_NO_CERTIFICATE, "is text without any PEM block")


def _article(label: str) -> str:
    return f"a {label}" if label else "a PEM block without a label"
