"""The profile that -pgo names: judged by its beginning, whatever its size."""

import time

import pytest

from probe.checks.go_version import build_files
from tests.support.commands import MakeTarget

SAMPLE = b"\x12\x04\x0a\x02\x01\x02"  # field 2, a sample of four bytes
FOREIGN = "it is no profile of pprof"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (SAMPLE * 3, ""),
        (SAMPLE * 3 + SAMPLE[:-1], FOREIGN),
        (b"no profile", FOREIGN),
        (SAMPLE * 300_000, ""),
        (b"no profile" * 100_000, FOREIGN),
        (b"\x12\x80\x80\x40" + bytes(1 << 20), ""),  # one field of a megabyte
        (b"\x1f\x8b" + bytes(1 << 20), ""),
        (b"", ""),
    ],
)
def test_a_profile_is_one_at_any_size(content: bytes, why: str, make_target: MakeTarget) -> None:
    target = make_target({"/default.pgo": content})
    assert build_files._profile(target, "/default.pgo") == why


def test_the_smallest_fields_cost_no_time(make_target: MakeTarget) -> None:
    """Of two bytes each, half a second for a megabyte: no longer than for some hundred kilobytes of them."""
    seconds = []
    for size in (600 << 10, 8 << 20):
        target = make_target({"/default.pgo": b"\x08\x00" * (size // 2)})
        begin = time.process_time()
        assert build_files._profile(target, "/default.pgo") == ""
        seconds.append(time.process_time() - begin)
    assert seconds[1] < 3 * seconds[0] + 0.2
