"""Where a command is looked for."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_DEFAULT_PATH = b"/bin:/usr/bin"  # glibc's, where PATH is not set


def places(file: bytes, path: bytes | None = None) -> "Iterator[bytes]":
    """The paths at which execvp(3) looks for *file* in *path*, by default PATH; an empty entry is the cwd."""
    if b"/" in file:
        yield file
    elif file:
        for directory in (os.environb.get(b"PATH", _DEFAULT_PATH) if path is None else path).split(b":"):
            yield os.path.join(directory, file) if directory else file


def found(file: bytes, path: bytes | None = None) -> bytes | None:
    """The first of the places that has an executable file, else the first that has a file."""
    files = [path for path in places(file, path) if os.path.isfile(path)]
    return next((path for path in files if os.access(path, os.X_OK)), files[0] if files else None)
