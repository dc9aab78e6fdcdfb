"""What a process may have too little of, memory and descriptors, and what to say then."""

from __future__ import annotations

import errno
import posix

from probe.lightweight import Callable, NoReturn, thread

# Below these there may be no room for the threads of a run beside the interpreter: each has 8 MiB of stack,
# and malloc(3) reserves 64 MiB of addresses for it. On 64 bits no program of Go starts below the first.
_LEAST = {b"Max address space": ("v", 512 << 20), b"Max data size": ("d", 96 << 20)}
_STACK = 8 << 20  # of a thread, as most systems have it
# What a thread takes of each limit (of data its heap, which the parsed roots fill), what is left to the
# interpreter, and the field of proc_pid_statm(5) that counts it.
_SHARES = {"v": (72 << 20, 96 << 20, 0), "d": (32 << 20, 48 << 20, 5)}
_NO_STACK = 2  # the exit code of who finds no room for one
_ADVICE = {
    errno.EMFILE: "raise the limit of open files (ulimit -n 1024)",
    errno.ENFILE: "raise the limit of open files of this machine (sysctl fs.file-max)",
    errno.EAGAIN: "raise the limit of processes (ulimit -u, pids.max)",
    errno.ENOMEM: "raise ulimit -v and -d, or the memory limit of this container",
}
_known: list[str] = []  # what `tight` has found
_limits: dict[str, int] = {}  # of those in `_LEAST` that are set, the bytes; known with it
_most: list[int] = []  # threads at once, once one was wanted
_threads: list[None] = []  # one for each that was started here and is at work


class NoRoomForThread(RuntimeError):
    """That a thread would leave too little to the interpreter; not that the kernel has refused one."""


def tight() -> str:
    """The limit that is so low, as it was set, "ulimit -v 24000"; "" for none, and without /proc."""
    if not _known:
        _known.append(_found())
    return _known[0]


def _found() -> str:
    low = ""
    for line in _of_ourselves("limits").split(b"\n"):
        letter, least = _LEAST.get(line[:26].rstrip(), ("", 0))
        soft = line[26:].split(None, 1)[0] if letter else b""
        if soft.isdigit():
            _limits[letter] = int(soft)
            if int(soft) < least and not low:
                low = f"ulimit -{letter} {int(soft) >> 10}"
    return low


def _of_ourselves(name: str) -> bytes:
    """A file of /proc about this process, at most a page; b"" where it cannot be read."""
    try:
        descriptor = posix.open(f"/proc/self/{name}", posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return posix.read(descriptor, 4096)
    except OSError:
        return b""
    finally:
        posix.close(descriptor)


def start_thread(work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    """As _thread.start_new_thread; NoRoomForThread where it would leave nothing to the interpreter."""
    if limit := tight():
        raise NoRoomForThread(f"memory is limited: {limit}")
    if not _limits:
        thread.start_new_thread(work, arguments)
        return
    if not _most:
        _most.append(_affordable())
    _threads.append(None)
    try:
        if len(_threads) > _most[0]:
            raise NoRoomForThread(f"memory is limited: ulimit {_told()}")
        thread.start_new_thread(_counted, (work, arguments))
    except RuntimeError:
        _threads.pop()
        raise


def _counted(work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    try:
        work(*arguments)
    finally:
        _threads.pop()


def _affordable() -> int:
    """The threads that there is room for now, before the first one."""
    taken = _of_ourselves("statm").split()
    if not taken:
        return 0
    page, least = posix.sysconf("SC_PAGESIZE"), []
    for letter, limit in _limits.items():
        each, kept, field = _SHARES[letter]
        least.append((limit - kept - int(taken[field]) * page) // each)
    return min(least)


def _told() -> str:
    return " ".join(f"-{letter} {limit >> 10}" for letter, limit in _limits.items())


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
