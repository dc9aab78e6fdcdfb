"""What probe prints in a container is typed there; probe and real Go are asked again."""

from typing import Any

import pytest

from tests.remedies import cases, printed
from tests.remedies.case import Case
from tests.remedies.container import BAD, Container, container, findings

pytestmark = [pytest.mark.root, pytest.mark.timeout(200)]
CASES = cases.all_of_them()
_NAMES = [f"case {one.code} {sum(it.code == one.code for it in CASES[:at])}" for at, one in enumerate(CASES)]
_FIRST = {case.check: name for name, case in reversed(list(zip(_NAMES, CASES, strict=True)))}


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(
            name,
            case,
            id=name,
            marks=() if _FIRST[case.check] == name and not case.slow else pytest.mark.sweep,
        )
        for name, case in zip(_NAMES, CASES, strict=True)
    ],
)
def test_the_remedy_helps(name: str, case: Case) -> None:
    """The finding is gone once its remedy has been carried out, nothing is worse, and real Go agrees."""
    with container() as here:
        case.arrange(here)
        if case.works:
            assert not case.works(here)
        before = _asked(here, case)
        finding = _of_code(before, case.code)
        printed.hold(name, finding)
        text = ways(finding)[case.way]
        print(f"\n{case.code}: {text}")
        asked = here.follow(text)
        for _ in range(case.rounds - 1):
            assert asked
            wrong = max(
                (one for one in asked if one["status"] in BAD), key=lambda one: BAD.index(one["status"])
            )
            print(f"{wrong['code']}: {ways(wrong)[0]}")
            asked = here.follow(ways(wrong)[0])
        after = asked if asked is not None else _asked(here, case)
        left = [one["cause"] for one in after if one["code"] == case.code and one["status"] in BAD]
        assert not left, (text, left)
        known = {one["code"] for one in before} | case.also
        if asked is None:
            worse = [
                one for one in after if one["status"] in ("unknown", "fail") and one["code"] not in known
            ]
            assert not worse, (text, worse)
        assert any(one["status"] == "pass" for one in after)
        if case.works:
            assert case.works(here), text


def ways(finding: dict[str, Any]) -> list[str]:
    """What does something, the best first."""
    told = [(finding["remedy"], finding["actions"])]
    told += [(one["remedy"], one["actions"]) for one in finding.get("alternatives") or ()]
    return [text for text, actions in told if any(one["kind"] not in ("ask", "look") for one in actions)]


def _asked(here: Container, case: Case) -> list[dict[str, Any]]:
    patience = () if "timeout_s" in here.settings else ("--timeout", "20")
    return findings(here.report("--only", case.check, "--role", "startup", *patience))


def _of_code(found: list[dict[str, Any]], code: str) -> dict[str, Any]:
    known = next((one for one in found if one["code"] == code and one["status"] in BAD), None)
    assert known, [(one["code"], one["cause"]) for one in found]
    return known
