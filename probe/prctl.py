"""prctl(2), the little of it that keeps processes together; and clone3(2), asked whether it may be used."""

import errno

from probe.lightweight import os, signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PDEATHSIG, CHILD_SUBREAPER = 1, 36  # linux/prctl.h
_CLONE3 = 435  # on every architecture (asm-generic/unistd.h)


_loaded: "list[Callable[[int, int], object]]" = []


def load() -> "Callable[[int, int], object]":
    """prctl(option, value); where ctypes cannot give it, a stand-in that does nothing."""
    if not _loaded:
        function = libc("prctl")
        _loaded.append(
            (lambda option, value: function(option, value, 0, 0, 0)) if function else (lambda *_: None)
        )
    return _loaded[0]


def end_with(parent: int, number: int = 9) -> bool:
    """
    Have the kernel send us signal *number* when our *parent* ends; False when it has ended already.

    Where getpid(2) or getppid(2) is refused (-1), nobody can tell, and the signal alone has to do.
    """
    load()(PDEATHSIG, number)
    return min(parent, now := os.getppid()) < 0 or now == parent


def fork() -> "int | None":
    """As fork(2), the child dies with us; None where there can be no child."""
    if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:  # as our caller has it: the kernel would reap
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError:
        return None
    if not pid and not end_with(parent):
        os._exit(1)
    return pid


def clone3_error() -> int:
    """
    The errno of a clone3(2) that can make nothing: EINVAL where it may be used.

    glibc, from 2.34 on, makes threads by it and tries another way for ENOSYS only (clone-internal.c).
    """
    function = libc("syscall")
    if not function:
        return errno.EINVAL
    from probe.lightweight import ctypes

    function(_CLONE3, 0, 0)
    return int(ctypes.get_errno())


def libc(name: str) -> "Callable[..., object] | None":
    """A function of the C library that takes and gives int; None where it, or ctypes, is not there."""
    try:
        from probe.lightweight import ctypes
    except ImportError:
        return None

    class Int(ctypes._SimpleCData):  # type: ignore[type-arg]
        _type_ = "i"

    class Function(ctypes.CFuncPtr):
        _flags_ = ctypes.FUNCFLAG_CDECL | ctypes.FUNCFLAG_USE_ERRNO
        _restype_ = Int

    try:
        return Function(ctypes.dlsym(ctypes.dlopen(None, 0), name))  # type: ignore[arg-type]
    except (OSError, AttributeError):
        return None
