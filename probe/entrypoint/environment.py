"""The environment as it was before Python."""

import os
import sys

_ENVIRONMENT = "/proc/self/environ"
_LOCALE = b"LC_CTYPE"
# What the bundle's launcher keeps from the dynamic loader and the C library (deploy/bundle/launcher.c).
_COVERED = (b"LD_", b"GLIBC_TUNABLES=", b"GCONV_PATH=", b"LOCPATH=", b"MALLOC_", b"TZ=")


def restore() -> None:
    """
    Take back the LC_CTYPE that Python adds to the environment where no locale is set (PEP 538).

    The kernel keeps the environment that we were started with; the first entry of a name
    is the one that counts. exec(2) without an environment of its own then keeps order,
    doubles and entries without "=".
    """
    try:
        with open(_ENVIRONMENT, "rb") as stream:
            entries = stream.read().split(b"\0")
    except OSError:  # no /proc: what Python added cannot be told from what was there
        return
    first = next((entry for entry in entries if entry.startswith(_LOCALE + b"=")), None)
    if first is not None:
        os.environb[_LOCALE] = first.partition(b"=")[2]
    else:
        os.environb.pop(_LOCALE, None)


def uncover() -> None:
    """
    Give the variables that the bundle's launcher has covered their names back, before anybody asks for them.

    They are read before our first statement only. Order, doubles and values stay as they
    were: the letter is changed where it stands.
    """
    if "tz" in sys._xoptions:  # one that the launcher has added, for the interpreter's start
        os.environb.pop(b"TZ", None)
    covered = [
        name for name in os.environb if name[:1] >= b"\x80" and _plain(name + b"=").startswith(_COVERED)
    ]
    if not covered:
        return
    import ctypes  # only where such a variable is set

    environ = ctypes.POINTER(ctypes.POINTER(ctypes.c_ubyte)).in_dll(ctypes.CDLL(None), "environ")
    at = 0
    while entry := environ[at]:
        if entry[0] & 0x80 and _plain(ctypes.string_at(entry)).startswith(_COVERED):
            entry[0] &= 0x7F
        at += 1
    for name in covered:  # Python's copy
        os.environb[_plain(name)] = os.environb.pop(name)


def _plain(name: bytes) -> bytes:
    return bytes((name[0] & 0x7F,)) + name[1:]
