"""Certificates in text that is no PEM as Go reads it, and in what text is coded as."""

import binascii

from probe.formats import pem
from probe.remedies.binary_forms import der_certificates, first_element, pkcs7

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    _Reader = Callable[[bytes], list[bytes]]

LIMIT = 4 << 20  # bytes of a content that is looked into
GZIP_MAGIC = b"\x1f\x8b"
_OF_A_USER = b"client-"  # certificate and key, in a kubeconfig
PEM_IN_BASE64 = b"LS0tLS1CRUdJTi"
_BASE64_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_MOST_RUNS = 200
_MOST_MEMBERS = 50  # of a file of gzip data: `cat a.gz b.gz`
_NO_BASE64 = bytes(set(range(256)) - set(_BASE64_SIGNS))
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


def in_utf16(data: bytes) -> list[bytes]:
    return blocks(decoded(data))


def decoded(data: bytes) -> bytes:
    """What is written in UTF-16; b"" where nothing is."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        coding = "utf-16"
    elif data[:4] == b"-\0-\0":
        coding = "utf-16-le"
    elif data[:4] == b"\0-\0-":
        coding = "utf-16-be"
    else:
        return b""
    return data.decode(coding, "replace").encode("utf-8", "replace")


def in_base64(data: bytes) -> list[bytes]:
    if b"-----" in data or not data[:3].isalnum():
        return []
    made = unarmored(data)
    if made.startswith(b"LS0t"):
        return in_base64(made)
    return blocks(made) if made.startswith(b"-----BEGIN") else der_certificates(made) or pkcs7(made)


def unarmored(data: bytes) -> bytes:
    """What is coded in base64; b"" where there is anything else, or nothing."""
    try:
        return binascii.a2b_base64(b"".join(data.split()), strict_mode=True)
    except (ValueError, binascii.Error):
        return b""


def is_twice(data: bytes) -> bool:
    return data.lstrip()[:4] == b"TFMw"  # "LS0" once more


def inside_base64(data: bytes) -> list[bytes]:
    """Each run that begins as PEM does in base64: a kubeconfig, a Secret in YAML or JSON; no user's own."""
    found: list[bytes] = []
    if _OF_A_USER in data:
        import re

        data = re.sub(rb'client-[a-z]*-data"*: *"*[A-Za-z0-9+/=]*', b"", data)
    for piece in data.split(PEM_IN_BASE64)[1:_MOST_RUNS]:
        run = PEM_IN_BASE64 + piece[: len(piece) - len(piece.lstrip(_BASE64_SIGNS))]
        try:
            found += blocks(binascii.a2b_base64(run))
        except (ValueError, binascii.Error):
            continue
    return found


def gzipped(data: bytes) -> list[bytes]:
    if data[:2] != GZIP_MAGIC:
        return []
    made = inflated(data)
    return blocks(made) or der_certificates(made)


def inflated(data: bytes) -> bytes:
    """At most LIMIT bytes of it, of all its members; b"" where it is broken, or something follows it."""
    import zlib

    made = b""
    for _ in range(_MOST_MEMBERS):
        stream = zlib.decompressobj(wbits=31)
        try:
            made += stream.decompress(data, LIMIT - len(made) + 1)
        except zlib.error:
            return b""
        data = stream.unused_data
        if not stream.eof or not data:
            break
    return made if stream.eof and not data and len(made) <= LIMIT else b""


def quoted_printable(data: bytes) -> list[bytes]:
    """As a mail carries it (RFC 2045, 6.7)."""
    if b"=3D" not in data and b"=\n" not in data and b"=\r\n" not in data:
        return []
    return _more_by(binascii.a2b_qp, data)


def html_escaped(data: bytes) -> list[bytes]:
    if b"&" not in data and b"<br" not in data:
        return []
    return _more_by(_without_markup, data)


def _without_markup(data: bytes) -> bytes:
    import html
    import re

    text = re.sub(r"<[^<>\n]{0,200}>", "\n", data.decode("utf-8", "replace"))
    return html.unescape(text).encode()


def percent_escaped(data: bytes) -> list[bytes]:
    """As nginx hands it to a program: $ssl_client_escaped_cert."""
    if b"%0A" not in data and b"%0a" not in data and b"%2B" not in data:
        return []
    from urllib.parse import unquote_to_bytes

    return _more_by(unquote_to_bytes, data)


def _more_by(decode: "Callable[[bytes], bytes]", data: bytes) -> list[bytes]:
    if b"BEGIN" not in data:
        return []
    made = blocks(decode(data).replace(b"\r\n", b"\n"))
    return made if len(made) > len(blocks(data)) else []


def blocks(data: bytes) -> list[bytes]:
    return [block.data for block in pem.split(data) if not block.fault and block.label == "CERTIFICATE"]


def labelled(*labels: str) -> "_Reader":
    def reader(data: bytes) -> list[bytes]:
        if b"-----BEGIN" not in data:
            return []
        blocks = [block for block in pem.split(data) if not block.fault and block.label in labels]
        return [first_element(block.data) for block in blocks if der_certificates(first_element(block.data))]

    return reader


def rewritten(old: bytes, new: bytes) -> "_Reader":
    """PEM once every *old* is *new*; only where that gives more than is there already."""

    def reader(data: bytes) -> list[bytes]:
        if old not in data or b"-----BEGIN" not in data:
            return []
        made = blocks(data.replace(old, new))
        return made if len(made) > len(blocks(data)) else []

    return reader


def headless(data: bytes) -> list[bytes]:
    """PEM without lines like "Key: value"; blocks that have some are none for crypto/x509."""
    if b"-----BEGIN" not in data or b": " not in data:
        return []
    lines = [line for line in data.split(b"\n") if not _is_header(line)]
    before = [block for block in pem.split(data) if not block.fault and not block.headers]
    made = blocks(b"\n".join(lines))
    return made if len(made) > len(before) else []


def _is_header(line: bytes) -> bool:
    key, colon, _ = line.partition(b": ")
    return bool(colon) and key.replace(b"-", b"").isalnum()


def stripped(blanks: bytes) -> "_Reader":
    def reader(data: bytes) -> list[bytes]:
        if b"-----BEGIN" not in data:
            return []
        made = blocks(b"\n".join(line.strip(blanks) for line in data.split(b"\n")))
        return made if len(made) > len(blocks(data)) else []

    return reader


def joined(data: bytes) -> list[bytes]:
    """PEM that a shell has joined: `echo $CA > file`, without quotes."""
    if _BEGIN + b" " not in data and _BEGIN + b"\t" not in data:
        return []
    text = b"\n".join(data.split())
    for label in (b"BEGIN", b"END"):
        text = text.replace(label + b"\nCERTIFICATE", label + b" CERTIFICATE")
    made = blocks(text)
    return made if len(made) > len(blocks(data)) else []


def inside(data: bytes) -> list[bytes]:
    """PEM in YAML, JSON or a letter: what is between its two lines, without what else is on them."""
    made = blocks(inner(data))
    return made if len(made) > len(blocks(data)) else []


def inner(data: bytes) -> bytes:
    """As the two commands of `file_actions.convert` for INSIDE make it: the blocks alone."""
    lines: list[bytes] = []
    within = False
    for line in data.replace(b"\\r", b"").replace(b"\\n", b"\n").split(b"\n"):
        if b"BEGIN CERTIFICATE" in line:
            within = True
            lines.append(_BEGIN)
        elif within and b"END CERTIFICATE" in line:
            within = False
            lines.append(_END)
        elif within:
            lines.append(line.translate(None, _NO_BASE64))
    return b"\n".join(lines) + b"\n"
