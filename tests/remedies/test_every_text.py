"""Every remedy in the code, and what explain says, is of the notation: an action, or it names who acts."""

import ast
from collections.abc import Iterator
from pathlib import Path

import probe
from probe.codes import CODES
from probe.explain import explanation
from probe.remedies import notation
from tests.remedies.without import WITHOUT

PACKAGE = Path(probe.__file__).parent
LINES = {"_SET": "chronyc makestep", "volume": "volumeMounts: []"}
PLACES = ("checks", "targets", "runner.py", "sequential.py", "facts.py")
NAMES = ("remedy", "look", "again", "cure", "_NO_ROOM", "_SET", "_LOCAL", "_BOX", "_SHARED", "_DISCIPLINE")


def texts() -> Iterator[tuple[str, str]]:
    """The texts that become remedies, with something in the place of what is filled in."""
    files = [file for place in PLACES for file in _files(PACKAGE / place) if file.name != "document.py"]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            value = _value(node)
            if value is not None and (text := _text(value)):
                yield f"{file.relative_to(PACKAGE)}:{value.lineno}", text


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def _value(node: ast.AST) -> ast.expr | None:
    """What is assigned to a remedy, or given to a finding as one."""
    if isinstance(node, ast.Assign):
        named = [target.id for target in node.targets if isinstance(target, ast.Name)]
        return node.value if any(name in NAMES for name in named) else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
        return node.args[4] if len(node.args) > 4 else None
    return None


def _text(value: ast.expr) -> str:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    if isinstance(value, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else _stand_in(part) for part in value.values
        )
    return ""


def _stand_in(part: ast.expr) -> str:
    """What is put in that is itself a line has such a line in its place."""
    source = ast.unparse(part).strip("f'\"{}")
    if source in LINES:
        return LINES[source]
    return "chmod" if source.startswith("command") else "sha256sum" if "gpgv" in source else "1"


def test_a_remedy_is_an_action_or_names_who_acts() -> None:
    """No line is a sentence that says neither what can be pasted nor who is to do it."""
    found = list(texts())
    assert len(found) > 60
    for place, text in found:
        actions = [action for way in notation.ways(text) for action in way.actions]
        asked = [str(action.values["text"]) for action in actions if action.kind == "ask"]
        # "1" stands for what a function of its own makes.
        assert all(words == "1" or words.startswith("Ask ") for words in asked), (place, text)


def test_most_codes_have_a_line_to_carry_out() -> None:
    """By what explain shows; a fifth of all codes at most has none, and the table says why."""
    needing = [code for code in CODES.values() if not code.name.endswith("_OK") and explanation(code)]
    without = [code.name for code in needing if not _executable(code.name)]
    print(f"\n{len(needing) - len(without)} of {len(needing)} codes have a line that can be carried out")
    assert set(without) == set(WITHOUT), set(without) ^ set(WITHOUT)
    assert len(without) <= len(CODES) / 5


def _executable(name: str) -> bool:
    written = explanation(CODES[name])
    if not written:
        return False
    lines = [line for text in (written.fix, *written.on.values()) for line in text.strip().splitlines()]
    return any(_acts(line.strip()) for line in lines if line.strip())


def _acts(line: str) -> bool:
    return any(action.kind != "ask" for way in notation.ways(line) for action in way.actions)
