"""Go's first message, and what a server's answer to it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.golang.release import NEWEST, Go
from probe.tls import hello_parts
from probe.tls.client_hello import client_hello
from probe.tls.server_reply import ServerReply, judge


def record(kind: int, content: bytes) -> bytes:
    return bytes([kind, 3, 3]) + len(content).to_bytes(2, "big") + content


def message(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + len(content).to_bytes(3, "big") + content


def server_hello(extensions: bytes = b"") -> bytes:
    fixed = b"\3\3" + bytes(32) + b"\0" + b"\xc0\x2b" + b"\0"
    return message(2, fixed + len(extensions).to_bytes(2, "big") + extensions)


def key_exchange(group: int, scheme: int) -> bytes:
    return message(12, b"\3" + group.to_bytes(2, "big") + b"\1\4" + scheme.to_bytes(2, "big") + b"\0\1\0")


TLS13 = b"\0\x2b\0\2\3\4"
TLS12 = ServerReply(True, version=0x0303)
MASTER_SECRET = b"\0\x17\0\0"
DONE = message(14, b"")
CASES = {
    "TLS 1.3": (record(22, server_hello(TLS13)), ServerReply(True, version=0x0304)),
    "TLS 1.2, sound": (record(22, server_hello() + key_exchange(29, 0x0403) + DONE), TLS12),
    "TLS 1.2, RSA key exchange": (record(22, server_hello() + DONE), TLS12),
    "TLS 1.2 with an extended master secret": (
        record(22, server_hello(MASTER_SECRET) + key_exchange(29, 0x0403)),
        ServerReply(True, version=0x0303, extended_master_secret=True),
    ),
    "TLS 1.2 in two records": (
        record(22, server_hello()) + record(22, key_exchange(29, 0x0403)),
        TLS12,
    ),
    "TLS 1.2, group X448": (
        record(22, server_hello() + key_exchange(30, 0x0403)),
        ServerReply(False, "group 0x001e", version=0x0303),
    ),
    "TLS 1.2, SHA-1": (
        record(22, server_hello() + key_exchange(29, 0x0201)),
        ServerReply(False, "signature scheme 0x0201", version=0x0303),
    ),
    "explicit curve": (
        record(22, server_hello() + message(12, b"\1\0\0\0")),
        ServerReply(False, "a key exchange without a named curve", version=0x0303),
    ),
    "fatal alert": (record(21, b"\2\x28"), ServerReply(False, "alert handshake failure", 40)),
    "warning, then ServerHello": (
        record(21, b"\1\x70") + record(22, server_hello(TLS13)),
        ServerReply(True, version=0x0304),
    ),
    "nothing yet": (b"", None),
    "half a ServerHello": (record(22, server_hello(TLS13))[:-3], None),
    "ServerHello of TLS 1.2 only": (record(22, server_hello()), None),
}


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_judged_as_soon_as_it_can_be(name: str) -> None:
    """And not before."""
    data, expected = CASES[name]
    assert judge(data, NEWEST) == expected


@given(st.binary(max_size=300), st.sampled_from([b"", b"\x16\3\3\0\x80", b"\x16\3\3\0\x80\2\0\0\x60"]))
def test_no_answer_is_too_strange(data: bytes, before: bytes) -> None:
    """Nothing but a verdict or patience ever comes out."""
    reply = judge(before + data, NEWEST)
    assert reply is None or isinstance(reply, ServerReply)


def test_nothing_in_the_message_is_said_twice() -> None:
    """Random bytes are new each time, the rest is the same."""
    first, second = client_hello(NEWEST, "a.test").encode(), client_hello(NEWEST, "a.test").encode()
    assert first != second
    assert len(first) == len(second)
    assert b"a.test" in first
    assert b"a.test" not in client_hello(Go((1, 21, 0), "as-go"), None).encode()


@pytest.mark.parametrize("minor", range(21, 29))
def test_each_part_can_be_left_out_at_the_same_length(minor: int) -> None:
    """One at a time: the rest stays as it is, and so does the size of the record, or it is 2 octets more."""
    hello = client_hello(Go((1, minor, 0), "as-go"), "a.test")
    size = len(hello.encode())
    parts = [*hello_parts.optional(hello), *hello_parts.entries(hello), hello_parts.tls13()]
    assert len({part.name for part in parts}) == len(parts)
    for part in parts:
        less = hello_parts.without(hello, [part])
        assert less != hello, part.name
        one_entry = len(less.encode()) == size - 2  # the smallest padding takes 4
        assert len(less.padded(size).encode()) == size + 2 * one_entry, part.name
        assert hello_parts.without(less, [part]) == less, part.name
    everything = hello_parts.without(hello, parts)
    assert [one.number for one in everything.extensions] == [0, *([10, 13] if minor < 50 else []), 43]
