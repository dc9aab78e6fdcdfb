"""Headers of tar archives, against what the standard library writes."""

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.formats import tar
from probe.formats.tar import BadTarBlock, Header, sparse


def block_of(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "surrogateescape")[-512:]


def info(name: str = "file", **more: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    for key, value in more.items():
        setattr(made, key, value)
    return made


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30).filter(
    lambda name: name.strip("/")
)
KINDS = [
    tarfile.REGTYPE,
    tarfile.LNKTYPE,
    tarfile.SYMTYPE,
    tarfile.DIRTYPE,
    tarfile.FIFOTYPE,
    tarfile.CHRTYPE,
]


@given(
    name=names,
    link=names,
    mode=st.integers(0, 0o7777),
    uid=st.integers(0, 2**40),
    gid=st.integers(0, 2**40),
    mtime=st.integers(-(2**40), 2**40),
    size=st.integers(0, 2**50),
    kind=st.sampled_from(KINDS),
    device=st.tuples(st.integers(0, 4095), st.integers(0, 4095)),
)
def test_reads_what_tarfile_writes(
    name: str,
    link: str,
    mode: int,
    uid: int,
    gid: int,
    mtime: int,
    size: int,
    kind: bytes,
    device: tuple[int, int],
) -> None:
    """Every field survives, numbers beyond octal included; what has no data has size 0."""
    written = info(
        name, linkname=link, mode=mode, uid=uid, gid=gid, mtime=mtime, size=size, type=kind,
        devmajor=device[0], devminor=device[1],
    )  # fmt: skip
    data = written.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")[-512:]
    found = tar.header(data)
    assert isinstance(found, Header)
    kept = name.encode()[:100].decode("utf-8", "surrogateescape")
    assert found.name.rstrip("/") == kept.rstrip("/")
    assert (found.mode, found.uid, found.gid, found.mtime) == (mode, uid, gid, mtime)
    assert found.kind == kind
    assert found.size == (size if kind == tarfile.REGTYPE else 0)
    assert found.data % 512 == 0
    assert found.data >= found.size
    if kind == tarfile.CHRTYPE:
        assert found.device == device


def test_long_names_in_ustar() -> None:
    """The prefix field is put before the name."""
    long = "/".join(["directory"] * 12) + "/file"
    found = tar.header(block_of(info(long)))
    assert isinstance(found, Header)
    assert found.name == long


def test_the_kind_of_old() -> None:
    """Typeflag NUL is a file, and a directory when the name ends so; 7 stays, as no engine knows it."""
    assert isinstance(contiguous := tar.header(block_of(info(type=b"7"))), Header)
    assert contiguous.kind == b"7"
    for name, expected in (("file", tar.REGULAR), ("dir/", tar.DIRECTORY)):
        made = info(type=b"\0")
        made.name = name
        found = tar.header(block_of(made))
        assert isinstance(found, Header)
        assert found.kind == expected


def test_zeros_are_the_end() -> None:
    """A block of zeros ends the archive; it is no header, but no damage either."""
    assert tar.header(bytes(512)) == tar.END


@pytest.mark.parametrize(
    ("block", "why"),
    [
        (b"", "ends within"),
        (b"x" * 100, "ends within"),
        (b"x" * 512, "checksum"),
        (block_of(info())[:-1] + b"x", "checksum"),
    ],
)
def test_damage_is_told(block: bytes, why: str) -> None:
    """Half a block or a wrong sum is never taken for the end."""
    found = tar.header(block)
    assert isinstance(found, BadTarBlock)
    assert why in found.why


def test_numbers_that_are_none() -> None:
    """A size of letters or below zero is damage even if the sum holds."""
    for size in (b"12345678zz\0\0", b"\xff" * 12):
        data = bytearray(block_of(info()))
        data[124:136] = size
        data[148:156] = b" " * 8
        data[148:156] = b"%06o\0 " % sum(data)
        found = tar.header(bytes(data))
        assert isinstance(found, BadTarBlock)
        assert "number" in found.why


@given(st.binary(max_size=600))
def test_any_block_is_a_value(block: bytes) -> None:
    """Whatever the bytes, no exception."""
    assert isinstance(tar.header(block), (Header, BadTarBlock, str))


@given(st.dictionaries(names.filter(lambda key: "=" not in key), st.binary(max_size=50), max_size=5))
def test_records_come_back(pairs: dict[str, bytes]) -> None:
    """Values may hold newlines, signs and any byte."""
    data = b""
    for key, value in pairs.items():
        body = b" " + key.encode() + b"=" + value + b"\n"
        length = len(body) + next(n for n in range(1, 6) if len(str(len(body) + n)) == n)
        data += str(length).encode() + body
    assert tar.records(data) == pairs


@given(st.binary(max_size=200) | st.text("0123456789 =\n", max_size=60).map(str.encode))
def test_any_pax_header_is_a_value(data: bytes) -> None:
    """Damaged records are told, never raised."""
    assert isinstance(tar.records(data), (dict, BadTarBlock))


@pytest.mark.parametrize(
    "data",
    [b"5 a=\n", b"1 ", b"6 a=bX", b"99 a=b\n", b"0 a=b\n", b"6 =ab\n", b"6 aab\n", b"-6 a=b\n", b"6a=b\n"],
)
def test_damaged_records(data: bytes) -> None:
    """Lengths that do not fit and records without key, sign or newline."""
    assert isinstance(tar.records(data), BadTarBlock if data != b"5 a=\n" else dict)


def test_pax_header_is_laid_over() -> None:
    """Names, owner, size and time of the pax header win; the fraction of a second is dropped."""
    found = tar.header(block_of(info(size=5)))
    assert isinstance(found, Header)
    laid = tar.extended(
        found, {"path": b"long/\xff", "size": b"7", "uid": b"99", "mtime": b"1.5", "gid": b""}
    )
    assert isinstance(laid, Header)
    assert (laid.name, laid.size, laid.uid, laid.mtime, laid.gid) == ("long/\udcff", 7, 99, 1, 0)
    assert laid.sparse is None


@pytest.mark.parametrize("pax", [{"uid": b"x"}, {"size": b"-1"}, {"size": b"x"}, {"mtime": b"9" * 40}])
def test_pax_header_that_cannot_be(pax: dict[str, bytes]) -> None:
    """Damage in a value is told."""
    found = tar.header(block_of(info()))
    assert isinstance(found, Header)
    assert isinstance(tar.extended(found, pax), BadTarBlock)


SPARSE = {"GNU.sparse.map": b"0,3,8,4", "GNU.sparse.numblocks": b"2", "GNU.sparse.size": b"12"}


def test_a_map_of_a_sparse_file() -> None:
    """In each of the three forms of GNU tar; what Go takes for none is none."""
    assert sparse.version(SPARSE) == "0"
    assert sparse.in_header(SPARSE) == [0, 3, 8, 4]
    assert sparse.length(SPARSE, 7) == 12
    turns = b"".join(
        b"%d %s=%s\n" % (len(key) + len(value) + 5, key, value)
        for key, value in ((b"GNU.sparse.offset", b"00"), (b"GNU.sparse.numbytes", b"03")) * 2
    )
    found = tar.records(turns)
    assert isinstance(found, dict)
    assert found == {"GNU.sparse.map": b"00,03,00,03"}
    assert isinstance(tar.records(turns[24:]), BadTarBlock)
    data = io.BytesIO(b"2\n0\n3\n8\n4\n".ljust(512, b"\0") + b"data")
    assert sparse.before_data(data.read) == ([0, 3, 8, 4], 512)
    pieces = [number for at in range(200) for number in (2 * at, 1)]
    data = io.BytesIO(b"".join(b"%d\n" % number for number in (200, *pieces)).ljust(1536, b"\0"))
    assert sparse.before_data(data.read) == (pieces, 1536)
    one = {"GNU.sparse.major": b"1", "GNU.sparse.minor": b"0", "GNU.sparse.realsize": b"12"}
    assert (sparse.version(one), sparse.length(one, 7)) == ("1", 12)
    assert not sparse.version({"GNU.sparse.major": b"2", "GNU.sparse.map": b"0,1"})
    assert not sparse.version({"GNU.sparse.name": b"real"})


@pytest.mark.parametrize(
    ("pieces", "size", "stored", "holds"),
    [
        ([0, 3, 8, 4], 12, 7, True),
        ([], 5, 0, True),
        ([0, 3, 8, 4], 11, 7, False),
        ([0, 3, 2, 4], 12, 7, False),
        ([0, 3, 8, 4], 12, 6, False),
        ([0, -3], 12, -3, False),
        ([-1, 3], 12, 3, False),
    ],
)
def test_a_map_that_cannot_be(pieces: list[int], size: int, stored: int, holds: bool) -> None:
    """Pieces are in order, within the file, and as long as the data."""
    assert sparse.holds(pieces, size, stored) == holds


@pytest.mark.parametrize("data", [b"", b"x\n", b"-1\n", b"1\n0\n", b"1\n0\nx\n", b"9" * 5000])
def test_a_map_before_the_data_that_cannot_be(data: bytes) -> None:
    """Cut, or no numbers; what is read of it has an end."""
    padded = data.ljust(512, b"\0") if data else b""
    assert isinstance(sparse.before_data(io.BytesIO(padded).read), BadTarBlock)
    assert isinstance(sparse.before_data(lambda count: b"7" * count), BadTarBlock)
