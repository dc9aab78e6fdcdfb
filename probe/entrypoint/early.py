"""
The first thing that an entrypoint does: hold every signal.

PID 1 of a container has no default actions: what reaches it before it listens is lost.
A signal that is held stays pending instead. Nothing is imported here that the
interpreter does not hold already.
"""

import _signal  # type: ignore[import-not-found]  # "signal" itself costs 2 ms to import

# Raised by a fault of our own, they cannot be held. KILL and STOP the kernel leaves out by itself.
_FAULTS = {
    _signal.SIGILL,
    _signal.SIGTRAP,
    _signal.SIGABRT,
    _signal.SIGBUS,
    _signal.SIGFPE,
    _signal.SIGSEGV,
    _signal.SIGSYS,
}
HELD: frozenset[int] = frozenset(_signal.valid_signals()) - _FAULTS


def hold() -> frozenset[int]:
    """Hold all signals from here on; what was held before."""
    return frozenset(_signal.pthread_sigmask(_signal.SIG_BLOCK, HELD))


def release(before: frozenset[int]) -> None:
    """Hold only *before* again."""
    _signal.pthread_sigmask(_signal.SIG_SETMASK, before)
