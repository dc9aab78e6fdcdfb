"""The text for people: the verdict first, never too long, and plain where nobody looks at colours."""

import pytest
from hypothesis import given, settings

from probe.codes import Code
from probe.output.base import docs_url
from probe.output.text import LIMIT, render
from probe.remedies.actions import ask, run, ways
from probe.report import CheckResult, Finding, Report, Status
from tests.output.reports import AWKWARD, BROKEN, FINE, ODD, STATUSES, UNREAD, report, simple
from tests.support.any_report import reports
from tests.support.sweeps import examples


def fail(cause: str = "it is gone", remedy: str = "put it back", code: Code = BROKEN) -> Finding:
    return Finding(Status.FAIL, code, "subject", cause, ways(ask(remedy)) if remedy else ())


def size(text: str) -> int:
    return len(text.encode())


def test_a_healthy_run_takes_one_line() -> None:
    """Nothing to do, nothing to read."""
    assert render(simple(Status.PASS)) == "healthy: 1 check in 0.04 s\n"


def test_a_warning_is_shown_and_healthy() -> None:
    """It is counted in the verdict and told with what fixes it."""
    assert render(simple(Status.WARN)) == (
        "healthy: 1 check in 0.04 s, 1 warning\nwarn EXAMPLE_ODD: as found\n  fix: fix it\n"
    )


def test_a_skipped_check_is_visible() -> None:
    """What was not looked at is said in the verdict."""
    assert render(simple(Status.SKIP)) == "healthy: 1 check in 0.04 s, 1 skipped check\n"


def test_a_failure_names_cause_and_fix() -> None:
    """The first line carries the code, the next ones what is wrong and what fixes it."""
    assert render(simple(Status.FAIL)) == (
        "unhealthy: EXAMPLE_BROKEN (1 of 1 check failed) in 0.04 s\n"
        "fail EXAMPLE_BROKEN: as found\n"
        "  fix: fix it\n"
    )


def test_a_terminal_is_given_a_link() -> None:
    """To the page of the code in the verdict: one line, beside the bytes that a kubelet keeps."""
    url = docs_url("EXAMPLE_BROKEN")
    assert render(simple(Status.FAIL), docs=True).splitlines()[-1] == f"docs: {url}"
    assert render(simple(Status.WARN), docs=True) == render(simple(Status.WARN))
    assert "docs: " not in render(simple(Status.FAIL))


def test_every_finding_in_full_has_its_link() -> None:
    """Except for those that passed."""
    text = render(report(Finding(Status.PASS, FINE, "", "p"), fail()), verbose=True, docs=True)
    assert text.count("docs: ") == 1
    assert f"    docs: {docs_url('EXAMPLE_BROKEN')}\n" in text


def test_the_worst_comes_first() -> None:
    """A failure goes before what is unknown, and that before a warning, in whatever order they were found."""
    text = render(
        report(Finding(Status.WARN, ODD, "", "w"), Finding(Status.UNKNOWN, UNREAD, "", "u"), fail("f", ""))
    )
    assert text.splitlines() == [
        "unhealthy: EXAMPLE_BROKEN (1 of 1 check failed) in 0.04 s",
        "fail EXAMPLE_BROKEN: f",
        "unknown EXAMPLE_UNREAD: u",
        "warn EXAMPLE_ODD: w",
    ]


def test_strict_says_that_a_warning_counts() -> None:
    """Whoever sees only a warning below must know why the run is unhealthy."""
    assert render(simple(Status.WARN, strict=True)).startswith(
        "unhealthy: EXAMPLE_ODD (1 warn of 1 check; warnings count) in 0.04 s\n"
    )


@settings(max_examples=examples(200), deadline=None)
@given(reports)
def test_it_never_takes_more_than_the_limit(any_report: Report) -> None:
    """900 bytes hold the verdict and its code, whatever was found."""
    text = render(any_report)
    assert size(text) <= LIMIT
    assert text.startswith("healthy: " if any_report.healthy else "unhealthy: EXAMPLE_")


@pytest.mark.sweep
@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2, 5, 50, 10_000])
@pytest.mark.parametrize("length", [10, 300, 5000])
@pytest.mark.parametrize("char", ["x", "ü", "中", "\x1b"])
def test_what_is_left_out_is_counted(number: int, length: int, char: str) -> None:
    """Every finding is shown or counted, and --verbose is named where something is missing."""
    codes = [Code(f"EXAMPLE_{index % 7}", "example", "") for index in range(number)]
    findings = [
        fail(f"{index} {char * length}", f"fix {char * 20}", code) for index, code in enumerate(codes)
    ]
    text = render(report(*findings))
    assert size(text) <= LIMIT
    shown = sum(line.startswith("fail ") for line in text.splitlines())
    assert 1 <= shown <= number
    if shown < number:
        assert text.splitlines()[-1].startswith(f"{number - shown} more (")
        assert text.endswith("): --verbose shows all\n")
        assert all(code.name in text for code in codes)


def test_many_codes_leave_room_for_the_first_cause() -> None:
    """Where not even the names of all codes fit, the last line says how many there are."""
    text = render(
        report(*(fail("c" * 100, code=Code(f"EXAMPLE_{'X' * 20}_{n}", "example", "")) for n in range(100)))
    )
    assert size(text) <= LIMIT
    assert "other codes): --verbose shows all" in text


def test_a_remedy_is_never_cut() -> None:
    """Half a command must not be pasted: one that does not fit is replaced by the way to it."""
    lines = render(report(fail("c" * 2000, "r" * 2000), fail())).splitlines()
    assert lines[1] == f"fail EXAMPLE_BROKEN: {'c' * 397}..."
    assert lines[2:] == [
        "  fix: probe explain EXAMPLE_BROKEN",
        "fail EXAMPLE_BROKEN: it is gone",
        "  fix: put it back",
        "--verbose shows the rest",
    ]


def test_what_fits_is_shown_whole() -> None:
    """A long cause and a long remedy stay as they are while there is room."""
    lines = render(report(fail("c" * 380, "r" * 380))).splitlines()
    assert lines[1:] == [f"fail EXAMPLE_BROKEN: {'c' * 380}", f"  fix: {'r' * 380}"]


def test_verbose_leaves_nothing_out() -> None:
    """All checks, all findings, the passed ones too, with their evidence."""
    text = render(AWKWARD, verbose=True)
    for check in AWKWARD.checks:
        assert f"\n{check.name}: {check.status.value} in " in text
        for finding in check.findings:
            assert f"\n  {finding.status.value} {finding.code.name}: " in text
    assert "x" * 3000 in text
    assert "\n      a\n      b\\nc\n" in text
    assert "\n    none: null\n" in text
    assert text.isprintable() or all(char == "\n" or char.isprintable() for char in text)


@pytest.mark.parametrize("verbose", [False, True])
def test_colours_change_nothing_but_colours(verbose: bool) -> None:
    """Taken away again, they leave the plain text; without them there is no escape at all."""
    plain, coloured = render(AWKWARD, verbose=verbose), render(AWKWARD, verbose=verbose, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[31munhealthy\x1b[0m: " in coloured
    for escape in ("\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[35m", "\x1b[1m", "\x1b[0m"):
        coloured = coloured.replace(escape, "")
    assert coloured == plain


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_is_a_word(status: Status) -> None:
    """No meaning lies in a colour alone."""
    assert f"  {status.value} " in render(simple(status), verbose=True)


def test_checks_are_counted_not_findings() -> None:
    """Two failures of one check are one failed check."""
    two = report(fail(), fail())
    two = two._replace(
        checks=(*two.checks, CheckResult("other", (Finding(Status.PASS, FINE, "", "fine"),), 0.0))
    )
    assert render(two).startswith("unhealthy: EXAMPLE_BROKEN (1 of 2 checks failed) in ")


def test_who_runs_the_commands_of_an_image_is_said_once() -> None:
    """Where the target has another user, whose USER line may stand above the place; for root nothing is."""
    rooted = "RUN needs root: paste it above USER, or below USER root"
    remedies = ways(run("chmod a+r /a"))
    found = [fail()._replace(remedies=remedies, code=code) for code in (BROKEN, ODD)]
    for verbose in (False, True):
        asked = report(*found)._replace(uid=65532)
        assert render(asked, verbose=verbose).count(rooted) == 1
        assert rooted not in render(asked._replace(uid=0), verbose=verbose)
        assert rooted not in render(report(fail())._replace(uid=65532), verbose=verbose)
    assert size(render(report(*found * 20)._replace(uid=65532))) <= LIMIT
