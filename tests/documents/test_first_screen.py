"""The first screen of README: what it is, a picture, how to get it, what it checks, why not another."""

import re

from probe.checks import NAMES
from tests.documents.pages import CHECKOUT

README = (CHECKOUT / "README.md").read_text()
FIRST = ("Install", "The four checks", "Why not goss or a shell script?")


def test_one_sentence_and_a_picture_for_light_and_dark() -> None:
    """Below the switch of languages, above everything else."""
    top = README.split("\n## ")[0]
    sentence = top.split("\n\n")[2]
    assert sentence.startswith("`probe` ")
    assert sentence.count(". ") == 0
    assert 'media="(prefers-color-scheme: dark)" srcset="docs/pictures/check-dark.svg"' in top
    assert re.search(r'<img alt="[^"]{40,}" src="docs/pictures/check-light.svg">', top)


def test_the_first_headings() -> None:
    assert tuple(re.findall(r"^## (.*)$", README, re.MULTILINE)[:3]) == FIRST


def test_four_ways_to_install() -> None:
    """pip or pipx, the image, Helm, a checkout: a line each."""
    block = README.split("## Install")[1].split("```")[1]
    ways = ("pipx install ", "docker build ", "helm install ", "python3 -m venv ")
    lines = block.strip().splitlines()[1:]
    assert [way for way, line in zip(ways, lines, strict=True) if line.startswith(way)] == list(ways)


def test_the_four_checks_are_those_that_run() -> None:
    table = README.split("## The four checks")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([a-z-]+)`", table, re.MULTILINE) == list(NAMES)[:4]


def test_three_rows_and_one_in_which_goss_wins() -> None:
    """An honest comparison has a row that is lost."""
    rows = re.findall(r"^\| .*$", README.split(FIRST[2])[-1].split("\n## ")[0], re.MULTILINE)[2:]
    rows = [row for row in rows if not row.startswith("|---")]
    assert len(rows) >= 2
    assert any("take goss" in row for row in rows)
