"""`probe inspect linkage`: what a program asks of the dynamic loader, and what that would find."""

from typing import Any

from probe.errors import ProbeError
from probe.facts import Facts
from probe.golang.binary import Binary
from probe.golang.quoting import json_text
from probe.targets import ldso
from probe.targets.ldso import Linked


def inspect(facts: Facts, file: str = "") -> dict[str, Any]:
    """
    The answer as JSON values, in the published shape, for *file* or the workload's own program.

    `libraries` is what the loader would load, in its order; they are looked for even where
    the loader itself is missing. `why_not` says why there is nothing to tell. ProbeError
    where *file* cannot be read.
    """
    target = facts.target
    path = file or target.executable
    if not path:
        return {**_NOTHING, "file": None, "why_not": "the program that starts here is unknown"}
    found = facts.binary(target.path(path))
    if file and not isinstance(found, Binary) and found.kind != "foreign":
        raise ProbeError(f"inspect linkage: {file}: {found.reason.lower()}")
    if not isinstance(found, Binary):
        return {**_NOTHING, "file": json_text(found.path), "why_not": f"{found.kind}: {found.reason}"}
    headers = found.elf
    linked = ldso.link(target, found.path, headers)
    return {
        "file": json_text(found.path),
        "bytes": target.stat(found.path).size,
        "architecture": headers.architecture,
        "static": headers.static,
        "stripped": headers.stripped,
        "cgo_enabled": found.settings.get("CGO_ENABLED"),
        "loader": json_text(headers.interpreter) or None,
        "loader_present": found.loader_present,
        "libc": headers.libc or None,
        "needed": [json_text(name) for name in headers.needed],
        **_linked(linked),
        "why_not": None,
    }


def _linked(linked: Linked) -> dict[str, Any]:
    return {
        "libraries": [
            {"path": json_text(library.path), "wanted_by": json_text(library.by.path) if library.by else None}
            for library in linked.libraries
        ],
        "missing": [
            {
                "name": json_text(missing.name),
                "wanted_by": json_text(missing.wanted_by),
                "unfit": [json_text(path) for path in missing.unfit],
                "searched": [json_text(folder) for folder in missing.searched],
            }
            for missing in linked.missing
        ],
        "versions_missing": [
            {
                "version": json_text(unmet.version),
                "library": json_text(unmet.library),
                "wanted_by": json_text(unmet.wanted_by),
                "newest": json_text(unmet.newest) or None,
            }
            for unmet in linked.unmet
        ],
        "complete": linked.complete,
    }


_NOTHING: dict[str, Any] = {
    "file": None,
    "bytes": None,
    "architecture": None,
    "static": None,
    "stripped": None,
    "cgo_enabled": None,
    "loader": None,
    "loader_present": None,
    "libc": None,
    "needed": [],
    "libraries": [],
    "missing": [],
    "versions_missing": [],
    "complete": False,
}
