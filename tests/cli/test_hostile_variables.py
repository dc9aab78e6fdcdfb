"""What configures OpenSSL for the container's programs configures none of ours, in no command."""

import sys
from pathlib import Path

import pytest

from tests.support import hostile_variables as hostile

OPENSSL = ("OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES")


@pytest.mark.sweep
@pytest.mark.needs("gcc")
def test_no_command_follows_what_is_meant_for_openssl(tmp_path: Path) -> None:
    """As pip installs it: nothing of theirs is loaded, and what is printed is the same."""
    known = hostile.variables(tmp_path)
    given = {key: value for name in OPENSSL for key, value in known[name].items()}
    lines = hostile.lines(tmp_path)
    assert set(hostile.known()) <= set(lines), "a new command needs a line of its own"
    base = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    probe = (sys.executable, "-m", "probe")
    told = [hostile.led_astray(probe, line, given, tmp_path, base, {}) for line in lines.values()]
    assert [one for one in told if one] == []
