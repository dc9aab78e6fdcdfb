"""The environment as it was before Python."""

import os

_ENVIRONMENT = "/proc/self/environ"
_LOCALE = b"LC_CTYPE"
# What the bundle's launcher keeps from the dynamic loader and the C library (deploy/bundle/launcher.c).
_COVERED = (b"LD_", b"GLIBC_TUNABLES=", b"GCONV_PATH=", b"LOCPATH=", b"MALLOC_")
_HANDED_OVER = b"_PROBE_ENVIRONMENT"
_original: list[bytes] = []  # what bin/probe handed over
_block: object = None


def restore() -> None:
    """
    Take back the LC_CTYPE that Python adds to the environment where no locale is set (PEP 538).

    The kernel keeps the environment that we were started with; the first entry of a name
    is the one that counts. exec(2) without an environment of its own then keeps order,
    doubles and entries without "=".
    """
    entries = _original
    if not entries:
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


def recover() -> None:
    """
    Take over the environment that bin/probe found: base64 of environ(7), each entry ended by a NUL.

    A shell keeps neither order nor doubles, and drops what is no name of its own ("a.b").
    """
    packed = os.environb.get(_HANDED_OVER)
    if packed is None:
        return
    import binascii

    _original[:] = entries = binascii.a2b_base64(packed).split(b"\0")[:-1]
    for name in list(os.environb):
        del os.environb[name]
    plain: dict[bytes, bytes] = {}
    for entry in entries:
        name, equals, value = entry.partition(b"=")
        if name and equals:
            plain.setdefault(name, value)
    for name, value in plain.items():
        os.environb[name] = value
    if len(plain) < len(entries):
        _set_block(entries)


def _set_block(entries: list[bytes]) -> None:
    """Let environ(7) be these entries, doubles and those without a name or value too."""
    import ctypes

    global _block  # the C library points to it from here on
    _block = (ctypes.c_char_p * (len(entries) + 1))(*entries, None)
    ctypes.c_void_p.in_dll(ctypes.CDLL(None), "environ").value = ctypes.addressof(_block)


def uncover() -> None:
    """
    Give the variables that the bundle's launcher has covered their names back, before anybody asks for them.

    They are read before our first statement only. Order, doubles and values stay as they
    were: the letter is changed where it stands.
    """
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
