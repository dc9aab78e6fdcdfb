"""What is known of a target is found out once, whoever asks, and however many."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from ssl import DER_cert_to_PEM_cert
from typing import Any

import certifi
import pytest

from probe import checks, runner
from probe.config.load import load
from probe.facts import Facts, VersionFuture
from probe.formats import pem
from probe.golang.release import NEWEST
from probe.golang.x509 import certificate, public_roots
from probe.report import Report
from probe.targets import Files, Target, at_root
from tests.support.pki import root
from tests.support.toolchains import Toolchain
from tests.support.worlds import Link, lay

PRIVATE = [root(f"Authority {number}") for number in range(3)]
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
ENV = "/root/.config/go/env"
SETS = (
    *("permissions.touch=false", "pinned.version=1.27.3", "offline.module=/src", "downloads.attempts=1"),
    *("clock.endpoints=127.0.0.1:1", "ca-bundle.endpoints=127.0.0.1:1", "go-version.binary=/app"),
)


class CountedFiles:
    """A view of *files*; `paths` counts how often each was opened, 0 where only its stat or link was read."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.paths: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._files, name)

        def seen(*given: Any, **options: Any) -> Any:
            if given:
                self.paths[given[0]] = self.paths.get(given[0], 0) + (name == "open")
            return method(*given, **options)

        return seen


def counted(target: Target, **options: Any) -> tuple[Facts, CountedFiles]:
    files = CountedFiles(target.files)
    return Facts(target._replace(files=files), **options), files


@pytest.fixture
def container(tmp_path: Path, go_newest: Toolchain) -> Target:
    """As Debian has it: a bundle, and beside it each of its roots under two names."""
    shipped = pem.split(Path(certifi.where()).read_bytes())  # a machine may have added roots of its own
    public = [one.data for one in shipped if public_roots.find(one.data, NEWEST)]
    singles = [DER_cert_to_PEM_cert(der).encode() for der in (*public, *(one.der for one in PRIVATE))]
    lay(
        tmp_path,
        {
            BUNDLE: b"".join(singles),
            **{f"/usr/share/ca-certificates/{n}.crt": single for n, single in enumerate(singles)},
            **{
                f"/etc/ssl/certs/{n}.pem": Link(f"/usr/share/ca-certificates/{n}.crt")
                for n in range(len(singles))
            },
            **{f"/etc/ssl/certs/{n:08x}.0": Link(f"{n}.pem") for n in range(len(singles))},
            "/src/go.mod": b"module example.com/here\ngo 1.21\n",
            "/app": Path(sys.executable).resolve().read_bytes(),
            "/usr/local/go/VERSION": (go_newest.root / "VERSION").read_bytes(),
            "/usr/local/go/go.env": (go_newest.root / "go.env").read_bytes(),
            "/usr/local/go/bin/go": go_newest.go.read_bytes(),
            "/usr/local/go/pkg/tool/x": b"",
            ENV: b"GOFLAGS=-mod=mod\n",
            "/etc/localtime": b"TZif",
        },
    )
    os.chmod(tmp_path / "usr/local/go/bin/go", 0o755)
    env = {"PATH": "/usr/local/go/bin", "HOME": "/root", "GOPROXY": "off"}
    return at_root(str(tmp_path), env)._replace(executable="/app")


def run_all(facts: Facts) -> Report:
    """Every check in one run, with what makes it look as far as it can."""
    settings = load(
        environ={}, sets=(*SETS, f"checks={list(checks.NAMES)}".replace("'", '"')), system_file="/no"
    )
    assert [check.name for check in settings.selected] == list(checks.NAMES)
    return runner.run(settings.selected, facts, timeout_s=30, role="all", now=1.8e9)


def test_one_run_reads_each_fact_once(container: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """All checks on: the bundle, the go command's files, the zone and the program, each read once."""
    parsed: list[bytes] = []
    parse = certificate.Parser.parse

    def counting(self: certificate.Parser, data: bytes) -> certificate.Certificate | certificate.Refusal:
        parsed.append(data)
        return parse(self, data)

    monkeypatch.setattr(certificate.Parser, "parse", counting)
    facts, seen = counted(container, program="/app")
    report = run_all(facts)
    assert [check.name for check in report.checks] == list(checks.NAMES)
    assert not [one for check in report.checks for one in check.findings if one.code.name == "CHECK_CRASHED"]
    assert len(parsed) == len(set(parsed)) == len(PRIVATE)  # the others are known
    assert len(facts.roots().roots) > 100
    once = (BUNDLE, "/etc/ssl/certs/0.pem", "/usr/local/go/go.env", "/etc/localtime", "/app", ENV)
    assert {path: seen.paths.get(path) for path in once} == dict.fromkeys(once, 1)


def test_nothing_is_read_before_somebody_asks(container: Target) -> None:
    """And then only what the answer takes."""
    facts, seen = counted(container)
    assert seen.paths == {}
    facts.local_time()
    assert seen.paths["/etc/localtime"] == 1
    assert BUNDLE not in seen.paths
    facts.roots()
    assert seen.paths["/etc/pki/tls/certs"] == 0


def test_a_failure_is_everybodys(container: Target) -> None:
    """Found out once too: the second who asks gets the same exception."""
    facts, seen = counted(container, as_go="nonsense")
    problems = []
    for _ in range(2):
        with pytest.raises(Exception, match="not a Go version") as problem:
            facts.roots()
        problems.append(problem.value)
    assert problems[0] is problems[1]
    assert BUNDLE not in seen.paths


def test_two_judged_by_the_same_rules_share_the_roots(container: Target) -> None:
    """The Go of the program and that of the go command, where only their names differ; not where rules do."""
    facts = Facts(container)
    go = facts.go()
    assert facts.roots(go._replace(source="as-go")) is facts.roots()
    assert facts.roots(go._replace(release=(1, 21, 0))) is not facts.roots()


def test_a_result_is_set_once_whoever_waits() -> None:
    """Many that set it and many that wait for it at once: one answer, and nobody stumbles over another."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(6) as pool:
            for turn in range(3000):
                future = VersionFuture()
                future.expected = True
                setting = [pool.submit(future.set_result, f"{turn}.{number}") for number in range(3)]
                waiting = [pool.submit(future.result, 5.0) for _ in range(3)]
                [one.result() for one in setting]
                assert {one.result() for one in waiting} == {future.text}
    finally:
        sys.setswitchinterval(before)
