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
    import _signal as signal  # "signal" makes enums of all names

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
_VALID: frozenset[int] = frozenset(signal.valid_signals())
HELD = _VALID - _FAULTS


def hold() -> frozenset[int]:
    """Hold all signals from here on; what was held before, less the C library's (Python warns of those)."""
    return _VALID.intersection(signal.pthread_sigmask(signal.SIG_BLOCK, HELD))


def held_before(number: str) -> frozenset[int]:
    """The signals in a hexadecimal number, bit N-1 for signal N, as deploy/bundle/launcher.c tells it."""
    bits = int(number, 16)
    return frozenset(one for one in _VALID if bits >> (one - 1) & 1)


def raise_again(names: str) -> None:
    """Send ourselves signals that somebody took in our place, as names without SIG, divided by commas."""
    for name in filter(None, names.split(",")):
        signal.raise_signal(getattr(signal, "SIG" + name))


def release(before: frozenset[int]) -> None:
    """Hold only *before* again."""
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def take(numbers: "frozenset[int] | set[int]", seconds: float | None = None) -> int:
    """The next of the held signals *numbers*, waited for and taken; 0 when none comes within *seconds*."""
    try:
        if seconds is None:
            return signal.sigwaitinfo(numbers).si_signo
        info = signal.sigtimedwait(numbers, seconds)
    except OSError:
        return _take_by_handler(numbers, seconds)
    return info.si_signo if info else 0


def pending(numbers: "frozenset[int] | set[int]") -> int:
    """One of the held signals *numbers* that has arrived, 0 for none."""
    try:
        return min(signal.sigpending() & numbers, default=0)
    except OSError:  # refused; then it is taken
        return take(numbers, 0)


def _take_by_handler(numbers: "frozenset[int] | set[int]", seconds: float | None) -> int:
    """
    The same where rt_sigtimedwait(2) is refused: let them through for a moment.

    Of several that come at once, all but the first are raised again, and stay pending.
    """
    import time

    came: list[int] = []
    before = {number: signal.getsignal(number) for number in numbers - {signal.SIGKILL, signal.SIGSTOP}}
    end = None if seconds is None else time.monotonic() + seconds
    for number in before:
        signal.signal(number, lambda which, _: came.append(which))
    mask = _VALID.intersection(signal.pthread_sigmask(signal.SIG_UNBLOCK, before))
    while not came and (end is None or time.monotonic() < end):
        time.sleep(0.01)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    for number, handler in before.items():
        signal.signal(number, signal.SIG_DFL if handler is None else handler)
    for number in came[1:]:
        signal.raise_signal(number)
    return came[0] if came else 0
