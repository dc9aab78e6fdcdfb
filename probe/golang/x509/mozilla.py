"""Mozilla's roots, in the file that the package certifi brings."""

from __future__ import annotations

import sys

from probe.lightweight import Any, suppress


def bundle() -> bytes:
    """
    The PEM file, which begins with what each root is called.

    Read where it lies as certifi ships it, without its module, which imports typing, pathlib and much else.
    """
    for finder in sys.meta_path:
        found: Any = finder.find_spec("certifi", None)
        if found:
            with suppress(OSError, AttributeError, TypeError):
                return bytes(found.loader.get_data(f"{found.submodule_search_locations[0]}/cacert.pem"))
            break
    import certifi  # a distribution's own, whose file is elsewhere

    return certifi.contents().encode()
