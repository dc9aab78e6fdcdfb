"""
The check `go-version`: which Go is here, can it start, and is it new enough?

The go command is judged where there is one, and the workload's own program by its build
info; in production images there is usually only the latter.
"""

from __future__ import annotations

from probe.checks.base import Run
from probe.checks.go_version import command, findings
from probe.lightweight import Iterator, NamedTuple
from probe.options import declared, option
from probe.report import Finding
from probe.targets import Target


class _Settings(NamedTuple):
    minimum: str = option("1.21", "version", 'The oldest accepted Go, such as "1.21" or "1.24.3".')
    eol: str = option(
        "warn", "choice", "What a release without support counts as.", ("fail", "warn", "ignore")
    )
    source: str = option(
        "auto",
        "choice",
        "What is judged: the go command, the workload's program, or whichever exists.",
        ("toolchain", "binary", "auto"),
    )
    binary: str = option("", "string", "The program in the target to judge; empty: the workload's own.")


class GoVersion(_Settings):
    """The Go of this container starts, and its release is one that may be used."""

    __slots__ = ()
    name = "go-version"
    by_release = True
    options = declared(_Settings)

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        """Yield what keeps a Go from starting, else what its version is worth; one Go after another."""
        rules = findings.VersionPolicy(self.minimum, self.eol, run.now)
        looked = False
        found = None
        if self.source != "binary":
            run.phase("looking for the go command")
            found = run.facts.toolchain()
            if found:
                looked = True
                yield from command.diagnose(target, run, found, rules)
            elif self.source == "toolchain":
                yield self._not_found(target, run.now)
                return
        path = self.binary or target.executable
        if path and self.source != "toolchain" and not (found and found.go == path):
            from probe.checks.go_version import workload

            run.phase(f"reading {path}")
            for finding in workload.diagnose(run.facts, path, rules, named=bool(self.binary) or not looked):
                looked = True
                yield finding
        if not looked:
            yield self._not_found(target, run.now)

    def _not_found(self, target: Target, now: float) -> Finding:
        from probe.checks.go_version import not_found  # on the way of a failure only

        return not_found.finding(target, self.source, now)
