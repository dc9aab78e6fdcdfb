"""What may stand around PEM blocks."""

from base64 import b64encode

from hypothesis import strategies as st

from tests.formats.pem_forms import HELLO, block

PIECES = [
    b"-----BEGIN ",
    b"-----END ",
    b"-----",
    b"CERTIFICATE",
    b"A",
    b"\n",
    b"\r\n",
    b"\n\n",
    b" ",
    b"\t",
    b":",
    b"k: v\n",
    b64encode(HELLO),
    b"aGVs",
    b"=",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    block(),
]


JUNK = st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join)
