"""A page of more than two screens begins with its contents."""

import re
from pathlib import Path

import pytest

from tests.documents.pages import CHECKOUT, PAGES

_SCREEN = 40  # lines
MORE = [
    CHECKOUT / name
    for name in ("ARCHITECTURE.md", "README.zh-CN.md", "CONTRIBUTING.md", "benchmarks/README.md")
]
LONG = [page for page in (*PAGES, *MORE) if len(page.read_text().splitlines()) > 2 * _SCREEN]


def anchor(heading: str) -> str:
    """What forges make of a heading: small letters, spaces as hyphens, no punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_there_are_long_pages() -> None:
    assert CHECKOUT / "README.md" in LONG
    assert len(LONG) > 5


@pytest.mark.parametrize("page", LONG, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_the_contents_name_every_heading(page: Path) -> None:
    """Above the second heading, in order, and nothing else."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert len(headings) > 1
    top = text.split("\n## ")[0]
    wanted = [(one, anchor(one)) for one in headings]
    told = " · ".join(f"[{name}](#{place})" for name, place in wanted)
    assert re.findall(r"\[([^]]+)\]\(#([^)]+)\)", top) == wanted, f"write below the title: {told}"
