"""Checksum files: what the real sha256sum writes is read, and what it would not take is told."""

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.formats.sums import ChecksumLine, MalformedLine, entry, located, parse

DIGEST = "0123456789abcdef" * 4
NAMES = [
    b"plain",
    b"two words",
    b"*star",
    b"new\nline",
    b"back\\slash",
    b"return\r",
    b"\\n",
    b"caf\xe9",
    b" a",
]


@pytest.mark.parametrize("option", ["--text", "--binary", "--tag"])
@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_what_coreutils_writes_is_read(tmp_path: Path, option: str, name: bytes) -> None:
    """Any name, in both markers and in the tagged form."""
    (Path(tmp_path) / name.decode("utf-8", "surrogateescape")).write_bytes(b"content")
    command = [b"sha256sum", option.encode(), b"--", name]
    written = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout
    found = parse(written)
    assert found.entries == (
        ChecksumLine(sha256(b"content").hexdigest(), name.decode("utf-8", "surrogateescape"), 1),
    )
    assert not found.faults


def test_lines_are_counted_from_one() -> None:
    """Comments and empty lines count as lines, and a CR at the end of one is no part of a name."""
    found = parse(f"# sums\r\n\r\n{DIGEST.upper()}  a\r\n{DIGEST} *b\n{DIGEST}  a\n".encode())
    assert found.entries == (ChecksumLine(DIGEST, "a", 3), ChecksumLine(DIGEST, "b", 4))
    assert not found.faults


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"nonsense", "it does not begin with a SHA-256 in hexadecimal"),
        (b"\xef\xbb\xbf" + DIGEST.encode() + b"  a", "it begins with a byte order mark"),
        (DIGEST[:40].encode() + b"  a", "its sum has 40 digits, a SHA-256 has 64"),
        (DIGEST.encode() * 2 + b"  a", "its sum has 128 digits, a SHA-256 has 64"),
        (DIGEST.encode() + b" a", "the sum must be followed by a space, a space or *, and a name"),
        (DIGEST.encode() + b"  ", "the sum must be followed by a space, a space or *, and a name"),
        (b"SHA512 (a) = " + DIGEST.encode() * 2, "it is a sum of SHA512, not of SHA256"),
        (b"\\" + DIGEST.encode() + b"  a\\x", "the name holds a backslash that escapes nothing"),
        (DIGEST.encode() + b"  a\0b", "the name holds a NUL"),
        (DIGEST.encode() + b"  -", "it is the sum of a standard input, not of a file"),
    ],
)
def test_what_promises_nothing_is_told(line: bytes, why: str) -> None:
    """With its number; the lines around it are still read."""
    found = parse(DIGEST.encode() + b"  before\n" + line + b"\n" + DIGEST.encode() + b"  after\n")
    assert found.faults == (MalformedLine(2, why),)
    assert [one.name for one in found.entries] == ["before", "after"]


def test_faults_are_counted_and_a_hundred_kept() -> None:
    """Two million of them would take 200 MB; the entries between them are all there."""
    found = parse((b"x\n" * 150 + DIGEST.encode() + b"  a\n") * 2)
    assert (len(found.faults), found.faulty) == (100, 300)
    assert found.entries == (ChecksumLine(DIGEST, "a", 151),)


@pytest.mark.parametrize(
    ("name", "file", "path"),
    [("a", "/etc/sums", "/etc/a"), ("../a", "/sums", "/../a"), ("/a", "/etc/sums", "/a"), ("a", "/s", "/a")],
)
def test_a_relative_name_lies_beside_its_file(name: str, file: str, path: str) -> None:
    """As it is without tidying: links may lead anywhere."""
    assert located(name, file) == path


@given(st.binary(max_size=300))
def test_nothing_raises(data: bytes) -> None:
    """Whatever the bytes are, each line is an entry, a fault, or left out."""
    found = parse(data)
    assert len(found.entries) + len(found.faults) <= data.count(b"\n") + 1
    assert isinstance(entry(data), ChecksumLine | MalformedLine)
