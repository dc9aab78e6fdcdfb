"""A program of the target: which Go made it, what it carries and whether it can be loaded there."""

from __future__ import annotations

import errno

from probe.formats import elf
from probe.formats.elf import Elf, NotElf, buildinfo
from probe.formats.elf.buildinfo import BuildInfo
from probe.golang import godebug, version
from probe.golang.release import ProgramZones
from probe.golang.version import ParsedVersion
from probe.lightweight import BinaryIO, Mapping, NamedTuple
from probe.targets import NotRegular, Target

# Modules that call x509.SetFallbackRoots when they are imported.
FALLBACK_MODULES = ("golang.org/x/crypto/x509roots/fallback", "github.com/breml/rootcerts")
# One whose roots a program must ask for: they are no fallback, but worth a word.
OTHER_ROOTS = ("github.com/certifi/gocertifi",)
_SET_FALLBACK_ROOTS = "crypto/x509.SetFallbackRoots"
_EMBEDDED_TZDATA = "time/tzdata.loadFromEmbeddedTZData"
_FIPS140 = "crypto/internal/fips140.init.0"  # reads GODEBUG=fips140 before main
_ZONES = 100  # so many zone files in a program are the whole database
_MAX_SCANNED = 64 << 20
_PIECE = 1 << 20
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)


class NoBinary(NamedTuple):
    """There is no program to be read at `path`."""

    path: str
    kind: str  # "missing", "denied", "special" (a directory, FIFO, device), "foreign" (no ELF program)
    reason: str


class Binary(NamedTuple):
    """A program; `info` is None when it is not Go's, or says nothing about its making."""

    path: str
    elf: Elf
    info: BuildInfo | None
    no_info: str = ""  # why there is no `info`
    loader_present: bool | None = None  # None: it needs no loader
    fallback_roots: tuple[str, ...] = ()  # what brings roots of its own
    other_roots: tuple[str, ...] = ()
    embedded_tzdata: bool = False
    links_fips140: bool = True  # whether it looks at GODEBUG=fips140; True too where that is not known
    zones: ProgramZones = ProgramZones()

    @property
    def named(self) -> ParsedVersion:
        """Its version string, read."""
        return version.read(self.info.version if self.info else "")

    @property
    def vendor(self) -> str:
        """Whose FIPS build it is, with settings of its own: "Red Hat", "Microsoft", "" for nobody's."""
        suffix, experiments = self.named.suffix, self.settings.get("GOEXPERIMENT", "")
        if "Red Hat" in suffix or "strictfipsruntime" in experiments:
            return "Red Hat"
        own = ("systemcrypto", "opensslcrypto", "ms_")
        marked = any(name.startswith("microsoft_") for name in self.settings)
        marked = marked or "microsoft" in suffix.lower() or any(one in experiments for one in own)
        return "Microsoft" if marked else ""

    @property
    def settings(self) -> Mapping[str, str]:
        return dict(self.info.settings) if self.info else {}

    @property
    def godebug(self) -> dict[str, str]:
        """The GODEBUG settings that were baked in."""
        return godebug.parse(self.settings.get("DefaultGODEBUG", ""))

    @property
    def go_line(self) -> str:
        """The go line of its go.mod, "1.22", as far as the baked-in defaults tell; "" when they do not."""
        release = self.named.release
        if not release or release < (1, 21, 0) or not self.info or not self.info.main:
            return ""
        from probe.golang import godebug_defaults  # nobody asks on the way of a pass

        return godebug_defaults.go_line(release[1], self.godebug)


def read(target: Target, path: str, *, linked: bool = True) -> Binary | NoBinary:
    """
    Look at the program at *path* in the target, through its headers; nothing is run.

    For *linked* also into it, a megabyte: at what it carries, which nobody asks of the go command.
    OSError only for what says nothing about the path, such as an error of the disk.
    """
    try:
        with target.open(path) as stream:
            headers = elf.read(stream)
            if isinstance(headers, NotElf):
                return NoBinary(path, "foreign", headers.reason)
            return _examine(target, path, stream, headers, linked=linked)
    except NotRegular as problem:
        return NoBinary(path, "special", f"a {problem.kind}")
    except IsADirectoryError:
        return NoBinary(path, "special", "a directory")
    except PermissionError as problem:
        return NoBinary(path, "denied", problem.strerror or "")
    except OSError as problem:
        if problem.errno in _ABSENT:
            return NoBinary(path, "missing", problem.strerror or "")
        raise


def loader_present(target: Target, loader: str) -> bool:
    """Whether the dynamic loader that a program names is there."""
    try:
        return target.stat(loader).is_file
    except OSError:
        return False


def _examine(target: Target, path: str, stream: BinaryIO, headers: Elf, *, linked: bool) -> Binary:
    found = buildinfo.find(stream, headers)
    info = found if isinstance(found, BuildInfo) else None
    binary = Binary(path, headers, info)
    if headers.interpreter:
        binary = binary._replace(loader_present=loader_present(target, headers.interpreter))
    if not isinstance(found, BuildInfo):
        binary = binary._replace(no_info=found.reason)
    return _with_linked(stream, binary) if linked else binary


def _with_linked(stream: BinaryIO, binary: Binary) -> Binary:
    """The same, and what is linked into it."""
    from probe.formats.elf import pclntab
    from probe.golang import program_zones

    headers = binary.elf
    if not binary.info:
        return binary._replace(zones=program_zones.find(stream, headers, embedded=False))
    modules = {module.path for module in binary.info.deps}
    linked = pclntab.linked(stream, headers, (_SET_FALLBACK_ROOTS, _EMBEDDED_TZDATA, _FIPS140))
    roots = tuple(name for name in FALLBACK_MODULES if name in modules)
    if not roots and linked and _SET_FALLBACK_ROOTS in linked:
        roots = (_SET_FALLBACK_ROOTS,)
    embedded = _has_tzdata(stream, binary, linked)
    return binary._replace(
        fallback_roots=roots,
        other_roots=tuple(name for name in OTHER_ROOTS if name in modules),
        embedded_tzdata=embedded,
        links_fips140=linked is None or _FIPS140 in linked,
        zones=program_zones.find(stream, headers, embedded=embedded),
    )


def _has_tzdata(stream: BinaryIO, binary: Binary, linked: frozenset[str] | None) -> bool:
    """Whether the zone database is linked in: by the build tag, by its function, or by its data."""
    if "timetzdata" in binary.settings.get("-tags", "").split(","):
        return True
    if linked is not None:
        return _EMBEDDED_TZDATA in linked
    zones = scanned = 0
    for segment in binary.elf.segments:
        if segment.kind != elf.LOAD or segment.flags & (elf.WRITABLE | elf.RUNNABLE):
            continue
        for at in range(0, min(segment.file_size, _MAX_SCANNED - scanned), _PIECE):
            piece = elf.read_at(stream, segment.offset + at, min(_PIECE, segment.file_size - at))
            zones += piece.count(b"TZif2")
            scanned += len(piece)
            if zones >= _ZONES or not piece:
                break
    return zones >= _ZONES
