"""`probe inspect version`: the go command and the program, and what they say about themselves."""

import re
import time
from typing import Any

from probe import redact
from probe.facts import Facts
from probe.golang import release_dates, version
from probe.golang.binary import Binary, NoBinary
from probe.golang.command.toolchain import Toolchain

_FLAGS = re.compile(r"-\w+flags|CGO_\w*FLAGS")  # build settings that may hold anything


def inspect(facts: Facts, file: str = "", now: float | None = None) -> dict[str, Any]:
    """
    The go command of the target and the program *file*, by default the workload's own; null for none.

    `source` says what told the version: "build info", or "VERSION" for the file in GOROOT.
    `path` is the main package, `file` where the program lies. Nothing is run.
    """
    moment = time.time() if now is None else now
    target = facts.target
    path = file or target.executable
    return {
        "toolchain": _toolchain(facts.toolchain(), moment),
        "binary": _binary(facts.binary(target.path(path)), moment) if path else None,
    }


def _toolchain(found: Toolchain | None, now: float) -> dict[str, Any] | None:
    if not found:
        return None
    told = found.program and found.program.info
    source = "build info" if told else "VERSION" if found.version else None
    return {**_version(found.version, source, now), "file": found.go, "root": found.root or None}


def _binary(found: Binary | NoBinary, now: float) -> dict[str, Any]:
    if not isinstance(found, Binary):
        return {
            **_version("", None, now),
            **_NOTHING,
            "file": found.path,
            "why_not": f"{found.kind}: {found.reason}",
        }
    info, headers = found.info, found.elf
    return {
        **_version(info.version if info else "", "build info" if info else None, now),
        "path": info.path if info else None,
        "settings": {key: _setting(key, value) for key, value in info.settings} if info else {},
        "static": headers.static,
        "loader": headers.interpreter or None,
        "loader_present": found.loader_present,
        "needed": list(headers.needed),
        "architecture": headers.architecture,
        "go_line": found.go_line or None,
        "fallback_roots": list(found.fallback_roots),
        "embedded_tzdata": found.embedded_tzdata,
        "file": found.path,
        "why_not": found.no_info or (info.problem if info else "") or None,
    }


_NOTHING: dict[str, Any] = {
    "path": None,
    "settings": {},
    "static": None,
    "loader": None,
    "loader_present": None,
    "needed": [],
    "architecture": None,
    "go_line": None,
    "fallback_roots": [],
    "embedded_tzdata": None,
}


def _version(text: str, source: str | None, now: float) -> dict[str, Any]:
    named = version.read(text)
    release = named.release
    return {
        "version": text or None,
        "source": source,
        "valid": named.valid,
        "supported_until": release_dates.support(release[1], now).until if release else None,
    }


def _setting(key: str, value: str) -> str:
    """The value without secrets: linker flags set variables of the program, such as keys."""
    if not _FLAGS.fullmatch(key):
        return redact.value(key, value) if "://" in value else value
    hidden = re.sub(r"(-X[ =]\s*[\"']?[^\s=\"']+=)(\"[^\"]*\"|'[^']*'|[^\s\"']*)", rf"\1{redact.MARK}", value)
    return redact.text(hidden)
