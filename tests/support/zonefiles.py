"""Time zone files of every kind, built byte by byte (RFC 9636)."""

import struct
from collections.abc import Sequence
from pathlib import Path

import tzdata  # type: ignore[import-untyped]

from probe.formats import tzif

REFERENCE = Path(tzdata.__file__).parent
NAMES = (REFERENCE / "zones").read_text().split()

ZoneOffset = tuple[int, bool, int]  # offset in seconds, summer time, index into the names
SHANGHAI = ((8 * 3600, False, 0),)


def reference(name: str) -> bytes:
    """The file of that zone in the `tzdata` package."""
    return (REFERENCE / "zoneinfo" / name).read_bytes()


def block(
    version: bytes = b"2",
    transitions: Sequence[tuple[int, int]] = (),
    clocks: Sequence[ZoneOffset] = SHANGHAI,
    names: bytes = b"CST\0",
    *,
    width: int = 8,
    leaps: int = 0,
    indicators: int = 0,
) -> bytes:
    """A header and its data; transitions are (instant, index into clocks)."""
    counts = (indicators, indicators, leaps, len(transitions), len(clocks), len(names))
    letter = "q" if width == 8 else "i"
    return b"".join(
        [
            b"TZif" + version + bytes(15) + struct.pack(">6I", *counts),
            *(struct.pack(f">{letter}", when) for when, _ in transitions),
            bytes(index for _, index in transitions),
            *(struct.pack(">iBB", *clock) for clock in clocks),
            names,
            bytes(leaps * (width + 4) + 2 * indicators),
        ]
    )


def v1(
    transitions: Sequence[tuple[int, int]] = (),
    clocks: Sequence[ZoneOffset] = SHANGHAI,
    names: bytes = b"CST\0",
) -> bytes:
    """A file of the oldest form: 32 bits, no footer."""
    return block(b"\0", transitions, clocks, names, width=4)


def v2(
    footer: bytes = b"\nCST-8\n",
    transitions: Sequence[tuple[int, int]] = (),
    clocks: Sequence[ZoneOffset] = SHANGHAI,
    names: bytes = b"CST\0",
    *,
    version: bytes = b"2",
    leaps: int = 0,
) -> bytes:
    """A slim file as zic writes it: an empty 32-bit block, the data, the footer."""
    empty = block(version, clocks=[(0, False, 0)], names=b"\0", width=4)
    return empty + block(version, transitions, clocks, names, leaps=leaps) + footer


# New York without a table: one transition in 2007, then the rule.
NEW_YORK = v2(
    b"\nEST5EDT,M3.2.0,M11.1.0\n",
    [(1173596400, 1)],  # 2007-03-11 07:00 UTC
    [(-5 * 3600, False, 0), (-4 * 3600, True, 4)],
    b"EST\0EDT\0",
)


def aged(name: str, until: int, footer: bytes) -> bytes:
    """The zone *name* as it was known before its changes from *until* on; *footer* is its rule of then."""
    zone = tzif.parse(reference(name))
    assert isinstance(zone, tzif.Zone)
    kept = sum(when < until for when in zone.times)
    clocks = [struct.unpack(">iBB", zone.types[at : at + 6]) for at in range(0, len(zone.types), 6)]
    return v2(footer, list(zip(zone.times[:kept], zone.indexes[:kept], strict=True)), clocks, zone.names)


def fat(name: str) -> bytes:
    """The zone *name* with a table up to 2037, as distributions build it."""
    zone = tzif.parse(reference(name))
    assert isinstance(zone, tzif.Zone)
    known = [tzif.ZoneOffset("LMT", 0, is_dst=False)]
    transitions = []
    for when, clock in zone.timeline(-(1 << 32), tzif.noon(2038, 1))[1:]:
        if clock not in known:
            known.append(clock)
        transitions.append((when, known.index(clock)))
    names = b"".join(clock.abbreviation.encode() + b"\0" for clock in known)
    starts = [names.index(clock.abbreviation.encode() + b"\0") for clock in known]
    clocks = [(clock.offset_s, clock.is_dst, start) for clock, start in zip(known, starts, strict=True)]
    return v2(zone.footer, transitions, clocks, names)
