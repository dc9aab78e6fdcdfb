"""Environments as they are written down."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import USAGE, UsageError
from probe.targets import environ


@pytest.mark.parametrize(
    ("block", "env"),
    [
        (b"", {}),
        (b"A=1\0B=\0", {"A": "1", "B": ""}),
        (b"A=1\0A=2\0", {"A": "1"}),
        (b"novalue\0=x\0\0A=b=c", {"A": "b=c"}),
        (b"A=\xff\0", {"A": "\udcff"}),
    ],
)
def test_block(block: bytes, env: dict[str, str]) -> None:
    """The first of two counts, what has no name or no sign is nothing, every byte is kept."""
    assert environ.from_block(block) == env


@given(st.binary(max_size=200))
def test_any_block_is_an_environment(block: bytes) -> None:
    """Whatever the bytes, a value comes out."""
    assert all(environ.from_block(block))


# What the docker command (28.2) sends to the engine for these lines.
@pytest.mark.parametrize(
    ("content", "env"),
    [
        (b"\xef\xbb\xbfA=1\n", {"A": "1"}),
        (b"  \t A= 2 \n", {"A": " 2 "}),
        (b"#A=1\n\n   # x\nB=2", {"B": "2"}),
        (b"A='q'\nB=\"x y\"\n", {"A": "'q'", "B": '"x y"'}),
        (b"A=a=b\r\nB=\n", {"A": "a=b", "B": ""}),
        (b"A=1 #no comment\n", {"A": "1 #no comment"}),
        (b"A=1\nA=2\n", {"A": "2"}),
        (b"HOME\nNOPE\n", {"HOME": "/of/ours"}),
        (b"export=1\n", {"export": "1"}),
        (b"A=$HOME\n", {"A": "$HOME"}),
    ],
)
def test_file(tmp_path: Path, content: bytes, env: dict[str, str]) -> None:
    """Values are kept as they stand; a bare name takes ours, if there is one."""
    (tmp_path / "env").write_bytes(content)
    assert environ.from_file(str(tmp_path / "env"), {"HOME": "/of/ours"}) == env


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"A=1\nB C=2\n", "line 2: the name 'B C' contains blanks"),
        (b"export A=1\n", "line 1: the name 'export A' contains blanks"),
        (b"=x\n", "line 1: no name before the ="),
        (b"A=1\n\nB=\xff\n", "line 3: not UTF-8"),
        (b"A=" + b"x" * 65536, "line 1: longer than 65535 bytes"),
        (b"A=1\n" * 300_000, "larger than 1048576 bytes"),
    ],
)
def test_file_that_docker_would_refuse(tmp_path: Path, content: bytes, words: str) -> None:
    """The message names the line; the exit code is that of wrong usage."""
    (tmp_path / "env").write_bytes(content)
    with pytest.raises(UsageError, match=words) as caught:
        environ.from_file(str(tmp_path / "env"), {})
    assert caught.value.exit_code == USAGE


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """A path that cannot be read is wrong usage, too."""
    with pytest.raises(UsageError, match="No such file"):
        environ.from_file(str(tmp_path / "none"), {})


def test_a_pipe_that_is_closed_is_a_file(tmp_path: Path) -> None:
    """`--env-file <(command)`."""
    reader, writer = os.pipe()
    os.write(writer, b"A=1\n")
    os.close(writer)
    assert environ.from_file(f"/dev/fd/{reader}", {}) == {"A": "1"}
    os.close(reader)


@pytest.mark.slow
def test_a_pipe_that_nobody_closes_is_refused(tmp_path: Path) -> None:
    """It neither holds us nor counts as an empty file."""
    os.mkfifo(tmp_path / "env")
    with pytest.raises(UsageError, match="it does not end within 1 s"):
        environ.from_file(str(tmp_path / "env"), {})
