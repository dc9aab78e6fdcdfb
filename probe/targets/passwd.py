"""Who a name or number is inside a target, by the rules of Docker's engine (moby/sys user/user.go)."""

from collections.abc import Iterator

from probe.lightweight import NamedTuple
from probe.report import one_step
from probe.targets import reasons
from probe.targets.access import User
from probe.targets.errors import TargetUnavailable
from probe.targets.files import Files, NotRegular, TooLarge, read

_LIMIT = 4 << 20
_HIGHEST = 2**31 - 1


class _Account(NamedTuple):
    name: str
    uid: int
    gid: int
    home: str


class _Group(NamedTuple):
    name: str
    gid: int
    members: tuple[str, ...]


def find(spec: str, files: Files) -> User:
    """
    The user that *spec* means: "" (root), "name", "uid", "name:group", "uid:gid", "uid:group" or "name:gid".

    A number need not be in the target's /etc/passwd or /etc/group; a name must,
    else Refused. Root gets the capabilities that an engine gives it by default.
    """
    who, _, group = spec.partition(":")
    number = _number(who, spec)
    wanted = 0 if not who else number
    account = next(
        (
            entry
            for entry in _accounts(files)
            if (entry.name == who if wanted is None else entry.uid == wanted)
        ),
        None,
    )
    if account:
        uid, gid = account.uid, account.gid
    elif wanted is None:
        raise _unknown(spec, f"unable to find user {who}: no matching entries in passwd file", "/etc/passwd")
    else:
        uid, gid = wanted, 0
    if group:
        return _user(uid, _gid(group, spec, files))
    name = account.name if account else ""
    return _user(uid, gid, tuple(entry.gid for entry in _groups(files) if name and name in entry.members))


class Membership(NamedTuple):
    """What the target's files say about a user."""

    name: str  # "" for a uid that is not in /etc/passwd
    primary: int | None  # the gid in /etc/passwd
    listed: tuple[int, ...]  # the groups in /etc/group that name the user


def membership(uid: int, files: Files) -> Membership:
    """Which groups the user should have, by /etc/passwd and /etc/group."""
    account = next((entry for entry in _accounts(files) if entry.uid == uid), None)
    if not account or not account.name:
        return Membership("", None, ())
    listed = tuple(entry.gid for entry in _groups(files) if account.name in entry.members)
    return Membership(account.name, account.gid, listed)


def group_name(gid: int, files: Files) -> str:
    """The group's name in /etc/group, "" where it has none."""
    return next((entry.name for entry in _groups(files) if entry.gid == gid), "")


def home(uid: int, files: Files) -> str:
    """The home directory that an engine puts into HOME."""
    return next((entry.home for entry in _accounts(files) if entry.uid == uid and entry.home), "/")


def _user(uid: int, gid: int, groups: tuple[int, ...] = ()) -> User:
    return User(uid, gid, groups, override=uid == 0)


def _gid(group: str, spec: str, files: Files) -> int:
    number = _number(group, spec)
    for entry in _groups(files):
        if entry.name == group if number is None else entry.gid == number:
            return entry.gid
    if number is None:
        raise _unknown(spec, f"unable to find group {group}: no matching entries in group file", "/etc/group")
    return number


def _number(text: str, spec: str) -> int | None:
    if not _is_number(text):
        return None
    if len(text) > 20 or not 0 <= int(text) <= _HIGHEST:
        raise _unknown(spec, f"uids and gids must be in range 0-{_HIGHEST}", "")
    return int(text)


def _unknown(spec: str, words: str, file: str) -> TargetUnavailable:
    number = one_step("instruction", "image", "USER 65532:65532")
    add = (one_step("ask", "image", f"add it to {file} in the image"),) if file else ()
    told = f"the user {spec!r}: {words}"
    return TargetUnavailable(reasons.USER_UNKNOWN, spec, told, number, *add, certain=True)


def _accounts(files: Files) -> Iterator[_Account]:
    for fields in _lines(files, "/etc/passwd"):
        name, _, uid, gid, _, home, *_ = [*fields, "", "", "", "", "", ""]
        yield _Account(name, _lenient(uid), _lenient(gid), home)


def _groups(files: Files) -> Iterator[_Group]:
    for fields in _lines(files, "/etc/group"):
        name, _, gid, members, *_ = [*fields, "", "", "", ""]
        if not name.startswith("#"):
            yield _Group(name, _lenient(gid), tuple(members.split(",")))


def _lines(files: Files, path: str) -> Iterator[list[str]]:
    try:
        data = read(files, path, _LIMIT)
    except (OSError, NotRegular, TooLarge):  # to the engine the same as no file
        return
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        if line := line.strip():
            yield line.split(":")


def _lenient(text: str) -> int:
    return int(text) if _is_number(text) and len(text.lstrip("+-")) <= 18 else 0


def _is_number(text: str) -> bool:
    digits = text[1:] if text[:1] in ("+", "-") else text
    return digits.isascii() and digits.isdigit()
