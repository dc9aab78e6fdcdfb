"""What makes a zone the one that Go sees: the data, TZ, the link at /etc/localtime."""

from collections.abc import Iterator

from probe.golang import localtime
from probe.remedies import actions, distribution, file_actions, packages, places
from probe.remedies.actions import remedy
from probe.report import Action, Remedy
from probe.targets import Target

LOCALTIME = localtime.LOCALTIME
_NO_NAME = "Set TZ to the name of a zone, such as TZ=Europe/Berlin"
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-.")


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
