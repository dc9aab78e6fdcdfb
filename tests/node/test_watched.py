"""A tree is unchanged only when nothing that was looked at has changed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from probe.node.watched import WatchedFiles, unchanged
from probe.targets import files

Change = Callable[[Path], object]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("etc/ssl/certs/a.pem", "etc/ssl/certs/b.pem", "usr/share/zone/Zurich", "other/file"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "etc/localtime").symlink_to("/usr/share/zone/Zurich")
    (tmp_path / "etc/relative").symlink_to("ssl/certs/a.pem")
    return tmp_path


def look(root: Path) -> WatchedFiles:
    """What a verdict might read: files through links, a listing, and what is missing."""
    seen = WatchedFiles(str(root))
    for path in ("/etc/localtime", "/etc/relative", "/etc/ssl/certs/b.pem"):
        files.read(seen, path)
    seen.listdir("/etc/ssl/certs")
    for path in ("/etc/ssl/cert.pem", "/etc/pki/tls/certs", "/usr/local/go/lib"):
        with pytest.raises(FileNotFoundError):
            seen.stat(path)
    return seen


def rewrite(path: Path) -> None:
    before = path.stat()
    path.write_text(path.read_text().upper())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def relink(path: Path, to: str) -> None:
    path.rename(path.with_name("tls"))
    path.symlink_to(to)


CHANGES: dict[str, Change] = {
    "a file behind an absolute link": lambda root: rewrite(root / "usr/share/zone/Zurich"),
    "a file behind a relative link": lambda root: rewrite(root / "etc/ssl/certs/a.pem"),
    "a file that is replaced": lambda root: os.replace(root / "other/file", root / "etc/ssl/certs/b.pem"),
    "a file that goes": lambda root: (root / "etc/ssl/certs/b.pem").unlink(),
    "a file that comes into a listing": lambda root: (root / "etc/ssl/certs/c.pem").write_text("c"),
    "a file that was missing": lambda root: (root / "etc/ssl/cert.pem").write_text("c"),
    "a directory on the way to what was missing": lambda root: (root / "etc/pki").mkdir(),
    "another link": lambda root: relink(root / "etc/localtime", "/other/file"),
    "the mode of a file": lambda root: (root / "etc/ssl/certs/b.pem").chmod(0o600),
    "the mode of a directory": lambda root: (root / "usr/share").chmod(0o700),
    "a directory that becomes a link": lambda root: relink(root / "etc/ssl", "tls"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_what_was_looked_at_is_seen(what: str, tree: Path) -> None:
    """Whatever keeps size and time: the time of the change cannot be set."""
    seen = look(tree).seen
    assert unchanged(str(tree), seen)
    CHANGES[what](tree)
    assert not unchanged(str(tree), seen)


def test_what_was_not_looked_at_may_change(tree: Path) -> None:
    """Another file, and another entry of a directory that was not listed."""
    seen = look(tree).seen
    (tree / "other/file").write_text("new")
    (tree / "etc/hosts").write_text("new")
    (tree / "usr/share/zone/Paris").write_text("new")
    assert unchanged(str(tree), seen)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: other users")
def test_the_owner_counts(tree: Path) -> None:
    """Who may read a file depends on it."""
    seen = look(tree).seen
    os.chown(tree / "etc/ssl/certs/b.pem", 65532, 65532)
    assert not unchanged(str(tree), seen)
