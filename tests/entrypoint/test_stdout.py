"""Nobody stands between the workload and its stdout."""

import os
import subprocess
import time
from collections.abc import Sequence

import pytest

from tests.entrypoint.helpers import CHECKOUT, HEALTHY, ISOLATED, environment, line
from tests.support.init import line as init_line
from tests.support.serving import serving

SIZE = 500_000_000
# Begins when the agent, where there is one, has come to rest.
WRITE = ("sh", "-c", f"sleep 0.7; exec head -c {SIZE} /dev/zero")


def took_s(command: Sequence[str]) -> float:
    """From the first byte to the last one."""
    env = environment()
    with subprocess.Popen(
        command, env=env, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as started:
        assert started.stdout
        count = len(os.read(started.stdout.fileno(), 1 << 16))
        begin = time.monotonic()
        while piece := os.read(started.stdout.fileno(), 1 << 16):
            count += len(piece)
        took: float = time.monotonic() - begin
    assert (count, started.returncode) == (SIZE, 0)
    return took


def ratio(command: Sequence[str], enough: float) -> float:
    """The best run beside the best one without us, taken in turns, until it is *enough*; ten at most."""
    with_us = without = float("inf")
    for _ in range(10):
        with_us, without = min(with_us, took_s(command)), min(without, took_s(WRITE))
        if with_us / without <= enough:
            break
    return with_us / without


either_style = pytest.mark.parametrize(
    ("options", "how"), [((), ISOLATED), (serving(), ISOLATED)], ids=["exec", "serve"]
)


@either_style
def test_the_workload_writes_into_the_callers_own_pipe(options: Sequence[str], how: Sequence[str]) -> None:
    """Not into one of ours: there is nothing to copy."""
    reader, writer = os.pipe()
    command = line("readlink", "/proc/self/fd/1", options=(*HEALTHY, *options), how=how)
    subprocess.run(command, env=environment(), stdout=writer, stderr=subprocess.DEVNULL, timeout=60)
    mine = os.readlink(f"/proc/self/fd/{writer}")
    os.close(writer)
    with os.fdopen(reader) as stream:
        assert stream.read() == f"{mine}\n"


@either_style
def test_500_mb_through_stdout_are_no_slower(options: Sequence[str], how: Sequence[str]) -> None:
    """The same, where the machine gives both the same; who copies takes up to twice as long."""
    assert ratio(line(*WRITE, options=(*HEALTHY, *options), how=how), enough=1.25) <= 1.25


def test_the_init_does_nothing_for_them() -> None:
    """No CPU of its own: what it used is its start."""
    started = subprocess.Popen(init_line(*WRITE), env=environment(), stdout=subprocess.DEVNULL)
    _, code, used = os.wait4(started.pid, 0)
    started.returncode = code
    assert code == 0
    assert used.ru_utime < 1
