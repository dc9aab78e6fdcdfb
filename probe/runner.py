"""All checks at once, under one deadline, to one report."""

from __future__ import annotations

import time
from errno import EMFILE

from probe import __version__, codes, room
from probe.checks import start_commands
from probe.checks.base import Check, Run
from probe.deadline import Deadline, DeadlineExceeded
from probe.facts import Facts
from probe.lightweight import Callable, Sequence, suppress, thread
from probe.report import CheckResult, Finding, Remedies, Report, Status, one_step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.targets import Target
    from probe.targets.processes import Processes

_HEAD_START_S = 1.0  # at most, for the first check to ask for its command
_TRIAL_S = 0.25  # of one trial of a remedy
_TICK_S = 0.1  # how often `progress` is told
_TRACEBACK_LINES = 60
# Made beforehand: where memory has run out nothing more can be imported.
_MORE_ROOM = (
    one_step("start", "container", "docker run --pids-limit 512 --memory 1g IMAGE"),
    one_step("pod", "pod", "resources: {limits: {memory: 1Gi}}"),
)
_MORE_FILES = (
    one_step("shell", "container", "ulimit -n 1024"),
    one_step("start", "container", "docker run --ulimit nofile=1024 IMAGE"),
)
_TELL_US = (
    one_step("probe", "probe", "probe check --verbose"),
    one_step("ask", "owner", "Ask the authors of probe"),
)


def run(
    checks: Sequence[Check],
    facts: Facts,
    *,
    timeout_s: float,
    role: str,
    now: float,
    strict: bool = False,
    verbose: bool = False,
    skipped: Sequence[str] = (),
    progress: Callable[[Sequence[str]], None] | None = None,
    trials: bool = True,
    load: Callable[[], object] | None = None,
) -> Report:
    """
    Run every check in a thread of its own; always return before *timeout_s* has passed.

    A check that is late keeps what it has yielded and is unknown. Its thread may hang
    in a system call that nothing can end: print the report, flush, leave with os._exit.

    Where a check is about to start commands, their supervisor is forked here, before the first thread;
    all that was started has ended when this returns. *now* (seconds since the epoch) is what dates are judged
    against, *skipped* names the checks that were left out, *progress* is called every 0.1 s with the
    names that are still waited for. Remedies are tried on a view of the target, unless *trials* is False.
    *load* loads modules for the checks: while a command is at work, and no other thread runs code of ours.
    """
    begin, target = time.monotonic(), facts.target
    # What is kept back is for checks to end by themselves, for us to gather, for printing,
    # and for what the caller's clock counts and ours does not: the interpreter's start.
    reserve = min(max(0.1, timeout_s / 50), timeout_s / 4)
    end, inner = Deadline(timeout_s - reserve), Deadline(timeout_s - 2 * reserve)
    tools = target.processes or _tools(checks)
    if tools and _start_commands(checks):
        tools.start()
    common = Run(inner, role, now, facts, _ignore, tools)
    workers = [_CheckThread(check, common, timeout_s, verbose, trials) for check in checks]
    facts.version.expected = any(worker.tells_version for worker in workers)
    first = _head_start(workers, tools, load) if load else []
    waiting = [worker for worker in workers if worker not in first and not worker.start()]
    if waiting:
        facts.version.expected = False  # nobody tells it meanwhile
    results = _in_turn(waiting, inner, role, threads=len(workers) - len(waiting)) if waiting else []
    _wait(workers, end, progress)
    results = [worker.result() for worker in workers] + results or [_nothing()]
    if tools:
        if name := tools.refused:
            from probe import sequential

            results.append(sequential.no_processes(name))
        left = timeout_s - (time.monotonic() - begin)
        tools.close(within=max(reserve / 2, min(1.0, left - reserve)))
    return Report(
        __version__,
        target.name,
        role,
        time.time() - (time.monotonic() - begin),
        time.monotonic() - begin,
        strict,
        (*results, *map(_skip, skipped)),
        target.user.uid,
        target.user.gid,
    )


def _head_start(
    workers: Sequence[_CheckThread], tools: Processes | None, load: Callable[[], object]
) -> list[_CheckThread]:
    """
    Start the check that asks for a command, and *load* while that is at work; the one that was started.

    Where it does not come to that in time, what hangs costs its own verdict only: each check imports what it
    needs. So does what cannot be loaded.
    """
    asking = [worker for worker in workers if start_commands((worker.name,))]
    asking.sort(key=lambda worker: not worker.tells_version)  # who is told the version waits for it
    if not tools or not asking:
        with suppress(Exception):
            load()
        return []
    interlude = tools.interlude()
    try:
        started = asking[0].start(ended=interlude.begin)
        if not started or interlude.wait(min(_HEAD_START_S, asking[0].remaining_s / 8)):
            with suppress(Exception):
                load()
    finally:
        interlude.end()
    return asking[:1] if started else []


def refused(problem: Finding, target: str, *, role: str, strict: bool = False) -> Report:
    """The report of a run that could not begin, because the target cannot be examined."""
    result = CheckResult("target", (problem,), 0.0)
    return Report(__version__, target, role, time.time(), 0.0, strict, (result,))


def _in_turn(waiting: Sequence[_CheckThread], end: Deadline, role: str, *, threads: int) -> list[CheckResult]:
    """Run here, one after another, the checks that have no thread; what there is to say about that."""
    from probe import sequential

    for at, worker in enumerate(waiting, 1):
        worker.work_here(sequential.share(end.remaining(), at < len(waiting)))
    problem = waiting[0].problem
    if isinstance(problem, room.NoRoomForThread):  # then it was our choice
        if not room.tight() or not (why := room.no_thread()):
            return []
        problem = RuntimeError(why)
    return [sequential.explain(problem, role, at_all=threads > 0)]


def without_checks(role: str, target: str, why: str) -> Report:
    """The report of a role to which the configuration gives no check: healthy, and it says why."""
    finding = Finding(Status.PASS, codes.ROLE_WITHOUT_CHECKS, "role", f"the role {role} has no checks: {why}")
    return Report(__version__, target, role, time.time(), 0.0, False, (CheckResult("role", (finding,), 0.0),))


def _tools(checks: Sequence[Check]) -> Processes | None:
    """Processes for programs of our own, where a check needs one and the target gives none."""
    if not any(map(_needs_tools, checks)):
        return None
    from probe.targets.processes import Processes

    return Processes()


def _needs_tools(check: Check) -> bool:
    return getattr(check, "needs_tools", False)


def _start_commands(checks: Sequence[Check]) -> bool:
    return any(map(_needs_tools, checks)) or start_commands([check.name for check in checks])


class _CheckThread:
    """One check in one daemon thread, and what is known of it so far."""

    def __init__(self, check: Check, common: Run, timeout_s: float, verbose: bool, trials: bool) -> None:
        self.name = check.name
        self.tells_version = getattr(check, "tells_version", False)
        self._trials = trials
        self._check = check
        self._run = common._replace(phase=self._tell, facts=common.facts.telling(self._tell))
        self._timeout_s, self._verbose = timeout_s, verbose
        self._findings: list[Finding] = []
        self._phase = ""
        self.problem = RuntimeError()
        self._without_memory = Finding(  # made beforehand: there may be none left for it
            Status.UNKNOWN, codes.CHECK_CRASHED, check.name, f"{check.name}: out of memory", _MORE_ROOM
        )
        self._begin = time.monotonic()
        self._duration_s: float | None = None  # set when the last finding is there
        self._working = thread.allocate_lock()  # held from the start to the end of its thread

    @property
    def remaining_s(self) -> float:
        return self._run.deadline.remaining()

    def start(self, ended: Callable[[], object] = bool) -> bool:
        """False where there is no room for a thread, or it is forbidden; *ended* is called at its end."""
        self._begin = time.monotonic()
        self._working.acquire()
        try:
            room.start_thread(self._work, (ended,))
        except RuntimeError as why:
            self._working.release()
            self.problem = why
            return False
        return True

    def work_here(self, seconds: float) -> None:
        """Look in this thread, for so many seconds."""
        from probe.sequential import Alarm

        self._run = self._run._replace(deadline=self._run.deadline.within(seconds))
        self._begin = time.monotonic()
        self._working.acquire()
        try:
            with Alarm(seconds):
                self._work()
        except DeadlineExceeded:  # it came when the check had ended
            return

    def join(self, seconds: float) -> None:
        if self._working.acquire(timeout=seconds):
            self._working.release()

    @property
    def running(self) -> bool:
        return self._working.locked()

    def result(self) -> CheckResult:
        duration_s = self._duration_s  # before the findings: they are whole once it is set
        findings = tuple(self._findings)
        if duration_s is None:
            duration_s = time.monotonic() - self._begin
            findings += (self._late(),)
        return CheckResult(self.name, findings, duration_s)

    def _work(self, ended: Callable[[], object] = bool) -> None:
        try:
            self._look()
        finally:
            self._working.release()
            ended()

    def _look(self) -> None:
        last: Finding | None = None
        try:
            for finding in self._check.run(self._run.facts.target, self._run):
                self._findings.append(finding)
            if not self._findings:
                last = self._crash(AssertionError("it reported nothing"))
            elif self._trials and any(finding.remedies for finding in self._findings):
                self._try_remedies()
        except DeadlineExceeded:
            last = self._late()
        except BaseException as problem:  # noqa: BLE001 - whatever it was, SystemExit too, it is no pass
            try:
                last = self._crash(problem)
            except Exception:  # noqa: BLE001 - MemoryError, or what CPython has in its place
                last = self._without_memory
        self._end(last)

    def _try_remedies(self) -> None:
        """What the findings advise is tried on a view of the target, where nothing is started."""
        from probe.remedies import trial  # on the way of a failure only

        facts, target = self._run.facts, self._run.facts.target

        def ask(view: Target) -> list[Finding] | None:
            view = view._replace(processes=None)
            known = Facts(view, now=facts.now, program=facts.program, go=facts.go())
            within = self._run.deadline.within(_TRIAL_S)
            run = self._run._replace(facts=known, deadline=within, phase=_ignore, tools=None)
            return list(self._check.run(view, run))

        ways = ask if getattr(self._check, "can_be_repeated", True) else _cannot_ask
        try:
            self._findings = trial.of_check(self._findings, target, ways, self._run.deadline)
        except Exception:  # noqa: BLE001 - what was found stays, with its remedies as they are
            return

    def _end(self, last: Finding | None) -> None:
        if last:
            self._findings.append(last)
        self._duration_s = time.monotonic() - self._begin

    def _tell(self, phase: str) -> str:
        before, self._phase = self._phase, phase
        return before

    def _late(self) -> Finding:
        waiting = f"; it was waiting for: {self._phase}" if self._phase else ""
        return Finding(
            Status.UNKNOWN,
            codes.CHECK_TIMED_OUT,
            self.name,
            f"{self.name} did not finish within {self._timeout_s:g} s{waiting}",
            (one_step("probe", "probe", f"probe check --timeout {2 * self._timeout_s:g}"),),
            {"phase": self._phase, "timeout_s": self._timeout_s},
        )

    def _crash(self, problem: BaseException) -> Finding:
        from probe import redact

        words = redact.text(f"{type(problem).__name__}: {problem}".rstrip(": "))
        return Finding(
            Status.UNKNOWN,
            codes.CHECK_CRASHED,
            self.name,
            f"{self.name} failed with an internal error: {words}",
            _what_helps(problem),
            {"error": words, **({"traceback": _traceback(problem)} if self._verbose else {})},
        )


def _what_helps(problem: BaseException) -> Remedies:
    """More of what a limit of this container keeps from us; else it is a mistake of ours."""
    if isinstance(problem, OSError) and problem.errno == EMFILE:
        return _MORE_FILES
    no_room = isinstance(problem, MemoryError) or "can't start new thread" in str(problem)
    if isinstance(problem, (MemoryError, SystemError, ImportError)) and (limit := room.tight()):
        return (one_step("shell", "container", room.lifted(limit)), *_MORE_ROOM)
    return _MORE_ROOM if no_room else _TELL_US


def _wait(
    workers: Sequence[_CheckThread], end: Deadline, progress: Callable[[Sequence[str]], None] | None
) -> None:
    while (running := [worker for worker in workers if worker.running]) and not end.expired():
        running[0].join(min(end.remaining(), _TICK_S) if progress else end.remaining())
        if progress and (names := [worker.name for worker in running if worker.running]):
            progress(names)


def _traceback(problem: BaseException) -> list[str]:
    """Its last lines; none where there is no room or descriptor left to load what writes them."""
    try:
        import traceback
    except Exception:  # noqa: BLE001 - whatever it was, the check has failed by something else
        return []
    from probe import redact

    lines = "".join(traceback.format_exception(problem)).splitlines()
    return [redact.text(line) for line in lines[-_TRACEBACK_LINES:]]


def _nothing() -> CheckResult:
    finding = Finding(
        Status.UNKNOWN,
        codes.NOTHING_CHECKED,
        "the run",
        "no check is left to run, so nothing was checked",
        (one_step("probe", "probe", "probe check --only NAME"),),
    )
    return CheckResult("run", (finding,), 0.0)


def _skip(name: str) -> CheckResult:
    cause = f"{name} was left out by the configuration or --skip"
    finding = Finding(Status.SKIP, codes.CHECK_SKIPPED, name, cause)
    return CheckResult(name, (finding,), 0.0)


def _cannot_ask(view: Target) -> None:
    """Of a check that asks others than the target."""


def _ignore(phase: str) -> None:
    """Each worker puts its own in place of this."""
