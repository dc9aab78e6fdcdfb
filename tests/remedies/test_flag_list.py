"""What people write into GOFLAGS: the go command refuses it, and takes what is advised as it was meant."""

import subprocess
from pathlib import Path

import pytest

from probe.golang.command import flags, goflags
from probe.golang.release import NEWEST
from probe.remedies import flag_list
from tests.support.commands import clean_environment
from tests.support.toolchains import Toolchain

MOD, TRIMMED = ("-mod=mod",), ("-mod=mod", "-trimpath")
WAYS = {
    **dict.fromkeys(
        (
            *("mod=mod", "-mod mod", "-mod = mod", "-mod =mod", "-mod= mod", "--mod mod", "GOFLAGS=-mod=mod"),
            *(
                "GOFLAGS=mod=mod",
                "\u2013mod=mod",
                "\u2014mod=mod",
                "'mod=mod'",
                '"mod=mod"',
                'mod="mod"',
                "mod=mod;",
                "-mod mod\n",
            ),
        ),
        MOD,
    ),
    **dict.fromkeys(
        (
            *("mod=mod trimpath", "-mod mod -trimpath", "mod=mod;-trimpath"),
            *("-mod=mod trimpath", "-mod=mod -trimpth", "-mod=mod 'trimpath'", '-mod=mod "trimpath'),
        ),
        TRIMMED,
    ),
    "-tags netgo,osusergo mod=mod": ["-tags=netgo,osusergo", "-mod=mod"],
    "-p 4": ["-p=4"],
    "buildvcs=false": ["-buildvcs=false"],
    "-buildvsc=false": ["-buildvcs=false"],
}


def _said(go: Toolchain, value: str, home: Path) -> str:
    env = {**clean_environment(), "HOME": str(home), "GOFLAGS": value}
    done = subprocess.run([str(go.go), "version"], env=env, capture_output=True, text=True, timeout=60)
    return done.stderr


@pytest.mark.parametrize("value", WAYS)
def test_go_takes_what_was_meant(go_newest: Toolchain, tmp_path: Path, value: str) -> None:
    assert goflags.refused(value, NEWEST.minor)
    assert "GOFLAGS" in _said(go_newest, value, tmp_path)
    told = flag_list.meant(value, NEWEST.minor)
    assert flags.split(told) == list(WAYS[value])
    assert _said(go_newest, told, tmp_path) == ""


@pytest.mark.parametrize(
    "value",
    [
        *("x", "-v x", "-nonsense=1", "", "-v 'x", "=", "$FLAGS", "-ldflags=-X a.token=b c"),
        *("-cover mode=atomic", "-buildmod=vendor", "mod=mode"),  # what comes of them no build takes
    ],
)
def test_nothing_is_guessed(value: str) -> None:
    """Nor is a command line printed that may hold a secret."""
    assert flag_list.meant(value, NEWEST.minor) == ""
