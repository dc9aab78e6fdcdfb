"""What a case of a container is: how it comes about, and what has to work once the remedy is carried out."""

from collections.abc import Callable
from typing import NamedTuple

from tests.remedies.container import Container

Arrange = Callable[[Container], object]
ALL = -1  # of the lines that explain shows, one after the other
Works = Callable[[Container], bool]


class Case(NamedTuple):
    """One code in a container; the remedy is what probe prints for it."""

    code: str
    check: str  # which has to be run again
    arrange: Arrange
    works: Works | None = None  # as real Go has it: not before the remedy, and after it
    way: int = 0  # which of the remedies, not counting what only asks somebody or only shows
    slow: bool = False
    rounds: int = 1  # how often what is printed is followed: a command of probe prints more
    words: tuple[str, ...] = ()  # of `probe check`, where they are not those of the check alone
    explained: bool = False  # no finding has a remedy, for it is no fault: what explain shows is done
