"""The text of a file that somebody names, or of stdin: bounded in size and in time."""

import os
import select

from probe import syscalls
from probe.deadline import Deadline
from probe.errors import UsageError
from probe.lightweight import NamedTuple

LIMIT = 16 << 20  # bytes: what helm renders of a large chart
_PATIENCE_S = 5.0  # for who writes to a pipe
_STDIN_PATIENCE_S = 60.0  # a renderer may fetch what it renders


class UnreadableSource(Exception):
    """The content is no text that could be judged; says why."""

    def __init__(self, line: int, why: str, fix: str) -> None:
        super().__init__(why)
        self.line, self.why, self.fix = line, why, fix


class SourceText(NamedTuple):
    """A file by the name it is told by, and its text."""

    name: str
    text: str


def read(name: str) -> SourceText:
    """The file *name*, "-" for stdin. UsageError when it cannot be read, Refused when it is no text."""
    descriptor, patience_s = 0, _STDIN_PATIENCE_S if name == "-" else _PATIENCE_S
    try:
        if name != "-":  # O_NONBLOCK: a FIFO without a writer must not hold us
            descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        data = _all(descriptor, patience_s)
    except TimeoutError:
        raise UsageError(
            f"probe manifest: --lint {name}: it does not end within {patience_s:g} s; name a file"
        ) from None
    except (OSError, ValueError) as problem:
        why = (getattr(problem, "strerror", None) or "not a valid file name").lower()
        raise UsageError(f"probe manifest: --lint {name!r}: {why}; name a file that can be read") from None
    finally:
        if descriptor:
            os.close(descriptor)
    if len(data) > LIMIT:
        raise UnreadableSource(1, f"larger than {LIMIT >> 20} MiB", "split the file")
    try:
        return SourceText("stdin" if name == "-" else name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise UnreadableSource(line, "not UTF-8", "save it as UTF-8") from None


def _all(descriptor: int, patience_s: float) -> bytes:
    end, ready, data = Deadline(patience_s), syscalls.poll(), bytearray()
    ready.register(descriptor, select.POLLIN)
    while len(data) <= LIMIT:
        if not ready.poll(end.remaining() * 1000):
            raise TimeoutError
        try:
            piece = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            continue
        if not piece:
            break
        data += piece
    return bytes(data)
