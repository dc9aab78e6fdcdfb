"""What the code can print as a remedy: each action that it makes, with a stand-in for each value."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import probe
from probe.remedies import actions
from probe.report import Action

PACKAGE = Path(probe.__file__).parent
STAND_IN = "x"  # fits as a word of any kind
_MAKERS = {
    name: made
    for name, made in vars(actions).items()
    if name not in ("before_build", "below")  # which are given another one
    and inspect.isfunction(made)
    and inspect.signature(made).return_annotation in (Action, "Action")
}


def texts() -> Iterator[tuple[str, str]]:
    """The lines of each action that is made anywhere, with the place in the source."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and (made := _made(node)):
                yield f"{file.relative_to(PACKAGE)}:{node.lineno}", actions.remedy(made).text


def _made(call: ast.Call) -> Action | None:
    """The action that *call* of a function of `probe.remedies.actions` makes; None for any other call."""
    function = call.func
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return None
    maker = _MAKERS.get(function.attr) if function.value.id == "actions" else None
    if not maker or any(isinstance(given, ast.Starred | ast.Call) for given in call.args):
        return None
    named = {one.arg: _value(one.value) for one in call.keywords if one.arg}
    made: Action = maker(*map(_value, call.args), **named)
    return made


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else STAND_IN for part in node.values
        )
    return node.value if isinstance(node, ast.Constant) else STAND_IN
