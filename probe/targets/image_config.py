"""The configuration of an image and an entry of manifest.json: the types that engines want in them."""

import re
from datetime import datetime
from typing import Any

from probe.formats.go_json import field, misfit, words
from probe.targets import reasons
from probe.targets.archive_errors import ArchiveError

_SET: Any = {"": {}}  # map[string]struct{}
_ENTRY = {"Config": str, "RepoTags": [str], "Layers": [str], "Parent": str}  # moby image/tarexport
# moby image/image.go and api/types/container/config.go; image-spec/specs-go/v1/config.go has the same.
_CONFIG = {
    "id": str,
    "parent": str,
    "comment": str,
    "created": datetime,
    "container": str,
    "docker_version": str,
    "author": str,
    "architecture": str,
    "variant": str,
    "os": str,
    "os.version": str,
    "os.features": [str],
    "config": {
        **dict.fromkeys(
            ("Hostname", "Domainname", "User", "Image", "WorkingDir", "MacAddress", "StopSignal"), str
        ),
        **dict.fromkeys(("Tty", "OpenStdin", "StdinOnce", "ArgsEscaped", "NetworkDisabled"), bool),
        "ExposedPorts": _SET,
        "Env": [str],
        "Cmd": words,
        "Healthcheck": {"Test": [str], "Interval": int, "Timeout": int, "StartPeriod": int, "Retries": int},
        "Volumes": _SET,
        "Entrypoint": words,
        "OnBuild": [str],
        "Labels": {"": str},
        "StopTimeout": int,
        "Shell": words,
    },
    "rootfs": {"type": str, "diff_ids": [str]},
    "history": [{"created": datetime, "author": str, "created_by": str, "comment": str, "empty_layer": bool}],
}


# distribution/reference (regexp.go, normalize.go): a name with its tag, a digest after it or not.
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_TAGGED = re.compile(
    rf"((?:{_LABEL}(?:\.{_LABEL})*(?::[0-9]+)?/)?{_PART}(?:/{_PART})*):[0-9A-Za-z_][0-9A-Za-z_.-]{{0,127}}"
    r"(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?"
)
_NAME = 255 - len("docker.io/library/")


def entry(value: Any) -> Any:
    """An entry of manifest.json, when all of it is of the right type, and its tags are some."""
    _of(value, _ENTRY, "manifest.json")
    for tag in field(value, "RepoTags") or ():
        if not _is_tag(tag or ""):
            raise ArchiveError(reasons.INVALID, f"manifest.json: {tag!r:.80} is no tag that an engine takes")
    return value


def _is_tag(text: str) -> bool:
    found = _TAGGED.fullmatch(text) if len(text) < 1000 else None
    return bool(found and len(found[1]) <= _NAME)


def config(value: Any) -> Any:
    """The configuration, when all of it is of the right type and it is for Linux."""
    _of(value, _CONFIG, "the configuration")
    if (system := field(value, "os")) and system.lower() != "linux":
        raise ArchiveError(reasons.INVALID, f"the image is for {system[:40]!r}, not for linux")
    return value


def _of(value: Any, shape: Any, what: str) -> Any:
    if not isinstance(value, dict):
        raise ArchiveError(reasons.INVALID, f"{what} is no map")
    if wrong := misfit(value, shape):
        raise ArchiveError(reasons.INVALID, f"{what}: {wrong[:80]} is of a type that no engine takes")
    return value
