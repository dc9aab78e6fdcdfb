"""Forms of PEM and what Go finds in them; held against it in tests/differential/test_certificates.py."""

from typing import NamedTuple

from probe.formats import pem

HELLO = b"hello"


def block(label: str = "CERTIFICATE", body: str = "aGVsbG8=") -> bytes:
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n".encode()


class Form(NamedTuple):
    what: str
    data: bytes
    found: int  # blocks that hold HELLO
    lost: tuple[tuple[int, str], ...] = ()  # line and reason
    lost_before: tuple[tuple[int, str], ...] = ()  # where the older scanner gives another reason


_ONE = block()
_TEXT = _ONE.decode()


def _like(old: str, new: str) -> bytes:
    assert old in _TEXT
    return _TEXT.replace(old, new).encode()


FORMS = (
    Form("nothing", b"", 0),
    Form("one", _ONE, 1),
    Form("two", _ONE * 2, 2),
    Form("CRLF", _TEXT.replace("\n", "\r\n").encode(), 1),
    Form("no newline at the end", _ONE[:-1], 1),
    Form("text around", b"subject=X\n" + _ONE + b"\nBag Attributes\n  a: b\n" + _ONE + b"end", 2),
    Form("NUL between", _ONE + b"\0\0\n" + _ONE, 2),
    Form("blank lines inside", _like("aGVs", "\n\naGVs\n\n"), 1),
    Form("lines of one character", _like("aGVsbG8=", "\n".join("aGVsbG8=")), 1),
    Form("blanks and tabs in the base64", _like("aGVsbG8=", " aG\tVs bG8= \t"), 1),
    Form("blanks behind the dashes", _like("-----\n", "----- \t\n"), 1),
    Form("CRLF and blanks", _like("-----\n", "----- \r\n"), 1),
    Form("byte order mark", b"\xef\xbb\xbf" + _ONE * 2, 1, ((1, pem.MARKED),)),
    Form("blank before BEGIN", b" " + _ONE * 2, 1, ((1, pem.NOT_FIRST),)),
    Form("blank before BEGIN, later", _ONE + b" " + _ONE, 1, ((4, pem.NOT_FIRST),)),
    Form("another label", block("TRUSTED CERTIFICATE"), 1),
    Form("no label", block(""), 1),
    Form("a header", _like("aGVs", "Proc-Type: 4,ENCRYPTED\n\naGVs"), 1),
    Form("a stray colon", _like("aGVs", ":\naGVs"), 1),
    Form("a colon in the base64", _like("aGVs", "aGVs\n:\n"), 0, ((1, pem.NOT_BASE64),)),
    Form("headers up to END", _like("aGVsbG8=", "a: b"), 0, ((1, pem.HEADER_END),)),
    Form(
        "text behind END", _like("END CERTIFICATE-----", "END CERTIFICATE----- x") + _ONE, 1, ((1, pem.TAIL),)
    ),
    Form(
        "glued blocks",
        _ONE[:-1] + _ONE,
        0,
        ((1, pem.TAIL), (3, pem.NOT_FIRST)),
    ),
    Form("labels differ", _like("END CERTIFICATE", "END CERT"), 0, ((1, pem.OTHER_END),)),
    Form("END with more", _like("END CERTIFICATE", "END CERTIFICATES"), 0, ((1, pem.OTHER_END),)),
    Form(
        "six dashes behind BEGIN",
        _like("BEGIN CERTIFICATE-----", "BEGIN CERTIFICATE------"),
        0,
        ((1, pem.OTHER_END),),
    ),
    Form(
        "four dashes behind BEGIN",
        _like("BEGIN CERTIFICATE-----", "BEGIN CERTIFICATE----"),
        0,
        ((1, pem.NO_DASHES),),
    ),
    Form(
        "four dashes behind END",
        _like("END CERTIFICATE-----", "END CERTIFICATE----"),
        0,
        ((1, pem.OTHER_END),),
    ),
    Form(
        "six dashes behind END", _like("END CERTIFICATE-----", "END CERTIFICATE------"), 0, ((1, pem.TAIL),)
    ),
    Form("indented END", _like("-----END", " -----END") + _ONE, 1, ((1, pem.NO_END),)),
    Form("END missing, another follows", _ONE[: _ONE.index(b"-----END")] + _ONE, 1, ((1, pem.NO_END),)),
    Form("truncated", _ONE + _ONE[:30], 1, ((4, pem.NO_END),)),
    Form(
        "BEGIN three times",
        b"-----BEGIN CERTIFICATE-----\n" * 2 + _ONE,
        1,
        ((1, pem.NO_END), (2, pem.NO_END)),
    ),
    Form("bad base64", _like("aGVs", "a#Vs") + _ONE, 1, ((1, pem.NOT_BASE64),)),
    Form("padding missing", _like("bG8=", "bG8") + _ONE, 1, ((1, pem.NOT_BASE64),)),
    Form("padding too long", _like("bG8=", "bG8==") + _ONE, 1, ((1, pem.NOT_BASE64),)),
    Form("padding in the middle", _like("aGVsbG8=", "aA==aGVs"), 0, ((1, pem.NOT_BASE64),)),
    Form("padding alone", _like("aGVsbG8=", "===="), 0, ((1, pem.NOT_BASE64),)),
    Form("padding cut by a line end", _like("aGVsbG8=", "aGVsbG8\n="), 1),
    Form("padding with dirty bits", _like("bG8=", "bG9="), 1),
    Form("URL-safe base64", _like("aGVsbG8=", "_-__"), 0, ((1, pem.NOT_BASE64),)),
    Form("vertical tab", _like("aGVs", "aG\vVs"), 0, ((1, pem.NOT_BASE64),)),
    Form("CR CR LF", _TEXT.replace("\n", "\r\r\n").encode(), 0, ((1, pem.NO_DASHES),)),
    Form("CR in the base64", _like("aGVs", "aG\rVs"), 1),
    Form("CR only", _TEXT.replace("\n", "\r").encode(), 0, ((1, pem.NO_END),), ((1, pem.NO_DASHES),)),
    Form("lower case", _TEXT.lower().encode(), 0),
    Form("UTF-16", _TEXT.encode("utf-16"), 0),
    Form("DER", b"\x30\x82\x05\x00binary\n", 0),
)
