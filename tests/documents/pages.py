"""The pages that people read, and what stands in their blocks."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).parent.parent.parent
PAGES = sorted(
    [
        CHECKOUT / "README.md",
        *CHECKOUT.glob("docs/*.md"),
        *CHECKOUT.glob("deploy/**/*.md"),
    ]
)
_BLOCK = re.compile(r"^ *```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


class Command(NamedTuple):
    """One line to be typed."""

    page: str
    text: str


def commands() -> Iterator[Command]:
    """Each line of a block `sh`, each after `$ ` in a block `console`; comments at their end left out."""
    for page in PAGES:
        for language, block in _BLOCK.findall(page.read_text()):
            for line in block.splitlines():
                text = line.strip()
                if language == "console" and text.startswith("$ "):
                    text = text[2:]
                elif language != "sh":
                    continue
                if text and not text.startswith("#"):
                    yield Command(str(page.relative_to(CHECKOUT)), re.sub(r"\s+# .*$", "", text))


def prose(page: Path) -> str:
    """A page without its blocks."""
    return _BLOCK.sub("", page.read_text())
