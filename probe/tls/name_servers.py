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
from probe.lightweight import Sequence, socket, struct

_PATIENCE_S = 0.7  # for one answer
_TRIES = 2
_PORT, _HEADER = 53, 12
_ADDRESS, _ADDRESS_6, _IN, _OPT = 1, 28, 1, 41
_FAMILIES = {(_ADDRESS, 4): socket.AF_INET, (_ADDRESS_6, 16): socket.AF_INET6}
_POINTER = 0xC0  # to a name that stands before it
_LABEL = 63  # bytes at most
_SIZE = 1232  # bytes: the size that Go says it takes
_ANSWERED = (0, 3)  # NOERROR and NXDOMAIN: for Go too an answer
_MEANINGS = {1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED"}


def addresses_of(name: str, conf: ResolvConf, deadline: Deadline) -> list[str] | None:
    """The addresses of *name* as Go's own resolver finds them, [] for none; None where nobody answers."""
    for one in resolv_conf.names(name, conf):
        asked = [_first_answer(conf.servers, one, kind, deadline) for kind in (_ADDRESS, _ADDRESS_6)]
        if found := [address for reply in asked if reply for address in _addresses_in(reply)]:
            return found
        if None in asked:
            return None
    return []


def _first_answer(servers: Sequence[str], name: str, kind: int, deadline: Deadline) -> bytes | None:
    for server in servers:
        reply = _reply(server, _query(name, edns0=True, kind=kind), deadline)
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


def refusal(servers: Sequence[str], name: str, deadline: Deadline) -> str:
    """
    What *servers* say to EDNS0 about *name* where each answers without it; "" for an answer.

    Also "" where nothing can be said: no server answers either query, or the time is up.
    """
    if any(len(label) > _LABEL for label in name.encode().split(b".")):
        return ""
    said = ""
    for server in servers:
        with_it = _ask(server, name, deadline, edns0=True)
        if with_it in _ANSWERED:
            return ""
        without = _ask(server, name, deadline, edns0=False)
        if without not in _ANSWERED:
            return ""
        meaning = "nothing" if with_it is None else _MEANINGS.get(with_it, f"RCODE {with_it}")
        said = said or f"{server} answers {meaning}"
    return said


def _ask(server: str, name: str, deadline: Deadline, *, edns0: bool) -> int | None:
    """The RCODE of the answer, None for no answer to two queries."""
    reply = _reply(server, _query(name, edns0=edns0), deadline)
    return reply[3] & 0xF if reply else None


def _reply(server: str, query: bytes, deadline: Deadline) -> bytes | None:
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    try:
        line = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    except OSError:  # no IPv6 here, or no descriptor left
        return None
    try:
        line.connect((server.partition("%")[0], _PORT))
        for _ in range(_TRIES):
            line.settimeout(max(deadline.within(_PATIENCE_S).remaining(), 1e-3))
            line.send(query)
            answer = _answer(line)
            if answer[:2] == query[:2] and len(answer) >= _HEADER:
                return answer
    except OSError:
        return None
    finally:
        line.close()
    return None


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
