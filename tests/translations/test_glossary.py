"""One term for one thing: zh/glossary.toml is kept to, in every sentence and in the pages."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from probe.codes import CODES
from probe.explain import explanation
from probe.translations import directory, file_of
from probe.translations.codes import entries
from probe.translations.phrases import read
from tests.translations.rendered import FILES

CHECKOUT = Path(__file__).parent.parent.parent
GLOSSARY = tomllib.loads(Path(directory("zh"), "glossary.toml").read_text())
_VALUE = re.compile(r"\{[^}]*\}|\w+\.\w+")
PAGES = [CHECKOUT / "README.zh-CN.md", CHECKOUT / "docs/codes.zh-CN.md"]


def pairs() -> Iterator[tuple[str, str]]:
    """English and Chinese, sentence by sentence."""
    for name, code in CODES.items():
        told, written = entries("zh", file_of(code))[name], explanation(code)
        yield code.meaning, told["meaning"]
        yield from zip(written.why, told["why"], strict=True) if written else ()
    for file in FILES:
        yield from read("zh", file).items()


PAIRS = list(pairs())


@pytest.mark.parametrize(("english", "chinese"), GLOSSARY["terms"].items())
def test_a_term_is_used(english: str, chinese: str) -> None:
    """Wherever the English text has it; names of values do not count."""
    with_term = [pair for pair in PAIRS if re.search(rf"\b{english}\b", _VALUE.sub("", pair[0]))]
    assert with_term, "the glossary holds what nothing says"
    assert [pair for pair in with_term if chinese not in pair[1]] == []


def test_no_other_term_is_used() -> None:
    """In no sentence, in no page."""
    texts = [*(told for _, told in PAIRS), *(page.read_text() for page in PAGES)]
    other = re.compile("|".join(GLOSSARY["instead_of"]))
    assert [(found[0], text[:100]) for text in texts if (found := other.search(text))] == []


@pytest.mark.parametrize(
    "term", ["根证书", "CA 证书包", "握手", "存活探针", "就绪探针", "时区数据", "挂载", "入口点"]
)
def test_the_page_for_beginners_has_the_terms(term: str) -> None:
    assert term in PAGES[0].read_text()
