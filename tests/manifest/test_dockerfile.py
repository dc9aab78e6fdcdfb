"""The Dockerfile reader beside BuildKit's own parser."""

import dockerfile as buildkit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.manifest.dockerfile import expanded, instructions, listed, stages

FILES = [
    "FROM a\n",
    '# syntax=docker/dockerfile:1\nFROM a AS b\nRUN x \\\n  y \\\n# a comment within\n  z\n\nCMD ["a"]\n',
    "# escape=`\nFROM a\nRUN a `\n b\nCOPY a\\ b\n",
    'FROM a\n\n  # indented\n  ENV A=1 \\\n\n B=2\nHEALTHCHECK --interval=1s \\\n  --timeout=2s CMD ["x"]\n',
    "FROM a\nRUN <<EOF\nHEALTHCHECK CMD x\nEOF\nCMD y\n",
    "FROM a\nRUN <<-'END' cat\n\tFROM b\n\tEND\nCOPY <<one <<two /d/\n1\none\nENTRYPOINT z\ntwo\nCMD y\n",
    "FROM a\r\nRUN a \\\r\n b\r\nCMD c\r\n",
    "FROM a\nhealthcheck NONE\nonbuild run x\nLABEL a=b\n",
    'FROM --platform=linux/amd64 a AS b\nCOPY --from=b --chown=1:1 ["x y", "/z"]\nENTRYPOINT [ "a" ]\n',
    'FROM a\nSHELL ["/b", "-c"]\nCMD echo "# no comment" # none either\n',
]


def theirs(text: str) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(one.start_line, one.cmd.upper(), tuple(one.flags)) for one in buildkit.parse_string(text)]


def ours(text: str) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(one.line, one.name, one.flags) for one in instructions(text)]


@pytest.mark.parametrize("text", FILES)
def test_instructions_are_those_of_buildkit(text: str) -> None:
    """The same ones, on the same lines, with the same flags; and the same exec forms."""
    assert ours(text) == theirs(text)
    for mine, other in zip(instructions(text), buildkit.parse_string(text), strict=True):
        if other.json and mine.name != "HEALTHCHECK":
            assert tuple(mine.words or ()) == other.value


lines = st.sampled_from(
    [
        "RUN a",
        "RUN a \\",
        "  b",
        "# c",
        "",
        'CMD ["a"]',
        "HEALTHCHECK --timeout=1s CMD x",
        "ENV A=1 \\",
        "\t# d",
    ]
)


@given(st.lists(lines, max_size=8))
def test_whatever_is_composed(parts: list[str]) -> None:
    """Where BuildKit takes the file, the instructions are the same."""
    text = "FROM a\n" + "\n".join(parts) + "\n"
    try:
        wanted = theirs(text)
    except buildkit.GoParseError:
        return
    assert ours(text) == wanted


def test_stages_know_their_base() -> None:
    """Global ARGs are put in, names are those after AS."""
    text = "ARG V=1\nARG B=x:$V\nFROM ${B} AS One\nARG B=y\nFROM one\nFROM ${C:-z}\n"
    found = [(stage.line, stage.base, stage.name) for stage in stages(text)]
    assert found == [(3, "x:1", "one"), (5, "one", ""), (6, "z", "")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('["a", "b"]', ["a", "b"]),
        ("['a']", None),
        ("[a]", None),
        ('["a"', None),
        ('["a", 1]', None),
        ("a", None),
        ("[]", []),
    ],
)
def test_the_exec_form_is_json(text: str, words: list[str] | None) -> None:
    """Anything else is the shell form."""
    assert listed(text) == words


def test_what_is_not_known_is_empty() -> None:
    """As for Docker."""
    assert expanded("a$B${C}d${E:-f}", {"B": "1"}) == "a1df"
