"""A pod's fields as the options of a container, its volumes laid out and opened as the kubelet does."""

import json
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

_GROUP_READS, _GROUP_WRITES = (0o440, 0o2550), (0o660, 0o2770)  # volume_linux.go: of files, of directories
_UNITS = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}


def merged(fields: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One set of fields: tables are put together, entries of a list by their name."""
    found: dict[str, Any] = {}
    for one in fields:
        _merge(found, one)
    return found


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping):
            _merge(into.setdefault(key, {}), value)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for entry in value:
                _merge_entry(into.setdefault(key, []), entry)
        elif isinstance(value, list):
            into[key] = [*into.get(key, []), *value]
        else:
            into[key] = value


def _merge_entry(entries: list[dict[str, Any]], entry: Mapping[str, Any]) -> None:
    """Into the entry of this name; a mount at another place is one more."""
    for one in entries:
        if one["name"] == entry["name"] and one.get("subPath") == entry.get("subPath"):
            return _merge(one, entry)
    entries.append({})
    return _merge(entries[-1], entry)


def applied(pod: dict[str, Any], text: str) -> dict[str, Any]:
    """The pod with the fields of a line that is printed; NAME stands for the name of its one volume."""
    field = yaml.safe_load(text)
    names = [volume["name"] for volume in pod.get("volumes", ())] or ["scratch"]
    for entry in (*field.get("volumes", ()), *field.get("volumeMounts", ())):
        entry["name"] = names[0] if entry["name"] == "NAME" else entry["name"]
    replaced = {mount["name"] for mount in field.get("volumeMounts", ()) if "subPath" in mount}
    kept = [mount for mount in pod.get("volumeMounts", ()) if mount["name"] not in replaced]
    return merged([{**pod, "volumeMounts": kept}, field])


def options(pod: Mapping[str, Any], files: Mapping[str, bytes], mode: int, scratch: Path) -> list[str]:
    """The words for `docker run` that make a container of the pod."""
    return [
        *_of_security(pod.get("securityContext", {})),
        *_of_limits(pod),
        *_of_volumes(pod, files, mode, scratch),
    ]


def _of_security(context: Mapping[str, Any]) -> list[str]:
    words = []
    if "runAsUser" in context:
        words += ["--user", f"{context['runAsUser']}:{context.get('runAsGroup', 0)}"]
    groups = [*context.get("supplementalGroups", ()), *([context["fsGroup"]] if "fsGroup" in context else ())]
    words += [word for group in groups for word in ("--group-add", str(group))]
    words += [f"--cap-add={name}" for name in context.get("capabilities", {}).get("add", ())]
    return [*words, *(["--read-only"] if context.get("readOnlyRootFilesystem") else [])]


def _of_limits(pod: Mapping[str, Any]) -> list[str]:
    limits = pod.get("resources", {}).get("limits", {})
    words = [f"--cpus={limits['cpu']}"] if "cpu" in limits else []
    if memory := limits.get("memory"):
        words.append(f"--memory={int(memory[:-2]) * _UNITS[memory[-2:]]}")
    return [*words, *(f"--env={one['name']}={one['value']}" for one in pod.get("env", ()))]


def _of_volumes(pod: Mapping[str, Any], files: Mapping[str, bytes], mode: int, scratch: Path) -> list[str]:
    words = []
    group = pod.get("securityContext", {}).get("fsGroup")
    for volume in pod.get("volumes", ()):
        place = _laid(volume, files, mode, group, scratch)
        for mount in pod["volumeMounts"]:
            if mount["name"] == volume["name"]:
                source = place / mount.get("subPath", "")
                words += [
                    "--volume",
                    f"{os.path.realpath(source)}:{mount['mountPath']}{_kept(mount, volume)}",
                ]
    return words


def _kept(mount: Mapping[str, Any], volume: Mapping[str, Any]) -> str:
    return ":ro" if mount.get("readOnly") or {"secret", "configMap"} & set(volume) else ""


def _laid(
    volume: Mapping[str, Any], files: Mapping[str, bytes], mode: int, group: int | None, scratch: Path
) -> Path:
    """The directory of a volume below the kubelet's, as atomic_writer.go and volume_linux.go make it."""
    (kind,) = set(volume) - {"name"}
    plugin = {"secret": "secret", "configMap": "configmap"}.get(kind, "empty-dir")
    place: Path = scratch / f"kubelet/pods/one/volumes/kubernetes.io~{plugin}" / volume["name"]
    place.mkdir(parents=True)
    projected = kind in ("secret", "configMap")
    data = place / "..2026" if projected else place
    data.mkdir(exist_ok=True)
    for name, content in files.items() if kind != "emptyDir" else ():
        (data / name).write_bytes(content)
        (data / name).chmod(volume[kind].get("defaultMode", 0o644) if projected else mode)
        if projected:
            (place / name).symlink_to(f"..data/{name}")
    if projected:
        (place / "..data").symlink_to("..2026")
    if kind == "emptyDir":
        place.chmod(0o777)
    if group is not None:
        _given(place, group, _GROUP_READS if projected else _GROUP_WRITES)
    return place


def _given(place: Path, group: int, rights: tuple[int, int]) -> None:
    """All of the volume to the group of the pod."""
    for path in (place, *place.rglob("*")):
        if not path.is_symlink():
            os.chown(path, -1, group)
            path.chmod(path.stat().st_mode | rights[path.is_dir()])


def profile(whole: Mapping[str, Any], text: str) -> dict[str, Any]:
    """A seccomp profile with the entry of a line that is printed, in place of those for the same calls."""
    entry = json.loads(text)
    others = [one for one in whole["syscalls"] if not set(one["names"]) & set(entry["names"])]
    return {**whole, "syscalls": [*others, entry]}


def flags(line: str) -> Sequence[str]:
    """The options of a `docker run … IMAGE` that is printed."""
    words = shlex.split(line)
    assert words[:2] == ["docker", "run"], line
    return words[2 : words.index("IMAGE")]


def without(given: Sequence[str], instead: Sequence[str]) -> list[str]:
    """*given* without the temporary file systems that *instead* mounts at the same place."""
    places = {after.partition(":")[0] for before, after in pairwise(instead) if before == "--tmpfs"}
    dropped = {
        index
        for index, (before, after) in enumerate(pairwise(given))
        if before == "--tmpfs" and after.partition(":")[0] in places
    }
    return [word for index, word in enumerate(given) if index not in dropped and index - 1 not in dropped]
