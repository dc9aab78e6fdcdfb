"""One look at a machine: its Go programs, and a verdict on each container."""

from __future__ import annotations

import gc
import marshal
import time

from probe.lightweight import Any, Callable, Iterable, Iterator, Mapping, NamedTuple, Sequence, suppress
from probe.node import bounded, containers, fingerprint, programs
from probe.node.containers import Name
from probe.node.programs import GONE, UNNAMED, Identity, Program, ProgramVerdict
from probe.node.watched import unchanged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.node.fingerprint import Key
    from probe.node.watched import Seen
    from probe.report import Report
    from probe.targets import Target

BUDGET_S = 0.25  # for one container
KEEP_S = 3600.0  # a verdict depends on dates too
_NONE = -1  # the number of no verdict


class Kept(NamedTuple):
    """A verdict, and what must be as it was for it to hold."""

    key: Key
    seen: Seen
    verdict: ProgramVerdict
    at: float  # monotonic


class ScannedProgram(NamedTuple):
    """A container's program. Without a verdict *problem* says why."""

    program: Program
    name: Name
    verdict: ProgramVerdict | None
    problem: str = ""


class Snapshot(NamedTuple):
    """A whole machine."""

    judged: tuple[ScannedProgram, ...]
    scanned: int  # processes looked at
    skipped: Mapping[str, int]  # reason → processes or containers
    fresh: int  # verdicts worked out in this scan; the others were kept
    duration_s: float
    at: float  # seconds since the epoch

    @property
    def distinct(self) -> int:
        """Different verdicts."""
        return len({id(one.verdict) for one in self.judged if one.verdict})


class Scanner:
    """
    Looks at the machine again and again, and remembers what has not changed.

    *report* gives the report on a target by *checks*; *host* takes in programs that run in
    no container; *namespace* leaves out the pods of all others.
    """

    def __init__(
        self,
        report: Callable[[Target], Report],
        checks: Sequence[str],
        *,
        host: bool = False,
        namespace: str | None = None,
        proc: str = "/proc",
        logs: str = containers.LOGS,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self._report, self._checks = report, checks
        self._host, self._namespace = host, namespace
        self._proc, self._logs, self._progress = proc, logs, progress
        self._known: dict[Identity, bool] = {}
        self._kept: dict[int, Kept] = {}
        self._by_process: dict[tuple[int, int], int] = {}
        self._next = 0
        self._environment = fingerprint.EnvironmentReader()
        self._groups: dict[str, str] = {}  # filled in the children of one scan only

    @property
    def knows(self) -> bool:
        """Whether there are verdicts that may still hold."""
        return bool(self._kept)

    def packed(self, *, quick: bool = False) -> bytes:
        """
        A scan in bytes, with all that `unpacked` needs: for a child that scans and ends.

        *quick*: with no child of its own for programs that were judged before, so one that hangs or fails
        holds up the scan; whoever asks for that must end it, and have it done again without.
        """
        snapshot = self.scan(quick=quick)
        kept = {number: (one.key, one.seen, tuple(one.verdict), one.at) for number, one in self._kept.items()}
        judged = [
            (tuple(one.program), tuple(one.name), self._number(one), one.problem) for one in snapshot.judged
        ]
        _, *counts = snapshot
        return marshal.dumps((self._known, kept, self._by_process, self._next, judged, counts))

    def unpacked(self, data: bytes) -> Snapshot:
        """The snapshot that a child of ours has packed; what it has learnt is known from now on."""
        self._known, kept, self._by_process, self._next, judged, counts = marshal.loads(data)  # noqa: S302
        self._kept = {number: _kept(parts) for number, parts in kept.items()}
        return Snapshot(
            tuple(
                ScannedProgram(
                    Program(*program),
                    Name(*name),
                    self._kept[number].verdict if number != _NONE else None,
                    problem,
                )
                for program, name, number, problem in judged
            ),
            *counts,
        )

    def _number(self, one: ScannedProgram) -> int:
        return self._by_process[one.program.pid, one.program.started] if one.verdict else _NONE

    def scan(self, *, quick: bool = False) -> Snapshot:
        """Look once. Ends, whatever containers do (each has BUDGET_S), unless it is *quick*: see packed."""
        begin = time.monotonic()
        skipped: dict[str, int] = {}
        pids = programs.processes(self._proc)
        found = dict(self._recognised(pids, skipped) if quick else self._identified(pids, skipped))
        names = containers.names(self._logs)
        chosen = choose(found, host=self._host)
        if self._namespace is not None:
            unnamed = sum(_may_be_named(program, names) for program in chosen)
            skipped.update({UNNAMED: unnamed} if unnamed else {})
            chosen = [
                program
                for program in chosen
                if names.get(program.container, Name()).namespace == self._namespace
            ]
        before = self._next
        judged = tuple(self._judged({program: found[program] for program in chosen}, names, skipped))
        self._forget(chosen)
        return Snapshot(
            judged, len(pids), skipped, self._next - before, time.monotonic() - begin, time.time()
        )

    def _identified(self, pids: Sequence[int], skipped: dict[str, int]) -> Iterator[tuple[Program, int]]:
        """Each Go program, and the number of the verdict that still holds for it."""
        work = self._recognise if self._kept else self._identify
        late = []
        for pid, answer, problem in bounded.each(work, pids, BUDGET_S):
            if problem:
                late.append(pid)
            else:
                yield from self._told(answer, skipped)
        # What hung may have been the comparison: a container is told as late, not left out.
        for _, answer, problem in bounded.each(self._identify, late, BUDGET_S):
            yield from self._told(answer or (problem, _NONE, ()), skipped)

    def _recognised(self, pids: Sequence[int], skipped: dict[str, int]) -> Iterator[tuple[Program, int]]:
        """The same by this process itself: a fork, and a pipe with an answer for each, cost as much again."""
        for pid in pids:
            yield from self._told(self._recognise(pid), skipped)

    def _told(self, answer: tuple[Any, ...], skipped: dict[str, int]) -> Iterator[tuple[Program, int]]:
        found, number, new = answer
        self._known.update(new)
        if isinstance(found, str):
            skipped[found] = skipped.get(found, 0) + 1
        elif found:
            yield Program(*found), number

    def _identify(self, pid: int) -> tuple[Any, ...]:
        """In the child: a program or what there is to say of it, no verdict, files that were not known."""
        before = len(self._known)
        found = programs.identify(pid, self._known, self._proc)
        new = list(self._known.items())[before:] if len(self._known) > before else []
        return (tuple(found) if isinstance(found, Program) else found), _NONE, new

    def _recognise(self, pid: int) -> tuple[Any, ...]:
        """The same, with the number of the verdict that still holds."""
        found, number, new = self._identify(pid)
        if isinstance(found, tuple):
            program = Program(*found)
            with suppress(OSError):
                number = next(self._holding(program, self._fingerprint(program)[1]), _NONE)
        return found, number, new

    def _judged(
        self, chosen: Mapping[Program, int], names: Mapping[str, Name], skipped: dict[str, int]
    ) -> Iterator[ScannedProgram]:
        for done, (program, answer, problem) in enumerate(self._answers(chosen), 1):
            if self._progress:
                self._progress(done, len(chosen))
            name = names.get(program.container, Name())
            number, kept, why = answer or (_NONE, None, problem)
            if why:
                skipped[why] = skipped.get(why, 0) + 1
            if why == GONE:
                continue
            if kept:
                self._kept[number] = _kept(kept)
                self._next = number + 1
            if number != _NONE:
                self._by_process[program.pid, program.started] = number
            verdict = self._kept[number].verdict if number != _NONE else None
            yield ScannedProgram(program, name, verdict, why)

    def _answers(self, chosen: Mapping[Program, int]) -> Iterator[tuple[Program, Any, str]]:
        """What _verdict says of each; nothing is imported or started where every verdict holds."""
        new = [tuple(program) for program, number in chosen.items() if number == _NONE]
        for program, number in chosen.items():
            if number != _NONE:
                yield program, (number, None, ""), ""
        if new:
            from probe.node import judge

            judge.preload(self._checks)
        for item, answer, problem in bounded.each(self._verdict, new, BUDGET_S):
            yield Program(*item), answer, problem

    def _verdict(self, item: tuple[Any, ...]) -> tuple[int, tuple[Any, ...] | None, str]:
        """In the child: the number of a verdict that holds, or a new one; or why there is none."""
        program = Program(*item)
        try:
            env, key = self._fingerprint(program)
        except PermissionError:
            return _NONE, None, programs.DENIED
        except OSError:
            return _NONE, None, GONE
        for number in self._holding(program, key):
            return number, None, ""
        return self._look(program, env, key)

    def _fingerprint(self, program: Program) -> tuple[Mapping[str, str], Key]:
        env = self._environment.read(f"{self._proc}/{program.pid}/environ")
        return env, fingerprint.of(program, env, self._groups, self._proc)

    def _holding(self, program: Program, key: Key) -> Iterator[int]:
        """The numbers of the verdicts that hold for it, its own of the last scan first."""
        oldest = time.monotonic() - KEEP_S
        mine = self._by_process.get((program.pid, program.started), _NONE)
        for number in sorted(self._kept, key=lambda number: number != mine):
            kept = self._kept[number]
            alike = kept.key == key and kept.at > oldest
            if alike and unchanged(f"{self._proc}/{program.pid}/root", kept.seen):
                yield number

    def _look(
        self, program: Program, env: Mapping[str, str], key: Key
    ) -> tuple[int, tuple[Any, ...] | None, str]:
        from probe.node import judge  # loaded before the fork

        result = judge.verdict(program, env, self._report)
        gc.collect()  # facts refer to one another: half a megabyte for each verdict
        if isinstance(result, str):
            return _NONE, None, result
        verdict, seen = result
        number, self._next = self._next, self._next + 1
        kept = Kept(key, seen, verdict, time.monotonic())
        self._kept[number] = kept
        return number, (key, seen, tuple(verdict), kept.at), ""

    def _forget(self, chosen: Iterable[Program]) -> None:
        """What no process here goes by any more."""
        here = {(program.pid, program.started) for program in chosen}
        self._by_process = {one: number for one, number in self._by_process.items() if one in here}
        held = set(self._by_process.values())
        self._kept = {number: kept for number, kept in self._kept.items() if number in held}


def _may_be_named(program: Program, names: Mapping[str, Name]) -> bool:
    """Whether its container may be one of a pod, whose namespace no link of the kubelet's tells."""
    return bool(program.container) and program.container not in names and bool(program.pod or not names)


def choose(found: Iterable[Program], *, host: bool) -> list[Program]:
    """The oldest process of each program in each container; with *host* every one of no container."""
    chosen: dict[tuple[object, ...], Program] = {}
    for program in sorted(found, key=lambda program: (program.started, program.pid)):
        if program.container:
            chosen.setdefault((program.container, program.identity), program)
        elif host:
            chosen[program.pid,] = program
    return list(chosen.values())


def _kept(parts: tuple[Any, ...]) -> Kept:
    key, seen, verdict, at = parts
    return Kept(key, seen, ProgramVerdict(*verdict), at)
