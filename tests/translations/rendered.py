"""The catalogues of phrases, and their Chinese as paragraphs for the linters of typography."""

import re
from collections.abc import Iterator
from pathlib import Path

from probe.translations import directory
from probe.translations.phrases import read

CAUSES = sorted(f"causes/{file.stem}" for file in Path(directory("zh"), "causes").iterdir())
FILES = ["interface", "fixes", "remedies", *CAUSES]  # the catalogues of phrases

# What is not Chinese, as long as it is: `probe check`, a placeholder, a path.
_KEPT = re.compile(r"""[\w.]+\(\{\w+\}\)|[A-Za-z0-9{$./~%@"'_<\\\[-](?:(?:(?! \(|\) )[ -~])*[!-'*-~])?""")


def paragraphs() -> Iterator[str]:
    """What is kept as it is, values and commands, stands as code."""
    for name in FILES:
        for told in read("zh", name).values():
            if "](" not in told:  # a link of the page of codes, which is linted itself
                yield _KEPT.sub(lambda kept: f"`{kept[0]}`", told.strip())
