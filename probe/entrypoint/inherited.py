"""What our caller left us of signals and environment, and how the workload gets it back."""

from probe.entrypoint import environment
from probe.entrypoint.block_signals import HELD, signal

# What does not end a process by itself: it is ignored, or it stops the process.
_IGNORED = {signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH}
_STOPPING = {signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}


class InheritedSignals:
    """The signals of whoever started us; from here on SIGCHLD reaches us."""

    __slots__ = ("_child_ignored", "awaited", "ending", "mask")

    def __init__(self, mask: frozenset[int]) -> None:
        self.mask = mask
        self._child_ignored = signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN
        # Ignored, the kernel reaps our children and nobody learns how they ended.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # What our caller held back stays pending, for the workload.
        self.awaited = (HELD - mask) | {signal.SIGCHLD}
        self.ending = frozenset(
            number
            for number in self.awaited - _IGNORED - _STOPPING
            if signal.getsignal(number) != signal.SIG_IGN
        )

    def give_back(self) -> None:
        """
        Undo, in the process that is to become the workload, all that we and Python changed.

        Python ignores SIGPIPE and SIGXFSZ, which exec(2) would hand on: a writer in the
        workload's pipelines would see EPIPE instead of ending. The mask comes last.
        """
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        if self._child_ignored:
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        environment.restore()
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)


def stops(number: int) -> bool:
    """Whether the default action of a signal is to stop the process."""
    return number in _STOPPING
