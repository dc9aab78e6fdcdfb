"""Every instruction that probe prints, read by the engine's own BuildKit: parser, instructions, variables."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.engine import Engine, Failed
from tests.remedies import pasted
from tests.remedies.texts import texts

_ALONE = ("ENV", "USER", "ARG", "EXPOSE")  # carried out without anything from elsewhere


def stages() -> Iterator[str]:
    """A stage of a Dockerfile for each text, and a last one with what needs no image: that one is built."""
    last = []
    for _, text in (*pasted.explained(), *texts()):
        lines = [line for line in pasted.lines(text) if pasted.kind(line) == "dockerfile"]
        if lines and not lines[0].startswith("FROM"):
            yield "FROM scratch"
        yield from lines
        last += [line for line in lines if line.split()[0] in _ALONE]
    yield "FROM scratch"
    yield from last


@pytest.fixture(scope="module")
def dockerfile() -> list[str]:
    return list(stages())


def test_all_of_them_are_read(engine: Engine, dockerfile: list[str], tmp_path: Path) -> None:
    """In one build: BuildKit reads all stages before it builds the last one."""
    assert sum(line.startswith("COPY ") for line in dockerfile) > 50
    (tmp_path / "Dockerfile").write_text("\n".join([*dockerfile, ""]))
    engine.build(tmp_path, "pasted")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            "FROM gcr.io/distroless/static      # holds the bundle",
            "FROM requires either one or three arguments",
        ),
        ("ENV GOROOT=   # the go command finds its own", 'can\'t find = in "#"'),
        ("COPY --form=alpine /a /b", "nknown flag: form"),
        ("WORKDIR", "WORKDIR requires exactly one argument"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(engine: Engine, line: str, why: str, tmp_path: Path) -> None:
    """In a stage that is not built, too; so the test above can fail."""
    (tmp_path / "Dockerfile").write_text(f"FROM scratch\n{line}\nFROM scratch\nENV A=b\n")
    with pytest.raises(Failed, match=re.escape(why)):
        engine.build(tmp_path, "pasted-wrong")
