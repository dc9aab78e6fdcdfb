"""All codes as one page for people who search, an anchor for each: docs/codes.md."""

from collections.abc import Iterator

from probe.codes import CODES, Code
from probe.explain import Explanation, explanation

_SPOKEN = {"*": "Any check"}
_HEAD = """# Codes

Every code that a finding can carry: what it means, why it happens, what to do. `probe explain CODE` prints
the same in a shell, with the way on the base image at hand first; `probe explain 'a message of Go'` tells
which codes it may be.

This page is made by `probe explain --markdown > docs/codes.md`.
"""


def page() -> str:
    """The page; one heading a check, one a code."""
    checks = list(dict.fromkeys(code.check for code in CODES.values()))
    lines = [_HEAD, *(f"- [{_title(check)}](#{_anchor(_title(check))})" for check in checks)]
    for check in checks:
        lines += ["", f"## {_title(check)}"]
        for code in CODES.values():
            if code.check == check:
                lines += _code(code)
    return "\n".join(lines) + "\n"


def _title(check: str) -> str:
    return _SPOKEN.get(check, f"`{check}`")


def _anchor(title: str) -> str:
    """As forges make it of a heading."""
    return title.replace("`", "").lower().replace(" ", "-")


def _code(code: Code) -> Iterator[str]:
    yield from ("", f"### {code.name}", "", code.meaning)
    written = explanation(code)
    if written:
        yield from ("", *(f"* {_text(cause)}" for cause in written.why))
        yield from _fixes(written)


def _fixes(written: Explanation) -> Iterator[str]:
    if written.fix:
        yield from ("", "```", written.fix.strip(), "```")
    for base, lines in written.on.items():
        yield from ("", f"On {base}:", "", "```", lines.strip(), "```")


def _text(cause: str) -> str:
    """No mark of Markdown in it but ours."""
    return cause.replace("<", "&lt;").replace("*", "\\*")
