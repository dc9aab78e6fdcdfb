"""
Certificates in forms that Go does not read: what a content is, and the PEM that is in it.

Total: a content that is something else gives None. Keystores are opened without a
password and with the usual one.
"""

import binascii

from probe.formats import pem
from probe.golang.x509 import der
from probe.lightweight import NamedTuple
from probe.remedies import keystore

LIMIT = 4 << 20  # bytes of a content that is looked into
_MOST_BLOCKS = 4000  # each reader goes over all of them; a bundle of all public roots has 150
PASSWORDS = (None, b"changeit", b"changeme", b"password", b"")  # those of keytool(1), and its users
_SIGNED_DATA, _CONTENT, _SET = "1.2.840.113549.1.7.2", 0xA0, 0x31
_JKS, _JCEKS = b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"
DER, PKCS7, PKCS12, JKS, TRUSTED, UTF16, BASE64 = (
    "der",
    "pkcs7",
    "pkcs12",
    "jks",
    "trusted",
    "utf-16",
    "base64",
)
JOINED, INSIDE, IN_BASE64 = "joined", "inside", "in-base64"
WITH_KEY = "with-key"
GZIP, PRINTABLE, HTML, PERCENT = "gzip", "quoted-printable", "html", "percent"
HEADERS, GLUED, INDENTED, LINE_ENDS, ESCAPED, QUOTED, LABEL, MARKED = (
    "headers",
    "glued",
    "indented",
    "line-ends",
    "escaped",
    "quoted",
    "label",
    "marked",
)
WORDS = {
    DER: "DER, not PEM",
    PKCS7: "PKCS#7",
    PKCS12: "a PKCS#12 keystore",
    JKS: "a Java keystore",
    TRUSTED: "a TRUSTED CERTIFICATE",
    UTF16: "UTF-16 text",
    BASE64: "base64 without BEGIN and END lines, or around them",
    JOINED: "PEM on one line, with blanks for its newlines",
    IN_BASE64: "base64 of PEM inside other text, as in a kubeconfig",
    GZIP: "gzip data",
    PRINTABLE: "PEM in quoted-printable, as in a mail",
    HTML: "PEM with signs written as in HTML",
    PERCENT: "PEM with signs written as in a URL",
    INSIDE: "PEM inside other text, or with something before each line",
    HEADERS: "PEM with header lines in it",
    GLUED: "PEM whose blocks are glued together",
    INDENTED: "PEM with whitespace before its lines",
    LINE_ENDS: "PEM with CR alone as newline",
    ESCAPED: "PEM with its newlines written as \\n",
    QUOTED: "PEM in quotes",
    LABEL: "PEM with another label than CERTIFICATE",
    MARKED: "PEM after a byte order mark",
}


class FoundForm(NamedTuple):
    """The form of a content and the certificates (DER) in it."""

    form: str
    certificates: tuple[bytes, ...]
    password: str = ""  # that opens it
    variant: str = ""  # as the tools tell it apart
    more: bool = False  # whether something else is in it, such as a private key or other text

    @property
    def sizes(self) -> tuple[int, ...]:
        """Of the certificates, in the order in which they lie in DER, which may be coded as a whole."""
        return tuple(map(len, self.certificates)) if self.variant in _IN_DER else ()


def look(data: bytes) -> FoundForm | None:
    """The form of *data* where it holds certificates and is no PEM that Go reads; None otherwise."""
    if not data or len(data) > LIMIT or data.count(b"BEGIN ") > _MOST_BLOCKS:
        return None
    for form, reader in _READERS:
        certificates = tuple(reader(data))
        if certificates and form in _OF_WHOLE_LINES and len(_inside(data)) > len(certificates):
            continue  # some of them
        if certificates:
            more = _has_more(_plain(form, data))
            return FoundForm(form, certificates, _password(form, data), _variant(form, data), more)
    return None


def apart(data: bytes) -> FoundForm | None:
    """The certificates of PEM that Go reads, where a private key lies beside them."""
    if b"PRIVATE KEY-----" not in data or not (certificates := tuple(_blocks(data))):
        return None
    return FoundForm(WITH_KEY, certificates, "", WITH_KEY, more=True)


def of_variant(variant: str) -> FoundForm:
    """A form of which no more is known: something else may be in it."""
    return FoundForm(_OF_VARIANTS.get(variant, variant), (), "", variant, more=True)


def _plain(form: str, data: bytes) -> bytes:
    """The text in what is coded as a whole; b"" where that is no text."""
    if form == UTF16:
        return _decoded(data)
    if form not in (BASE64, GZIP):
        return data
    made = _inflated(data) if form == GZIP else binascii.a2b_base64(data)
    if form == BASE64 and _is_twice(data):
        made = binascii.a2b_base64(made)
    return made if b"BEGIN " in made else b""


def _has_more(data: bytes) -> bool:
    """Whether a text holds more than certificates, signs around them, and comments."""
    if b"PRIVATE KEY" in data:
        return True
    at = 0
    while (begin := data.find(b"BEGIN ", at)) >= 0:
        if _is_more(data[at:begin]):
            return True
        end = data.find(b"END ", begin)
        at = len(data) if end < 0 else data.find(b"-", end)
        if at < 0:
            return False
    return _is_more(data[at:])


def _is_more(between: bytes) -> bool:
    lines = between.replace(b"\\n", b"\n").replace(b"\\r", b"").splitlines()
    return any(line.translate(None, b"-\"' \t\xef\xbb\xbf") for line in lines if line.lstrip()[:1] != b"#")


def _variant(form: str, data: bytes) -> str:
    """The form as the tools tell it apart."""
    if form == JKS and data.startswith(_JCEKS):
        return "jceks"
    if form == PKCS7 and data[:1] == b"\x30":
        return "pkcs7-der"
    if form == UTF16 and data[:2] in (b"-\0", b"\0-"):
        return "utf-16le" if data[:1] == b"-" else "utf-16be"
    if form == BASE64 and not data.lstrip().startswith(b"LS0t"):
        signed = _pkcs7(_unarmored(data))
        return "base64-twice" if _is_twice(data) else "base64-pkcs7" if signed else "base64-der"
    if form == GZIP and not _inflated(data).startswith(b"-----BEGIN"):
        return "gzip-der"
    return form


_IN_DER = (DER, "base64-der", "gzip-der")
_OF_VARIANTS = {
    "pkcs7-der": PKCS7,
    "utf-16le": UTF16,
    "utf-16be": UTF16,
    "base64-der": BASE64,
    "base64-pkcs7": BASE64,
    "base64-twice": BASE64,
    "gzip-der": GZIP,
    "jceks": JKS,
}


def may_hold(data: bytes) -> bool:
    """Whether *data* begins like one of the forms that hide what is in them."""
    begins = data[:1] in (b"\x30", b"\xfe", b"\xff", b"\xce", b"M", b"L") or data[:2] in (
        b"-\0",
        b"\0-",
        _GZIP,
    )
    return begins or data[:4] == b"TFMw" or _PEM_IN_BASE64 in data


def armor(certificate: bytes) -> bytes:
    """One certificate as a PEM block."""
    text = binascii.b2a_base64(certificate, newline=False)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return b"-----BEGIN CERTIFICATE-----\n" + b"\n".join(lines) + b"\n-----END CERTIFICATE-----\n"


def first_element(data: bytes) -> bytes:
    """The first DER element of *data*; what follows it in a TRUSTED CERTIFICATE is OpenSSL's."""
    try:
        _, end = der.take(data, 0, len(data), der.SEQUENCE, "")
    except der.ParseError:
        return data
    return data[:end]


def _der(data: bytes) -> list[bytes]:
    """Certificates in DER, one after another; a certificate begins with a SEQUENCE in a SEQUENCE."""
    found: list[bytes] = []
    while data[:1] == b"\x30":
        try:
            begin, end = der.take(data, 0, len(data), der.SEQUENCE, "")
            inner, _ = der.take(data, begin, end, der.SEQUENCE, "")
        except der.ParseError:
            break
        if data[inner : inner + 1] not in (b"\xa0", b"\x02"):  # version or serial number
            break
        found.append(data[:end])
        data = data[end:].lstrip(b"\r\n\0")
    return found if not data.strip(b"\r\n\0") else []


def _pkcs7(data: bytes) -> list[bytes]:
    """The certificates of a SignedData (RFC 5652, 5.1), as `openssl crl2pkcs7` and Windows write it."""
    if data[:1] != b"\x30":
        armour = b"-----BEGIN PKCS7-----" if b"BEGIN PKCS7" in data else b"-----BEGIN CMS-----"
        try:
            data = binascii.a2b_base64(data.partition(armour)[2].partition(b"-----END")[0])
        except ValueError:
            return []
    try:
        at, end = der.take(data, 0, len(data), der.SEQUENCE, "")
        kind, at = der.oid(data, at, end, "")
        if kind != _SIGNED_DATA:
            return []
        at, end = der.take(data, at, end, _CONTENT, "")
        at, end = der.take(data, at, end, der.SEQUENCE, "")
        for tag in (der.INTEGER, _SET, der.SEQUENCE):  # version, digest algorithms, what is signed
            _, at = der.take(data, at, end, tag, "")
        at, end = der.take(data, at, end, _CONTENT, "")
        found = []
        while at < end:
            _, after = der.take(data, at, end, der.SEQUENCE, "")
            found.append(data[at:after])
            at = after
    except der.ParseError:
        return []
    return found


def _pkcs12(data: bytes) -> list[bytes]:
    try:
        begin, _ = der.take(data, 0, len(data), der.SEQUENCE, "")
    except der.ParseError:
        return []
    if data[begin : begin + 3] != b"\x02\x01\x03":
        return []
    stores = (keystore.certificates(data, password) for password in PASSWORDS)
    return next((store for store in stores if store is not None), [])


def _password(form: str, data: bytes) -> str:
    """Which of the usual passwords opens a keystore; the first that does."""
    if form == JKS:
        return next((one.decode() for one in PASSWORDS if one and _is_sealed_with(one, data)), "PASSWORD")
    if form != PKCS12:
        return ""
    opening = (one for one in PASSWORDS if keystore.certificates(data, one) is not None)
    return (next(opening, None) or b"").decode()


def _jks(data: bytes) -> list[bytes]:
    """The trusted certificates of a Java keystore, not encrypted: sun.security.provider.JavaKeyStore."""
    if not data.startswith((_JKS, _JCEKS)):
        return []
    at, found = 12, []
    try:
        version, count = _number(data, 4, 4), _number(data, 8, 4)
        for _ in range(min(count, 10_000)):
            tag, at = _number(data, at, 4), at + 4
            at += 2 + _number(data, at, 2) + 8  # alias, date
            if tag == 1:  # a key, with its chain
                at += 4 + _number(data, at, 4)
                chain, at = _number(data, at, 4), at + 4
            else:
                chain = 1
            for _ in range(min(chain, 100)):
                if version == 2:
                    at += 2 + _number(data, at, 2)  # "X.509"
                size, at = _number(data, at, 4), at + 4
                if tag == 2:
                    found.append(data[at : at + size])
                at += size
    except IndexError:
        pass
    return [one for one in found if _der(one)]


def _is_sealed_with(password: bytes, data: bytes) -> bool:
    """Whether the digest at the end of a Java keystore is made with *password*, which keytool asks for."""
    from hashlib import sha1

    sealed = password.decode().encode("utf-16-be") + b"Mighty Aphrodite" + data[:-20]
    return sha1(sealed, usedforsecurity=False).digest() == data[-20:]


def _number(data: bytes, at: int, size: int) -> int:
    if at + size > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + size], "big")


def _utf16(data: bytes) -> list[bytes]:
    return _blocks(_decoded(data))


def _decoded(data: bytes) -> bytes:
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


def _base64(data: bytes) -> list[bytes]:
    if b"-----" in data or not data[:3].isalnum():
        return []
    inside = _unarmored(data)
    if inside.startswith(b"LS0t"):
        return _base64(inside)
    return _blocks(inside) if inside.startswith(b"-----BEGIN") else _der(inside) or _pkcs7(inside)


def _unarmored(data: bytes) -> bytes:
    """What is coded in base64; b"" where there is anything else, or nothing."""
    try:
        return binascii.a2b_base64(b"".join(data.split()), strict_mode=True)
    except (ValueError, binascii.Error):
        return b""


def _is_twice(data: bytes) -> bool:
    return data.lstrip()[:4] == b"TFMw"  # "LS0" once more


def _in_base64(data: bytes) -> list[bytes]:
    """Each run that begins as PEM does in base64: a kubeconfig, a Secret in YAML or JSON; no user's own."""
    found: list[bytes] = []
    if _OF_A_USER in data:
        import re

        data = re.sub(rb'client-[a-z]*-data"*: *"*[A-Za-z0-9+/=]*', b"", data)
    for piece in data.split(_PEM_IN_BASE64)[1:_MOST_RUNS]:
        run = _PEM_IN_BASE64 + piece[: len(piece) - len(piece.lstrip(_BASE64_SIGNS))]
        try:
            found += _blocks(binascii.a2b_base64(run))
        except (ValueError, binascii.Error):
            continue
    return found


def _gzip(data: bytes) -> list[bytes]:
    if data[:2] != _GZIP:
        return []
    inside = _inflated(data)
    return _blocks(inside) or _der(inside)


def _inflated(data: bytes) -> bytes:
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


def _printable(data: bytes) -> list[bytes]:
    """As a mail carries it (RFC 2045, 6.7)."""
    if b"=3D" not in data and b"=\n" not in data and b"=\r\n" not in data:
        return []
    return _more_by(binascii.a2b_qp, data)


def _html(data: bytes) -> list[bytes]:
    if b"&" not in data and b"<br" not in data:
        return []
    return _more_by(_without_markup, data)


def _without_markup(data: bytes) -> bytes:
    import html
    import re

    text = re.sub(r"<[^<>\n]{0,200}>", "\n", data.decode("utf-8", "replace"))
    return html.unescape(text).encode()


def _percent(data: bytes) -> list[bytes]:
    """As nginx hands it to a program: $ssl_client_escaped_cert."""
    if b"%0A" not in data and b"%0a" not in data and b"%2B" not in data:
        return []
    from urllib.parse import unquote_to_bytes

    return _more_by(unquote_to_bytes, data)


def _more_by(decode: "Callable[[bytes], bytes]", data: bytes) -> list[bytes]:
    if b"BEGIN" not in data:
        return []
    made = _blocks(decode(data).replace(b"\r\n", b"\n"))
    return made if len(made) > len(_blocks(data)) else []


def _blocks(data: bytes) -> list[bytes]:
    return [block.data for block in pem.split(data) if not block.fault and block.label == "CERTIFICATE"]


def _labelled(*labels: str) -> "_Reader":
    def reader(data: bytes) -> list[bytes]:
        if b"-----BEGIN" not in data:
            return []
        blocks = [block for block in pem.split(data) if not block.fault and block.label in labels]
        return [first_element(block.data) for block in blocks if _der(first_element(block.data))]

    return reader


_KEPT = {MARKED: (b"\xef\xbb\xbf", b""), LINE_ENDS: (b"\r", b"\n"), GLUED: (b"----------", b"-----\n-----")}


def with_the_rest(form: str, data: bytes) -> bytes | None:
    """A text put right, with what else is in it; None for a form that takes the certificates out."""
    return data.replace(*_KEPT[form]) if form in _KEPT else None


def _rewritten(old: bytes, new: bytes) -> "_Reader":
    """PEM once every *old* is *new*; only where that gives more than is there already."""

    def reader(data: bytes) -> list[bytes]:
        if old not in data or b"-----BEGIN" not in data:
            return []
        made = _blocks(data.replace(old, new))
        return made if len(made) > len(_blocks(data)) else []

    return reader


def _headless(data: bytes) -> list[bytes]:
    """PEM without lines like "Key: value"; blocks that have some are none for crypto/x509."""
    if b"-----BEGIN" not in data or b": " not in data:
        return []
    lines = [line for line in data.split(b"\n") if not _is_header(line)]
    before = [block for block in pem.split(data) if not block.fault and not block.headers]
    made = _blocks(b"\n".join(lines))
    return made if len(made) > len(before) else []


def _is_header(line: bytes) -> bool:
    key, colon, _ = line.partition(b": ")
    return bool(colon) and key.replace(b"-", b"").isalnum()


def _stripped(blanks: bytes) -> "_Reader":
    def reader(data: bytes) -> list[bytes]:
        if b"-----BEGIN" not in data:
            return []
        made = _blocks(b"\n".join(line.strip(blanks) for line in data.split(b"\n")))
        return made if len(made) > len(_blocks(data)) else []

    return reader


def _joined(data: bytes) -> list[bytes]:
    """PEM that a shell has joined: `echo $CA > file`, without quotes."""
    if _BEGIN + b" " not in data and _BEGIN + b"\t" not in data:
        return []
    text = b"\n".join(data.split())
    for label in (b"BEGIN", b"END"):
        text = text.replace(label + b"\nCERTIFICATE", label + b" CERTIFICATE")
    made = _blocks(text)
    return made if len(made) > len(_blocks(data)) else []


_GZIP = b"\x1f\x8b"
_OF_A_USER = b"client-"  # certificate and key, in a kubeconfig
_PEM_IN_BASE64 = b"LS0tLS1CRUdJTi"
_BASE64_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_MOST_RUNS = 200
_MOST_MEMBERS = 50  # of a file of gzip data: `cat a.gz b.gz`
_OF_WHOLE_LINES = (ESCAPED, INDENTED, QUOTED)
_NO_BASE64 = bytes(set(range(256)) - set(_BASE64_SIGNS))
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


def _inside(data: bytes) -> list[bytes]:
    """PEM in YAML, JSON or a letter: what is between its two lines, without what else is on them."""
    made = _blocks(inner(data))
    return made if len(made) > len(_blocks(data)) else []


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


TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    _Reader = Callable[[bytes], list[bytes]]

_READERS = (
    (UTF16, _utf16),
    (JKS, _jks),
    (PKCS12, _pkcs12),
    (PKCS7, _pkcs7),
    (DER, _der),
    (TRUSTED, _labelled("TRUSTED CERTIFICATE")),
    (LABEL, _labelled("X509 CERTIFICATE", "X.509 CERTIFICATE", "CA CERTIFICATE")),
    (MARKED, _rewritten(*_KEPT[MARKED])),
    (ESCAPED, _rewritten(b"\\r\\n", b"\n")),
    (ESCAPED, _rewritten(b"\\n", b"\n")),
    (LINE_ENDS, _rewritten(*_KEPT[LINE_ENDS])),
    (PRINTABLE, _printable),
    (HTML, _html),
    (PERCENT, _percent),
    (HEADERS, _headless),
    (GLUED, _rewritten(*_KEPT[GLUED])),
    (INDENTED, _stripped(b" \t\r")),
    (QUOTED, _stripped(b"\"' \t\r")),
    (JOINED, _joined),
    (INSIDE, _inside),
    (BASE64, _base64),
    (GZIP, _gzip),
    (IN_BASE64, _in_base64),
)
