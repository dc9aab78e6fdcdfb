"""Codes are a public contract: each one is made somewhere, tested somewhere and explained."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import probe
from probe import codes
from probe.codes import CODES
from probe.explain import BASES, explanation, markdown
from probe.output.base import docs_url
from probe.translations import ENGLISH

PACKAGE = Path(probe.__file__).parent
TESTS = Path(__file__).parent
EXPLANATIONS = sorted(path for path in (PACKAGE / "explain").glob("*.toml") if path.stem != "messages")


def words(files: list[Path]) -> set[str]:
    """Every word in capitals in the files."""
    return {word for file in files for word in re.findall(r"\b[A-Z][A-Z0-9_]+\b", file.read_text())}


def test_a_code_is_called_what_it_is() -> None:
    """The constant's name is the code's, and says in capitals what it means."""
    for name, code in CODES.items():
        assert name == code.name
        assert getattr(codes, name) is code
        assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", name)
        assert re.fullmatch(r"[^\n]{15,110}\.", code.meaning), code


def test_no_code_is_misspelt() -> None:
    """Each that the package or a test takes from `codes` is there: mypy does not see it."""
    taken = set()
    for file in [*PACKAGE.rglob("*.py"), *TESTS.rglob("*.py")]:
        text = file.read_text()
        taken |= set(re.findall(r"\bcodes\.([A-Z]\w+)", text))
        for names in re.findall(r"^ *from probe\.codes import (.+)", text, re.MULTILINE):
            taken |= set(names.split(", "))
    assert len(taken) > 300
    assert [name for name in sorted(taken - {"TOY_OK", "TOY_MISSING"}) if not hasattr(codes, name)] == []
    with pytest.raises(AttributeError, match="no attribute 'GO_TOO_ODL'"):
        getattr(codes, "GO_TOO_ODL")  # noqa: B009 - the asking is what is tested


def test_a_code_exists_in_earnest() -> None:
    """Something makes each of them, and a test asks for that very one."""
    made = words([file for file in PACKAGE.rglob("*.py") if file != Path(codes.__file__)])
    assert CODES.keys() - made == set()
    assert CODES.keys() - words([file for file in TESTS.rglob("*.py") if file != Path(__file__)]) == set()


def test_what_can_go_wrong_is_explained() -> None:
    """Causes, and a way to correct it; only what is as it should be (…_OK) needs none."""
    for code in CODES.values():
        if not code.name.endswith("_OK"):
            written = explanation(code)
            assert written, code
            assert written.why, code
            assert written.fix or written.on, code


@pytest.mark.parametrize("file", EXPLANATIONS, ids=lambda file: file.stem)
def test_explanations_are_of_codes(file: Path) -> None:
    """Each table is called like a code of that check, and holds causes and ways, nothing else."""
    check = "*" if file.stem == "run" else file.stem
    tables: dict[str, Any] = tomllib.loads(file.read_text())
    assert set(tables) <= {code.name for code in CODES.values() if code.check == check}
    for table in tables.values():
        assert set(table) <= {"why", "fix", "on"}
        assert all(isinstance(cause, str) and cause.endswith((".", "?")) for cause in table["why"])
        assert set(table.get("on", {})) <= set(BASES)
        assert all(isinstance(way, str) and way.strip() for way in table.get("on", {}).values())


@pytest.mark.parametrize(("page", "language"), [("codes.md", ENGLISH), ("codes.zh-CN.md", "zh")])
def test_the_page_of_codes_is_what_explain_prints(page: str, language: str) -> None:
    """docs/codes.md is made, not written, in each language; each code has its anchor."""
    made = markdown.page(language)
    assert (Path(__file__).parent.parent / "docs" / page).read_text() == made
    assert all(f"\n### {name}\n" in made for name in CODES)


def test_reports_lead_to_the_page() -> None:
    """`docs_url` of every code is an anchor of docs/codes.md, as forges make it of the heading."""
    anchors = {one.lower() for one in re.findall(r"^### (.*)$", markdown.page(), re.MULTILINE)}
    for name in CODES:
        page, anchor = docs_url(name).split("#")
        assert page.endswith("/docs/codes.md")
        assert anchor in anchors
