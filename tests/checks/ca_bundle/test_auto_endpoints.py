"""Whom "auto" stands for: the servers that the go command here would call, whatever kind of command it is."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from probe.checks.base import Run
from probe.checks.ca_bundle import auto_endpoints
from probe.deadline import Deadline
from probe.facts import Facts
from probe.targets import Target, access
from probe.targets.host_fs import HostFiles
from probe.targets.processes import Processes
from tests.support.timing import Stopwatch
from tests.support.toolchains import Toolchain, wrapper

PUBLIC = ("proxy.golang.org:443", "sum.golang.org:443")


def find(
    path: str, env: Mapping[str, str], processes: Processes | None, seconds: float = 10
) -> auto_endpoints.AutoEndpoints:
    full = {"PATH": f"{path}:{os.defpath}", "HOME": path, **env}
    target = Target("here", HostFiles(), full, "/", access.ourselves(), (), "", processes)
    run = Run(Deadline(seconds), "all", time.time(), Facts(target), lambda _: None)
    return auto_endpoints.find(run)


@pytest.mark.parametrize("version", ["go_1_21", "go_newest"])
def test_a_wrapper_is_asked(
    version: str, tmp_path: Path, processes: Processes, request: pytest.FixtureRequest
) -> None:
    """Its own defaults and what the environment sets give the same servers as the command behind it."""
    tool: Toolchain = request.getfixturevalue(version)
    wrapped = wrapper(tmp_path / "shims", f'exec {tool.go} "$@"')
    plain = str(tool.go.parent)
    for env in ({}, {"GOPROXY": "https://a.test|direct", "GOSUMDB": "off"}, {"GOPRIVATE": "*"}):
        assert find(wrapped, env, processes) == find(plain, env, processes), env
    assert find(wrapped, {}, processes).endpoints == PUBLIC


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"GOPROXY": "off"}, "GOPROXY=off disables the go command"),
        ({"GOPROXY": "direct", "GOSUMDB": "off"}, "GOPROXY=direct and GOSUMDB=off name no TLS server"),
        ({"GOPROXY": "file:///mods", "GOSUMDB": "off"}, "GOPROXY=file:///mods and GOSUMDB=off name no"),
        ({"GOPROXY": "http://u:hunter2@p.test", "GOSUMDB": "off"}, "GOPROXY=http://***@p.test and"),
        ({"GOPROXY": "ftp://p.test"}, "refuses GOPROXY=ftp://p.test"),
    ],
)
def test_a_proxy_that_names_no_server_is_told_as_such(
    env: dict[str, str], words: str, tmp_path: Path, processes: Processes, go_newest: Toolchain
) -> None:
    """A go command is here: nobody says that there is none, behind a wrapper neither."""
    wrapped = wrapper(tmp_path / "shims", f'exec {go_newest.go} "$@"')
    for path in (wrapped, str(go_newest.go.parent)):
        found = find(path, env, processes)
        assert not found.endpoints
        assert words in found.why_none


@pytest.mark.parametrize("script", ["exit 3", "echo hello", "exec sleep 60"], ids=["fails", "else", "hangs"])
def test_a_wrapper_without_an_answer_is_told_as_such(
    script: str, tmp_path: Path, processes: Processes
) -> None:
    """The go command did not tell, which is no absence; a hanging one holds up little."""
    path = wrapper(tmp_path / "shims", script)
    watch = Stopwatch()
    found = find(path, {}, processes, seconds=2)
    assert watch.quiet() < 1.5
    assert found == ((), f"{path}/go does not tell GOPROXY, so its servers are unknown")
    assert find(path, {}, None) == found  # where nothing may be run


def test_no_go_command_is_told_as_such(tmp_path: Path, processes: Processes) -> None:
    """Its success twins stand above."""
    target = Target("here", HostFiles(), {"PATH": str(tmp_path)}, "/", access.ourselves(), (), "", None)
    found = auto_endpoints.find(Run(Deadline(5), "all", time.time(), Facts(target), lambda _: None))
    # A toolchain in a usual place would be found all the same.
    assert found.endpoints or "without a go command" in found.why_none
