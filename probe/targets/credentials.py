"""What a process may do beyond its ids: capabilities and umask (proc_pid_status(5))."""

from __future__ import annotations

from probe.lightweight import Mapping, NamedTuple, os
from probe.targets import Target
from probe.targets.access import User

# linux/capability.h
DAC_OVERRIDE, DAC_READ_SEARCH, SYS_PTRACE, SYS_RESOURCE = 1 << 1, 1 << 2, 1 << 19, 1 << 24
_LIMIT = 1 << 20


class Credentials(NamedTuple):
    """Whose rights count in a target."""

    user: User
    umask: int | None = None  # None: no process, or a kernel before 4.7
    reserved: bool = False  # the blocks that a file system keeps back are there for it
    foreign: bool = False  # its capabilities count in another user namespace than ours


def of(target: Target) -> Credentials:
    """
    The rights of the target's process, or those of its user where there is no process.

    OSError when the process has gone, or may not be looked at.
    """
    if not target.proc:
        return Credentials(target.user, reserved=target.user.override)
    with open(f"{target.proc}/status", "rb", buffering=0) as stream:
        status = fields(stream.read(_LIMIT))
    capabilities = int(status["CapEff"], 16)
    user = target.user._replace(
        override=bool(capabilities & DAC_OVERRIDE), read_all=bool(capabilities & DAC_READ_SEARCH)
    )
    # A directory that we look at with our own eyes has no process: our umask is not its.
    has_one = target.processes is not None or target.proc != "/proc/self"
    umask = int(status["Umask"], 8) if has_one and "Umask" in status else None
    return Credentials(
        user, umask, bool(capabilities & SYS_RESOURCE), capabilities > 0 and _elsewhere(target.proc)
    )


def capabilities(proc: str) -> int:
    """The effective capabilities of the process whose directory is *proc*; OSError when it has gone."""
    with open(f"{proc}/status", "rb", buffering=0) as stream:
        return int(fields(stream.read(_LIMIT))["CapEff"], 16)


def fields(status: bytes) -> Mapping[str, str]:
    """The lines of a status file by their names."""
    lines = status.decode("utf-8", "replace").splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


def _elsewhere(proc: str) -> bool:
    try:
        return os.readlink(f"{proc}/ns/user") != os.readlink("/proc/self/ns/user")
    except OSError:  # a kernel without user namespaces, or one that does not let us look
        return False
