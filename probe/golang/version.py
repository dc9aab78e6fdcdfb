"""Go's version strings: their order (internal/gover, go/version) and every form that programs carry."""

from probe.lightweight import NamedTuple

_DIGITS = frozenset("0123456789")
_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
_LONG = 6  # digits: a longer number is no release that anybody made


class Version(NamedTuple):
    """
    A version in parts; numbers stay decimal strings, because Go sets no bound to them.

    A part that is not given is empty, and smaller than any that is.
    """

    major: str
    minor: str = ""
    patch: str = ""
    kind: str = ""  # "rc", "beta", "alpha"; any lower-case word is allowed
    pre: str = ""


class ParsedVersion(NamedTuple):
    """What a version string says, as printed by `go version` or found in a binary."""

    text: str
    name: str  # the part that orders it: "go1.22.2"; empty when there is none
    kind: str  # "release", "pre-release", "development"; "unreadable" when `name` is empty
    suffix: str = ""  # what a vendor, GOEXPERIMENT or a development tree appended

    @property
    def valid(self) -> bool:
        """Whether package go/version accepts the whole text."""
        return is_valid(self.text)

    @property
    def release(self) -> tuple[int, int, int] | None:
        """(1, 22, 2), pre-releases as the release that they lead to; None when unreadable."""
        version = parse(self.name[2:])
        if not version or max(map(len, version)) > _LONG:
            return None
        return int(version.major), int(version.minor or 0), int(version.patch or 0)


def parse(text: str) -> Version | None:
    """A version without the "go" in front: 1.21, 1.21.0, 1.21rc1; None when malformed (gover.Parse)."""
    major, rest = _number(text)
    if not major:
        return None
    if not rest:
        return Version(major, "0", "0")
    minor, rest = _number(rest[1:]) if rest[0] == "." else ("", "")
    if not minor:
        return None
    if not rest:
        # From 1.21 on, 1.21 is the language and comes before its first release, 1.21.0.
        return Version(major, minor, "0" if _order(minor) < _order("21") else "")
    if rest[0] == ".":
        patch, rest = _number(rest[1:])
        return Version(major, minor, patch) if patch and not rest else None
    return _pre_release(major, minor, rest)


def compare(first: str, second: str) -> int:
    """-1, 0 or 1 for two names like go1.21.3; an invalid one is less than any valid (version.Compare)."""
    a, b = _key(first), _key(second)
    return (a > b) - (a < b)


def is_valid(name: str) -> bool:
    return parse(_bare(name)) is not None


def language(name: str) -> str:
    """go1.21 for go1.21rc2, empty when *name* is invalid (version.Lang)."""
    version = parse(_bare(name))
    if not version:
        return ""
    if (version.major, version.minor) == ("1", "0"):
        return "go1"
    return f"go{version.major}.{version.minor}"


def toolchain_version(name: str) -> str:
    """1.21.3 for the toolchain go1.21.3-bigcorp, empty when it names none (gover.FromToolchain)."""
    if not name.startswith("go") or "/" in name or "\\" in name:
        return ""
    version = name[2:]
    for separator in " \t-":
        version = version.partition(separator)[0]
    return version if parse(version) else ""


def read(text: str) -> ParsedVersion:
    """
    Read any form of version string, those included that go/version refuses.

    What is appended (`-bigcorp`, ` (Red Hat …)`, `+fips`, ` X:arenas`) does not count
    for the order, as it does not for the go command.
    """
    tree = text.startswith("devel go")
    words = text.removeprefix("devel ") if tree else text
    end = next((at for at, char in enumerate(words) if char in " \t-+"), len(words))
    name, suffix = words[:end], words[end:].strip(" \t-+")
    version = parse(name[2:]) if name.startswith("go") else None
    if not version:
        return ParsedVersion(text, "", "unreadable")
    if version.kind:
        return ParsedVersion(text, name, "pre-release", suffix)
    # No release is called 1.21 or 1.28: a tree between two releases is.
    released = version.patch and not tree and not suffix.startswith("devel")
    return ParsedVersion(text, name, "release" if released else "development", suffix)


def from_output(output: str) -> str | None:
    """
    The version in `go version VERSION GOOS/GOARCH`; None when the output is something else.

    VERSION may hold blanks. Lines before it are let pass: wrappers and profiles print banners.
    """
    for line in output.splitlines():
        words = line.split(" ")
        if words[:2] == ["go", "version"] and len(words) > 3 and words[-1].count("/") == 1:
            return " ".join(words[2:-1])
    return None


def _bare(name: str) -> str:
    name = name.partition("-")[0]
    return name[2:] if name.startswith("go") else ""


def _key(name: str) -> tuple[tuple[int, str], ...]:
    version = parse(_bare(name)) or Version("")
    kind = (0, version.kind)
    return _order(version.major), _order(version.minor), _order(version.patch), kind, _order(version.pre)


def _order(number: str) -> tuple[int, str]:
    return len(number), number


def _number(text: str) -> tuple[str, str]:
    """The decimal number in front and the rest; ("", "") when there is none or it has a leading zero."""
    end = next((at for at, char in enumerate(text) if char not in _DIGITS), len(text))
    if not end or (text[0] == "0" and end > 1):
        return "", ""
    return text[:end], text[end:]


def _pre_release(major: str, minor: str, rest: str) -> Version | None:
    end = next((at for at, char in enumerate(rest) if char not in _LOWER), len(rest))
    if not end:
        return None
    if end == len(rest):
        return Version(major, minor, "", rest)
    pre, more = _number(rest[end:])
    return Version(major, minor, "", rest[:end], pre) if pre and not more else None
