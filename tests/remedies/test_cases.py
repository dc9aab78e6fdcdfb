"""What probe prints in a container is typed there; probe and real Go are asked again."""

import json
import re
from typing import Any

import pytest

from probe.config.schema import DEFAULTS
from tests.remedies import cases, printed
from tests.remedies.case import ALL, Case
from tests.remedies.container import BAD, Container, container, findings
from tests.remedies.explained import texts

pytestmark = [pytest.mark.root, pytest.mark.timeout(200)]
DEFAULT = DEFAULTS["checks"]
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
        if case.check not in DEFAULT:
            here.settings["checks"] = json.dumps([*DEFAULT, case.check])
        case.arrange(here)
        if case.works:
            assert not case.works(here)
        before = findings(_asked(here, case))
        finding = _of_code(before, case)
        if not case.explained:
            printed.hold(name, finding, timed=True)
        text = explained_way(case.code, case.way) if case.explained else ways(finding)[case.way]
        print(f"\n{case.code}: {text}")
        asked = here.follow(text)
        for _ in range(case.rounds - 1):
            wrong = _worst(findings(asked if asked is not None else _asked(here, case)))
            print(f"{wrong['code']}: {ways(wrong)[0]}")
            asked = here.follow(ways(wrong)[0])
        report = asked if asked is not None else _asked(here, case)
        assert case.check in {check["name"] for check in report}, report
        after = findings(report)
        left = [one["cause"] for one in after if one["code"] == case.code]
        assert not left, (text, left)
        if asked is None:
            known = {one["code"] for one in before}
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


def _worst(found: list[dict[str, Any]]) -> dict[str, Any]:
    wrong = [one for one in found if one["status"] in BAD and ways(one)]
    return max(wrong, key=lambda one: BAD.index(one["status"]))


def explained_way(code: str, way: int) -> str:
    """What explain shows, without its comments: one line, a setting with its table; or all of them."""
    found: list[str] = []
    for line in texts(code)[0].strip().splitlines():
        bare = re.sub(r"\s+#\s.*", "", line)
        table = re.search(r"# in (\[[\w.-]+\])", line)
        if bare and not bare.startswith("#"):
            whole = f"{table[1]}\n{bare}" if table else bare
            joined = found and found[-1].startswith("[") and "\n" not in found[-1]
            found[-1:] = [f"{found[-1]}\n{whole}"] if joined else [*found[-1:], whole]
    return "\n".join(found) if way == ALL else found[way]


def _asked(here: Container, case: Case) -> list[dict[str, Any]]:
    if case.words:
        return here.report(*case.words)
    patience = () if "timeout_s" in here.settings else ("--timeout", "20")
    return here.report("--only", case.check, "--role", "startup", *patience)


def _of_code(found: list[dict[str, Any]], case: Case) -> dict[str, Any]:
    known = next((one for one in found if one["code"] == case.code), None)
    assert known, [(one["code"], one["cause"]) for one in found]
    assert case.explained or known["status"] in BAD
    return known
