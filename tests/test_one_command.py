"""
Two checks, one go command: the version comes with the environment that go-env asks for anyway.

The go command is a wrapper here, which tells its release only when it is run: once more, for all checks.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from probe.checks.go_env import POLICY
from tests.support.commands import RunProbe
from tests.support.toolchains import Toolchain

ONLY = ("--only", "go-version", "--only", "go-env")


@pytest.fixture
def calls(go_newest: Toolchain, tmp_path: Path) -> Path:
    """Where the go command in `bin` notes what it is asked; what `rules` holds comes before the real one."""
    go = tmp_path / "bin/go"
    go.parent.mkdir()
    (tmp_path / "rules").write_text("")
    go.write_text(f'#!/bin/sh\necho "$1" >>{tmp_path}/calls\n. {tmp_path}/rules\nexec {go_newest.go} "$@"\n')
    go.chmod(0o755)
    return tmp_path / "calls"


def checked(run_probe: RunProbe, calls: Path, *more: str) -> dict[str, Any]:
    """What became of the two checks, by name."""
    done = run_probe(
        *("check", *(more or ONLY), "--format", "json"),
        PATH=f"{calls.parent}/bin:/usr/bin:/bin",
        HOME=str(calls.parent),
        CGO_ENABLED="0",
    )
    return {check["name"]: check for check in json.loads(done.out)["checks"]}


def test_one_command_answers_both(run_probe: RunProbe, calls: Path, go_newest: Toolchain) -> None:
    """The check go-version starts none of its own."""
    found = checked(run_probe, calls)
    assert [found[name]["status"] for name in ("go-version", "go-env")] == ["pass", "pass"]
    assert go_newest.version in found["go-version"]["findings"][0]["cause"]
    assert sorted(calls.read_text().split()) == ["env", "version"]


def test_alone_it_asks_for_itself(run_probe: RunProbe, calls: Path) -> None:
    """Without go-env nobody else tells the version."""
    assert checked(run_probe, calls, "--only", "go-version")["go-version"]["status"] == "pass"
    assert calls.read_text() == "version\n"


@pytest.mark.parametrize(
    "rule",
    [
        '[ "$1" = version ] || exit 3',
        '[ "$1" = version ] || { echo nonsense; exit 0; }',
        '[ "$1" = version ] || exec sleep 60',
    ],
    ids=["fails", "says something else", "hangs"],
)
def test_where_go_env_has_no_answer_go_version_is_asked(run_probe: RunProbe, calls: Path, rule: str) -> None:
    """The fault is that of one check only."""
    (calls.parent / "rules").write_text(f"{rule}\n")
    found = checked(run_probe, calls)
    assert found["go-version"]["status"] == "pass"
    assert found["go-env"]["status"] == "fail"
    assert sorted(calls.read_text().split()) == ["env", "version"]


def test_with_nothing_to_ask_go_version_is_asked(run_probe: RunProbe, calls: Path) -> None:
    """A policy without rules runs no `go env`."""
    nothing = ("--config", str(calls.parent / "none.toml"))
    (calls.parent / "none.toml").write_text("".join(f"[go-env.{name}]\n" for name in POLICY))
    assert checked(run_probe, calls, *ONLY, *nothing)["go-version"]["status"] == "pass"
    assert calls.read_text() == "version\n"
