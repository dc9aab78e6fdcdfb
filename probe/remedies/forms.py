"""
Certificates in forms that Go does not read: what a content is, and the PEM that is in it.

Total: a content that is something else gives None. Keystores are opened without a
password and with the usual one.
"""

import binascii

from probe.lightweight import NamedTuple
from probe.remedies import binary_forms, text_forms
from probe.remedies.text_forms import LIMIT as LIMIT

_MOST_BLOCKS = 4000  # each reader goes over all of them; a bundle of all public roots has 150
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
        if certificates and form in _OF_WHOLE_LINES and len(text_forms.inside(data)) > len(certificates):
            continue  # some of them
        if certificates:
            more = _has_more(_plain(form, data))
            return FoundForm(form, certificates, _password(form, data), _variant(form, data), more)
    return None


def apart(data: bytes) -> FoundForm | None:
    """The certificates of PEM that Go reads, where a private key lies beside them."""
    if b"PRIVATE KEY-----" not in data or not (certificates := tuple(text_forms.blocks(data))):
        return None
    return FoundForm(WITH_KEY, certificates, "", WITH_KEY, more=True)


def of_variant(variant: str) -> FoundForm:
    """A form of which no more is known: something else may be in it."""
    return FoundForm(_OF_VARIANTS.get(variant, variant), (), "", variant, more=True)


def _plain(form: str, data: bytes) -> bytes:
    """The text in what is coded as a whole; b"" where that is no text."""
    if form == UTF16:
        return text_forms.decoded(data)
    if form not in (BASE64, GZIP):
        return data
    made = text_forms.inflated(data) if form == GZIP else binascii.a2b_base64(data)
    if form == BASE64 and text_forms.is_twice(data):
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


def _password(form: str, data: bytes) -> str:
    """Which of the usual passwords opens a keystore."""
    if form == JKS:
        return binary_forms.password_of_jks(data)
    return binary_forms.password_of_pkcs12(data) if form == PKCS12 else ""


def _variant(form: str, data: bytes) -> str:
    """The form as the tools tell it apart."""
    if form == JKS and data.startswith(binary_forms.JCEKS):
        return "jceks"
    if form == PKCS7 and data[:1] == b"\x30":
        return "pkcs7-der"
    if form == UTF16 and data[:2] in (b"-\0", b"\0-"):
        return "utf-16le" if data[:1] == b"-" else "utf-16be"
    if form == BASE64 and not data.lstrip().startswith(b"LS0t"):
        signed = binary_forms.pkcs7(text_forms.unarmored(data))
        return "base64-twice" if text_forms.is_twice(data) else "base64-pkcs7" if signed else "base64-der"
    if form == GZIP and not text_forms.inflated(data).startswith(b"-----BEGIN"):
        return "gzip-der"
    return form


_OF_WHOLE_LINES = (ESCAPED, INDENTED, QUOTED)
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
        text_forms.GZIP_MAGIC,
    )
    return begins or data[:4] == b"TFMw" or text_forms.PEM_IN_BASE64 in data


def armor(certificate: bytes) -> bytes:
    """One certificate as a PEM block."""
    text = binascii.b2a_base64(certificate, newline=False)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return b"-----BEGIN CERTIFICATE-----\n" + b"\n".join(lines) + b"\n-----END CERTIFICATE-----\n"


_KEPT = {MARKED: (b"\xef\xbb\xbf", b""), LINE_ENDS: (b"\r", b"\n"), GLUED: (b"----------", b"-----\n-----")}


def with_the_rest(form: str, data: bytes) -> bytes | None:
    """A text put right, with what else is in it; None for a form that takes the certificates out."""
    return data.replace(*_KEPT[form]) if form in _KEPT else None


_READERS = (
    (UTF16, text_forms.in_utf16),
    (JKS, binary_forms.jks),
    (PKCS12, binary_forms.pkcs12),
    (PKCS7, binary_forms.pkcs7),
    (DER, binary_forms.der_certificates),
    (TRUSTED, text_forms.labelled("TRUSTED CERTIFICATE")),
    (LABEL, text_forms.labelled("X509 CERTIFICATE", "X.509 CERTIFICATE", "CA CERTIFICATE")),
    (MARKED, text_forms.rewritten(*_KEPT[MARKED])),
    (ESCAPED, text_forms.rewritten(b"\\r\\n", b"\n")),
    (ESCAPED, text_forms.rewritten(b"\\n", b"\n")),
    (LINE_ENDS, text_forms.rewritten(*_KEPT[LINE_ENDS])),
    (PRINTABLE, text_forms.quoted_printable),
    (HTML, text_forms.html_escaped),
    (PERCENT, text_forms.percent_escaped),
    (HEADERS, text_forms.headless),
    (GLUED, text_forms.rewritten(*_KEPT[GLUED])),
    (INDENTED, text_forms.stripped(b" \t\r")),
    (QUOTED, text_forms.stripped(b"\"' \t\r")),
    (JOINED, text_forms.joined),
    (INSIDE, text_forms.inside),
    (BASE64, text_forms.in_base64),
    (GZIP, text_forms.gzipped),
    (IN_BASE64, text_forms.inside_base64),
)
