"""How long releases are supported."""

from datetime import UTC, date, datetime, timedelta

import pytest

from probe.golang import release_dates


def at(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("minor", "until"),
    [(18, "2023-02-01"), (20, "2024-02-06"), (21, "2024-08-13"), (24, "2026-02-10"), (25, "2026-08-19")],
)
def test_support_ends_with_the_second_release_after(minor: int, until: str) -> None:
    """The day before it is supported, on that day no more."""
    assert release_dates.support(minor, at(until) - 1) == release_dates.Support(
        until, known=True, ended=False
    )
    assert release_dates.support(minor, at(until)) == release_dates.Support(until, known=True, ended=True)


@pytest.mark.parametrize(
    ("minor", "until"),
    [(26, "2027-02-28"), (27, "2027-08-31"), (28, "2028-02-29"), (29, "2028-08-31"), (98, "2063-02-28")],
)
def test_an_end_that_is_to_come_follows_the_rhythm(minor: int, until: str) -> None:
    """February and August, taken late, and marked as not known."""
    assert release_dates.support(minor, at("2026-11-21")) == release_dates.Support(
        until, known=False, ended=False
    )


@pytest.mark.parametrize("minor", [0, 1, 9, 12])
def test_releases_before_the_table_are_out_of_support(minor: int) -> None:
    """However old."""
    assert release_dates.support(minor, at("2026-11-21")).ended


def test_the_release_to_take_is_one_that_is_supported() -> None:
    """None is named when all that we know of have ended."""
    assert release_dates.to_take(at("2026-11-21")) == "1.27"
    assert release_dates.to_take(at("2031-01-01")) == ""


def test_the_table_keeps_the_rhythm() -> None:
    """Each known release came within seven weeks of the month that the rule names."""
    for minor, day in release_dates.RELEASED.items():
        expected = date(2013 + minor // 2, 8 if minor % 2 else 2, 15)
        assert abs(date.fromisoformat(day) - expected) < timedelta(weeks=7), minor


@pytest.mark.parametrize("now", [-1e18, 0, 1e18, float(1 << 62)])
def test_no_clock_is_too_wrong(now: float) -> None:
    """Any moment gives an answer."""
    assert release_dates.support(24, now).until == "2026-02-10"
