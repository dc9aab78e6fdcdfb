"""The container of a process by its control group, and the pod's name by the kubelet's links to its logs."""

from __future__ import annotations

import functools
import os

from probe.lightweight import NamedTuple
from probe.node.proc_files import whole

_ID_LENGTH = 64  # hexadecimal digits, as containerd, CRI-O and Docker make them
_HEX = frozenset("0123456789abcdef")
_LIMIT = 64 << 10
_MOUNTS_LIMIT = 8 << 20
LOGS = "/var/log/containers"
_LOGS_LIMIT = 10_000


class Name(NamedTuple):
    """What people call a container; "" for what is not known."""

    namespace: str = ""
    pod: str = ""
    container: str = ""


def of_process(here: str) -> tuple[str, str]:
    """
    The id of the container of the process whose directory in /proc is *here*, and its pod's uid; "" for none.

    Control groups of both versions, of the drivers cgroupfs and systemd, and of a private
    cgroup namespace, where the path is relative to ours (cgroup_namespaces(7)). Where the
    control group says nothing, by the files that the engine mounts into each container.
    """
    lines = whole(f"{here}/cgroup", _LIMIT, single=True).decode("utf-8", "replace").splitlines()
    for path in dict.fromkeys(line.split(":", 2)[-1] for line in lines):  # the same in most hierarchies
        parts = path.split("/")
        identity = next((found for part in reversed(parts) if (found := _id(part))), "")
        if identity:
            return identity, next((uid for part in parts if (uid := _pod(part))), "")
    return _by_mounts(here), ""


def names(logs: str = LOGS) -> dict[str, Name]:
    """Container id → name, from the links POD_NAMESPACE_CONTAINER-ID.log that the kubelet makes."""
    found = {}
    try:
        entries = os.listdir(logs)[:_LOGS_LIMIT]
    except OSError:
        return {}
    for entry in entries:
        front, _, identity = entry.removesuffix(".log").rpartition("-")
        parts = front.split("_")
        if _id(identity) and len(parts) == 3:
            pod, namespace, container = parts
            found[identity] = Name(namespace, pod, container)
    return found


def _id(part: str) -> str:
    """The id in one part of a control group's path: "ID", "docker-ID.scope", "crio-ID"; "" for none."""
    if "conmon" in part:  # CRI-O's monitor of the container, outside it
        return ""
    last = part.removesuffix(".scope").rpartition("-")[2].rpartition(":")[2]
    return last if len(last) == _ID_LENGTH and _HEX.issuperset(last) else ""


def _pod(part: str) -> str:
    """The uid in "podUID", or in "kubepods-burstable-podUID.slice", where its dashes are underscores."""
    front, found, uid = part.removesuffix(".slice").rpartition("pod")
    if found and (not front or front.endswith("-")) and uid.replace("_", "-").count("-") == 4:
        return uid.replace("_", "-")
    return ""


def _by_mounts(here: str) -> str:
    """By the source of /etc/hostname or /etc/resolv.conf: .../containers/ID/hostname."""
    try:
        return _mounted_id(whole(f"{here}/mountinfo", _MOUNTS_LIMIT))
    except OSError:
        return ""


@functools.lru_cache(256)
def _mounted_id(data: bytes) -> str:
    for line in data.splitlines():
        fields = line.split(b" ", 5)
        if len(fields) > 5 and fields[4] in (b"/etc/hostname", b"/etc/resolv.conf", b"/etc/hosts"):
            parts = fields[3].decode("utf-8", "replace").split("/")
            if identity := next((part for part in reversed(parts) if _id(part)), ""):
                return identity
    return ""
