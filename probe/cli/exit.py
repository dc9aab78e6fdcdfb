"""What a command comes to, and how it leaves: the one place where an exit code is decided."""

from __future__ import annotations

from probe import room
from probe.errors import UNHEALTHY, ProbeError, TargetError, reason
from probe.lightweight import NamedTuple, NoReturn, os

_PIECE = 4096  # a pipe that poll(2) calls writable takes at least PIPE_BUF at once
_INTERRUPTED = 130  # 128 + SIGINT, as a shell says it

# Reference counts free all but cycles, and a run is over before those matter.
GARBAGE_THRESHOLD = 100_000


class CommandResult(NamedTuple):
    """An exit code and what goes to stdout; `within_s`: for how long a reader may keep us waiting."""

    code: int
    text: str = ""
    within_s: float | None = None


def leave(answer: CommandResult) -> NoReturn:
    """
    Write the answer and end this process at once.

    A verdict that nobody could be told is no healthy one. os._exit, because a thread may
    hang in a system call (a dead file server, a resolver) that nothing can end.
    """
    code, problem = answer.code, write(1, answer.text, answer.within_s)
    if problem:
        code = code or UNHEALTHY
        if problem != "broken pipe":
            write(2, f"probe: stdout: {problem}\n", 1.0)
    os._exit(code)


def _line(problem: ProbeError) -> str:
    if not isinstance(problem, TargetError):
        return str(problem)
    from probe import target_codes
    from probe.targets.errors import TargetUnavailable

    return target_codes.line(problem) if isinstance(problem, TargetUnavailable) else str(problem)


def failed(problem: BaseException, *, verbose: bool) -> CommandResult:
    """The answer when a command ends with an exception, which is told on stderr in one line."""
    if _no_memory(problem):
        write(2, f"probe: {room.no_memory()}\n", 1.0)
        return CommandResult(UNHEALTHY)
    from probe import redact
    from probe.output.base import printable

    if isinstance(problem, KeyboardInterrupt):
        return CommandResult(_INTERRUPTED)
    if isinstance(problem, ProbeError):
        words = printable(redact.text(_line(problem)))
        write(2, f"{words}\n" if words.startswith("probe ") else f"probe: {words}\n", 1.0)
        return CommandResult(problem.exit_code)
    if isinstance(problem, OSError) and isinstance(problem.filename, str) and problem.strerror:
        advice = f"; {advice}" if (advice := room.advice(problem)) else ""
        words = redact.text(f"{problem.filename}: {problem.strerror.lower()}{advice}")
        write(2, f"probe: {printable(words)}\n", 1.0)
        return CommandResult(UNHEALTHY)
    if isinstance(problem, OSError) and (advice := room.advice(problem)):
        write(2, f"probe: {reason(problem)}; {advice}\n", 1.0)
        return CommandResult(UNHEALTHY)
    words = redact.text(f"{type(problem).__name__}: {problem}".rstrip(": "))
    hint = "" if verbose else " (--verbose shows where)"
    write(2, f"probe: internal error: {printable(words)}{hint}; please report it\n", 1.0)
    if verbose:
        import traceback

        lines = "".join(traceback.format_exception(problem)).splitlines()
        write(2, "".join(f"{printable(redact.text(line))}\n" for line in lines[-100:]), 1.0)
    return CommandResult(UNHEALTHY)


def _no_memory(problem: BaseException) -> bool:
    """Whether that is why; where it may be had in small pieces only, CPython has other errors for it too."""
    if isinstance(problem, MemoryError):
        return True
    return isinstance(problem, (SystemError, ImportError)) and bool(room.tight())


def write(descriptor: int, text: str, within_s: float | None) -> str:
    """Write all of *text*; why it could not be done, "" when it could."""
    import select
    import time

    from probe import syscalls

    data = memoryview(text.encode("utf-8", "backslashreplace"))
    end = None if within_s is None else time.monotonic() + within_s
    ready = syscalls.poll()
    ready.register(descriptor, select.POLLOUT)
    try:
        while data:
            wait = None if end is None else max(0.0, end - time.monotonic()) * 1000
            if not ready.poll(wait):
                return "no reader"
            try:
                data = data[os.write(descriptor, data[:_PIECE]) :]
            except BlockingIOError:  # somebody else's descriptor, and not ours to change
                continue
    except OSError as why:
        return reason(why)
    return ""
