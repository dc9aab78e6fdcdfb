"""What a trial can say, and what it leaves open."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from probe import codes, targets
from probe.checks.ca_bundle import CaBundle, roots
from probe.deadline import Deadline
from probe.golang.release import NEWEST
from probe.golang.x509 import trust
from probe.remedies import actions, file_actions, trial
from probe.remedies.lower_files import Allowance
from probe.report import Finding, Status
from probe.targets import Mount, Target, User
from tests.remedies import bases
from tests.remedies.scenes import CORP
from tests.support.pem import mozilla
from tests.support.worlds import Content, File, Link, lay

TOOLS = {f"/bin/{name}": b"" for name in ("sh", "chmod", "rm")}
_SOMEBODY = 65534


def test_what_this_process_may_not_read_is_not_called_useless(root: Path) -> None:
    """As another user than root: what chmod would open stays closed to us, and is advised all the same."""
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    lay(root, {**TOOLS, bundle: File(mozilla(), 0)})
    for path in (root, *root.parents[:-1]) if os.getuid() == 0 else ():
        path.chmod(path.stat().st_mode | 0o011)
    target = targets.at_root(str(root), {}, user=User(_SOMEBODY, _SOMEBODY))

    def tried() -> list[tuple[str, bool]]:
        loaded = trust.load(target, NEWEST)
        (finding,) = roots.proven(CaBundle(), target, NEWEST, loaded, time.time())
        return [(way.text, way.tried) for way in finding.remedies]

    if os.getuid() == 0:
        assert tried() == [(f"RUN chmod a+r {bundle}", True)]
        os.seteuid(_SOMEBODY)
    try:
        assert tried() == [(f"RUN chmod a+r {bundle}", False)]
    finally:
        os.seteuid(os.getuid())


def _judge(target: Target) -> list[Finding]:
    """A finding for /srv/a that cannot be read by everybody."""
    if target.stat("/srv/a").mode & 0o4:
        return []
    ways = actions.ways(file_actions.chmod("u+r", "/srv/a"), file_actions.chmod("a+r", "/srv/a"))
    return [Finding(Status.FAIL, codes.PERMISSION_MODE, "/srv/a", "closed", ways)]


def test_what_would_not_help_is_left_out(root: Path) -> None:
    """Of two ways the one that leaves the finding as it is goes; the other is told as tried."""
    lay(root, {**TOOLS, "/srv/a": File(b"x", 0o600)})
    target = targets.at_root(str(root), {})
    (finding,) = trial.of_check(_judge(target), target, _judge)
    assert [(way.text, way.tried) for way in finding.remedies] == [("RUN chmod a+r /srv/a", True)]


def test_of_a_large_program_only_what_is_read_counts(root: Path) -> None:
    """Sixty-four megabytes of which a check reads the head: the remedy is tried as for a small one."""
    lay(root, {**TOOLS, "/srv/a": File(b"x", 0o600)})
    os.truncate(root / "srv/a", 64 << 20)
    target = targets.at_root(str(root), {})

    def judge(changed: Target) -> list[Finding]:
        with changed.open("/srv/a") as stream:
            stream.seek(1 << 20)
            assert stream.read(512) == bytes(512)
        return _judge(changed)

    (finding,) = trial.of_check(judge(target), target, judge)
    assert [(way.text, way.tried) for way in finding.remedies] == [("RUN chmod a+r /srv/a", True)]


def test_an_image_without_programs_gets_its_owner_by_copy(root: Path) -> None:
    """No RUN where there is no shell: COPY gives a directory its owner."""
    lay(root, {"/srv/a": File(b"x", 0o600)})
    ways = actions.ways(file_actions.make_directories(["/srv/new"], owner="1000", group="1000"))
    (way,) = trial.feasible(ways, targets.at_root(str(root), {}))
    assert way.text == "COPY --chown=1000:1000 --chmod=755 new /srv/new"


def test_a_trial_takes_little_time(root: Path) -> None:
    """Thirty milliseconds of our own a finding, however many ways there are."""
    lay(root, {**TOOLS, "/srv/a": File(b"x", 0o600)})
    target = targets.at_root(str(root), {})
    many = actions.ways(*(file_actions.chmod("u+r", "/srv/a") for _ in range(40)))

    def slow(changed: Target) -> list[Finding]:
        until = time.thread_time() + 0.005
        while time.thread_time() < until:
            pass
        return _judge(changed)

    found = [finding._replace(remedies=many) for finding in _judge(target)]
    begin = time.thread_time()
    trial.proven(found, target, slow)
    assert time.thread_time() - begin < 4 * trial.LIMIT_S


def test_the_first_trial_is_given_up_too(root: Path) -> None:
    """As on a slow core, where one alone would take 0.4 s: after twice the limit it is told untried."""
    lay(root, {**TOOLS, "/srv/a": File(b"x", 0o600)})
    target = targets.at_root(str(root), {})

    def slow(changed: Target) -> list[Finding]:
        for _ in range(800):
            until = time.thread_time() + 0.0005
            while time.thread_time() < until:
                pass
            changed.stat("/srv/a")
        return _judge(changed)

    found = _judge(target)
    begin = time.thread_time()
    (finding,) = trial.proven(found, target, slow)
    assert time.thread_time() - begin < 4 * trial.LIMIT_S
    assert [way.tried for way in finding.remedies] == [False, False]


@pytest.mark.root
@pytest.mark.sweep
def test_of_a_real_root_no_trial_takes_much_more_than_it_may() -> None:
    """Debian's 288 entries, on cores 4 to 30 times slower: what one costs here, given a part of it."""
    with bases.debian() as tree:
        (tree / "etc/ssl/certs/ca-certificates.crt").write_bytes(b"<html>")
        target = targets.at_root(str(tree), {})
        loaded = trust.load(target, NEWEST)
        found = list(roots.findings(CaBundle(), target, NEWEST, loaded, time.time()))

        def ask(changed: Target) -> list[Finding]:
            after = trust.load(changed, NEWEST, loaded.roots)
            return list(roots.findings(CaBundle(), changed, NEWEST, after, time.time()))

        def spent(each_s: float) -> float:
            begin = time.thread_time()
            trial.proven(found, target, ask, allowance=Allowance(9, 60, 32 << 20, each_s))
            return time.thread_time() - begin

        spent(9)  # what it imports
        whole = min(spent(9) for _ in range(3))
        over = {share: min(spent(whole / share) for _ in range(3)) / whole for share in (4, 8, 30)}
    print(f"\nall trials: {whole * 1000:.1f} ms; of what they were given: {over}")
    assert all(took < 2 / share + 0.3 for share, took in over.items()), over


def test_whether_it_can_be_done_is_asked_no_longer_than_it_is_tried(root: Path) -> None:
    """Ten thousand mounts and two hundred ways: the best are told, of the rest nothing is asked."""
    lay(root, {**TOOLS, "/srv/a": File(b"x", 0o600)})
    mounts = tuple(Mount(f"/vol/{number}", "tmpfs", "tmpfs", "/", True, ("ro",)) for number in range(MANY))
    target = targets.at_root(str(root), {})._replace(mounts=mounts)
    many = actions.ways(*(file_actions.chmod("u+r", f"/srv/{number}") for number in range(200)))
    begin = time.thread_time()
    told = trial.feasible(many, target)
    assert time.thread_time() - begin < 4 * trial.LIMIT_S
    assert told
    assert tuple(told) == many[: len(told)]


def test_a_command_beside_a_tree_changes_nothing_outside_of_it(root: Path) -> None:
    """Pasted on the machine that holds the tree, a path of the container would be the machine's own."""
    target = targets.at_root(str(root), {})
    file, aside = "/root/.config/go/env", "/etc/ssl/a b.old"
    for action, command in (
        (file_actions.delete_setting("GOPROXY", file), f"sed -i '/^GOPROXY=/d' {root}{file}"),
        (file_actions.unset_setting("GOPROXY", file), f"GOENV={root}{file} go env -u GOPROXY"),
        (
            file_actions.write_setting("GOPROXY", "off", file),
            f"GOENV={root}{file} go env -w GOPROXY=off",
        ),
        (
            file_actions.in_container(file_actions.move("/etc/ssl/certs/a b", aside)),
            f"mv '{root}/etc/ssl/certs/a b' '{root}{aside}'",
        ),
        (
            file_actions.in_container(file_actions.move(file, f"{file}.old")),
            f"mv {root}{file} {root}{file}.old",
        ),
        (file_actions.move("/etc/x/y.crt", "/etc/y.old"), f"mv {root}/etc/x/y.crt {root}/etc/y.old"),
    ):
        (told,) = trial.feasible(actions.ways(action), target)
        assert told.text == command


def test_in_the_container_a_command_names_the_path_there(root: Path) -> None:
    """Of an image or a process there is no tree on this machine: the command is for a shell inside."""
    lay(root, {**TOOLS, "/bin/go": b""})
    target = targets.at_root(str(root), {})._replace(directory="")
    way = actions.ways(file_actions.unset_setting("GOPROXY", "/root/.config/go/env"))
    assert [one.text for one in trial.feasible(way, target)] == ["go env -u GOPROXY"]


MANY = 10_000
PUBLIC = CORP.pem.encode()
HOSTILE: Mapping[str, Mapping[str, Content]] = {
    "entries": {f"/etc/ssl/certs/{number}.pem": PUBLIC for number in range(MANY)},
    "links": {f"/etc/ssl/certs/{number}.pem": Link(f"{number + 1}.pem") for number in range(MANY)},
    "blocks": {"/etc/ssl/certs/all.pem": PUBLIC * MANY},
}


@pytest.mark.parametrize(
    "kind", ["entries", *(pytest.param(kind, marks=pytest.mark.sweep) for kind in ("links", "blocks"))]
)
def test_a_hostile_tree_costs_a_trial_no_more_than_it_may(root: Path, kind: str) -> None:
    """Ten thousand entries, links or blocks, and as many mounts: what is being tried is given up in time."""
    lay(root, {**TOOLS, **HOSTILE[kind]})
    mounts = tuple(Mount(f"/vol/{number}", "tmpfs", "tmpfs", "/", True, ("ro",)) for number in range(MANY))
    target = targets.at_root(str(root), {"SSL_CERT_FILE": "/gone"})._replace(mounts=mounts)
    loaded = trust.load(target, NEWEST)
    found = list(roots.findings(CaBundle(), target, NEWEST, loaded, time.time()))
    begin = time.thread_time()
    told = list(roots.proven(CaBundle(), target, NEWEST, loaded, time.time(), Deadline(5)))
    alone = time.thread_time()
    list(roots.findings(CaBundle(), target, NEWEST, loaded, time.time()))
    spent = alone - begin - (time.thread_time() - alone)
    assert spent < 2 * trial.TOTAL_S, spent
    assert [one.code for one in told] == [one.code for one in found]
    assert all(one.remedies for one in told if one.status.severity >= Status.WARN.severity)


def test_a_trial_ends_with_the_time_of_the_run(root: Path) -> None:
    """With none left nothing is tried, and what was found is told all the same."""
    lay(root, {**TOOLS, "/srv/a": File(b"x", 0o600)})
    target = targets.at_root(str(root), {})
    (finding,) = trial.of_check(_judge(target), target, _judge, Deadline(0))
    assert [(way.text, way.tried) for way in finding.remedies][1] == ("RUN chmod a+r /srv/a", False)


def test_an_image_of_alpine_stays_one(root: Path) -> None:
    """Another release of Go comes with the same distribution, whose commands stand below FROM."""
    lay(root, {"/etc/os-release": b"ID=alpine\n", "/etc/alpine-release": b"3.22.1\n"})
    target = targets.at_root(str(root), {})
    for image, told in (
        ("golang:1.28", "FROM golang:1.28-alpine"),
        ("golang:1.28 AS build", "FROM golang:1.28 AS build"),
        ("golang:1.28-rc", "FROM golang:1.28-rc"),
        ("debian:13", "FROM debian:13"),
    ):
        (way,) = trial.feasible(actions.ways(actions.from_image(image)), target)
        assert way.text == told
