"""With PROBE_CI set, a test that is skipped although it could have run here is a failure."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from functools import cache

import pytest

STRICT = bool(os.environ.get("PROBE_CI"))  # read now: tests run without any PROBE_*


@cache
def mounts_are_refused() -> bool:
    """Whether root may not make a mount namespace here."""
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, timeout=10).returncode != 0


@cache
def _no_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return True
    return False


@cache
def no_current_kubectl() -> bool:
    """Whether kubectl is missing, or older than 1.24: those bring a kustomize that cannot read deploy/."""
    found = shutil.which("kubectl")
    command = [found or "false", "version", "--client", "--output=json"]
    return b"kustomizeVersion" not in subprocess.run(command, capture_output=True, timeout=60).stdout


@cache
def python_is_private() -> bool:
    """Whether no other user may start the interpreter that runs the tests."""
    try:
        return subprocess.run([sys.executable, "-I", "-S", "-c", ""], user=65534, timeout=10).returncode != 0
    except PermissionError:
        return True


# What a reason must begin with, and whether it holds on this machine. A Docker Engine is not among
# them: .ci/run starts one.
ALLOWED: dict[str, Callable[[], bool]] = {
    "needs root": lambda: os.geteuid() != 0,
    "needs another user than root": lambda: os.geteuid() == 0,
    "needs mounts": lambda: os.geteuid() != 0 or mounts_are_refused(),
    "needs chromium": lambda: not shutil.which("chromium"),
    "needs kubectl": no_current_kubectl,
    "needs FUSE": lambda: not os.access("/dev/fuse", os.R_OK | os.W_OK),
    "needs faketime": lambda: not shutil.which("faketime"),
    "needs promtool": lambda: not shutil.which("promtool"),
    "needs setfacl": lambda: not shutil.which("setfacl"),
    "needs mkfs.ext4": lambda: not shutil.which("mkfs.ext4"),
    "needs gcc": lambda: not shutil.which("gcc"),
    "needs musl-gcc": lambda: not shutil.which("musl-gcc"),
    "needs gpg and gpgv": lambda: not (shutil.which("gpg") and shutil.which("gpgv")),
    "needs a Python that other users may start": python_is_private,
    "no IPv6 on this machine": _no_ipv6,
    "that GODEBUG kills such a program at start": lambda: True,  # nothing is left to compare
    "needs Python 3.12": lambda: sys.version_info < (3, 12),
    "needs Python 3.13": lambda: sys.version_info < (3, 13),
}


def excused(reason: str) -> bool:
    """Whether *reason* is one that is known, and true here."""
    return any(reason.startswith(word) and holds() for word, holds in ALLOWED.items())


def _judge(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not STRICT or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if not excused(reason):
        report.outcome = "failed"
        report.longrepr = f"skipped although it could have run: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _judge(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _judge(report)
    return report
