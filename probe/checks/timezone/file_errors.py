"""Why a file that Go looked at gave no zone."""

from __future__ import annotations

import errno

from probe import codes
from probe.checks.timezone.context import Context, links, plain, tidy, zone_name
from probe.checks.timezone.guess import nearest
from probe.codes import Code
from probe.formats import tzif
from probe.golang import localtime, zonedata
from probe.golang.localtime import LOCALTIME, Attempt
from probe.golang.quoting import quote
from probe.lightweight import os
from probe.report import Finding, Status
from probe.targets import NotRegular, TooLarge

_FAULTS = {
    tzif.EMPTY: codes.TIMEZONE_FILE_EMPTY,
    tzif.NOT_TZIF: codes.TIMEZONE_NOT_TZIF,
    tzif.TRUNCATED: codes.TIMEZONE_TRUNCATED,
    tzif.VERSION: codes.TIMEZONE_VERSION,
    tzif.CORRUPT: codes.TIMEZONE_CORRUPT,
}
# How a content that is no zone begins, and what it is then.
_LOOKS = (
    (b"\x1f\x8b", "gzip data"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x7fELF", "a program"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"\xef\xbb\xbfTZif", "a zone file after a byte order mark"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file"),
)

_TOO_LONG = os.strerror(errno.ENAMETOOLONG)


def diagnose(scene: Context, attempt: Attempt, status: Status) -> Finding:
    """Name what is wrong with the file of *attempt*."""
    path = attempt.path
    match attempt.outcome:
        case localtime.ERROR if attempt.detail != _TOO_LONG:  # it may well be there
            code, what = codes.TIMEZONE_FILE_UNREADABLE, f"{plain(path)} cannot be opened: {attempt.detail}"
        case localtime.MISSING | localtime.NOT_A_DIRECTORY | localtime.ERROR:
            return _missing(scene, path, attempt, status)
        case localtime.LOOP:
            code, what = codes.TIMEZONE_LINK_LOOP, f"{plain(path)} is a link that leads back to itself"
        case localtime.DENIED:
            return _unreadable(scene, path, status)
        case localtime.DIRECTORY:
            code, what = codes.TIMEZONE_FILE_DIRECTORY, f"{plain(path)} is a directory"
        case localtime.TOO_LARGE:
            code, what = (
                codes.TIMEZONE_FILE_TOO_LARGE,
                f"{plain(path)} holds more than the 10 MiB that Go reads",
            )
        case localtime.SPECIAL:
            kind = attempt.detail if "device" in attempt.detail else "socket"
            code, what = codes.TIMEZONE_FILE_SPECIAL, f"{plain(path)} is a {kind}"
        case _:
            return _refused(scene, path, attempt, status)
    return _finding(scene, status, code, what, path)


def blocks(scene: Context) -> Finding:
    """Go waits for ever on a FIFO."""
    path = scene.local.blocks_on or ""
    cause = (
        f"{_by(scene)}{plain(path)} is a FIFO: a Go program blocks on it for ever, once it needs time.Local"
    )
    return scene.finding(
        Status.FAIL,
        codes.TIMEZONE_FILE_BLOCKS,
        cause,
        scene.repair(path),
        path=plain(path),
        tried=scene.tried(),
    )


def _by(scene: Context) -> str:
    """Who asks for the file."""
    return "" if scene.value is None else f"{scene.tz}: "


def _missing(scene: Context, path: str, attempt: Attempt, status: Status) -> Finding:
    chain = links(scene.target, path)
    if len(chain) == 1:
        detail = (
            "does not exist"
            if attempt.outcome == localtime.MISSING
            else f"cannot be opened: {attempt.detail}"
        )
        return _finding(scene, status, codes.TIMEZONE_FILE_MISSING, f"{plain(path)} {detail}", path)
    end = tidy(chain[-1])
    what = f"{plain(path)} is a link to {plain(scene.target.readlink(path))}, but {plain(end)} does not exist"
    name = zone_name(end)
    if name not in zonedata.names() or scene.expected not in ("", name):  # nobody has what is not in tzdata
        ways = scene.repair(path, nearest(name) if name and path == LOCALTIME else "")
    elif path == LOCALTIME:
        ways = (*scene.install(name), *scene.repair(path, name))
    else:
        ways = scene.install(name)
    return scene.finding(
        status,
        codes.TIMEZONE_LINK_DANGLING,
        f"{_by(scene)}{what}: {scene.effect()}",
        ways,
        link=[plain(step) for step in chain[1:]],
        path=plain(path),
    )


def _unreadable(scene: Context, path: str, status: Status) -> Finding:
    from probe.remedies import file_actions

    refused, found = file_actions.refuser(scene.target, path)
    user = scene.target.user
    what = f"user {user.uid} may not read {plain(tidy(refused))}"
    ways, facts = file_actions.readable(scene.target, refused, found), ""
    if found:
        facts = f" (mode {found.mode & 0o7777:04o}, owner {found.uid}:{found.gid})"
        if found.is_dir:
            what = f"user {user.uid} may not enter {plain(tidy(refused))}"
    cause = f"{_by(scene)}{what}{facts}: {scene.effect()}"
    return scene.finding(
        status,
        codes.TIMEZONE_FILE_UNREADABLE,
        cause,
        ways,
        path=plain(path),
        refused_at=plain(tidy(refused)),
        mode=f"{found.mode & 0o7777:04o}" if found else None,
        owner=found.uid if found else None,
        group=found.gid if found else None,
        user=user.uid,
    )


def _refused(scene: Context, path: str, attempt: Attempt, status: Status) -> Finding:
    if not attempt.fault:  # an archive of Go's that does not hold the zone as it should
        what = f"{plain(path)} does not hold the zone in a form that Go reads ({attempt.outcome})"
        return _finding(scene, status, codes.TIMEZONE_CORRUPT, what, path)
    kind, reason = attempt.fault
    what, name = f"{plain(path)} is not a zone file for Go ({reason})", ""
    if kind == tzif.EMPTY:
        what = f"{plain(path)} is empty"
    elif kind == tzif.NOT_TZIF:
        look, name = _look(scene, path)
        what = f"{plain(path)} holds {look}, not zone data"
    return _finding(scene, status, _FAULTS[kind], what, path, name)


def _finding(scene: Context, status: Status, code: Code, what: str, path: str, name: str = "") -> Finding:
    mount = scene.target.mount_over(path)
    if mount:
        what += f" (mounted from {plain(mount.root)})"
    return scene.finding(
        status,
        code,
        f"{_by(scene)}{what}: {scene.effect()}",
        scene.repair(path, name),
        path=plain(path),
        tried=scene.tried(),
        mount=plain(mount.root) if mount else None,
    )


def _look(scene: Context, path: str) -> tuple[str, str]:
    """What a content looks like that is no zone, and the zone that it names, if any."""
    try:
        with scene.target.open(path) as stream:
            data = stream.read(512)
    except (OSError, NotRegular, TooLarge):
        return "something else", ""
    for start, what in _LOOKS:
        if data.startswith(start):
            return what, ""
    if not data.strip(b"\0"):
        return "nothing but zero bytes", ""
    try:
        return _text(data.decode("utf-8").strip())
    except UnicodeDecodeError:
        return "binary data", ""


def _text(text: str) -> tuple[str, str]:
    line, _, more = text.partition("\n")
    if text.startswith("<") and ("<html" in text.lower() or "<!doctype" in text.lower()):
        return "an HTML page", ""
    if line in zonedata.names():
        return f'the name "{line}"', line
    if not more and tzif.parse_rule(line.encode()):
        return f"the POSIX rule {quote(line)}", ""
    return "text", ""
