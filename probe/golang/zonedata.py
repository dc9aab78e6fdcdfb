"""
The zone data of the `tzdata` package: what time/tzdata brings along, and what rules are held against.

It is read through the package's own loader, so that it is found wherever the package is installed.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

_names: list[frozenset[str]] = []  # read once


def release() -> str:
    """The release of the data, such as "2026f"; "" when there is none."""
    return str(getattr(_package(), "IANA_VERSION", ""))


def names() -> frozenset[str]:
    """Every zone name of the data, old names included."""
    if not _names:
        _names.append(frozenset((_read("zones") or b"").decode("ascii", "replace").split()))
    return _names[0]


def load(name: str) -> bytes | None:
    """The file of the zone *name*, spelled exactly so; None when the data has none."""
    return _read(f"zoneinfo/{name}") if name in names() else None


def usual_names(table: str = "zone.tab") -> frozenset[str]:
    """
    The names that people choose from, by place; old names and aliases are not among them.

    Those of "zone1970.tab" are fewer: one for all places that have shared their time since 1970.
    """
    lines = (_read(f"zoneinfo/{table}") or b"").decode("utf-8", "replace").splitlines()
    return frozenset(line.split("\t")[2] for line in lines if line.count("\t") >= 2 and line[0] != "#")


def _read(path: str) -> bytes | None:
    package = _package()
    get_data = getattr(getattr(package, "__loader__", None), "get_data", None)
    if package is None or get_data is None:
        return None
    try:
        return bytes(get_data(f"{package.__path__[0]}/{path}"))
    except OSError:
        return None


def _package() -> ModuleType | None:
    try:
        return __import__("tzdata")  # it has no types to import it by
    except ImportError:
        return None
