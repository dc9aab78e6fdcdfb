"""What makes a zone the one that Go sees: the data, TZ, the link at /etc/localtime."""

from __future__ import annotations

from probe.golang import localtime
from probe.lightweight import Iterator
from probe.remedies import actions, distribution, file_actions, meant, packages, places
from probe.remedies.actions import remedy
from probe.report import Action, Remedy
from probe.targets import Target

LOCALTIME = localtime.LOCALTIME
_NO_NAME = "Set TZ to the name of a zone, such as TZ=Europe/Berlin"
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-.")


# Zone data that Go does not read: what libc's variable, and Go's own for LoadLocation, name; and slips.
_VARIABLES = ("TZDIR", "ZONEINFO")
_ELSEWHERE = (
    *("/zoneinfo", "/usr/local/share/zoneinfo", "/usr/share/timezone", "/share/zoneinfo", "/opt/zoneinfo"),
    *("/app/zoneinfo", "/usr/zoneinfo", f"{packages.ZONEINFO}/posix"),
)


def elsewhere(target: Target, name: str) -> str:
    """The directory where a file of the zone *name* lies that Go does not look in; "" where none is known."""
    if not name or not _SAFE.issuperset(name):
        return ""
    named = (meant.expanded(target, target.env.get(variable, "")) for variable in _VARIABLES)
    for directory in (*(one.rstrip("/") for one in named if one.startswith("/")), *_ELSEWHERE):
        attempt, data = localtime.read(target, f"{directory}/{name}")
        if attempt.outcome == localtime.LOADED and data.startswith(b"TZif"):
            return directory
    return ""


def reach(target: Target, directory: str, name: str) -> tuple[Remedy, ...]:
    """What makes Go find the zone *name*, which TZ has, in a *directory* that it does not read."""
    there = target.exists(packages.ZONEINFO)
    source, place = (
        (f"{directory}/{name}", f"{packages.ZONEINFO}/{name}") if there else (directory, packages.ZONEINFO)
    )
    return (remedy(file_actions.link(source, place)), remedy(actions.set_env("TZ", f"{directory}/{name}")))


def bring(target: Target, name: str = "", *, upgrade: bool = False) -> tuple[Remedy, ...]:
    """What brings the zone data, or the newest, into this image; *name* is the zone that is wanted."""
    return tuple(remedy(action) for action in packages.zones(target, name, upgrade=upgrade))


def use(target: Target, name: str, *, there: bool, alias: str = "") -> tuple[Remedy, ...]:
    """
    What makes *name* the zone of Go programs.

    *there*: its data is; *alias* is another name of it whose data is.
    """
    if not name or not _SAFE.issuperset(name):
        return (remedy(actions.ask(_NO_NAME, actions.IMAGE)),)
    set_tz = actions.set_env("TZ", name)
    unset = "TZ" not in target.env
    if there:
        return (remedy(set_tz), *((remedy(*_link(target, name)),) if unset else ()))
    found = [remedy(actions.set_env("TZ", alias))] if alias else []
    for action in packages.zones(target, name):
        if target.env.get("TZ") == name:
            found.append(remedy(action))
        elif unset and action.kind == "run":
            found.append(remedy(action, *_link(target, name)))
        found.append(remedy(action, set_tz))
    return tuple(found)


def repair(target: Target, name: str, *, there: bool) -> tuple[Remedy, ...]:
    """What puts a sound link to *name* in the place of /etc/localtime, or names the zone by TZ."""
    if not there:
        return use(target, name, there=False)
    ways = (remedy(*_link(target, name)), remedy(actions.set_env("TZ", name)))
    # A mount is made after the image: what changes the image does not change it, TZ does.
    return ways if places.in_image(target, LOCALTIME) and distribution.has_shell(target) else ways[::-1]


def link(target: Target, name: str) -> Remedy:
    return remedy(*_link(target, name))


def _link(target: Target, name: str) -> Iterator[Action]:
    """`ln -snf`; what a directory at /etc/localtime holds is nobody's to remove, and ln would link inside."""
    try:
        if target.stat(LOCALTIME, follow=False).is_dir:
            yield file_actions.clear(target, LOCALTIME)
    except OSError:
        pass
    yield file_actions.link(f"{packages.ZONEINFO}/{name}", LOCALTIME)
