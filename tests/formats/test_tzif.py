"""Time zone files by Go's rules."""

import io
import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.formats import tzif
from probe.formats.tzif import BadTzif, Zone, ZoneOffset, noon
from tests.support.sweeps import examples
from tests.support.zonefiles import NAMES, NEW_YORK, block, reference, v1, v2

JANUARY, JULY = noon(2026, 1), noon(2026, 7)
EST, EDT = ZoneOffset("EST", -18000, is_dst=False), ZoneOffset("EDT", -14400, is_dst=True)


def zone(data: bytes) -> Zone:
    parsed = tzif.parse(data)
    assert isinstance(parsed, Zone), parsed
    return parsed


def clocks(data: bytes) -> tuple[ZoneOffset, ZoneOffset]:
    """What the file says for January and July."""
    read = zone(data)
    return read.lookup(JANUARY).clock, read.lookup(JULY).clock


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", tzif.EMPTY, "empty"),
        (b"Asia/Shanghai\n", tzif.NOT_TZIF, "TZif"),
        (b"TZi", tzif.NOT_TZIF, "TZif"),
        (b"TZif", tzif.TRUNCATED, "ends after 4 bytes"),
        (b"TZif2" + bytes(20), tzif.TRUNCATED, "ends after 25 bytes where its own counts ask for 44"),
        (v2(version=b"4"), tzif.VERSION, "version is 4"),
        (v2(version=b"1"), tzif.VERSION, "version is 1"),
        (v2(version=b"\xff"), tzif.VERSION, "version is byte 0xff"),
        (NEW_YORK[:40], tzif.TRUNCATED, "ends after 40 bytes"),
        (NEW_YORK[:60], tzif.TRUNCATED, "ends after 60 bytes"),
        (NEW_YORK[:110], tzif.TRUNCATED, "ends after 110 bytes"),
        (v1(clocks=()), tzif.CORRUPT, "no clock"),
        (v1(clocks=[(0, False, 9)]), tzif.CORRUPT, "abbreviation"),
        (v1(names=b""), tzif.CORRUPT, "abbreviation"),
        (v1([(0, 1)]), tzif.CORRUPT, "does not hold"),
    ],
)
def test_a_file_that_go_refuses_is_a_fault_with_its_reason(data: bytes, kind: str, words: str) -> None:
    """Each refusal has its own kind, and says what was found."""
    fault = tzif.parse(data)
    assert isinstance(fault, BadTzif)
    assert fault.kind == kind
    assert words in fault.reason


@pytest.mark.parametrize("version", [b"\0", b"2", b"3"])
def test_go_reads_three_versions(version: bytes) -> None:
    """The same data stands in any of them."""
    data = v1() if version == b"\0" else v2(version=version)
    assert zone(data).lookup(JULY).clock == ZoneOffset("CST", 28800, is_dst=False)


def test_indicators_and_leap_seconds_are_passed_over() -> None:
    """They are part of the file's length and of nothing else."""
    data = block(b"\0", width=4, leaps=3, indicators=1)
    assert zone(data).leap_seconds == 3
    assert isinstance(tzif.parse(data[:-1]), BadTzif)


@pytest.mark.parametrize(
    ("footer", "fault", "july"),
    [
        (b"\nEST5EDT,M3.2.0,M11.1.0\n", "", EDT),
        (b"\nEST5EDT,M3.2.0,M11.1.0", tzif.UNTERMINATED, EDT),
        (b"\nEST5EDT,M3.2.0,M11.1.0\n\n", tzif.JUNK, EDT),
        (b"\nEST5EDT,M3.2.0,M11.1.0\njunk", tzif.JUNK, EDT),
        (b"EST5EDT,M3.2.0,M11.1.0\n", tzif.JUNK, EDT),
        (b"\nEastern\n", tzif.UNREADABLE, EDT),
        (b"\n\n", "", EDT),
        (b"", tzif.ABSENT, EDT),
    ],
)
def test_a_footer_counts_only_between_two_newlines_at_the_end(
    footer: bytes, fault: str, july: ZoneOffset
) -> None:
    """Anything else drops the rule silently: summer time of 2007 for ever."""
    data = NEW_YORK[: NEW_YORK.rindex(b"\nEST")] + footer
    assert zone(data).footer_fault == fault
    january = EST if footer == b"\nEST5EDT,M3.2.0,M11.1.0\n" else EDT
    assert clocks(data) == (january, july)


def test_what_was_meant_can_be_told_from_what_go_makes_of_it() -> None:
    """A footer without its last newline still says which rule its author wanted."""
    dropped = zone(NEW_YORK[:-1])
    assert dropped.lookup(JANUARY).clock == EDT
    assert dropped.as_meant().lookup(JANUARY).clock == EST


@pytest.mark.parametrize(
    ("rule", "january", "july"),
    [
        (b"CST-8", 28800, 28800),
        (b"<+0330>-3:30<+0430>,J79/24,J263/24", 12600, 16200),
        (b"AEST-10AEDT,M10.1.0,M4.1.0/3", 39600, 36000),
        (b"IST-1GMT0,M10.5.0,M3.5.0/1", 0, 3600),
        (b"EST5EDT", -18000, -14400),  # the United States' rules, as tzcode has them
        (b"EST5EDT4;M3.2.0,M11.1.0", -18000, -14400),
        (b"EST5,and anything", -18000, -18000),
        (b"XXX-168", 604800, 604800),
        (b"XXX3EDT4,0/0,J365/23", -14400, -14400),
        (b"<>5", -18000, -18000),
    ],
)
def test_rules_mean_what_they_mean_to_go(rule: bytes, january: int, july: int) -> None:
    """A file without transitions follows its rule alone."""
    read = zone(v2(b"\n" + rule + b"\n", clocks=[(1, False, 0)]))
    assert (read.lookup(JANUARY).clock.offset_s, read.lookup(JULY).clock.offset_s) == (january, july)


@pytest.mark.parametrize(
    "rule",
    [
        b"", b"A5", b"<A5", b"EST", b"EST5:", b"EST5:60", b"EST169", b"EST5EDT4,", b"EST5EDT,M3.2.0",
        b"EST5EDT,M13.1.0,M1.1.0", b"EST5EDT,M3.6.0,M1.1.0", b"EST5EDT,M3.2.7,M1.1.0", b"EST5EDT,J0,J1",
        b"EST5EDT,366,1", b"EST5EDT,M3.2.0,M11.1.0 ", b"EST5EDT,M3.2.0,M11.1.0/", b"EST+-5",
        b"EST5EDT;M3.2.0,M11.1.0", b"EST5EDT:M3.2.0,M11.1.0",
    ],
)  # fmt: skip
def test_a_rule_that_go_cannot_read_is_none(rule: bytes) -> None:
    """The last transition then holds for ever."""
    assert tzif.parse_rule(rule) is None


def test_before_the_first_transition_the_first_standard_time_holds() -> None:
    """Go takes clock 0 if no transition uses it, else the nearest standard time."""
    kinds = [(3600, True, 0), (0, False, 4)]
    names = b"SUM\0STD\0"
    used = zone(v2(b"\n\n", [(1000, 0), (2000, 1)], kinds, names))
    unused = zone(v2(b"\n\n", [(1000, 1)], kinds, names))
    assert used.lookup(0).clock.abbreviation == "STD"
    assert unused.lookup(0).clock.abbreviation == "SUM"


def test_a_timeline_lists_the_changes_and_nothing_else() -> None:
    """New York changes twice a year, by its rule as by its table."""
    table, rule = zone(reference("America/New_York")), zone(NEW_YORK)
    found = rule.timeline(noon(2026, 1), noon(2028, 1))
    assert [clock.abbreviation for _, clock in found] == ["EST", "EDT", "EST", "EDT", "EST"]
    assert found == table.timeline(noon(2026, 1), noon(2028, 1))
    assert len(rule.timeline(noon(2026, 1), noon(2926, 1), limit=50)) == 50


@pytest.mark.parametrize("name", ["Africa/Casablanca", "America/New_York", "Asia/Tehran", "Europe/Dublin"])
def test_what_go_remembers_agrees_with_what_it_would_find(name: str) -> None:
    """For a sound file the answer worked out on loading is no different."""
    read = zone(reference(name))
    for now in range(noon(1960, 1), noon(2060, 1), 40 * 86400):
        remembered = read.remembered(now)
        assert remembered
        assert remembered.clock == read.lookup(now).clock


def test_an_unsorted_file_is_remembered_and_searched_differently() -> None:
    """Go finds the present by going through all transitions, any other instant by halving."""
    kinds = [(0, False, 0), (3600, False, 4), (7200, False, 8)]
    read = zone(v2(b"\n\n", [(4000, 0), (1000, 1), (3000, 2)], kinds, b"AAA\0BBB\0CCC\0"))
    remembered = read.remembered(1500)
    assert remembered
    assert remembered.clock.abbreviation == "BBB"
    assert read.lookup(1500).start == tzif.ALPHA


@pytest.mark.parametrize("region", sorted({name.partition("/")[0] for name in NAMES}))
def test_the_whole_zone_data_agrees_with_the_standard_library(region: str) -> None:
    """Two readers, one answer, in every zone from 1971 to 2069, by table and by rule."""
    for name in NAMES:
        if name.partition("/")[0] != region:
            continue
        theirs = zoneinfo.ZoneInfo.from_file(io.BytesIO(reference(name)))
        ours = zone(reference(name))
        for day in range(370, 36000, 97):
            moment = datetime(1970, 1, 1, 7, tzinfo=UTC) + timedelta(days=day)
            local = moment.astimezone(theirs)
            clock = ours.lookup(int(moment.timestamp())).clock
            found = clock.abbreviation, timedelta(seconds=clock.offset_s)
            assert found == (local.tzname(), local.utcoffset()), name


DAMAGED = st.builds(
    lambda data, at, byte, cut: (data[:at] + bytes([byte]) + data[at + 1 :])[: len(data) - cut],
    st.sampled_from([NEW_YORK, v1([(0, 0)]), reference("Asia/Shanghai"), reference("Europe/Dublin")]),
    st.integers(0, 400),
    st.integers(0, 255),
    st.integers(0, 40),
)


@settings(max_examples=examples(500), deadline=None)
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=120).map(b"TZif2".__add__), DAMAGED))
def test_any_bytes_give_a_value(data: bytes) -> None:
    """Nothing in a file raises, neither on reading nor on asking."""
    read = tzif.parse(data)
    if isinstance(read, Zone):
        for at in (-(1 << 62), -1, 0, JULY, 1 << 62):
            read.lookup(at)
            read.remembered(at)
        read.timeline(noon(2025, 1), noon(2030, 1))
        assert read.as_meant().footer_fault == read.footer_fault


@settings(max_examples=examples(500), deadline=None)
@given(st.text("0123456789,;:/.MJ-+<>ABC\n", max_size=40))
def test_any_rule_gives_a_value(text: str) -> None:
    """A rule is read or it is not; either way there is an answer for every year."""
    rule = tzif.parse_rule(text.encode())
    if rule:
        for year in range(1960, 2030, 7):
            assert rule.lookup(0, noon(year, 2)).clock in (rule.standard, rule.summer)
