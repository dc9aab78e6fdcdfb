"""Names to addresses to a connection."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from probe.deadline import Deadline
from probe.tls import reasons
from probe.tls.errors import Failed
from probe.tls.tcp import Address, connect, resolve
from tests.support.timing import Stopwatch
from tests.tls import servers


@contextlib.contextmanager
def deaf() -> Iterator[Address]:
    """An address that never answers: its queue is full."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        yield Address(socket.AF_INET, full.getsockname())


def refusing() -> Address:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return Address(socket.AF_INET, server.getsockname())


def test_the_first_address_that_answers_wins() -> None:
    """One that refuses costs nothing, a silent one 0.3 s."""
    with servers.listen(servers.silent) as server, deaf() as silent:
        good = Address(socket.AF_INET, ("127.0.0.1", server.port))
        watch = Stopwatch()
        wire, address = connect([refusing(), silent, good], Deadline(5))
        wire.close()
        assert address == good
        assert watch.wall() > 0.25
        assert watch.quiet() < 4


def test_of_several_failures_the_first_is_told() -> None:
    """As net.Dialer does; with the address."""
    first, second = refusing(), refusing()
    with pytest.raises(Failed) as problem:
        connect([first, second], Deadline(5))
    assert (problem.value.reason, problem.value.where) == (reasons.CONNECTION_REFUSED, first.text)


def test_silence_ends_at_the_deadline() -> None:
    """With the address that was waited for."""
    with deaf() as silent, pytest.raises(Failed) as problem:
        connect([silent], Deadline(0.2))
    assert (problem.value.reason, problem.value.where) == (reasons.CONNECT_TIMEOUT, silent.text)


def test_an_address_is_its_own() -> None:
    """Nobody is asked about it, in either family."""
    assert [one.text for one in resolve("127.0.0.1", 443)] == ["127.0.0.1:443"]
    assert [one.text for one in resolve("::1", 443)] == ["[::1]:443"]


@pytest.mark.parametrize("name", ["exa!mple", "a" * 64 + ".test"])
def test_what_is_no_name_has_no_address(name: str) -> None:
    """Whatever the resolver calls it."""
    with pytest.raises(Failed) as problem:
        resolve(name, 443)
    assert problem.value.reason is reasons.HOST_NOT_FOUND
