"""
The check `go-env`: the go command's environment against a policy.

Where there is a go command, it is asked. Where there is none, as in most images that
run in production, nobody will build there: what the environment and the files set is
judged all the same, because somebody set it, CGO_ENABLED as the workload was built,
and what is at its default is taken as an official toolchain would have it.
"""

from __future__ import annotations

from probe import codes
from probe.checks.base import Run
from probe.checks.go_env import command, findings, rules
from probe.checks.go_env.command import GoEnvOutput
from probe.checks.go_env.rules import POLICY, RULES, Violation
from probe.facts import Facts
from probe.golang.binary import Binary
from probe.golang.command.environment import Environment, GoSetting
from probe.golang.command.environment_defaults import COSTLY
from probe.golang.command.toolchain import Toolchain
from probe.golang.quoting import json_text
from probe.golang.release import Go
from probe.lightweight import Any, Iterable, Iterator, Mapping, NamedTuple
from probe.options import declared, option
from probe.report import Finding
from probe.targets import Target

__all__ = ["POLICY", "RULES", "GoEnv"]


class _Settings(NamedTuple):
    rules: Mapping[str, Mapping[str, Any]] = option(
        POLICY,
        "rules",
        "One table a variable, [go-env.NAME], instead of its default rules; an empty one ends them.",
        rules=RULES,
    )


class GoEnv(_Settings):
    """The variables of the go command keep the rules that a policy sets for each."""

    __slots__ = ()
    name = "go-env"
    by_release = True
    tells_version = True
    options = declared(_Settings)

    def problem(self) -> str:
        """Why the rules cannot be used: a pattern that cannot be matched; "" when they can."""
        found = (rules.problem(f"{self.name}.{name}", table) for name, table in self.rules.items())
        return next(filter(None, found), "")

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        """Yield what keeps the go command from answering, then what breaks the policy, then what keeps it."""
        try:
            yield from self._look(target, run)
        finally:
            run.facts.version.set_result("")

    def _look(self, target: Target, run: Run) -> Iterator[Finding]:
        asked = {name: table for name, table in self.rules.items() if rules.demands(table)}
        if not asked:
            yield findings.no_policy()
            return
        run.phase("looking for the go command")
        found = run.facts.toolchain()
        go = run.facts.go()
        seen = run.facts.environment()
        yield from findings.files(seen)
        if unreachable := findings.unreachable(target, seen, found):
            yield unreachable
        values = {name: _setting(target, seen, name) for name in asked}
        answer = GoEnvOutput()
        if found and target.runs_commands and not unreachable and not seen.blocks_on:
            run.phase("running go env")
            answer = command.ask(target, found, _known(asked, seen), findings.minor(found, go), run)
        if answer.problem:
            yield answer.problem
        yield from findings.differences(values, answer.values)
        values |= _answered(values, answer.values)
        if not found:
            values |= _built(run.facts, values)
        lost = findings.lost(target, seen, values)
        if lost and not unreachable and not answer.problem:
            yield findings.no_tree(seen, found, lost)
        told = {*lost, *findings.JOINT} if unreachable else {*lost}
        if answer.problem:  # what only an answer could tell is not known for that reason
            told |= {name for name, setting in values.items() if setting.origin == "unknown"}
        left = {name: table for name, table in asked.items() if name not in told}
        yield from _judge(target, found, go, left, values)


def _known(asked: Iterable[str], seen: Environment) -> list[str]:
    return command.askable(name for name in asked if name in seen.settings)


def _judge(
    target: Target,
    found: Toolchain | None,
    go: Go,
    asked: Mapping[str, Mapping[str, Any]],
    values: Mapping[str, GoSetting],
) -> Iterator[Finding]:
    """One finding for each variable that breaks its rules, and one for all that keep them."""
    held = {}
    unknown = []
    for name, table in asked.items():
        setting = values[name]
        if setting.origin != "unknown":
            faults = list(rules.judge(name, table, setting, target)) or list(
                rules.unusable(name, setting, go, findings.minor(found, go) if found else 0)
            )
        elif not found and table == POLICY.get(name):
            unknown.append(name)  # only a build could tell, and none can happen here
            continue
        else:
            faults = [Violation(codes.GO_ENV_UNKNOWN, f"cannot be determined without {_teller(name, found)}")]
        if faults:
            from probe.checks.go_env import broken_rules

            yield broken_rules.finding(target, name, table, setting, faults, found)
        else:
            held[name] = setting
    if held or unknown:
        yield findings.kept(held, found, unknown)


def _setting(target: Target, seen: Environment, name: str) -> GoSetting:
    """The value by our own reading; of a name that the go command does not know, the environment's."""
    if name in seen.settings:
        return seen.settings[name]
    value = target.env.get(name, "")
    return GoSetting(value, "os" if value else "default")


def _answered(values: Mapping[str, GoSetting], answers: Mapping[str, str]) -> dict[str, GoSetting]:
    """The go command's own values, with the origins that we found; what nobody sets is a default."""
    return {
        name: values[name]._replace(
            value=value if value != json_text(values[name].value) else values[name].value,
            origin=values[name].origin if values[name].origin != "unknown" else "default",
        )
        for name, value in answers.items()
    }


def _built(facts: Facts, values: Mapping[str, GoSetting]) -> dict[str, GoSetting]:
    """CGO_ENABLED as the workload was built with it, where it is asked for and the build settings say so."""
    path = facts.target.executable
    if path and "CGO_ENABLED" in values:
        program = facts.binary(path)
        if isinstance(program, Binary) and (value := program.settings.get("CGO_ENABLED")):
            return {"CGO_ENABLED": GoSetting(value, "binary", path)}
    return {}


def _teller(name: str, found: Toolchain | None) -> str:
    if not found:
        return "a go command"
    return "running the C compiler" if name in COSTLY else "an answer of the go command"
