"""The pictures of README and docs show what is printed now."""

import json
import re
from pathlib import Path

import pytest

from tests.pictures import dashboard, scenes, terminal

CHECKOUT = Path(__file__).parent.parent.parent
FOLDER = CHECKOUT / "docs" / "pictures"
PAGES = [*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md"), *CHECKOUT.glob("deploy/**/*.md")]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    return scenes.failing_and_fixed(tmp_path_factory.mktemp("pictures"))


@pytest.mark.parametrize("name", terminal.THEMES)
def test_the_runs_are_those_of_today(shown: str, name: str) -> None:
    """Made anew they are the same pictures, durations apart: python -m tests.pictures terminal."""
    fresh = terminal.svg(shown, terminal.THEMES[name], "probe check, failing and fixed")
    assert terminal.plain((FOLDER / f"check-{name}.svg").read_text()) == terminal.plain(fresh)


def test_the_first_run_fails_and_the_second_does_not(shown: str) -> None:
    """Between them stand only the two files that the fixes name."""
    first, second = shown.split("# with these two lines")
    assert "unhealthy" in first
    assert first.count("fix:") == 2
    assert re.search(r"healthy.{0,9}: 4 checks", second)
    assert "fail" not in second


def test_a_row_is_as_wide_as_the_terminal() -> None:
    """A longer line goes on in the next row, with its colour."""
    picture = terminal.svg("\x1b[31m" + "x" * 150 + "\x1b[0m <&>", terminal.THEMES["light"], "t")
    assert terminal.text_of(picture) == "x" * 100 + "\n" + "x" * 50 + " <&>"
    assert picture.count(terminal.THEMES["light"].codes["31"]) == 2


def test_the_dashboard_shows_its_panels() -> None:
    """Each panel of the rows that are drawn, by its title; and a fault that came and went."""
    picture = (FOLDER / "dashboard.svg").read_text()
    panels = json.loads((CHECKOUT / "deploy/grafana/dashboard.json").read_text())["panels"]
    for panel in panels:
        if panel["gridPos"]["y"] < dashboard.BOTTOM:
            assert f">{panel['title']}</text>" in picture
    assert "TLS_UNKNOWN_AUTHORITY" in picture


def test_every_picture_is_shown() -> None:
    """On some page, and none that is not there."""
    told = {name for page in PAGES for name in re.findall(r"pictures/([\w.-]+)", page.read_text())}
    assert told == {path.name for path in FOLDER.iterdir()}
