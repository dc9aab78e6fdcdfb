"""README.zh-CN.md follows README.md: same headings, identical code blocks, no section left behind."""

import re
from hashlib import sha256
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent.parent
ENGLISH = (CHECKOUT / "README.md").read_text()
CHINESE = (CHECKOUT / "README.zh-CN.md").read_text()
_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def sections(text: str) -> dict[str, str]:
    """Heading → what is below it; a comment of a shell in a block is no heading."""
    blocks = _BLOCK.findall(text)
    parts = re.split(r"^(#+ .*)$", _BLOCK.sub("@@", text), flags=re.MULTILINE)
    rest = iter(blocks)
    return {
        head: re.sub("^@@$", lambda _: next(rest), body, flags=re.MULTILINE)
        for head, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def digest(text: str) -> str:
    return sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def test_no_section_is_stale() -> None:
    """The last lines store the digest of each English section; those that have changed are named."""
    stored = dict(re.findall(r"^<!-- source ([0-9a-f]{12}) (.*) -->$", CHINESE, re.MULTILINE))
    now = {digest(body): head for head, body in sections(ENGLISH).items()}
    late = [head for known, head in now.items() if known not in stored]
    assert not late, f"translate these sections anew, then store their digests: {late}: {now}"
    assert stored == now


def test_same_headings() -> None:
    """As many, of the same levels, in the same order."""
    levels = [[head.split()[0] for head in sections(text)] for text in (ENGLISH, CHINESE)]
    assert levels[0] == levels[1]


def test_identical_code_blocks() -> None:
    """Commands and samples are never translated."""
    assert _BLOCK.findall(ENGLISH) == _BLOCK.findall(CHINESE)


def test_each_leads_to_the_other() -> None:
    """On top of both."""
    assert "(README.zh-CN.md)" in "".join(ENGLISH.splitlines(keepends=True)[:6])
    assert "(README.md)" in "".join(CHINESE.splitlines(keepends=True)[:6])


def test_links_lead_somewhere() -> None:
    """Every file that the page points to is there."""
    for link in re.findall(r"\]\(([^)#:]+)[^)]*\)", CHINESE):
        assert (CHECKOUT / link).exists(), link
