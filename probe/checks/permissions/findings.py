"""A broken link as a finding: what it is called, in whose words, and what fixes it."""

import os
import stat
from collections.abc import Mapping
from typing import Any

from probe import codes
from probe.codes import Code
from probe.errors import reason
from probe.formats import acl
from probe.golang.command.directories import Place
from probe.lightweight import NamedTuple
from probe.remedies import actions, file_actions, places
from probe.remedies.actions import ways
from probe.remedies.quoting import word
from probe.report import Action, Finding, Remedies, Status
from probe.targets import Target, passwd
from probe.targets.access import User
from probe.targets.denial import Denial
from probe.targets.passwd import Membership
from probe.targets.path_steps import PathStep, PathSteps
from probe.targets.writing import RIGHTS, Hindrance

_CHOSEN_UIDS = 1_000_000_000  # where OpenShift's ranges begin (openshift.io/sa.scc.uid-range)
_MADE = 8  # directories in one remedy
_LISTED = 100  # entries of an access list; a file system may keep thousands


class JudgedUser(NamedTuple):
    """The user whose rights are judged, and what the target's files say about it."""

    user: User
    membership: Membership
    target: Target

    @property
    def text(self) -> str:
        name = self.membership.name
        return f"user {name} ({self.user.uid})" if name else f"user {self.user.uid}"

    @property
    def owner(self) -> str:
        return f"{self.user.uid}:{self.user.gid}"

    def group(self, gid: int) -> str:
        name = passwd.group_name(gid, self.target.files)
        return f"{name} ({gid})" if name else str(gid)

    def mode(self, step: PathStep) -> str:
        """As `ls -ld` shows it, in numbers."""
        plus = "+" if step.acl else ""
        return f"{step.stat.uid}:{step.stat.gid} {stat.S_IMODE(step.stat.mode):04o}{plus}"


class JudgedPath(NamedTuple):
    """One path that is judged, and the way to it."""

    place: Place
    who: JudgedUser
    chain: PathSteps | None = None

    def finding(
        self, status: Status, code: Code, cause: str, remedies: Remedies = (), **more: Any
    ) -> Finding:
        return Finding(status, code, self.place.name, cause, remedies, {**self._evidence(), **more})

    def _evidence(self) -> Mapping[str, Any]:
        user = self.who.user
        seen = {"path": self.place.path, "uid": user.uid, "gid": user.gid, "groups": list(user.groups)}
        if not self.chain:
            return seen
        end = self.chain.end
        return {**seen, "leads_to": end.path, "mode": self.who.mode(end), "there": not self.chain.problem}


def refuse(subject: JudgedPath, broken: Denial) -> Finding:
    """The finding for the first link that breaks."""
    return _TELLERS[broken.kind](subject, broken)


def _mode(subject: JudgedPath, broken: Denial) -> Finding:
    who, step, path = subject.who, broken.step, broken.path
    assert step  # noqa: S101 - kinds about rights have one
    shown = f"{path} ({who.mode(step)})"
    if broken.want == os.X_OK and step.stat.is_dir:
        cause = f"{who.text} may not search {shown}, which is on the path to {subject.place.path}"
        opened = _fitting(subject, path, file_actions.chmod(f"{_class(who, step)}+x", path))
        return _told(subject, broken, codes.PERMISSION_NO_SEARCH, cause, opened)
    if subject.chain and subject.chain.problem:
        cause = f"{subject.place.path} does not exist, and {who.text} may not create it in {shown}"
        made = _make(subject, subject.chain)
        code = codes.PERMISSION_GOBIN_MISSING if subject.place.name == "GOBIN" else codes.PERMISSION_MISSING
        return _told(subject, broken, code, cause, made)
    cause = f"{who.text} may not {_verb(broken.want, step)} {shown}"
    return _told(subject, broken, codes.PERMISSION_MODE, cause, _open(subject, broken, step))


def _open(subject: JudgedPath, broken: Denial, step: PathStep) -> Remedies:
    """What gives the user the right that the mode of the last step refuses."""
    who, path = subject.who, broken.path
    action = file_actions.chown(who.owner, path, below=True)
    if _any_uid(who.user) and broken.want & os.W_OK and step.stat.gid == 0:
        action = file_actions.chmod("g+rwX", path, below=True)
    if subject.place.name in ("TMPDIR", "GOTMPDIR"):
        action = file_actions.chmod("1777", path)
    elif not broken.want & os.W_OK:
        runs = "x" if broken.want & os.X_OK else ""
        action = file_actions.chmod(f"a+r{runs}", path)
        if step.stat.is_dir:
            action = file_actions.chmod("a+rX", path, below=True)
    elif step.stat.uid == who.user.uid:
        action = file_actions.chmod(f"u+rw{'x' if step.stat.is_dir else ''}", path)
    elif step.stat.uid:  # it is some other user's, who keeps it
        group = file_actions.chgrp(who.user.gid, path, below=True)
        return _fitting(subject, path, group, file_actions.chmod("g+rwX", path, below=True))
    return _fitting(subject, path, action)


def _make(subject: JudgedPath, chain: PathSteps) -> Remedies:
    """What makes the missing directories; of a path, install(1) gives only the last to the user."""
    paths = [chain.missing]
    for name in chain.more:
        paths.append(f"{paths[-1]}/{name}")
    # What the go command would make itself it has to own; it makes more than one thing in them.
    caches = subject.place.made and subject.place.name != "GOBIN" and len(paths) < _MADE
    wanted, user = paths if caches else paths[-1:], subject.who.user
    if _any_uid(user):
        action = file_actions.make_directories(wanted, mode="2775", group="0")
    else:
        action = file_actions.make_directories(wanted, owner=str(user.uid), group=str(user.gid))
    return _fitting(subject, chain.end.path, action)


def _any_uid(user: User) -> bool:
    """Whether the cluster chooses the uid, as OpenShift does: from its namespace's range, in group 0."""
    return user.uid >= _CHOSEN_UIDS and 0 in (user.gid, *user.groups)


def _fitting(subject: JudgedPath, path: str, *steps: Action) -> Remedies:
    """*steps* in the image, or where a volume lies over what that makes, in the container."""
    mount = subject.who.target.mount_of(path)
    if not mount or mount.point == "/":
        return (actions.remedy(*steps),)
    pod = actions.pod(f"securityContext: {{fsGroup: {subject.who.user.gid}}}")
    inside = actions.remedy(*map(file_actions.in_container, steps))
    return places.fitting(subject.who.target, inside, pod)


def _group(subject: JudgedPath, broken: Denial) -> Finding:
    """Membership would do: it is written down and not in effect, or it is not there at all."""
    who, gid, step = subject.who, broken.gid, broken.step
    assert step  # noqa: S101
    group = who.group(gid)
    has = f"{broken.path} ({who.mode(step)}) is open to the group {group}"
    known = who.membership
    if gid in known.listed or gid == known.primary:
        cause = f"{has}, to which {who.text} belongs by /etc/group, but this process does not have that group"
        joined = _joining(who.target, gid)
        return _told(subject, broken, codes.PERMISSION_GROUP_NOT_IN_EFFECT, cause, joined, group=gid)
    cause = f"{has}, to which {who.text} does not belong (groups {_groups(who.user)})"
    name = passwd.group_name(gid, who.target.files)
    joined = _joining(who.target, gid)
    if _plain(known.name) and _plain(name):
        from probe.remedies import distribution

        alpine = distribution.manager(who.target) == distribution.APK
        command = f"addgroup {known.name} {name}" if alpine else f"usermod -aG {name} {known.name}"
        joined = ways(actions.run(command))
    return _told(subject, broken, codes.PERMISSION_NOT_IN_GROUP, cause, joined, group=gid)


def _joining(target: Target, gid: int) -> Remedies:
    pod = actions.pod(f"securityContext: {{supplementalGroups: [{gid}]}}")
    return places.fitting(target, actions.start(f"docker run --group-add {gid} IMAGE"), pod)


def _plain(name: str) -> bool:
    """Whether it is a name that those commands take."""
    return name[:1].isalpha() and name.isascii() and name.replace("-", "").replace("_", "").isalnum()


def _mask(subject: JudgedPath, broken: Denial) -> Finding:
    step = broken.step
    assert step  # noqa: S101
    entries = acl.parse(step.acl)
    cause = (
        f"the entry {broken.entry} of {broken.path} would let {subject.who.text} in, "
        f"but the mask {acl.letters(acl.mask(entries))} cuts it"
    )
    have = _bits(step, acl.mask(entries) | broken.want)
    wider = _listed(subject, step, f"setfacl -m m::{have} {word(broken.path)}")
    return _told(subject, broken, codes.PERMISSION_ACL_MASK, cause, wider, acl=_lines(step.acl))


def _entry(subject: JudgedPath, broken: Denial) -> Finding:
    step, entry = broken.step, broken.entry
    assert step  # noqa: S101
    assert entry  # noqa: S101
    who = "u" if entry.tag == acl.USER else "g"
    cause = (
        f"the entry {entry} of the access list of {broken.path} decides for {subject.who.text}, "
        "and does not grant enough"
    )
    more = f"{who}:{entry.who}:{_bits(step, entry.bits | broken.want)}"
    grant = _listed(subject, step, f"setfacl -m {more} {word(broken.path)}")
    return _told(subject, broken, codes.PERMISSION_ACL_ENTRY, cause, grant, acl=_lines(step.acl))


def _listed(subject: JudgedPath, step: PathStep, command: str) -> Remedies:
    """*command* on an access list; layers of images keep none, so there the user gets what is root's."""
    owner = None if step.stat.uid else file_actions.chown(subject.who.owner, step.path, below=True)
    return ways(actions.shell(command, path=step.path, built=owner))


def _default(subject: JudgedPath, broken: Denial) -> Finding:
    parent = broken.parent
    assert parent  # noqa: S101
    return no_default(subject, parent, broken.path)


def no_default(subject: JudgedPath, parent: PathStep, child: str) -> Finding:
    """A directory lets the user in by its list, but not to what was made in it since."""
    uid = subject.who.user.uid
    cause = (
        f"{parent.path} lets {subject.who.text} in by its access list, but has no default list for "
        f"what is created in it: {child} is not accessible"
    )
    entry = f"u:{uid}:rwX {word(parent.path)}"
    both = _listed(subject, parent, f"setfacl -R -m {entry} && setfacl -R -d -m {entry}")
    return subject.finding(
        Status.FAIL, codes.PERMISSION_ACL_NO_DEFAULT, cause, both, broken=child, acl=_lines(parent.acl)
    )


def _file(subject: JudgedPath, broken: Denial) -> Finding:
    cause = f"{broken.path} is not a directory but is on the path to {subject.place.path}"
    return _told(subject, broken, codes.PERMISSION_NOT_A_DIRECTORY, cause, _shown(broken))


def _loop(subject: JudgedPath, broken: Denial) -> Finding:
    cause = f"the links on the path to {subject.place.path} form a loop: {broken.path}"
    return _told(subject, broken, codes.PERMISSION_NOT_A_DIRECTORY, cause, _shown(broken))


def _shown(broken: Denial) -> Remedies:
    return ways(actions.look(f"ls -l {word(broken.path)}", broken.path))


def _missing(subject: JudgedPath, broken: Denial) -> Finding:
    path, chain = broken.path, subject.chain
    link = next((step for step in reversed(chain.steps) if step.stat.is_link), None) if chain else None
    through = (
        f": the link {link.path} leads to {link.text}" if link and not path.startswith(link.path) else ""
    )
    cause = f"{path} is not there{through}"
    made = _make(subject, chain) if chain else ()
    if subject.place.name in ("TMPDIR", "GOTMPDIR"):
        made = _fitting(subject, path, file_actions.make_directories([path], mode="1777"))
    elif not subject.place.want & os.W_OK:
        above = os.path.dirname(path)
        made = ways(actions.look(f"ls -ld {word(above)}", above))
    return _told(subject, broken, codes.PERMISSION_MISSING, cause, made)


def _link(subject: JudgedPath, broken: Denial) -> Finding:
    step, parent = broken.step, broken.parent
    assert step  # noqa: S101
    assert parent  # noqa: S101
    cause = (
        f"the link {step.path} belongs to user {step.stat.uid} and is in {parent.path} "
        f"({subject.who.mode(parent)}), where the kernel follows a link for its owner only"
    )
    own = ways(actions.shell(f"chown -h {subject.who.user.uid} {word(step.path)}", path=step.path))
    return _told(subject, broken, codes.PERMISSION_STICKY_LINK, cause, own)


def _kernel(subject: JudgedPath, broken: Denial) -> Finding:
    problem = subject.chain.problem if subject.chain else None
    why = reason(problem) if problem else "permission denied"
    return kernel_refuses(subject, Hindrance(RIGHTS, broken.path, why))


def kernel_refuses(subject: JudgedPath, kept: Hindrance) -> Finding:
    """Modes and lists allow it, the kernel does not."""
    cause = (
        f"the kernel refuses {subject.place.path} ({kept.why}) although owners, modes and access lists "
        "allow it: a security module, an attribute of the file or the server of a network file system"
    )
    shown = word(kept.place)
    look = ways(actions.look(f"lsattr -d {shown}; ls -Zd {shown}; findmnt -T {shown}", kept.place))
    return subject.finding(Status.FAIL, codes.PERMISSION_KERNEL_REFUSES, cause, look, broken=kept.place)


def _told(
    subject: JudgedPath, broken: Denial, code: Code, cause: str, remedies: Remedies, **more: Any
) -> Finding:
    mode = {"broken_mode": subject.who.mode(broken.step)} if broken.step else {}
    return subject.finding(Status.FAIL, code, cause, remedies, broken=broken.path, **mode, **more)


def _class(who: JudgedUser, step: PathStep) -> str:
    """The letter of chmod(1) for the class that decides."""
    if step.stat.uid == who.user.uid:
        return "u"
    return "g" if step.stat.gid in (who.user.gid, *who.user.groups) else "o"


def _verb(want: int, step: PathStep) -> str:
    if want & os.W_OK:
        return "write to"
    if want & os.R_OK:
        return "read"
    return "search" if step.stat.is_dir else "execute"


def _bits(step: PathStep, bits: int) -> str:
    """Permissions as setfacl(1) takes them; whoever uses a directory has to search it."""
    return acl.letters(bits | (1 if step.stat.is_dir else 0))


def _lines(data: bytes) -> list[str]:
    return [str(entry) for entry in acl.parse(data)[:_LISTED]]


def _groups(user: User) -> str:
    return ", ".join(str(gid) for gid in dict.fromkeys((user.gid, *user.groups)))


_TELLERS = {
    "mode": _mode,
    "group": _group,
    "mask": _mask,
    "entry": _entry,
    "default": _default,
    "file": _file,
    "loop": _loop,
    "missing": _missing,
    "link": _link,
    "kernel": _kernel,
}
