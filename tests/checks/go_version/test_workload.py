"""The program of the workload, alone and beside a toolchain."""

import json
from pathlib import Path

import pytest

from probe import codes
from probe.checks.go_version import GoVersion
from probe.report import Status
from probe.targets import User, at_root
from probe.targets.processes import Processes
from tests.checks.go_version.helpers import findings, first, here, told
from tests.golang.builds import (
    build,
    module,
    without_build_info,
    without_section_headers,
)
from tests.support.commands import MakeTarget
from tests.support.toolchains import Toolchain


@pytest.mark.parametrize("source", ["auto", "binary"])
def test_without_a_toolchain_the_workload_is_judged(make_target: MakeTarget, root: Path, source: str) -> None:
    """By its build info, and the finding says so; the normal case in production."""
    target = make_target({"app": build("1.27.3", module(go="1.22")).read_bytes()})._replace(executable="/app")
    (root / "app").chmod(0o755)
    (finding,) = findings(target, GoVersion(source=source))
    assert (finding.status, finding.code, finding.subject) == (Status.PASS, codes.GO_VERSION_OK, "/app")
    assert finding.evidence["source"] == "binary"
    assert finding.evidence["go_line"] == "1.22"
    assert finding.evidence["static"] is True
    assert told(target, GoVersion(minimum="1.28")) == [(Status.FAIL, codes.GO_TOO_OLD)]
    assert first(target, GoVersion(minimum="1.28")).remedy == "FROM golang:1.28 AS build"


@pytest.mark.sweep
def test_beside_a_toolchain_both_are_judged(base: dict[str, str], processes: Processes) -> None:
    """The workload was built by an older one."""
    old = str(build("1.21.13", module()))
    assert [(f.code, f.subject) for f in findings(here(base, processes, old))] == [
        (codes.GO_VERSION_OK, f"{base['PATH']}/go"),
        (codes.GO_OUT_OF_SUPPORT, old),
    ]
    assert told(here(base, processes, old), GoVersion(source="toolchain")) == [
        (Status.PASS, codes.GO_VERSION_OK)
    ]
    assert told(here(base, processes, f"{base['PATH']}/go")) == [(Status.PASS, codes.GO_VERSION_OK)]


def test_a_workload_of_another_language_is_no_matter_beside_a_toolchain(
    base: dict[str, str], processes: Processes
) -> None:
    """But alone, there is nothing to judge; nor where it was named."""
    shell = str(Path("/bin/sh").resolve())
    assert told(here(base, processes, shell)) == [(Status.PASS, codes.GO_VERSION_OK)]
    named = GoVersion(binary=shell, source="binary")
    assert told(here(base, processes), named) == [(Status.UNKNOWN, codes.GO_BINARY_NOT_GO)]


def test_an_entrypoint_script_is_no_go_program(make_target: MakeTarget) -> None:
    """The remedy says to name the program."""
    target = make_target({"run.sh": "#!/bin/sh\nexec /app\n"})._replace(executable="/run.sh")
    finding = first(target)
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.GO_BINARY_NOT_GO)
    assert "/run.sh is a script" in finding.cause


def test_a_missing_program_fails(make_target: MakeTarget) -> None:
    """The configuration names it."""
    finding = first(make_target(), GoVersion(binary="/app"))
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_BINARY_MISSING)
    assert finding.remedy == "COPY --from=build /path/to/the/program /app"


def test_a_program_that_cannot_be_read_is_not_known(root: Path) -> None:
    """For want of permission, or because it is a directory."""
    (root / "app").write_bytes(build("1.27.3", module()).read_bytes())
    (root / "app").chmod(0o711)
    target = at_root(str(root), {}, user=User(65532, 65532))
    assert told(target, GoVersion(binary="/app")) == [(Status.UNKNOWN, codes.GO_BINARY_UNREADABLE)]
    assert told(target, GoVersion(binary="/")) == [(Status.UNKNOWN, codes.GO_BINARY_UNREADABLE)]


def test_a_go_command_that_cannot_be_read_is_not_known(root: Path, go_newest: Toolchain) -> None:
    """Its mode lets this user execute it, and nothing may be run there."""
    file = root / "usr/bin/go"
    file.parent.mkdir(parents=True)
    file.write_bytes(go_newest.go.read_bytes())
    file.chmod(0o711)
    target = at_root(str(root), {}, user=User(65532, 65532))
    assert told(target) == [(Status.UNKNOWN, codes.GO_VERSION_UNREADABLE)]


def test_without_section_headers_the_version_is_still_known(make_target: MakeTarget, root: Path) -> None:
    """Where Go 1.27 itself would give up; without build info it is not."""
    whole = build("1.27.3", module()).read_bytes()
    target = make_target({"app": without_section_headers(whole)})
    (root / "app").chmod(0o755)
    (finding,) = findings(target, GoVersion(binary="/app"))
    assert (finding.code, finding.evidence["build_info"]) == (codes.GO_VERSION_OK, "data")
    make_target({"app": without_build_info(whole)})
    (finding,) = findings(target, GoVersion(binary="/app"))
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.GO_BUILD_INFO_MISSING)
    packed = bytearray(without_section_headers(without_build_info(whole)))
    packed[0x200:0x204] = b"UPX!"
    make_target({"app": bytes(packed)})
    (finding,) = findings(target, GoVersion(binary="/app"))
    assert (finding.code, finding.remedy) == (codes.GO_BUILD_INFO_MISSING, "upx -d /app")


def test_evidence_holds_json_values_only(base: dict[str, str], processes: Processes) -> None:
    """Whatever is found."""
    for target in (here(base, processes), here(base), here({}), here({**base, "GOROOT": "/tmp"}, processes)):
        for finding in findings(target):
            json.dumps(dict(finding.evidence))
