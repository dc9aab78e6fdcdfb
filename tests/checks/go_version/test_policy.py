"""Which versions pass: support, the minimum, and every form in which a version is told."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from probe import codes
from probe.checks.go_version import GoVersion
from probe.codes import Code
from probe.report import Status
from probe.targets.processes import Processes
from tests.checks.go_version.helpers import findings, first, go, here, told
from tests.support.toolchains import Toolchain


def test_a_supported_toolchain_passes(base: dict[str, str], processes: Processes) -> None:
    """One finding, which says what was judged and until when it is supported."""
    (finding,) = findings(here(base, processes))
    assert (finding.status, finding.code) == (Status.PASS, codes.GO_VERSION_OK)
    assert finding.cause == "go1.27.3, supported until about 2027-08"
    assert finding.remedy == ""
    assert finding.evidence["source"] == "toolchain"
    assert finding.evidence["version"] == "go1.27.3"


def test_a_toolchain_without_support_warns(go_1_21: Toolchain, processes: Processes) -> None:
    """With the date and the release to take; failing is for who wants it, and so is silence."""
    target = here({"PATH": str(go_1_21.root / "bin")}, processes)
    (finding,) = findings(target)
    assert (finding.status, finding.code) == (Status.WARN, codes.GO_OUT_OF_SUPPORT)
    assert finding.cause == "go1.21.13 has had no security fixes since 2024-08-13"
    assert finding.remedy == "FROM golang:1.27"
    assert told(target, GoVersion(eol="fail")) == [(Status.FAIL, codes.GO_OUT_OF_SUPPORT)]
    assert told(target, GoVersion(eol="ignore")) == [(Status.PASS, codes.GO_VERSION_OK)]
    before = datetime(2024, 8, 12, tzinfo=UTC).timestamp()
    assert told(target, now=before) == [(Status.PASS, codes.GO_VERSION_OK)]


def test_when_all_that_we_know_is_out_of_support_no_release_is_named(
    base: dict[str, str], processes: Processes
) -> None:
    """An old probe does not send anybody to an old Go."""
    late = datetime(2035, 1, 1, tzinfo=UTC).timestamp()
    finding = first(here(base, processes), now=late)
    assert (finding.code, finding.remedy) == (codes.GO_OUT_OF_SUPPORT, "FROM golang:latest")


@pytest.mark.parametrize(
    ("minimum", "remedy"),
    [
        ("1.21", ""),
        ("1.27.3", ""),
        ("go1.27", ""),
        ("1.27.4", "FROM golang:1.27"),
        ("1.28rc1", "FROM golang:1.28rc1"),
        ("1.28", "FROM golang:1.28"),
    ],
)
def test_the_minimum_is_compared_as_go_compares(
    base: dict[str, str], processes: Processes, minimum: str, remedy: str
) -> None:
    """Numbers as numbers, pre-releases before releases."""
    finding = first(here(base, processes), GoVersion(minimum=minimum))
    assert finding.remedy == remedy
    if remedy:
        assert (finding.status, finding.code) == (Status.FAIL, codes.GO_TOO_OLD)
        assert finding.cause == f"go1.27.3 is older than the required minimum go{minimum}"
    else:
        assert (finding.status, finding.code) == (Status.PASS, codes.GO_VERSION_OK)


# What a wrapper prints: the version, the minimum, and what becomes of it.
VERSIONS = [
    ("go1.20.14", "1.21", Status.FAIL, codes.GO_TOO_OLD),
    ("go1.9.7", "1.10", Status.FAIL, codes.GO_TOO_OLD),
    ("go1.28rc1", "1.21", Status.WARN, codes.GO_UNRELEASED),
    ("go1.28rc1", "1.28", Status.WARN, codes.GO_UNRELEASED),
    ("go1.28rc1", "1.28.0", Status.FAIL, codes.GO_TOO_OLD),
    ("go1.28-devel_abc Mon Nov 2 2026", "1.27", Status.WARN, codes.GO_UNRELEASED),
    ("devel go1.28-abc Mon Nov 2 2026", "1.27", Status.WARN, codes.GO_UNRELEASED),
    ("devel +abc Mon Nov 2 2026", "1.21", Status.UNKNOWN, codes.GO_VERSION_UNREADABLE),
    ("weird", "1.21", Status.UNKNOWN, codes.GO_VERSION_UNREADABLE),
    ("go1.26.5-bigcorp", "1.26", Status.PASS, codes.GO_VERSION_OK),
    ("go1.26.5 (Red Hat 1.26.5-1.el10)", "1.26.5", Status.PASS, codes.GO_VERSION_OK),
    ("go1.26.5+fips", "1.26.6", Status.FAIL, codes.GO_TOO_OLD),
    ("go1.26.5-X:boringcrypto", "1.26", Status.PASS, codes.GO_VERSION_OK),
    ("go1.24.11 X:boringcrypto", "1.24.11", Status.WARN, codes.GO_OUT_OF_SUPPORT),
    ("go1.30.1", "1.21", Status.PASS, codes.GO_VERSION_OK),
]


@pytest.mark.parametrize(("text", "minimum", "status", "code"), VERSIONS)
def test_every_form_of_version_is_judged(
    tmp_path: Path, processes: Processes, text: str, minimum: str, status: Status, code: Code
) -> None:
    """Releases, pre-releases, development trees, vendors' own, and what tells nothing."""
    env = go(tmp_path / "bin", f"#!/bin/sh\necho 'go version {text} linux/amd64'\n")
    (finding,) = findings(here(env, processes), GoVersion(minimum=minimum))
    assert (finding.status, finding.code) == (status, code), finding
    assert (finding.remedy == "") == (status is Status.PASS)
