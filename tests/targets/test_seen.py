"""A tree that was seen once: the same answers and errors as the tree itself, and the first ones for good."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import pytest

from probe import targets
from probe.lightweight import Memo
from probe.targets import NotRegular, TooLarge
from probe.targets.seen import SeenFiles

PATHS = ("/a", "/d", "/d/b", "/link", "/loop", "/out", "/gone", "/a/b", "/fifo", "/", "/d/..", "/\0")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "d").mkdir()
    (tmp_path / "a").write_bytes(b"first")
    (tmp_path / "d/b").write_bytes(b"second")
    for name, text in {"link": "d/b", "loop": "loop", "out": "/../../etc/passwd"}.items():
        (tmp_path / name).symlink_to(text)
    os.mkfifo(tmp_path / "fifo")
    return tmp_path


def answer(files: Any, method: str, *given: Any) -> object:
    try:
        if method == "read":
            return targets.files.read(files, *given)
        return getattr(files, method)(*given)
    except (OSError, NotRegular, TooLarge, ValueError) as problem:
        return type(problem), str(problem)


@pytest.mark.parametrize("path", PATHS)
def test_it_answers_as_the_tree_does(tree: Path, path: str) -> None:
    """Twice, so that what is remembered is compared too."""
    for files in (targets.at_root(str(tree), {}).files, targets.ourselves().files):
        seen = SeenFiles(files)
        asked: list[tuple[Any, ...]] = [
            *((name, path) for name in ("stat", "readlink", "listdir", "resolve", "read", "space")),
            ("access", path, os.R_OK),
            ("acl", path, "access"),
            ("read", path, 3),
        ]
        for _ in range(2):
            for method, *given in asked:
                if method == "space" or (method == "listdir" and path == "/d/.."):
                    continue  # changes while we look
                assert answer(seen, method, *given) == answer(files, method, *given), (method, given)


def test_what_was_seen_stays_so(tree: Path) -> None:
    """Content, absence and names are those of the first look."""
    seen = SeenFiles(targets.at_root(str(tree), {}).files)
    before = [
        answer(seen, "read", "/a"),
        answer(seen, "stat", "/gone"),
        answer(seen, "listdir", "/"),
    ]
    (tree / "a").write_bytes(b"other")
    (tree / "gone").touch()
    assert [
        answer(seen, "read", "/a"),
        answer(seen, "stat", "/gone"),
        answer(seen, "listdir", "/"),
    ] == before


def test_a_large_file_is_not_kept(tree: Path) -> None:
    (tree / "large").write_bytes(bytes(5 << 20))
    seen = SeenFiles(targets.at_root(str(tree), {}).files)
    assert answer(seen, "read", "/large") == bytes(5 << 20)
    (tree / "large").write_bytes(b"small")
    assert answer(seen, "read", "/large") == b"small"


def test_threads_that_ask_at_once_share_one_answer() -> None:
    """Whoever comes while the first is still being told waits for what that one hears, a failure too."""
    known, asked, inside = Memo(), [], threading.Event()

    def find() -> NoReturn:
        asked.append(1)
        inside.set()
        time.sleep(0.05)
        raise OSError(len(asked), "told once")

    def ask() -> BaseException | None:
        try:
            known.get("key", find)
        except OSError as problem:
            return problem
        return None

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(ask)
        assert inside.wait(10)
        others = [threads.submit(ask) for _ in range(2)]
        told = {id(one.result(10)) for one in (first, *others)}
    assert len(asked) == len(told) == 1


def test_a_failure_that_is_kept_holds_no_frame_of_those_who_asked() -> None:
    """It tells where it came from, and its traceback is as long after a hundred askers as after the first."""
    known = Memo()

    def fails() -> None:
        raise ValueError("here")

    told = []
    for _ in range(100):
        with pytest.raises(ValueError, match="here") as caught:
            known.get("key", fails)
        told.append([one.name for one in caught.traceback])
    assert told[0][-1] == "fails"
    assert told[-1] == told[1]
