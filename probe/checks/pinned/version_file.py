"""The file that says which baseline this is, against the expected version; how a small file is read."""

from __future__ import annotations

from probe import codes, redact
from probe.codes import Code
from probe.errors import reason
from probe.lightweight import NamedTuple
from probe.report import Finding, Status
from probe.targets import NotRegular, Target, TooLarge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from probe.report import Remedies

_LIMIT = 1024  # bytes
_BOM = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def judge(target: Target, path: str, expected: str) -> Finding:
    """Whether *path* holds *expected*; blanks and line ends after it are accepted, and said."""

    def write() -> Remedies:
        from probe.remedies import actions, file_actions

        return actions.ways(file_actions.write_line(path, expected))

    kind = Kind(
        "version file",
        codes.PINNED_VERSION_MISSING,
        codes.PINNED_VERSION_UNREADABLE,
        codes.PINNED_VERSION_TOO_LARGE,
        _LIMIT,
        write,
    )
    data = read(target, path, kind)
    if isinstance(data, Finding):
        return data
    line = data.rstrip(b" \t\r\n")
    evidence = {"expected": expected, "found": redact.text(line.decode("utf-8", "replace"))}
    if fault := _fault(data, line):
        code, why = fault
        return Finding(Status.FAIL, code, path, f"{path} {why}", write(), evidence)
    found = line.decode()
    if found == expected:
        end = _end(data[len(line) :])
        cause = f"{path} says {expected}, as expected{f'; accepted after it: {end}' if end else ''}"
        return Finding(Status.PASS, codes.PINNED_VERSION_OK, path, cause, (), {**evidence, "after_it": end})
    shown = evidence["found"]
    cause = f'{path} says "{shown}", expected is "{expected}"'
    if found.strip() == expected:
        cause += ": there are spaces before it"
    elif found.removeprefix("go") == expected.removeprefix("go"):
        cause += ': "go" is part of the string'
    from probe.remedies import actions

    either = actions.ways(
        actions.from_image(f"baseline:{expected}"), actions.setting("pinned.version", f'"{shown}"')
    )
    return Finding(Status.FAIL, codes.PINNED_VERSION_MISMATCH, path, cause, either, evidence)


def _fault(data: bytes, line: bytes) -> tuple[Code, str] | None:
    """Why *data* is no version at all."""
    if data.startswith(_BOM):
        return codes.PINNED_VERSION_BOM, "begins with a byte order mark"
    if not line:
        return codes.PINNED_VERSION_EMPTY, "is empty"
    count = line.count(b"\n") + 1
    if count > 1:
        return codes.PINNED_VERSION_LINES, f"has {count} lines, and a version is one"
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return codes.PINNED_VERSION_NOT_TEXT, "is not UTF-8"
    if not text.replace("\t", " ").isprintable():
        return codes.PINNED_VERSION_NOT_TEXT, "holds control characters"
    return None


def _end(rest: bytes) -> str:
    """What stands after the version, where it is more than the one line end of a text file."""
    if rest in (b"", b"\n"):
        return ""
    names = ((b" ", "a blank"), (b"\t", "a tab"), (b"\r", "a CR"))
    found = [name for byte, name in names if byte in rest]
    if rest.count(b"\n") > 1:
        found.append("an empty line")
    return " and ".join(found)


class Kind(NamedTuple):
    """What such a file is called, what its failures are called, and how it comes to be there."""

    what: str
    missing: Code
    unreadable: Code
    too_large: Code
    limit: int  # bytes
    remedies: Callable[[], Remedies]


def _instead(target: Target, path: str, kind: Kind) -> Remedies:
    """The same once what is no file is out of the way: a shell would wait for the reader of a FIFO."""
    from probe.remedies import actions, file_actions

    is_dir = target.stat(path).is_dir
    before = file_actions.clear(target, path) if is_dir else file_actions.remove(path)
    if any(action.kind == "shell" for way in kind.remedies() for action in way.actions):
        before = file_actions.in_container(before)
    return tuple(actions.remedy(before, *way.actions) for way in kind.remedies())


def read(target: Target, path: str, kind: Kind) -> bytes | Finding:
    """The content of *path*, read once."""
    try:
        return target.read(path, kind.limit)
    except TooLarge:
        cause = f"{path} holds more than {kind.limit} bytes; that is not a {kind.what}"
        return Finding(Status.FAIL, kind.too_large, path, cause, kind.remedies())
    except NotRegular as problem:
        cause = f"{path} is a {problem.kind}, not a {kind.what}"
        return Finding(Status.FAIL, kind.unreadable, path, cause, _instead(target, path, kind))
    except (FileNotFoundError, NotADirectoryError):
        cause = f"there is no {kind.what} at {path}"
        return Finding(Status.FAIL, kind.missing, path, cause, kind.remedies())
    except OSError as problem:
        why = reason(problem)
        cause = f"the {kind.what} {path} cannot be read: {why}"
        if not isinstance(problem, PermissionError):
            return Finding(Status.UNKNOWN, kind.unreadable, path, cause, kind.remedies())
        from probe.remedies import actions, file_actions

        opened = actions.ways(file_actions.in_container(file_actions.chmod("0644", path)))
        return Finding(Status.UNKNOWN, kind.unreadable, path, cause, opened)
