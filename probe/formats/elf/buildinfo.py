"""
What Go's linker writes into every program about its making (debug/buildinfo, runtime/debug/mod.go).

Both layouts are read: the strings inline (1.18 and later), or two pointers to them.
"""

from __future__ import annotations

from probe.formats.elf import LOAD, RUNNABLE, WRITABLE, Elf, read_at
from probe.lightweight import BinaryIO, Iterator, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from typing import Literal

MAGIC = b"\xff Go buildinf:"
SECTION = ".go.buildinfo"
MAX_TEXT = 4 << 20  # bytes of module information
MAX_MODULES = 20_000
MAX_SETTINGS = 1_000
_ALIGN = 16
_HEADER = 32
_MAX_SEARCHED = 1 << 20  # bytes from the start of the section, or of the data where there is none
_MAX_SEGMENTS = 32
_MAX_VERSION = 4096
_NEEDS_SECTION = 27
_MINDS_CUTS = 24  # before, Go took the version alone
CUT = "the module information is cut or too long"
_FRAME = 16  # bytes of sentinel before and after the module information
_INLINE, _BIG_ENDIAN = 2, 1  # flags
_COLUMNS = (2, 3)  # of a mod or dep line

_SHORT = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'
}  # fmt: skip
_ESCAPE = (
    r'\\([abfnrtv\\"]|x[0-9a-fA-F]{2}|[0-3][0-7]{2}|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}'
    r"|U(?!0000[dD][89a-fA-F])(?:000[0-9a-fA-F]|0010)[0-9a-fA-F]{4})"
)
_LITERAL = rf'"(?:[^"\\\n]++|{_ESCAPE})*"|`[^`]*`'
_QUOTED_KEY = ' =\t\r\n"`'
_QUOTED_VALUE = ' \t\r\n"`'


class Module(NamedTuple):
    path: str
    version: str
    sum: str = ""
    replaced_by: tuple[str, str, str] | None = None  # path, version, sum


class BuildInfo(NamedTuple):
    """What was found; `problem` says why Go refuses the module information, "" when it takes it."""

    version: str  # of the Go that built it, as that one called itself
    path: str = ""  # of the main package
    main: Module | None = None
    deps: tuple[Module, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()  # in file order
    place: str = "section"  # or "data", or "elsewhere": where it stood
    problem: str = ""

    def read_by(self, minor: int) -> bool:
        """Whether `go version -m` of Go 1.*minor* can read it: from 1.27 on it needs the section."""
        if self.problem and (self.problem != CUT or minor >= _MINDS_CUTS):
            return False
        return self.place == "section" or (self.place == "data" and minor < _NEEDS_SECTION)

    def setting(self, key: str) -> str:
        """The value of a build setting, "" when it is not there; the last one counts."""
        return dict(self.settings).get(key, "")


class NoBuildInfo(NamedTuple):
    """The program says nothing about its making, and why as far as can be told."""

    reason: str


def find(stream: BinaryIO, elf: Elf) -> BuildInfo | NoBuildInfo:
    """
    Read the build info of the program whose headers are *elf*.

    Without its section, or when the section headers are gone, the start of the data is
    searched. Total; reads a few kilobytes where the section is there, at most some megabytes.
    """
    for place, address, size in _places(elf):
        data = elf.at(stream, address, min(size, _MAX_SEARCHED))
        if found := _search(stream, elf, data, address):
            return found._replace(place=place)
    return NoBuildInfo(_absence(stream, elf))


def parse(text: str) -> BuildInfo:
    """
    The module information, as `go version -m` prints it without the leading tabs.

    A line that Go refuses ends the reading; what came before it is kept, and `problem`
    says which line it was (1-based).
    """
    reader = _ModuleInfoReader()
    problem = ""
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        problem = reader.take(line)
        if problem:
            problem = f"line {number}: {problem}"
            break
    return BuildInfo(
        "",
        reader.path,
        reader.main,
        tuple(reader.deps),
        tuple(reader.settings),
        problem=problem,
    )


def _places(elf: Elf) -> Iterator[tuple[str, int, int]]:
    """Where it may stand: address and size of its section; without one, of the writable segments."""
    if section := elf.section(SECTION):
        yield "section", section.address, section.size
        return
    place = "data"  # Go looked into the first one; in position-independent programs it is in the second
    for segment in elf.segments[:_MAX_SEGMENTS]:
        if segment.kind == LOAD and segment.flags & (WRITABLE | RUNNABLE) == WRITABLE:
            yield place, segment.address, segment.file_size
            place = "elsewhere"


def _search(stream: BinaryIO, elf: Elf, data: bytes, address: int) -> BuildInfo | None:
    """What stands at the first aligned magic; None when there is none, or not even a version."""
    at = data.find(MAGIC)
    while at >= 0 and (address + at) % _ALIGN:
        at = data.find(MAGIC, at + 1)
    header = data[at : at + _HEADER] if at >= 0 else b""
    if len(header) < _HEADER:
        return None
    if header[15] & _INLINE:
        version, more = _inline(stream, elf, address + at + _HEADER, _MAX_VERSION)
        text = _inline(stream, elf, more, MAX_TEXT)[0] if version else None
    else:
        version, text = _pointed(stream, elf, header)
    if not version:
        return None
    if text is None:
        return BuildInfo(_decode(version), problem=CUT)
    framed = len(text) > 2 * _FRAME and text[-_FRAME - 1 : -_FRAME] == b"\n"
    return parse(_decode(text[_FRAME:-_FRAME]) if framed else "")._replace(version=_decode(version))


def _inline(stream: BinaryIO, elf: Elf, address: int, limit: int) -> tuple[bytes | None, int]:
    """A string with its length before it, and the address behind it; None when it is not whole."""
    length = shift = used = 0
    for byte in elf.at(stream, address, 10):
        used += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    else:
        return None, address
    if length > limit:
        return None, address
    text = elf.at(stream, address + used, length)
    return (text if len(text) == length else None), address + used + length


def _pointed(stream: BinaryIO, elf: Elf, header: bytes) -> tuple[bytes, bytes]:
    """The two strings whose Go string headers the build info points to (1.17 and earlier)."""
    size = header[14]
    order: Literal["big", "little"] = "big" if header[15] & _BIG_ENDIAN else "little"
    if size not in (4, 8):
        return b"", b""

    def number(data: bytes) -> int:
        return int.from_bytes(data, order)

    def string(at: int, limit: int) -> bytes:
        pair = elf.at(stream, at, 2 * size)
        length = number(pair[size:])
        if len(pair) < 2 * size or length > limit:
            return b""
        text = elf.at(stream, number(pair[:size]), length)
        return text if len(text) == length else b""

    first, second = number(header[16 : 16 + size]), number(header[16 + size : 16 + 2 * size])
    return string(first, _MAX_VERSION), string(second, MAX_TEXT)


def packed(stream: BinaryIO, elf: Elf) -> bool:
    """Whether UPX compressed the program: it leaves its mark after the program headers, and no sections."""
    return not elf.sections and b"UPX!" in read_at(stream, 0, 4096)


def _absence(stream: BinaryIO, elf: Elf) -> str:
    if packed(stream, elf):
        return "packed with UPX"
    if any(name.name in (".gopclntab", ".data.rel.ro.gopclntab") for name in elf.sections):
        return "a Go program whose build info was removed"
    return "no Go build info"


class _ModuleInfoReader:
    """Takes the module information line by line; `take` answers with Go's objection, "" for none."""

    def __init__(self) -> None:
        self.path = ""
        self.main: Module | None = None
        self.deps: list[Module] = []
        self.settings: list[tuple[str, str]] = []
        self._last = ""  # which module a "=>" line belongs to

    def take(self, line: str) -> str:
        kind, tab, rest = line.partition("\t")
        if not tab:
            return ""
        if kind == "path":
            self.path = rest
        elif kind in ("mod", "dep"):
            return self._module(kind, rest.split("\t"))
        elif kind == "=>":
            return self._replacement(rest.split("\t"))
        elif kind == "build":
            return self._setting(rest)
        return ""

    def _module(self, kind: str, columns: list[str]) -> str:
        if len(columns) not in _COLUMNS:
            return f"expected 2 or 3 columns; got {len(columns)}"
        self._last = kind
        module = Module(columns[0], columns[1], "".join(columns[2:]))
        if kind == "mod":
            self.main = module
        elif len(self.deps) < MAX_MODULES:
            self.deps.append(module)
        return ""

    def _replacement(self, columns: list[str]) -> str:
        if len(columns) != 3:
            return f"expected 3 columns for replacement; got {len(columns)}"
        last, self._last = self._last, ""
        by = (columns[0], columns[1], columns[2])
        if last == "mod" and self.main:
            self.main = self.main._replace(replaced_by=by)
        elif last == "dep":
            self.deps[-1] = self.deps[-1]._replace(replaced_by=by)
        else:
            return "replacement with no module on previous line"
        return ""

    def _setting(self, text: str) -> str:
        if not text or text[0] == "=":
            return "build line without a key"
        if text[0] in '"`':
            import re

            literal = re.match(_LITERAL, text)
            if not literal:
                return "invalid quoted key in build line"
            key, value = unquote(literal[0]) or "", text[literal.end() :]
            if not value.startswith("="):
                return "build line missing '=' after quoted key"
            value = value[1:]
        else:
            key, equals, value = text.partition("=")
            if not equals:
                return "build line missing '=' after key"
            if any(char in key for char in _QUOTED_KEY):
                return "unquoted key must be quoted"
        meaning = unquote(value) if value[:1] in ('"', "`") else value
        if meaning is None:
            return "invalid quoted value in build line"
        if meaning is value and any(char in value for char in _QUOTED_VALUE):
            return "unquoted value must be quoted"
        if len(self.settings) < MAX_SETTINGS:
            self.settings.append((key, meaning))
        return ""


def unquote(text: str) -> str | None:
    """The meaning of a Go literal in double quotes or backquotes; None when it is none (strconv.Unquote)."""
    import re

    if not re.fullmatch(_LITERAL, text):
        return None
    if text[0] == "`":
        return text[1:-1].replace("\r", "")
    plain = re.sub(_ESCAPE, _meaning, text[1:-1])
    # Bytes that were written one by one may together be characters.
    return plain.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _meaning(escape: re.Match[str]) -> str:
    kind, digits = escape[1][0], escape[1][1:]
    if kind in "uU":
        return chr(int(digits, 16))
    if kind == "x":
        return _decode(bytes([int(digits, 16)]))
    if kind in "0123":
        return _decode(bytes([int(escape[1], 8)]))
    return _SHORT[kind]


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
