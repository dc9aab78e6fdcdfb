"""System calls that a seccomp profile may refuse, and what serves in their place."""

from __future__ import annotations

import errno

from probe.lightweight import Callable, Iterator, os, thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What a profile answers for a system call that it does not list: EPERM by older ones, ENOSYS by newer ones.
REFUSED = (errno.EPERM, errno.ENOSYS, errno.EACCES)
_EVENTFD = 23  # the first release that needs it
_one_at_a_time = thread.allocate_lock()
_known: list[tuple[str, ...]] = []  # what is refused, once it was tried
_MOST_DESCRIPTORS = 1 << 20  # closing a million numbers one by one takes 0.2 s


def poll() -> Any:
    """`select.poll()`; where poll(2) is refused, the same by epoll(7), which Go itself needs."""
    import select

    return _EpollPoll() if poll_refused() else select.poll()


def poll_refused() -> bool:
    import select

    try:
        select.poll().poll(0)
    except OSError:
        return True
    return False


def refused_to_go(minor: int) -> str:
    """
    The system call that a seccomp profile refuses and the runtime of Go 1.*minor* dies without; "" for none.

    runtime/netpoll_epoll.go: with the first file, socket or timer; runtime/signal_unix.go: before main.
    """
    with _one_at_a_time:
        if not _known:
            _known.append(tuple(_refused()))
    other = "pipe2" if minor >= _EVENTFD else "eventfd2"
    return next((name for name in _known[0] if name != other), "")


def _refused() -> Iterator[str]:
    """Which are refused, each tried once: faulthandler makes its call the first time only."""
    import faulthandler
    import select

    from probe.lightweight import signal

    if _is_refused(lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ())):
        yield "rt_sigprocmask"
    if not faulthandler.is_enabled():
        try:
            if _is_refused(lambda: faulthandler.enable(2)):  # it tells of the error
                yield "sigaltstack"
        finally:
            faulthandler.disable()
    if _is_refused(lambda: select.epoll().close()):
        yield "epoll_create1"
        return
    if _is_refused(lambda: os.close(os.eventfd(0, os.EFD_CLOEXEC))):
        yield "eventfd2"
    if _is_refused(_pipe):
        yield "pipe2"
    if _is_refused(_watch):
        yield "epoll_ctl"


def _pipe() -> None:
    for end in os.pipe2(os.O_CLOEXEC):  # os.pipe does without it where it is not implemented
        os.close(end)


def _watch() -> None:
    """By epoll_ctl(2) the events of whatever can be had."""
    import select

    with select.epoll() as events, select.epoll() as watched:
        events.register(watched.fileno(), select.EPOLLIN)


def _is_refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except OSError as problem:
        return problem.errno in REFUSED  # no descriptor is left: that is no profile
    return False


def close_from(lowest: int) -> None:
    """
    Close every descriptor from *lowest* on.

    Without close_range(2), os.closerange tries all numbers one by one, which takes minutes.
    """
    try:
        numbers = [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        os.closerange(lowest, max(lowest, min(os.sysconf("SC_OPEN_MAX"), _MOST_DESCRIPTORS)))
        return
    for number in numbers:
        if number >= lowest:
            try:
                os.close(number)
            except OSError:  # the one of the directory itself
                continue


def accessible(path: str, mode: int) -> bool:
    """
    access(2) by the effective ids.

    Where faccessat2(2) is refused, os.access says no to everything. Go then goes by the mode
    (os/exec.findExecutable, internal/syscall/unix.Eaccess); access(2) says the same and knows lists, where
    real and effective ids are equal.
    """
    if os.access(path, mode, effective_ids=True):
        return True
    same = (os.getuid(), os.getgid()) == (os.geteuid(), os.getegid())
    return same and os.access(path, mode)


def machine() -> str:
    """The machine as uname(2) calls it, "" where that is refused."""
    try:
        return os.uname().machine
    except OSError:
        return ""


def reap(pid: int, *, wait: bool = False) -> int | None:
    """
    The exit code of the child *pid*, negative for a signal; None while it runs, unless we are to *wait*.

    By waitid(2) where wait4(2) is refused. ChildProcessError where the kernel reaps.
    """
    try:
        found, status = os.waitpid(pid, 0 if wait else os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if found else None
    except ChildProcessError:
        raise
    except OSError:
        ended = os.waitid(os.P_PID, pid, os.WEXITED | (0 if wait else os.WNOHANG))
    return _code(ended) if ended else None


def reap_any() -> tuple[int, int, int]:
    """
    A child of which there is news: pid, exit code as from `reap`, and the signal that has stopped it, else 0.

    The pid is 0 where there is no news, -1 where there is no child.
    """
    try:
        pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
    except ChildProcessError:
        return -1, 0, 0
    except OSError:
        return _reap_any_by_waitid()
    if pid and os.WIFSTOPPED(status):
        return pid, 0, os.WSTOPSIG(status)
    return pid, os.waitstatus_to_exitcode(status), 0


def _reap_any_by_waitid() -> tuple[int, int, int]:
    try:
        news = os.waitid(os.P_ALL, 0, os.WEXITED | os.WSTOPPED | os.WNOHANG)
    except ChildProcessError:
        return -1, 0, 0
    if not news:
        return 0, 0, 0
    if news.si_code in (os.CLD_STOPPED, os.CLD_TRAPPED):
        return news.si_pid, 0, news.si_status
    return news.si_pid, _code(news), 0


def _code(ended: os.waitid_result) -> int:
    return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status


def groups() -> tuple[int, ...]:
    """The supplementary groups; by /proc where getgroups(2) is refused, () where that is not there either."""
    try:
        return tuple(os.getgroups())
    except OSError:
        pass
    try:
        with open("/proc/self/status", "rb") as stream:
            lines = stream.read().split(b"\n")
    except OSError:
        return ()
    listed = next((line for line in lines if line.startswith(b"Groups:")), b"")
    return tuple(map(int, listed.split()[1:]))


class _EpollPoll:
    """What we use of select.poll. Regular files, which epoll does not take, are always ready, as for poll."""

    def __init__(self) -> None:
        import select

        self._epoll = select.epoll()
        self._files: dict[int, int] = {}

    def register(self, descriptor: Any, events: int = 7) -> None:
        number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
        try:
            self._epoll.register(number, events)
        except FileExistsError:
            self._epoll.modify(number, events)
        except PermissionError:
            self._files[number] = events

    def modify(self, descriptor: Any, events: int) -> None:
        self.register(descriptor, events)

    def unregister(self, descriptor: Any) -> None:
        number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
        if number in self._files:
            del self._files[number]
        else:
            try:
                self._epoll.unregister(number)
            except FileNotFoundError:
                raise KeyError(number) from None

    def poll(self, timeout: float | None = None) -> list[tuple[int, int]]:
        """*timeout* in milliseconds; None or below zero: for ever."""
        seconds = -1.0 if timeout is None or timeout < 0 else timeout / 1000
        ready: list[tuple[int, int]] = self._epoll.poll(0 if self._files else seconds)
        return [*ready, *self._files.items()]
