"""
Regular expressions whose matching takes time in proportion to the text, whatever the pattern.

Python's `re` can take for ever on a hostile value, and holds the whole interpreter
meanwhile: no deadline would end it. The syntax is the part that RE2, Go's regexp and
`re` share, without references and look-around; all states are followed at once.
"""

from collections.abc import Callable

from probe.lightweight import NamedTuple

STEPS = 1000  # of a compiled pattern
TEXT_LIMIT = 2048  # characters of the text

_DIGIT = frozenset("0123456789")
_SPACE = frozenset("\t\n\f\r ")
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_SETS = {"d": _DIGIT, "s": _SPACE, "w": _WORD}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}

Accepts = Callable[[str], bool]


class PatternError(ValueError):
    """The pattern cannot be used; the text says why."""


class _Step(NamedTuple):
    accepts: Accepts | None = None  # takes one character and goes on to the next step
    goes_to: tuple[int, ...] = ()  # goes on there without taking any
    holds: str = ""  # goes on if this is so: "^", "$", "b", "B"


class Pattern:
    """A compiled pattern; PatternError when it is malformed, too large or not supported."""

    def __init__(self, text: str) -> None:
        self._steps = _Parser(text).program()

    def search(self, text: str) -> bool:
        """Whether the pattern is found anywhere in *text*, which holds TEXT_LIMIT characters at most."""
        current: set[int] = set()
        for at in range(len(text) + 1):
            here = self._closure({0, *current}, text, at)
            if len(self._steps) in here:
                return True
            if at == len(text):
                return False
            char = text[at]
            current = {step + 1 for step in here if (accepts := self._steps[step].accepts) and accepts(char)}
        return False

    def _closure(self, starts: set[int], text: str, at: int) -> set[int]:
        seen, todo = set(starts), list(starts)
        while todo:
            number = todo.pop()
            if number == len(self._steps):
                continue
            step = self._steps[number]
            following = step.goes_to
            if step.holds and _holds(step.holds, text, at):
                following = (number + 1,)
            for other in following:
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        return seen


def _holds(what: str, text: str, at: int) -> bool:
    if what == "^":
        return at == 0
    if what == "$":
        return at == len(text)
    before = at > 0 and text[at - 1] in _WORD
    after = at < len(text) and text[at] in _WORD
    return (before != after) == (what == "b")


class _Parser:
    """Recursive descent; each method gives the steps of its part, with targets relative to themselves."""

    def __init__(self, text: str) -> None:
        self._fold = text.startswith("(?i)")
        self._text = text[4:] if self._fold else text
        self._at = 0
        self._depth = 0

    def program(self) -> list[_Step]:
        steps = self._choice()
        if self._at < len(self._text):
            raise PatternError(f"unexpected {self._peek()} at character {self._at + 1}")
        return [
            step._replace(goes_to=tuple(number + offset for offset in step.goes_to))
            for number, step in enumerate(steps)
        ]

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, expected: str = "") -> str:
        char = self._peek()
        if not char or (expected and char != expected):
            raise PatternError(f"{expected or 'something'} is missing at the end")
        self._at += 1
        return char

    def _skip(self, text: str) -> bool:
        found = self._text.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _choice(self) -> list[_Step]:
        self._depth += 1
        if self._depth > 50:
            raise PatternError("too many groups within one another")
        steps = self._sequence()
        while self._skip("|"):
            other = self._sequence()
            fork = _Step(goes_to=(1, len(steps) + 2))
            steps = _bounded([fork, *steps, _Step(goes_to=(len(other) + 1,)), *other])
        self._depth -= 1
        return steps

    def _sequence(self) -> list[_Step]:
        steps: list[_Step] = []
        while self._peek() not in ("", "|", ")"):
            steps = _bounded(steps + self._repeated())
        return steps

    def _repeated(self) -> list[_Step]:
        steps = self._atom()
        times = 0
        while (bounds := self._bounds()) is not None:
            times += 1
            if times > 1:
                raise PatternError(f"a repetition is repeated at character {self._at}")
            steps = _repeat(steps, *bounds)
            self._skip("?")  # lazy or not, it is found or not
        return steps

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._skip(sign):
                return bounds
        if self._peek() != "{":
            return None
        inside, closed, _ = self._text[self._at + 1 :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not low.isdecimal() or not (high or "0").isdecimal() or len(inside) > 9:
            raise PatternError("{ begins a count such as {2} or {1,3}; write \\{ for the character")
        self._at += len(inside) + 2
        most = (int(high) if high else None) if comma else int(low)
        if most is not None and most < int(low):
            raise PatternError(f"{{{inside}}} counts backwards")
        return int(low), most

    def _atom(self) -> list[_Step]:
        char = self._take()
        if char == "(":
            return self._group()
        if char == "[":
            return [_Step(self._class())]
        if char == "\\":
            return [self._escape()]
        if char == ".":
            return [_Step(lambda char: char != "\n")]
        if char in "^$":
            return [_Step(holds=char)]
        if char in "*+?{":
            raise PatternError(f"nothing for {char} to repeat at character {self._at}")
        return [_Step(self._one(char))]

    def _group(self) -> list[_Step]:
        if self._peek() == "?" and not self._skip("?:"):
            raise PatternError("of the groups that begin with (? only (?: is known, and (?i) in front of all")
        steps = self._choice()
        self._take(")")
        return steps

    def _escape(self) -> _Step:
        char = self._take()
        if char in "bB":
            return _Step(holds=char)
        if char in "Az":
            return _Step(holds="^" if char == "A" else "$")
        return _Step(self._escaped(char))

    def _escaped(self, char: str) -> Accepts:
        if char.lower() in _SETS:
            chosen, wanted = _SETS[char.lower()], char.islower()
            return lambda char: (char in chosen) == wanted
        return self._one(self._literal(char))

    def _literal(self, char: str) -> str:
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char.isalnum():
            raise PatternError(f"\\{char} is not known")
        return char

    def _one(self, char: str) -> Accepts:
        if self._fold:
            folded = char.casefold()
            return lambda other: other.casefold() == folded
        return lambda other: other == char

    def _class(self) -> Accepts:
        negated = self._skip("^")
        parts: list[Accepts] = []
        while not parts or self._peek() != "]":
            char = self._take()
            if char == "[" and self._peek() == ":":
                raise PatternError("names like [:alpha:] are not known")
            if char == "\\":
                char = self._take()
                if char.lower() in _SETS:
                    parts.append(self._escaped(char))
                    continue
                char = self._literal(char)
            parts.append(self._range(char))
        self._take("]")
        return lambda char: any(part(char) for part in parts) != negated

    def _range(self, low: str) -> Accepts:
        following = self._text[self._at + 1 : self._at + 2]
        if self._peek() != "-" or following in ("", "]"):
            return self._one(low)
        self._take("-")
        high = self._take()
        if high == "\\":
            high = self._literal(self._take())
        if high < low:
            raise PatternError(f"the range {low}-{high} runs backwards")
        if self._fold:
            return lambda char: any(low <= form <= high for form in (char, char.lower(), char.upper()))
        return lambda char: low <= char <= high


def _repeat(steps: list[_Step], low: int, high: int | None) -> list[_Step]:
    if len(steps) * max(low, high or 0, 1) > STEPS:
        raise PatternError("too large")
    out = steps * low
    if high is None:
        return [*out, _Step(goes_to=(1, len(steps) + 2)), *steps, _Step(goes_to=(-len(steps) - 1,))]
    for left in range(high - low, 0, -1):
        # Leaving here skips all that is still optional.
        out = [*out, _Step(goes_to=(1, left * (len(steps) + 1))), *steps]
    return _bounded(out)


def _bounded(steps: list[_Step]) -> list[_Step]:
    if len(steps) > STEPS:
        raise PatternError("too large")
    return steps
