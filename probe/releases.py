"""`probe check --as-go all`: what each release of Go would say, and what bridges the difference."""

from __future__ import annotations

from probe import room
from probe.lightweight import Callable, Collection, Iterable, Mapping, NamedTuple, Sequence, queue, suppress
from probe.report import Finding, Report, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.base import Check
    from probe.facts import Facts
    from probe.golang.release import Go

    Ask = Callable[[Go], Report]

# What a later release has made stricter and a setting brings back, apart from what a go line does.
_SINGLE = ("tlsmaxrsasize=16384",)
# The go line's settings that decide none of what is asked here.
_ABOUT = ("tls", "x509", "rsa", "net", "url", "fips")


class ReleaseVerdict(NamedTuple):
    """What the checks say under one release, and how that differs from the Go that is here."""

    name: str  # "1.24"
    preview: bool
    healthy: bool
    findings: tuple[Finding, ...]  # that the Go here does not have, the worst first
    gone: tuple[Finding, ...]  # that only the Go here has
    bridges: Mapping[
        tuple[str, str], str
    ] = {}  # code and subject of a finding → the GODEBUG setting without it

    @property
    def differs(self) -> bool:
        return bool(self.findings or self.gone)


class ReleaseComparison(NamedTuple):
    """The report of the Go that is here, and the verdict of each release that is known."""

    report: Report
    go: str  # "go1.24.11"
    verdicts: tuple[ReleaseVerdict, ...]  # the oldest first
    source: str  # where that Go was found; "default": nowhere, the newest is assumed

    @property
    def assumed(self) -> bool:
        return self.source == "default"

    @property
    def healthy(self) -> bool:
        """Here, and under every release that is out."""
        return self.report.healthy and all(one.healthy for one in self.verdicts if not one.preview)


def compare(
    checks: Sequence[Check], facts: Facts, report: Report, *, now: float, timeout_s: float
) -> ReleaseComparison:
    """
    Ask those of *checks* that a release decides again, as each release; *report* is of *facts*.

    All releases are asked side by side, as far as threads can be started, each for *timeout_s* at most.
    Nothing is started in the target.
    """
    from probe import runner
    from probe.golang.release import OLDEST, PREVIEW

    by_release = [check for check in checks if getattr(check, "by_release", False)]
    here = facts.go()

    def ask(go: Go) -> Report:
        under, role, strict = facts.under(go), report.role, report.strict
        return runner.run(
            by_release, under, timeout_s=timeout_s, role=role, now=now, strict=strict, trials=False
        )

    names = {check.name for check in by_release}
    base = [one for check in report.checks if check.name in names for one in check.findings]
    minors = range(OLDEST, PREVIEW + 1)
    asked = [(minor, as_if(here, minor, facts)) for minor in minors]
    known = {here.minor: report} if here.source == "default" else {}  # the newest of its line already
    answers = known | _side_by_side([one for one in asked if one[0] not in known], ask)
    verdicts = [_verdict(minor, answers[minor], base, report, names) for minor in minors]
    return ReleaseComparison(report, here.text, tuple(_bridged(here, facts, verdicts, ask)), here.source)


def as_if(here: Go, minor: int, facts: Facts) -> Go:
    """*here* built anew by Go 1.*minor*, its go line raised with it; GODEBUG of the environment stays."""
    from probe.golang import godebug

    chosen = godebug.parse(facts.target.env.get("GODEBUG", ""))
    return here._replace(release=(1, minor, 0), source="as-go", godebug=chosen)


def _side_by_side(asked: Sequence[tuple[int, Go]], ask: Ask) -> dict[int, Report]:
    answers: dict[int, Report] = {}

    def work(minor: int, go: Go) -> None:
        answers[minor] = ask(go)

    def beside(one: tuple[int, Go]) -> None:
        try:
            with suppress(Exception):  # asked again here, where it can be told
                work(*one)
        finally:
            ended.put(None)

    started, ended = 0, queue.SimpleQueue[None]()
    for one in asked:
        try:
            room.start_thread(beside, (one,))
        except RuntimeError:  # no room for more threads: the rest are asked one after another
            break
        started += 1
    for _ in range(started):
        ended.get()
    for one in asked:
        if one[0] not in answers:
            work(*one)
    return answers


def _verdict(
    minor: int, answer: Report, base: Sequence[Finding], report: Report, names: Collection[str]
) -> ReleaseVerdict:
    from probe.golang.release import PREVIEW

    told = [one for check in answer.checks if check.name in names for one in check.findings]
    bad, before = _bad(told), _bad(base)
    new = [one for key, one in bad.items() if key not in before]
    others = all(report.accepts(check.status) for check in report.checks if check.name not in names)
    return ReleaseVerdict(
        f"1.{minor}",
        minor == PREVIEW,
        answer.healthy and others,
        tuple(sorted(new, key=lambda one: -one.status.severity)),
        tuple(one for key, one in before.items() if key not in bad),
    )


def _bad(findings: Iterable[Finding]) -> dict[tuple[str, str, Status], Finding]:
    """What is told of a release: all that is not well."""
    return {
        (one.code.name, one.subject, one.status): one
        for one in findings
        if one.status.severity >= Status.WARN.severity
    }


def _bridged(here: Go, facts: Facts, verdicts: Sequence[ReleaseVerdict], ask: Ask) -> list[ReleaseVerdict]:
    """The same verdicts, with the settings that take their findings away again: each was tried."""
    known: dict[tuple[str, str], str] = {}
    bridged: list[ReleaseVerdict] = []
    for verdict in verdicts:
        minor = int(verdict.name.removeprefix("1."))
        found: dict[tuple[str, str], str] = {}
        if minor > here.minor and (left := {(one.code.name, one.subject) for one in verdict.findings}):
            go = as_if(here, minor, facts)
            for setting in _settings(here.minor, minor, known.values()):
                if not left:
                    break
                answer = ask(go._replace(godebug={**go.godebug, **dict([setting.split("=", 1)])}))
                still = {(one.code.name, one.subject) for check in answer.checks for one in check.findings}
                for key in left - still:
                    found[key] = known[key] = setting
                left &= still
        bridged.append(verdict._replace(bridges=found))
    return bridged


def _settings(here: int, minor: int, before: Iterable[str]) -> list[str]:
    """What may bridge the way from Go 1.*here* to 1.*minor*, what has done so *before* first."""
    from probe.golang import godebug_defaults

    defaults = godebug_defaults.defaults(minor, here)
    line = sorted(f"{name}={old}" for name, old in defaults.items() if name.startswith(_ABOUT))
    every = [*dict.fromkeys(before), *line, *_SINGLE]
    names = {entry.name for entry in godebug_defaults.SETTINGS if entry.until <= minor}
    return [one for one in dict.fromkeys(every) if one.partition("=")[0] not in names]
