"""Which link of a chain breaks for a user, and why: from values alone, as the kernel would decide."""

from __future__ import annotations

import errno

from probe.formats import acl
from probe.formats.acl import AclEntry
from probe.lightweight import Mapping, NamedTuple, os, stat
from probe.targets import access
from probe.targets.access import User
from probe.targets.path_steps import PathStep, PathSteps

RIGHTS = frozenset(("mode", "mask", "entry", "default", "group"))
"""The kinds of denial that a change of rights ends."""
_GROUPS = 100  # of a list, tried for one that would do: each time the whole list is read


class Denial(NamedTuple):
    """
    The first link that breaks.

    `kind` is one of "mode" "mask" "entry" "default" "group" (what `why` found), and of
    "file" "loop" "missing" "link" "kernel", which no right would fix.
    """

    kind: str
    path: str
    want: int
    step: PathStep | None = None
    parent: PathStep | None = None  # "default": the directory that hands nothing on
    gid: int = -1  # "group": the one that would do
    entry: AclEntry | None = None  # "entry": the one that decides; "mask": the one that is cut


def first(
    chain: PathSteps, user: User, want: int, *, made: bool, links_guarded: bool = True
) -> Denial | None:
    """
    What keeps *user* from *want* at the end of *chain*; None for nothing.

    Where the end is missing and is to be *made*, the last directory that is there has to
    be writable instead. *links_guarded* is fs.protected_symlinks of proc_sys_fs(5).
    """
    by_path = {step.path: step for step in chain.steps}
    searched = chain.steps if chain.problem else chain.steps[:-1]
    for step in searched:
        parent = by_path.get(step.parent)
        if step.stat.is_link:
            if links_guarded and parent and _guarded(step, parent, user):
                return Denial("link", step.path, os.R_OK, step, parent)
        elif step.stat.is_dir and not _allows(step, user, os.X_OK):
            return why(step, parent, user, os.X_OK)
    if chain.problem:
        return _ended(chain, by_path, user, made=made)
    end = chain.end
    return None if _allows(end, user, want) else why(end, by_path.get(end.parent), user, want)


def _ended(chain: PathSteps, by_path: Mapping[str, PathStep], user: User, *, made: bool) -> Denial | None:
    """The way stops before its end."""
    end, number = chain.end, chain.problem.errno if chain.problem else 0
    if number == errno.ENOTDIR:
        return Denial("file", end.path, os.X_OK, end)
    if number == errno.ELOOP:
        return Denial("loop", chain.missing, os.X_OK, end)
    if number != errno.ENOENT:
        return Denial("kernel", end.path, os.X_OK, end)
    if not made:
        return Denial("missing", chain.missing, os.W_OK, end)
    want = os.W_OK | os.X_OK
    return None if _allows(end, user, want) else why(end, by_path.get(end.parent), user, want)


def why(step: PathStep, parent: PathStep | None, user: User, want: int) -> Denial:
    """Why *user* has not got *want*: the least change of rights that would give it tells the reason."""
    entries = acl.parse(step.acl)
    if cut := _cut(step, user, want, entries):
        return Denial("mask", step.path, want, step, entry=cut)
    if parent and _hands_nothing_on(step, parent, user, want):
        return Denial("default", step.path, want, step, parent)
    listed = [entry.who for entry in entries if entry.tag == acl.GROUP][:_GROUPS]
    for gid in (step.stat.gid, *listed):
        # Nobody should be told to join the group of root.
        if gid and _allows(step, user._replace(groups=(*user.groups, gid)), want):
            return Denial("group", step.path, want, step, gid=gid)
    named = named_entry(entries, user) if step.stat.uid != user.uid else None
    return Denial("entry" if named else "mode", step.path, want, step, entry=named)


def named_entry(entries: tuple[AclEntry, ...], user: User) -> AclEntry | None:
    """The entry of a list that is meant for *user* by uid or by group."""
    own = next((entry for entry in entries if entry.tag == acl.USER and entry.who == user.uid), None)
    groups = (user.gid, *user.groups)
    return own or next((entry for entry in entries if entry.tag == acl.GROUP and entry.who in groups), None)


def loses(child: PathStep, parent: PathStep, user: User, want: int) -> bool:
    """Whether *child* of a directory that lets *user* in by its list does not let the user in itself."""
    return not _allows(child, user, want) and _hands_nothing_on(child, parent, user, want)


def _allows(step: PathStep, user: User, want: int) -> bool:
    found = step.stat
    return access.may(user, found.mode, found.uid, found.gid, want, step.acl)


def _cut(step: PathStep, user: User, want: int, entries: tuple[AclEntry, ...]) -> AclEntry | None:
    """The entry that would do if it were not for the mask, which the group bits of the mode show."""
    if not any(entry.tag == acl.MASK for entry in entries):
        return None
    found, wide = (
        step.stat,
        tuple(entry._replace(bits=7) if entry.tag == acl.MASK else entry for entry in entries),
    )
    if not access.may(user, found.mode | stat.S_IRWXG, found.uid, found.gid, want, acl.pack(wide)):
        return None
    group = next((entry for entry in entries if entry.tag == acl.GROUP_OBJ), None)
    return named_entry(entries, user) or group


def _hands_nothing_on(step: PathStep, parent: PathStep, user: User, want: int) -> bool:
    """Whether the parent's list is for *user*, and nothing made in it gets that: it has no default list."""
    entries = acl.parse(parent.acl)
    entry = named_entry(entries, user)
    enough = entry and entry.bits & acl.mask(entries) & want == want
    return bool(enough) and step.stat.uid != user.uid and not named_entry(acl.parse(parent.default), user)


def _guarded(link: PathStep, parent: PathStep, user: User) -> bool:
    """Whether the kernel follows this last link for its owner only (fs/namei.c:may_follow_link)."""
    shared = stat.S_ISVTX | stat.S_IWOTH
    return (
        link.last and parent.stat.mode & shared == shared and link.stat.uid not in (user.uid, parent.stat.uid)
    )
