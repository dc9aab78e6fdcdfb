"""Environments in the forms in which they are written down."""

from __future__ import annotations

import os

from probe.deadline import Deadline
from probe.errors import UsageError
from probe.lightweight import Mapping

_LIMIT = 1 << 20
_LINE_LIMIT = 1 << 16  # bufio.MaxScanTokenSize
_PATIENCE_S = 1.0  # for who writes to a pipe


def from_block(data: bytes) -> dict[str, str]:
    """
    The environment in NUL-separated bytes, as in /proc/N/environ.

    Of two entries with the same name the first counts, as it does in Go
    (syscall/env_unix.go), Python and getenv(3); an entry without "=" is nothing.
    """
    env: dict[str, str] = {}
    for entry in data.split(b"\0"):
        name, equals, value = entry.partition(b"=")
        if equals and name:
            env.setdefault(_text(name), _text(value))
    return env


def from_file(path: str, ours: Mapping[str, str]) -> dict[str, str]:
    """
    The variables of a file for `docker run --env-file`; a name without "=" takes its value from *ours*.

    The later of two lines counts. Quotes belong to the value, nothing is expanded.
    UsageError with the line when the docker command would refuse it.
    """
    try:
        data = _read(path)
    except TimeoutError:
        raise UsageError(f"--env-file {path}: it does not end within {_PATIENCE_S:g} s") from None
    except OSError as problem:
        raise UsageError(f"--env-file {path}: {problem.strerror}") from None
    if len(data) > _LIMIT:
        raise UsageError(f"--env-file {path}: larger than {_LIMIT} bytes")
    env: dict[str, str] = {}
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            entry = _entry(line.removesuffix(b"\r"), ours)
        except ValueError as problem:
            raise UsageError(f"--env-file {path}, line {number}: {problem}") from None
        env.update(entry)
    return env


def _read(path: str) -> bytes:
    """At most one byte beyond the limit; TimeoutError when a pipe, as `<(command)` makes, is not closed."""
    import select

    from probe import syscalls

    end = Deadline(_PATIENCE_S)
    ready, data = syscalls.poll(), bytearray()
    # O_NONBLOCK: a FIFO without a writer must not hold us.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        ready.register(descriptor, select.POLLIN)
        while len(data) <= _LIMIT:
            if not ready.poll(end.remaining() * 1000):
                raise TimeoutError
            piece = os.read(descriptor, _LIMIT + 1 - len(data))
            if not piece:
                break
            data += piece
    finally:
        os.close(descriptor)
    return bytes(data)


def _entry(line: bytes, ours: Mapping[str, str]) -> dict[str, str]:
    if len(line) >= _LINE_LIMIT:
        raise ValueError("longer than 65535 bytes")
    try:
        text = line.decode().lstrip()
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    if not text or text.startswith("#"):
        return {}
    name, equals, value = text.partition("=")
    if not name:
        raise ValueError("no name before the =")
    if " " in name or "\t" in name:
        raise ValueError(f"the name {name!r} contains blanks")
    if equals:
        return {name: value}
    return {name: ours[name]} if name in ours else {}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
