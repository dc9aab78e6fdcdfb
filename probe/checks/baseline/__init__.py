"""The opt-in check `baseline`: is all as it was when `probe baseline snapshot` looked?"""

from __future__ import annotations

from probe.checks.base import Run
from probe.errors import ConfigError
from probe.lightweight import Iterator, NamedTuple
from probe.options import declared, option
from probe.report import Finding, Status
from probe.targets import Target


class _Settings(NamedTuple):
    drift: str = option("fail", "choice", "what a change counts as", ("fail", "warn"))
    file: str = option("", "string", "the file that `probe baseline snapshot` wrote, where probe runs")


class Baseline(_Settings):
    """The target is what it was when its baseline was recorded; runs only where one is given."""

    __slots__ = ()
    name = "baseline"
    options = declared(_Settings)

    def problem(self) -> str:
        """What is wrong with the file, "" when it can be gone by."""
        if not self.file:
            return ""
        from probe.checks.baseline import document

        try:
            document.read(self.file)
        except ConfigError as problem:
            return f"baseline.file: {problem}"
        return ""

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        """Yield each thing that has changed; of what the file does not name, nothing is said."""
        from probe.checks.baseline import document, facts, findings

        if not self.file:
            yield findings.not_given()
            return
        try:
            before = document.read(self.file)
        except ConfigError as problem:  # it was there when the configuration was read
            yield findings.unusable(self.file, str(problem))
            return
        run.phase("reading what the baseline names")
        program = str(before.get("program", {}).get("path", ""))
        files = tuple(before.get("files", {}))
        wanted = facts.BaselineScope(frozenset(before), program, files)
        now = facts.gather(run.facts, wanted, run.deadline)
        status = Status.FAIL if self.drift == "fail" else Status.WARN
        yield from findings.changes(self.file, before, now, status, ours=bool(target.processes))
