"""What `probe explain` shows can be pasted: each Dockerfile line parses, and the shell's part of it."""

import re
import shlex
import subprocess
from collections.abc import Iterator

import pytest

from probe.codes import CODES
from probe.explain import explanation

INSTRUCTIONS = ("FROM", "ENV", "COPY", "USER", "ARG", "RUN", "WORKDIR", "VOLUME", "EXPOSE")


def texts() -> Iterator[tuple[str, str]]:
    for code in CODES.values():
        written = explanation(code)
        if written:
            for place, text in (("anywhere", written.fix), *written.on.items()):
                yield f"{code.name} {place}", text


def lines() -> Iterator[tuple[str, str]]:
    """Every line that begins with a Dockerfile's instruction, continued ones joined."""
    for name, text in texts():
        for line in re.sub(r"\\\n\s*", " ", text).splitlines():
            if line.split(" ", 1)[0] in INSTRUCTIONS:
                yield name, line


DOCKERFILE = list(lines())


@pytest.mark.parametrize(("name", "line"), DOCKERFILE, ids=[name for name, _ in DOCKERFILE])
def test_an_instruction_can_be_pasted(name: str, line: str) -> None:
    """No comment stands after it, which would break the build or become part of the value."""
    word, _, rest = line.partition(" ")
    if word == "RUN":
        command = re.sub(r"^(--\S+ )*", "", rest)
        done = subprocess.run(["sh", "-n", "-c", command], capture_output=True, text=True)
        assert done.returncode == 0, (name, done.stderr)
        return
    assert not re.search(r"\s#", rest), name
    words = shlex.split(rest)
    if word == "ENV":
        assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*=.*", one) for one in words), name
    elif word == "COPY":
        assert len([one for one in words if not one.startswith("--")]) >= 2, name
    elif word == "FROM":
        operands = [one for one in words if not one.startswith("--")]
        assert len(operands) == 1 or (len(operands) == 3 and operands[1] == "AS"), name
    else:
        assert len(words) == 1, name


def test_there_is_something_to_paste() -> None:
    """The lines are found at all."""
    assert len(DOCKERFILE) > 100


def test_no_line_names_a_program_that_is_not_in_the_image() -> None:
    """Where another container runs probe, it is called by its whole path."""
    for name, text in texts():
        assert not re.search(r"(exec|debug) .* -- probe\b", text), name
