"""Does a server take what a Go client offers? OpenSSL's offer, which it took, is another one."""

from typing import NamedTuple

from probe.deadline import Deadline
from probe.golang.judged import Go
from probe.tls import hello
from probe.tls.failure import Failed
from probe.tls.hello import Reply
from probe.tls.line import Line

_SMALL = {"tlsmlkem": "0", "tlskyber": "0"}  # GODEBUG that leaves post-quantum keys out
_CANCELLED = b"\x15\x03\x03\0\2\2\x5a"  # alert user_canceled: what servers log in place of an EOF


class Offer(NamedTuple):
    """Whether the server goes on after Go's first message; None where it said nothing for certain."""

    ok: bool | None
    detail: str = ""
    too_large: bool = False  # a small first message is answered, and Go's own never


def make(line: Line, go: Go, deadline: Deadline, patience_s: float) -> Offer:
    """
    Send *go*'s first message on a connection of its own, and look at the answer.

    No answer may be an accident. Where the message is large, a small one tells whether
    it was its size: then it is sent once more.
    """
    reply, silence = _once(line, go, deadline.within(patience_s))
    if reply:
        return Offer(reply.accepted, reply.detail)
    if len(hello.client_hello(go, line.server_name)) > hello.LARGE:
        small = go._replace(godebug={**go.godebug, **_SMALL})
        answered, _ = _once(line, small, deadline.within(patience_s))
        again, silence = _once(line, go, deadline.within(patience_s))
        if answered and answered.accepted and not again:
            return Offer(False, silence, too_large=True)
    return Offer(None, silence)


def _once(line: Line, go: Go, deadline: Deadline) -> tuple[Reply | None, str]:
    """The answer, or why there was none."""
    line.deadline = deadline
    try:
        stream = line.open()
        reply = hello.exchange(stream, go, line.server_name)
        stream.send(_CANCELLED)
    except Failed as failed:
        return None, failed.detail
    finally:
        line.close()
    return reply, "" if reply else "it closed the connection"
