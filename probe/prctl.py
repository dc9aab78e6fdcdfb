"""prctl(2), the little of it that keeps processes together."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PDEATHSIG, CHILD_SUBREAPER = 1, 36  # linux/prctl.h


def load() -> "Callable[[int, int], object]":
    """prctl(option, value); where ctypes cannot give it, a stand-in that does nothing."""
    try:
        import _ctypes  # "ctypes" itself takes 1.5 ms instead of 0.4, in each of two processes
    except ImportError:
        return lambda *_: None

    class Int(_ctypes._SimpleCData):  # type: ignore[type-arg]
        _type_ = "i"

    class Function(_ctypes.CFuncPtr):
        _flags_ = _ctypes.FUNCFLAG_CDECL
        _restype_ = Int

    try:
        function = Function(_ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl"))  # type: ignore[arg-type]
    except (OSError, AttributeError):
        return lambda *_: None
    return lambda option, value: function(option, value, 0, 0, 0)
