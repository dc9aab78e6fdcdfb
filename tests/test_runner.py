"""One run: all checks at once, an end before the deadline, and nothing green by accident."""

import errno
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from probe import codes, runner
from probe.checks.base import Run
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.options import Option
from probe.report import Finding, Report, Status
from probe.targets import Target, ourselves
from probe.targets.processes import Processes
from probe.targets.supervisor_line import SupervisorLost
from tests.support.commands import MakeTarget, clean_environment
from tests.support.timing import Stopwatch

Body = Callable[[Target, Run], Iterator[Finding]]
NOW = 1_800_000_000.0


def finding(status: Status = Status.PASS, cause: str = "as it should be") -> Finding:
    return Finding(status, codes.CHECK_SKIPPED, "subject", cause)


class Fake:
    """A check whose `run` is a function of the test."""

    options: tuple[Option, ...] = ()

    def __init__(self, name: str, body: Body) -> None:
        self.name, self._body = name, body

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        return self._body(target, run)


def passing(target: Target, run: Run) -> Iterator[Finding]:
    yield finding()


def hanging(target: Target, run: Run) -> Iterator[Finding]:
    yield finding(Status.WARN, "found early")
    run.phase("a server that says nothing")
    time.sleep(30)


def raising(problem: BaseException) -> Body:
    def body(target: Target, run: Run) -> Iterator[Finding]:
        yield finding()
        raise problem

    return body


@pytest.fixture
def run(make_target: MakeTarget) -> Callable[..., Report]:
    def do(
        *bodies: Body,
        timeout_s: float = 5.0,
        target: Target | None = None,
        facts: Facts | None = None,
        **more: object,
    ) -> Report:
        checks = [Fake(f"check-{number}", body) for number, body in enumerate(bodies)]
        settings: dict[str, object] = {"role": "all", "now": NOW, **more}
        facts = facts or Facts(target or make_target(), go=NEWEST)
        return runner.run(checks, facts, timeout_s=timeout_s, **settings)  # type: ignore[arg-type]

    return do


@pytest.mark.parametrize(
    ("problem", "remedy"),
    [
        (MemoryError(), "docker run --pids-limit"),
        (RuntimeError("can't start new thread"), "docker run --pids-limit"),
        (OSError(errno.EMFILE, "Too many open files"), "ulimit -n 1024"),
        (ValueError(), "probe check --verbose"),
    ],
)
def test_a_limit_of_the_container_is_no_mistake_of_ours(
    run: Callable[..., Report], problem: Exception, remedy: str
) -> None:
    """Where memory or threads run out, more of them fix it; nobody is asked to report it."""
    found = run(raising(problem)).checks[0].findings[-1]
    assert (found.status, found.code) == (Status.UNKNOWN, codes.CHECK_CRASHED)
    assert found.remedy.startswith(remedy)


def test_findings_arrive_in_the_order_of_the_checks(run: Callable[..., Report]) -> None:
    """However long each takes, the report lists them as they were given."""

    def slow(target: Target, run: Run) -> Iterator[Finding]:
        time.sleep(0.1)
        yield finding(Status.WARN)

    report = run(slow, passing)
    assert [check.name for check in report.checks] == ["check-0", "check-1"]
    assert [check.status for check in report.checks] == [Status.WARN, Status.PASS]
    assert report.healthy
    assert 0.1 <= report.checks[0].duration_s <= report.duration_s < 4
    assert abs(report.started_at - time.time()) < 10


def test_checks_run_at_once(run: Callable[..., Report]) -> None:
    """Twenty checks that all wait for one another pass."""
    barrier = threading.Barrier(20)

    def meeting(target: Target, run: Run) -> Iterator[Finding]:
        barrier.wait(5)
        yield finding()

    assert run(*[meeting] * 20).healthy


@pytest.mark.parametrize("timeout_s", [0.1, 0.5, 1.0, 3.0])
def test_ends_before_the_deadline_with_what_was_found(run: Callable[..., Report], timeout_s: float) -> None:
    """A hanging check keeps its findings, is unknown and says what it was waiting for."""
    watch = Stopwatch()
    report = run(passing, hanging, timeout_s=timeout_s)
    assert watch.quiet() < timeout_s
    kept, late = report.checks[1].findings
    assert kept.cause == "found early"
    assert (late.status, late.code) == (Status.UNKNOWN, codes.CHECK_TIMED_OUT)
    assert "a server that says nothing" in late.cause
    assert late.evidence["phase"] == "a server that says nothing"
    assert report.checks[0].status is Status.PASS
    assert not report.healthy


def test_the_start_of_the_interpreter_fits_into_a_short_deadline(run: Callable[..., Report]) -> None:
    """A caller that waits just as long sees the report: its clock began to run before ours."""
    assert run(hanging, timeout_s=1.0).duration_s < 0.95


def test_check_that_sees_the_deadline_ends_by_itself(run: Callable[..., Report]) -> None:
    """DeadlineExceeded inside a check is lateness, not a crash, and comes in time for us to gather it."""

    def careful(target: Target, run: Run) -> Iterator[Finding]:
        yield finding()
        run.phase("Godot")
        while True:
            time.sleep(0.005)
            run.deadline.check()

    (check,) = run(careful, timeout_s=0.5).checks
    assert check.findings[-1].code is codes.CHECK_TIMED_OUT
    assert "Godot" in check.findings[-1].cause
    assert check.duration_s < 0.5


@pytest.mark.parametrize(
    "problem",
    [ValueError("broken"), MemoryError(), RecursionError("too deep"), SystemExit(0), KeyboardInterrupt()],
    ids=lambda problem: type(problem).__name__,
)
def test_check_that_raises_is_unknown(run: Callable[..., Report], problem: BaseException) -> None:
    """Whatever a check dies of, it is not healthy, the others are kept, and no traceback is shown."""
    report = run(raising(problem), passing)
    kept, crash = report.checks[0].findings
    assert kept.status is Status.PASS
    assert (crash.status, crash.code) == (Status.UNKNOWN, codes.CHECK_CRASHED)
    assert type(problem).__name__ in crash.cause
    assert "traceback" not in crash.evidence
    assert report.checks[1].status is Status.PASS
    assert not report.healthy


def test_traceback_only_when_verbose(run: Callable[..., Report]) -> None:
    """--verbose shows where it happened."""
    (check,) = run(raising(ValueError("broken")), verbose=True).checks
    assert any("ValueError: broken" in line for line in check.findings[-1].evidence["traceback"])


def test_a_traceback_that_cannot_be_written_costs_no_verdict(
    run: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no file can be opened any more its module cannot be loaded: the check has crashed still."""
    monkeypatch.setitem(sys.modules, "traceback", None)
    found = run(raising(OSError(errno.EMFILE, "too many")), verbose=True).checks[0].findings[-1]
    assert (found.code, found.evidence.get("traceback")) == (codes.CHECK_CRASHED, [])


def test_crash_leaks_no_secret(run: Callable[..., Report]) -> None:
    """An error's text may quote a URL with a password."""
    problem = ValueError("cannot dial https://user:hunter2@proxy.example/")
    (check,) = run(raising(problem), verbose=True).checks
    assert "hunter2" not in repr(check)
    assert "proxy.example" in check.findings[-1].cause


def test_endless_recursion_is_a_crash(run: Callable[..., Report]) -> None:
    """A real one, not only its exception."""

    def deep(target: Target, run: Run) -> Iterator[Finding]:
        yield from deep(target, run)

    (check,) = run(deep).checks
    assert check.findings[-1].code is codes.CHECK_CRASHED


def test_check_that_says_nothing_is_unknown(run: Callable[..., Report]) -> None:
    """No finding is no pass."""

    def silent(target: Target, run: Run) -> Iterator[Finding]:
        yield from ()

    (check,) = run(silent).checks
    assert check.findings[0].code is codes.CHECK_CRASHED
    assert check.status is Status.UNKNOWN


def test_nothing_to_check_is_unhealthy(run: Callable[..., Report]) -> None:
    """An empty list of checks is never a pass, not even with others left out by policy."""
    for report in (run(), run(skipped=["ca-bundle"])):
        assert report.checks[0].findings[0].code is codes.NOTHING_CHECKED
        assert not report.healthy


def test_skipped_checks_are_visible(run: Callable[..., Report]) -> None:
    """What the role leaves out is in the report and does not change the verdict."""
    report = run(passing, skipped=["ca-bundle"])
    assert report.checks[1].name == "ca-bundle"
    assert report.checks[1].findings[0].code is codes.CHECK_SKIPPED
    assert report.checks[1].status is Status.SKIP
    assert report.healthy


def test_strict_is_carried(run: Callable[..., Report]) -> None:
    """A warning is unhealthy under strict, healthy otherwise."""

    def warning(target: Target, run: Run) -> Iterator[Finding]:
        yield finding(Status.WARN)

    assert run(warning).healthy
    assert not run(warning, strict=True).healthy


def test_checks_are_told_role_moment_and_deadline(run: Callable[..., Report]) -> None:
    """Everything that a check shares with the others arrives; its deadline lies within ours."""
    seen: list[Run] = []

    def look(target: Target, run: Run) -> Iterator[Finding]:
        seen.append(run)
        yield finding()

    assert run(look, role="live", timeout_s=2.0).role == "live"
    assert (seen[0].role, seen[0].now) == ("live", NOW)
    assert isinstance(seen[0].deadline, Deadline)
    assert seen[0].deadline.remaining() < 2.0


def ask_for_go(target: Target, run: Run) -> Iterator[Finding]:
    yield finding(cause=run.facts.go().text)


def wrapped(tmp_path: Path, script: str) -> Facts:
    """Of a container whose go command is a script that has to be run to say which Go it is."""
    (tmp_path / "go").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "go").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    return Facts(ourselves()._replace(env={"PATH": path}), patience_s=20)


def test_judged_go_is_found_once(run: Callable[..., Report], tmp_path: Path) -> None:
    """Many checks ask at once; one looks, all get the same answer."""
    facts = wrapped(
        tmp_path, f"echo asked >> {tmp_path}/log; sleep 0.2; echo go version go1.22.5 linux/amd64"
    )
    report = run(*[ask_for_go] * 10, facts=facts)
    assert (tmp_path / "log").read_text() == "asked\n"
    assert {check.findings[0].cause for check in report.checks} == {"go1.22.5"}


def test_failure_to_find_go_is_each_askers(run: Callable[..., Report], make_target: MakeTarget) -> None:
    """Who asks for the Go crashes; who does not, passes."""
    report = run(ask_for_go, ask_for_go, passing, facts=Facts(make_target(), as_go="nonsense"))
    assert [check.findings[-1].code for check in report.checks[:2]] == [codes.CHECK_CRASHED] * 2
    assert report.checks[2].status is Status.PASS


def test_waiting_for_go_is_a_phase(run: Callable[..., Report], tmp_path: Path) -> None:
    """A check that is late because the toolchain hangs says so."""
    (check,) = run(ask_for_go, facts=wrapped(tmp_path, "exec sleep 30"), timeout_s=0.5).checks
    assert "which Go" in check.findings[-1].cause


def test_progress_names_what_still_runs(run: Callable[..., Report]) -> None:
    """While we wait, the caller hears for whom; in its own thread."""
    told: list[tuple[Sequence[str], bool]] = []

    def progress(names: Sequence[str]) -> None:
        told.append((names, threading.current_thread() is threading.main_thread()))

    run(passing, hanging, timeout_s=0.5, progress=progress)
    assert told
    assert all(entry == (["check-1"], True) for entry in told)


def test_commands_of_the_target_are_run_and_end_with_the_run(run: Callable[..., Report]) -> None:
    """The supervisor is there for checks, and gone afterwards."""
    seen: list[bytes] = []

    def command(target: Target, run: Run) -> Iterator[Finding]:
        assert target.processes
        done = target.processes.run(["/bin/echo", "hi"], env={}, cwd="/", deadline=run.deadline)
        seen.append(done.out)
        yield finding()

    target = ourselves()
    assert run(command, target=target).healthy
    assert seen == [b"hi\n"]
    assert target.processes
    with pytest.raises(SupervisorLost):
        target.processes.run(["/bin/echo"], env={}, cwd="/", deadline=Deadline(1))


NO_ROOM = """
import os, resource, sys
from probe import runner
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.targets import ourselves
from tests.test_runner import Fake, passing
target = ourselves()  # while we may still read our own files, wherever the checkout lies
os.setresuid(54321, 54321, 54321)
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
facts = Facts(target, go=NEWEST)
report = runner.run([Fake("one", passing), Fake("two", passing)], facts, timeout_s=5, role="all", now=0)
print([finding.code.name for check in report.checks for finding in check.findings], report.healthy)
"""


@pytest.mark.root("a user with no room for a process")
@pytest.mark.needs("a Python that other users may start")
def test_no_room_for_threads_or_processes() -> None:
    """Where not even a thread can be started, checks run one after another, and the report says so."""
    env = {**clean_environment(), "PYTHONPATH": os.pathsep.join([*sys.path, os.getcwd()])}
    command = [sys.executable, "-c", NO_ROOM]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30)
    assert done.stdout == "['CHECK_SKIPPED', 'CHECK_SKIPPED', 'THREADS_LIMITED'] True\n", done.stderr


def beside(body: Body, load: Callable[[], object], *, timeout_s: float = 5.0) -> Report:
    """A check that may ask for a command, with *load*, and one that does not."""
    with Processes() as processes:
        facts = Facts(ourselves(processes), go=NEWEST)
        checks = [Fake("go-env", body), Fake("timezone", passing)]
        return runner.run(checks, facts, timeout_s=timeout_s, role="all", now=NOW, load=load)


def test_nobody_else_is_at_work_while_modules_are_loaded() -> None:
    """A command is; whoever has asked for it goes on with its answer after that, however long it takes."""
    told: list[str] = []

    def asking(target: Target, run: Run) -> Iterator[Finding]:
        assert target.processes
        done = target.processes.run(["/bin/echo", "answer"], env={}, cwd="/", deadline=run.deadline)
        told.append(done.out.decode().strip())
        yield finding()

    def load() -> None:
        told.append("loading")
        time.sleep(0.5)
        told.append("loaded")

    assert beside(asking, load).healthy
    assert told == ["loading", "loaded", "answer"]


def test_a_check_that_asks_for_no_command_keeps_nobody_waiting() -> None:
    """It has ended before: modules are loaded then, once."""
    loads: list[float] = []
    assert beside(passing, lambda: loads.append(time.monotonic())).healthy
    assert len(loads) == 1


def test_what_hangs_before_its_command_costs_its_own_verdict_only() -> None:
    """Nothing is loaded beforehand then: it may import something at any moment."""
    loads: list[float] = []
    late, other = beside(hanging, lambda: loads.append(time.monotonic()), timeout_s=1.5).checks
    assert [one.code for one in late.findings][-1] == codes.CHECK_TIMED_OUT
    assert other.status is Status.PASS
    assert not loads


@pytest.mark.parametrize("problem", [ImportError("libssl.so.3"), MemoryError()])
def test_what_cannot_be_loaded_costs_the_verdict_of_who_needs_it(problem: Exception) -> None:
    """It is imported again there, which says what is wrong; all others have their own."""

    def load() -> None:
        raise problem

    assert beside(passing, load).healthy


def test_without_ssl_there_is_a_report() -> None:
    """Of a Python that was built without OpenSSL: nobody can shake hands, and all else is judged."""
    code = f"""
import sys
sys.modules["_ssl"] = None
sys.path[:] = {[os.getcwd(), *sys.path]}
from probe import cli
cli.main()
"""
    words = ("check", "--format", "json", "--set", "ca-bundle.endpoints=localhost:1")
    command = [sys.executable, "-I", "-S", "-c", code, *words]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=30)
    found = {check["name"]: check["findings"] for check in json.loads(done.stdout)["checks"]}
    assert [one["code"] for one in found["ca-bundle"]][-1] == "CHECK_CRASHED"
    assert "_ssl" in found["ca-bundle"][-1]["cause"]
    assert [one["code"] for one in found["timezone"]] != ["CHECK_CRASHED"]
    assert (done.returncode, done.stderr) == (1, "")


def test_without_threads_the_head_start_is_nobodys() -> None:
    """Where the first check gets no thread, it is looked at in its turn, by the whole program too."""
    refusing = [sys.executable, "tests/support/refused.py", "clone=EAGAIN,clone3=EAGAIN"]
    command = [*refusing, sys.executable, "-m", "probe", "check", "--format", "json", "--verbose"]
    env = {**clean_environment(), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30)
    found = {check["name"]: check["findings"] for check in json.loads(done.stdout)["checks"]}
    assert "THREADS_LIMITED" in [one["code"] for findings in found.values() for one in findings]
    assert not {"CHECK_TIMED_OUT", "CHECK_CRASHED"} & {one["code"] for one in found["go-version"]}


def test_refusal_is_a_report() -> None:
    """A target that cannot be examined gives an unhealthy report with the one finding that says why."""
    problem = Finding(Status.UNKNOWN, codes.NOTHING_CHECKED, "pid 1", "no permission")
    report = runner.refused(problem, "pid 1", role="all")
    assert report.checks[0].findings == (problem,)
    assert not report.healthy


IN_TURN = """
import sys, time
from probe import runner
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.targets import ourselves
from tests.support import refused
from tests.test_runner import Fake, hanging, passing
target = ourselves()
refused.refuse({refused.number("clone3"): 1})
began = time.monotonic()
checks = [Fake("one", passing), Fake("two", hanging), Fake("three", passing)]
report = runner.run(checks, Facts(target, go=NEWEST), timeout_s=1, role="all", now=0)
told = [[finding.code.name for finding in check.findings] for check in report.checks]
print(told, time.monotonic() - began < 1)
"""


def test_without_threads_a_check_that_hangs_keeps_nobody_from_a_word() -> None:
    """Checks that run one after another end in time all the same, and what came before and after is told."""
    env = {**clean_environment(), "PYTHONPATH": os.pathsep.join([*sys.path, os.getcwd()])}
    done = subprocess.run(
        [sys.executable, "-c", IN_TURN], env=env, capture_output=True, text=True, timeout=30
    )
    expected = [
        ["CHECK_SKIPPED"],
        ["CHECK_SKIPPED", "CHECK_TIMED_OUT"],
        ["CHECK_SKIPPED"],
        ["SYSCALL_REFUSED"],
    ]
    assert done.stdout == f"{expected} True\n", done.stderr
