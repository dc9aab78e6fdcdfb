"""A view of a target: what nobody changed is as it is in the target, and costs no more than there."""

import gc
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path

import pytest

from probe import targets
from probe.golang.release import NEWEST
from probe.golang.x509 import trust
from probe.remedies import overlay, trial
from probe.remedies.lower_files import LowerFiles
from probe.remedies.overlay import OverlayFiles
from probe.targets import Files, NotRegular, Target, TooLarge, files
from tests.support.pem import mozilla
from tests.support.worlds import DIRECTORY, Content, File, Link, lay, shut

CERTS, SHARE = "/etc/ssl/certs", "/usr/share/ca-certificates/mozilla"
END = b"-----END CERTIFICATE-----\n"
NAMES = ("a", "b", "link", "loop", "out", "gone", "shut", "..", ".", "", "file")


def _world(root: Path) -> Target:
    """Directories, links of each kind, what is closed, and what lies outside."""
    lay(
        root,
        {
            "/a/b/file": b"1",
            "/a/link": Link("../b"),
            "/b/file": b"2",
            "/b/loop": Link("loop"),
            "/b/out": Link("../../../../a"),
            "/link": Link("/a/b"),
            "/shut/file": File(b"3", 0o600),
            "/shut/b": shut(DIRECTORY, 0o711),
            "/out": Link("/gone/../a"),
        },
    )
    return targets.at_root(str(root), {}, user=targets.User(65534, 65534))


def _paths() -> Iterator[str]:
    for depth in (1, 2, 3):
        yield from (f"/{'/'.join(parts)}" for parts in product(NAMES, repeat=depth))


QUESTIONS: tuple[Callable[[Files, str], object], ...] = (
    lambda one, path: one.stat(path),
    lambda one, path: one.stat(path, follow=False),
    lambda one, path: one.readlink(path),
    lambda one, path: one.listdir(path),
    lambda one, path: one.resolve(path),
    files.read,
)


def _asked(ask: Callable[[Files, str], object], tree: Files, path: str) -> object:
    try:
        return ask(tree, path)
    except OSError as problem:
        return problem.errno, problem.filename
    except (NotRegular, TooLarge) as other:
        return str(other)


def test_a_view_without_changes_answers_as_the_target(root: Path) -> None:
    """For each path of up to three names: what stat, readlink, listdir and a read give."""
    target = _world(root)
    view = overlay.over(target)[1]
    for path, ask in product(_paths(), QUESTIONS):
        assert _asked(ask, view, path) == _asked(ask, target.files, path), path


def test_a_change_is_seen_by_a_way_that_was_gone_before(root: Path) -> None:
    """A link that leads elsewhere, a directory closed or removed: the way to it is looked up anew."""
    target = _world(root)
    view = overlay.over(target)[1]
    assert files.read(view, "/link/file") == b"1"
    view.link("/b", "/link")
    assert files.read(view, "/link/file") == b"2"
    view.set_mode("/b", 0o040700)
    with pytest.raises(PermissionError):
        view.stat("/link/file")
    view.set_owner("/b", 65534, 65534)
    assert files.read(view, "/link/file") == b"2"
    view.remove("/link")
    with pytest.raises(FileNotFoundError):
        view.stat("/link/file")


def test_views_of_one_target_share_what_they_have_seen_and_no_change(root: Path) -> None:
    """What a remedy does in one view is not there in the next."""
    target = _world(root)
    lower = LowerFiles(target)
    first, second = (overlay.over(target, lower)[1] for _ in range(2))
    first.put("/a/new", b"x")
    first.remove("/b/file")
    assert first.listdir("/a") == ["b", "link", "new"]
    assert second.listdir("/a") == ["b", "link"]
    assert files.read(second, "/b/file") == b"2"


CHANGES: tuple[Callable[[OverlayFiles], None], ...] = (
    lambda view: view.put("/a/b/file", b"new"),
    lambda view: view.put("/b/new/deep", b"new"),
    lambda view: view.link("/b", "/link"),
    lambda view: view.link("a", "/gone"),
    lambda view: view.remove("/b/file"),
    lambda view: view.remove("/a/link"),
    lambda view: view.move("/b/file", "/a/file"),
    lambda view: view.chmod("/shut/file", 0o444),
    lambda view: view.set_mode("/", 0o040700),
    lambda view: view.set_mode("/a", 0o040600),
    lambda view: view.set_owner("/shut", 65534, 65534),
    lambda view: view.make_directory("/gone", 0o755, 0, 0),
)


def test_what_views_share_is_what_each_would_find_by_itself(root: Path) -> None:
    """After each change: answers of a view beside others equal those of one that shares nothing."""
    target = _world(root)
    lower = LowerFiles(target)
    paths = [path for path in _paths() if path.count("/") < 3 or path.endswith("/file")]
    for number, change in enumerate(CHANGES):
        sharing, alone = overlay.over(target, lower)[1], overlay.over(target)[1]
        for path in paths[number % 3 :: 3]:  # what is found before a change, too
            _asked(files.read, sharing, path)
        change(sharing)
        change(alone)
        for path, ask in product(paths[number % 2 :: 2], QUESTIONS):
            assert _asked(ask, sharing, path) == _asked(ask, alone, path), (path, number)


def _debian(root: Path) -> Target:
    """What update-ca-certificates lays out: a bundle, a link to each certificate, one by its hash to that."""
    certificates = [part + END for part in mozilla().split(END) if part.strip()]
    world: dict[str, Content] = {f"{CERTS}/ca-certificates.crt": b"".join(certificates)}
    for number, data in enumerate(certificates):
        world[f"{SHARE}/{number}.crt"] = data
        world[f"{CERTS}/{number}.pem"] = Link(f"{SHARE}/{number}.crt")
        world[f"{CERTS}/{number:08x}.0"] = Link(f"{number}.pem")
    lay(root, world)
    return targets.at_root(str(root), {})


def _cost(ask: Callable[[], object]) -> float:
    begin = time.thread_time()
    ask()
    return time.thread_time() - begin


def test_a_trial_costs_little_more_than_to_load_the_roots(root: Path) -> None:
    """Hundreds of entries of which none was changed, read by a view and from the tree itself."""
    target = _debian(root)
    loaded = trust.load(target, NEWEST)
    assert len(loaded.roots) > 100

    def on_a_view() -> None:
        view = overlay.over(target, LowerFiles(target, trial.allowed()))[0]
        assert len(trust.load(view, NEWEST, loaded.roots).roots) == len(loaded.roots)

    rounds = [(_cost(on_a_view), _cost(lambda: trust.load(target, NEWEST))) for _ in range(7)]
    assert min(view for view, _ in rounds) < 1.5 * min(tree for _, tree in rounds), rounds


def test_a_second_trial_costs_less_than_the_first_and_finds_as_much(root: Path) -> None:
    """Of what no remedy touched nothing is asked again: the roots are those that a view of its own gives."""
    target = _debian(root)
    loaded = trust.load(target, NEWEST)
    changes: tuple[Callable[[OverlayFiles], None], ...] = (
        lambda view: view.put(f"{CERTS}/ca-certificates.crt", b""),
        lambda view: view.remove(f"{CERTS}/7.pem"),
        lambda view: view.set_mode(f"{SHARE}/9.crt", 0),
        lambda view: view.set_mode(SHARE, 0o040700),
        lambda view: view.link(f"{SHARE}/1.crt", f"{CERTS}/0.pem"),
        lambda view: view.put(f"{SHARE}/3.crt", b"x"),
    )
    target = target._replace(user=targets.User(65534, 65534))
    lower = LowerFiles(target)
    costs: list[tuple[float, float]] = []
    for change in (changes[0], *changes):
        (sharing, shared), (alone, own) = overlay.over(target, lower), overlay.over(target)
        change(shared)
        change(own)
        found: list[object] = []

        def load(view: Target, found: list[object] = found) -> None:
            found.append(trust.load(view, NEWEST, loaded.roots))

        costs.append((_cost(partial(load, alone)), _cost(partial(load, sharing))))
        assert found[0] == found[1]
    assert min(later for _, later in costs[1:]) < 0.8 * min(alone for alone, _ in costs), costs


def test_descriptors_are_given_back(root: Path) -> None:
    """Of the directories that stay open while a view is asked none is open after it."""
    target = _debian(root)
    gc.collect()  # what other tests have left
    before = os.listdir("/proc/self/fd")
    trust.load(overlay.over(target)[0], NEWEST)
    gc.collect()
    assert os.listdir("/proc/self/fd") == before
