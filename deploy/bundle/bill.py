"""The bill of materials (CycloneDX 1.5) of what has really been put into the bundle, and the licences."""

import functools
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

Component = dict[str, Any]
# Ours, compiled from the files of these names: musl is linked into them.
PROGRAMS = {"launcher": "bin/probe", "supervisor": "libexec/probe-supervisor"}

# Debian's copyright files name every licence of every file; these are what the binaries are under.
_DEBIAN = {
    r"libc6": "LGPL-2.1-or-later",
    r"libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1",
    r"(libssl3.*|openssl-provider-legacy)": "Apache-2.0",
    r"zlib1g": "Zlib",
    r"libzstd1": "BSD-3-Clause",
    r"(libexpat1|libffi8|musl-dev)": "MIT",
    r"(lib)?python3\.\d+(-minimal|-stdlib)?": "PSF-2.0",
}


def write(home: Path, source: Path, packages: Path, taken: Mapping[str, Path], wheels: Path) -> None:
    """
    Write share/sbom.cdx.json and share/licenses into *home*.

    *taken*: where the programs and libraries came from. *wheels*: what pip installed
    *packages* from. SystemExit for a file of which nobody can say what it is.
    """
    texts = home / "share/licenses"
    version = re.search(r'__version__ = "(.+)"', (source / "probe/__init__.py").read_text())
    if not version:
        raise SystemExit("probe/__init__.py does not say its version")
    _keep(source / "LICENSE", texts / "startup-probe")
    components = [*_wheels(wheels, packages, texts), *_system(home, taken, texts)]
    components.sort(key=lambda component: (component["name"], component["version"]))
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": "",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "startup-probe",
                "name": "startup-probe",
                "version": version[1],
                "licenses": [{"expression": "Apache-2.0"}],
            },
            "properties": [{"name": "architecture", "value": platform.machine()}],
        },
        "components": components,
        "dependencies": [{"ref": "startup-probe", "dependsOn": [one["bom-ref"] for one in components]}],
    }
    bill["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(bill, sort_keys=True)).urn
    (home / "share/sbom.cdx.json").write_text(json.dumps(bill, indent=1, sort_keys=True) + "\n")


def _wheels(wheels: Path, packages: Path, texts: Path) -> Iterator[Component]:
    """What pip installed and is in the bundle, and what is linked into it by its own account."""
    for wheel in sorted(wheels.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        about = packages / f"{name}-{version}.dist-info"
        header = HeaderParser().parsestr((about / "METADATA").read_text())
        expression, free = header["License-Expression"], header["License"] or "see its text"
        said = {"expression": expression} if expression else {"license": {"name": free}}
        inside = [_plain(part) for path in sorted(about.glob("sboms/*.json")) for part in _listed(path)]
        yield {
            **_component(name, version, f"pkg:pypi/{name}@{version}", [said]),
            "hashes": [_sha256(wheel)],
            **({"components": inside} if inside else {}),
        }
        for path in sorted(about.rglob("LICENSE*")):
            _keep(path, texts / name)


def _listed(path: Path) -> list[Component]:
    parts: list[Component] = json.loads(path.read_text()).get("components", [])
    return parts


def _plain(part: Component) -> Component:
    """A part of a wheel without references into the list that it comes from."""
    keys = ("type", "name", "version", "purl", "hashes", "licenses")
    return {key: part[key] for key in keys if key in part}


def _system(home: Path, taken: Mapping[str, Path], texts: Path) -> Iterator[Component]:
    """What comes from the system on which the bundle is made, with the files that it brought."""
    owners: dict[tuple[str, str], list[str]] = {}
    places = {**taken, **_extensions(home)}
    for place, path in places.items():
        owners.setdefault(_owner(path), []).append(place)
    owners.setdefault(_owner(Path(os.__file__)), [])
    if compiler := _package(
        Path("/usr/lib/musl/lib/libc.a"), Path(f"/usr/lib/{platform.machine()}-linux-musl/libc.a")
    ):
        owners.setdefault(compiler, []).extend(PROGRAMS.values())
    for (name, version), files in sorted(owners.items()):
        known = [licence for pattern, licence in _DEBIAN.items() if re.fullmatch(pattern, name)]
        if not known:
            raise SystemExit(f"bill.py knows no licence of {name}, which {', '.join(files)} come from")
        debian = f"pkg:deb/debian/{name}@{quote(version)}?arch={_architecture()}"
        purl = f"pkg:generic/{name}@{version}" if name == "python3" else debian
        parts = [
            {"type": "file", "name": place, "hashes": [_sha256(home / place)]} for place in sorted(files)
        ]
        yield {
            **_component(name, version, purl, [{"expression": known[0]}]),
            **({"components": parts} if parts else {}),
        }
        _keep(Path(f"/usr/share/doc/{name}/copyright"), texts / name)


def _extensions(home: Path) -> dict[str, Path]:
    """The interpreter's extension modules in the bundle, and where they came from."""
    found = {}
    for path in sorted(home.glob("lib/python*/lib-dynload/*.so")):
        origin = next(Path(folder, path.name) for folder in sys.path if Path(folder, path.name).exists())
        found[str(path.relative_to(home))] = origin
    return found


def _owner(path: Path) -> tuple[str, str]:
    """Name and version of the package that a file of this system belongs to."""
    if found := _package(path, Path(os.path.realpath(path)), Path("/lib", *path.parts[3:])):
        return found
    if Path(sys.base_prefix) in path.parents and sys.base_prefix != "/usr":
        return "python3", platform.python_version()  # compiled, as in the images of that name
    raise SystemExit(f"{path} belongs to no package")


def _package(*paths: Path) -> tuple[str, str] | None:
    for path in paths:
        if found := _asked("dpkg-query", "--search", str(path)):
            name = found.partition(": ")[0].partition(",")[0]
            return name.partition(":")[0], _asked("dpkg-query", "--show", "--showformat=${Version}", name)
    return None


@functools.cache
def _asked(*command: str) -> str:
    if not shutil.which(command[0]):
        return ""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@functools.cache
def _architecture() -> str:
    return _asked("dpkg", "--print-architecture")


def _component(name: str, version: str, purl: str, licences: list[Component]) -> Component:
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "licenses": licences,
    }


def _sha256(path: Path) -> dict[str, str]:
    return {"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}


def _keep(text: Path, folder: Path) -> None:
    """Keep a licence's text; an image without documentation has none."""
    if text.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(text, folder / text.name)
