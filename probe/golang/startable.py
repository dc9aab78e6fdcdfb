"""What keeps a program from its first instruction, by its file and its surroundings; nothing is run."""

from __future__ import annotations

import os
import struct

from probe.formats import elf
from probe.formats.elf import Elf, NotElf
from probe.lightweight import Iterable, NamedTuple
from probe.targets import NotRegular, Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.binary import Binary

_PAGE = 4096
_LOADERS = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_CAPABILITIES = "security.capability"  # the attribute of file capabilities (capabilities(7))
_EFFECTIVE = 1  # VFS_CAP_FLAGS_EFFECTIVE in linux/capability.h
_REVISION_2, _REVISION_3 = 0x02000000, 0x03000000
# What the runtime reserves before main (runtime/mpagealloc_64bit.go); the least with which 1.21 to 1.27 start
# is 686 MiB on amd64, found by trying.
ADDRESS_SPACE = 680 << 20
# What it maps to write to: 38 MiB at least, found so too.
_NEEDED = {"v": ADDRESS_SPACE, "d": 37 << 20}
_RESERVING = ("amd64", "arm64", "ppc64le", "ppc64", "s390x", "riscv64", "loong64")

# GOAMD64 → what rt0_go asks CPUID for (runtime/asm_amd64.s), by the names of /proc/cpuinfo.
_V2 = ("pni", "ssse3", "cx16", "sse4_1", "sse4_2", "popcnt", "lahf_lm")
_V3 = ("fma", "movbe", "avx", "f16c", "abm", "bmi1", "avx2", "bmi2")
_V4 = ("avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl")
_AMD64 = {"v2": _V2, "v3": (*_V2, *_V3), "v4": (*_V2, *_V3, *_V4)}
# The same as bits of glibc's copy of CPUID: index of the leaf, register, bit.
_BITS = {
    "pni": (0, 2, 0), "ssse3": (0, 2, 9), "fma": (0, 2, 12), "cx16": (0, 2, 13), "sse4_1": (0, 2, 19),
    "sse4_2": (0, 2, 20), "movbe": (0, 2, 22), "popcnt": (0, 2, 23), "avx": (0, 2, 28), "f16c": (0, 2, 29),
    "bmi1": (1, 1, 3), "avx2": (1, 1, 5), "bmi2": (1, 1, 8), "avx512f": (1, 1, 16), "avx512dq": (1, 1, 17),
    "avx512cd": (1, 1, 28), "avx512bw": (1, 1, 30), "avx512vl": (1, 1, 31),
    "lahf_lm": (2, 2, 0), "abm": (2, 2, 5),
}  # fmt: skip


class LoaderFault(NamedTuple):
    """Why the dynamic loader that is there cannot be used: `why`, and the mode that would do, 0 for none."""

    why: str
    executable: bool


def missing_bytes(size: int, headers: Elf) -> int:
    """How many bytes that are mapped lie beyond the end of the file of *size* bytes; 0 for a whole one."""
    ends = (part.offset + part.file_size for part in headers.segments if part.kind == elf.LOAD)
    return max(0, max(ends, default=0) - size)


def certainly_fatal(size: int, headers: Elf) -> bool:
    """Whether whole pages of a cut program are missing; the rest of its last page reads as zeros."""
    return missing_bytes(size, headers) > -size % _PAGE


def loader_fault(target: Target, program: Binary) -> LoaderFault | None:
    """What is wrong with the dynamic loader of *program* that is there: its mode, mount or content."""
    path = program.elf.interpreter
    if not path or not program.loader_present:
        return None
    if closed := closed_by_mount(target, path):
        return LoaderFault(f"{closed} is mounted with noexec", executable=False)
    try:
        target.access(path, os.X_OK)
    except PermissionError:
        return LoaderFault("may not be executed by this user", executable=False)
    except OSError:
        return None
    try:
        with target.open(path) as stream:
            headers = elf.read(stream)
    except (OSError, NotRegular):  # the kernel reads it for whoever may execute it
        return None
    if isinstance(headers, NotElf):
        return LoaderFault(f"is {headers.reason}", executable=True)
    if headers.machine != program.elf.machine or headers.bits != program.elf.bits:
        return LoaderFault(f"is for {headers.architecture}", executable=True)
    if lost := missing_bytes(target.stat(path).size, headers):
        return LoaderFault(f"is truncated: its last {lost} bytes are missing", executable=True)
    return None


def missing_loader(target: Target, loader: str, libc: str) -> str:
    """How it is said that *loader* of *libc* ("" where unknown) does not exist, and which other one is."""
    others = (path for path, theirs in loaders(target).items() if libc and theirs != libc)
    other = next(others, None)
    needed = f"{loader} of {libc}" if libc else loader
    here = f"; the image has that of {'musl' if libc == 'glibc' else 'glibc'}, {other}" if other else ""
    return f"it needs the dynamic loader {needed}, which is not in this image{here}"


def loaders(target: Target) -> dict[str, str]:
    """The dynamic loaders that the target has: path → C library."""
    found: dict[str, str] = {}
    for folder in _LOADERS:
        try:
            names = target.listdir(folder)
        except OSError:
            continue
        for name in names:
            if name.startswith(("ld-musl-", "ld-linux")) and target.exists(f"{folder}/{name}"):
                found[f"{folder}/{name}"] = "musl" if name.startswith("ld-musl-") else "glibc"
    return found


def closed_by_mount(target: Target, path: str) -> str:
    """The mount point with noexec that *path* lies on after all links, "" where there is none."""
    try:
        space = target.files.space(target.path(path))
        if not space or not space.noexec:
            return ""
        mount = target.mount_of(target.resolve(path))
    except OSError:
        return ""
    return mount.point if mount else path


def lost_capabilities(target: Target, path: str) -> tuple[int, ...]:
    """
    The capabilities of the file that cannot be given here; execve(2) then answers EPERM, to root as well.

    Only where they are to be effective at once, and not on a mount with nosuid
    (bprm_caps_from_vfs_caps in security/commoncap.c).
    """
    try:
        attribute = target.files.acl(target.resolve(path), _CAPABILITIES)
        mount = target.mount_of(target.resolve(path))
        wanted = _effective(attribute)
        if not wanted or (mount and "nosuid" in mount.options):
            return ()
        with open("/proc/self/status", "rb") as stream:
            lines = stream.read().split(b"\n")
    except OSError:
        return ()
    bounding = next((int(line.split()[1], 16) for line in lines if line.startswith(b"CapBnd:")), -1)
    return tuple(number for number in range(64) if (wanted & ~bounding) >> number & 1)


def _effective(attribute: bytes) -> int:
    """The permitted set of a file capability that is effective, 0 for others and those of user namespaces."""
    if len(attribute) < 20:
        return 0
    magic, low, _, high, _ = struct.unpack_from("<5I", attribute)
    ours = magic & ~_EFFECTIVE == _REVISION_2 or (
        magic & ~_EFFECTIVE == _REVISION_3 and attribute[20:24] == b"\0\0\0\0"
    )
    return low | high << 32 if ours and magic & _EFFECTIVE else 0


def missing_features(settings: dict[str, str]) -> tuple[str, ...] | None:
    """
    What a program with these build settings asks of the processor and this one has not; () for nothing.

    None where nobody can tell.
    """
    wanted = _AMD64.get(settings.get("GOAMD64", "").partition(",")[0], ())
    if not wanted:
        return ()
    known = _by_libc(wanted)
    if known is None:
        known = _by_proc(wanted)
    return None if known is None else tuple(name for name in wanted if name not in known)


def _by_proc(wanted: Iterable[str]) -> frozenset[str] | None:
    try:
        with open("/proc/cpuinfo", "rb") as stream:
            lines = stream.read(1 << 16).split(b"\n")
    except OSError:
        return None
    line = next((line for line in lines if line.startswith(b"flags")), None)
    return frozenset(wanted) & frozenset(line.decode("ascii", "replace").split()) if line else None


def _by_libc(wanted: Iterable[str]) -> frozenset[str] | None:
    """CPUID as glibc keeps it (sys/platform/x86.h, from 2.33 on): an emulator's /proc shows another one."""
    try:
        import ctypes

        leaf = ctypes.CDLL(None)["__x86_get_cpuid_feature_leaf"]
    except (ImportError, OSError, AttributeError):
        return None
    # eax, ebx, ecx, edx as the processor says, then as programs may use them
    leaf.restype = ctypes.POINTER(ctypes.c_uint32 * 8)
    leaf.argtypes = [ctypes.c_uint]
    found = set()
    for name in wanted:
        index, register, bit = _BITS[name]
        if leaf(index).contents[4 + register] >> bit & 1:
            found.add(name)
    return frozenset(found)


class MemoryLimit(NamedTuple):
    """A limit in bytes that is too low for Go to start, by the letter that ulimit has for it."""

    letter: str
    soft: int
    needed: int


def memory_limit(target: Target, headers: Elf) -> MemoryLimit | None:
    """The first limit of this process, or of what starts the program in *target*, that is too low for Go."""
    if headers.architecture not in _RESERVING:
        return None
    for letter, needed in _NEEDED.items():
        soft = target.limits.get(letter, _ours(letter)[0])
        if 0 <= soft < needed and (letter == "v" or (headers.architecture == "amd64" and _data_is_mapped())):
            return MemoryLimit(letter, soft, needed)
    return None


def _data_is_mapped() -> bool:
    """Whether RLIMIT_DATA holds for mappings: since Linux 4.7, and not in gVisor (pkg/sentry/mm/vma.go)."""
    try:
        release = os.uname().release
    except OSError:  # refused: the program will tell
        return False
    numbers = [int(one) for one in release.split(".")[:2] if one.isdecimal()]
    return numbers >= [4, 7] and "gvisor" not in release


def may_grow(limit: MemoryLimit) -> bool:
    """Whether that limit can be raised far enough by whoever has it: its hard limit allows that."""
    return not 0 <= _ours(limit.letter)[1] < limit.needed


def _ours(letter: str) -> tuple[int, int]:
    import resource

    try:
        return resource.getrlimit(resource.RLIMIT_AS if letter == "v" else resource.RLIMIT_DATA)
    except OSError:  # refused: the program will tell
        return -1, -1
