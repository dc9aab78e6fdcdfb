"""The mounts of a process, from its mountinfo (proc_pid_mountinfo(5))."""

from probe.lightweight import NamedTuple


class Mount(NamedTuple):
    """One mount; later ones in a list lie over earlier ones at the same point."""

    point: str
    kind: str  # file system type
    source: str  # the type, where it has none
    root: str  # the directory of the file system that is mounted
    read_only: bool
    options: tuple[str, ...]


def parse(data: bytes) -> tuple[Mount, ...]:
    """The mounts of a mountinfo file; lines that are not well-formed are left out."""
    return tuple(mount for line in data.splitlines() if (mount := _mount(line)))


def below(mounts: tuple[Mount, ...], root: str) -> tuple[Mount, ...]:
    """The mounts on *root* and inside it, as they look from in there; *root* holds no links."""
    inside = root.rstrip("/") + "/"
    return tuple(
        mount._replace(point="/" + f"{mount.point}/".removeprefix(inside).strip("/"))
        for mount in mounts
        if f"{mount.point.rstrip('/')}/".startswith(inside)
    )


def over(mounts: tuple[Mount, ...], path: str) -> Mount | None:
    """The topmost mount whose point is exactly *path*."""
    return next((mount for mount in reversed(mounts) if mount.point == path), None)


def of(mounts: tuple[Mount, ...], path: str) -> Mount | None:
    """The mount that *path*, which holds no links, lies on; None where the list does not say."""
    around = [mount for mount in mounts if f"{path}/".startswith(f"{mount.point.rstrip('/')}/")]
    # Of two at one point the later one is on top.
    return max(reversed(around), key=lambda mount: len(mount.point), default=None)


def _mount(line: bytes) -> Mount | None:
    before, separator, after = line.partition(b" - ")
    head, tail = before.split(b" "), after.split(b" ")
    if not separator or len(head) < 6 or len(tail) < 2:
        return None
    options = tuple(_text(head[5]).split(","))
    kind, source = _text(tail[0]), _text(tail[1])
    return Mount(
        _text(head[4]), kind, kind if source == "none" else source, _text(head[3]), "ro" in options, options
    )


def _text(field: bytes) -> str:
    if b"\\" not in field:
        return field.decode("utf-8", "surrogateescape")
    import re

    plain = re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8) & 0xFF]), field)
    return plain.decode("utf-8", "surrogateescape")
