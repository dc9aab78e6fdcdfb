"""From a host and a port to a connection, within a deadline."""

from __future__ import annotations

import errno
import select

from probe import syscalls
from probe.deadline import Deadline
from probe.golang.net import addresses
from probe.lightweight import Any, Callable, NamedTuple, Sequence, os, socket, struct, suppress
from probe.tls import reasons
from probe.tls.errors import CONNECTING, HANDSHAKE, RESOLVING, Failed, from_os

MOST_ADDRESSES = 16  # of one name
_MAX_PORT = 65535
_INDEX_DIGITS = 10  # of a network interface's number
FALLBACK_DELAY_S = 0.3  # before the next address is tried beside the first: net.Dialer's own


class Address(NamedTuple):
    family: int
    sockaddr: tuple[Any, ...]

    @property
    def text(self) -> str:
        host = str(self.sockaddr[0])
        return f"[{host}]:{self.sockaddr[1]}" if ":" in host else f"{host}:{self.sockaddr[1]}"


def resolve(
    host: str,
    port: int,
    hosts: Callable[[], str] | None = None,
    lookup: Callable[[str], list[str] | None] | None = None,
) -> list[Address]:
    """
    The addresses of *host*, in the order of preference; an address is its own.

    *hosts* gives hosts(5) where Go's own resolver reads it: what that takes and the C library does not.
    *lookup* asks name servers as that resolver does; None where the C library does the same.
    May hang as long as the resolver does: call it in a thread that may be left behind.
    """
    if port > _MAX_PORT:
        why = f"address {port}: invalid port"  # as net.LookupPort says
        raise Failed(reasons.HOST_NOT_FOUND, RESOLVING, why)
    if addresses.parse_scoped(host) is not None:
        return [_literal(host, port)]
    if _is_old_address(host):
        raise Failed(reasons.HOST_NOT_FOUND, RESOLVING, "Go takes it for a name, not for an address")
    if hosts and (found := _unlike_libc(host, port, hosts)):
        return found
    if lookup and (theirs := lookup(host)) is not None:
        if theirs:
            return [_literal(one, port) for one in theirs[:MOST_ADDRESSES]]
        raise Failed(reasons.HOST_NOT_FOUND, RESOLVING, "Go's own resolver finds no address")
    try:
        # Bytes, because Python puts texts through IDNA, which Go leaves to others.
        told = socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM)
    except OSError as problem:
        if hosts and (found := _static(host, port, hosts)):
            return found  # a name with a dot at its end, an address with a zone: the C library skips them
        raise from_os(problem, RESOLVING) from None
    return [Address(family, sockaddr) for family, _, _, _, sockaddr in told[:MOST_ADDRESSES]]


def _literal(host: str, port: int) -> Address:
    """An address; of its zone the number, as net/interface.go has it, 0 for one that is not there."""
    text, _, zone = host.partition("%")
    if ":" not in text:
        return Address(socket.AF_INET, (text, port))
    try:
        scope = socket.if_nametoindex(zone) if zone else 0
    except OSError:
        scope = int(zone) if zone.isascii() and zone.isdigit() and len(zone) < _INDEX_DIGITS else 0
    return Address(socket.AF_INET6, (text, port, 0, scope))


def _unlike_libc(host: str, port: int, hosts: Callable[[], str]) -> list[Address]:
    """Of a name for which Go's own resolver asks no server: what hosts(5) says, else Failed."""
    from probe.golang.net.hosts import is_domain_name

    if is_domain_name(host):
        return []
    if found := _static(host, port, hosts):
        return found
    raise Failed(reasons.HOST_NOT_FOUND, RESOLVING, "Go's own resolver takes it for no domain name")


def _static(host: str, port: int, hosts: Callable[[], str]) -> list[Address]:
    from probe.golang.net.hosts import lookup

    return [_literal(one, port) for one in lookup(hosts(), host)[:MOST_ADDRESSES]]


def _is_old_address(host: str) -> bool:
    """Whether getaddrinfo takes it for an IPv4 address: 127.1, 0177.0.0.1, 0x7f000001 (inet_aton(3))."""
    try:
        socket.inet_aton(host)
    except (OSError, ValueError):
        return False
    return True


class Wire:
    """A TCP connection whose every step ends at the deadline; a failure is one of its `phase`."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._socket, self.deadline = connection, deadline
        self._by_poll = not syscalls.poll_refused()
        self.phase = HANDSHAKE

    def close(self) -> None:
        self._socket.close()

    def finish_sending(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def drain(self, seconds: float) -> None:
        """Read what still comes, until the other side ends, for *seconds* at most."""
        end = self.deadline.within(seconds)
        with suppress(OSError):
            while end.remaining() > 0:
                self._limit_wait(end)
                if not self._socket.recv(16 << 10):
                    return

    def send(self, data: bytes) -> None:
        try:
            self._limit_wait()
            self._socket.sendall(data)
        except BlockingIOError:  # SO_SNDTIMEO
            raise from_os(TimeoutError(), self.phase) from None
        except OSError as problem:
            raise from_os(problem, self.phase) from None

    def receive(self, limit: int = 16 << 10) -> bytes:
        """Whatever comes next, b"" at the end of the stream."""
        try:
            self._limit_wait()
            return self._socket.recv(limit)
        except BlockingIOError:  # SO_RCVTIMEO
            raise from_os(TimeoutError(), self.phase) from None
        except OSError as problem:
            raise from_os(problem, self.phase) from None

    def _limit_wait(self, deadline: Deadline | None = None) -> None:
        """Python's own timeouts are by poll(2); where that is refused, the kernel's serve (socket(7))."""
        left = max((deadline or self.deadline).remaining(), 1e-3)
        if self._by_poll:
            self._socket.settimeout(left)
            return
        self._socket.setblocking(True)
        seconds = struct.pack("ll", int(left), int(left % 1 * 1e6))
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._socket.setsockopt(socket.SOL_SOCKET, option, seconds)

    def waiting(self, limit: int = 16 << 10) -> bytes:
        """What is there already; b"" when nothing is, or the connection has ended."""
        try:
            self._socket.setblocking(False)
            return self._socket.recv(limit)
        except OSError:
            return b""


def connect(found: Sequence[Address], deadline: Deadline) -> tuple[Wire, Address]:
    """
    The first connection that comes about (RFC 8305, as net.Dialer does it).

    A silent address holds up the next one for no more than 0.3 s. Of several
    failures the first address's is raised.
    """
    race = _Race()
    try:
        for address in found:
            race.start(address)
            race.wait(deadline.within(FALLBACK_DELAY_S))
            if race.won or deadline.expired():
                break
        if not race.won:
            race.wait(deadline)
        return race.result(deadline)
    finally:
        race.close()


class _Race:
    """Connections under way, of which one is to win."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[socket.socket, Address]] = {}
        self._poll = syscalls.poll()
        self._problem: Failed | None = None
        self.won: tuple[socket.socket, Address] | None = None

    def start(self, address: Address) -> None:
        try:
            connection = socket.socket(address.family, socket.SOCK_STREAM)
        except OSError as problem:
            self._lost(problem, address)
            return
        try:
            connection.setblocking(False)
            number = connection.connect_ex(address.sockaddr)
        except OSError as problem:  # an address that this system does not take
            number = problem.errno or errno.EADDRNOTAVAIL
        if number not in (0, errno.EINPROGRESS):
            connection.close()
            self._lost(OSError(number, os.strerror(number)), address)
            return
        self._running[connection.fileno()] = (connection, address)
        self._poll.register(connection, select.POLLOUT)

    def wait(self, deadline: Deadline) -> None:
        """Until one has won, all have lost, or the time is up."""
        while self._running and not self.won:
            ready = self._poll.poll(deadline.remaining() * 1000)
            for descriptor, _ in ready:
                self._finish(descriptor)
            if not ready:
                return

    def result(self, deadline: Deadline) -> tuple[Wire, Address]:
        if self.won:
            connection, address = self.won
            self.won = None
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return Wire(connection, deadline), address
        for _, address in self._running.values():
            failed = Failed(reasons.CONNECT_TIMEOUT, CONNECTING, "no answer in time")
            failed.where = address.text
            raise failed
        raise self._problem or Failed(reasons.UNREACHABLE, CONNECTING, "no address was tried")

    def close(self) -> None:
        for connection, _ in (*self._running.values(), *([self.won] if self.won else [])):
            connection.close()

    def _finish(self, descriptor: int) -> None:
        connection, address = self._running.pop(descriptor)
        self._poll.unregister(descriptor)
        number = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            connection.close()
            self._lost(OSError(number, os.strerror(number)), address)
        elif self.won:
            connection.close()
        else:
            self.won = (connection, address)

    def _lost(self, problem: OSError, address: Address) -> None:
        if not self._problem:
            self._problem = from_os(problem, CONNECTING)
            self._problem.where = address.text
