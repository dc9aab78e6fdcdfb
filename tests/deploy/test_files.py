"""What stands beside the manifests: links lead somewhere, our own lint has nothing to say."""

import re
from pathlib import Path

import pytest

from probe.cli.arguments import Given
from probe.cli.manifest import interpreter
from probe.manifest.lint import lint
from tests.deploy.rendered import DEPLOY

FILES = sorted(
    path for name in ("Dockerfile*", "*.Dockerfile", "compose*.yaml") for path in DEPLOY.rglob(name)
)


@pytest.mark.parametrize("page", sorted(DEPLOY.rglob("*.md")), ids=lambda path: str(path.relative_to(DEPLOY)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every file that a page points to is there."""
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_nothing_in_it_hurts(file: Path) -> None:
    """As users are told to write them."""
    assert lint(str(file), interpreter(Given({}, ()))) == []
