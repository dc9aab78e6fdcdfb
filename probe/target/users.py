"""Whose eyes we look with: may this user do that to this file?"""

import os
import stat
from typing import NamedTuple


class User(NamedTuple):
    """The effective credentials of a target. *override* stands for CAP_DAC_OVERRIDE."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()
    override: bool = False


def ourselves() -> User:
    """Our own effective credentials."""
    uid = os.geteuid()
    return User(uid, os.getegid(), tuple(os.getgroups()), override=uid == 0)


def may(user: User, mode: int, uid: int, gid: int, want: int) -> bool:
    """
    Whether *user* may do *want* (os.R_OK | os.W_OK | os.X_OK) by the mode bits, as path_resolution(7) says.

    The first class that matches decides: an owner without the bit is refused even
    where "other" has it.
    """
    if user.override:
        # CAP_DAC_OVERRIDE gives all, but execution needs at least one x bit on a file.
        return not want & os.X_OK or stat.S_ISDIR(mode) or bool(mode & 0o111)
    if user.uid == uid:
        bits = mode >> 6
    elif gid == user.gid or gid in user.groups:
        bits = mode >> 3
    else:
        bits = mode
    return bits & want == want
