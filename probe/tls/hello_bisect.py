"""Which part of Go's first message disturbs something on the path, and what makes it pass."""

from __future__ import annotations

from probe.golang.release import NEWEST, OLDEST, Go
from probe.golang.tls import offer
from probe.lightweight import Callable, Iterator, NamedTuple
from probe.tls import hello_parts
from probe.tls.client_hello import ClientHello, client_hello
from probe.tls.hello_parts import LENGTH, HelloPart, without
from probe.words import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    Answered = Callable[[ClientHello], bool]

MOST_CONNECTIONS = 8
MOST_S = 1.5
_NAMED = 3  # of several suspects


class Disturbance(NamedTuple):
    """
    What something on the path does not let pass.

    Go's own message got no ServerHello, twice; the same message without `part` got one,
    of the same length unless the length is the part.
    """

    part: str  # in words
    kind: str  # one of hello_parts' kinds
    setting: str = ""  # a GODEBUG setting with which Go's message was answered
    max_version: bool = False  # with tls.Config.MaxVersion = TLS 1.2 it was
    release: int = 0  # the minor release whose message was answered


class Passing(NamedTuple):
    """Go's own message was answered after all: what was seen before has passed."""


class Bisection:
    """A search by sending messages; *answered* says whether one got a ServerHello that Go takes."""

    def __init__(
        self, go: Go, name: str | None, answered: Answered, *, more: Callable[[], bool], kept: int = 0
    ) -> None:
        """*kept*: connections that the caller will need where nothing is found."""
        self._go, self._name, self._kept = go, name, kept
        self._answered, self._more = answered, more
        self._hello = client_hello(go, name)
        self._size = len(self._hello.encode())
        self._left = MOST_CONNECTIONS

    def find(self) -> Disturbance | Passing | None:
        """What disturbs; None where no other message of ours is answered either."""
        suspects = self._suspects()
        if not suspects:
            return None
        if not (self._left and self._more()):
            return None  # once is no proof
        if self._ask(self._hello):
            return Passing()
        found = self._blame(suspects)
        # Resets at random may look like a box: one more time, where there is a connection left.
        return Passing() if self._ask(self._hello) else found

    def _blame(self, suspects: list[HelloPart]) -> Disturbance:
        parts = self._narrow(suspects)
        if not parts:
            return self._cured([], "more than one part of it")
        if len(parts) > 1:
            return self._cured(parts, f"one of: {listed([part.name for part in parts], _NAMED)}")
        part = self._refined(parts[0])
        return self._cured([part], part.name)

    def _suspects(self) -> list[HelloPart]:
        """What may be to blame: together left out, they make the message pass."""
        optional = hello_parts.optional(self._hello)
        bare = without(self._hello, optional)
        if self._ask(bare.padded(self._size)):
            return optional
        entries = hello_parts.entries(self._hello)  # before the length: there are many to tell apart
        if self._ask(without(bare, entries).padded(self._size)):
            return entries
        if self._ask(bare):
            return [HelloPart(f"its length of {self._size} bytes", LENGTH)]
        for suspects in self._unlikely():
            if self._left <= self._kept:
                break
            if self._leaving_out(suspects):
                return suspects
        return []

    def _unlikely(self) -> Iterator[list[HelloPart]]:
        """What OpenSSL's message has too, and what servers count on."""
        yield [hello_parts.tls13()]
        if self._name:
            yield [hello_parts.server_name()]
        yield from hello_parts.usual(self._hello)

    def _narrow(self, suspects: list[HelloPart]) -> list[HelloPart]:
        """The fewest of *suspects* that are known to be enough; none where no single one is."""
        proven = suspects
        while len(suspects) > 1 and self._left > 1:
            half, rest = _halves(suspects)
            if self._leaving_out(half):
                suspects = proven = half
            else:
                suspects = rest
        if suspects == proven or self._leaving_out(suspects):
            return suspects
        return [] if self._left else proven  # without another try, what was known before

    def _leaving_out(self, parts: list[HelloPart]) -> bool:
        return self._ask(without(self._hello, parts).padded(self._size))

    def _refined(self, part: HelloPart) -> HelloPart:
        """The part of *part* that is enough, while there are connections left to try and to find a cure."""
        for finer in hello_parts.finer(part):
            if self._left < 2:
                break
            if without(self._hello, [finer]) != self._hello and self._leaving_out([finer]):
                return finer
        return part

    def _cured(self, parts: list[HelloPart], words: str) -> Disturbance:
        """With the changes to the program that are seen to help; no *parts*: not known which."""
        found = Disturbance(words, parts[0].kind if len(parts) == 1 else hello_parts.OTHER)
        for setting, go in offer.lighter(self._go):
            if self._helps(client_hello(go, self._name), parts):
                return found._replace(setting=setting)
        if self._helps(client_hello(self._go, self._name, None, offer.TLS12), parts):
            found = found._replace(max_version=True)
        for go in self._other_releases():
            hello = client_hello(go, self._name)
            if self._helps(hello, parts):
                return found._replace(release=go.minor)
        return found

    def _helps(self, hello: ClientHello, parts: list[HelloPart]) -> bool:
        """Seen while there is a connection left; then a message without the one part to blame is believed."""
        if not self._lacks(hello, parts):
            return False
        return self._ask(hello) if self._left and self._more() else len(parts) == 1

    def _lacks(self, hello: ClientHello, parts: list[HelloPart]) -> bool:
        if not parts or parts[0].kind == LENGTH:
            return len(hello.encode()) < self._size
        return without(hello, parts) == hello

    def _other_releases(self) -> Iterator[Go]:
        """Newer ones first, then the older ones, the nearest first."""
        mine = self._go.minor
        for minor in (*range(mine + 1, NEWEST.minor + 1), *range(mine - 1, OLDEST - 1, -1)):
            yield self._go._replace(release=(1, minor, 0), source="as-go", exact=False)

    def _ask(self, hello: ClientHello) -> bool:
        if self._left <= 0 or not self._more():
            self._left = 0
            return False
        self._left -= 1
        return self._answered(hello)


def _halves(suspects: list[HelloPart]) -> tuple[list[HelloPart], list[HelloPart]]:
    """The first of *suspects* with half of their weight, and the rest."""
    half, weight = sum(part.weight for part in suspects) / 2, 0.0
    for number, part in enumerate(suspects[:-1], 1):
        weight += part.weight
        if weight >= half:
            return suspects[:number], suspects[number:]
    return suspects[:-1], suspects[-1:]
