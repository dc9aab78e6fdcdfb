"""
Where HTTP is asked: a socket that is bound and listens.

With the C half of `socket` alone, because the init holds it for as long as the workload runs: "socket"
would be 2 ms and a third of a megabyte more.
"""

import errno

from probe.config.address import address
from probe.errors import ProbeError, reason
from probe.lightweight import socket

BACKLOG = 1024  # connections that wait while the agent is replaced
# What the kernel holds for a connection, which inherits it from the listener: the cgroup pays for that too,
# and by itself it grows to megabytes.
_RECEIVE_BYTES, _SEND_BYTES = 16 << 10, 64 << 10


def bind(text: str) -> socket.socket:
    """
    A socket bound to `ADDRESS:PORT`; ValueError for another form, ProbeError says what is in the way.

    Where the kernel has no IPv6, `[::]` is every IPv4 address, as for Go's net.Listen.
    """
    host, port = address(text)
    try:
        if host == "::" and not _has_ipv6():
            host = "0.0.0.0"  # noqa: S104 - what was asked for
        family, kind, protocol, _, where = socket.getaddrinfo(
            host.encode(), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)
            if family == socket.AF_INET6:
                bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(host != "::"))
            bound.bind(where)
        except OSError:
            bound.close()
            raise
    except OSError as problem:
        raise refused(text, problem) from None
    return bound


def _has_ipv6() -> bool:
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_STREAM).close()
    except OSError as problem:
        return problem.errno != errno.EAFNOSUPPORT
    return True


def listen(text: str) -> socket.socket:
    """The same, listening."""
    bound = bind(text)
    try:
        bound.listen(BACKLOG)
    except OSError as problem:
        bound.close()
        raise refused(text, problem) from None
    return bound


def refused(text: str, problem: OSError) -> ProbeError:
    """Why nobody can listen at *text*, and what to do."""
    why = reason(problem)
    if problem.errno == errno.EADDRNOTAVAIL:
        return ProbeError(
            f"cannot listen on {text}: {why}; write an address of this machine, or [::] for all"
        )
    return ProbeError(
        f"cannot listen on {text}: {why}; choose another port, or stop the process that uses it"
    )
