"""A handshake is bounded, and its pieces come out the same way under every Python."""

import contextlib
import ssl
import tracemalloc
from collections.abc import Iterator

import pytest

from probe.deadline import Deadline
from probe.golang.release import NEWEST
from probe.tls import openssl, reasons
from probe.tls.errors import Failed
from probe.tls.session import BYTE_LIMIT, Session, looking, trusting
from probe.tls.tcp import Wire, connect, resolve
from tests.support.pki import intermediate, leaf, root
from tests.tls import servers
from tests.tls.servers import Server

CA = root("Session CA")
MIDDLE = intermediate(CA, "Session I")
LEAF = leaf(MIDDLE, "localhost")


@contextlib.contextmanager
def dialled(server: Server) -> Iterator[Wire]:
    wire, _ = connect(resolve("127.0.0.1", server.port), Deadline(5))
    try:
        yield wire
    finally:
        wire.close()


def test_a_looking_context_takes_anybody() -> None:
    """What was presented comes as it was sent; nothing is verified."""
    with servers.tls(LEAF, MIDDLE) as server, dialled(server) as wire:
        tls = Session(wire, looking(NEWEST), "localhost")
        tls.handshake()
        assert tls.presented() == [LEAF.der, MIDDLE.der]
        assert tls.refusal() == ""


def test_a_verifying_context_builds_the_chain() -> None:
    """Leaf first, root last; without the root it refuses."""
    with servers.tls(LEAF, MIDDLE) as server:
        with dialled(server) as wire:
            tls = Session(wire, trusting(openssl.client(), [CA.der]), "localhost")
            tls.handshake()
            assert tls.verified() == [LEAF.der, MIDDLE.der, CA.der]
        with dialled(server) as wire, pytest.raises(ssl.SSLCertVerificationError):
            Session(wire, trusting(openssl.client(), [root().der]), "localhost").handshake()


def test_a_verifying_context_is_not_strict() -> None:
    """Python 3.13's default context is, and would fail what Go and curl accept."""
    assert not trusting(openssl.client(), [CA.der]).verify_flags & ssl.VERIFY_X509_STRICT
    assert trusting(openssl.client(), [CA.der]).check_hostname


def test_a_flood_ends_in_bounded_memory() -> None:
    """16 MB of handshake are not read to their end."""
    with servers.listen(servers.floods) as server, dialled(server) as wire:
        tls = Session(wire, looking(NEWEST), "localhost")
        tracemalloc.start()
        try:
            with pytest.raises(Failed) as problem:
                tls.handshake()
            assert tracemalloc.get_traced_memory()[1] < 4 * BYTE_LIMIT
        finally:
            tracemalloc.stop()
    assert problem.value.reason is reasons.TOO_MUCH_DATA


def test_data_flows_both_ways_once_hands_are_shaken() -> None:
    """A session is a stream itself, for the proxy behind it."""
    handler = servers.over_tls(servers.says(b"answer"), LEAF, MIDDLE)
    with servers.listen(handler) as server, dialled(server) as wire:
        tls = Session(wire, looking(NEWEST), "localhost")
        tls.handshake()
        tls.send(b"question")
        assert tls.receive() == b"answer"
