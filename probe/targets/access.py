"""Whose eyes we look with: may this user do that to this file?"""

from probe import syscalls
from probe.lightweight import NamedTuple, os, stat

ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"


class User(NamedTuple):
    """The effective credentials of a target."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()
    override: bool = False  # CAP_DAC_OVERRIDE
    read_all: bool = False  # CAP_DAC_READ_SEARCH
    uids: tuple[tuple[int, int], ...] = ()  # first and number of those its user namespace has; () for all
    gids: tuple[tuple[int, int], ...] = ()


def ourselves() -> User:
    """Our own effective credentials."""
    uid = os.geteuid()
    return User(uid, os.getegid(), syscalls.groups(), override=uid == 0)


def may(user: User, mode: int, uid: int, gid: int, want: int, acl: bytes = b"") -> bool:
    """
    Whether *user* may do *want* (os.R_OK | os.W_OK | os.X_OK), as path_resolution(7) and acl(5) say.

    The first class that matches decides: an owner without the bit is refused even
    where "other" has it. *acl* is the value of the attribute that `acl_of` reads.
    """
    if (user.uids or user.gids) and not (_mapped(user.uids, uid) and _mapped(user.gids, gid)):
        # No capability counts over ids that its namespace lacks (capable_wrt_inode_uidgid in the kernel).
        user = user._replace(override=False, read_all=False)
    harmless = os.R_OK | os.X_OK if stat.S_ISDIR(mode) else os.R_OK
    if user.read_all and not want & ~harmless:
        return True
    if user.override:
        # It gives all, but execution needs at least one x bit on a file.
        return not want & os.X_OK or stat.S_ISDIR(mode) or bool(mode & 0o111)
    if user.uid != uid and acl and mode & 0o070:  # an empty mask hides the list: fs/namei.c
        return _by_acl(user, gid, want, acl)
    if user.uid == uid:
        bits = mode >> 6
    elif _in_group(user, gid):
        bits = mode >> 3
    else:
        bits = mode
    return bits & want == want


def _mapped(ranges: tuple[tuple[int, int], ...], number: int) -> bool:
    return not ranges or any(first <= number < first + count for first, count in ranges)


def acl_of(descriptor: int, kind: str = ACCESS) -> bytes:
    """The POSIX access list of an open file (O_PATH suffices), b"" when it has none beyond its mode."""
    try:
        return os.getxattr(f"/proc/self/fd/{descriptor}", kind)
    except OSError:  # ENODATA, ENOTSUP; without /proc the mode bits must do
        return b""


def _in_group(user: User, gid: int) -> bool:
    return gid == user.gid or gid in user.groups


def _by_acl(user: User, gid: int, want: int, acl: bytes) -> bool:
    """For everybody but the owner (the algorithm of acl(5), fs/posix_acl.c in the kernel's tree)."""
    from probe.formats import acl as lists  # few files have one

    entries = lists.parse(acl)
    mask = lists.mask(entries)
    named = [bits for tag, bits, who in entries if tag == lists.USER and who == user.uid]
    if named:
        return named[0] & mask & want == want
    groups = [
        bits
        for tag, bits, who in entries
        if (tag == lists.GROUP and _in_group(user, who)) or (tag == lists.GROUP_OBJ and _in_group(user, gid))
    ]
    if groups:  # any one of them is enough, but it must give everything
        return any(bits & mask & want == want for bits in groups)
    return any(bits & want == want for tag, bits, _ in entries if tag == lists.OTHER)
