"""Which processes of this machine run a Go program, told by the build info in the program's file."""

from __future__ import annotations

import os

from probe.formats import elf
from probe.formats.elf import NotElf, buildinfo
from probe.formats.elf.buildinfo import BuildInfo
from probe.lightweight import Any, Mapping, MutableMapping, NamedTuple
from probe.node import containers
from probe.node.proc_files import whole

# Device, inode, size and mtime of a program's file: a file that is written again has another.
Identity = tuple[int, int, int, int]

# What starts a virtual machine or a user-space kernel: the programs inside have no process here.
_SANDBOXES = ("runsc", "qemu-system", "cloud-hypervisor", "firecracker", "containerd-shim-kata")
_SHIM = "containerd-shim-kata"
_KATA = (b"/run/vc/", b"/run/kata")  # where the sockets of a shim's virtual machine lie
_COMMAND_LINE = 64 << 10

GONE, DENIED, SANDBOXED, UNNAMED = "gone", "denied", "sandboxed", "unnamed"


class ProgramVerdict(NamedTuple):
    """What was found out about a program; JSON values, so that it can be handed from process to process."""

    report: Mapping[str, Any]  # as `probe check --format json` prints it
    program: str  # its path in the container
    version: str  # "go1.27.3"
    go_line: str  # "1.22", "" where it is not known
    fips: bool


class Program(NamedTuple):
    """A process that runs a Go program."""

    pid: int
    started: int  # clock ticks since boot: of two processes with one number, tells which
    name: str  # of the process, 15 bytes at most
    identity: Identity
    container: str  # its id; "" for a process of the host
    pod: str  # the pod's uid, "" where the control group does not name one


def identify(pid: int, known: MutableMapping[Identity, bool], proc: str = "/proc") -> Program | str | None:
    """
    The Go program that the process *pid* runs; None for another program or a thread of the kernel.

    GONE, DENIED or SANDBOXED, where there is a program that cannot be told from here. *known* holds
    which files are Go programs, and is filled: a file is read once.
    """
    here = f"{proc}/{pid}"
    try:
        found = os.stat(f"{here}/exe")
    except FileNotFoundError:  # a thread of the kernel, a zombie, or it has ended
        return None if os.path.exists(f"{here}/stat") else GONE
    except PermissionError:
        return DENIED
    except OSError:
        return GONE
    try:
        name, started = _stat(f"{here}/stat")
        file = os.readlink(f"{here}/exe").rpartition("/")[2]  # a process's name is cut after 15 bytes
        if name.startswith(_SANDBOXES) or file.startswith(_SANDBOXES):
            return None if _helps(here, file) else SANDBOXED
        identity = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        if identity not in known:
            known[identity] = _is_go(f"{here}/exe")
        if not known[identity]:
            return None
        return Program(pid, started, name, identity, *containers.of_process(here))
    except PermissionError:
        return DENIED
    except OSError:
        return GONE


def _helps(here: str, file: str) -> bool:
    """
    Whether a process of a sandbox stands beside the one that the sandbox is counted by.

    gVisor has a gofer for each container (runsc/container/container.go), a Kata shim the virtual machine.
    """
    arguments = whole(f"{here}/cmdline", _COMMAND_LINE).split(b"\0")
    if file.startswith("runsc"):
        return b"runsc-gofer" in os.path.basename(arguments[0]) or b"gofer" in arguments[1:]
    return not file.startswith(_SHIM) and any(folder in word for word in arguments for folder in _KATA)


def runs_still(program: Program, proc: str = "/proc") -> bool:
    """Whether it is the process that was found, and not a later one with its number."""
    try:
        return _stat(f"{proc}/{program.pid}/stat")[1] == program.started
    except OSError:
        return False


def processes(proc: str = "/proc") -> list[int]:
    """The numbers of all processes that can be seen here, our own left out."""
    ours = os.getpid()
    return [int(name) for name in os.listdir(proc) if name.isdecimal() and int(name) != ours]


def _stat(path: str) -> tuple[str, int]:
    """The name of a process, and when it started."""
    name, _, rest = whole(path, 4096, single=True).rpartition(b")")
    return name.partition(b"(")[2].decode("utf-8", "replace"), int(rest.split()[19])


def _is_go(path: str) -> bool:
    with open(path, "rb") as stream:
        headers = elf.read(stream)
        if isinstance(headers, NotElf):
            return False
        if headers.sections and not headers.section(".go.buildinfo"):
            return False
        return isinstance(buildinfo.find(stream, headers), BuildInfo)
