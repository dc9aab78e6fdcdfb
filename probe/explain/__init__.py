"""
What the codes mean and how to fix what they name.

The texts lie beside this file, NAME.toml for each check and run.toml for what any
check may say: `why` lists the usual causes, the likeliest first, `fix` is the way
that works anywhere, and the table `on` has the way on a base image.
"""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from probe.codes import CODES, Code
from probe.errors import UsageError, did_you_mean
from probe.lightweight import NamedTuple
from probe.remedies.distribution import BASES, base
from probe.targets import Target

__all__ = ["BASES", "Explanation", "base", "explanation", "find", "listing", "one", "said", "several"]


class Explanation(NamedTuple):
    """What is written about one code."""

    why: Sequence[str]
    fix: str
    on: Mapping[str, str]  # base → its own way


def find(name: str) -> Code:
    """The code *name*, in any case; UsageError with the nearest one when there is none."""
    code = CODES.get(name.strip().upper().replace("-", "_"))
    if not code:
        hint = did_you_mean(name, CODES)
        raise UsageError(f"there is no code {name}{hint} (probe explain lists all)")
    return code


def several(name: str) -> list[Code]:
    """The codes of the check *name*, else those that begin with this word; none for the name of a code."""
    plain = name.strip().upper().replace("-", "_")
    if not plain or plain in CODES:
        return []
    of_check = [code for code in CODES.values() if code.check.upper().replace("-", "_") == plain]
    return of_check or [code for code in CODES.values() if code.name.startswith(f"{plain}_")]


def said(text: str) -> str:
    """What a message of Go's stands for; "" for one that is not known, or for the name of a code."""
    if text.strip().upper().replace("-", "_") in CODES:
        return ""
    from probe.explain import messages

    found = messages.find(text)
    return messages.explained(found) if found else ""


def listing(codes: Sequence[Code] = tuple(CODES.values())) -> str:
    """The *codes* with their meanings, by check."""
    lines: list[str] = []
    width = max(len(code.name) for code in codes)
    for check in dict.fromkeys(code.check for code in codes):
        lines += ["", "any check:" if check == "*" else f"{check}:"]
        lines += [f"  {code.name:<{width}}  {code.meaning}" for code in codes if code.check == check]
    return "\n".join(lines[1:]) + "\n"


def one(code: Code, target: Target) -> str:
    """All that is known of *code*, with the way on the base of *target* marked."""
    lines = [f"{code.name} ({'any check' if code.check == '*' else code.check})", f"  {code.meaning}"]
    written = explanation(code)
    if written is None:
        return "\n".join([*lines, "", "  Nothing to do: this is how it should be."]) + "\n"
    lines += ["", "why:", *(f"  - {cause}" for cause in written.why), "", "fix:"]
    lines += _indented(written.fix)
    here = base(target)
    for name in sorted(written.on, key=lambda name: (name != here, BASES.index(name))):
        lines += [f"  {name}{' (this image)' if name == here else ''}:", *_indented(written.on[name], "    ")]
    return "\n".join(lines) + "\n"


def explanation(code: Code) -> Explanation | None:
    """What is written about *code*; None for one that needs no fix."""
    written = _texts("run" if code.check == "*" else code.check).get(code.name)
    return written and Explanation(written["why"], written.get("fix", ""), written.get("on", {}))


@cache
def _texts(check: str) -> Mapping[str, Any]:
    import tomllib

    path = os.path.join(os.path.dirname(__file__), f"{check}.toml")
    if not os.path.exists(path):  # a check that has only codes of success
        return {}
    with open(path, "rb") as stream:
        return tomllib.load(stream)


def _indented(text: str, indent: str = "  ") -> list[str]:
    return [f"{indent}{line}" for line in text.strip().splitlines()]
