"""A baseline against what is here now: every difference is a finding with both sides of it."""

from __future__ import annotations

from probe import codes
from probe.checks.baseline.facts import BaselineFacts, Section
from probe.lightweight import Iterator, Mapping
from probe.report import Finding, Remedies, Status
from probe.words import listed

_CODES = {
    "go": codes.BASELINE_GO,
    "program": codes.BASELINE_PROGRAM,
    "files": codes.BASELINE_FILE,
    "roots": codes.BASELINE_ROOTS,
    "timezone": codes.BASELINE_TIMEZONE,
    "env": codes.BASELINE_ENV,
}
_LOOKS = {"[files]": "probe check --timeout 30", "[roots]": "probe inspect roots"}
_FILE = "baseline.toml"
_SHOWN = 20  # findings of a section, and roots in a cause


def not_given() -> Finding:
    cause = "no baseline is given, so nothing is compared"
    from probe.remedies import actions

    take = actions.ways(actions.probe(f"probe baseline snapshot > {_FILE} && probe check --baseline {_FILE}"))
    return Finding(Status.UNKNOWN, codes.BASELINE_NOT_GIVEN, "baseline", cause, take)


def unusable(file: str, why: str) -> Finding:
    from probe.remedies import actions, quoting

    look = actions.ways(actions.look(f"ls -l {quoting.word(file)}"))
    return Finding(Status.UNKNOWN, codes.BASELINE_UNUSABLE, file, why, look)


def changes(
    file: str, before: Mapping[str, Section], now: BaselineFacts, status: Status, *, ours: bool
) -> Iterator[Finding]:
    """
    Yield what has changed, then what cannot be told; one pass when there is neither.

    *ours*: it is our own container, which is what a snapshot takes without options.
    """
    count = 0
    for name, section in before.items():
        for finding in _drift(name, section, now.sections[name], status):
            count += 1
            yield finding._replace(remedies=_renew(file, ours=ours))
    for subject, why in now.unknown[:_SHOWN]:
        count += 1
        cause = f"whether {subject} matches the baseline cannot be determined: {why}"
        yield Finding(Status.UNKNOWN, codes.BASELINE_UNKNOWN, subject, cause, _look(subject))
    if more := len(now.unknown[_SHOWN:]):
        cause = f"{more} more entries cannot be determined"
        from probe.remedies import actions

        verbose = actions.ways(actions.probe("probe check --verbose"))
        yield Finding(Status.UNKNOWN, codes.BASELINE_UNKNOWN, "baseline", cause, verbose)
    if not count:
        evidence = {name: len(section) for name, section in before.items()}
        cause = f"all is as {file} has it: {', '.join(f'{n} of {name}' for name, n in evidence.items())}"
        yield Finding(Status.PASS, codes.BASELINE_OK, file, cause, (), evidence)


def _look(subject: str) -> Remedies:
    """What shows why it cannot be told."""
    from probe.remedies import actions, quoting

    known = _LOOKS.get(subject)
    return actions.ways(
        actions.probe(known) if known else actions.look(f"ls -l {quoting.word(subject)}", subject)
    )


def _drift(name: str, before: Section, now: Section, status: Status) -> Iterator[Finding]:
    told = {*before, *now} - _same(before, now)
    if name == "files":  # one that could not be read is told of otherwise
        told &= set(now)
    if name == "roots":
        if told:
            yield _roots(before, now, status)
        return
    for subject in sorted(told)[:_SHOWN]:
        yield _changed(name, subject, before.get(subject), now.get(subject), status)
    if len(told) > _SHOWN:
        cause = f"{len(told) - _SHOWN} more things in [{name}] have changed"
        yield Finding(status, _CODES[name], name, cause, (), {"count": len(told)})


def _same(before: Section, now: Section) -> set[str]:
    return {subject for subject, text in before.items() if now.get(subject) == text}


def _changed(name: str, subject: str, old: str | None, new: str | None, status: Status) -> Finding:
    code, whose = _CODES[name], subject
    if name == "files":
        if not new:
            code = codes.BASELINE_FILE_GONE
        cause = f"{subject} {'differs from' if new else 'is missing since'} the baseline"
    elif name == "env":
        cause = f"the variable {subject} {_words(old, new)}"
    else:
        whose = f"{name}.{subject}"
        cause = f"{_WHAT.get(whose, whose)} {_words(old, new)}"
    return Finding(status, code, whose, cause, evidence={"before": old, "now": new})


_WHAT = {
    "go.version": "the version of the go command",
    "go.command": "the path of the go command",
    "go.root": "GOROOT",
    "program.path": "the path of the program",
    "program.go": "the Go that built the program",
    "timezone.name": "the time zone",
    "timezone.file": "the file of the time zone",
    "timezone.leads_to": "what the file of the time zone leads to",
}


def _words(old: str | None, new: str | None) -> str:
    if not old:
        return f'is "{new}", and was {"empty" if old == "" else "not set"} in the baseline'
    if not new:
        return f'is {"empty" if new == "" else "not set"}, and was "{old}" in the baseline'
    return f'is "{new}", and was "{old}" in the baseline'


def _roots(before: Section, now: Section, status: Status) -> Finding:
    gone = [before[one] for one in before if one not in now]
    new = [now[one] for one in now if one not in before]
    parts = [_listed(new, "new"), _listed(gone, "gone")]
    cause = f"the roots have changed: {'; '.join(filter(None, parts)) or 'their subjects'}"
    evidence = {"before": len(before), "now": len(now), "new": new[:_SHOWN], "gone": gone[:_SHOWN]}
    return Finding(status, codes.BASELINE_ROOTS, "roots", cause, (), evidence)


def _listed(names: list[str], what: str) -> str:
    if not names:
        return ""
    return f"{what}: {listed(names)}"


def _renew(file: str, *, ours: bool) -> Remedies:
    """
    The previous content; or a new baseline, where the change is intended.

    The old file stays until the new one is whole: the shell empties what stands after > at once.
    """
    from probe.remedies import actions, quoting

    place, new = quoting.word(file), quoting.word(f"{file}.new")
    again = f"probe baseline snapshot {'' if ours else 'OPTIONS '}> {new} && mv {new} {place}"
    restore = actions.ask("Restore the previous content", actions.IMAGE)
    return actions.ways(restore, actions.probe(again))
