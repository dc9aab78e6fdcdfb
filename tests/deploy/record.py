"""
Writes deploy/prometheus/rules.test.yaml: what a real agent exposes before and in each fault, and which
alerts that has to fire.

    python -m tests.deploy.record
"""

import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.faults import FAULTS, Fault, staged
from tests.deploy.rendered import DEPLOY

RULES = DEPLOY / "prometheus" / "prometheusrule.yaml"
FILE = DEPLOY / "prometheus" / "rules.test.yaml"
HEAD = """\
# promtool test rules; rules.yaml is what stands under spec in prometheusrule.yaml.
# Recorded from real agents by `python -m tests.deploy.record`: each series has the value from before the
# fault, then the one in it, from minute 10 on, which stands for the moment of the recording.
"""
BEFORE, AFTER = 10, 90  # minutes
INSTANCE = "10.0.0.7:9810"
Series = dict[str, float]  # as it is written → value


def names() -> set[str]:
    """The metrics that an alert asks for."""
    groups = yaml.safe_load(RULES.read_text())["spec"]["groups"]
    return {
        name
        for group in groups
        for rule in group["rules"]
        for name in re.findall(r"\b(probe_[a-z_]+)\b", rule["expr"])
    }


def read(text: str, endpoint: str) -> Series:
    """The series of *text* (Prometheus' format) that alerts ask for; the endpoint's port is of no matter."""
    found: Series = {}
    wanted, now = names(), time.time()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name not in wanted:
                continue
            labels = {**sample.labels, "instance": INSTANCE}
            if labels.get("endpoint") == endpoint:
                labels["endpoint"] = "api.internal:443"
            pairs = ", ".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
            value = (
                sample.value - now + 60 * BEFORE
                if sample.name.endswith("_timestamp_seconds")
                else sample.value
            )
            found[f"{sample.name}{{{pairs}}}"] = round(value)
    return found


def recorded(fault: Fault, folder: Path) -> tuple[Series, Series]:
    """What an agent exposes before *fault*, nothing where it is there from the beginning, and in it."""
    with staged(fault, folder) as stage:
        before = read(stage.metrics(), stage.endpoint) if stage.process else {}
        fault.make(stage)
        return before, read(stage.metrics(), stage.endpoint)


def case(fault: Fault, before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, Any]:
    """The unit test: nothing fires before, exactly the fault's alerts fire when all of them have waited."""
    return {
        "name": fault.name,
        "interval": "1m",
        "input_series": [
            {"series": name, "values": f"{_at(before, name)}x{BEFORE - 1} {_at(after, name)}x{AFTER}"}
            for name in sorted({*before, *after})
        ],
        "promql_expr_test": [
            _fired(BEFORE - 1, BEFORE - 1, ()),
            _fired(BEFORE + AFTER - 1, AFTER - 1, sorted(fault.alerts)),
        ],
    }


def _at(series: Mapping[str, float], name: str) -> str:
    return f"{series[name]:g}" if name in series else "_"


def _fired(when: int, since: int, alerts: Sequence[str]) -> dict[str, Any]:
    """All the alerts that have fired in the *since* minutes before minute *when*."""
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in alerts]
    query = f'group by (alertname) (max_over_time(ALERTS{{alertstate="firing"}}[{since}m]))'
    return {"expr": query, "eval_time": f"{when}m", "exp_samples": samples}


def cases(folder: Path) -> Iterator[dict[str, Any]]:
    for number, fault in enumerate(FAULTS):
        yield case(fault, *recorded(fault, folder / str(number)))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tests = list(cases(Path(folder)))
    told = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}
    FILE.write_text(HEAD + yaml.safe_dump(told, sort_keys=False, width=200))


if __name__ == "__main__":
    main()
