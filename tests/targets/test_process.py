"""A running process as a target: its own root, environment, user and program, or the reason why not."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from probe import codes, target_codes
from probe.codes import Code
from probe.report import Status
from probe.targets import User
from probe.targets.errors import TargetUnavailable
from probe.targets.process import by_name, of_process
from tests.support.commands import RunProbe, clean_environment
from tests.support.leftovers import wait_until
from tests.support.toolchains import Toolchain

needs_root = pytest.mark.root("chroot and other users")
Start = Callable[..., int]

SLEEPER = """
package main

import (
	"fmt"
	"time"
)

func main() {
	fmt.Println("ready")
	time.Sleep(time.Hour)
}
"""


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a real process that is there until the test ends; wait until it runs its program."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(argv: Sequence[str | Path], **settings: Any) -> int:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, **settings)
        running.append(process)
        wait_until(lambda: os.path.exists(f"/proc/{process.pid}/exe"))
        return process.pid

    yield begin
    for process in running:
        process.kill()
        process.wait()


def refusal(action: Callable[..., object], *args: object) -> TargetUnavailable:
    with pytest.raises(TargetUnavailable) as caught:
        action(*args)
    return caught.value


def test_a_process_of_ours(start: Start, tmp_path: Path) -> None:
    """Environment, directory, program and files are the process's own."""
    (tmp_path / "here").write_bytes(b"content")
    env = {"TZ": "Mars/Olympus", "ODD": os.fsdecode(b"\xff")}
    pid = start(["/bin/sleep", "600"], env=env, cwd=tmp_path)
    target = of_process(pid)
    assert target.env == env
    assert target.cwd == str(tmp_path)
    assert target.executable == os.path.realpath("/bin/sleep")
    assert target.read("here") == b"content"
    assert target.user.uid == os.geteuid()
    assert target.processes is None
    assert any(mount.point == "/proc" for mount in target.mounts)
    assert f"process {pid} (sleep)" == target.name


def test_environment_and_directory_can_be_overridden(start: Start) -> None:
    """--env is laid over what the process has, --cwd and --user replace it."""
    pid = start(["/bin/sleep", "600"], env={"A": "1", "B": "2"}, cwd="/")
    target = of_process(pid, env={"B": "3", "C": "4"}, cwd="/tmp", user="1234:5678")
    assert target.env == {"A": "1", "B": "3", "C": "4"}
    assert target.cwd == "/tmp"
    assert target.user == User(1234, 5678)


def test_program_that_was_replaced_is_the_one_that_would_start(start: Start, tmp_path: Path) -> None:
    """After an upgrade in place a start takes the file at the old path, whatever runs."""
    program = tmp_path / "program"
    shutil.copy("/bin/sleep", program)
    pid = start([program, "600"])
    assert of_process(pid).executable == str(program)
    program.unlink()
    assert of_process(pid).executable == str(program)
    shutil.copy("/bin/cat", program)
    assert of_process(pid).executable == str(program)


def test_a_program_in_a_memfd_has_no_path(start: Start) -> None:
    """The kernel names it like a deleted file."""
    code = (
        "import os; f = os.memfd_create('x', 0); os.write(f, open('/bin/sleep', 'rb').read());"
        " os.execve(f, ['sleep', '600'], {})"
    )
    pid = start([sys.executable, "-c", code])
    wait_until(lambda: "memfd:x" in os.readlink(f"/proc/{pid}/exe"), 30)
    assert of_process(pid).executable == ""


def test_no_such_process() -> None:
    """The refusal says how a container gets to see others."""
    (limit,) = Path("/proc/sys/kernel/pid_max").read_text().split()
    problem = refusal(of_process, int(limit) + 1)
    assert target_codes.finding(problem).code is codes.TARGET_NOT_FOUND
    assert target_codes.finding(problem).status is Status.UNKNOWN
    assert "shareProcessNamespace: true" in target_codes.finding(problem).remedy
    assert target_codes.line(problem).startswith("TARGET_NOT_FOUND: there is no process")


def test_process_that_has_ended(start: Start) -> None:
    """A zombie has no files and no environment any more; that is not an empty container."""
    pid = start(["/bin/sleep", "600"])
    os.kill(pid, 9)
    wait_until(lambda: ") Z " in Path(f"/proc/{pid}/stat").read_text())
    assert target_codes.finding(refusal(of_process, pid)).code is codes.TARGET_GONE


def test_names_are_found_once(start: Start, tmp_path: Path) -> None:
    """--process NAME: one match is taken, none and several are refused, the several are listed."""
    name = f"odd-{os.getpid()}"
    shutil.copy("/bin/sleep", tmp_path / name)
    assert target_codes.finding(refusal(by_name, name)).code is codes.TARGET_NOT_FOUND
    first = start([tmp_path / name, "600"])
    wait_until(lambda: bool(Path(f"/proc/{first}/cmdline").read_bytes()))  # execve(2) is through
    assert by_name(name) == first
    assert by_name(str(tmp_path / name)) == first
    second = start([tmp_path / name, "600"])
    problem = refusal(by_name, name)
    assert target_codes.finding(problem).code is codes.TARGET_AMBIGUOUS
    assert target_codes.finding(problem).evidence["pids"] == [first, second]
    assert str(first) in target_codes.finding(problem).cause
    assert str(second) in target_codes.finding(problem).cause


@pytest.fixture(scope="module")
def sleeper(tmp_path_factory: pytest.TempPathFactory, go_newest: Toolchain) -> Path:
    """A Go program that sleeps."""
    folder = tmp_path_factory.mktemp("sleeper")
    (folder / "sleeper.go").write_text(SLEEPER)
    return go_newest.build(folder / "sleeper.go", folder / "app")


@needs_root
def test_the_command_over_a_bare_container(
    start: Start, root: Path, sleeper: Path, run_probe: RunProbe
) -> None:
    """A Go program as another user in a chroot with nothing else: the two things that it lacks are told."""
    shutil.copy(sleeper, root / "app")
    command = ["/usr/sbin/chroot", "--userspec=1234:1235", root, "/app"]
    pid = start(command, env={"TZ": "Asia/Shanghai"}, stdout=subprocess.DEVNULL)
    wait_until(lambda: os.readlink(f"/proc/{pid}/exe").endswith("/app"))
    done = run_probe("check", "--pid", str(pid))
    assert done.code == 1
    assert done.out.startswith("unhealthy: CA_BUNDLE_MISSING")
    assert "fail TIMEZONE_TZDATA_MISSING" in done.out
    assert run_probe("check", "--pid", str(pid), "--only", "go-version").code == 0
    gone = run_probe("check", "--process", "no-such-program-here")
    assert gone.code == 1
    assert gone.out.startswith("unhealthy: TARGET_NOT_FOUND")


@needs_root
def test_go_program_of_another_user_in_a_chroot(start: Start, root: Path, sleeper: Path) -> None:
    """A real Go program: what is read is what it sees in there, with its rights, not ours."""
    shutil.copy(sleeper, root / "app")
    root.parent.chmod(0o755)
    (root / "etc").mkdir()
    (root / "etc/localtime").symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    (root / "private").write_bytes(b"")
    (root / "private").chmod(0o600)
    (root / "shared").write_bytes(b"for the group")
    (root / "shared").chmod(0o640)
    os.chown(root / "shared", 0, 4321)
    pid = start(
        ["chroot", "--userspec=1234:1235", "--groups=4321", root, "/app"],
        env={"PATH": os.environ["PATH"], "TZ": "Europe/Nowhere"},
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: os.readlink(f"/proc/{pid}/exe").endswith("/app"))
    target = of_process(pid)
    assert target.user == User(1234, 1235, (4321,))
    assert target.executable == "/app"
    assert target.cwd == "/"
    assert target.env["TZ"] == "Europe/Nowhere"
    assert target.stat("/app").is_file
    assert target.readlink("/etc/localtime") == "/usr/share/zoneinfo/Asia/Tokyo"
    with pytest.raises(FileNotFoundError):
        target.read("/etc/localtime")
    with pytest.raises(FileNotFoundError):
        target.read("/etc/passwd")
    with pytest.raises(PermissionError):
        target.read("/private")
    assert target.read("/shared") == b"for the group"
    assert target.mounts == ()


@needs_root
@pytest.mark.parametrize(
    ("capability", "readable"), [("+dac_override", True), ("+dac_read_search", True), ("+net_admin", False)]
)
def test_capabilities_decide_what_is_readable(
    start: Start, tmp_path: Path, capability: str, readable: bool
) -> None:
    """A user with CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH reads what its mode bits refuse."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"")
    secret.chmod(0o600)
    for path in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        path.chmod(0o755)
    grant = [f"--inh-caps={capability}", f"--ambient-caps={capability}"]
    pid = start(["setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", *grant, "sleep", "600"])
    wait_until(lambda: os.readlink(f"/proc/{pid}/exe") == os.path.realpath("/bin/sleep"))
    target = of_process(pid)
    if readable:
        assert target.read(str(secret)) == b""
    else:
        with pytest.raises(PermissionError):
            target.read(str(secret))
    if capability == "+dac_read_search":
        with pytest.raises(PermissionError):
            target.access(str(secret), os.W_OK)


ASK = """
import os, sys
from probe.targets.process import of_process
from probe import target_codes
from probe.targets.errors import TargetUnavailable
uid, pid = int(sys.argv[1]), int(sys.argv[2])
# Not before: another user may not be able to read this interpreter's files.
if uid:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
try:
    print("OK", of_process(pid).user.uid)
except TargetUnavailable as problem:
    print(target_codes.line(problem))
"""


def ask_as(uid: int, pid: int, *caps: str) -> str:
    """What of_process says when it is another user who asks."""
    done = subprocess.run(
        ["setpriv", *caps, "--keep-groups", sys.executable, "-c", ASK, str(uid), str(pid)],
        env={**clean_environment(), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def process_of(start: Start, uid: int, *caps: str) -> int:
    pid = start(["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *caps, "sleep", "600"])
    wait_until(lambda: os.readlink(f"/proc/{pid}/exe") == os.path.realpath("/bin/sleep"))
    return pid


@needs_root
def test_lack_of_permission_names_what_must_be_granted(start: Start) -> None:
    """Another user is told the line of the securityContext; the same user, and root, may look."""
    pid = process_of(start, 1234)
    answer = ask_as(4321, pid)
    assert answer.startswith("TARGET_PERMISSION: we may not look at process")
    assert "it runs as 1234:1234, we as 4321:4321, without CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH;" in answer
    assert "securityContext: {runAsUser: 1234, runAsGroup: 1234}" in answer
    assert ask_as(1234, pid) == "OK 1234"
    assert "{runAsUser: 0, capabilities: {add: [SYS_PTRACE]}}" in answer
    bare = ask_as(0, pid, "--bounding-set=-all")
    assert "{runAsUser: 0, capabilities: {add: [SYS_PTRACE, DAC_READ_SEARCH]}}" in bare
    half = ask_as(0, pid, "--bounding-set=-all,+sys_ptrace")
    assert "we as 0:0, without CAP_DAC_READ_SEARCH;" in half
    assert ask_as(0, pid, "--bounding-set=-all,+sys_ptrace,+dac_read_search") == "OK 1234"


@needs_root
def test_more_capable_process_of_the_same_user(start: Start) -> None:
    """It has what we lack: the kernel refuses although the user is the same, and we say why."""
    pid = process_of(start, 1234, "--inh-caps=+net_admin", "--ambient-caps=+net_admin")
    answer = ask_as(1234, pid)
    assert answer.startswith("TARGET_PERMISSION:")
    assert "it has capabilities that we lack" in answer


@pytest.mark.slow
def test_process_that_ends_while_we_look(start: Start) -> None:
    """The answer is the whole process or a refusal, never an empty environment or a mixture."""
    seen = set()
    for _ in range(150):
        process = subprocess.Popen(["/bin/sleep", "0.004"], env={"WHO": "me"})
        try:
            while True:
                seen.add(of_process(process.pid).env["WHO"])
        except TargetUnavailable as problem:
            seen.add(target_codes.finding(problem).code.name)
        process.wait()
    assert seen == {"me", "TARGET_GONE"}


def test_a_thread_of_the_kernel_is_no_target() -> None:
    """It has no program, files or environment, and has not ended either."""
    found = [int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if is_kernel(stat)]
    if not found:
        pytest.skip("no thread of the kernel can be seen in here")
    with pytest.raises(TargetUnavailable) as problem:
        of_process(found[0])
    assert target_codes.finding(problem.value).code is codes.TARGET_NOT_FOUND
    assert target_codes.finding(problem.value).cause.endswith("is a thread of the kernel, no program")
    assert target_codes.finding(problem.value).remedy.startswith("pidof ")


def is_kernel(stat: Path) -> bool:
    """By its flags, PF_KTHREAD in linux/sched.h."""
    try:
        return bool(int(stat.read_text().rpartition(")")[2].split()[6]) & 0x200000)
    except OSError:
        return False


MANY = """
import ctypes, os, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.unshare(0x00020000)
libc.mount(b"none", b"/", None, 1 << 18 | 16384, None)
folder = sys.argv[1].encode() + b"/" + b"x" * 250 + b"/" + b"y" * 250
os.makedirs(folder)
for _ in range(int(sys.argv[2])):
    assert not libc.mount(folder, folder, None, 4096, None)
print("ready", flush=True)
time.sleep(60)
"""
FORMATS = ("text", "json", "junit", "tap", "nagios", "prometheus")


@needs_root
@pytest.mark.parametrize("number", [3, pytest.param(12_000, marks=pytest.mark.sweep)])
def test_a_process_with_many_mounts(run_probe: RunProbe, tmp_path: Path, number: int) -> None:
    """Its mountinfo takes megabytes; there is one report in each format all the same."""
    command = [sys.executable, "-c", MANY, str(tmp_path), str(number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
            for name in FORMATS:
                done = run_probe(
                    "check",
                    "--pid",
                    str(process.pid),
                    "--only",
                    "timezone",
                    "--format",
                    name,
                    "--timeout",
                    "30",
                )
                assert done.code in (0, 1)
                assert done.out
                assert "error of our own" not in done.out + done.err
        finally:
            process.kill()


HIDDEN = """
import os, psutil, sys
from probe import target_codes
from probe.targets.errors import TargetUnavailable
from probe.targets.process import by_name, of_process
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
try:
    of_process(int(sys.argv[1]) if sys.argv[1].isdecimal() else by_name(sys.argv[1]))
except TargetUnavailable as problem:
    print(target_codes.finding(problem).code.name, target_codes.finding(problem).cause)
"""


@needs_root
@pytest.mark.parametrize(
    ("mount", "why"),
    [
        ("-t proc -o hidepid=1 proc", "hidepid"),
        ("-t proc -o hidepid=2 proc", "hidepid"),
        ("-t proc -o hidepid=ptraceable proc", "hidepid"),
        ("-t tmpfs none", "/proc is not mounted here"),
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_what_proc_does_not_show_is_told(start: Start, mount: str, why: str, named: bool) -> None:
    """The process is there; it is /proc that hides it, or is missing."""
    pid = start(["sleep", "60"])
    which = "sleep" if named else str(pid)
    script = f'mount {mount} /proc; exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, "sh", sys.executable, "-c", HIDDEN, which]
    env = {**clean_environment(), "PYTHONPATH": os.pathsep.join([*sys.path, os.getcwd()])}
    told = subprocess.run(command, env=env, capture_output=True, text=True)
    assert told.stdout.startswith("TARGET_PERMISSION"), told.stderr
    assert why in told.stdout


def test_a_process_that_turns_into_others_all_the_time(start: Start) -> None:
    """execve after execve: each look gives a target or a reason, never another error."""
    pid = start(["sh", "-c", 'exec sh -c "$0" "$0"', 'exec sh -c "$0" "$0"'])
    codes_seen = {seen(pid) for _ in range(200)}
    assert codes_seen <= {None, codes.TARGET_GONE, codes.TARGET_PERMISSION}


def seen(pid: int) -> Code | None:
    try:
        target = of_process(pid)
    except TargetUnavailable as problem:
        return target_codes.finding(problem).code
    assert target.name.startswith(f"process {pid}")
    return None


MAPS = {
    "none": "",
    "one id": "0 0 1",
    "all": "0 0 4294967295",
    "hostUsers: false": "0 100000 65536",
    "two ranges": "0 100000 10,10 0 2000",
}


@pytest.mark.root
@pytest.mark.parametrize("lines", MAPS.values(), ids=list(MAPS))
def test_a_capability_counts_over_mapped_ids_only(lines: str, tmp_path: Path) -> None:
    """What a process in a user namespace may do, as the kernel says, seen from outside of it and within."""
    for parent in (tmp_path, *tmp_path.parents[:3]):
        parent.chmod(parent.stat().st_mode | 0o555)
    for uid, gid in ((0, 0), (1000, 1000), (100_000, 100_000), (100_005, 0), (4_000_000, 0)):
        for mode in (0o000, 0o600, 0o060, 0o700, 0o733, 0o444):
            (folder := tmp_path / f"{uid} {gid} {mode:o}").mkdir()
            (folder / "file").write_text("here")
            for path in (folder / "file", folder):
                os.chown(path, uid, gid)
                path.chmod(mode)
    line = [sys.executable, "-m", "tests.targets.user_namespace", lines, str(tmp_path)]
    env = {**clean_environment(), "PYTHONPATH": os.pathsep.join([*sys.path, os.getcwd()])}
    done = subprocess.run(line, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    kernel, outside, inside = json.loads(done.stdout)
    assert outside == kernel
    if lines:  # without a map, all owners look alike from within
        assert inside == kernel
    assert len(set(kernel)) == 2
