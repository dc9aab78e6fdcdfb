"""Pasteable means pasteable: the parser of the place where it is pasted reads every line that is printed."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from probe import targets
from tests.remedies import pasted
from tests.remedies.random_worlds import below_a_file, findings, surroundings, world
from tests.remedies.texts import texts
from tests.support.worlds import lay

WORLDS = 25  # whose findings are read
# Two ways in one line, outside quotes and remarks.
_TWO_WAYS = re.compile(rf"[;,] or |\bor (?:{'|'.join(pasted.INSTRUCTIONS)}) |\}} or ")


def _of_world(seed: int, root: Path) -> Iterator[tuple[str, str]]:
    """The remedies of real findings in a random world with hostile names, by code."""
    rng = random.Random(seed)
    laid = world(rng)
    lay(root, {path: content for path, content in laid.items() if not below_a_file(path, laid)})
    env, mounts, user = surroundings(rng)
    target = targets.at_root(str(root), env, user=user)._replace(mounts=mounts)
    for finding in findings(target):
        for remedy in finding.remedies:
            yield finding.code.name, remedy.text


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    return [pair for seed in range(WORLDS) for pair in _of_world(seed, tmp_path_factory.mktemp("world"))]


@pytest.fixture(scope="module")
def whole(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What explain shows, what the code can print, and what findings had, with where it is from."""
    return [*pasted.explained(), *texts(), *found]


@pytest.fixture(scope="module")
def everything(whole: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same by lines."""
    return [(place, line) for place, text in whole for line in pasted.lines(text)]


def _of(kind: str, everything: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(place, line) for place, line in everything if pasted.kind(line) == kind]


def test_buildkit_reads_every_instruction(everything: list[tuple[str, str]]) -> None:
    """By its own parser: one instruction, as many words as it takes, and no remark behind it."""
    instructions = _of("dockerfile", everything)
    print(f"\n{len(instructions)} instructions, {len({line for _, line in instructions})} different ones")
    assert len(instructions) > 300
    refused = {line: (place, pasted.refused_by_buildkit(line)) for place, line in instructions}
    assert {line: why for line, why in refused.items() if why[1]} == {}


def test_sh_reads_every_command(everything: list[tuple[str, str]], tmp_path: Path) -> None:
    """Those of RUN, and those for a shell."""
    commands = {line for _, line in _of("shell", everything)}
    commands |= {pasted.command_of(line) for _, line in everything if line.startswith("RUN ")}
    print(f"\n{len(commands)} different commands")
    assert len(commands) > 200
    assert pasted.refused_by_sh(sorted(commands), tmp_path) == []


def test_sh_refuses_what_is_none(tmp_path: Path) -> None:
    """The test above can fail, and names the line."""
    (refused,) = pasted.refused_by_sh(["true", "echo 'x", "ls"], tmp_path)
    assert refused.startswith("echo 'x: ")


def test_kubernetes_knows_every_field(whole: list[tuple[str, str]]) -> None:
    """By the schema of the newest release: fields of a container, of a pod, or of what they name."""
    # In the code "x" stands for a value: of what type it is, a finding knows.
    blocks = {
        block
        for place, text in whole
        for block in _yaml(text)
        if ".py:" not in place or not re.search(r"(\[|: )x\b", block)
    }
    assert len(blocks) > 10
    refused = {block: pasted.refused_by_kubernetes(block) for block in blocks}
    assert {block: why for block, why in refused.items() if why} == {}


def _yaml(text: str) -> Iterator[str]:
    """Each field, with what is indented below it."""
    block: list[str] = []
    for line in pasted.lines(text):
        if pasted.kind(line) != "yaml":
            continue
        if block and not line.startswith((" ", "-")):
            yield "\n".join(block)
            block = []
        block.append(line)
    if block:
        yield "\n".join(block)


def test_every_setting_is_one() -> None:
    """By the schema of probe.toml, in the table that the text names or else in any."""
    written = [
        (place, "\n".join(line for line in pasted.lines(text) if pasted.kind(line) == "toml"))
        for place, text in pasted.explained()
    ]
    settings = [(place, text) for place, text in written if text]
    assert len(settings) > 20
    refused = [(place, pasted.refused_by_the_configuration(text)) for place, text in settings]
    assert [one for one in refused if one[1]] == []


def test_a_line_is_one_way(everything: list[tuple[str, str]]) -> None:
    """An alternative stands on a line of its own, and a command has no sentence before it."""
    pasteable = [(place, line) for place, line in everything if pasted.kind(line) != "prose"]
    plain = [(place, re.sub(r"\s#.*|'[^']*'|\"[^\"]*\"", "", line)) for place, line in pasteable]
    assert [one for one in plain if _TWO_WAYS.search(one[1])] == []
    sentence = re.compile(r"[a-z]+(?: [a-z]+){2,}: (?:ENV|RUN|COPY|curl|openssl|kubectl|docker) ")
    assert [one for one in everything if sentence.search(one[1])] == []
