"""A bounded run of each campaign in every release, and all that was ever found."""

from pathlib import Path

import pytest

from probe.golang.x509.certificate import Parser
from tests.differential import answers
from tests.differential.harness import Counter, same, shown
from tests.fuzz import found
from tests.fuzz.campaigns import CAMPAIGNS, compare, request, run
from tests.fuzz.oracle import Stream

PATIENCE_S = 1.0  # for one input, on a machine that does much else


@pytest.mark.timeout(900)
@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_mutants_are_judged_as_go_judges_them(
    campaign: str, go_version: str, fuzz_seconds: float, fuzz_seed: int
) -> None:
    """Taken or refused, in the same words, with the same content and the same chains; never an exception."""
    result = run(campaign, go_version, fuzz_seed, seconds=fuzz_seconds)
    Counter.compared += result.compared
    for difference in result.differences:
        print(difference.shape, found.save(difference.sample, difference.shape, found.FOLDER / "new"))
    assert not result.differences, shown([(one.ours, one.theirs) for one in result.differences])
    assert result.compared > 50
    assert result.accepted > result.compared / 50, "hardly a mutant is sound: they tell little"
    assert result.slowest_s < PATIENCE_S


@pytest.mark.parametrize("path", sorted(found.FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_what_was_found_stays_right(path: Path, go_version: str) -> None:
    """A difference that was found once does not come back, in any release."""
    sample, go = found.load(path), answers.judged(go_version)
    with Stream(go_version) as stream:
        (answer,) = stream.ask([request(sample)])
    ours, theirs = compare(sample, answer, Parser(go), go)
    same(ours, theirs, path.name)
