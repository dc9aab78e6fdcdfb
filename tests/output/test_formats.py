"""Every format: its golden file, what it may never let through, and its own reader's opinion."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings
from prometheus_client.parser import text_string_to_metric_families

from probe.codes import Code
from probe.output import FORMATS, render
from probe.output.schema import report_schema
from probe.report import Finding, Report, Status
from tests.output.reports import AWKWARD, BROKEN, STATUSES, report, simple
from tests.support.any_report import reports
from tests.support.commands import RunProbe
from tests.support.schemas import jsonschema
from tests.support.sweeps import examples

GOLDEN = Path(__file__).parent / "golden"
EXTENSIONS = {
    "text": "txt",
    "nagios": "txt",
    "json": "json",
    "health+json": "json",
    "junit": "xml",
    "tap": "tap",
    "sarif": "sarif",
    "github": "txt",
    "gitlab": "json",
}


def golden(name: str) -> Path:
    return GOLDEN / f"{name}.{EXTENSIONS.get(name, 'prom')}"


def harmless(text: str) -> bool:
    """Whether a terminal shows *text* and obeys none of it, and whether it can be written as UTF-8."""
    return all(char == "\n" or char.isprintable() for char in text)


@pytest.mark.parametrize("name", FORMATS)
def test_it_looks_as_it_did(name: str) -> None:
    """The awkward report gives byte for byte the file that was looked at when it was committed."""
    assert render(name, AWKWARD) == golden(name).read_text()


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=examples(60), deadline=None)
@given(reports)
def test_nothing_that_was_read_steers_a_terminal(name: str, any_report: Report) -> None:
    """Whatever a target holds, only printable characters and line ends come out."""
    text = render(name, any_report)
    assert harmless(text)
    assert text.endswith("\n")


@settings(max_examples=examples(100), deadline=None)
@given(reports)
def test_json_keeps_to_its_schema(any_report: Report) -> None:
    """What is printed validates against what is published."""
    answer = json.loads(render("json", any_report))
    jsonschema().validate(answer, report_schema(), jsonschema().Draft202012Validator)
    assert answer["healthy"] == any_report.healthy


def test_the_schema_would_notice() -> None:
    """A report with a key missing, and one with a key too many, are refused."""
    answer = json.loads(render("json", AWKWARD))
    for broken in ({**answer, "extra": 1}, {key: answer[key] for key in answer if key != "healthy"}):
        with pytest.raises(jsonschema().ValidationError):
            jsonschema().validate(broken, report_schema())


def test_json_keeps_what_was_found() -> None:
    """Escapes and markup arrive unchanged in JSON; bytes that are not UTF-8 as U+FFFD."""
    finding = json.loads(render("json", AWKWARD))["checks"][2]["findings"][0]
    assert finding["cause"] == AWKWARD.checks[2].findings[0].cause
    assert finding["evidence"]["path"] == "/etc/ssl/caf\ufffd"


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("status", STATUSES)
def test_all_formats_agree_on_the_verdict(status: Status, strict: bool) -> None:
    """No format calls healthy what the report does not, and the reverse."""
    one = simple(status, strict=strict)
    assert json.loads(render("json", one))["healthy"] == one.healthy
    assert (json.loads(render("health+json", one))["status"] != "fail") == one.healthy
    suites = ET.fromstring(render("junit", one))
    assert (suites.get("failures") == suites.get("errors") == "0") == one.healthy
    assert ("\nnot ok " not in render("tap", one)) == one.healthy
    assert render("nagios", one).startswith(("PROBE OK", "PROBE WARNING")) == one.healthy
    assert ("\nprobe_healthy 1\n" in render("prometheus", one)) == one.healthy
    (run,) = json.loads(render("sarif", one))["runs"]
    assert all(result["level"] != "error" for result in run["results"]) == one.healthy
    assert all(issue["severity"] != "major" for issue in json.loads(render("gitlab", one))) == one.healthy
    assert ("::error " not in render("github", one)) == one.healthy
    assert render("text", one).startswith("healthy:") == one.healthy


@settings(max_examples=examples(60), deadline=None)
@given(reports)
def test_health_json_keeps_to_the_draft(any_report: Report) -> None:
    """Known words only, an array under each key, `output` only where something is amiss."""
    answer = json.loads(render("health+json", any_report))
    assert answer["status"] in ("pass", "warn", "fail")
    assert ("output" in answer) == (answer["status"] == "fail")
    for key, entries in answer["checks"].items():
        assert re.fullmatch(r"[a-z-]+:(findings|duration)", key)
        assert isinstance(entries, list)
        for entry in entries:
            assert entry["status"] in ("pass", "warn", "fail")
            assert ("output" in entry) == (entry["status"] != "pass")
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["time"])


@settings(max_examples=examples(60), deadline=None)
@given(reports)
def test_junit_counts_what_it_holds(any_report: Report) -> None:
    """It is XML whatever was read, and its totals are those of its cases."""
    suites = ET.fromstring(render("junit", any_report))
    for kind, tag in (
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        assert int(suites.get(kind, "")) == len(list(suites.iter(tag)))


@settings(max_examples=examples(60), deadline=None)
@given(reports)
def test_tap_holds_one_point_a_finding(any_report: Report) -> None:
    """The plan is right, the numbers run on, and the YAML blocks hold JSON values."""
    version, plan, *lines = render("tap", any_report).splitlines()
    assert version == "TAP version 14"
    points = [line for line in lines if re.match(r"(not )?ok ", line)]
    assert plan == f"1..{len(points)}"
    assert [int(line.removeprefix("not ").split()[1]) for line in points] == list(range(1, len(points) + 1))
    for line in lines:
        if line.startswith("  ") and line not in ("  ---", "  ..."):
            json.loads(line.partition(": ")[2])


def test_nagios_exits_as_a_plugin_must(run_probe: RunProbe, tmp_path: Path) -> None:
    """0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN, in accord with the word."""
    for word, code, sets in (
        ("OK", 0, ("--env=TZ=UTC",)),
        ("WARNING", 1, ()),
        ("CRITICAL", 2, ("--env=TZ=No/Where",)),
        ("UNKNOWN", 3, ("--env=TZ=UTC", "--set=timezone.expected=No/Where")),
    ):
        line = ("--root", str(tmp_path), "--only", "timezone", "--format", "nagios", *sets)
        done = run_probe("check", *line)
        assert (done.code, done.out.split()[1]) == (code, word), done.out


@settings(max_examples=examples(60), deadline=None)
@given(reports)
def test_nagios_is_one_line_with_performance_data(any_report: Report) -> None:
    """One line, one bar, labels and values as the plugin guidelines have them."""
    text = render("nagios", any_report)
    assert text.count("\n") == 1
    assert text.count("|") == 1
    assert len(text) < 1024
    for word in text.partition("| ")[2].split():
        assert re.fullmatch(r"('[a-z-]+'|[a-z]+)=\d+(\.\d+)?s?;;;0(;\d+)?", word)


@settings(max_examples=examples(60), deadline=None)
@given(reports)
def test_prometheus_client_reads_it(any_report: Report) -> None:
    """The reference parser finds every family once, and the values of the report in them."""
    families = list(text_string_to_metric_families(render("prometheus", any_report)))
    assert len({family.name for family in families}) == len(families)
    values = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }
    assert values["probe_healthy",] == any_report.healthy
    for check in any_report.checks:
        label = ("check", check.name)
        assert values["probe_check_success", label] == any_report.accepts(check.status)
        assert values["probe_check_status", label, ("status", check.status.value)] == 1
        assert values["probe_check_duration_seconds", label] == pytest.approx(check.duration_s, abs=1e-6)


def test_promtool_finds_nothing_to_improve() -> None:
    """Prometheus' own linter accepts names, help and types, where it is installed."""
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("needs promtool")
    done = subprocess.run(
        [promtool, "check", "metrics"],
        input=render("prometheus", AWKWARD),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_labels_do_not_grow_with_the_target() -> None:
    """A thousand subjects make one sample of their code, not a thousand."""
    many = report(*(Finding(Status.FAIL, BROKEN, f"host-{number}:443", "down") for number in range(1000)))
    text = render("prometheus", many)
    assert 'probe_check_findings{check="example",code="EXAMPLE_BROKEN",status="fail"} 1000\n' in text
    assert len(text.splitlines()) < 40


def test_codes_are_those_of_the_report() -> None:
    """A code that no probe knows yet passes through every format."""
    new = report(Finding(Status.FAIL, Code("NEW_CODE", "example", ""), "s", "c"))
    for name in FORMATS:
        assert "NEW_CODE" in render(name, new) or name == "prometheus"


def test_prometheus_text_has_the_numbers(run_probe: RunProbe, tmp_path: Path) -> None:
    """Of a run by hand too: roots, Go, zone; 0 roots where there are none."""
    line = ("--root", str(tmp_path), "--env", "TZ=UTC", "--only", "ca-bundle", "--only", "timezone")
    done = run_probe("check", *line, "--format", "prometheus")
    found = {
        sample.name: (sample.value, sample.labels)
        for family in text_string_to_metric_families(done.out)
        for sample in family.samples
    }
    assert done.code == 1
    assert found["probe_ca_bundle_roots"][0] == found["probe_ca_bundle_roots_usable"][0] == 0
    assert found["probe_timezone_info"] == (1, {"zone": "UTC", "abbreviation": "UTC"})
