"""PEM by Go's rules: what is found, and why the rest is not."""

import base64
import time
from binascii import b2a_base64
from collections.abc import Generator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.formats import pem
from probe.formats.pem import Block
from tests.formats.pem_forms import FORMS, HELLO, Form, block
from tests.support.junk import JUNK

BOTH = pytest.mark.parametrize("begin_first", [False, True], ids=["today", "before 1.24.8"])


def found(data: bytes, *, begin_first: bool = False) -> list[bytes]:
    return [item.data for item in pem.split(data, begin_first=begin_first) if not item.fault]


@BOTH
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.what)
def test_each_form_is_found_or_lost_as_in_go(form: Form, begin_first: bool) -> None:
    """What is lost says why and on which line; what is found holds its bytes."""
    items = list(pem.split(form.data, begin_first=begin_first))
    lost = (begin_first and form.lost_before) or form.lost
    assert [(item.line, item.fault) for item in items if item.fault] == list(lost)
    assert [item.data for item in items if not item.fault] == [HELLO] * form.found


def test_a_block_is_described_in_full() -> None:
    """Line, label, headers and bytes."""
    data = b"# comment\n\n-----BEGIN A B-----\nProc-Type: 4\n\naGVsbG8=\n-----END A B-----\n"
    assert list(pem.split(data)) == [Block(3, "A B", True, HELLO, "")]


def test_lines_are_counted_across_blocks() -> None:
    """Every block has the line of its own BEGIN."""
    assert [item.line for item in pem.split(block() + b"\n\n" + block("X") + block())] == [1, 6, 9]


def test_a_label_is_cut() -> None:
    """A label of a megabyte does not become part of a finding."""
    (item,) = pem.split(block("A" * (1 << 20)))
    assert item.label == "A" * 64
    assert not item.fault


def test_the_scanners_differ_around_a_broken_begin_line() -> None:
    """Today's looks back from END to the last BEGIN anywhere; the older one goes on from its BEGIN line."""
    data = b"-----BEGIN A-----\naGVsbG8=\nx-----BEGIN B-----\n-----END A-----\n"
    assert [(item.label, item.fault) for item in pem.split(data)] == [("A", pem.NO_END), ("B", pem.NOT_FIRST)]
    assert [(item.label, item.fault) for item in pem.split(data, begin_first=True)] == [
        ("A", pem.NOT_BASE64),
        ("B", pem.NOT_FIRST),
    ]


@BOTH
@given(data=st.one_of(st.binary(max_size=200), JUNK))
def test_any_bytes_give_blocks(data: bytes, begin_first: bool) -> None:
    """No input raises, and no BEGIN goes unmentioned unless headers or a block swallow it."""
    items = list(pem.split(data, begin_first=begin_first))
    assert [item.line for item in items] == sorted(item.line for item in items)
    assert all(1 <= item.line <= data.count(b"\n") + 1 for item in items)
    assert all(not item.data for item in items if item.fault)


@BOTH
@given(data=JUNK)
def test_a_block_in_front_is_never_lost(data: bytes, begin_first: bool) -> None:
    """Whatever follows a sound block, it is found."""
    assert found(block() + data, begin_first=begin_first)[:1] == [HELLO]


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize(
    "piece",
    [
        b"-----BEGIN X-----\n",
        b"-----BEGIN X-----\na: b\n",
        b"-----BEGIN X-----\n-----END Y-----\n",
        b"\n-----END ",
        b"x-----BEGIN ",
        block(),
    ],
)
def test_a_hundred_thousand_blocks_take_linear_time(piece: bytes, begin_first: bool) -> None:
    """Twice the input takes about twice the time, not four times."""

    def seconds(count: int) -> float:
        data = piece * count + b"\n-----END X-----\n"
        start = time.process_time()
        for _ in pem.split(data, begin_first=begin_first):
            pass
        return time.process_time() - start

    seconds(1000)
    assert seconds(100_000) < 10 * seconds(25_000) + 0.2


PLAIN = block(label="CERTIFICATE")
BENT = (
    b"",
    b"-",
    b"-----",
    b"\n",
    b"\r\n",
    b" ",
    b":",
    b"a: b\n\n",
    b"=",
    b"A",
    b"x",
    b"\0",
    PLAIN,
    b"-----BEGIN X-----\n",
    b"# Issuer: CN=X\n",
    b"text\n----\n",
)


@BOTH
@given(
    at=st.integers(0, len(PLAIN)) | st.just(0),
    cut=st.integers(0, 9),
    junk=st.sampled_from(BENT) | st.binary(max_size=9),
)
def test_a_file_that_is_one_certificate_is_what_the_scanners_find(
    at: int, cut: int, junk: bytes, begin_first: bool
) -> None:
    """What everybody writes takes the short way, and what takes it is one block for any scanner."""
    seen: pem.Decoded = {}
    list(pem.split(PLAIN, decoded=seen))
    assert pem.alone(PLAIN, {}) == pem.alone(PLAIN, seen) == (1, HELLO)
    told = b"# Issuer: CN=X\n\n" + PLAIN
    assert pem.alone(told, {}) == pem.alone(told, seen) == (3, HELLO)
    data = PLAIN[:at] + junk + PLAIN[at + cut :]
    only = pem.alone(data, {})
    assert pem.alone(data, seen) == only
    if only is not None:
        for gives_up in (False, True):
            items = list(pem.split(data, begin_first=begin_first, gives_up=gives_up))
            assert items == [Block(only[0], "CERTIFICATE", False, only[1], "")]


@given(text=st.text("ABab01+/=\n\r\t -_é").map(str.encode) | st.binary(max_size=40).map(b2a_base64))
def test_base64_is_read_as_if_all_blanks_were_left_out_first(text: bytes) -> None:
    """Line ends first, and the rest only where that will not do."""
    bare = text.translate(None, b"\r\n \t")
    digits = bare.rstrip(b"=")
    try:
        wanted = base64.b64decode(bare, validate=True) if b"=" not in digits else None
    except ValueError:
        wanted = None
    wanted = None if len(bare) % 4 or len(bare) - len(digits) > 2 else wanted
    assert pem._decoded(text) == wanted


class _OneByOne(pem._Scan):
    """Without the way for certificates as everybody writes them."""

    def _usual(self, at: int) -> Generator[Block, None, int]:
        yield from ()
        return at


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([*BENT, PLAIN, PLAIN, block("CERTIFICATE", "QUJD" * 16 + "\nQQ==")]), max_size=8)
)
def test_the_short_way_finds_what_the_scanners_find(pieces: list[bytes]) -> None:
    """Block by block, with every line number, by each of Go's three scanners."""
    data = b"".join(pieces)
    plain, giving_up = (_OneByOne(data, gives_up=gives_up, decoded={}) for gives_up in (False, True))
    assert list(pem.split(data)) == list(plain.end_first())
    assert list(pem.split(data, gives_up=True)) == list(giving_up.end_first())
    assert list(pem.split(data, begin_first=True)) == list(
        _OneByOne(data, gives_up=False, decoded={}).begin_first()
    )
