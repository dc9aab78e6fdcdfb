"""Each place that is asked for: the way to it, what lies around its end, and where asked for a trial."""

from __future__ import annotations

import errno
import os

from probe import codes
from probe.checks.permissions import filesystem, findings
from probe.checks.permissions.findings import JudgedPath, JudgedUser
from probe.errors import TargetError, reason
from probe.golang.command import directories
from probe.golang.command.directories import Place
from probe.lightweight import Iterator
from probe.remedies import actions, process_limits
from probe.remedies.actions import ways
from probe.remedies.quoting import word
from probe.report import Finding, Status
from probe.targets import credentials, passwd, path_steps, writing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.base import Run
    from probe.checks.permissions import Permissions as Wanted
    from probe.targets import Target
    from probe.targets.credentials import Credentials
    from probe.targets.path_steps import PathSteps


_IN_CONTAINER = actions.start("kubectl exec POD -- /opt/probe/bin/probe check")


def look(target: Target, run: Run, wanted: Wanted) -> Iterator[Finding]:
    """What the check has to say: for each place the first link that breaks, or that none does."""
    try:
        rights = credentials.of(target)
        member = passwd.membership(rights.user.uid, target.files)
    except (OSError, TargetError) as problem:
        yield _unknown("the user", f"the rights of {target.name} cannot be read: {_words(problem)}")
        return
    who = JudgedUser(rights.user, member, target)
    failed: set[str] = set()
    for place in _places(target, run, wanted):
        if place.name in failed:
            continue  # the first link is named; what else of GOROOT lies behind it is no news
        run.phase(f"following the path to {place.path}")
        try:
            for finding in _place(target, run, wanted, JudgedPath(place, who), rights):
                failed |= {place.name} if finding.status is Status.FAIL else set()
                yield finding
        except (OSError, TargetError) as problem:
            yield _unknown(place.name, f"{place.path} cannot be judged: {_words(problem)}")


def _places(target: Target, run: Run, wanted: Wanted) -> Iterator[Place]:
    reading, writing = os.R_OK, os.W_OK
    names = tuple(name for name in (*wanted.execute, *wanted.write) if not name.startswith("/"))
    if names:
        facts = run.facts
        yield from directories.places(
            target, facts.toolchain(), facts.go(), facts.environment().settings, names
        )
    for paths, want in ((wanted.execute, reading | os.X_OK), (wanted.write, writing), (wanted.read, reading)):
        for path in paths:
            if path.startswith("/"):
                yield Place(path, path, want, runs=bool(want & os.X_OK), only=True)


def _place(
    target: Target, run: Run, wanted: Wanted, subject: JudgedPath, rights: Credentials
) -> Iterator[Finding]:
    place = subject.place
    if not place.path.startswith("/"):
        yield _nowhere(subject)
        return
    way = path_steps.follow(target, place.path)
    end = way.end.stat
    want = place.want | (os.X_OK if end.is_dir else 0)
    subject = subject._replace(chain=way, place=place._replace(want=want))
    made = place.made and not path_steps.dangling(target, way)
    kept = writing.hindrance(target, way, rights.user, want, made=made)
    if rights.foreign and (rights.user.override or rights.user.read_all):
        yield _foreign(subject)
    elif kept and kept.kind != writing.MOUNT:
        broken = kept.denial
        yield findings.refuse(subject, broken) if broken else findings.kernel_refuses(subject, kept)
    else:
        yield from _around(target, run, wanted, subject, way, rights)


def _around(
    target: Target, run: Run, wanted: Wanted, subject: JudgedPath, way: PathSteps, rights: Credentials
) -> Iterator[Finding]:
    """The rights are there; what else may be in the way?"""
    found: list[Finding] = []
    space = target.files.space(way.end.path)
    writes = bool(subject.place.want & os.W_OK)
    if space:
        found += filesystem.of_mount(target, subject, way, space)
    if space and writes and not found:
        found += filter(None, [filesystem.of_room(subject, way, space, rights, wanted.min_free_mb)])
    if lost := filesystem.of_children(target, subject, way):
        found.append(lost)
    if writes and not found:
        found += filter(None, [filesystem.of_umask(subject, way, rights)])
    if writes and wanted.touch and all(finding.status is not Status.FAIL for finding in found):
        found += filter(None, [_touch(target, run, subject, way)])
    yield from found
    if all(finding.status is Status.WARN for finding in found):
        yield _fine(subject, way, known=space is not None)


def _touch(target: Target, run: Run, subject: JudgedPath, way: PathSteps) -> Finding | None:
    from probe.targets.write_test import touch

    path = way.end.path
    if not way.end.stat.is_dir:
        return None
    if not target.processes:
        cause = f"touch writes to this container only; nothing was created in {path} of {target.name}"
        there = ways(actions.setting("permissions.touch", "false"), _IN_CONTAINER)
        return subject.finding(Status.UNKNOWN, codes.PERMISSION_TOUCH_ELSEWHERE, cause, there)
    run.phase(f"creating a file in {path}")
    try:
        touch(path, run.deadline)
    except OSError as problem:
        cause = f"no file can be created in {path}: {reason(problem)}"
        if problem.errno == errno.EFBIG:  # RLIMIT_FSIZE, in write(2): a few bytes are no large file
            cause = f"no file can be created in {path}: the size of files is limited (ulimit -f)"
            help_ = process_limits.raised("f", "unlimited")
        else:
            help_ = ways(actions.look(f"findmnt -T {word(path)}; df -h {word(path)}; quota -s", path))
        return subject.finding(Status.FAIL, codes.PERMISSION_TOUCH_FAILED, cause, help_)
    return None


def _fine(subject: JudgedPath, way: PathSteps, *, known: bool) -> Finding:
    place, who = subject.place, subject.who
    can = "write to" if place.want & os.W_OK else "execute" if place.runs else "read"
    cause = f"{who.text} may {can} {place.path}"
    if way.problem:
        cause = f"{place.path} does not exist yet; {who.text} may create it in {way.end.path}"
    if not known:
        cause += ", as far as the archive shows: mounts and free space are those of its container"
    return subject.finding(Status.PASS, codes.PERMISSION_OK, cause)


def _nowhere(subject: JudgedPath) -> Finding:
    place = subject.place
    if place.name == "GOROOT":
        cause = "there is no Go toolchain here whose GOROOT could be checked"
        without = ways(actions.probe("probe check --set 'permissions.execute=[]'"))
        return subject.finding(Status.UNKNOWN, codes.PERMISSION_UNKNOWN, cause, without)
    if place.path:
        cause = f"{place.name}={place.path} is not an absolute path, and the go command refuses it"
    else:
        cause = f"{place.name} has no value: neither the variable nor HOME is set, so go build fails"
    where = {"GOCACHE": "/tmp/go-build", "GOBIN": "/usr/local/bin"}.get(place.name, "/go")  # noqa: S108
    named = ways(actions.set_env(place.name, where))
    return subject.finding(Status.FAIL, codes.PERMISSION_NO_PLACE, cause, named)


def _foreign(subject: JudgedPath) -> Finding:
    cause = (
        f"whether {subject.who.text} may use {subject.place.path} cannot be judged from outside: its "
        "capabilities count only in its own user namespace"
    )
    return subject.finding(Status.UNKNOWN, codes.PERMISSION_UNKNOWN, cause, ways(_IN_CONTAINER))


def _unknown(subject: str, why: str) -> Finding:
    return Finding(Status.UNKNOWN, codes.PERMISSION_UNKNOWN, subject, why, ways(_IN_CONTAINER))


def _words(problem: Exception) -> str:
    text = problem.strerror if isinstance(problem, OSError) else None
    return (text or str(problem)).lower()
