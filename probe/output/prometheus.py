"""The text format of Prometheus, version 0.0.4, and OpenMetrics: for node_exporter's files and the agent."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from probe.lightweight import NamedTuple
from probe.output.base import printable
from probe.report import STATUSES, Report
from probe.samples import METRICS, Sample, distinct

_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"))


class Family(NamedTuple):
    """One metric: its name, its help, a value for each set of labels, and what OpenMetrics calls it."""

    name: str
    help: str
    samples: Sequence[tuple[Mapping[str, str], float]]
    kind: str = "gauge"  # "counter", whose name ends with _total; "info", with _info


def render(report: Report) -> str:
    """Labels hold names of checks, codes, statuses and endpoints: nothing that a target can make many of."""
    return exposition(_families(report))


def exposition(families: Iterable[Family], *, openmetrics: bool = False) -> str:
    """The text of *families*; one without a sample is left out, and OpenMetrics has an end."""
    lines = [line for family in families if family.samples for line in _lines(family, openmetrics)]
    return "".join(f"{line}\n" for line in (*lines, "# EOF") if line != "# EOF" or openmetrics)


def _families(report: Report) -> Iterator[Family]:
    yield build_info(report.version)
    yield Family("probe_healthy", "Whether the whole run is healthy.", [({}, report.healthy)])
    yield from of_checks(report)
    yield from of_samples(
        sample for check in report.checks for finding in check.findings for sample in finding.samples
    )
    yield Family("probe_run_duration_seconds", "How long the whole run took.", [({}, report.duration_s)])
    yield Family(
        "probe_last_run_timestamp_seconds", "When the run began.", [({}, round(report.started_at, 3))]
    )


def build_info(version: str) -> Family:
    return Family("probe_build_info", "The version of probe.", [({"version": version}, 1)], "info")


def of_checks(report: Report) -> Iterator[Family]:
    """What is told of each check."""
    checks = report.checks
    yield Family(
        "probe_check_success",
        "Whether the check leaves the run healthy.",
        [({"check": check.name}, report.accepts(check.status)) for check in checks],
    )
    yield Family(
        "probe_check_status",
        "1 for the status that the check has, 0 for the others.",
        [
            ({"check": check.name, "status": status.value}, check.status is status)
            for check in checks
            for status in STATUSES
        ],
    )
    yield Family(
        "probe_check_findings",
        "Findings of a code; `probe explain CODE` says what it means.",
        list(_findings(report)),
    )
    yield Family(
        "probe_check_duration_seconds",
        "How long the check took.",
        [({"check": check.name}, check.duration_s) for check in checks],
    )


def of_samples(samples: Iterable[Sample]) -> Iterator[Family]:
    """The numbers that findings carry, in the order of the table of metrics."""
    found: dict[str, list[tuple[Mapping[str, str], float]]] = {}
    for sample in distinct(samples):
        found.setdefault(sample.name, []).append((sample.labels, sample.value))
    for name, metric in METRICS.items():
        yield Family(f"probe_{name}", metric.help, found.get(name, ()), metric.kind)


def _findings(report: Report) -> Iterator[tuple[Mapping[str, str], float]]:
    counts = Counter(
        (check.name, finding.code.name, finding.status.value)
        for check in report.checks
        for finding in check.findings
    )
    for (check, code, status), number in counts.items():
        yield {"check": check, "code": code, "status": status}, number


def _lines(family: Family, openmetrics: bool) -> Iterable[str]:
    name, kind = family.name, "counter" if family.kind == "counter" else "gauge"
    if openmetrics:
        name, kind = name.removesuffix("_total").removesuffix("_info"), family.kind
    yield f"# HELP {name} {family.help}"
    yield f"# TYPE {name} {kind}"
    for labels, value in family.samples:
        pairs = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        yield f"{family.name}{{{pairs}}} {_number(value)}" if pairs else f"{family.name} {_number(value)}"


def _number(value: float) -> str:
    return repr(round(float(value), 6)).removesuffix(".0")


def _escaped(text: str) -> str:
    text = printable(text)
    for char, escape in _ESCAPES:
        text = text.replace(char, escape)
    return text
