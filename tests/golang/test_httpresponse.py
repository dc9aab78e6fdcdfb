"""Headers of megabytes are judged as short ones are, and soon; test_connect.py asks net/http itself."""

import random
import time

from probe.golang.net import httpresponse
from probe.golang.release import NEWEST

LINES = (
    *(
        b"a: b",
        b"X-Y:z",
        b" continued",
        b"\tcontinued",
        b"no colon",
        b"a b: c",
        b"a : b",
        b":x",
        b"",
        b"a:b\r",
    ),
    *(b"a:\x01", b"a:\x80", b" \x01", b"content-length: 5", b"Content-Length: x", b"content-lengthy: 1"),
    *(b"Transfer-Encoding: chunked", b"transfer-encoding : x", b"trailer: a", b"Trailer: content-length"),
)


def test_lines_in_which_nothing_can_be_wrong_change_nothing() -> None:
    """Fields at random, by themselves and below many that are sound."""
    draw = random.Random(12)
    below = b"p: q\r\n r\n" * (httpresponse._LARGE // 8)
    for _ in range(150):
        some = b"".join(
            draw.choice(LINES) + draw.choice((b"\n", b"\r\n")) for _ in range(draw.randrange(1, 9))
        )
        if some.startswith((b" ", b"\t")):
            continue  # nothing to go on from
        for chunks in (True, False):
            alone = httpresponse.fault(some, NEWEST, chunks=chunks)
            among = httpresponse.fault(below + some, NEWEST, chunks=chunks)
            assert among == alone, some


def test_ten_megabytes_of_the_shortest_fields_take_little_more_than_their_size() -> None:
    """Beside the same bytes in one field."""

    def cost(fields: bytes) -> float:
        began = time.process_time()
        assert httpresponse.fault(fields, NEWEST) is None
        return time.process_time() - began

    one = min(cost(b"a: " + bytes([98]) * (10 << 20) + b"\n") for _ in range(2))
    many = min(cost(b"a:\n" * (10 << 20 >> 2)) for _ in range(2))
    assert many < 12 * one + 0.1
