"""prctl(2), the little of it that keeps processes together."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PDEATHSIG, CHILD_SUBREAPER = 1, 36  # linux/prctl.h


def load() -> "Callable[[int, int], object]":
    """prctl(option, value); where ctypes cannot give it, a stand-in that does nothing."""
    try:
        import ctypes

        function = ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        return lambda *_: None
    return lambda option, value: function(option, *map(ctypes.c_ulong, (value, 0, 0, 0)))
