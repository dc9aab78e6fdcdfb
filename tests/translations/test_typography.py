"""Spaces, punctuation and brackets as Chinese print has them: autocorrect and zhlint have no finding."""

import subprocess
from pathlib import Path

import pytest

from tests.support import npm
from tests.translations.rendered import paragraphs

CHECKOUT = Path(__file__).parent.parent.parent
PAGES = ["README.zh-CN.md", "docs/codes.zh-CN.md"]

pytestmark = [pytest.mark.needs("npm"), pytest.mark.slow]


@pytest.fixture(scope="module")
def linters() -> list[list[str]]:
    """The two commands, by exact version."""
    autocorrect = npm.package("autocorrect-node", "2.14.0").parent / ".bin/autocorrect"
    zhlint = npm.package("zhlint", "0.8.2").parent / ".bin/zhlint"
    return [[str(autocorrect), "--lint"], [str(zhlint)]]


def found(linters: list[list[str]], name: str, text: str, directory: Path) -> str:
    """What the linters say of *text*; "" when they have no finding."""
    (directory / name).write_text(text)
    runs = [
        subprocess.run(
            [*linter, name],
            cwd=directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            text=True,
        )
        for linter in linters
    ]
    return "\n".join(run.stdout for run in runs if run.returncode)


@pytest.mark.parametrize("page", PAGES)
def test_pages(page: str, linters: list[list[str]], tmp_path: Path) -> None:
    """The README and the page of codes."""
    assert not found(linters, "page.md", (CHECKOUT / page).read_text(), tmp_path)


def test_causes_and_remedies(linters: list[list[str]], tmp_path: Path) -> None:
    """Every sentence of the catalogues."""
    assert not found(linters, "causes.md", "\n\n".join(paragraphs()), tmp_path)


@pytest.mark.parametrize("wrong", ["没有空格abc的中文。", "半角标点,不对。", "（全角括号）不对。"])
def test_the_linters_find_what_is_wrong(wrong: str, linters: list[list[str]], tmp_path: Path) -> None:
    """Otherwise the tests above would hold for nothing."""
    assert found(linters, "wrong.md", wrong + "\n", tmp_path)
