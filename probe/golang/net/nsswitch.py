"""`hosts:` in nsswitch.conf(5) as Go's own resolver takes it (net/nss.go, net/conf.go:lookupOrder)."""

from __future__ import annotations

from probe.golang.net.config_lines import BLANK, fields
from probe.lightweight import NamedTuple

FILES, DNS = "files", "dns"
_SHORTEST = 3  # characters of a criterion


class Order(NamedTuple):
    """Where a name is looked for, one after another, and whether the C library may go another way."""

    sources: tuple[str, ...] = (FILES, DNS)
    odd: bool = False


def parse(text: str) -> Order:
    """What Go does not know stands for DNS where no other word does; what it cannot read is no order."""
    found: list[str] = []
    lines, judged = 0, False
    for line in text.split("\n"):
        line = line.partition("#")[0].strip(BLANK)
        if not line:
            continue
        database, colon, rest = line.partition(":")
        sources = _sources(rest) if colon else None
        if sources is None:  # it reads no further
            return Order(odd=True)
        if database.strip(BLANK) == "hosts":
            lines, judged = lines + 1, judged or "[" in rest
            found += sources
    if not found:
        return Order()
    other = "" if DNS in found else DNS
    order = dict.fromkeys(one if one in (FILES, DNS) else other for one in found)
    odd = judged or lines > 1 or not {*found} <= {FILES, DNS} or found[0] == DNS != found[-1]
    return Order(tuple(filter(None, order)), odd)


def _sources(text: str) -> list[str] | None:
    """The words before and between criteria, only blanks apart; None where a criterion is wrong."""
    found = []
    while text := text.strip(BLANK):
        source, _, text = text.partition(" ")
        text = text.strip(BLANK)
        if text.startswith("["):
            criteria, closed, text = text[1:].partition("]")
            if not closed or not all(map(_is_criterion, fields(criteria))):
                return None
        found.append(source)
    return found


def _is_criterion(text: str) -> bool:
    text = text.removeprefix("!")
    return len(text) >= _SHORTEST and "=" in text
