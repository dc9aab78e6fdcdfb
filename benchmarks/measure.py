"""What commands cost, measured side by side."""

import contextlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
_LAUNCH = Path(__file__).with_name("launch.py")
_WARM_UP = 3


class Command(NamedTuple):
    """What is measured."""

    label: str
    argv: Sequence[str]
    env: Mapping[str, str]
    code: int = 0  # any other exit code makes the figure worthless
    present: Mapping[Path, str] = {}  # files that are there while it runs, and for no other command


class Cost(NamedTuple):
    """One run."""

    wall_ms: float  # until the command ended, as its caller sees it
    cpu_ms: float  # user and system, of the command and all that it started
    own_cpu_ms: float  # without the processes that it left to others to reap
    peak_mb: float  # the largest process


class Row(NamedTuple):
    """Medians of many runs."""

    label: str
    runs: int
    median: Cost
    slowest_ms: float
    costs: Sequence[Cost]  # one a turn, in order

    def times(self, other: "Row", what: str) -> float:
        """How many times the other's *what*: the median over the turns, in each of which both ran."""
        pairs = zip(self.costs, other.costs, strict=True)
        return float(statistics.median(getattr(mine, what) / getattr(theirs, what) for mine, theirs in pairs))


def side_by_side(commands: Sequence[Command], runs: int) -> list[Row]:
    """Run the commands in turns, so that what disturbs the machine disturbs all of them."""
    costs: list[list[Cost]] = [[] for _ in commands]
    for turn in range(_WARM_UP + runs):
        for command, mine in zip(commands, costs, strict=True):
            cost = once(command)
            if turn >= _WARM_UP:
                mine.append(cost)
    return [_row(command.label, mine) for command, mine in zip(commands, costs, strict=True)]


def _row(label: str, costs: list[Cost]) -> Row:
    median = Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))
    return Row(label, len(costs), median, max(cost.wall_ms for cost in costs), costs)


def once(command: Command) -> Cost:
    """Run the command once; what it leaves behind is waited for and counted."""
    try:
        for path, text in command.present.items():
            path.write_text(text)
        return _once(command)
    finally:
        for path in command.present:
            path.unlink(missing_ok=True)


def _once(command: Command) -> Cost:
    reader, writer = os.pipe()
    launcher = subprocess.Popen(
        [sys.executable, "-I", _LAUNCH, str(writer), *command.argv],
        env=dict(command.env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(writer,),
    )
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        figures = stream.read().split()
    launcher.wait()
    if launcher.returncode:
        raise SystemExit(f"{command.label}: could not be measured")
    wall, own, peak, code, orphans = (int(figure) for figure in figures)
    if code != command.code:
        raise SystemExit(f"{command.label}: exit {code} instead of {command.code}: {' '.join(command.argv)}")
    return Cost(wall / 1e3, (own + orphans) / 1e3, own / 1e3, peak / 1024)


def instructions(command: Command) -> int:
    """How many the command's own process takes; valgrind counts them to the thousandth under any load."""
    count = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    with subprocess.Popen(
        [*count, *command.argv],
        env=dict(command.env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        _, said = process.communicate()
    found = re.search(rf"=={process.pid}== I +refs: +([0-9,]+)", said)
    if not found or process.returncode != command.code:
        raise SystemExit(f"{command.label}: valgrind did not count it:\n{said[-500:]}")
    return int(found[1].replace(",", ""))


@contextlib.contextmanager
def installed() -> Iterator[Path]:
    """A fresh environment with the package installed from this checkout, bytecode included."""
    with tempfile.TemporaryDirectory() as scratch:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PIP_NO_COMPILE"))}
        venv = Path(scratch) / "venv"
        subprocess.run([sys.executable, "-m", "venv", venv], check=True, env=clean)
        pip = [f"{venv}/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, str(ROOT)], check=True, env=clean)
        yield venv


def pss_kb(pid: int) -> int:
    """The proportional set size of a process."""
    found = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows (the first is the head) as a Markdown table, numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return "| " + " | ".join(padded) + " |"

    rule = ["-" * width if column == 0 else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    return "\n".join([line(rows[0]), line(rule), *(line(row) for row in rows[1:])])
