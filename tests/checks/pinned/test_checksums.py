"""Files against their SHA-256, and the checksum file that has them."""

import os
import re
import shlex
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.pinned import Pinned
from probe.codes import Code
from probe.config import load
from probe.deadline import Deadline
from probe.errors import ConfigError
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Status
from probe.targets.image import of_image
from tests.checks.pinned.helpers import SUMS, line, look, only
from tests.support.commands import RunProbe
from tests.support.fixes import fixes
from tests.support.images import Image, file, tarred, write_tar
from tests.support.timing import Stopwatch
from tests.support.worlds import FIFO, ZERO, File, lay

LARGE_MB = 200


def test_files_that_hold_what_was_promised(root: Path) -> None:
    """From the list and from the checksum file, whose relative names start in its own directory."""
    sums = line(b"one", "/usr/one") + line(b"two", "two") + line(b"three", "../three")
    lay(root, {"/usr/one": b"one", "/etc/two": b"two", "/three": b"three", SUMS: sums.encode()})
    one = only(
        look(root, sums=SUMS, files=(line(b"one", "usr/one").strip(),)), codes.PINNED_FILES_OK, Status.PASS
    )
    assert (one.evidence["files"], one.evidence["bytes"]) == (3, 11)


def test_links_stay_inside_the_target(root: Path) -> None:
    """A link to an absolute path means the target's own file of that name."""
    lay(root, {"/etc/hostname": b"inside", "/etc/copy": b"other"})
    (root / "link").symlink_to("/etc/hostname")
    only(look(root, files=(line(b"inside", "/link").strip(),)), codes.PINNED_FILES_OK, Status.PASS)
    ours = line(Path("/etc/hostname").read_bytes(), "/link").strip()
    only(look(root, files=(ours,)), codes.PINNED_FILE_MISMATCH, Status.FAIL)


@pytest.mark.slow
def test_one_flipped_byte_in_a_large_file(root: Path) -> None:
    """200 MB, one bit of which is another one; with the bit put back it passes."""
    large = root / "large"
    with large.open("wb") as stream:
        for number in range(LARGE_MB):
            stream.write(bytes([number]) * 1_000_000)
    promised = subprocess.run(
        ["sha256sum", "/large"[1:]], cwd=root, capture_output=True, check=True, text=True
    )
    lay(root, {SUMS: promised.stdout.replace("  large", "  /large").encode()})
    only(look(root, sums=SUMS), codes.PINNED_FILES_OK, Status.PASS)
    _flip(large, 123_456_789)
    one = only(look(root, sums=SUMS), codes.PINNED_FILE_MISMATCH, Status.FAIL)
    assert one.subject == "/large"
    assert one.evidence["bytes"] == LARGE_MB * 1_000_000
    assert fixes(one) == (f"COPY FILE /large\n\nsha256sum /large | diff {SUMS} -")
    _flip(large, 123_456_789)
    only(look(root, sums=SUMS), codes.PINNED_FILES_OK, Status.PASS)


def _flip(path: Path, at: int) -> None:
    with path.open("r+b") as stream:
        stream.seek(at)
        byte = stream.read(1)[0]
        stream.seek(at)
        stream.write(bytes([byte ^ 1]))


AGAIN = "COPY FILE /bin/it"


@pytest.mark.parametrize(
    ("node", "code"),
    [
        (None, codes.PINNED_FILE_MISSING),
        (FIFO, codes.PINNED_FILE_SPECIAL),
        pytest.param(ZERO, codes.PINNED_FILE_SPECIAL, marks=pytest.mark.root("mknod")),
        ("directory", codes.PINNED_FILE_SPECIAL),
    ],
    ids=["missing", "FIFO", "device", "directory"],
)
def test_what_is_no_file_is_not_read(root: Path, node: Any, code: Code) -> None:
    """Neither waited for nor read for ever; its neighbour is still judged."""
    lay(root, {"/bin/tool": b"tool", **({"/bin/it": node} if node not in (None, "directory") else {})})
    if node == "directory":
        (root / "bin/it").mkdir()
    files = (line(b"x", "/bin/it").strip(), line(b"tool", "/bin/tool").strip())
    one = only(look(root, files=files), code, Status.FAIL)
    assert (one.subject, fixes(one)) == ("/bin/it", AGAIN)
    only(look(root, files=files[1:]), codes.PINNED_FILES_OK, Status.PASS)


@pytest.mark.root("to look as somebody else")
def test_a_file_that_the_user_may_not_read(root: Path) -> None:
    """Unknown for that user, a pass for root."""
    lay(root, {"/key": File(b"key", 0o600)})
    files = (line(b"key", "/key").strip(),)
    one = only(look(root, files=files, user="1000"), codes.PINNED_FILE_UNREADABLE, Status.UNKNOWN)
    assert fixes(one) == "chmod a+r /key"
    only(look(root, files=files, user="0"), codes.PINNED_FILES_OK, Status.PASS)


def test_a_file_above_the_limit_is_not_read_to_its_end(root: Path) -> None:
    """A sparse terabyte is not begun; below the limit it would be read."""
    lay(root, {"/huge": b""})
    os.truncate(root / "huge", 1 << 40)
    watch = Stopwatch()
    one = only(
        look(root, files=(line(b"", "/huge").strip(),), max_file_mb=1e5),
        codes.PINNED_FILE_TOO_LARGE,
        Status.UNKNOWN,
    )
    assert fixes(one) == "pinned.max_file_mb = 200000"
    assert watch.quiet() < 5
    os.truncate(root / "huge", 0)
    only(look(root, files=(line(b"", "/huge").strip(),)), codes.PINNED_FILES_OK, Status.PASS)


@pytest.mark.slow
@pytest.mark.parametrize("change", ["written", "cut off"])
def test_a_file_that_changes_while_it_is_read(root: Path, change: str) -> None:
    """Whatever was read of it proves nothing."""
    large = root / "large"
    lay(root, {"/large": b""})
    os.truncate(large, 1 << 30)
    ended = threading.Event()

    def disturb() -> None:
        while not ended.wait(0.002):
            if change == "written":
                with large.open("r+b") as stream:
                    stream.write(os.urandom(8))
            else:
                os.truncate(large, (1 << 30) - time.monotonic_ns() % 4096)

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        findings = look(root, files=(line(b"", "/large").strip(),))
    finally:
        ended.set()
        thread.join()
    one = only(findings, codes.PINNED_FILE_CHANGED, Status.UNKNOWN)
    assert fixes(one) == "fuser -v /large"
    os.truncate(large, 0)
    only(look(root, files=(line(b"", "/large").strip(),)), codes.PINNED_FILES_OK, Status.PASS)


def test_work_that_the_deadline_cuts_short(root: Path) -> None:
    """Unknown, with how far it came; what was found wrong before is kept."""
    lay(root, {"/small": b"other", "/huge": b""})
    os.truncate(root / "huge", 64 << 30)
    files = (line(b"small", "/small").strip(), line(b"", "/huge").strip())
    for seconds in (0.5, 1.0, 2.0, 4.0):  # of which a busy machine may take some to ask for the sizes
        watch = Stopwatch()
        findings = look(root, timeout_s=seconds, files=files, max_file_mb=1e6)
        assert watch.quiet() < seconds + 1.5
        if findings[-1].evidence["total_bytes"]:
            break
    assert [one.code for one in findings] == [codes.PINNED_FILE_MISMATCH, codes.PINNED_UNFINISHED]
    assert findings[1].status is Status.UNKNOWN
    assert findings[1].cause.startswith("1 of 2 files were hashed before the deadline: ")
    assert fixes(findings[1]).startswith("probe check --timeout ")
    assert 0 < findings[1].evidence["bytes"] < findings[1].evidence["total_bytes"]
    only(look(root, files=(line(b"other", "/small").strip(),)), codes.PINNED_FILES_OK, Status.PASS)


def test_many_files_that_the_deadline_cuts_short(root: Path, run_probe: RunProbe) -> None:
    """Asking 20,000 for their sizes then takes too long to be done; how far it came is said all the same."""
    (root / "many").mkdir()
    for number in range(20_000):
        os.close(os.open(root / f"many/{number}", os.O_CREAT | os.O_WRONLY))
    lay(root, {SUMS: "".join(line(b"", f"/many/{number}") for number in range(20_000)).encode()})
    command = ["check", "--root", str(root), "--only", "pinned", "--set", f"pinned.sums={SUMS}", "--timeout"]
    least, seconds, most = (
        0.0,
        0.6,
        4.8,
    )  # a busy machine may take some to read the list, or ask fast for the sizes
    for _ in range(8):
        cut = run_probe(*command, f"{seconds:.2f}")
        if "CHECK_TIMED_OUT" in cut.out:
            least = seconds
        elif cut.code == 0:
            most = seconds
        else:
            break
        seconds = min(2 * seconds, (least + most) / 2)
    assert cut.code == 1
    assert cut.out.startswith("unhealthy: PINNED_UNFINISHED"), cut.out
    assert re.search(r" of 20000 files were hashed before the deadline: 0 MB in \d", cut.out), cut.out
    whole = run_probe(*command, "60")
    assert (whole.code, whole.err) == (0, ""), whole.out


def test_a_timeout_that_would_not_be_taken_is_not_offered(root: Path) -> None:
    """An hour is the most."""
    lay(root, {"/huge": b""})
    os.truncate(root / "huge", 1 << 43)
    one = only(
        look(root, timeout_s=0.3, files=(line(b"", "/huge").strip(),), max_file_mb=1e12),
        codes.PINNED_UNFINISHED,
        Status.UNKNOWN,
    )
    assert fixes(one) == "probe check --timeout 3600"


def test_files_that_do_not_know_their_size(tmp_path: Path, run_probe: RunProbe) -> None:
    """Those of /proc say 0, as sha256sum knows."""
    sums = tmp_path / "sums"
    sums.write_text(line(Path("/proc/version").read_bytes(), "/proc/version"))
    command = ["check", "--only", "pinned", "--set", f"pinned.sums={sums}"]
    assert run_probe(*command).code == 0
    sums.write_text(line(b"", "/proc/version"))
    assert "fail PINNED_FILE_MISMATCH" in run_probe(*command).out
    sums.write_text(line(b"", "/proc/kallsyms"))  # megabytes
    done = run_probe(*command, "--set", "pinned.max_file_mb=0.1")
    assert "unknown PINNED_FILE_TOO_LARGE" in done.out


def test_many_wrong_files_are_counted(root: Path) -> None:
    """Thirty are named."""
    lay(root, {f"/many/{number}": b"x" for number in range(100)})
    sums = "".join(line(b"y", f"/many/{number}") for number in range(100))
    lay(root, {SUMS: sums.encode()})
    findings = look(root, sums=SUMS)
    assert len(findings) == 31
    assert findings[-1].code is codes.PINNED_FILES_MORE
    assert findings[-1].cause.startswith("70 more files ")
    assert "sha256sum FILE" in fixes(findings[-1])


def test_files_in_an_image_archive(tmp_path: Path) -> None:
    """Unpacked in memory, and hashed as any other."""
    image = Image([tarred([file("bin/tool", b"tool" * 1_000_000, 0o755), file("empty", b"")])])
    target = of_image(str(write_tar(tmp_path / "image.tar", image.saved())))
    run = Run(Deadline(60), "all", time.time(), Facts(target, go=NEWEST), lambda phase: None)
    good = (line(b"tool" * 1_000_000, "/bin/tool").strip(), line(b"", "/empty").strip())
    only(list(Pinned(files=good).run(target, run)), codes.PINNED_FILES_OK, Status.PASS)
    bad = (line(b"tooL" * 1_000_000, "/bin/tool").strip(), good[1])
    only(list(Pinned(files=bad).run(target, run)), codes.PINNED_FILE_MISMATCH, Status.FAIL)


def test_files_that_a_process_sees(tmp_path: Path, run_probe: RunProbe) -> None:
    """--pid: relative ones by its working directory."""
    (tmp_path / "here").write_bytes(b"here")
    with subprocess.Popen(["/bin/sleep", "60"], cwd=tmp_path) as process:
        command = ["check", "--pid", str(process.pid), "--only", "pinned", "--set"]
        good = run_probe(*command, f'pinned.files=["{line(b"here", "here").strip()}"]')
        bad = run_probe(*command, f'pinned.files=["{line(b"there", "here").strip()}"]')
        process.kill()
    assert (good.code, bad.code) == (0, 1), good.out
    assert f"fail PINNED_FILE_MISMATCH: {tmp_path}/here does not match" in bad.out


@pytest.mark.parametrize(
    ("content", "code", "status", "remedy"),
    [
        (None, codes.PINNED_SUMS_MISSING, Status.FAIL, f"> {SUMS}"),
        (FIFO, codes.PINNED_SUMS_UNREADABLE, Status.FAIL, f"> {SUMS}"),
        (b"# nothing\n", codes.PINNED_SUMS_EMPTY, Status.FAIL, f"> {SUMS}"),
        (b"#" * (4 << 20) + b"\n", codes.PINNED_SUMS_TOO_LARGE, Status.FAIL, f"> {SUMS}"),
        (b"", codes.PINNED_SUMS_EMPTY, Status.FAIL, "RUN sha256sum /usr/local/go/bin/go"),
        (b"abc\n", codes.PINNED_SUMS_MALFORMED, Status.FAIL, f"sha256sum --check --warn {SUMS}"),
    ],
    ids=["missing", "FIFO", "comment", "large", "empty", "malformed"],
)
def test_a_checksum_file_that_promises_nothing(
    root: Path, content: Any, code: Code, status: Status, remedy: str
) -> None:
    """No pass without a promise."""
    lay(root, {SUMS: content} if content is not None else {})
    assert remedy in only(look(root, sums=SUMS), code, status).remedy


def test_bad_lines_are_named_by_number(root: Path) -> None:
    """One bad line, and none of the others is trusted; sha256sum --strict refuses the same file."""
    lay(root, {"/etc/a": b"a", SUMS: (line(b"a", "a") + "abc  b\n").encode()})
    one = only(look(root, sums=SUMS), codes.PINNED_SUMS_MALFORMED, Status.FAIL)
    assert "line 2: it does not begin with a SHA-256 in hexadecimal" in one.cause
    strict = ["sha256sum", "--check", "--strict", "--quiet", str(root / SUMS[1:])]
    assert subprocess.run(strict, cwd=root / "etc", capture_output=True).returncode == 1
    pasted = shlex.split(fixes(one).replace(SUMS, str(root / SUMS[1:])), comments=True)
    done = subprocess.run(pasted, cwd=root / "etc", capture_output=True, text=True)
    assert f"{SUMS}: 2: improperly formatted SHA256 checksum line" in done.stderr
    (root / SUMS[1:]).write_text(line(b"a", "a"))
    only(look(root, sums=SUMS), codes.PINNED_FILES_OK, Status.PASS)
    assert subprocess.run(strict, cwd=root / "etc", capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (['pinned.files=["abc  /x"]'], "--set: pinned.files: it does not begin with a SHA-256"),
        (["pinned.gpgv=gpgv"], "--set: pinned.gpgv: PATH is not searched for it; write where it is"),
        (["pinned.signature=/s"], "--set: pinned.signature: it needs a checksum file"),
        (
            ["pinned.signature=/s", "pinned.sums=/x"],
            "--set: pinned.signature: it needs the keys that may sign",
        ),
    ],
)
def test_settings_that_do_not_fit_together(sets: list[str], message: str) -> None:
    """Said before anything is looked at."""
    with pytest.raises(ConfigError) as problem:
        load.load(environ={}, sets=sets, system_file="/no/such/file")
    assert str(problem.value).startswith(message)


def test_a_mismatch_keeps_the_program_from_starting(tmp_path: Path, run_probe: RunProbe) -> None:
    """`probe run` ends with 1 and never starts it; with the right version it does."""
    version, started = tmp_path / "version", tmp_path / "started"
    version.write_text("1.26.0\n")
    line = [
        "run",
        "--only",
        "pinned",
        "--set",
        f"pinned.version_file={version}",
        "--set",
        "pinned.version=1.27.3",
    ]
    program = ["--", "/bin/touch", str(started)]
    done = run_probe(*line, *program)
    assert (done.code, started.exists()) == (1, False)
    assert "fail PINNED_VERSION_MISMATCH: " in done.err
    version.write_text("1.27.3\n")
    assert run_probe(*line, *program) == (0, "", "")
    assert started.exists()
