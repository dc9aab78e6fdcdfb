"""The entries of a tar archive, as Go's archive/tar reads them one after another."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from probe.formats import tar
from probe.formats.tar import BadTarBlock, Header, sparse
from probe.targets import reasons
from probe.targets.archive_errors import ArchiveError
from probe.targets.files import PATH_MAX
from probe.targets.sources import Forward

_Value = TypeVar("_Value")


def members(reader: Forward) -> Iterator[tuple[Header, int]]:
    """The entries of a tar archive, each with the offset of its data. Raises Broken."""
    overlay: dict[str, bytes] = {}
    long: dict[str, bytes] = {}
    while True:
        start = reader.position
        block = reader.read(tar.BLOCK)
        found = tar.header(block) if block else tar.END
        if isinstance(found, BadTarBlock) and not start:
            raise ArchiveError(reasons.INVALID, "it is no tar archive")
        if isinstance(found, BadTarBlock):
            raise ArchiveError(reasons.TRUNCATED if len(block) < tar.BLOCK else reasons.INVALID, found.why)
        if isinstance(found, str):
            _end(reader, block)
            return
        if found.kind in (tar.PAX, tar.PAX_GLOBAL):
            # Of several before one entry the last counts, a global one for nothing (archive/tar/reader.go).
            records = _extension(reader, found)
            overlay = records if found.kind == tar.PAX else overlay
            continue
        if found.kind in (tar.LONG_NAME, tar.LONG_LINK):
            long |= _extension(reader, found)
            continue
        whole = _sound(tar.extended(found, overlay | long))
        before = reader.position
        whole = _sparse(reader, whole, overlay)
        taken = reader.position - before
        overlay, long = {}, {}
        if len(whole.name) >= PATH_MAX or len(whole.link) >= PATH_MAX:
            raise ArchiveError(reasons.INVALID, "the name of an entry is longer than any system allows")
        yield whole, reader.position
        _skip(reader, whole, taken)


def _end(reader: Forward, block: bytes) -> None:
    """Of blocks of zeros another one, or nothing, has to follow (archive/tar/reader.go, readHeader)."""
    after = reader.read(tar.BLOCK) if block else b""
    if after and len(after) < tar.BLOCK:
        raise ArchiveError(reasons.TRUNCATED, "the archive ends within a header")
    if after.strip(b"\0"):
        raise ArchiveError(reasons.INVALID, "a single block of zeros is between its entries")


def _extension(reader: Forward, found: Header) -> dict[str, bytes]:
    if found.size > tar.EXTENDED_LIMIT:
        raise ArchiveError(reasons.TOO_LARGE, f"an extended header holds {found.size} bytes")
    data = reader.read(found.data)
    if len(data) < found.size:
        raise ArchiveError(reasons.TRUNCATED, "the archive ends within an extended header")
    data = data[: found.size]
    if found.kind in (tar.PAX, tar.PAX_GLOBAL):
        return _sound(tar.records(data))
    return {"path" if found.kind == tar.LONG_NAME else "linkpath": data.partition(b"\0")[0]}


def _sound(value: _Value | BadTarBlock) -> _Value:
    if isinstance(value, BadTarBlock):
        raise ArchiveError(reasons.INVALID, value.why)
    return value


def _sparse(reader: Forward, found: Header, records: Mapping[str, bytes]) -> Header:
    """*found* as a sparse file, where *records* say that it is one; a map before the data is read."""
    form = sparse.version(records)
    if not form:
        return found
    length = _sound(sparse.length(records, found.size))
    if form == "0":
        pieces, taken = _sound(sparse.in_header(records)), 0
    else:
        pieces, taken = _sound(sparse.before_data(reader.read))
    if found.kind in tar.WITHOUT_DATA or not sparse.holds(pieces, length, found.size - taken):
        raise ArchiveError(reasons.INVALID, f"the map of the sparse file {found.name!r} is wrong")
    name = records.get(sparse.NAME, b"").decode("utf-8", "surrogateescape")
    return found._replace(name=name or found.name, sparse=length)


def _skip(reader: Forward, found: Header, taken: int) -> None:
    if not reader.skip(found.size - taken):
        raise ArchiveError(reasons.TRUNCATED, f"it ends within {found.name!r}")
    reader.skip(found.data - found.size)
