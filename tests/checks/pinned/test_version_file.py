"""The version file: the expected version, and every other one."""

from pathlib import Path
from typing import Any

import pytest

from probe import codes
from probe.codes import Code
from probe.report import Status
from tests.checks.pinned.helpers import VERSION, look, only
from tests.support.fixes import fixes
from tests.support.worlds import FIFO, File, lay


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"1.27.3\n", "as expected"),
        (b"1.27.3", "as expected"),
        (b"1.27.3 \n", "as expected; accepted after it: a blank"),
        (b"1.27.3\r\n", "as expected; accepted after it: a CR"),
        (b"1.27.3\t\r\n\r\n", "as expected; accepted after it: a tab and a CR and an empty line"),
    ],
    ids=repr,
)
def test_the_expected_version_passes(root: Path, content: bytes, said: str) -> None:
    """Blanks and line ends after it are accepted, and said."""
    lay(root, {VERSION: content})
    one = only(look(root, version="1.27.3"), codes.PINNED_VERSION_OK, Status.PASS)
    assert one.cause == f"{VERSION} says 1.27.3, {said}"


WRITE = f"RUN printf '%s\\n' 1.27.3 > {VERSION}"


@pytest.mark.parametrize(
    ("content", "code", "status", "remedy"),
    [
        (b"1.26.0\n", codes.PINNED_VERSION_MISMATCH, Status.FAIL, 'pinned.version = "1.26.0"'),
        (b" 1.27.3\n", codes.PINNED_VERSION_MISMATCH, Status.FAIL, "FROM baseline:1.27.3"),
        (b"go1.27.3\n", codes.PINNED_VERSION_MISMATCH, Status.FAIL, 'version = "go1.27.3"'),
        (b"", codes.PINNED_VERSION_EMPTY, Status.FAIL, WRITE),
        (b" \r\n", codes.PINNED_VERSION_EMPTY, Status.FAIL, WRITE),
        (b"\xef\xbb\xbf1.27.3\n", codes.PINNED_VERSION_BOM, Status.FAIL, WRITE),
        ("1.27.3\n".encode("utf-16"), codes.PINNED_VERSION_BOM, Status.FAIL, WRITE),
        (b"1.27.3\n1.26.0\n", codes.PINNED_VERSION_LINES, Status.FAIL, WRITE),
        (b"1.27.3\xff\n", codes.PINNED_VERSION_NOT_TEXT, Status.FAIL, WRITE),
        (b"1.27\x1b[31m.3\n", codes.PINNED_VERSION_NOT_TEXT, Status.FAIL, WRITE),
        (b"1.27.3" + b" " * 1024, codes.PINNED_VERSION_TOO_LARGE, Status.FAIL, WRITE),
        (FIFO, codes.PINNED_VERSION_UNREADABLE, Status.FAIL, f"RUN rm {VERSION} && printf "),
    ],
    ids=lambda value: getattr(value, "name", None) or repr(value)[:20],
)
def test_any_other_version_file_is_told_apart(
    root: Path, content: Any, code: Code, status: Status, remedy: str
) -> None:
    """Each kind of wrong has its code, and a line that fixes it."""
    lay(root, {VERSION: content})
    assert remedy in fixes(only(look(root, version="1.27.3"), code, status))


def test_a_version_file_that_is_not_there(root: Path) -> None:
    """In its usual place, or where the configuration says; the other place passes."""
    lay(root, {"/etc/baseline": b"1.27.3\n"})
    one = only(look(root, version="1.27.3"), codes.PINNED_VERSION_MISSING, Status.FAIL)
    assert fixes(one) == WRITE
    only(look(root, version="1.27.3", version_file="/etc/baseline"), codes.PINNED_VERSION_OK, Status.PASS)


@pytest.mark.root("to look as somebody else")
def test_a_version_file_that_the_user_may_not_read(root: Path) -> None:
    """Unknown, never healthy; root reads it."""
    lay(root, {VERSION: File(b"1.27.3\n", 0o600)})
    one = only(look(root, version="1.27.3", user="1000"), codes.PINNED_VERSION_UNREADABLE, Status.UNKNOWN)
    assert fixes(one) == f"chmod 0644 {VERSION}"
    only(look(root, version="1.27.3", user="0"), codes.PINNED_VERSION_OK, Status.PASS)


def test_nothing_pinned_is_no_pass(root: Path) -> None:
    """Whoever turns the check on wants to know something."""
    one = only(look(root), codes.PINNED_NOTHING, Status.UNKNOWN)
    assert fixes(one) == 'pinned.version = "1.27.3"'
