"""`--target-config`: the target's own /etc/probe.toml, read as its user would, in place of ours."""

import os
from functools import partial
from pathlib import Path

import pytest

from probe.config import files
from tests.support.agents import Agent, Serve, wait_for
from tests.support.commands import RunProbe

TOKYO = '[timezone]\nexpected = "Asia/Tokyo"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A file tree whose zone is UTC."""
    (tmp_path / "root/etc").mkdir(parents=True)
    return tmp_path / "root"


def line(root: Path, *more: str) -> tuple[str, ...]:
    return ("--root", str(root), "--only", "timezone", "--env", "TZ=UTC", "--target-config", *more)


def test_what_the_target_asks_for_counts(root: Path, run_probe: RunProbe) -> None:
    """Its file decides, our flags stand over it; without the option nobody reads it."""
    assert run_probe("check", *line(root)).code == 0  # it has none: the defaults
    (root / "etc/probe.toml").write_text(TOKYO)
    done = run_probe("check", *line(root))
    assert done.code == 1
    assert "Asia/Tokyo" in done.out
    assert run_probe("check", *line(root, "--set", 'timezone.expected="UTC"')).code == 0
    assert run_probe("check", *(word for word in line(root) if word != "--target-config")).code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[timezone\n", "is not TOML"),
        ("[timezone]\nexpectd = 1\n", "probe.toml:2: timezone.expectd"),
        ("#" * (files.LIMIT + 1), "more than"),
        (None, "FIFO"),
    ],
)
def test_one_that_cannot_be_used_is_no_absence(
    root: Path, run_probe: RunProbe, content: str | None, said: str
) -> None:
    """78 and one line; a FIFO without a writer holds nobody."""
    path = root / "etc/probe.toml"
    os.mkfifo(path) if content is None else path.write_text(content)
    done = run_probe("check", *line(root))
    assert (done.code, done.out) == (78, "")
    assert done.err.count("\n") == 1
    assert said in done.err


def test_a_link_stays_below_the_root(root: Path, run_probe: RunProbe, tmp_path: Path) -> None:
    """A link to a file of ours is none of the target's: nothing of ours is read for it."""
    (tmp_path / "ours.toml").write_text(TOKYO)
    (root / "etc/probe.toml").symlink_to(tmp_path / "ours.toml")
    assert run_probe("check", *line(root)).code == 0


def test_it_needs_a_target(run_probe: RunProbe) -> None:
    """In our own container our own file is read anyway."""
    done = run_probe("check", "--target-config")
    assert done.code == 64
    assert "--target-config needs --root, --pid, --process or --image" in done.err


def test_an_agent_reads_it_at_each_run(root: Path, serve: Serve) -> None:
    """What it asks for may change, break and come back, and no restart is needed."""
    agent = serve(*line(root))
    agent.until("/readyz", 200)
    for content, code, said in (
        (TOKYO, 503, "TIMEZONE_NOT_EXPECTED"),
        ("[timezone\n", 503, "TARGET_CONFIG"),
        ("", 200, ""),
    ):
        (root / "etc/probe.toml").write_text(content)
        agent.until("/readyz", code)
        wait_for(partial(_told, agent, said))


def _told(agent: Agent, said: str) -> bool:
    return said in agent.log_file.read_text()
