"""Access lists: read as getfacl reads them, and whatever the bytes are."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.formats import acl
from probe.targets import access


def listed(path: Path, *options: str) -> list[str]:
    """What getfacl(1) prints, in numbers."""
    done = subprocess.run(
        ["getfacl", "--numeric", "--omit-header", "--absolute-names", "--no-effective", *options, path],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.removeprefix("default:") for line in done.stdout.split()]


@pytest.mark.needs("setfacl")
def test_a_list_reads_as_getfacl_reads_it(tmp_path: Path) -> None:
    """Every kind of entry, of both lists, and written back to the same bytes."""
    entries = ["u:1000:rwx", "u:4294967294:r", "g:2000:-wx", "m::r-x", "o::-"]
    for options, kind, shown in (((), access.ACCESS, "--access"), (("-d",), access.DEFAULT, "--default")):
        subprocess.run(["setfacl", *options, "-m", ",".join(entries), tmp_path], check=True)
        data = os.getxattr(tmp_path, kind)
        assert [str(entry) for entry in acl.parse(data)] == listed(tmp_path, shown)
        assert acl.pack(acl.parse(data)) == data
        assert acl.mask(acl.parse(data)) == 5


@pytest.mark.parametrize(
    "data", [b"", b"\2\0\0", b"\1\0\0\0" + bytes(8), b"\2\0\0\0" + bytes(7), b"\2\0\0\0" + bytes(9)]
)
def test_what_the_kernel_would_not_take_is_no_list(data: bytes) -> None:
    """Another version, or cut within an entry."""
    assert acl.parse(data) == ()


@given(st.binary(max_size=200))
def test_any_bytes_give_entries_with_known_bits(data: bytes) -> None:
    """Never an error, never a right that does not exist."""
    assert all(0 <= entry.bits <= 7 and str(entry) for entry in acl.parse(data))
