"""Entrypoints in containers of a Docker Engine, side by side: none, --init, tini, dumb-init and ours."""

import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import pss_kb, table
from tests.containers import with_entrypoint
from tests.containers.engine import Container, Engine, docker, remove_all, unusable
from tests.support.leftovers import wait_until

_WILLING = "trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done"
_FORGETFUL = 5  # health checks that leave a child behind


class Entrypoint(NamedTuple):
    label: str
    options: Sequence[str]  # of docker run
    words: Sequence[str]  # before the command


def entrypoints() -> list[Entrypoint]:
    ours = ["probe", "run", "--only", "timezone"]
    found = [
        Entrypoint("none", [], []),
        Entrypoint("`docker run --init`", ["--init"], []),
        Entrypoint("`probe run`", [], [*ours, "--"]),
        Entrypoint("`probe run`, `--init` beside", ["--init"], [*ours, "--"]),
        Entrypoint("`probe run --serve`", [], [*ours, "--serve", "127.0.0.1:9810", "--"]),
    ]
    for name in ("tini", "dumb-init"):
        if path := shutil.which(name):
            found.insert(2, Entrypoint(f"`{name}`", ["--volume", f"{path}:/init:ro"], ["/init", "--"]))
    return found


def report(runs: int) -> str:
    """The table; why there is none where no container can be run."""
    if reason := unusable():
        return f"no containers: {reason}"
    engine = Engine(f"benchmark-{secrets.token_hex(4)}")
    try:
        with tempfile.TemporaryDirectory() as folder:
            image = with_entrypoint.image(engine, Path(folder))
        return _table(engine, image, runs)
    finally:
        engine.forget()
        remove_all(engine.run_id)


def _table(engine: Engine, image: str, runs: int) -> str:
    named = entrypoints()
    times: dict[str, list[float]] = {one.label: [] for one in named}
    for turn in range(runs + 1):
        for one in named:
            begin = time.perf_counter()
            done = engine.run(image, *one.words, "true", options=one.options)
            if done.code:
                raise SystemExit(f"{one.label}: exit {done.code}: {done.err}")
            if turn:
                times[one.label].append(time.perf_counter() - begin)
    rows = [["", "run `true`, ms", "over none", "`docker stop`, ms", "zombies left", "stays, MB"]]
    base = statistics.median(times["none"])
    for one in named:
        took = statistics.median(times[one.label])
        stop = statistics.median(_stop_s(engine, image, one) for _ in range(5))
        figures = (f"{took * 1e3:.0f}", f"{(took - base) * 1e3:.0f}", f"{stop * 1e3:.0f}")
        rows.append([one.label, *figures, *_rest(engine, image, one)])
    return table(rows)


def _stop_s(engine: Engine, image: str, one: Entrypoint) -> float:
    """How long `docker stop` takes where the program ends when it is told to."""
    container = engine.start(image, *one.words, "sh", "-c", _WILLING, options=one.options)
    wait_until(lambda: "ready" in docker("logs", container.id).out, 20)
    begin = time.perf_counter()
    container.stop()
    took = time.perf_counter() - begin
    container.remove()
    return took


def _rest(engine: Engine, image: str, one: Entrypoint) -> tuple[str, str]:
    """Zombies after forgetful health checks, and the memory of all but the program."""
    container = engine.start(image, *one.words, "sleep", "60", options=one.options)
    for _ in range(_FORGETFUL):
        container.exec("sh", "-c", "(sleep 0.1 &)")
    time.sleep(3)
    zombies = len(container.zombies())
    stays = sum(pss_kb(pid) for pid, line in _processes(container) if line != "sleep 60")
    container.remove()
    return str(zombies), f"{stays / 1000:.1f}"


def _processes(container: Container) -> list[tuple[int, str]]:
    """(pid out here, command line); zombies are not among them."""
    lines = docker("top", container.id, "-eo", "pid,args").out.splitlines()[1:]
    found = (line.strip().partition(" ") for line in lines)
    return [(int(pid), words.strip()) for pid, _, words in found]
