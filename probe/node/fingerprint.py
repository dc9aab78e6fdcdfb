"""What a verdict on a container rests on beside its files: program, user, environment, mounts, limits."""

from __future__ import annotations

import functools
import mmap
import os

from probe.lightweight import Iterator, Mapping, MutableMapping
from probe.node.proc_files import whole
from probe.targets import cgroup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.node.programs import Program

# No other variable's value is ever held: an environment is where secrets are. What a check reads
# of another is nothing, as if it were not set; tests hold this list against what they ask for.
VARIABLES = frozenset(
    {
        *(
            "GODEBUG",
            "GOENV",
            "GOEXPERIMENT",
            "GOFIPS140",
            "GOMAXPROCS",
            "GOMEMLIMIT",
            "GOROOT",
            "GOTOOLCHAIN",
        ),
        *("HOME", "LD_LIBRARY_PATH", "PATH", "PWD", "SSL_CERT_DIR", "SSL_CERT_FILE"),
        *("TZ", "TZDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "ZONEINFO"),
    }
)
_NAMES = frozenset(name.encode() for name in VARIABLES)
_LIMIT = 8 << 20
_FEW = 64
_LONGEST = max(map(len, _NAMES))
_OURS = "processors"  # beside the paths of files
_STATUS = (b"\nUid:", b"\nGid:", b"\nGroups:", b"\nCapEff:", b"\nCapBnd:", b"\nNoNewPrivs:", b"\nSeccomp:")

Key = tuple[object, ...]


def of(
    program: Program, env: Mapping[str, str], groups: MutableMapping[str, str], proc: str = "/proc"
) -> Key:
    """
    A value that is equal for two processes on which the same verdict is given while their files are alike.

    *env*: what an EnvironmentReader found. *groups* holds what files of control groups said in this scan, and
    is filled: containers have their ancestors in common.

    OSError when the process has ended, or may not be looked at.
    """
    here = f"{proc}/{program.pid}"
    return (
        program.identity[1:],
        _status(whole(f"{here}/status", _LIMIT, single=True)),
        _text(_read(f"{here}/uid_map")),
        _text(_read(f"{here}/gid_map")),
        tuple(sorted(env.items())),
        os.readlink(f"{here}/cwd"),
        os.readlink(f"{here}/exe"),
        _mounts(_read(f"{here}/mountinfo")),
        whole(f"{here}/limits", _LIMIT, single=True),
        _group(here, groups),
    )


def _status(text: bytes) -> tuple[bytes, ...]:
    """The lines of _STATUS, which stand in this order."""
    found, end = [], 0
    for name in _STATUS:
        start = text.find(name, end)
        if start >= 0:
            end = text.find(b"\n", start + 1)
            found.append(text[start:end])
    return tuple(found)


def _group(here: str, groups: MutableMapping[str, str]) -> tuple[object, ...]:
    """The limits of its control group, and the processors that we may use: what GOMAXPROCS follows."""

    def read(path: str) -> str:
        if path not in groups:
            groups[path] = cgroup.read_or_nothing(path)
        return groups[path]

    try:
        found = cgroup.limits(here, lambda path: _few(f"{here}/root{path}"), read)
        return (*found, _processors(groups))
    except OSError:
        return ()


def _processors(groups: MutableMapping[str, str]) -> str:
    if _OURS not in groups:
        groups[_OURS] = str(len(os.sched_getaffinity(0)))
    return groups[_OURS]


def _few(path: str) -> bytes:
    """The first bytes of a file of a container, which may be anything."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _FEW)
    finally:
        os.close(descriptor)


class EnvironmentReader:
    """Reads the variables of VARIABLES in environ files; the bytes of all others are overwritten at once."""

    def __init__(self) -> None:
        self._block = mmap.mmap(-1, _LIMIT)  # memory that is taken only as far as it is written to

    def read(self, path: str) -> dict[str, str]:
        """The variables by name; of two entries with one name the first counts, as in targets.environ."""
        size = 0
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                while size < _LIMIT:
                    with memoryview(self._block)[size:] as rest:
                        count = os.readv(descriptor, (rest,))
                    if not count:
                        break
                    size += count
            finally:
                os.close(descriptor)
            return dict(self._entries(size))
        finally:
            self._block[:size] = bytes(size)

    def _entries(self, size: int) -> Iterator[tuple[str, str]]:
        block, told, at = self._block, set(), 0
        while at < size:
            end = block.find(b"\0", at, size)
            end = size if end < 0 else end
            equals = block.find(b"=", at, end)
            name = block[at:equals] if at < equals <= at + _LONGEST else b""
            if name in _NAMES and name not in told:
                told.add(name)
                yield name.decode(), _text(block[equals + 1 : end])
            at = end + 1


@functools.lru_cache(
    256
)  # processes of one mount namespace have the same; a scan's child remembers it, and ends
def _mounts(mountinfo: bytes) -> tuple[bytes, ...]:
    """Point, options and type of each mount: where it comes from differs for each container of an image."""
    found = []
    for line in mountinfo.splitlines():
        before, _, after = line.partition(b" - ")
        fields = before.split(b" ")
        if len(fields) > 5 and not fields[4].startswith((b"/proc", b"/sys", b"/dev")):
            found.append(b" ".join((fields[4], fields[5], after.partition(b" ")[0])))
    return tuple(found)


def _read(path: str) -> bytes:
    return whole(path, _LIMIT)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
