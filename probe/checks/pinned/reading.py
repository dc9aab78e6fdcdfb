"""A small file of the target that must be there, or the finding that says why it cannot be read."""

import shlex

from probe.codes import Code
from probe.lightweight import NamedTuple
from probe.report import Finding, Status
from probe.targets import NotRegular, Target, TooLarge


class Kind(NamedTuple):
    """What such a file is called, what its failures are called, and how it comes to be there."""

    what: str
    missing: Code
    unreadable: Code
    too_large: Code
    limit: int  # bytes
    remedy: str


def read(target: Target, path: str, kind: Kind) -> bytes | Finding:
    """The content of *path*, read once."""
    try:
        return target.read(path, kind.limit)
    except TooLarge:
        cause = f"{path} holds more than {kind.limit} bytes; that is no {kind.what}"
        return Finding(Status.FAIL, kind.too_large, path, cause, kind.remedy)
    except NotRegular as problem:
        cause = f"{path} is a {problem.kind}, and no {kind.what}"
        return Finding(Status.FAIL, kind.unreadable, path, cause, kind.remedy)
    except (FileNotFoundError, NotADirectoryError):
        cause = f"there is no {kind.what} at {path}"
        return Finding(Status.FAIL, kind.missing, path, cause, kind.remedy)
    except OSError as problem:
        why = (problem.strerror or str(problem)).lower()
        cause = f"the {kind.what} {path} cannot be read: {why}"
        remedy = f"chmod 0644 {shlex.quote(path)}" if isinstance(problem, PermissionError) else kind.remedy
        return Finding(Status.UNKNOWN, kind.unreadable, path, cause, remedy)
