"""What a process may have too little of, memory and descriptors, and what to say then."""

from __future__ import annotations

import errno
import posix

from probe.lightweight import Callable, NoReturn, thread

# Below these there may be no room for the threads of a run beside the interpreter: each has 8 MiB of stack,
# and malloc(3) reserves 64 MiB of addresses for it. On 64 bits no program of Go starts below the first.
_LEAST = {b"Max address space": ("v", 512 << 20), b"Max data size": ("d", 96 << 20)}
_STACK = 8 << 20  # of a thread, as most systems have it
_NO_STACK = 2  # the exit code of who finds no room for one
_ADVICE = {
    errno.EMFILE: "raise the limit of open files (ulimit -n 1024)",
    errno.ENFILE: "raise the limit of open files of this machine (sysctl fs.file-max)",
    errno.EAGAIN: "raise the limit of processes (ulimit -u, pids.max)",
    errno.ENOMEM: "raise ulimit -v and -d, or the memory limit of this container",
}
_known: list[str] = []  # what `tight` has found


def tight() -> str:
    """The limit that is so low, as it was set, "ulimit -v 24000"; "" for none, and without /proc."""
    if not _known:
        _known.append(_found())
    return _known[0]


def _found() -> str:
    try:
        descriptor = posix.open("/proc/self/limits", posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError:
        return ""
    try:
        lines = posix.read(descriptor, 4096).split(b"\n")
    except OSError:
        return ""
    finally:
        posix.close(descriptor)
    for line in lines:
        letter, least = _LEAST.get(line[:26].rstrip(), ("", 0))
        soft = line[26:].split(None, 1)[0] if letter else b""
        if soft.isdigit() and int(soft) < least:
            return f"ulimit -{letter} {int(soft) >> 10}"
    return ""


def start_thread(work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    """As _thread.start_new_thread; RuntimeError too where a thread would leave nothing to the interpreter."""
    if limit := tight():
        raise RuntimeError(f"memory is limited: {limit}")
    thread.start_new_thread(work, arguments)


def no_thread() -> str:
    """
    Why no thread can be started here, whatever it would leave to others; "" where one can.

    Tried by a child, as what malloc(3) reserves for a thread is not given back. With no other thread.
    """
    try:
        child = posix.fork()
        if not child:
            _try_thread()
        code = posix.waitstatus_to_exitcode(posix.waitpid(child, 0)[1])
    except OSError as problem:
        return str(problem.strerror).lower()
    if code == _NO_STACK:
        return f"memory is limited: {tight()}"
    return "can't start new thread" if code else ""


def _try_thread() -> NoReturn:
    code = 1
    try:
        thread.start_new_thread(bool, ())
        code = 0
    except RuntimeError:
        code = code if _room_for_stack() else _NO_STACK
    finally:
        posix._exit(code)


def _room_for_stack() -> bool:
    try:
        bytes(_STACK)  # zeros, of which the kernel makes no page before somebody looks at it
    except MemoryError:
        return False
    return True


def lifted(limit: str) -> str:
    """The command that lifts a *limit* of `tight`."""
    return f"{limit.rpartition(' ')[0]} unlimited"


def no_memory() -> str:
    """That there is none left, and what to do, in one line."""
    limit = tight()
    if not limit:
        return "out of memory: raise the memory limit of this container (docker run --memory 1g)"
    return f"out of memory: this process has {limit}, which is too little; raise that limit ({lifted(limit)})"


def advice(problem: OSError) -> str:
    """What to do where *problem* is that a limit has been reached; "" for another one."""
    return _ADVICE.get(problem.errno or 0, "")
