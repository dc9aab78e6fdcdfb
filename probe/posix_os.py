"""
What a healthy run asks of `os`: posix, and the little that it does not have. By way of probe.lightweight.

`os` brings posixpath and the abstract base classes along, a quarter of the bare interpreter's start.
"""

import posix
import sys
from posix import *  # noqa: F403 - as `os` does
from posix import _exit as _exit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
else:
    del environ  # noqa: F821 - in bytes, see `environment`

SEEK_END = 2  # lseek(2)
_ENCODING, _ERRORS = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
_View = type(vars(type))  # types.MappingProxyType


def fsencode(name: str) -> bytes:
    return name.encode(_ENCODING, _ERRORS)


def environment() -> "Mapping[str, str]":
    """What os.environ would have; not for changing."""
    return _View({_text(key): _text(value) for key, value in posix.environ.items()})


def has_odd_names() -> bool:
    """Whether a variable's name begins with a letter that the bundle's launcher may have changed."""
    return any(name[:1] >= b"\x80" for name in posix.environ)


def set_variable(name: bytes, value: bytes | None) -> None:
    """Of our environment; None takes it away. `os` too has it so, whenever that is imported."""
    posix.environ.pop(name, None)
    if value is None:
        posix.unsetenv(name)
    else:
        posix.environ[name] = value
        posix.putenv(name, value)


def real_path(path: str) -> str:
    """As os.path.realpath(path, strict=True), from the kernel where it is seen to name the same file."""
    descriptor = posix.open(path, posix.O_PATH | posix.O_CLOEXEC)
    try:
        found: str = posix.readlink(f"/proc/self/fd/{descriptor}")
        opened, named = posix.fstat(descriptor), posix.lstat(found)
        if found[:1] == "/" and (opened.st_dev, opened.st_ino) == (named.st_dev, named.st_ino):
            return found
    except OSError:  # no /proc, or another name by now
        pass
    finally:
        posix.close(descriptor)
    from os.path import realpath

    return realpath(path, strict=True)


def _text(value: bytes) -> str:
    return value.decode(_ENCODING, _ERRORS)
