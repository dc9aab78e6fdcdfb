"""The name that was probably meant: the very one that difflib finds, without difflib."""

import random
from difflib import SequenceMatcher, get_close_matches

import pytest

from probe import checks, likeness
from probe.config import schema
from probe.golang import zonedata
from probe.golang.command import environment_defaults

ZONES = sorted(zonedata.names())
VARIABLES = sorted(environment_defaults.NAMES)
KEYS = sorted({*checks.NAMES, *schema.TOP, *schema.TABLES})
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-/"


def slipped(name: str, chance: random.Random) -> str:
    """*name* with up to four slips of a finger."""
    letters = list(name)
    for _ in range(chance.randint(0, 4)):
        at, other = chance.randrange(len(letters) + 1), chance.choice(LETTERS)
        slip = chance.choice(("leave out", "put in", "take another", "turn round"))
        if slip == "put in":
            letters[at:at] = other
        elif slip == "leave out":
            letters[at : at + 1] = []
        elif slip == "take another":
            letters[at : at + 1] = other
        else:
            letters[at : at + 2] = reversed(letters[at : at + 2])
    return "".join(letters)


@pytest.mark.parametrize("known", [ZONES, VARIABLES, KEYS], ids=["zones", "variables", "keys"])
@pytest.mark.parametrize("least", [0.65, 0.75, 0.85])
def test_it_is_what_difflib_finds(known: list[str], least: float) -> None:
    """Of names with slips, none of them, and what is like no name; equally near ones too."""
    chance = random.Random(f"{known[0]} {least}")
    words = [slipped(chance.choice(known), chance) for _ in range(150)]
    words += ["", "x", "Mars/Olympus", "".join(chance.choices(LETTERS, k=64))]
    told = [likeness.nearest(word, known, least) for word in words]
    assert told == [next(iter(get_close_matches(word, known, 1, least)), "") for word in words]
    assert "" in told
    assert len(set(told)) > 10


def test_the_likeness_is_difflibs() -> None:
    """Of words of few letters, which have many blocks of one length."""
    chance = random.Random(7)
    for _ in range(3000):
        first, second = ("".join(chance.choices("ab-", k=chance.randint(0, 9))) for _ in range(2))
        assert likeness.ratio(first, second) == SequenceMatcher(None, first, second, False).ratio()
