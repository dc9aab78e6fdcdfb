"""A command that only shows more is typed where it was printed for: it runs, and shows the cause."""

import json
from typing import Any

import pytest

from probe.config.schema import DEFAULTS
from tests.remedies import look_cases
from tests.remedies.container import container, findings
from tests.remedies.explained import texts
from tests.remedies.look_cases import LookCase

pytestmark = [pytest.mark.root, pytest.mark.timeout(100)]
CASES = look_cases.all_of_them()


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(one, id=one.code, marks=pytest.mark.sweep if number else ())
        for number, one in enumerate(CASES)
    ],
)
def test_the_command_shows_the_cause(case: LookCase) -> None:
    with container() as here:
        here.settings["checks"] = json.dumps([*DEFAULTS["checks"], case.check])
        case.arrange(here)
        words = case.words or ("--only", case.check, "--role", "startup")
        found = findings(here.report(*words))
        known = [one for one in found if one["code"] == case.code]
        assert known, [(one["code"], one["cause"]) for one in found]
        line = texts(case.code)[0].strip().splitlines()[0] if case.explained else _look(known[0])
        for place, value in here.meant.items():
            line = line.replace(place, value)
        said = here.sh(line)
        print(f"\n{case.code}: {line}\n{said.out}{said.err}")
        assert said.code not in (126, 127), said
        assert case.shows in said.out + said.err, said


def _look(finding: dict[str, Any]) -> str:
    """The first of its remedies that shows what is there."""
    ways = [(finding["remedy"], finding["actions"])]
    ways += [(one["remedy"], one["actions"]) for one in finding.get("alternatives") or ()]
    looks: list[str] = [text for text, actions in ways if actions[0]["kind"] in ("look", "build", "probe")]
    return looks[0]
