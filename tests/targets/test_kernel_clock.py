"""adjtimex(2): what the kernel says is what another reader of the same structure reads."""

import ctypes

import pytest

from probe.targets.kernel_clock import decoded, read
from tests.support.syscalls import denied

# A filter that answers EPERM to adjtimex and clock_adjtime, then becomes the command.


class Timex(ctypes.Structure):
    """As include/uapi/linux/timex.h has it, so far as it is read."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


def test_it_is_what_the_c_library_says() -> None:
    """Its adjtimex fills in the same."""
    theirs = Timex()
    state = ctypes.CDLL(None).adjtimex(ctypes.byref(theirs))
    ours = read()
    assert ours.synchronised is not bool(theirs.status & 0x40)
    assert ours.estimated_error_s == theirs.esterror / 1e6
    assert ours.max_error_s == pytest.approx(theirs.maxerror / 1e6, abs=0.01)
    assert (ours.state == "error") == (state == 5)


@pytest.mark.parametrize(("flags", "synchronised", "offset_s"), [(0x2001, True, 2e-6), (0x41, False, 2e-3)])
def test_units_follow_the_flags(flags: int, synchronised: bool, offset_s: float) -> None:
    """With STA_NANO the offset counts nanoseconds, without it microseconds."""
    found = decoded(0, bytes(Timex(offset=2000, maxerror=500, esterror=20, status=flags)))
    assert (found.synchronised, found.offset_s) == (synchronised, offset_s)
    assert (found.estimated_error_s, found.max_error_s, found.state) == (2e-5, 5e-4, "ok")


def test_where_it_is_denied() -> None:
    """EPERM, as the filter says."""
    code = (
        "from probe.targets import kernel_clock\n"
        "try: kernel_clock.read()\nexcept PermissionError: print('so')"
    )
    done = denied("-c", code)
    assert (done.stdout, done.stderr) == ("so\n", "")
