"""--as-go: what is said of a release that is not out yet."""

import json
from pathlib import Path

import pytest

from probe.golang.release import NEWEST, Go
from probe.golang.x509 import certificate_extensions as extensions
from tests.support.commands import RunProbe

PREVIEW = Go((1, 28, 0), "as-go")
KEY_USAGE = bytes.fromhex("0603551d0f")  # the OID as an element


def test_a_preview_is_said_to_be_one(run_probe: RunProbe) -> None:
    """In every format the target's name tells it; a release that is out says nothing."""
    asked = ("check", "--only", "timezone", "--format", "json", "--as-go")
    assert json.loads(run_probe(*asked, "1.28", TZ="UTC").out)["target"].endswith(", as Go 1.28 (a preview)")
    assert "preview" not in json.loads(run_probe(*asked, "1.27", TZ="UTC").out)["target"]


@pytest.mark.parametrize("more", [b"", b"\0"])
def test_1_28_takes_nothing_after_a_value(more: bytes) -> None:
    """Key usage with a byte behind it: taken up to 1.27, refused by what is to be 1.28."""
    value = bytes.fromhex("03020780") + more
    data = KEY_USAGE + bytes([4, len(value)]) + value
    assert not extensions.read(data, 0, len(data), NEWEST).refusal
    assert bool(extensions.read(data, 0, len(data), PREVIEW).refusal) == bool(more)


def test_without_a_go_it_says_what_it_compares_with(tmp_path: Path, run_probe: RunProbe) -> None:
    """An assumed release is not one that is here; fixes keep the target."""
    asked = ("check", "--root", str(tmp_path), "--only", "ca-bundle", "--as-go", "all")
    done = run_probe(*asked)
    assert f"beside {NEWEST.text}, assumed: no Go is here" in done.out
    assert f"fix: probe check --root {tmp_path} --set ca-bundle.endpoints=" in done.out
    assert json.loads(run_probe(*asked, "--format", "json").out)["go_source"] == "default"
