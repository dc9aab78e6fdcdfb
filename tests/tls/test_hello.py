"""Go's first message, and what a server's answer to it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.golang.release import NEWEST, Go
from probe.tls.client_hello import ServerReply, client_hello, judge


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
DONE = message(14, b"")
CASES = {
    "TLS 1.3": (record(22, server_hello(TLS13)), ServerReply(True)),
    "TLS 1.2, sound": (record(22, server_hello() + key_exchange(29, 0x0403) + DONE), ServerReply(True)),
    "TLS 1.2, RSA key exchange": (record(22, server_hello() + DONE), ServerReply(True)),
    "TLS 1.2 in two records": (
        record(22, server_hello()) + record(22, key_exchange(29, 0x0403)),
        ServerReply(True),
    ),
    "TLS 1.2, group X448": (
        record(22, server_hello() + key_exchange(30, 0x0403)),
        ServerReply(False, "group 0x001e"),
    ),
    "TLS 1.2, SHA-1": (
        record(22, server_hello() + key_exchange(29, 0x0201)),
        ServerReply(False, "signature scheme 0x0201"),
    ),
    "explicit curve": (
        record(22, server_hello() + message(12, b"\1\0\0\0")),
        ServerReply(False, "a key exchange without a named curve"),
    ),
    "fatal alert": (record(21, b"\2\x28"), ServerReply(False, "alert handshake failure", 40)),
    "warning, then ServerHello": (record(21, b"\1\x70") + record(22, server_hello(TLS13)), ServerReply(True)),
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
    first, second = client_hello(NEWEST, "a.test"), client_hello(NEWEST, "a.test")
    assert first != second
    assert len(first) == len(second)
    assert b"a.test" in first
    assert b"a.test" not in client_hello(Go((1, 21, 0), "as-go"), None)
