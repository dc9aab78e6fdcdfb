"""When to try again: capped exponential backoff with full jitter."""

import os

from probe.deadline import Deadline

FIRST_S, LONGEST_S = 0.1, 2.0


def pause(attempt: int) -> float:
    """Seconds to wait after the *attempt*th failure (counted from 1): anything up to 0.1, 0.2, 0.4 … 2."""
    longest = min(LONGEST_S, FIRST_S * float(2 ** (attempt - 1)))
    return longest * int.from_bytes(os.urandom(4), "big") / 2**32


def worth_waiting(seconds: float, deadline: Deadline) -> bool:
    """Whether there is time left for an attempt after that pause."""
    return seconds + FIRST_S < deadline.remaining()
