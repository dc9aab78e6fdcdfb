"""A module whose cache or vendor directory is complete, and what a build would miss."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from probe import codes
from probe.codes import Code
from probe.config import load
from probe.report import Status
from probe.targets import at_root
from probe.targets.processes import Processes
from tests.checks.offline.helpers import GO_MOD, Builder, check, look, newer_line, of, vendor
from tests.support.commands import RunProbe
from tests.support.fixes import fixes


def snapshot(folder: Path) -> dict[str, str]:
    """Every file below *folder* and its content."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize(
    "flags", ["", "-modcacherw", "-mod=mod", "-mod=readonly -json", "-mod=mod -toolexec=/x"]
)
def test_a_full_cache_is_enough(builder: Builder, processes: Processes, flags: str) -> None:
    """Go finds every package, and not one file is written or changed for it."""
    before = snapshot(builder.home)
    findings = look(builder, processes, env={"GOFLAGS": flags})
    assert of(findings, codes.OFFLINE_OK).status is Status.PASS
    assert snapshot(builder.home) == before
    assert of(look(builder), codes.OFFLINE_OK).status is Status.PASS


def test_a_vendor_directory_is_enough(builder: Builder, processes: Processes) -> None:
    """Without any module cache, by the go command and by the files."""
    vendor(builder)
    assert of(look(builder, processes), codes.OFFLINE_OK).evidence["how"] == "go list -deps"
    assert of(look(builder), codes.OFFLINE_OK).evidence["how"] == "vendor"


def drop_cache(builder: Builder) -> None:
    shutil.rmtree(builder.cache)


def drop_module(builder: Builder) -> None:
    shutil.rmtree(builder.cache / "example.com/!m@v1.0.0")
    (builder.cache / "cache/download/example.com/!m/@v/v1.0.0.zip").unlink()


def drop_sums(builder: Builder) -> None:
    (builder.source / "go.sum").unlink()


def change_sum(builder: Builder) -> None:
    path = builder.source / "go.sum"
    path.write_text(path.read_text().replace("M v1.0.0 h1:", "M v1.0.0 h1:Z", 1))


def drop_requirement(builder: Builder) -> None:
    path = builder.source / "go.mod"
    path.write_text("\n".join(line for line in path.read_text().split("\n") if "example.com/M" not in line))


def other_vendor(builder: Builder) -> None:
    vendor(builder)
    path = builder.source / "vendor/modules.txt"
    path.write_text(path.read_text().replace("M v1.0.0", "M v1.0.1"))


def half_vendor(builder: Builder) -> None:
    vendor(builder)
    shutil.rmtree(builder.source / "vendor/example.com/n")


def broken_source(builder: Builder) -> None:
    (builder.source / "main.go").write_text('package main\n\nimport "no/such"\n')


Break = Callable[[Builder], None]


@pytest.mark.parametrize(
    ("fault", "code", "said", "remedy", "by_files"),
    [
        (drop_cache, codes.OFFLINE_MODULE_MISSING, "example.com/M@v1.0.0", "go mod download", True),
        (drop_module, codes.OFFLINE_MODULE_MISSING, "example.com/M@v1.0.0", "go mod download", False),
        (drop_sums, codes.OFFLINE_SUM_MISSING, "", "go mod tidy", True),
        (change_sum, codes.OFFLINE_SUM_MISMATCH, "checksum mismatch", "go clean -modcache", False),
        (drop_requirement, codes.OFFLINE_UNTIDY, "", "go mod tidy", False),
        (other_vendor, codes.OFFLINE_VENDOR, "example.com/M@v1.0.1", "go mod vendor", True),
        (half_vendor, codes.OFFLINE_VENDOR, "example.com/n", "go mod vendor", True),
        (newer_line, codes.OFFLINE_GO_TOO_OLD, "`go 1.99`", "FROM golang:1.99", True),
        (broken_source, codes.OFFLINE_GO_FAILED, "no/such", "go build ./...", False),
    ],
)
def test_what_a_build_would_miss(
    builder: Builder,
    processes: Processes,
    fault: Break,
    code: Code,
    said: str,
    remedy: str,
    by_files: bool,
) -> None:
    """By the go command, in each release's words, and where it shows in the files, by them, too."""
    assert of(look(builder, processes), codes.OFFLINE_OK).status is Status.PASS
    fault(builder)
    before = snapshot(builder.home)
    for started in (processes, None) if by_files else (processes,):
        finding = of(look(builder, started), code)
        assert finding.status is Status.FAIL
        assert said in finding.cause
        assert remedy in fixes(finding)
    assert snapshot(builder.home) == before


def test_an_archive_is_as_good_as_its_content(builder: Builder, processes: Processes) -> None:
    """`go mod download` on another machine brings archives only; Go unpacks them into the cache."""
    shutil.rmtree(builder.cache / "example.com")
    assert of(look(builder), codes.OFFLINE_OK).status is Status.PASS
    assert of(look(builder, processes), codes.OFFLINE_OK).status is Status.PASS


def test_an_origin_is_not_called(builder: Builder, processes: Processes, tmp_path: Path) -> None:
    """With GOPRIVATE Go would run git even where GOPROXY is off; while it is asked, it does not."""
    trace = tmp_path / "called"
    git = tmp_path / "bin/git"
    git.parent.mkdir()
    git.write_text(f"#!/bin/sh\necho >> {trace}\nexit 1\n")
    git.chmod(0o755)
    drop_cache(builder)
    env = {"GOPRIVATE": "*.com", "PATH": f"{builder.tool.go.parent}:{git.parent}:/bin", "GOVCS": "*:all"}
    findings = look(builder, processes, env=env)
    assert of(findings, codes.OFFLINE_MODULE_MISSING)
    private = of(findings, codes.OFFLINE_PRIVATE)
    assert (private.status, fixes(private)) == (Status.WARN, "ENV GONOPROXY=none")
    assert not trace.exists()


def test_what_only_the_go_command_can_tell(newest: Builder) -> None:
    """A single module that is missing may be one that only tests need: by the files it is unknown."""
    shutil.rmtree(newest.cache / "cache/download/example.com/n")
    finding = of(look(newest), codes.OFFLINE_NOT_TRIED)
    assert (finding.status, "example.com/n@v1.0.0" in finding.cause) == (Status.UNKNOWN, True)
    assert "go list -deps" in fixes(finding)


def test_an_old_go_mod_does_not_list_all(newest: Builder) -> None:
    """Before 1.17 it names only what is imported directly."""
    assert of(look(newest), codes.OFFLINE_OK)
    (newest.source / "go.mod").write_text(GO_MOD.format("1.16"))
    assert of(look(newest), codes.OFFLINE_NOT_TRIED).status is Status.UNKNOWN


def test_a_go_command_that_does_not_end(newest: Builder, processes: Processes, tmp_path: Path) -> None:
    """Unknown, within the time that there is."""
    go = tmp_path / "bin/go"
    go.parent.mkdir()
    go.write_text("#!/bin/sh\nsleep 60\n")
    go.chmod(0o755)
    env = {"PATH": f"{go.parent}:/bin", "GOROOT": str(newest.tool.root)}
    target = at_root("/", newest.env(**env))._replace(processes=processes)
    finding = of(check(target, 2.0, module=str(newest.source)), codes.OFFLINE_NOT_TRIED)
    assert (finding.status, "had not finished" in finding.cause) == (Status.UNKNOWN, True)
    assert "--timeout" in fixes(finding)


def test_replaced_modules_are_looked_for_where_they_are(newest: Builder) -> None:
    """A directory must hold a go.mod; another module must be in the cache."""
    path = newest.source / "go.mod"
    path.write_text(path.read_text() + "replace example.com/M => ../fork // ours\n")
    finding = of(look(newest), codes.OFFLINE_NOT_TRIED)
    assert "example.com/M => ../fork" in finding.cause
    (newest.home / "fork").mkdir()
    (newest.home / "fork/go.mod").write_text("module example.com/M\n")
    assert of(look(newest), codes.OFFLINE_OK)
    path.write_text(path.read_text().replace("../fork // ours", "example.com/other v1.2.3"))
    assert "example.com/other@v1.2.3" in of(look(newest), codes.OFFLINE_SUM_MISSING).cause


@pytest.mark.parametrize("content", [None, "", "go 1.21\n"])
def test_no_go_mod(newest: Builder, content: str | None) -> None:
    """Missing, empty or of nothing: a failure that names the setting."""
    path = newest.source / "go.mod"
    path.unlink()
    if content is not None:
        path.write_text(content)
    finding = of(look(newest), codes.OFFLINE_NO_MODULE)
    assert (finding.status, "offline.module" in fixes(finding)) == (Status.FAIL, True)


def test_a_go_mod_that_is_not_understood(newest: Builder) -> None:
    """Where the go command is not asked, nothing that Go may refuse counts as complete."""
    good = (newest.source / "go.mod").read_text()
    for odd in ('"', "require example.com/x", "replace example.com/M =>", "requires example.com/x v1.0.0"):
        (newest.source / "go.mod").write_text(f"{good}{odd}\n")
        finding = of(look(newest), codes.OFFLINE_NOT_TRIED)
        assert finding.status is Status.UNKNOWN
        assert f"go.mod:{good.count(chr(10)) + 1} is not understood" in finding.cause
        assert "go list -deps" in fixes(finding)
    fine = "exclude example.com/x v1.0.0\nretract v1.0.0\ntool example.com/M\n// note\n"
    (newest.source / "go.mod").write_text(good + fine)
    assert of(look(newest), codes.OFFLINE_OK).status is Status.PASS


def test_a_module_without_packages(builder: Builder, processes: Processes) -> None:
    """As in a stage that has copied go.mod and go.sum only: nothing is known, and nothing is broken."""
    for path in builder.source.rglob("*.go"):
        path.unlink()
    finding = of(look(builder, processes), codes.OFFLINE_NOT_TRIED)
    assert finding.status is Status.UNKNOWN
    assert "no package is in" in finding.cause
    assert fixes(finding).startswith("COPY . .")


def test_a_remedy_takes_names_as_they_are(newest: Builder, processes: Processes) -> None:
    """What a path holds is no part of a command."""
    odd = newest.source.rename(newest.home / "a $(reboot)")
    shutil.rmtree(newest.cache)
    for started in (processes, None):
        finding = of(look(newest, started, module=str(odd)), codes.OFFLINE_MODULE_MISSING)
        assert fixes(finding) == f"cd '{odd}' && go mod download"
    empty = of(look(newest, env={"GOPROXY": f"file://{odd}"}, module=""), codes.OFFLINE_PROXY_EMPTY)
    assert fixes(empty).endswith(f"/cache/download/.\" '{odd}'")


def test_runs_only_where_it_is_configured() -> None:
    """A key of its table turns it on."""
    for sets, runs in (([], False), (['offline.module="/src"'], True)):
        settings = load.load(environ={}, sets=sets, system_file="/no/such/file")
        assert ("offline" in settings.enabled) is runs


def test_command_from_the_module_to_the_exit_code(newest: Builder, run_probe: RunProbe) -> None:
    """The go command is asked; what is missing turns the verdict."""
    args = ("check", "--only", "offline", "--set", f'offline.module="{newest.source}"')
    good = run_probe(*args, timeout=60, cwd=None, **newest.env())
    assert (good.code, good.err) == (0, ""), good.out
    drop_cache(newest)
    bad = run_probe(*args, timeout=60, cwd=None, **newest.env())
    assert bad.code == 1
    assert bad.out.startswith("unhealthy: OFFLINE_MODULE_MISSING")
    assert not newest.cache.exists()
