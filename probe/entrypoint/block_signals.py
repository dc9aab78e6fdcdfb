"""
The first thing that an entrypoint does: hold every signal.

PID 1 of a container has no default actions: what reaches it before it listens is lost.
A signal that is held stays pending instead. Nothing is imported here that the
interpreter does not hold already.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as signal
else:
    import _signal as signal  # "signal" makes enums of all names, which costs 4 ms

# Raised by a fault of our own, they cannot be held. KILL and STOP the kernel leaves out by itself.
_FAULTS = {
    signal.SIGILL,
    signal.SIGTRAP,
    signal.SIGABRT,
    signal.SIGBUS,
    signal.SIGFPE,
    signal.SIGSEGV,
    signal.SIGSYS,
}
HELD: frozenset[int] = frozenset(signal.valid_signals()) - _FAULTS


def hold() -> frozenset[int]:
    """Hold all signals from here on; what was held before."""
    return frozenset(signal.pthread_sigmask(signal.SIG_BLOCK, HELD))


def held_before(number: str) -> frozenset[int]:
    """The signals in a hexadecimal number, bit N-1 for signal N, as deploy/bundle/launcher.c tells it."""
    bits = int(number, 16)
    return frozenset(one for one in signal.valid_signals() if bits >> (one - 1) & 1)


def release(before: frozenset[int]) -> None:
    """Hold only *before* again."""
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
