"""The command `probe`. Importing this costs nothing: whatever a command needs, it imports itself."""

import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # "typing" imports much else
    import signal as signal
    from typing import NoReturn
else:
    import _signal as signal  # "signal" makes enums of all names


def main(held: frozenset[int] | None = None, *, interrupted: bool = False) -> "NoReturn":
    """
    Run the command line in sys.argv and end this process with its exit code.

    *held*: the signals that were held when we were first started, where we have started ourselves again.
    *interrupted*: give SIGINT back to Python's handler, from which it was taken for our imports.
    """
    try:
        if interrupted:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        command = sys.argv[1:2]
        if command in ([], ["check"], ["status"]) or command[0].startswith("-"):
            _offer_ourselves()
        if command == ["status"] and sys.flags.isolated:
            # Before more is imported: `os` alone takes a tenth of an interpreter's start.
            from probe.cli import status_client

            status_client.usual(sys.argv[2:])  # comes back when there is more to it
        from probe import importer

        importer.install()
        from probe.cli import start

        start.main(held)
    except KeyboardInterrupt:
        posix._exit(130)  # 128 + SIGINT, as a shell says it
    except (MemoryError, OSError, SystemError, ImportError) as problem:
        _cannot_start(problem)


def _cannot_start(problem: Exception) -> "NoReturn":
    """In one line, made beforehand where there is no memory: CPython has several names for that."""
    line = b"probe: out of memory: raise ulimit -v and -d, or the memory limit of this container\n"
    try:
        if isinstance(problem, (ImportError, OSError)):
            from probe import room

            if not room.tight():
                advice = (isinstance(problem, OSError) and room.advice(problem)) or "install it again"
                line = f"probe: cannot start: {problem}; {advice}\n".encode("utf-8", "replace")
        posix.write(2, line)
    finally:
        posix._exit(1)


def _offer_ourselves() -> None:
    """
    Have the kernel end us first when memory runs out (proc_pid_oom_score_adj(5)).

    An exec probe lives in the limit of the program that it looks after, which is the largest process there.
    """
    try:
        descriptor = posix.open("/proc/self/oom_score_adj", posix.O_WRONLY | posix.O_CLOEXEC)
        posix.write(descriptor, b"1000")
        posix.close(descriptor)
    except OSError:
        return
