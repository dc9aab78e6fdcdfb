"""The environment as it was before Python."""

import os

_ENVIRONMENT = "/proc/self/environ"
_LOCALE = b"LC_CTYPE"


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
