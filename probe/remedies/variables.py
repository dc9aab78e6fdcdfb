"""Variables that hold a list: one entry more, and what was there stays."""

from __future__ import annotations

from probe.lightweight import Mapping
from probe.remedies import actions
from probe.report import Action


def godebug(env: Mapping[str, str], *settings: str) -> Action:
    """GODEBUG with *settings* ("tlsmlkem=0") beside what *env* has; of one name the new counts."""
    names = {setting.partition("=")[0] for setting in settings}
    kept = [one for one in env.get("GODEBUG", "").split(",") if one and one.partition("=")[0] not in names]
    return _set("GODEBUG", [*kept, *settings])


def without_godebug(value: str, name: str) -> Action:
    """GODEBUG without the setting *name*."""
    return _set("GODEBUG", [one for one in value.split(",") if one and one.partition("=")[0] != name])


def no_proxy(env: Mapping[str, str], host: str) -> Action:
    """NO_PROXY with *host* beside what *env* has, under the name that Go reads there."""
    name = "NO_PROXY" if env.get("NO_PROXY") or not env.get("no_proxy") else "no_proxy"
    kept = [one for one in env.get(name, "").split(",") if one.strip()]
    return _set(name, [*kept, host])


def _set(name: str, entries: list[str]) -> Action:
    return actions.set_env(name, ",".join(entries))
