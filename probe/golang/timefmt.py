"""Moments as Go prints them."""

import time


def rfc3339(moment: float) -> str:
    """*moment*, in seconds since the epoch, as time.RFC3339 in UTC; fractions are dropped."""
    at = time.gmtime(int(moment // 1))
    return (
        f"{at.tm_year:04d}-{at.tm_mon:02d}-{at.tm_mday:02d}T{at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d}Z"
    )
