"""
Who can carry a command out: whoever has a shell in the container, or only who builds its image or starts it.

A command for a shell in the container is kept where the container has the program, its user the right, and
the place is not mounted read-only. Else the same is told for the image, the pod, or the engine.
"""

from __future__ import annotations

from probe.lightweight import os
from probe.remedies import actions, distribution, places, process_limits, quoting
from probe.report import Action, Remedies, Remedy
from probe.targets import NotRegular, Stat, Target, TooLarge, access, credentials

# linux/capability.h
_CHOWN, _DAC_OVERRIDE, _FOWNER, _SYS_ADMIN, _SYS_RESOURCE = 1 << 0, 1 << 1, 1 << 3, 1 << 21, 1 << 24
_BY_OWNER = ("chmod", "setfacl")  # which only the owner of a file may do, or CAP_FOWNER
_BY_CHOWN = ("chown", "chgrp")
_RIGHTS = (*_BY_OWNER, *_BY_CHOWN, "install")  # that a group of the pod gives as well
_IN_BUSYBOX = frozenset(  # of Docker's image of that name
    (
        *("ls", "df", "du", "date", "cat", "sed", "stat", "sha256sum", "lsattr", "fuser", "diff", "head"),
        *(
            "chmod",
            "chown",
            "chgrp",
            "install",
            "mkdir",
            "mv",
            "rm",
            "rmdir",
            "ln",
            "cp",
            "tar",
            "find",
            "sort",
        ),
    )
)


def suited(remedy: Remedy, target: Target) -> Remedies:
    """*remedy*, or what comes to the same for whoever can act; () where nobody can."""
    if target.directory:  # its commands are typed on this machine
        return (remedy,)
    if looks := [one for one in remedy.actions if one.kind == "look" and not has_programs(target, one)]:
        return _from_outside(target, looks[0])
    commands = [one for one in remedy.actions if one.kind == "shell" and one.audience == actions.CONTAINER]
    if all(has_programs(target, one) and _may(target, one) for one in commands):
        return (remedy,)
    if any("option" in one.values for one in commands):
        return _mounted(target, commands[0])
    if commands and all(map(process_limits.is_one, commands)):
        return process_limits.without_shell(target, commands[0])
    if all(places.in_image(target, path) for one in commands for path in actions.paths_of(one)):
        return _built(remedy, commands)
    return _on_volume(target, commands)


def has_programs(target: Target, action: Action) -> bool:
    """Whether the container has what the command of *action* starts, and a shell for more than one."""
    words = programs(action.values["command"])
    return distribution.has_shell(target) and all(distribution.has_program(target, word) for word in words)


def programs(command: str) -> list[str]:
    """The first word of each simple command; quotes hold no sign that ends one."""
    found: list[str] = []
    begins = True
    for word in command.split():
        if begins and "=" not in word.partition("/")[0]:
            found.append(word.rstrip(";"))
            begins = False
        begins = begins or word in ("&&", "|") or word.endswith(";")
    return found


# --- what the user of the container may do ----------------------------------------------------


def _may(target: Target, action: Action) -> bool:
    """Whether the user may do it, where a process is known whose rights count."""
    if not target.proc:
        return True
    if "option" in action.values:
        return bool(_capabilities(target) & _SYS_ADMIN)
    if action.values.get("raises"):
        return bool(_capabilities(target) & _SYS_RESOURCE)
    return all(_may_at(target, action, path) for path in actions.paths_of(action))


def _may_at(target: Target, action: Action, path: str) -> bool:
    mount = target.mount_of(_resolved(target, path))
    if mount and mount.read_only:
        return False
    program, held, user = programs(action.values["command"])[0], _capabilities(target), target.user
    found = _stat(target, path)
    if found and program in _BY_OWNER:
        return bool(held & _FOWNER) or found.uid == user.uid
    if found and program in _BY_CHOWN:
        return bool(held & _CHOWN)
    parent = _stat(target, path.rstrip("/").rpartition("/")[0] or "/")
    user = user._replace(override=bool(held & _DAC_OVERRIDE))
    return not parent or access.may(user, parent.mode, parent.uid, parent.gid, os.W_OK | os.X_OK)


def _capabilities(target: Target) -> int:
    try:
        return credentials.capabilities(target.proc)
    except (OSError, ValueError, KeyError):
        return -1 if target.user.override else 0


def _stat(target: Target, path: str) -> Stat | None:
    try:
        return target.stat(path)
    except (OSError, ValueError, NotRegular, TooLarge):
        return None


def _resolved(target: Target, path: str) -> str:
    try:
        return target.resolve(path)
    except OSError:
        return target.path(path)


# --- what others do ---------------------------------------------------------------------------


def _built(remedy: Remedy, commands: list[Action]) -> Remedies:
    """The commands while the image is built; what has no place in it cannot be done there."""
    if not all(map(actions.paths_of, commands)):
        return ()
    made = [_in_image(one) if one in commands else one for one in remedy.actions]
    return (actions.remedy(*made),)


def _in_image(action: Action) -> Action:
    values = action.values
    built = values.get("built")  # what does the same in an image by other means
    if isinstance(built, Action):
        return built
    if values["effect"] == "write-setting":  # the environment comes before such a file
        return actions.set_env(values["name"], values["value"])
    command, needs = values["command"], programs(values["command"])
    if command.startswith("go env "):  # root's own file would be another one
        command = f"GOENV={quoting.word(values['path'])} {command}"
    return Action("run", actions.IMAGE, {**values, "command": command, "needs": needs})


def _on_volume(target: Target, commands: list[Action]) -> Remedies:
    """What a volume brings: the pod's group, or the command from a container with programs and rights."""
    others = [one.values.get("built") for one in commands]  # by a program that more have
    lines = [
        other.values["command"]
        if isinstance(other, Action) and other.kind == "run"
        else one.values["command"]
        for one, other in zip(commands, others, strict=True)
    ]
    words = [word for line in lines for word in programs(line)]
    group = actions.pod(f"securityContext: {{fsGroup: {target.user.gid}}}")
    if places.in_pod(target):
        return actions.ways(group) if all(word in _RIGHTS for word in words) else ()
    if not _IN_BUSYBOX.issuperset(words):
        return ()
    begin = "docker run --rm --user 0 --volumes-from CONTAINER busybox "
    return (actions.remedy(*(actions.start(begin + line) for line in lines)),)


def _mounted(target: Target, action: Action) -> Remedies:
    """Another mount: how it is made stands where the container is started."""
    point, option = action.values["path"], action.values["option"]
    if option not in ("rw", "exec"):
        words = f"Ask the operator of the container to mount {quoting.plain(point)}"
        return actions.ways(actions.ask(words, actions.POD))
    mount, volume, word = target.mount_over(point), places.volume(target, point), quoting.word(point)
    if (volume and volume.kind != places.VOLUME) or (mount and mount.kind == "tmpfs"):
        return places.writable(target, point, runs=option == "exec")
    named = actions.start(f"docker run --volume NAME:{word} IMAGE")  # which is neither ro nor noexec
    if option == "rw":
        field = f"volumeMounts: [{{name: NAME, mountPath: {word}, readOnly: false}}]"
        return places.fitting(target, named, actions.pod(field))
    words = f"Remove noexec from mountOptions of the PersistentVolume at {quoting.plain(point)}"
    return places.fitting(target, named, actions.ask(words, actions.POD))


def _from_outside(target: Target, action: Action) -> Remedies:
    """A look at a container without programs: on this machine, or by a container beside it that has them."""
    if target.proc not in ("", "/proc/self"):
        return actions.ways(actions.below(action, f"{target.proc}/root"))
    words, paths = programs(action.values["command"]), actions.paths_of(action)
    image = "curlimages/curl" if words == ["curl"] else "busybox" if _IN_BUSYBOX.issuperset(words) else ""
    if not target.proc or not image:
        return ()
    command = actions.below(action, "/proc/1/root").values["command"]
    if ";" in command or "|" in command:  # each would be a command of its own
        command = f"sh -c {quoting.word(command)}"
    beside = f"docker run --rm --network container:CONTAINER {image} {command}"
    if paths:
        beside = f"docker run --rm --pid container:CONTAINER --cap-add SYS_PTRACE {image} {command}"
    pod = f"kubectl debug POD -it --image={image} --target=CONTAINER -- {command}"
    return places.fitting(target, actions.start(beside), actions.start(pod))
