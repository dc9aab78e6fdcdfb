"""
What a test needs: a test without it is skipped with the reason, and the reasons are counted at the end.

With PROBE_CI set, a test that is skipped although it could have run here is a failure.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
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
    """Whether no other user may start the interpreter that runs the tests, or read the checkout."""
    command = [sys.executable, "-c", "import probe.runner, tests"]
    path = os.pathsep.join([*sys.path, os.getcwd()])
    try:
        done = subprocess.run(
            command, env={"PYTHONPATH": path}, cwd="/", user=65534, capture_output=True, timeout=30
        )
    except PermissionError:
        return True
    return done.returncode != 0


# What a reason must begin with, and whether it holds on this machine. As root a Docker Engine is not
# among them: .ci/run starts one.
ALLOWED: dict[str, Callable[[], bool]] = {
    "needs root": lambda: os.geteuid() != 0,
    "needs another user than root": lambda: os.geteuid() == 0,
    "needs mounts": lambda: os.geteuid() != 0 or mounts_are_refused(),
    "needs a Docker Engine": lambda: os.geteuid() != 0,
    "needs a writable /proc/sys": lambda: not os.access("/proc/sys/fs/protected_symlinks", os.W_OK),
    "needs zsh": lambda: not shutil.which("zsh"),
    "needs fish": lambda: not shutil.which("fish"),
    "needs mandoc": lambda: not shutil.which("mandoc"),
    "needs docker-registry": lambda: not shutil.which("docker-registry"),
    "needs npm": lambda: not shutil.which("npm"),
    "needs chromium": lambda: not shutil.which("chromium"),
    "needs kubectl": no_current_kubectl,
    "needs FUSE": lambda: not os.access("/dev/fuse", os.R_OK | os.W_OK),
    "needs faketime": lambda: not shutil.which("faketime"),
    "needs prometheus": lambda: not shutil.which("prometheus"),
    "needs promtool": lambda: not shutil.which("promtool"),
    "needs setfacl": lambda: not shutil.which("setfacl"),
    "needs mkfs.ext4": lambda: not shutil.which("mkfs.ext4"),
    "needs git": lambda: not shutil.which("git"),
    "needs gcc": lambda: not shutil.which("gcc"),
    "needs musl-gcc": lambda: not shutil.which("musl-gcc"),
    "needs gpg and gpgv": lambda: not (shutil.which("gpg") and shutil.which("gpgv")),
    "needs a Python that other users may start": python_is_private,
    "needs IPv6": _no_ipv6,
    "nothing to compare": lambda: True,
    "no thread of the kernel can be seen in here": lambda: True,
    "needs Python 3.12": lambda: sys.version_info < (3, 12),
    "needs Python 3.13": lambda: sys.version_info < (3, 13),
}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "root(what): needs to be root, for *what* (chroot, other users)")
    config.addinivalue_line("markers", "needs(what): needs what ALLOWED knows as 'needs *what*'")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture is made."""
    for mark in item.iter_markers("root"):
        if os.geteuid():
            pytest.skip(": ".join(["needs root", *mark.args]))
    for mark in item.iter_markers("needs"):
        if ALLOWED[f"needs {mark.args[0]}"]():
            pytest.skip(f"needs {mark.args[0]}")


def excused(reason: str) -> bool:
    """Whether *reason* is one that is known, and true here."""
    return any(reason.startswith(word) and holds() for word, holds in ALLOWED.items())


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def _judge(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not STRICT or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = _reason(report)
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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many tests were skipped for want of what, one line each."""
    reasons = [_reason(report) for report in terminalreporter.getreports("skipped")]
    if not reasons:
        return
    known = sorted(ALLOWED, key=len, reverse=True)
    counts = Counter(next((word for word in known if reason.startswith(word)), reason) for reason in reasons)
    terminalreporter.write_sep("-", f"{len(reasons)} tests skipped")
    for reason, count in counts.most_common():
        terminalreporter.write_line(f"{count:6}  {reason}")
