"""What kills a program before its main function: each real program is started, and judged before."""

import ctypes
import os
import resource
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.commands import clean_environment
from tests.support.toolchains import Toolchain

HELLO = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("started") }\n'
CGO = (
    'package main\n\n// #include <stdlib.h>\nimport "C"\n\nfunc main() { println(C.atoi(C.CString("7"))) }\n'
)
_UNAME26 = 0x0020000  # linux/personality.h
LOADER = "/lib64/ld-linux-x86-64.so.2"


@pytest.fixture(scope="module")
def plain(go_newest: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    (folder / "main.go").write_text(HELLO)
    return go_newest.build(folder / "main.go", folder / "app", "-ldflags=-s -w")


@pytest.fixture(scope="module")
def pie(go_newest: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without cgo, but with a loader."""
    folder = tmp_path_factory.mktemp("pie")
    (folder / "main.go").write_text(HELLO)
    return go_newest.build(folder / "main.go", folder / "app", "-ldflags=-s -w", "-buildmode=pie")


def starts(program: Path, **env: str) -> bool:
    try:
        done = subprocess.run([program], env={**clean_environment(), **env}, capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def verdict(
    program: Path | str, *options: str, how: Callable[[], None] | None = None, **env: str
) -> tuple[int, str]:
    """Exit code and text of go-version for *program*."""
    command = [sys.executable, "-m", "probe", "check", "--only", "go-version", "--role", "ready"]
    done = subprocess.run(
        [*command, "--set", f"go-version.binary={program}", *options],
        env={**clean_environment(), "PATH": "/usr/bin:/bin", **env},
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=how,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("share", [10, 30, 50, 70, 90, 96, 98, 99])
def test_a_cut_program_fails(plain: Path, tmp_path: Path, share: int) -> None:
    """What is mapped lies beyond the end of the file: SIGSEGV, SIGBUS or no start at all."""
    cut = tmp_path / "cut"
    data = plain.read_bytes()
    cut.write_bytes(data[: len(data) * share // 100])
    cut.chmod(0o755)
    assert not starts(cut)
    code, text = verdict(cut)
    assert (code, "fail GO_TRUNCATED" in text) == (1, True), text
    both = verdict(cut, "--only", "linkage", "--set", f"linkage.binary={cut}")
    assert "fail LINKAGE_TRUNCATED" in both[1]


def test_a_program_whose_last_bytes_are_missing_is_not_known(plain: Path, tmp_path: Path) -> None:
    """Within the last page the kernel fills up with zeros: it may start, or not."""
    cut = tmp_path / "cut"
    cut.write_bytes(plain.read_bytes()[:-1])
    cut.chmod(0o755)
    ends = verdict(cut)
    assert ends[0] == 1 or starts(cut)
    assert ("GO_TRUNCATED" in ends[1]) == (ends[0] == 1)


def test_what_is_not_mapped_may_be_missing(go_newest: Toolchain, tmp_path: Path) -> None:
    """Debug information stands last in the file, and nothing at the start needs it."""
    (tmp_path / "main.go").write_text(HELLO)
    whole = go_newest.build(tmp_path / "main.go", tmp_path / "app")
    data = whole.read_bytes()
    cut = tmp_path / "cut"
    cut.write_bytes(data[: len(data) * 95 // 100])
    cut.chmod(0o755)
    assert starts(cut)
    assert "TRUNCATED" not in verdict(cut)[1]


def loader(root: Path, pie: Path, content: bytes, mode: int) -> bool:
    """Lay a loader and the program into *root*; whether the program starts there."""
    (root / "lib64").mkdir(exist_ok=True)
    shutil.copy(pie, root / "app")
    target = root / LOADER.lstrip("/")
    target.write_bytes(content)
    target.chmod(mode)
    done = subprocess.run(["chroot", root, "/app"], env=clean_environment(), capture_output=True, timeout=20)
    return done.returncode == 0


@pytest.mark.root
@pytest.mark.parametrize(
    ("cut", "mode", "why"),
    [
        (1.0, 0o755, ""),
        (1.0, 0o644, "may not be executed"),
        (0.0, 0o755, "is an empty file"),
        (0.5, 0o755, "is truncated"),
        (0.001, 0o755, "is truncated"),
    ],
)
def test_a_loader_that_is_there_and_unusable(root: Path, pie: Path, cut: float, mode: int, why: str) -> None:
    """By its mode, as `COPY --chmod=644` leaves it, or its content."""
    whole = Path(LOADER).read_bytes()
    started = loader(root, pie, whole[: int(len(whole) * cut)], mode)
    assert started == (not why)
    code, text = verdict("/app", "--root", str(root))
    assert (code, "fail GO_LOADER_UNUSABLE" in text) == ((0, False) if started else (1, True)), text
    assert why in text
    told = verdict("/app", "--root", str(root), "--only", "linkage", "--set", "linkage.binary=/app")[1]
    assert ("fail LINKAGE_LOADER_UNUSABLE" in told) == (not started)


def gnu_hash(name: bytes) -> int:
    """The hash of a symbol version (SysV ABI)."""
    value = 0
    for byte in name:
        value = (value << 4) + byte
        if high := value & 0xF0000000:
            value = (value ^ high >> 24) & ~high
    return value


@pytest.mark.needs("gcc")
def test_a_libc_that_is_too_old_fails_by_default(go_newest: Toolchain, tmp_path: Path) -> None:
    """version `GLIBC_2.99' not found: no opt-in check is needed to hear of it."""
    (tmp_path / "main.go").write_text(CGO)
    program = go_newest.build(tmp_path / "main.go", tmp_path / "app", CGO_ENABLED="1")
    assert starts(program)
    assert verdict(program)[0] == 0
    data = program.read_bytes()
    old, new = b"GLIBC_2.34", b"GLIBC_2.99"
    data = data.replace(old + b"\0", new + b"\0")
    program.write_bytes(data.replace(struct.pack("<I", gnu_hash(old)), struct.pack("<I", gnu_hash(new))))
    assert not starts(program)
    code, text = verdict(program)
    assert (code, "fail GO_LIBRARY_TOO_OLD" in text, "GLIBC_2.99" in text) == (1, True, True), text


@pytest.mark.needs("gcc")
def test_a_library_that_is_missing_fails_by_default(go_newest: Toolchain, tmp_path: Path) -> None:
    """cannot open shared object file."""
    (tmp_path / "main.go").write_text(CGO)
    program = go_newest.build(tmp_path / "main.go", tmp_path / "app", CGO_ENABLED="1")
    program.write_bytes(program.read_bytes().replace(b"libc.so.6\0", b"libq.so.6\0"))
    assert not starts(program)
    assert "fail GO_LIBRARY_MISSING" in verdict(program)[1]


@pytest.mark.parametrize(
    "level", ["v1", *(pytest.param(level, marks=pytest.mark.sweep) for level in ("v2", "v3"))]
)
def test_the_level_of_the_processor(go_newest: Toolchain, tmp_path: Path, level: str) -> None:
    """The answer for this machine is the one that the program gives."""
    (tmp_path / "main.go").write_text(HELLO)
    program = go_newest.build(tmp_path / "main.go", tmp_path / "app", GOAMD64=level)
    assert ("GO_PROCESSOR_LEVEL" in verdict(program)[1]) == (not starts(program))


@pytest.mark.root
@pytest.mark.parametrize("where", ["straight", "link"])
def test_capabilities_outside_the_bounding_set(plain: Path, tmp_path: Path, where: str) -> None:
    """execve(2) answers EPERM, to root as well; within the set the program starts."""
    program = tmp_path / "app"
    shutil.copy(plain, program)
    # NET_ADMIN, permitted and effective: vfs_cap_data of linux/capability.h, revision 2
    os.setxattr(program, "security.capability", struct.pack("<5I", 0x02000001, 1 << 12, 0, 0, 0))
    named = program
    if where == "link":
        named = tmp_path / "link"
        named.symlink_to(program)
    assert starts(program)
    assert verdict(named)[0] == 0
    drop = ["setpriv", "--bounding-set=-net_admin"]
    assert subprocess.run([*drop, program], capture_output=True).returncode in (126, 127)
    command = [*drop, sys.executable, "-m", "probe", "check", "--only", "go-version", "--role", "ready"]
    done = subprocess.run(
        [*command, "--set", f"go-version.binary={named}"],
        env={**clean_environment(), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "fail GO_CAPABILITIES_REFUSED" in done.stdout) == (1, True), done.stdout
    assert "add: [NET_ADMIN]" in done.stdout


@pytest.mark.root
def test_a_mount_without_exec_behind_a_link(plain: Path, tmp_path: Path) -> None:
    """The link lies elsewhere; the program is what cannot be executed."""
    inside = tmp_path / "mounted"
    inside.mkdir()
    (tmp_path / "app").symlink_to(inside / "app")
    script = (
        f"mount -t tmpfs -o noexec none {inside} && cp {plain} {inside}/app && "
        f"! {tmp_path}/app 2>/dev/null && "
        f"{sys.executable} -m probe check --only go-version --role ready "
        f"--set go-version.binary={tmp_path}/app"
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        env={**clean_environment(), "PATH": "/usr/sbin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert f"{inside} is mounted with noexec" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("kind", "mib"),
    [
        *((resource.RLIMIT_AS, mib) for mib in (100, 400, 600, 760, 1500)),
        *((resource.RLIMIT_DATA, mib) for mib in (30, 36, 64, 200)),
    ],
)
def test_the_address_space(plain: Path, kind: int, mib: int) -> None:
    """ulimit -v and -d: below what the runtime reserves or maps no program of Go starts."""

    def limit() -> None:
        resource.setrlimit(kind, (mib << 20, mib << 20))

    real = subprocess.run([plain], capture_output=True, preexec_fn=limit).returncode == 0
    code, text = verdict(plain, how=limit)
    assert (code == 0) == real, text
    assert ("fail GO_ADDRESS_SPACE" in text) == (not real)


def test_a_kernel_whose_limit_of_data_holds_for_no_mapping(plain: Path) -> None:
    """Before Linux 4.7 it held for brk(2) alone, which programs of Go do not call."""

    def limit() -> None:
        ctypes.CDLL(None).personality(_UNAME26)  # personality(2): the kernel calls itself 2.6
        resource.setrlimit(resource.RLIMIT_DATA, (30 << 20, 30 << 20))

    code, text = verdict(plain, how=limit)
    assert code == 0, text


@pytest.mark.parametrize(
    ("value", "fatal"),
    [
        ("1", False),
        ("0", False),
        ("-1", False),
        ("100000", True),
        ("2147483647", True),
        ("2147483648", False),
    ],
)
def test_gomaxprocs_that_no_runtime_comes_through(plain: Path, value: str, fatal: bool) -> None:
    """What is no number, or too large for one, is ignored; a hundred thousand takes minutes."""
    if not fatal:
        assert starts(plain, GOMAXPROCS=value)
    code, text = verdict(plain, GOMAXPROCS=value)
    assert (code, "fail GOMAXPROCS_FATAL" in text) == ((1, True) if fatal else (0, False)), text
