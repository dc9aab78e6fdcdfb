"""Nothing is left out in silence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import clean_environment
from tests.support.skips import excused


def test_an_unknown_reason_excuses_nothing() -> None:
    """Only what is known to depend on the machine may be skipped."""
    assert not excused("did not feel like it")


@pytest.mark.parametrize(
    ("reason", "when_root"), [("needs root: x", False), ("needs another user than root", True)]
)
def test_a_known_reason_excuses_only_where_it_holds(reason: str, when_root: bool) -> None:
    """What needs root may be skipped by another user only, and the reverse."""
    assert excused(reason) == (when_root == (os.geteuid() == 0))


@pytest.mark.parametrize(("setting", "code"), [("", 0), ("1", 1)])
def test_a_skip_is_a_failure_where_ci_says_so(tmp_path: Path, setting: str, code: int) -> None:
    """With PROBE_CI set the run fails and tells the reason; without it the skip is reported."""
    test = tmp_path / "test_it.py"
    test.write_text("import pytest\ndef test_it():\n    pytest.skip('did not feel like it')\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.support.skips",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
    ]
    done = subprocess.run(
        [*command, "-ra", f"--rootdir={tmp_path}", test],
        env={**clean_environment(), "PROBE_CI": setting, "PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == code, done.stdout
    assert "did not feel like it" in done.stdout
