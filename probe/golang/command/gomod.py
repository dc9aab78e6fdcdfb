"""
go.mod, go.work, go.sum and vendor/modules.txt as far as they say which modules a build needs.

Sources in Go's tree: golang.org/x/mod/modfile, cmd/go/internal/modfetch/fetch.go,
cmd/go/internal/modload/vendor.go. What Go would refuse is passed over: the go command says so itself.
"""

from __future__ import annotations

import re

from probe.lightweight import Iterator, NamedTuple

LIMIT = 4 << 20  # bytes of each of the files; go.sum is the largest
_PASSED = frozenset(("exclude", "retract", "godebug", "tool", "ignore"))  # nothing is needed for these
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|=>|[()]|[^\s()]+')


class Required(NamedTuple):
    """A module that is needed, as it is after `replace`."""

    path: str  # as go.mod and import paths have it
    version: str
    indirect: bool = False
    from_path: str = ""  # where it comes from: another module, or a directory where `from_version` is ""
    from_version: str = ""


class GoMod(NamedTuple):
    """What go.mod says; `go` and `toolchain` are "" where there is no such line."""

    module: str
    go: str
    toolchain: str
    required: tuple[Required, ...]
    odd: int = 0  # the first line that is not understood, from 1; Go may refuse all of it


class Vendored(NamedTuple):
    """A module of vendor/modules.txt."""

    path: str
    version: str
    explicit: bool
    packages: tuple[str, ...]


def parse(data: bytes) -> GoMod:
    """The requirements of a go.mod, replacements applied."""
    single: dict[str, str] = {}
    required: list[Required] = []
    replaced: dict[tuple[str, str], tuple[str, str]] = {}
    odd = 0
    for number, words, comment in _directives(data.decode("utf-8", "surrogateescape")):
        verb, *rest = words
        if verb in ("module", "go", "toolchain") and rest:
            single.setdefault(verb, rest[0])
        elif verb == "require" and len(rest) == 2:
            required.append(Required(rest[0], rest[1], comment.strip().startswith("indirect")))
        elif verb == "replace" and (sides := _sides(rest)):
            old, new = sides
            replaced[old[0], old[1] if len(old) > 1 else ""] = new[0], new[1] if len(new) > 1 else ""
        elif verb not in _PASSED:
            odd = odd or number
    return GoMod(
        single.get("module", ""),
        single.get("go", ""),
        single.get("toolchain", ""),
        tuple(_replace(one, replaced) for one in required),
        odd,
    )


def used(data: bytes) -> list[str]:
    """The directories that a go.work uses, as they are written."""
    directives = _directives(data.decode("utf-8", "surrogateescape"))
    return [words[1] for _, words, _ in directives if words[0] == "use" and len(words) > 1]


def _replace(one: Required, replaced: dict[tuple[str, str], tuple[str, str]]) -> Required:
    own = one.path, one.version
    path, version = replaced.get(own) or replaced.get((one.path, "")) or own
    return one._replace(from_path=path, from_version=version)


def _sides(words: list[str]) -> tuple[list[str], list[str]] | None:
    """What stands on the two sides of "=>", one or two words each; None for anything else (parseReplace)."""
    at = 1 if words[1:2] == ["=>"] else 2
    old, new = words[:at], words[at + 1 :]
    fits = words[at : at + 1] == ["=>"] and 0 < len(new) < 3 and "=>" not in old
    return (old, new) if fits else None


def directives(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each line's number and words as they are written, with the verb of its block before them."""
    for number, words, _ in _directives(data.decode("utf-8", "surrogateescape"), plain=False):
        yield number, words


def _directives(text: str, *, plain: bool = True) -> Iterator[tuple[int, list[str], str]]:
    """Each line: its number, its words with the verb of its block before them, and the comment behind."""
    block = ""
    for number, line in enumerate(text.split("\n"), 1):
        code, _, comment = line.partition("//")
        words = [_unquote(word) if plain else word for word in _WORD.findall(code)]
        if block:
            if words[:1] == [")"]:
                block = ""
            elif words:
                yield number, [block, *words], comment
        elif len(words) == 2 and words[1] == "(":
            block = words[0]
        elif words:
            yield number, words, comment


def _unquote(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] in '"`' and word[-1] == word[0] else word


def sums(data: bytes) -> set[tuple[str, str]]:
    """The (path, version) pairs that go.sum lists; the version of a go.mod ends in "/go.mod"."""
    lines = (line.split() for line in data.decode("utf-8", "surrogateescape").split("\n"))
    return {(words[0], words[1]) for words in lines if len(words) == 3}


def vendored(data: bytes) -> list[Vendored]:
    """The modules of vendor/modules.txt, in its order."""
    found: list[Vendored] = []
    packages: list[str] = []
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        words = line.split()
        if line.startswith("# ") and len(words) > 1:
            _settle(found, packages)
            version = words[2] if len(words) > 2 and words[2] != "=>" else ""
            found.append(Vendored(words[1], version, explicit=False, packages=()))
        elif line.startswith("## ") and found:
            marks = [mark.strip() for mark in line[3:].split(";")]
            found[-1] = found[-1]._replace(explicit=found[-1].explicit or "explicit" in marks)
        elif words and not line.startswith("#"):
            packages.append(words[0])
    _settle(found, packages)
    return found


def _settle(found: list[Vendored], packages: list[str]) -> None:
    if found:
        found[-1] = found[-1]._replace(packages=tuple(packages))
    packages.clear()
