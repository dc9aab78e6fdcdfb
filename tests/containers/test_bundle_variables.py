"""The bundle obeys only itself: each hostile variable with every command."""

import os
from pathlib import Path

import pytest

from tests.support import hostile_variables as hostile

pytestmark = pytest.mark.needs("gcc")

BASE = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TZ": "UTC", "LC_ALL": "C.UTF-8"}


def test_all_of_them_at_once_change_no_command(bundle: Path, tmp_path: Path) -> None:
    """Nothing of theirs is loaded, nothing is written, and what is printed is the same."""
    given = {key: value for one in hostile.variables(tmp_path).values() for key, value in one.items()}
    lines = hostile.lines(tmp_path)
    assert set(hostile.known()) <= set(lines), "a new command needs a line of its own"
    probe = [str(bundle / "bin/probe")]
    told = [hostile.led_astray(probe, line, given, tmp_path, BASE, {}) for line in lines.values()]
    assert [one for one in told if one] == []


@pytest.mark.sweep
def test_each_of_them_changes_no_command(bundle: Path, tmp_path: Path) -> None:
    """By itself, in every eighth pair: each variable meets several commands, and each command several."""
    given = hostile.variables(tmp_path)
    probe = [str(bundle / "bin/probe")]
    lines = [line for line in hostile.lines(tmp_path).values() if "--help" not in line]
    usual: hostile.Usual = {}
    told = [
        f"{name}: {what}"
        for row, (name, one) in enumerate(given.items())
        for line in lines[-row % 8 :: 8]
        if (what := hostile.led_astray(probe, line, one, tmp_path, BASE, usual))
    ]
    assert told == []


def test_they_do_lead_others_astray(tmp_path: Path) -> None:
    """Or the tests above would prove nothing: an interpreter of the system follows most of them."""
    given = hostile.variables(tmp_path)
    code = "import hashlib, ssl, json; ssl.create_default_context(); print(1)"
    followed = set()
    for name, one in given.items():
        marker = tmp_path / "marker"
        env = {**BASE, **one, "MARKER": str(marker)}
        done = hostile.outcome(["/usr/bin/env"], ("python3", "-c", code), env)
        made = [path for path in (marker, *(tmp_path / "out").iterdir()) if path.exists()]
        if done != (0, "1\n", "") or made:
            followed.add(name)
        for path in made:
            os.rmdir(path) if path.is_dir() and not list(path.iterdir()) else None
            path.unlink() if path.is_file() else None
    assert followed >= {"OPENSSL_CONF", "LD_PRELOAD", "LD_AUDIT", "LD_DEBUG", "PYTHONPATH", "PYTHONHOME"}, (
        followed
    )
