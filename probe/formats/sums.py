"""
Checksum files as `sha256sum` of GNU coreutils writes them (coreutils src/cksum.c, split_3 and bsd_split_3).

Both markers, names with escapes and the lines of `--tag` are read. A line that is none of
these is told with its number; `sha256sum --check` would only warn of it.
"""

import posixpath
import re

from probe.lightweight import NamedTuple

_LINE = re.compile(rb"(\\?)([0-9A-Fa-f]{64}) [ *](.+)", re.DOTALL)
_TAGGED = re.compile(rb"(\\?)SHA256 \((.+)\) = ([0-9A-Fa-f]{64})", re.DOTALL)
_OTHER_TAG = re.compile(rb"\\?([A-Z][A-Z0-9/-]+) \(.+\) = ", re.DOTALL)
_DIGEST = re.compile(rb"\\?([0-9A-Fa-f]{32,128})(?![0-9A-Fa-f])")
FAULTS_LIMIT = 100  # that are kept; a file of 4 MiB can hold two million
_ESCAPES = {b"\\\\": b"\\", b"\\n": b"\n", b"\\r": b"\r"}


class ChecksumLine(NamedTuple):
    """What one line promises."""

    sha256: str  # 64 lower-case hexadecimal digits
    name: str  # as written; bytes that are not UTF-8 as surrogates
    line: int  # 1-based


class MalformedLine(NamedTuple):
    """A line that promises nothing."""

    line: int
    why: str


class Sums(NamedTuple):
    """A checksum file, line by line; the same promise twice is one entry."""

    entries: tuple[ChecksumLine, ...]
    faults: tuple[MalformedLine, ...]  # the first FAULTS_LIMIT
    faulty: int = 0  # how many lines promise nothing


def parse(data: bytes) -> Sums:
    """
    The entries of a checksum file and its faulty lines.

    Never raises. Empty lines and comments (#) are passed over, and a CR at the end of
    a line, as coreutils does.
    """
    entries: dict[tuple[str, str], ChecksumLine] = {}
    faults: list[MalformedLine] = []
    faulty = 0
    for number, line in enumerate(data.split(b"\n"), 1):
        line = line.removesuffix(b"\r")
        if not line.strip(b" \t") or line.startswith(b"#"):
            continue
        found = entry(line, number)
        if isinstance(found, ChecksumLine):
            entries.setdefault((found.name, found.sha256), found)
            continue
        faulty += 1
        if faulty <= FAULTS_LIMIT:
            faults.append(found)
    return Sums(tuple(entries.values()), tuple(faults), faulty)


def located(name: str, file: str) -> str:
    """Where *name* in the checksum file *file* lies: beside it, as for `cd DIR && sha256sum --check FILE`."""
    return name if name.startswith("/") else f"{posixpath.dirname(file).rstrip('/')}/{name}"


def entry(line: bytes, number: int = 1) -> ChecksumLine | MalformedLine:
    """What one line promises, or why it promises nothing."""
    if found := _LINE.fullmatch(line):
        escaped, digest, name = found.groups()
    elif found := _TAGGED.fullmatch(line):
        escaped, name, digest = found.groups()
    else:
        return MalformedLine(number, _why(line))
    plain = _unescaped(name) if escaped else name
    if plain is None:
        return MalformedLine(number, "the name holds a backslash that escapes nothing")
    if b"\0" in plain:
        return MalformedLine(number, "the name holds a NUL")
    if plain == b"-":
        return MalformedLine(number, "it is the sum of a standard input, not of a file")
    return ChecksumLine(digest.decode().lower(), plain.decode("utf-8", "surrogateescape"), number)


def _unescaped(name: bytes) -> bytes | None:
    """None where a backslash stands before anything else than `\\`, n or r."""
    parts = re.split(rb"(\\.?)", name, flags=re.DOTALL)
    if any(part.startswith(b"\\") and part not in _ESCAPES for part in parts):
        return None
    return b"".join(_ESCAPES.get(part, part) for part in parts)


def _why(line: bytes) -> str:
    if line.startswith(b"\xef\xbb\xbf"):
        return "it begins with a byte order mark"
    if tag := _OTHER_TAG.match(line):
        return f"it is a sum of {tag[1].decode()}, not of SHA256"
    digest = _DIGEST.match(line)
    if not digest:
        return "it does not begin with a SHA-256 in hexadecimal"
    if len(digest[1]) != 64:
        return f"its sum has {len(digest[1])} digits, a SHA-256 has 64"
    return "the sum must be followed by a space, a space or *, and a name"
