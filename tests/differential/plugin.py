"""Run each comparison under several Go releases, and count them at the end."""

from collections.abc import Generator
from typing import Any

import pytest

from tests.differential.harness import Counter
from tests.support import toolchains

PROPERTY = "compared with Go"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--go-versions",
        metavar="1.21.13,1.22.10,…",
        help="Go releases that tests/differential asks (default: the newest; with --sweep older ones too)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `go_version` runs once for each release."""
    if "go_version" in metafunc.fixturenames:
        given = metafunc.config.getoption("--go-versions")
        versions = given.split(",") if given else toolchains.VERSIONS
        metafunc.parametrize("go_version", versions, scope="session")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    Counter.compared = 0
    try:
        return (yield)
    finally:
        if Counter.compared:
            item.user_properties.append((PROPERTY, Counter.compared))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    compared, tests = 0, 0
    for outcome in ("passed", "failed", "xfailed", "xpassed"):
        for report in terminalreporter.getreports(outcome):
            if report.when == "call":
                counts = [count for name, count in report.user_properties if name == PROPERTY]
                compared += sum(counts)
                tests += len(counts)
    skipped = [r for r in terminalreporter.getreports("skipped") if "tests/differential/" in r.nodeid]
    if compared or skipped:
        line = f"{compared} comparisons with Go in {tests} tests"
        if skipped:
            line += f"; {len(skipped)} tests could not ask it"
        terminalreporter.write_sep("-", line)
