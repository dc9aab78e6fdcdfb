"""`probe inspect timezone`: what time.Local will be."""

from typing import Any

from probe.facts import Facts
from probe.formats.tzif import noon
from probe.golang import localtime
from probe.golang.quoting import json_text


def inspect(facts: Facts, year: int) -> dict[str, Any]:
    """
    The answer as JSON values, in the published shape.

    `file` is null where the zone is built into the program, or where there is
    none. Where Go waits for ever, `blocks_on` names the path, and the rest tells
    the UTC that it does not get to.
    """
    local = facts.local_time()

    def month(number: int) -> dict[str, Any]:
        clock = local.at(noon(year, number))
        return {"abbreviation": clock.abbreviation, "offset_s": clock.offset_s}

    return {
        "go": facts.go().text,
        "go_source": facts.go().source,
        "name": json_text(local.name),
        "file": None if local.file in (None, localtime.EMBEDDED) else json_text(local.file or ""),
        "january": month(1),
        "july": month(7),
        "fallback": local.fallback,
        "blocks_on": local.blocks_on and json_text(local.blocks_on),
    }
