"""Whether the go command can get at another toolchain that it is to run (toolchain/select.go:Exec)."""

from __future__ import annotations

from probe.facts import Facts
from probe.golang import filepath
from probe.golang.command import module_files
from probe.golang.command.environment_files import value
from probe.golang.command.environment_places import look_path

_ASIDE = "golang.org/toolchain@v0.0.1-"


def impossible(facts: Facts, name: str, *, path_only: bool) -> str:
    """Why the toolchain *name* cannot be had; "" where it is here, or may be downloaded."""
    if look_path(facts.target, name)[0]:
        return ""
    if path_only:
        return f'cannot find "{name}" in PATH'
    if facts.setting("GOPROXY").value != "off":
        return ""
    settings = facts.environment().settings
    machine = f"{value(settings, 'GOHOSTOS')}-{value(settings, 'GOHOSTARCH')}"
    cache = value(settings, "GOMODCACHE")
    try:
        kept = cache and module_files.is_dir(facts.target, filepath.join(cache, f"{_ASIDE}{name}.{machine}"))
    except (OSError, ValueError):
        return ""
    return "" if kept else f"download {name}: module lookup disabled by GOPROXY=off"
