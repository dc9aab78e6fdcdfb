"""`--as-go all`: each release says what real Go of it says, and a bridge lets real Go through."""

import json
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast

import pytest

from probe import releases, runner
from probe.checks.base import Check
from probe.checks.ca_bundle import CaBundle
from probe.checks.timezone import TimeZone
from probe.facts import Facts
from probe.golang.release import OLDEST, PREVIEW, Go
from probe.output.schema import report_schema
from probe.targets import Files
from probe.targets.seen import SeenFiles
from tests.differential.harness import ask, same
from tests.golang.builds import build, module
from tests.support import pki, refused, toolchains, zonefiles
from tests.support.commands import MakeTarget, RunProbe, clean_environment
from tests.support.pki import NOW, leaf, pems, root
from tests.support.schemas import jsonschema
from tests.tls import servers
from tests.tls.servers import Server

CA = root("Upgrade CA")
RSA = leaf(CA, "localhost", key=pki.key("RSA2048"))
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
OLD = Go((1, 21, 13), "binary")


def weak(*, ciphers: str = "ALL") -> Callable[[ssl.SSLContext], None]:
    def setup(made: ssl.SSLContext) -> None:
        made.set_ciphers(f"{ciphers}:@SECLEVEL=0")
        made.maximum_version = ssl.TLSVersion.TLSv1_2

    return setup


def sha1(folder: Path) -> AbstractContextManager[int]:
    options = ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA:@SECLEVEL=0", "-sigalgs", "RSA+SHA1")
    return servers.openssl(folder, [RSA], *options)


# What breaks on the way from 1.21 to 1.27, and the first release in which it does.
BREAKS: dict[str, tuple[int, Callable[[], AbstractContextManager[Server]]]] = {
    "RSA key exchange": (22, lambda: servers.tls(RSA, setup=weak(ciphers="AES128-GCM-SHA256"))),
    "RSA 1000": (24, lambda: servers.tls(leaf(CA, "localhost", key=pki.odd_rsa_key(1000)), setup=weak())),
    "negative serial": (23, lambda: servers.tls(leaf(CA, "localhost", serial=-7))),
}


def compared(make_target: MakeTarget, port: int, go: Go = OLD) -> releases.ReleaseComparison:
    checks = [CaBundle(endpoints=(f"localhost:{port}",))]
    facts = Facts(make_target({BUNDLE: pems([CA])}), now=NOW, go=go)
    report = runner.run(checks, facts, timeout_s=10, role="all", now=NOW)
    return releases.compare(checks, facts, report, now=NOW, timeout_s=10)


@pytest.mark.parametrize("name", BREAKS)
def test_each_release_is_judged_as_it_judges(name: str, make_target: MakeTarget) -> None:
    """From that release on unhealthy, before it as here; Go of each line that is at hand agrees."""
    first, serve = BREAKS[name]
    with serve() as server:
        found = compared(make_target, server.port)
        assert found.report.healthy, found.report
        assert [one.name for one in found.verdicts] == [f"1.{n}" for n in range(OLDEST, PREVIEW + 1)]
        assert [one.healthy for one in found.verdicts] == [n < first for n in range(OLDEST, PREVIEW + 1)]
        for version in toolchains.allowed:
            verdict = next(one for one in found.verdicts if version.startswith(f"{one.name}."))
            theirs = handshake(version, server.port)
            same(verdict.healthy, theirs["ok"], f"{name}, {version}: {theirs['error']}")
            for setting in verdict.bridges.values():
                bridged = handshake(version, server.port, GODEBUG=setting)
                same(True, bridged["ok"], f"{name}, {version}, {setting}: {bridged['error']}")


# Of a program that opens a file: what the runtime of some releases dies of before main or there.
SURROUNDINGS: dict[str, tuple[str, ...]] = {
    "nothing odd": (),
    "a removed setting": ("env", "GODEBUG=tls10server=1"),
    "no address space": ("sh", "-c", 'ulimit -Sv 500000; exec "$@"', "sh"),
    "pipe2 unknown": (sys.executable, refused.__file__, "pipe2=ENOSYS"),
    **{
        f"{name} refused": (sys.executable, refused.__file__, f"{name}=EPERM")
        for name in ("eventfd2", "pipe2", "epoll_create1", "sigaltstack")
    },
}
OPENS = """package main

import "os"

func main() {
	file, err := os.Open("/dev/null")
	if err != nil {
		panic(err)
	}
	file.Close()
}
"""


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_each_release_starts_where_it_is_said_to(name: str) -> None:
    """The program of the oldest release is looked at; those of all that are at hand are run."""
    before, programs = SURROUNDINGS[name], {one: build(one, module(OPENS)) for one in toolchains.allowed}
    oldest = programs[toolchains.allowed[0]]
    line = ["check", "--only", "go-version", "--as-go", "all", "--format", "json"]
    settings = ["--set", "go-version.source=binary", "--set", f"go-version.binary={oldest}"]
    told = subprocess.run(
        [*before, sys.executable, "-m", "probe", *line, *settings, "--set", "go-version.eol=warn"],
        env=clean_environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    verdicts = {one["release"]: one["healthy"] for one in json.loads(told.stdout)["releases"]}
    for version, program in programs.items():
        real = subprocess.run([*before, program], env=clean_environment(), capture_output=True, timeout=30)
        ours = verdicts[".".join(version.split(".")[:2])]
        same(ours, real.returncode == 0, f"{name}, {version}: {real.stderr[-300:]!r}")


@pytest.mark.parametrize(
    ("name", "bridges"),
    [
        ("RSA key exchange", dict.fromkeys(range(22, 27), "tlsrsakex=1")),
        ("RSA 1000", dict.fromkeys(range(24, 29), "rsa1024min=0")),
        ("negative serial", dict.fromkeys(range(23, 29), "x509negativeserial=1")),
    ],
)
def test_the_setting_that_bridges_is_named_while_there_is_one(
    name: str, bridges: dict[int, str], make_target: MakeTarget
) -> None:
    with BREAKS[name][1]() as server:
        found = compared(make_target, server.port)
    told = {one.name: next(iter(one.bridges.values()), "") for one in found.verdicts if one.findings}
    assert {name: setting for name, setting in told.items() if setting} == {
        f"1.{n}": setting for n, setting in bridges.items()
    }


def test_signatures_with_sha_1(make_target: MakeTarget, tmp_path: Path) -> None:
    """Out of the default with 1.25."""
    with sha1(tmp_path) as port:
        found = compared(make_target, port)
        assert [one.name for one in found.verdicts if not one.healthy] == ["1.25", "1.26", "1.27", "1.28"]
        assert {setting for one in found.verdicts for setting in one.bridges.values()} == {"tlssha1=1"}
        same(True, handshake("1.27.3", port, GODEBUG="tlssha1=1")["ok"])


def handshake(version: str, port: int, **env: str) -> dict[str, object]:
    request = {"address": f"127.0.0.1:{port}", "server_name": "localhost", "roots": pems([CA])}
    return dict(ask(version, "handshake", request, env=env))


@pytest.fixture
def told(run_probe: RunProbe, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """The command on a root with that bundle, whose endpoint has a key that 1.24 refuses."""
    (tmp_path / BUNDLE.lstrip("/")).parent.mkdir(parents=True)
    (tmp_path / BUNDLE.lstrip("/")).write_text(pems([CA]))
    with servers.tls(leaf(CA, "localhost", key=pki.odd_rsa_key(1000)), setup=weak()) as server:

        def run(*more: str) -> str:
            line = ("check", "--only", "ca-bundle", "--root", str(tmp_path), "--as-go", "all")
            done = run_probe(*line, "--endpoint", f"localhost:{server.port}", *more)
            assert (done.code, done.err) == (1, "")
            return done.out

        yield run


def test_people_are_told_the_differences_alone(told: Callable[..., str]) -> None:
    lines = told().splitlines()
    assert lines[0].startswith("unhealthy: ")
    rows = lines[lines.index(next(line for line in lines if line.startswith("as Go"))) :]
    assert "beside go1.27.3" in rows[0]
    assert [row[:25].split() for row in rows[1:] if not row.startswith(" ")] == [
        ["1.21-1.23", "healthy"],
        ["1.24-1.27", "unhealthy"],
        ["1.28", "preview", "unhealthy"],
    ]
    assert [row[25:] for row in rows[-2:]] == ["the same", "the same"]


def test_programs_are_told_all(told: Callable[..., str]) -> None:
    """The report is that of every other run; each release has its verdict."""
    whole = json.loads(told("--format", "json"))
    jsonschema().validate(whole["report"], report_schema())
    assert (whole["go"], whole["healthy"]) == ("go1.27.3", False)
    assert [one["release"] for one in whole["releases"] if one["healthy"]] == ["1.21", "1.22", "1.23"]
    assert [one["release"] for one in whole["releases"] if one["preview"]] == ["1.28"]
    assert {one["code"] for one in whole["releases"][0]["gone"]} == {
        found["code"]
        for check in whole["report"]["checks"]
        for found in check["findings"]
        if found["status"] == "fail"
    }


@pytest.mark.parametrize("more", [("--format", "sarif"), ("--fix", "dockerfile")])
def test_no_other_form_has_a_place_for_it(run_probe: RunProbe, more: tuple[str, str]) -> None:
    done = run_probe("check", "--as-go", "all", *more)
    assert (done.code, done.out) == (64, "")
    assert "only as text or json" in done.err


def test_a_healthy_target_costs_twice_as_much_at_most(make_target: MakeTarget) -> None:
    """Eight verdicts more: what was read is not read again. Counted in reads, which no load decides."""
    target = make_target({BUNDLE: pems([CA]), "/etc/localtime": zonefiles.reference("Europe/Zurich")})
    asked = Counted(target.files)
    facts = Facts(target._replace(files=SeenFiles(cast("Files", asked))), now=NOW)
    checks: list[Check] = [CaBundle(endpoints=()), TimeZone()]
    report = runner.run(checks, facts, timeout_s=10, role="all", now=NOW)
    before = asked.count
    found = releases.compare(checks, facts, report, now=NOW, timeout_s=10)
    assert found.healthy
    assert asked.count <= 2 * before


class Counted:
    """Files that count what they are asked."""

    def __init__(self, files: Files) -> None:
        self._files, self.count = files, 0

    def __getattr__(self, name: str) -> Any:
        self.count += 1
        return getattr(self._files, name)
