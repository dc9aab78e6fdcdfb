"""The opt-in check `offline`: real go commands, module caches, vendor directories; faults and their twins."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.offline import Offline, file_list
from probe.codes import Code
from probe.config import load
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Finding, Status
from probe.targets import Target, at_root
from probe.targets.processes import Processes
from tests.support.commands import RunProbe
from tests.support.toolchains import VERSIONS, Toolchain, install

GO_MOD = (
    "module example.com/app\n\ngo {}\n\n"
    "require example.com/M v1.0.0\n\nrequire example.com/n v1.0.0 // indirect\n"
)
MAIN = 'package main\n\nimport "example.com/M"\n\nfunc main() { println(m.X) }\n'
MODULES = {
    "example.com/M": (
        "module example.com/M\n\ngo 1.20\n\nrequire example.com/n v1.0.0\n",
        'package m\n\nimport "example.com/n"\n\nvar X = n.X\n',
    ),
    "example.com/n": ("module example.com/n\n\ngo 1.20\n", "package n\n\nvar X = 1\n"),
}


def lay_proxy(folder: Path) -> None:
    """A directory of modules, as a file:// proxy is laid out."""
    for path, (mod, source) in MODULES.items():
        below = folder / path.replace("M", "!m") / "@v"
        below.mkdir(parents=True)
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as content:
            content.writestr(f"{path}@v1.0.0/go.mod", mod)
            content.writestr(f"{path}@v1.0.0/x.go", source)
        (below / "v1.0.0.info").write_text(json.dumps({"Version": "v1.0.0", "Time": "2024-01-01T00:00:00Z"}))
        (below / "v1.0.0.mod").write_text(mod)
        (below / "v1.0.0.zip").write_bytes(archive.getvalue())
        (below / "list").write_text("v1.0.0\n")


class Builder(NamedTuple):
    """A machine that builds: /src in a module, its modules in a cache, and a go command."""

    tool: Toolchain
    home: Path

    @property
    def source(self) -> Path:
        return self.home / "src"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    def env(self, **changed: str) -> dict[str, str]:
        base = {
            "PATH": str(self.tool.go.parent),
            "HOME": str(self.home),
            "GOMODCACHE": str(self.cache),
            "GOTOOLCHAIN": "local",
            "GOPROXY": "off",
            "GOFLAGS": "-modcacherw",
        }
        return {**base, **changed}

    def go(self, *args: str, **changed: str) -> None:
        env = self.env(GOSUMDB="off", HTTPS_PROXY="http://127.0.0.1:1", **changed)
        subprocess.run([self.tool.go, *args], cwd=self.source, env=env, check=True, capture_output=True)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """What a builder of each release holds once its modules are downloaded; to be copied."""
    made: dict[str, Path] = {}

    def fill(version: str) -> Path:
        if version not in made:
            home = made[version] = tmp_path_factory.mktemp(version)
            lay_proxy(home / "proxy")
            builder = Builder(install(version), home)
            builder.source.mkdir()
            (builder.source / "go.mod").write_text(GO_MOD.format("1.21"))
            (builder.source / "main.go").write_text(MAIN)
            builder.go("mod", "tidy", GOPROXY=f"file://{home}/proxy")
        return made[version]

    return fill


@pytest.fixture(params=VERSIONS)
def builder(request: pytest.FixtureRequest, tmp_path: Path, filled: Callable[[str], Path]) -> Builder:
    """A builder of its own for each test, for each release."""
    shutil.copytree(filled(request.param), tmp_path / "home")
    return Builder(install(request.param), tmp_path / "home")


@pytest.fixture
def newest(tmp_path: Path, filled: Callable[[str], Path]) -> Builder:
    """The same for one release, where Go itself is not asked."""
    shutil.copytree(filled(VERSIONS[-1]), tmp_path / "home")
    return Builder(install(VERSIONS[-1]), tmp_path / "home")


@pytest.fixture
def processes() -> Iterator[Processes]:
    with Processes() as started:
        yield started


def check(target: Target, timeout_s: float = 60.0, **settings: Any) -> list[Finding]:
    run = Run(Deadline(timeout_s), "all", 1.8e9, Facts(target, go=NEWEST), lambda _: None)
    return list(Offline(**settings).run(target, run))


def look(
    builder: Builder,
    processes: Processes | None = None,
    *,
    env: Mapping[str, str] | None = None,
    **settings: Any,
) -> list[Finding]:
    """In this machine's tree; with *processes* the go command is run."""
    target = at_root("/", builder.env(**(env or {})))._replace(processes=processes)
    return check(target, **{"module": str(builder.source), **settings})


def of(findings: list[Finding], code: Code) -> Finding:
    found = [finding for finding in findings if finding.code is code]
    assert len(found) == 1, [(finding.code.name, finding.cause) for finding in findings]
    return found[0]


def snapshot(folder: Path) -> dict[str, str]:
    """Every file below *folder* and its content."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
    }


def vendor(builder: Builder) -> None:
    builder.go("mod", "vendor")
    shutil.rmtree(builder.cache)


# --- the module ---------------------------------------------------------------------------


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


def newer_line(builder: Builder) -> None:
    (builder.source / "go.mod").write_text(GO_MOD.format("1.99"))


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
        assert remedy in finding.remedy
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
    assert (private.status, private.remedy) == (Status.WARN, "ENV GONOPROXY=none")
    assert not trace.exists()


def test_what_only_the_go_command_can_tell(newest: Builder) -> None:
    """A single module that is missing may be one that only tests need: by the files it is unknown."""
    shutil.rmtree(newest.cache / "cache/download/example.com/n")
    finding = of(look(newest), codes.OFFLINE_NOT_TRIED)
    assert (finding.status, "example.com/n@v1.0.0" in finding.cause) == (Status.UNKNOWN, True)
    assert "go list -deps" in finding.remedy


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
    assert (finding.status, "had not ended" in finding.cause) == (Status.UNKNOWN, True)
    assert "--timeout" in finding.remedy


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
    assert (finding.status, "offline.module" in finding.remedy) == (Status.FAIL, True)


def test_a_go_mod_that_is_not_understood(newest: Builder) -> None:
    """Where the go command is not asked, nothing that Go may refuse counts as complete."""
    good = (newest.source / "go.mod").read_text()
    for odd in ('"', "require example.com/x", "replace example.com/M =>", "requires example.com/x v1.0.0"):
        (newest.source / "go.mod").write_text(f"{good}{odd}\n")
        finding = of(look(newest), codes.OFFLINE_NOT_TRIED)
        assert finding.status is Status.UNKNOWN
        assert f"go.mod:{good.count(chr(10)) + 1} is not understood" in finding.cause
        assert "go list -deps" in finding.remedy
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
    assert finding.remedy.startswith("COPY . .")


def test_a_remedy_takes_names_as_they_are(newest: Builder, processes: Processes) -> None:
    """What a path holds is no part of a command."""
    odd = newest.source.rename(newest.home / "a $(reboot)")
    shutil.rmtree(newest.cache)
    for started in (processes, None):
        finding = of(look(newest, started, module=str(odd)), codes.OFFLINE_MODULE_MISSING)
        assert finding.remedy == f"cd '{odd}' && go mod download"
    empty = of(look(newest, env={"GOPROXY": f"file://{odd}"}, module=""), codes.OFFLINE_PROXY_EMPTY)
    assert empty.remedy.endswith(f"/cache/download/.\" '{odd}'")


# --- the environment ----------------------------------------------------------------------


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
    assert remedy in finding.remedy
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
    assert finding.remedy == "ENV GOTOOLCHAIN=local"


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
    assert finding.remedy == "ENV GOSUMDB=sum.golang.org GOROOT=/usr/local/go"


# --- the listing --------------------------------------------------------------------------


@pytest.fixture
def sdk(newest: Builder) -> Path:
    """An unpacked SDK, and a listing of it beside."""
    tree = newest.home / "sdk"
    for name in ("src/fmt/print.go", "mod/cache/lock", "cache/00/x-a", "VERSION"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(name)
    (newest.home / "listing").write_text("./src/fmt/print.go\r\n# note\nmod/cache/lock\ncache/\nVERSION\n")
    return tree


def listed(newest: Builder, sdk: Path) -> list[Finding]:
    return look(newest, module="", listing=str(newest.home / "listing"), tree=str(sdk))


def test_a_tree_as_it_is_listed(newest: Builder, sdk: Path) -> None:
    """Every file is there and no other; a directory with a slash stands for all that is in it."""
    assert of(listed(newest, sdk), codes.OFFLINE_LISTING_OK).evidence["listed"] == 4
    digests = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(sdk)}\n" for path in files(sdk)
    ]
    (newest.home / "listing").write_text("".join(digests))
    assert of(listed(newest, sdk), codes.OFFLINE_LISTING_OK).evidence["listed"] == 4
    (sdk / "VERSION").write_text("another")
    changed = of(listed(newest, sdk), codes.OFFLINE_LISTING_CHANGED)
    assert changed.status is Status.FAIL
    assert changed.cause.endswith("hold something else: VERSION")


def test_a_digest_that_is_not_compared_is_unknown(newest: Builder, sdk: Path) -> None:
    """A file beyond what is hashed never passes by its name alone."""
    with (sdk / "VERSION").open("wb") as stream:
        stream.truncate(2 << 30)
    (newest.home / "listing").write_text(f"{'0' * 64}  VERSION\n{'cache/'}\n")
    finding = of(listed(newest, sdk), codes.OFFLINE_LISTING_UNREADABLE)
    assert finding.status is Status.UNKNOWN
    assert finding.cause.startswith("1 of 1 files were not compared")


def files(tree: Path) -> list[Path]:
    return sorted(path for path in tree.rglob("*") if path.is_file())


def test_files_that_are_missing_or_too_many(newest: Builder, sdk: Path) -> None:
    """Each is named, up to ten; one that is missing fails, one too many is a warning."""
    (sdk / "VERSION").unlink()
    (sdk / "mod/cache/lock").unlink()
    (sdk / "mod/cache/lock").mkdir()  # not what is listed
    for number in range(12):
        (sdk / f"src/old{number:02}.go").touch()
    findings = listed(newest, sdk)
    missing = of(findings, codes.OFFLINE_LISTING_MISSING)
    assert missing.status is Status.FAIL
    assert missing.cause.startswith("2 of 4 files of")
    assert missing.cause.endswith("mod/cache/lock, VERSION")
    assert missing.remedy == f"tar -C {sdk} -xf sdk.tar"
    extra = of(findings, codes.OFFLINE_LISTING_EXTRA)
    assert extra.status is Status.WARN
    assert extra.cause.endswith("src/old09.go and 2 more")
    assert "| sort > " in extra.remedy
    assert codes.OFFLINE_LISTING_OK not in [finding.code for finding in findings]


@pytest.mark.parametrize("content", [None, b"", b"/etc/passwd\n", b"a/../../b\n", b"# nothing\n"])
def test_a_listing_that_cannot_be_read(newest: Builder, sdk: Path, content: bytes | None) -> None:
    """Unknown, with the command that makes one."""
    (newest.home / "listing").unlink()
    if content is not None:
        (newest.home / "listing").write_bytes(content)
    finding = of(listed(newest, sdk), codes.OFFLINE_LISTING_UNREADABLE)
    assert finding.status is Status.UNKNOWN
    assert finding.remedy.startswith(f"find {sdk} -type f")


def test_names_that_no_file_can_have(newest: Builder, sdk: Path) -> None:
    """They are missing, and told in part."""
    with (newest.home / "listing").open("a") as stream:
        stream.write("x" * 5000 + "\n" + "y/" * 3000 + "z\n")
    missing = of(listed(newest, sdk), codes.OFFLINE_LISTING_MISSING)
    assert missing.cause.startswith("2 of 6 files of")
    assert len(missing.cause) < 900


def test_a_tree_that_may_not_be_searched() -> None:
    """Unknown, not missing, with the command that says where; with search permission it is as listed."""
    with tempfile.TemporaryDirectory() as name:  # below pytest's own nobody else may search
        home = Path(name)
        home.chmod(0o755)
        (home / "listing").write_text("VERSION\n")
        (home / "sdk").mkdir()
        (home / "sdk/VERSION").touch()
        for mode, code in ((0, codes.OFFLINE_LISTING_UNREADABLE), (0o755, codes.OFFLINE_LISTING_OK)):
            (home / "sdk").chmod(mode)
            finding = of(as_somebody(home), code)
            assert finding.status is (Status.PASS if mode else Status.UNKNOWN)
            assert finding.remedy == ("" if mode else f"find {home}/sdk > /dev/null")


def as_somebody(home: Path) -> list[Finding]:
    """The comparison as it is without root's capabilities."""
    before = os.geteuid()
    os.seteuid(before or 4321)
    try:
        target = at_root("/", {})
        return list(file_list.findings(target, f"{home}/listing", f"{home}/sdk", Deadline(10)))
    finally:
        os.seteuid(before)


def test_a_link_out_of_the_tree_is_not_followed(newest: Builder, sdk: Path) -> None:
    """A link to a directory counts as one file."""
    (sdk / "loop").symlink_to("..")
    assert of(listed(newest, sdk), codes.OFFLINE_LISTING_EXTRA).evidence["extra"] == 1


# --- as a user runs it --------------------------------------------------------------------


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
