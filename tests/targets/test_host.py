"""Our own files: the kernel resolves and judges, and nothing blocks us."""

import errno
import os
import socket
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from probe.targets import NotRegular, TooLarge, files, ourselves
from probe.targets.host_fs import HostFiles
from tests.support.commands import clean_environment


def failure(action: Callable[..., object], *args: object) -> str:
    with pytest.raises(OSError) as caught:
        action(*args)
    return errno.errorcode[caught.value.errno or 0]


def test_ourselves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Environment, directory, user and mounts are those that we have."""
    monkeypatch.setenv("TZ", "Mars/Olympus")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").write_bytes(b"content")
    target = ourselves()
    assert target.env["TZ"] == "Mars/Olympus"
    assert target.read("here") == b"content"
    assert target.user.uid == os.geteuid()
    over = target.mount_over("/proc")
    assert over is not None
    assert over.kind == "proc"
    assert target.mount_over("/proc/none") is None
    assert target.processes is not None


def test_directory_that_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Started in a directory that was removed, we look from the root."""
    doomed = tmp_path / "doomed"
    doomed.mkdir()
    monkeypatch.chdir(doomed)
    doomed.rmdir()
    assert ourselves().cwd == "/"


def test_what_is_not_a_regular_file(tmp_path: Path) -> None:
    """A FIFO or device is named, a directory or socket has its errno, and none is waited for."""
    os.mkfifo(tmp_path / "fifo")
    host = HostFiles()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        assert failure(host.open, f"{tmp_path}/socket") == "ENXIO"
    assert failure(host.open, str(tmp_path)) == "EISDIR"
    assert failure(host.listdir, f"{tmp_path}/fifo") == "ENOTDIR"
    for path, kind in ((f"{tmp_path}/fifo", "FIFO"), ("/dev/zero", "character device")):
        with pytest.raises(NotRegular, match=kind):
            host.open(path)
    assert files.read(host, "/dev/null") == b""


def test_names_that_cannot_be(tmp_path: Path) -> None:
    """A NUL is EINVAL, as in Go; too long a path has its errno, whichever the question."""
    host = HostFiles()
    for action in (host.open, host.stat, host.readlink, host.listdir, host.resolve):
        assert failure(action, "/a\0b") == "EINVAL"
        assert failure(action, "/x" * 3000) == "ENAMETOOLONG"
        assert failure(action, "") == "ENOENT"
    assert failure(host.access, "/a\0b", os.R_OK) == "EINVAL"


def test_order_is_that_of_bytes(tmp_path: Path) -> None:
    """As Go's os.ReadDir sorts: by bytes, not by characters."""
    names = ["B", "a", "é", os.fsdecode(b"\xff"), "\U0001f600", "\uffee"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
    assert HostFiles().listdir(str(tmp_path)) == sorted(names, key=os.fsencode)


def test_directory_of_too_many_names(tmp_path: Path) -> None:
    """More names than any bundle directory has are refused by count."""
    for number in range(11):
        (tmp_path / str(number)).write_bytes(b"")
    directory = os.open(tmp_path, os.O_RDONLY)
    try:
        assert len(files.names(directory, "/dir", 11)) == 11
        with pytest.raises(TooLarge, match="/dir holds more than 10 names"):
            files.names(directory, "/dir", 10)
    finally:
        os.close(directory)


def test_texts_of_links_are_not_all_kept(tmp_path: Path) -> None:
    """Where links are as long as they may be, each is to be read when it is asked for."""
    target = f"/{'x' * 199}" * 20
    for number in range(2000):
        (tmp_path / f"{number:04}").symlink_to(target)
    own = HostFiles()
    tracemalloc.start()
    names, texts = own.scan(str(tmp_path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (names, texts) == (sorted(os.listdir(tmp_path)), None)
    assert peak < 4 << 20, peak  # and 8 MB with all of them
    for number in range(1, 2000):
        (tmp_path / f"{number:04}").unlink()
    assert own.scan(str(tmp_path)) == (["0000"], {"0000": target})


def test_links_that_cannot_be_read_from_their_directory_are_left_to_be_asked_for(tmp_path: Path) -> None:
    """Where a profile refuses readlinkat(2) the names are there, and each link is read by its path."""
    (tmp_path / "link").symlink_to("elsewhere")
    code = f"from probe.targets.host_fs import HostFiles; print(HostFiles().scan({str(tmp_path)!r}))"
    command = [sys.executable, "tests/support/refused.py", "readlinkat=EPERM", sys.executable, "-c", code]
    env = {**clean_environment(), "PYTHONPATH": os.pathsep.join([*sys.path, os.getcwd()])}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30)
    assert done.stdout == "(['link'], None)\n", done.stderr


def test_access_tells_why(tmp_path: Path) -> None:
    """Missing, looping and refused are told apart."""
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").write_bytes(b"")
    host = HostFiles()
    host.access(f"{tmp_path}/file", os.R_OK)
    assert failure(host.access, f"{tmp_path}/file", os.X_OK) == "EACCES"
    assert failure(host.access, f"{tmp_path}/none", os.R_OK) == "ENOENT"
    assert failure(host.access, f"{tmp_path}/loop", os.R_OK) == "ELOOP"


def test_fifo_that_takes_a_files_place_does_not_hang_us(tmp_path: Path) -> None:
    """Swapped all the time between a file and a FIFO, the path never blocks a read."""
    path = tmp_path / "path"
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            os.mkfifo(tmp_path / "fifo")
            os.rename(tmp_path / "fifo", path)
            (tmp_path / "file").write_bytes(b"x")
            os.rename(tmp_path / "file", path)

    path.write_bytes(b"x")
    thread = threading.Thread(target=swap)
    thread.start()
    seen: set[object] = set()
    try:
        for _ in range(2000):
            try:
                seen.add(files.read(HostFiles(), str(path)))
            except NotRegular as problem:
                seen.add(problem.kind)
    finally:
        stop.set()
        thread.join()
    assert seen <= {b"x", "FIFO"}


def test_a_file_that_would_make_us_wait_is_an_error(tmp_path: Path) -> None:
    """A regular file of /proc may have nothing to say yet: EAGAIN, never an empty answer."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    with files.Reader(read, "/proc/kmsg") as stream:
        assert failure(stream.read, 1) == "EAGAIN"
        os.write(write, b"x")
        assert stream.read(1) == b"x"
    os.close(write)


def test_reading_at_once_gives_what_reading_in_pieces_gives(tmp_path: Path) -> None:
    """Ordinary files at once; empty, growing and special ones, and those of /proc, the other way."""
    (tmp_path / "plain").write_bytes(b"x" * 5000)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "link").symlink_to("plain")
    os.mkfifo(tmp_path / "fifo")
    host = HostFiles()
    sizes = {"plain": 5000, "link": 5000, "empty": None, "fifo": None}
    assert {name: host.content(str(tmp_path / name), 6000) for name in sizes} == {
        name: size and b"x" * size for name, size in sizes.items()
    }
    assert host.content("/proc/self/status", 6000) is None
    assert host.content("/dev/null", 6000) is None
    assert host.content(str(tmp_path / "plain"), 4999) is None
    with pytest.raises(TooLarge):
        files.read(host, str(tmp_path / "plain"), 4999)
    assert files.read(host, str(tmp_path / "plain"), 5000) == b"x" * 5000
    assert files.read(host, "/proc/self/status").startswith(b"Name:")
    for missing in ("none", "plain/none"):
        assert failure(host.content, str(tmp_path / missing), 9) == failure(
            host.open, str(tmp_path / missing)
        )
