"""What stands beside the manifests: links lead somewhere, our own lint has nothing to say."""

import re
from pathlib import Path

import pytest

from probe.cli.arguments import ParsedArgs
from probe.cli.manifest import interpreter
from probe.manifest.lint import lint
from probe.manifest.rules import NOTES, hurts
from tests.deploy.rendered import DEPLOY

CHECKOUT = DEPLOY.parent
NAMES = ("Dockerfile*", "*.Dockerfile", "compose*.yaml")
FILES = [CHECKOUT / "Dockerfile", *sorted(path for name in NAMES for path in DEPLOY.rglob(name))]


@pytest.mark.parametrize("page", sorted(DEPLOY.rglob("*.md")), ids=lambda path: str(path.relative_to(DEPLOY)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every file that a page points to is there."""
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_nothing_in_it_hurts(file: Path) -> None:
    """As users are told to write them."""
    assert not hurts(lint(str(file), interpreter(ParsedArgs({}, ()))))


CHECKED = [file for file in FILES if re.search(r"timeout[=:]", file.read_text())]


@pytest.mark.parametrize("file", CHECKED, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_a_short_timeout_would_hurt(file: Path, tmp_path: Path) -> None:
    """The lint does read the health check: with 1 s it has something to say."""
    other = tmp_path / file.name
    other.write_text(re.sub(r"(timeout[=:] ?)6s", r"\g<1>1s", file.read_text()))
    found = {problem.name for problem in lint(str(other), interpreter(ParsedArgs({}, ())))}
    assert found - NOTES == {"TIMEOUT_UNDER_DEADLINE"}
