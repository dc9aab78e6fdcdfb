"""
Three tiers: --fast, the usual one, and --sweep.

What only --sweep runs: sweeps and generators that take minutes, and Go releases that must be fetched first. A
test says so by the mark `sweep`, or by asking for the fixture of an older toolchain. The last line of a run
without the option tells how many tests it has left out. With --fast nothing is run that needs root, a tool, a
Docker Engine, a Go toolchain, a process of its own for each test, or the network, nor what is marked `slow`:
a test of that tier may take two seconds.
"""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support import toolchains
from tests.support.timing import Stopwatch

_LEFT_OUT = "sweeps_left_out"  # what a worker of xdist tells the process that started it
_FIXTURES = {"go_1_21", "go_1_24"}
_FAST = {"checks", "config", "formats", "golang", "inspect", "manifest", "output", "targets", "tls"}
_SLOW_FIXTURES = {"go_newest", "builder", "newest", "run_probe", "serve", "processes", "plain", "tls"}
settings.register_profile("sweep", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("sweep"), max_examples=25)
settings.register_profile("fast", settings.get_profile("sweep"), max_examples=10)
_FAST_TEST_S = 4.0  # generous: what takes a second is marked slow


def examples(number: int) -> int:
    """How many examples a property gets: *number* with --sweep, else an eighth of it, and 10 at least."""
    return number if settings.default and settings.default.max_examples >= 100 else max(10, number // 8)


class _LeftOut:
    count = 0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fast", action="store_true", help="run what needs nothing but Python, in about a minute"
    )
    parser.addoption("--sweep", action="store_true", help="run sweeps, generators and older Go releases too")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sweep: takes long; run by --sweep")
    swept = config.getoption("--sweep")
    config.addinivalue_line("markers", "slow: takes a second or more; not run by --fast")
    fast = config.getoption("--fast")
    settings.load_profile("sweep" if swept else "fast" if fast else "quick")
    toolchains.wanted = not fast
    given = str(config.getoption("--go-versions") or "")
    toolchains.allowed = toolchains.VERSIONS + toolchains.MORE if swept else toolchains.VERSIONS[-1:]
    toolchains.allowed += tuple(filter(None, given.split(",")))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Whole folders that have nothing fast are not even read."""
    tests = config.rootpath / "tests"
    if config.getoption("--fast") and collection_path.parent == tests and collection_path.is_dir():
        return collection_path.name not in _FAST or None
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """What takes too long for the fast tier fails there, so that the tier stays fast."""
    watch = Stopwatch()
    result = yield
    if item.config.getoption("--fast") and watch.quiet() > _FAST_TEST_S:
        pytest.fail(f"takes more than {_FAST_TEST_S:g} s: mark it slow")
    return result


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--sweep"):
        return
    sweeps = [item for item in items if _is_sweep(item)]
    _LeftOut.count = len(sweeps)
    left_out = {*sweeps, *(item for item in items if config.getoption("--fast") and not _is_fast(item))}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def _is_fast(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("root", "needs", "slow"))
    folder = item.path.relative_to(item.config.rootpath / "tests").parts[0]
    asked = set(getattr(item, "fixturenames", ()))
    return folder in _FAST and not marked and asked.isdisjoint(_SLOW_FIXTURES)


def _is_sweep(item: pytest.Item) -> bool:
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    asked = {*getattr(item, "fixturenames", ()), *(value for value in values if isinstance(value, str))}
    older = {*_FIXTURES, *toolchains.VERSIONS} - {*toolchains.allowed}
    return item.get_closest_marker("sweep") is not None or not asked.isdisjoint(older)


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, Any, Any]:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_LEFT_OUT] = _LeftOut.count
    return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker of xdist has ended; each has collected the same tests."""
    _LeftOut.count = max(_LeftOut.count, getattr(node, "workeroutput", {}).get(_LEFT_OUT, 0))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The very last line."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter and _LeftOut.count and not hasattr(config, "workeroutput"):
        reporter.write_line(f"{_LeftOut.count} sweeps not run: --sweep")
