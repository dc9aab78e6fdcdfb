"""Who reads the terminal: job control between a shell, us and the workload."""

import os


def lead_group(pid: int = 0) -> None:
    """Have the process *pid* (0: this one) lead a group of its own, where setpgid(2) can."""
    try:
        os.setpgid(pid, pid)
    except OSError:
        return


def hand_over(group: int, ours: int) -> None:
    """
    Make *group* the foreground of our terminal where the group *ours* is that now.

    Only with SIGTTOU held. Nothing happens where there is no terminal, or where it
    belongs to somebody else: a job in the background does not take it.
    """
    terminal = _open()
    if terminal is None:
        return
    try:
        if os.tcgetpgrp(terminal) == ours:
            os.tcsetpgrp(terminal, group)
    except OSError:
        return  # hung up
    finally:
        os.close(terminal)


def is_foreground(group: int) -> bool:
    """Whether *group* is the foreground of our terminal."""
    terminal = _open()
    if terminal is None:
        return False
    try:
        return os.tcgetpgrp(terminal) == group
    except OSError:
        return False
    finally:
        os.close(terminal)


def _open() -> int | None:
    """Our controlling terminal, wherever stdin comes from."""
    try:
        return os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        pass
    try:
        return os.dup(0)  # an image may hold no /dev/tty
    except OSError:
        return None
