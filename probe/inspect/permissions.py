"""`probe inspect permissions`: the directories that Go needs, and the way to each."""

import stat
from typing import Any

from probe.facts import Facts
from probe.formats import acl
from probe.golang.command import directories
from probe.golang.command.directories import Place
from probe.golang.quoting import json_text
from probe.targets import Target, credentials, passwd, path_steps
from probe.targets.path_steps import PathStep


def inspect(facts: Facts) -> dict[str, Any]:
    """
    The answer as JSON values, in the published shape.

    `umask` is null where no process has one; `space` where nothing is there to be asked, as
    in an image archive. `missing` is the first thing on the way that is not there, or cannot be reached.
    """
    target = facts.target
    rights = credentials.of(target)
    user, member = rights.user, passwd.membership(rights.user.uid, target.files)
    places = directories.places(target, facts.toolchain(), facts.go(), facts.environment().settings)
    return {
        "user": {
            "uid": user.uid,
            "gid": user.gid,
            "groups": list(user.groups),
            "name": json_text(member.name) or None,
            "groups_by_file": sorted({*member.listed, *([] if member.primary is None else [member.primary])}),
            "overrides_modes": user.override,
            "umask": None if rights.umask is None else f"{rights.umask:04o}",
        },
        "places": [_place(target, place) for place in places],
    }


def _place(target: Target, place: Place) -> dict[str, Any]:
    told: dict[str, Any] = {"name": place.name, "path": json_text(place.path) or None, **_NOTHING}
    if not place.path.startswith("/"):
        return told
    way = path_steps.follow(target, place.path)
    space = target.files.space(way.end.path)
    mount = target.mount_of(way.end.path)
    return {
        **told,
        "chain": [_step(step) for step in way.steps],
        "missing": json_text(way.missing) or None,
        "why": (way.problem.strerror or "").lower() if way.problem else None,
        "mount": json_text(mount.point) if mount else None,
        "space": space
        and {
            "read_only": space.read_only,
            "noexec": space.noexec,
            "free_bytes": space.available * space.block,
            "kept_back_bytes": (space.free - space.available) * space.block,
            "free_inodes": space.available_inodes if space.inodes else None,
        },
    }


_NOTHING: dict[str, Any] = {"chain": [], "missing": None, "why": None, "mount": None, "space": None}


def _step(step: PathStep) -> dict[str, Any]:
    return {
        "path": json_text(step.path),
        "kind": step.stat.kind,
        "mode": f"{stat.S_IMODE(step.stat.mode):04o}",
        "uid": step.stat.uid,
        "gid": step.stat.gid,
        "link": json_text(step.text) or None,
        "acl": [str(entry) for entry in acl.parse(step.acl)],
        "default_acl": [str(entry) for entry in acl.parse(step.default)],
    }
