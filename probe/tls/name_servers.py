"""
What name servers say to a query as Go's own resolver sends it.

Go adds an EDNS0 record to each (net/dnsclient_unix.go), the C library does not: a server, or a box before
it, that answers FORMERR or nothing to that record fails for Go alone.
"""

from __future__ import annotations

import os

from probe.deadline import Deadline
from probe.golang.net import resolv_conf
from probe.golang.net.resolv_conf import ResolvConf
from probe.lightweight import socket, struct

_PATIENCE_S = 0.7  # for one answer
_TRIES = 2
_PORT, _HEADER = 53, 12
_ADDRESS, _ADDRESS_6, _IN, _OPT = 1, 28, 1, 41
_FAMILIES = {(_ADDRESS, 4): socket.AF_INET, (_ADDRESS_6, 16): socket.AF_INET6}
_POINTER = 0xC0  # to a name that stands before it
_LABEL = 63  # bytes at most
_SIZE = 1232  # bytes: the size that Go says it takes
_CUT = 2  # of the third octet: TC
_ANSWERED = (0, 3)  # NOERROR and NXDOMAIN: for Go too an answer
_MEANINGS = {1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED"}


def addresses_of(name: str, conf: ResolvConf, deadline: Deadline) -> list[str] | None:
    """The addresses of *name* as Go's own resolver finds them, [] for none; None where nobody answers."""
    for one in resolv_conf.names(name, conf):
        asked = [_first_answer(conf, one, kind, deadline) for kind in (_ADDRESS, _ADDRESS_6)]
        if found := [address for reply in asked if reply for address in _addresses_in(reply)]:
            return found
        if None in asked:
            return None
    return []


def _first_answer(conf: ResolvConf, name: str, kind: int, deadline: Deadline) -> bytes | None:
    for server in conf.servers:
        reply = _reply(server, _query(name, edns0=True, kind=kind), deadline, tcp=conf.tcp)
        if reply and reply[3] & 0xF in _ANSWERED:
            return reply
    return None


def _addresses_in(reply: bytes) -> list[str]:
    """All of the answer's, whatever they are called: the server has followed the aliases."""
    found = []
    at, number = _after_name(reply, _HEADER) + 4, int.from_bytes(reply[6:8], "big")
    for _ in range(number):
        at = _after_name(reply, at)
        kind = int.from_bytes(reply[at : at + 2], "big")
        size = int.from_bytes(reply[at + 8 : at + 10], "big")
        data = reply[at + 10 : at + 10 + size]
        at += 10 + size
        if (family := _FAMILIES.get((kind, len(data)))) is not None:
            found.append(socket.inet_ntop(family, data))
    return found


def _after_name(reply: bytes, at: int) -> int:
    while at < len(reply) and reply[at]:
        if reply[at] >= _POINTER:
            return at + 2
        at += reply[at] + 1
    return at + 1


def refusal(conf: ResolvConf, name: str, deadline: Deadline) -> str:
    """
    What the servers of *conf* say to EDNS0 about *name* where each answers without it; "" for an answer.

    Also "" where nothing can be said: no server answers either query, or the time is up.
    """
    if any(len(label) > _LABEL for label in name.encode().split(b".")):
        return ""
    said = ""
    for server in conf.servers:
        with_it = _ask(server, name, deadline, edns0=True, tcp=conf.tcp)
        if with_it in _ANSWERED:
            return ""
        without = _ask(server, name, deadline, edns0=False, tcp=conf.tcp)
        if without not in _ANSWERED:
            return ""
        meaning = "nothing" if with_it is None else _MEANINGS.get(with_it, f"RCODE {with_it}")
        said = said or f"{server} answers {meaning}"
    return said


def _ask(server: str, name: str, deadline: Deadline, *, edns0: bool, tcp: bool) -> int | None:
    """The RCODE of the answer, None for no answer to two queries."""
    reply = _reply(server, _query(name, edns0=edns0), deadline, tcp=tcp)
    return reply[3] & 0xF if reply else None


def _reply(server: str, query: bytes, deadline: Deadline, *, tcp: bool) -> bytes | None:
    """By UDP unless *tcp*, and once more by TCP where it is cut there (RFC 7766, section 5)."""
    try:
        reply = None if tcp else _exchange(server, query, deadline, socket.SOCK_DGRAM)
        if tcp or (reply and reply[2] & _CUT):
            return _exchange(server, query, deadline, socket.SOCK_STREAM)
    except OSError:  # no IPv6 here, no descriptor left, nobody there
        return None
    return reply


def _exchange(server: str, query: bytes, deadline: Deadline, kind: int) -> bytes | None:
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    line = socket.socket(family, kind | socket.SOCK_CLOEXEC)
    by_tcp = kind == socket.SOCK_STREAM
    try:
        line.settimeout(_patience(deadline))
        line.connect((server.partition("%")[0], _PORT))
        for _ in range(1 if by_tcp else _TRIES):
            line.settimeout(_patience(deadline))
            line.sendall(len(query).to_bytes(2) + query if by_tcp else query)
            answer = _stream_answer(line, deadline.within(_PATIENCE_S)) if by_tcp else _answer(line)
            if answer[:2] == query[:2] and len(answer) >= _HEADER:
                return answer
    finally:
        line.close()
    return None


def _patience(deadline: Deadline) -> float:
    return max(deadline.within(_PATIENCE_S).remaining(), 1e-3)


def _stream_answer(line: socket.socket, deadline: Deadline) -> bytes:
    """After two octets with its length (RFC 1035, section 4.2.2), as far as it comes."""
    data = b""
    while len(data) < 2 or len(data) < 2 + int.from_bytes(data[:2]):
        line.settimeout(max(deadline.remaining(), 1e-3))
        more = line.recv(16 << 10)
        if not more or deadline.expired():
            break
        data += more
    return data[2:]


def _answer(line: socket.socket) -> bytes:
    """What comes in time, else b""."""
    try:
        return line.recv(_SIZE)
    except TimeoutError:
        return b""


def _query(name: str, *, edns0: bool, kind: int = _ADDRESS) -> bytes:
    """For addresses of *kind* of *name*, recursion desired (RFC 1035, section 4; RFC 6891, section 6.1.2)."""
    header = os.urandom(2) + struct.pack(">HHHHH", 0x0100, 1, 0, 0, int(edns0))
    labels = b"".join(
        bytes((len(label),)) + label for label in name.rstrip(".").encode().split(b".") if label
    )
    question = labels + b"\0" + struct.pack(">HH", kind, _IN)
    return header + question + (struct.pack(">BHHIH", 0, _OPT, _SIZE, 0, 0) if edns0 else b"")
