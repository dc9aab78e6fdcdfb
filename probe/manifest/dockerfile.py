"""
Dockerfiles as stages of instructions.

Our own reader: dockerfile-parse knows no here-documents and writes to the file's directory, and
BuildKit's parser weighs 10 MB as a wheel. The tests hold this one against that parser.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from probe.lightweight import NamedTuple
from probe.manifest.source import UnreadableSource

_DIRECTIVE = re.compile(r"#\s*([A-Za-z][\w-]*)\s*=\s*(\S+)\s*$", re.ASCII)
HEREDOC = re.compile(r"(?<![<\w])<<(-?)(['\"]?)([A-Za-z_]\w*)\2", re.ASCII)
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))", re.ASCII)
_WITHHEREDOCS = ("RUN", "COPY", "ADD")
_DEEPEST = 100  # stages that rest on one another
_MOST = 100_000  # instructions of a file


class Instruction(NamedTuple):
    """One instruction. `line` is the 1-based line on which it begins."""

    line: int
    name: str  # in capitals
    flags: tuple[str, ...]  # as written: "--interval=3s"
    text: str  # what follows the flags, continuations joined

    @property
    def words(self) -> list[str] | None:
        """The exec form's list, None for the shell form."""
        return listed(self.text)

    def flag(self, name: str) -> str | None:
        """The value of the flag *name*, None where it is not written."""
        values = [flag.partition("=")[2] for flag in self.flags if flag.partition("=")[0] == name]
        return values[-1] if values else None


class Stage(NamedTuple):
    """FROM and what follows it. `base` has the defaults of global ARGs put in."""

    line: int
    base: str
    name: str
    instructions: tuple[Instruction, ...]


def listed(text: str) -> list[str] | None:
    """`["a", "b"]` as BuildKit takes it for the exec form; None for anything else."""
    if not text.lstrip().startswith("["):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and all(isinstance(word, str) for word in found) else None


def instructions(text: str) -> Iterator[Instruction]:
    """Every instruction of *text* in order."""
    lines = text.splitlines()
    escape = _escape(lines)
    at = 0
    while at < len(lines):
        begin = at
        parts: list[str] = []
        while at < len(lines):
            line = lines[at].rstrip()
            at += 1
            if line.lstrip().startswith("#") or (parts and not line):
                continue
            if not line:
                begin = at
                break
            parts.append(line.removesuffix(escape) if line.endswith(escape) else line)
            if not line.endswith(escape):
                break
        if not (written := "".join(part if i else part.lstrip() for i, part in enumerate(parts)).strip()):
            continue
        first = next(i for i in range(begin, at) if (bare := lines[i].strip()) and bare[0] != "#")
        found = _instruction(first + 1, written)
        if found.name in _WITHHEREDOCS:
            at = _past_heredocs(found.text, lines, at)
        yield found


def _escape(lines: Sequence[str]) -> str:
    """The escape character: parser directives stand before anything else."""
    for line in lines:
        directive = _DIRECTIVE.match(line.strip())
        if not directive:
            break
        if directive[1].lower() == "escape":
            return "`" if directive[2] == "`" else "\\"
    return "\\"


def _instruction(line: int, written: str) -> Instruction:
    name, _, rest = written.replace("\t", " ").partition(" ")
    flags = []
    rest = rest.lstrip()
    while rest.startswith("--"):
        flag, _, rest = rest.partition(" ")
        rest = rest.lstrip()
        if flag == "--":
            break
        flags.append(flag)
    return Instruction(line, name.upper(), tuple(flags), rest)


def _past_heredocs(text: str, lines: Sequence[str], at: int) -> int:
    for document in HEREDOC.finditer(text):
        while at < len(lines):
            line = lines[at].lstrip("\t") if document[1] else lines[at]
            at += 1
            if line == document[3]:
                break
    return at


def stages(text: str) -> list[Stage]:
    """The build stages of *text*; what stands before the first FROM is in none."""
    found: list[tuple[int, str, str, list[Instruction]]] = []
    arguments: dict[str, str] = {}
    for number, one in enumerate(instructions(text)):
        if number >= _MOST:
            raise UnreadableSource(one.line, f"more than {_MOST} instructions", "this is not a Dockerfile")
        if one.name == "FROM":
            words = one.text.split()
            name = words[2] if len(words) == 3 and words[1].upper() == "AS" else ""
            found.append((one.line, expanded(words[0] if words else "", arguments), name.lower(), []))
        elif found:
            found[-1][3].append(one)
        elif one.name == "ARG":
            key, _, value = one.text.partition("=")
            arguments[key.strip()] = expanded(value.strip().strip("\"'"), arguments)
    return [Stage(line, base, name, tuple(within)) for line, base, name, within in found]


def expanded(text: str, values: Mapping[str, str]) -> str:
    """*text* with $NAME, ${NAME} and ${NAME:-default} put in, as far as they are known."""

    def one(found: re.Match[str]) -> str:
        return values.get(found[1] or found[3]) or found[2] or ""

    return _VARIABLE.sub(one, text)[:4096]


def lineage(stage: Stage, all_stages: Sequence[Stage]) -> list[Stage]:
    """*stage* and those that it rests on, the lowest first."""
    found = [stage]
    while len(found) < _DEEPEST:
        earlier = [
            one for one in all_stages if one.line < found[0].line and one.name == found[0].base.lower() != ""
        ]
        if not earlier:
            break
        found.insert(0, earlier[-1])
    return found
