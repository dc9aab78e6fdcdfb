"""The opt-in check `pinned`: real files, real sums of sha256sum, real signatures of gpg."""

import os
import re
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

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
from probe.report import Finding, Status
from probe.targets import at_root
from probe.targets.image import of_image
from probe.targets.processes import Processes
from tests.support.commands import RunProbe
from tests.support.images import Image, file, tarred, write_tar
from tests.support.timing import Stopwatch
from tests.support.worlds import FIFO, ZERO, File, lay

VERSION, SUMS, SIGNATURE = (
    "/etc/go-baseline.version",
    "/etc/go-baseline.sha256",
    "/etc/go-baseline.sha256.sig",
)
LARGE_MB = 200


def look(root: Path, *, timeout_s: float = 60, user: str | None = None, **settings: Any) -> list[Finding]:
    with Processes() as tools:
        target = at_root(str(root), {}, user=user)
        run = Run(
            Deadline(timeout_s), "all", time.time(), Facts(target, go=NEWEST), lambda phase: None, tools
        )
        return list(Pinned(**settings).run(target, run))


def only(findings: list[Finding], code: Code, status: Status) -> Finding:
    (one,) = findings
    assert (one.code, one.status) == (code, status), one
    return one


def line(content: bytes, name: str) -> str:
    return f"{sha256(content).hexdigest()}  {name}\n"


# --- the version file -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"1.27.3\n", "as expected"),
        (b"1.27.3", "as expected"),
        (b"1.27.3 \n", "as expected; accepted after it: a blank"),
        (b"1.27.3\r\n", "as expected; accepted after it: a CR"),
        (b"1.27.3\t\r\n\r\n", "as expected; accepted after it: a tab and a CR and an empty line"),
    ],
    ids=repr,
)
def test_the_expected_version_passes(root: Path, content: bytes, said: str) -> None:
    """Blanks and line ends after it are accepted, and said."""
    lay(root, {VERSION: content})
    one = only(look(root, version="1.27.3"), codes.PINNED_VERSION_OK, Status.PASS)
    assert one.cause == f"{VERSION} says 1.27.3, {said}"


WRITE = f"RUN printf '%s\\n' 1.27.3 > {VERSION}"


@pytest.mark.parametrize(
    ("content", "code", "status", "remedy"),
    [
        (b"1.26.0\n", codes.PINNED_VERSION_MISMATCH, Status.FAIL, 'pinned.version = "1.26.0"'),
        (b" 1.27.3\n", codes.PINNED_VERSION_MISMATCH, Status.FAIL, "FROM BASELINE:1.27.3"),
        (b"go1.27.3\n", codes.PINNED_VERSION_MISMATCH, Status.FAIL, 'version = "go1.27.3"'),
        (b"", codes.PINNED_VERSION_EMPTY, Status.FAIL, WRITE),
        (b" \r\n", codes.PINNED_VERSION_EMPTY, Status.FAIL, WRITE),
        (b"\xef\xbb\xbf1.27.3\n", codes.PINNED_VERSION_BOM, Status.FAIL, WRITE),
        ("1.27.3\n".encode("utf-16"), codes.PINNED_VERSION_BOM, Status.FAIL, WRITE),
        (b"1.27.3\n1.26.0\n", codes.PINNED_VERSION_LINES, Status.FAIL, WRITE),
        (b"1.27.3\xff\n", codes.PINNED_VERSION_NOT_TEXT, Status.FAIL, WRITE),
        (b"1.27\x1b[31m.3\n", codes.PINNED_VERSION_NOT_TEXT, Status.FAIL, WRITE),
        (b"1.27.3" + b" " * 1024, codes.PINNED_VERSION_TOO_LARGE, Status.FAIL, WRITE),
        (FIFO, codes.PINNED_VERSION_UNREADABLE, Status.FAIL, WRITE),
    ],
    ids=lambda value: getattr(value, "name", None) or repr(value)[:20],
)
def test_any_other_version_file_is_told_apart(
    root: Path, content: Any, code: Code, status: Status, remedy: str
) -> None:
    """Each kind of wrong has its code, and a line that fixes it."""
    lay(root, {VERSION: content})
    assert remedy in only(look(root, version="1.27.3"), code, status).remedy


def test_a_version_file_that_is_not_there(root: Path) -> None:
    """In its usual place, or where the configuration says; the other place passes."""
    lay(root, {"/etc/baseline": b"1.27.3\n"})
    one = only(look(root, version="1.27.3"), codes.PINNED_VERSION_MISSING, Status.FAIL)
    assert one.remedy == WRITE
    only(look(root, version="1.27.3", version_file="/etc/baseline"), codes.PINNED_VERSION_OK, Status.PASS)


@pytest.mark.root("to look as somebody else")
def test_a_version_file_that_the_user_may_not_read(root: Path) -> None:
    """Unknown, never healthy; root reads it."""
    lay(root, {VERSION: File(b"1.27.3\n", 0o600)})
    one = only(look(root, version="1.27.3", user="1000"), codes.PINNED_VERSION_UNREADABLE, Status.UNKNOWN)
    assert one.remedy == f"chmod 0644 {VERSION}"
    only(look(root, version="1.27.3", user="0"), codes.PINNED_VERSION_OK, Status.PASS)


# --- the contents -----------------------------------------------------------------------


def test_nothing_pinned_is_no_pass(root: Path) -> None:
    """Whoever turns the check on wants to know something."""
    one = only(look(root), codes.PINNED_NOTHING, Status.UNKNOWN)
    assert one.remedy == 'pinned.version = "1.27.3"'


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
    assert one.remedy == (f"COPY FILE /large\n\nsha256sum /large | diff {SUMS} -")
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
    assert (one.subject, one.remedy) == ("/bin/it", AGAIN)
    only(look(root, files=files[1:]), codes.PINNED_FILES_OK, Status.PASS)


@pytest.mark.root("to look as somebody else")
def test_a_file_that_the_user_may_not_read(root: Path) -> None:
    """Unknown for that user, a pass for root."""
    lay(root, {"/key": File(b"key", 0o600)})
    files = (line(b"key", "/key").strip(),)
    one = only(look(root, files=files, user="1000"), codes.PINNED_FILE_UNREADABLE, Status.UNKNOWN)
    assert one.remedy == "chmod a+r /key"
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
    assert one.remedy == "pinned.max_file_mb = 200000"
    assert watch.quiet() < 5
    os.truncate(root / "huge", 0)
    only(look(root, files=(line(b"", "/huge").strip(),)), codes.PINNED_FILES_OK, Status.PASS)


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
    assert one.remedy == "fuser -v /large"
    os.truncate(large, 0)
    only(look(root, files=(line(b"", "/large").strip(),)), codes.PINNED_FILES_OK, Status.PASS)


def test_work_that_the_deadline_cuts_short(root: Path) -> None:
    """Unknown, with how far it came; what was found wrong before is kept."""
    lay(root, {"/small": b"other", "/huge": b""})
    os.truncate(root / "huge", 64 << 30)
    files = (line(b"small", "/small").strip(), line(b"", "/huge").strip())
    watch = Stopwatch()
    findings = look(root, timeout_s=0.5, files=files, max_file_mb=1e6)
    assert watch.quiet() < 2
    assert [one.code for one in findings] == [codes.PINNED_FILE_MISMATCH, codes.PINNED_UNFINISHED]
    assert findings[1].status is Status.UNKNOWN
    assert findings[1].cause.startswith("1 of 2 files were hashed when the time was up: ")
    assert findings[1].remedy.startswith("probe check --timeout ")
    assert 0 < findings[1].evidence["bytes"] < findings[1].evidence["total_bytes"]
    only(look(root, files=(line(b"other", "/small").strip(),)), codes.PINNED_FILES_OK, Status.PASS)


def test_many_files_that_the_deadline_cuts_short(root: Path, run_probe: RunProbe) -> None:
    """Asking 20,000 for their sizes then takes too long to be done; how far it came is said all the same."""
    (root / "many").mkdir()
    for number in range(20_000):
        os.close(os.open(root / f"many/{number}", os.O_CREAT | os.O_WRONLY))
    lay(root, {SUMS: "".join(line(b"", f"/many/{number}") for number in range(20_000)).encode()})
    command = ["check", "--root", str(root), "--only", "pinned", "--set", f"pinned.sums={SUMS}", "--timeout"]
    cut = run_probe(*command, "0.6")
    assert cut.code == 1
    assert cut.out.startswith("unhealthy: PINNED_UNFINISHED"), cut.out
    assert re.search(r" of 20000 files were hashed when the time was up: 0 MB in \d", cut.out), cut.out
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
    assert one.remedy == "probe check --timeout 3600"


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
    assert "sha256sum FILE" in findings[-1].remedy


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
    assert f"fail PINNED_FILE_MISMATCH: {tmp_path}/here holds something else" in bad.out


# --- the checksum file ------------------------------------------------------------------


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
    pasted = shlex.split(one.remedy.replace(SUMS, str(root / SUMS[1:])), comments=True)
    done = subprocess.run(pasted, cwd=root / "etc", capture_output=True, text=True)
    assert f"{SUMS}: 2: improperly formatted SHA256 checksum line" in done.stderr
    (root / SUMS[1:]).write_text(line(b"a", "a"))
    only(look(root, sums=SUMS), codes.PINNED_FILES_OK, Status.PASS)
    assert subprocess.run(strict, cwd=root / "etc", capture_output=True).returncode == 0


# --- the signature ----------------------------------------------------------------------


class Signer(NamedTuple):
    """A GnuPG home with one key in it."""

    home: Path
    ring: Path

    def gpg(self, *arguments: str | Path) -> None:
        command = ["gpg", "--homedir", self.home, "--batch", "--quiet", "--yes", *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=60)

    def sign(self, root: Path, *options: str) -> None:
        self.gpg(*options, "--detach-sign", "--output", root / SIGNATURE[1:], root / SUMS[1:])

    def export(self) -> None:
        self.ring.unlink(missing_ok=True)
        self.gpg("--output", self.ring, "--export")


def _signer(folder: Path, *options: str, expires: str = "never") -> Signer:
    home = folder / "h"
    home.mkdir(mode=0o700)
    made = Signer(home, folder / "keys.gpg")
    key = ("--passphrase", "", "--quick-generate-key", "Base Line <base@example>", "ed25519", "sign")
    made.gpg(*options, *key, expires)
    made.export()
    return made


@pytest.fixture
def signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Makes signers, and ends their agents."""
    if not shutil.which("gpg") or not shutil.which("gpgv"):
        pytest.skip("needs gpg and gpgv")
    homes: list[Path] = []

    def make(*options: str, expires: str = "never") -> Signer:
        made = _signer(tmp_path_factory.mktemp("gpg"), *options, expires=expires)
        homes.append(made.home)
        return made

    yield make
    for home in homes:
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True, timeout=20)


@pytest.fixture
def signed_root(root: Path) -> Path:
    lay(root, {"/bin/tool": b"tool", SUMS: line(b"tool", "/bin/tool").encode()})
    return root


def look_signed(root: Path, signer: Signer, **settings: Any) -> list[Finding]:
    return look(root, sums=SUMS, signature=SIGNATURE, keyring=str(signer.ring), **settings)


@pytest.mark.parametrize("form", ["--no-armor", "--armor"])
def test_a_good_signature_opens_the_sums(signed_root: Path, signer: Any, form: str) -> None:
    """In both forms; who has signed is told."""
    key = signer()
    key.sign(signed_root, form)
    first, second = look_signed(signed_root, key)
    assert (first.code, first.status) == (codes.PINNED_SIGNATURE_OK, Status.PASS)
    assert first.cause.startswith(f"{SUMS} is signed by Base Line <base@example> (")
    assert second.code is codes.PINNED_FILES_OK


def test_sums_without_their_signature_are_not_trusted(signed_root: Path, signer: Any) -> None:
    """A flipped byte in a file is not even looked for."""
    (signed_root / "bin/tool").write_bytes(b"tooL")
    key = signer()
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_MISSING, Status.FAIL)
    assert one.remedy == f"gpg --yes --detach-sign --output {SIGNATURE} {SUMS}"
    key.sign(signed_root)
    findings = look_signed(signed_root, key)
    assert [one.code for one in findings] == [codes.PINNED_SIGNATURE_OK, codes.PINNED_FILE_MISMATCH]


def test_sums_that_were_changed_after_signing(signed_root: Path, signer: Any) -> None:
    """If only by a line end."""
    key = signer()
    key.sign(signed_root)
    with (signed_root / SUMS[1:]).open("ab") as stream:
        stream.write(b"\n")
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_BAD, Status.FAIL)
    assert "none of its files was looked at" in one.cause
    assert one.remedy.startswith(f"gpg --yes --detach-sign --output {SIGNATURE} {SUMS}")


def test_a_stranger_has_signed(signed_root: Path, signer: Any) -> None:
    """A good signature by a key that the keyring lacks is none."""
    key, stranger = signer(), signer()
    stranger.sign(signed_root)
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_NO_KEY, Status.FAIL)
    assert one.remedy.endswith(f">> {key.ring}   # if that key may sign")
    assert look_signed(signed_root, stranger)[0].code is codes.PINNED_SIGNATURE_OK


LONG_AGO = ("--faked-system-time", "20200101T000000")


def test_a_key_that_has_expired(signed_root: Path, signer: Any) -> None:
    """Although gpgv itself ends with 0."""
    key = signer(*LONG_AGO, expires="1y")
    key.sign(signed_root, *LONG_AGO)
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_KEY_EXPIRED, Status.FAIL)
    assert one.remedy.startswith("gpg --yes --detach-sign ")


def test_a_signature_that_has_expired(signed_root: Path, signer: Any) -> None:
    """Its key has not; without a term it would still hold."""
    key = signer(*LONG_AGO)
    key.sign(signed_root, *LONG_AGO, "--default-sig-expire", "1d")
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_EXPIRED, Status.FAIL)
    assert one.remedy.startswith("gpg --yes --detach-sign ")
    key.sign(signed_root, *LONG_AGO)
    assert look_signed(signed_root, key)[0].code is codes.PINNED_SIGNATURE_OK


def test_a_key_that_was_revoked(signed_root: Path, signer: Any) -> None:
    """All that it has signed is void, before too."""
    key = signer()
    key.sign(signed_root)
    (certificate,) = (key.home / "openpgp-revocs.d").glob("*.rev")
    certificate.write_text(certificate.read_text().replace(":-----BEGIN", "-----BEGIN"))
    key.gpg("--import", certificate)
    assert look_signed(signed_root, key)[0].code is codes.PINNED_SIGNATURE_OK  # by the keyring from before
    key.export()
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_KEY_REVOKED, Status.FAIL)
    assert one.remedy.startswith("gpg --yes --detach-sign ")


@pytest.mark.parametrize("kind", ["text", "inline", "FIFO", "SHA-1"])
def test_what_is_no_detached_signature(signed_root: Path, signer: Any, kind: str) -> None:
    """A web page, a message that holds its own text, a FIFO, a digest that nobody trusts any more."""
    key = signer()
    place = signed_root / SIGNATURE[1:]
    if kind == "inline":
        key.gpg("--sign", "--output", place, signed_root / SUMS[1:])
    elif kind == "SHA-1":
        key.sign(signed_root, "--digest-algo", "SHA1", "--weak-digest", "MD5")
    else:
        lay(signed_root, {SIGNATURE: FIFO if kind == "FIFO" else b"<html>"})
    status = Status.FAIL if kind == "FIFO" else Status.UNKNOWN
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_UNREADABLE, status)
    assert one.remedy.startswith("gpg --yes --detach-sign ")
    place.unlink()
    key.sign(signed_root)
    assert look_signed(signed_root, key)[0].code is codes.PINNED_SIGNATURE_OK


@pytest.mark.parametrize("kind", ["missing", "armored", "empty", "FIFO"])
def test_a_keyring_that_gpgv_does_not_read(signed_root: Path, signer: Any, kind: str) -> None:
    """Unknown, with the line that makes one."""
    key = signer()
    key.sign(signed_root)
    key.ring.unlink()
    if kind == "armored":
        key.gpg("--armor", "--output", key.ring, "--export")
    elif kind == "empty":
        key.ring.write_bytes(b"")
    elif kind == "FIFO":
        os.mkfifo(key.ring)
    one = only(look_signed(signed_root, key), codes.PINNED_KEYRING_UNUSABLE, Status.UNKNOWN)
    assert f"gpg --dearmor < KEY.asc > {key.ring}" in one.remedy
    key.export()
    assert look_signed(signed_root, key)[0].code is codes.PINNED_SIGNATURE_OK


def test_where_there_is_no_gpgv(signed_root: Path, signer: Any) -> None:
    """It is said; nothing unsigned is trusted meanwhile."""
    key = signer()
    key.sign(signed_root)
    findings = look_signed(signed_root, key, gpgv="/no/such/gpgv")
    one = only(findings, codes.PINNED_GPGV_MISSING, Status.UNKNOWN)
    assert one.remedy.startswith("RUN apt-get update && apt-get install -y --no-install-recommends gpgv")
    found = look_signed(signed_root, key, gpgv=shutil.which("gpgv"))
    assert found[0].code is codes.PINNED_SIGNATURE_OK


@pytest.mark.parametrize("script", ["#!/bin/sh\nsleep 60\n", "not a program\n"])
def test_a_gpgv_that_does_not_run_to_its_end(
    signed_root: Path, signer: Any, tmp_path: Path, script: str
) -> None:
    """Unknown by the deadline at the latest."""
    key = signer()
    key.sign(signed_root)
    program = tmp_path / "gpgv"
    program.write_text(script)
    program.chmod(0o755)
    findings = look_signed(signed_root, key, gpgv=str(program), timeout_s=1)
    one = only(findings, codes.PINNED_GPGV_FAILED, Status.UNKNOWN)
    assert one.remedy == f"{program} --version\n\nprobe check --timeout 30"


def test_what_was_signed_is_what_counts(signed_root: Path, signer: Any, tmp_path: Path) -> None:
    """Whoever replaces the checksum file while its signature is being verified gains nothing."""
    key = signer()
    key.sign(signed_root)
    (signed_root / "bin/tool").write_bytes(b"evil")
    (tmp_path / "evil").write_text(line(b"evil", "/bin/tool"))
    program = tmp_path / "gpgv"
    program.write_text(
        f'#!/bin/sh\ncp {tmp_path}/evil {signed_root}{SUMS}\nexec {shutil.which("gpgv")} "$@"\n'
    )
    program.chmod(0o755)
    first, second = look_signed(signed_root, key, gpgv=str(program))
    assert first.code is codes.PINNED_SIGNATURE_OK
    assert (second.code, second.status) == (codes.PINNED_FILE_MISMATCH, Status.FAIL)
    assert second.evidence["expected"] == sha256(b"tool").hexdigest()
    assert (signed_root / SUMS[1:]).read_text() == line(b"evil", "/bin/tool")


def test_a_gpgv_that_claims_success_and_fails(signed_root: Path, signer: Any, tmp_path: Path) -> None:
    """Words alone are not believed, nor is an exit code."""
    key = signer()
    key.sign(signed_root)
    program = tmp_path / "gpgv"
    for said, code in (("GOODSIG 1 x\n[GNUPG:] VALIDSIG 1 2026-01-01 1700000000", 1), ("NEWSIG", 0)):
        program.write_text(f"#!/bin/sh\nprintf '[GNUPG:] %s\\n' '{said}'\nexit {code}\n")
        program.chmod(0o755)
        findings = look_signed(signed_root, key, gpgv=str(program))
        only(findings, codes.PINNED_SIGNATURE_UNREADABLE, Status.UNKNOWN)


# --- configuration and command ----------------------------------------------------------


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (['pinned.files=["abc  /x"]'], "--set: pinned.files: it does not begin with a SHA-256"),
        (["pinned.gpgv=gpgv"], "--set: pinned.gpgv: PATH is not searched for it; write where it is"),
        (["pinned.signature=/s"], "--set: pinned.signature: there is no checksum file"),
        (["pinned.signature=/s", "pinned.sums=/x"], "--set: pinned.signature: nobody says whose it must be"),
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


def test_the_command_verifies_a_signature_in_any_target(
    signed_root: Path, signer: Any, run_probe: RunProbe
) -> None:
    """Although nothing of another target is run there: gpgv is a program of ours."""
    key = signer()
    key.sign(signed_root)
    sets = [f"pinned.sums={SUMS}", f"pinned.signature={SIGNATURE}", f"pinned.keyring={key.ring}"]
    line = ["check", "--only", "pinned", "--root", str(signed_root)]
    for one in sets:
        line += ["--set", one]
    done = run_probe(*line, "--verbose")
    assert (done.code, done.err) == (0, ""), done.out
    assert "pass PINNED_SIGNATURE_OK" in done.out
