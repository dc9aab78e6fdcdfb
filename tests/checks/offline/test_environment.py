"""Settings of the go command that send a build to the network."""

from pathlib import Path

import pytest

from probe import codes
from probe.codes import Code
from probe.report import Status
from probe.targets.processes import Processes
from tests.checks.offline.helpers import Builder, look, newer_line, of
from tests.support.fixes import fixes


def test_what_is_in_order_is_told_without_secrets(newest: Builder) -> None:
    """A directory of modules may be named like a password."""
    proxy = newest.home / "me:s3cret@proxy"
    (newest.home / "proxy").rename(proxy)
    finding = of(look(newest, env={"GOPROXY": f"file://{proxy}"}, module=""), codes.OFFLINE_ENVIRONMENT_OK)
    assert "s3cret" not in str(finding.evidence)


def test_an_environment_that_calls_nobody(newest: Builder) -> None:
    """GOPROXY=off, GOTOOLCHAIN=local, sources: one pass for all."""
    finding = of(look(newest, module=""), codes.OFFLINE_ENVIRONMENT_OK)
    assert (finding.status, finding.evidence) == (Status.PASS, {"GOPROXY": "off", "GOTOOLCHAIN": "local"})


@pytest.mark.parametrize(
    ("env", "code", "status", "said", "remedy"),
    [
        ({"GOPROXY": ""}, codes.OFFLINE_GOPROXY, Status.FAIL, "https://proxy.golang.org", "ENV GOPROXY=off"),
        (
            {"GOPROXY": "https://me:s3cret@p.example"},
            codes.OFFLINE_GOPROXY,
            Status.FAIL,
            "https://***@p.example",
            "ENV GOPROXY=off",
        ),
        (
            {"GOPROXY": "file://{home}/proxy,direct"},
            codes.OFFLINE_GOPROXY,
            Status.FAIL,
            "direct",
            "GOPROXY=off",
        ),
        ({"GOPROXY": "nonsense"}, codes.OFFLINE_GOPROXY, Status.FAIL, "refuses", "ENV GOPROXY=off"),
        ({"GOPROXY": "file://{home}/none"}, codes.OFFLINE_PROXY_EMPTY, Status.FAIL, "no such file", "cp -r"),
        ({"GOPROXY": "file://{home}/src"}, codes.OFFLINE_PROXY_EMPTY, Status.FAIL, "no module", "cp -r"),
        ({"GOTOOLCHAIN": "auto"}, codes.OFFLINE_TOOLCHAIN, Status.WARN, "auto", "ENV GOTOOLCHAIN=local"),
        (
            {"GOTOOLCHAIN": "go1.26.1"},
            codes.OFFLINE_TOOLCHAIN,
            Status.FAIL,
            "go1.26.1: every go command first downloads",
            "ENV GOTOOLCHAIN=local",
        ),
        (
            {"GOTOOLCHAIN": "go1.99.1+auto"},
            codes.OFFLINE_TOOLCHAIN,
            Status.FAIL,
            "go1.99.1+auto: every go command first downloads",
            "GOTOOLCHAIN=local",
        ),
        ({"GOTOOLCHAIN": "go1.27.3+auto"}, codes.OFFLINE_TOOLCHAIN, Status.WARN, "auto", "GOTOOLCHAIN=local"),
        (
            {"GOFLAGS": "-mod=mod"},
            codes.OFFLINE_SUMDB,
            Status.WARN,
            "looked up at sum.golang.org, over the network",
            "ENV GOFLAGS=-mod=readonly",
        ),
        (
            {"GOFLAGS": "-mod=mod", "GOSUMDB": "off"},
            codes.OFFLINE_SUMDB,
            Status.WARN,
            "nothing checks what is added",
            "ENV GOFLAGS=-mod=readonly",
        ),
        ({"GOROOT": "{home}"}, codes.OFFLINE_NO_SOURCES, Status.FAIL, "src/runtime", "tar -C"),
    ],
)
def test_what_sends_a_build_to_the_network(
    newest: Builder, env: dict[str, str], code: Code, status: Status, said: str, remedy: str
) -> None:
    """Each setting by itself, in an environment that is otherwise sound."""
    env = {name: value.replace("{home}", str(newest.home)) for name, value in env.items()}
    finding = of(look(newest, env=env, module=""), code)
    assert finding.status is status
    assert said in finding.cause
    assert remedy in fixes(finding)
    assert "s3cret" not in str(finding)


@pytest.mark.parametrize(
    "env",
    [
        {"GOPROXY": "file://{home}/proxy"},
        {"GOPROXY": "file://{home}/cache/cache/download,off"},
        {"GOTOOLCHAIN": "path"},
        {"GOTOOLCHAIN": "go1.26.1+path"},
        {"GOTOOLCHAIN": "go1.27.3"},
        {"GOFLAGS": "-mod=vendor"},
        {"GOPRIVATE": "*.com", "GONOPROXY": "none"},
    ],
)
def test_what_calls_nobody(newest: Builder, env: dict[str, str]) -> None:
    """The twins: what looks like the above and is in order."""
    env = {name: value.replace("{home}", str(newest.home)) for name, value in env.items()}
    assert of(look(newest, env=env, module=""), codes.OFFLINE_ENVIRONMENT_OK).status is Status.PASS


def test_a_newer_go_line_is_the_cause_of_a_download(builder: Builder, processes: Processes) -> None:
    """With GOTOOLCHAIN=auto the go command would get that release first: one finding says so."""
    newer_line(builder)
    findings = look(builder, processes, env={"GOTOOLCHAIN": "auto"})
    finding = of(findings, codes.OFFLINE_TOOLCHAIN)
    assert [one.code for one in findings] == [codes.OFFLINE_TOOLCHAIN]
    assert finding.status is Status.FAIL
    assert "go.mod says `go 1.99`, newer than the go" in finding.cause
    assert fixes(finding) == "ENV GOTOOLCHAIN=local"


def test_a_newer_toolchain_line_alone(newest: Builder, processes: Processes) -> None:
    """It makes Go download with auto, and means nothing with local."""
    path = newest.source / "go.mod"
    path.write_text(path.read_text().replace("go 1.21\n", "go 1.21\n\ntoolchain go1.99.1\n"))
    finding = of(look(newest, processes, env={"GOTOOLCHAIN": "auto"}), codes.OFFLINE_TOOLCHAIN)
    assert (finding.status, "`toolchain go1.99.1`" in finding.cause) == (Status.FAIL, True)
    assert of(look(newest, processes), codes.OFFLINE_OK)


def test_another_toolchain_that_is_here(newest: Builder, tmp_path: Path) -> None:
    """In PATH, or unpacked in the module cache, it is not downloaded."""
    env = {"GOTOOLCHAIN": "go1.26.1", "PATH": f"{newest.tool.go.parent}:{tmp_path}/bin"}
    assert of(look(newest, env=env, module=""), codes.OFFLINE_TOOLCHAIN).status is Status.FAIL
    unpacked = newest.cache / "golang.org/toolchain@v0.0.1-go1.26.1.linux-amd64"
    unpacked.mkdir(parents=True)
    assert of(look(newest, env=env, module=""), codes.OFFLINE_ENVIRONMENT_OK)
    unpacked.rmdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/go1.26.1").touch(0o755)
    assert of(look(newest, env=env, module=""), codes.OFFLINE_ENVIRONMENT_OK)


def test_settings_that_nobody_tells(newest: Builder, tmp_path: Path) -> None:
    """A wrapper that may not be run: unknown."""
    go = tmp_path / "bin/go"
    go.parent.mkdir()
    go.write_text("#!/bin/sh\n")
    go.chmod(0o755)
    finding = of(look(newest, env={"PATH": str(go.parent)}, module=""), codes.OFFLINE_ENVIRONMENT_UNKNOWN)
    assert finding.status is Status.UNKNOWN
    assert fixes(finding) == "ENV GOSUMDB=sum.golang.org GOROOT=/usr/local/go"
