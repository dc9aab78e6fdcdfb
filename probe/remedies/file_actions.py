"""What is done to a file that is in the way, closed, or in a form that Go does not read."""

from __future__ import annotations

from probe.golang.x509 import trust
from probe.lightweight import Sequence
from probe.remedies import actions, places, quoting
from probe.remedies.actions import remedy
from probe.report import Action, Remedy
from probe.targets import Stat, Target, TooLarge


def remove(path: str) -> Action:
    """`rm PATH`, for a link or a FIFO: there is nothing in either."""
    return actions.run(f"rm {quoting.word(path)}", "remove", path=path)


def remove_dangling(directory: str) -> Action:
    """Remove the links in *directory* that lead nowhere, none further below."""
    line = f"find {quoting.word(directory)}/ -maxdepth 1 -type l ! -exec test -e {{}} ';' -exec rm {{}} ';'"
    return actions.run(line, "remove-dangling", path=directory, needs=("find",))


def clear(target: Target, path: str) -> Action:
    """What takes a directory out of the way: removed where it is empty, else moved aside with its content."""
    try:
        empty = not target.listdir(path)
    except (OSError, TooLarge):
        empty = False
    if empty:
        return actions.run(f"rmdir {quoting.word(path)}", "remove", path=path)
    return move(path, places.unused(target, f"{path}.d"))


def chmod(mode: str, path: str, *, below: bool = False) -> Action:
    """`chmod MODE PATH`, with all that is *below* it."""
    command = f"chmod {'-R ' if below else ''}{mode} {quoting.word(path)}"
    return actions.run(command, "chmod-to", mode=mode, path=path)


def chown(owner: str, path: str, *, below: bool = False) -> Action:
    command = f"chown {'-R ' if below else ''}{owner} {quoting.word(path)}"
    return actions.run(command, "chown", owner=owner, path=path)


def chgrp(group: int, path: str, *, below: bool = False) -> Action:
    command = f"chgrp {'-R ' if below else ''}{group} {quoting.word(path)}"
    return actions.run(command, "chgrp", group=group, path=path)


def make_directories(paths: Sequence[str], *, mode: str = "", owner: str = "", group: str = "") -> Action:
    """`install -d`: only the last directory of each path gets the owner and the mode."""
    given = (("m", mode), ("o", owner), ("g", group))
    flags = "".join(f" -{flag} {value}" for flag, value in given if value)
    command = f"install -d{flags} {' '.join(map(quoting.word, paths))}"
    whose = f"{owner or 0}:{group or 0}"
    return actions.run(command, "make", paths=tuple(paths), owner=whose, mode=mode or "755")


def make_directory(path: str) -> Action:
    """`mkdir -p`: a directory of root's that everybody may read."""
    command = f"mkdir -p {quoting.word(path)}"
    return actions.run(command, "make", paths=(path,), owner="0:0", mode="755")


def write_line(path: str, line: str) -> Action:
    """A file that holds this one line."""
    command = f"printf '%s\\n' {quoting.word(line)} > {quoting.word(path)}"
    return actions.run(command, "write", path=path, data=f"{line}\n".encode())


def unix_line_ends(path: str) -> Action:
    """Take the CR off the end of each line."""
    return actions.run(rf"sed -i 's/\r$//' {quoting.word(path)}", "unix-line-ends", path=path)


def in_container(action: Action) -> Action:
    """A run action as a command in the container, for what no image can hold."""
    return action._replace(kind="shell", audience=actions.CONTAINER)


def delete_setting(name: str, file: str) -> Action:
    """Take the lines of a variable out of a file such as GOENV."""
    command = f"sed -i '/^{name}=/d' {quoting.word(file)}"
    return actions.shell(command, "delete-setting", path=file, name=name)


def unset_setting(name: str, file: str) -> Action:
    """The same by the go command, which knows the file."""
    return actions.shell(f"go env -u {name}", "delete-setting", path=file, name=name)


def write_setting(name: str, value: str, file: str) -> Action:
    command = f"go env -w {quoting.word(f'{name}={value}')}"
    return actions.shell(command, "write-setting", path=file, name=name, value=value)


def copy(path: str, to: str) -> Action:
    """`cp PATH TO`."""
    return actions.run(f"cp {quoting.word(path)} {quoting.word(to)}", "copy", source=path, to=to)


def move(path: str, to: str) -> Action:
    return actions.run(f"mv {quoting.word(path)} {quoting.word(to)}", "move", path=path, to=to)


def link(text: str, path: str) -> Action:
    """`ln -snf`: no link to a directory at *path* is followed."""
    return actions.run(f"ln -snf {quoting.word(text)} {quoting.word(path)}", "link", text=text, path=path)


def refuser(target: Target, path: str) -> tuple[str, Stat | None]:
    """
    Which file, or directory on the way to it, keeps the target's user out; links are followed one by one.

    None for its Stat where not even that can be said.
    """
    from probe.targets import path_steps

    try:
        way = path_steps.follow(target, path)
    except OSError:
        return path, None
    return way.end.path, way.end.stat


def readable(target: Target, path: str, found: Stat | None) -> tuple[Remedy, ...]:
    """What lets everybody read *path*, which may be a directory; of a volume, its own fields."""
    volume = places.volume(target, path)
    if volume:
        mode = 0o444 if not (found and found.is_dir) else 0o755
        if found and found.is_dir:
            point, shown = quoting.plain(volume.point), quoting.plain(path)
            who = f"let the job that fills the volume at {point} give {shown} mode {mode:04o}"
            return (remedy(actions.ask(who, actions.POD)),)
        if volume.kind == places.VOLUME and not places.in_pod(target):
            who = f"let the job that fills the volume at {quoting.plain(volume.point)} run: chmod a+r"
            return (remedy(actions.ask(f"{who} {quoting.plain(path)}", actions.POD)),)
        return tuple(remedy(actions.pod(field)) for field in volume_modes(volume.kind))
    add, words = (0o555, "a+rx") if found and found.is_dir else (0o444, "a+r")
    return (remedy(actions.run(f"chmod {words} {quoting.word(path)}", "chmod", path=path, add=add)),)


def volume_modes(kind: str) -> list[str]:
    """The fields that make the files of a volume readable: its mode, or the group of the pod."""
    if kind == places.SECRET:
        first = "volumes: [{name: NAME, secret: {secretName: NAME, defaultMode: 0444}}]"
    elif kind == places.CONFIG_MAP:
        first = "volumes: [{name: NAME, configMap: {name: NAME, defaultMode: 0444}}]"
    else:
        return ["securityContext: {fsGroup: 65532, fsGroupChangePolicy: OnRootMismatch}"]
    return [first, "securityContext: {fsGroup: 65532}"]


def aside(target: Target, path: str) -> str:
    """A name for what is moved away, where Go does not read it: it takes whatever lies in its directories."""
    directory, _, name = path.rpartition("/")
    if directory in trust.DIRECTORIES:
        directory = directory.rpartition("/")[0]
    return places.unused(target, f"{directory}/{name}.old")
