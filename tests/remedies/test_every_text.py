"""Every remedy is made of actions, and what explain says is of the notation that is read as such."""

import re
import tomllib
from pathlib import Path

import probe
from probe.codes import CODES
from probe.explain import explanation
from probe.remedies import notation
from tests.remedies import (
    agent_cases,
    cases,
    faults,
    image_faults,
    look_cases,
    pod_faults,
    printed,
    private_roots,
    saved_faults,
    scenes,
    unseen,
    zone_scenes,
)
from tests.remedies.explained import done_by, explained, texts
from tests.remedies.without import WITHOUT

PACKAGE = Path(probe.__file__).parent


def test_actions_are_made_and_never_read_out_of_a_text() -> None:
    """Only what explain shows is written as lines; a finding holds actions, from which its text is made."""
    readers = [path for path in PACKAGE.rglob("*.py") if re.search(r"\bnotation\b", path.read_text())]
    assert {path.relative_to(PACKAGE).parts[0] for path in readers} <= {"remedies", "explain"}


def test_most_codes_have_a_line_to_carry_out() -> None:
    """By what explain shows; a fifth of all codes at most has none, and the table says why."""
    needing = [code for code in CODES.values() if not code.name.endswith("_OK") and explanation(code)]
    without = [code.name for code in needing if not _executable(code.name)]
    print(f"\n{len(needing) - len(without)} of {len(needing)} codes have a line that can be carried out")
    assert set(without) == set(WITHOUT), set(without) ^ set(WITHOUT)
    assert len(without) <= len(CODES) / 5


def test_a_scene_carries_out_what_can_be_carried_out() -> None:
    """Every other code stands in the table, which says why; none only lacks a scene."""
    proven = {one.code for one in (*scenes.roots(), *zone_scenes.zones())}
    proven |= {one.code for one in faults.all_of_them()} | {one.code for one in image_faults.FAULTS}
    proven |= {one.code for one in pod_faults.all_of_them()} | {
        private_roots.CODE,
        private_roots.WITHOUT_ROOTS,
    }
    proven |= {one.code for one in cases.all_of_them()} | {one.code for one in saved_faults.FAULTS}
    proven |= set(unseen.CODES)
    agents = agent_cases.all_of_them()
    proven |= {one.code for one in agents if not one.shows}
    shown = {one.code for one in look_cases.all_of_them()} | {one.code for one in agents if one.shows}
    shown.add(agent_cases.DETAILS)
    table = tomllib.loads((Path(__file__).parent / "unexecuted.toml").read_text())
    told = {why: set(entry["codes"].split()) for why, entry in table.items()}
    known = set().union(*told.values())
    print(f"\nthe remedies of {len(proven)} codes are carried out")
    print(f"of {len(shown)} more, which only show more, the command is tried, and it shows the cause")
    print("\n".join(f"{len(names)} are not: {why}" for why, names in told.items()))
    assert not proven & known, proven & known
    assert not shown & (proven | known), shown & (proven | known)
    assert sum(map(len, told.values())) == len(known)
    needing = {code.name for code in CODES.values() if explanation(code)} - set(WITHOUT)
    told_of = (proven | shown | known) - set(WITHOUT)
    assert needing == told_of, needing ^ told_of


def test_what_explain_shows_is_printed() -> None:
    """By a scene of the code, for the same audience; what none prints stands in a table with its reason."""
    told = tomllib.loads((Path(__file__).parent / "explained_only.toml").read_text())
    known = {(code, one) for codes in told.values() for code, does in codes.items() for one in does}
    left = {
        (code, one)
        for code, by in printed.table().items()
        for one in explained(code) - set(by.get("first", ())) - set(by.get("more", ()))
    }
    total = sum(len(explained(code)) for code in printed.table())
    print(f"\n{total - len(left)} of {total} fixes that explain shows for these codes are printed by a scene")
    assert left == known, (left - known, known - left)


def test_explain_shows_the_best_fix_first() -> None:
    """Its first line, anywhere or on a base, is one that a scene prints as the best remedy."""
    late = [
        code
        for code, by in printed.table().items()
        if "first" in by and not any(_first(text) & set(by["first"]) for text in texts(code))
    ]
    assert late == []


def _first(text: str) -> set[str]:
    """What the first line of *text* that does anything does."""
    return next(filter(None, (done_by(line) for line in text.strip().splitlines())), set())


def _executable(name: str) -> bool:
    written = explanation(CODES[name])
    if not written:
        return False
    lines = [line for text in (written.fix, *written.on.values()) for line in text.strip().splitlines()]
    return any(_acts(line.strip()) for line in lines if line.strip())


def _acts(line: str) -> bool:
    return any(action.kind != "ask" for way in notation.ways(line) for action in way.actions)
