"""Children that are not ours to wait for, and those that are."""

import time

from probe.lightweight import os, signal

_PATIENCE_S = 2.0


def known() -> frozenset[int]:
    """The children that we have now, of whichever thread; none where there is no /proc."""
    found: set[int] = set()
    try:
        threads = os.listdir("/proc/self/task")
    except OSError:
        return frozenset()
    for thread in threads:
        try:
            with open(f"/proc/self/task/{thread}/children", "rb") as stream:
                found.update(map(int, stream.read().split()))
        except FileNotFoundError:
            if thread == str(os.getpid()):  # not every kernel has this file
                return frozenset(pid for pid, parent, _ in processes() if parent == os.getpid())
        except OSError:  # this thread ends: its children are another's now
            continue
    return frozenset(found)


def processes() -> list[tuple[int, int, int]]:
    """(pid, parent, group) of every process that /proc shows."""
    found: list[tuple[int, int, int]] = []
    try:
        names = os.listdir("/proc")
    except OSError:
        return found
    for name in names:
        if name.isdecimal():
            try:
                with open(f"/proc/{name}/stat", "rb", buffering=0) as stream:
                    fields = stream.read(4096).rpartition(b")")[2].split()
                found.append((int(name), int(fields[1]), int(fields[2])))
            except (OSError, IndexError):  # it ends
                continue
    return found


def stuck(pid: int) -> int | None:
    """
    The exit code of our child *pid*, negative for a signal, that has ended but for a thread that cannot.

    A read from a dead mount may last beyond SIGKILL, and until it ends nobody can reap the process. None for
    a child that runs, and where /proc does not say.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as stream:
            fields = stream.read(4096).rpartition(b")")[2].split()
        with open(f"/proc/{pid}/status", "rb", buffering=0) as stream:
            pending = stream.read(8192).partition(b"\nSigPnd:")[2].split()[0]
        if fields[0] == b"Z":  # field 52 in proc_pid_stat(5)
            return os.waitstatus_to_exitcode(int(fields[49]))
        return -9 if int(pending, 16) >> 8 & 1 else None
    except (OSError, IndexError, ValueError):
        return None


def end_family(head: int) -> None:
    """Kill our child *head* and all below it, and reap them; we have to be PID 1 or a subreaper."""
    family, new = [head], [head]
    while new:
        for pid in new:
            _kill(pid, signal.SIGSTOP)  # so that it forks no more
        new = [pid for pid, parent, _ in processes() if parent in family and pid not in family]
        family += new
    end = time.monotonic() + _PATIENCE_S
    for pid in family:
        _kill(pid, signal.SIGKILL)
    for pid in family:
        while time.monotonic() < end and _is_left(pid):
            time.sleep(0.001)


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        return


def _is_left(pid: int) -> bool:
    """Whether *pid*, which comes to us once its parent has ended, is still to be reaped."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except OSError:  # not ours: its parent has reaped it, or nobody has yet
        return any(pid == one for one, _, _ in processes())


def end_all_but(before: frozenset[int]) -> None:
    """
    Kill and reap what has become our child since *before*: as PID 1 or subreaper we inherit orphans.

    The others came with us from our caller and are the workload's affair.
    """
    end = time.monotonic() + _PATIENCE_S
    while (others := known() - before) and time.monotonic() < end:
        for pid in others:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
            except OSError:
                continue
        if known() - before:
            time.sleep(0.001)
