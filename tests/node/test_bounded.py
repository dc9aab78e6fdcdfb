"""Whatever one item does, the others are worked on."""

import os
import subprocess
import sys
import threading
import time

import pytest

from probe.node.bounded import LOST, TIMED_OUT, each
from tests.support.leftovers import children_of


def test_each_item_has_its_answer_in_order() -> None:
    """One child serves all."""
    done = list(each(lambda item: (item * item, os.getpid()), [1, 2, 3], 5.0))
    assert [(item, answer[0], problem) for item, answer, problem in done] == [
        (1, 1, ""),
        (2, 4, ""),
        (3, 9, ""),
    ]
    assert len({answer[1] for _, answer, _ in done}) == 1
    assert list(each(abs, [], 5.0)) == []


def hang(item: str) -> str:
    if item == "sleeps":
        time.sleep(60)
    while item == "spins":
        pass
    if item == "dies":
        os._exit(0)
    if item == "fails":
        raise ValueError(item)
    return item


@pytest.mark.parametrize(
    ("bad", "problem"), [("sleeps", TIMED_OUT), ("spins", TIMED_OUT), ("dies", LOST), ("fails", LOST)]
)
def test_one_that_fails_costs_only_itself(bad: str, problem: str, capfd: pytest.CaptureFixture[str]) -> None:
    """The items after it are given to another child, and nothing is left behind."""
    before = set(children_of(os.getpid()))
    begin = time.monotonic()
    done = list(each(hang, ["a", bad, "b", bad, "c"], 0.3))
    took_s = time.monotonic() - begin
    assert done == [
        ("a", "a", ""),
        (bad, None, problem),
        ("b", "b", ""),
        (bad, None, problem),
        ("c", "c", ""),
    ]
    assert took_s < 20
    assert set(children_of(os.getpid())) <= before


def test_an_answer_may_be_large() -> None:
    """Larger than a pipe holds."""
    (done,) = each(lambda size: b"x" * size, [1 << 20], 5.0)
    assert len(done[1]) == 1 << 20


def test_threads_that_wait_for_a_processor_are_waited_for() -> None:
    """What a work's own threads wait for a processor is no more its fault than what its first one does."""

    def work(seconds: float) -> float:
        """So much processor time in a thread, with the first one only waiting."""

        def spin() -> None:
            end = time.thread_time() + seconds
            while time.thread_time() < end:
                pass

        thread = threading.Thread(target=spin)
        thread.start()
        thread.join()
        return seconds

    place = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(place)})  # all of us on one processor, with three others that never rest
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
    try:
        assert list(each(work, [0.0, 0.15], 0.3)) == [(0.0, 0.0, ""), (0.15, 0.15, "")]
    finally:
        for other in others:
            other.kill()
            other.wait()
        os.sched_setaffinity(0, place)
