"""The opt-in check `linkage`: programs of real compilers in roots that lack something."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.linkage import Linkage
from probe.codes import Code
from probe.config import load
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Finding, Status
from probe.targets import Target, User, at_root
from probe.targets.image import of_image
from probe.targets.process import of_process
from tests.golang.builds import HELLO, build, module, with_loader, without_build_info
from tests.support.commands import RunProbe, clean_environment
from tests.support.images import Image, file, tarred, write_tar
from tests.support.permissions import mounted
from tests.support.users import SOMEBODY_ELSE

needs_gcc = pytest.mark.needs("gcc")
needs_root = pytest.mark.root("chroot")
GLIBC, MUSL = "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"
LIBC = "/lib/x86_64-linux-gnu/libc.so.6"
OTHER = "arm64" if os.uname().machine == "x86_64" else "amd64"


def look(target: Target, **settings: Any) -> list[Finding]:
    run = Run(Deadline(20), "all", 1.8e9, Facts(target, go=NEWEST), lambda phase: None)
    return list(Linkage(**settings).run(target, run))


def one(target: Target, **settings: Any) -> Finding:
    (finding,) = look(target, **settings)
    return finding


def told(finding: Finding) -> tuple[Status, Code, str]:
    return finding.status, finding.code, finding.remedy


def put(root: Path, data: bytes, name: str = "app", mode: int = 0o755) -> Target:
    """The program in the root, as what is started there."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)
    return at_root(str(root), {})._replace(executable=f"/{name}")


def bring(root: Path, *paths: str) -> None:
    """Copy files of this machine to the same place below the root."""
    for path in paths:
        (root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.realpath(path), root / path[1:])


def static() -> bytes:
    return build("1.27.3", module()).read_bytes()


def pie() -> bytes:
    return build("1.27.3", {"main.go": HELLO}, "-buildmode=pie").read_bytes()


@pytest.fixture
def dynamic(tmp_path: Path) -> bytes:
    """A program of C, linked to glibc."""
    return compiled('#include <stdio.h>\nint main(void) { puts("alive"); return 0; }\n', tmp_path / "program")


def compiled(code: str, path: Path, *flags: str) -> bytes:
    subprocess.run(["gcc", "-x", "c", "-", "-o", path, *flags], input=code, text=True, check=True)
    return path.read_bytes()


def started(root: Path, path: str = "/app") -> str:
    """What the kernel and the loader say, after chroot; "" when it runs."""
    done = subprocess.run(["chroot", root, path], capture_output=True, text=True)
    return done.stderr if done.returncode else ""


# --- it can be loaded -----------------------------------------------------------------


def test_a_static_program_needs_nothing(root: Path) -> None:
    """Not even a directory beside it."""
    finding = one(put(root, static()))
    assert (finding.status, finding.code) == (Status.PASS, codes.LINKAGE_OK)
    assert finding.cause == "/app is static"
    assert finding.evidence["static"] is True


@needs_root
@needs_gcc
def test_a_glibc_program_in_a_scratch_root(root: Path, dynamic: bytes) -> None:
    """Without the loader, without the library, with both: as chroot(1) sees it each time."""
    target = put(root, dynamic)
    finding = one(target)
    assert told(finding) == (
        Status.FAIL,
        codes.LINKAGE_LOADER_MISSING,
        "FROM gcr.io/distroless/base-debian13",
    )
    assert "no such file or directory, because of the loader" in finding.cause
    assert f"it needs the dynamic loader {GLIBC} of glibc, which is not in this image" in finding.cause
    assert "No such file or directory" in started(root)
    bring(root, GLIBC)
    finding = one(target)
    assert told(finding)[:2] == (Status.FAIL, codes.LINKAGE_LIBRARY_MISSING)
    assert finding.remedy == "COPY --from=build /path/to/libc.so.6 /usr/lib/"
    assert finding.evidence["library"] == "libc.so.6"
    assert "libc.so.6: cannot open shared object file" in started(root)
    bring(root, LIBC)
    assert one(target).code is codes.LINKAGE_OK
    assert started(root) == ""


@pytest.mark.parametrize(
    ("files", "remedy"),
    [
        (("sbin/apk",), "RUN apk add --no-cache gcompat"),
        (("usr/bin/apt-get",), "RUN apt-get update && apt-get install -y --no-install-recommends libc6"),
    ],
)
@needs_gcc
def test_the_package_fits_the_distribution(
    root: Path, dynamic: bytes, files: tuple[str, ...], remedy: str
) -> None:
    """A library that is known is brought by its package."""
    target = put(root, dynamic)
    bring(root, GLIBC)
    for name in files:
        put(root, b"", name)
    assert one(target).remedy == remedy


def test_a_position_independent_program_of_go(root: Path) -> None:
    """No cgo and no library, and it asks for a loader all the same."""
    finding = one(put(root, pie()))
    assert finding.code is codes.LINKAGE_LOADER_MISSING
    assert finding.remedy.startswith("go build -buildmode=exe")
    bring(root, GLIBC)
    assert one(put(root, pie())).code is codes.LINKAGE_OK


def test_a_program_for_glibc_on_musl_and_the_other_way_round(root: Path) -> None:
    """The loader of the other C library is there, and named."""
    put(root, b"x", MUSL[1:])
    put(root, b"x", "sbin/apk")
    foreign = without_build_info(pie())
    finding = one(put(root, foreign))
    assert told(finding) == (
        Status.FAIL,
        codes.LINKAGE_OTHER_LIBC,
        "RUN apk add --no-cache gcompat",
    )
    assert finding.cause.endswith(f"of glibc, which is not in this image; the image has that of musl, {MUSL}")
    assert one(put(root, pie())).remedy.startswith("go build -buildmode=exe")
    (root / MUSL[1:]).unlink()
    bring(root, GLIBC)
    finding = one(put(root, with_loader(foreign, MUSL)))
    assert finding.code is codes.LINKAGE_OTHER_LIBC
    assert finding.cause.endswith(f"; the image has that of glibc, {GLIBC}")
    assert one(put(root, foreign)).code is codes.LINKAGE_OK


@needs_root
@needs_gcc
def test_a_glibc_that_is_too_old(root: Path, tmp_path: Path) -> None:
    """The commonest of all: version `GLIBC_2.34' not found. Here the library wants one that nobody has."""
    code = "int thing(void) { return 0; }\n"
    versions = tmp_path / "versions"
    bring(root, GLIBC, LIBC)
    (root / "usr/lib").mkdir(parents=True)
    flags = ("-shared", "-fPIC", "-Wl,-soname,libthing.so", f"-Wl,--version-script,{versions}")
    versions.write_text("THING_2.34 { global: thing; };\n")
    compiled(code, root / "usr/lib/libthing.so", *flags)
    main = "int thing(void); int main(void) { return thing(); }\n"
    target = put(root, compiled(main, tmp_path / "app", f"-L{root}/usr/lib", "-lthing"))
    assert one(target).code is codes.LINKAGE_OK
    assert started(root) == ""
    versions.write_text("THING_2.31 { global: thing; };\n")
    compiled(code, root / "usr/lib/libthing.so", *flags)
    finding = one(target)
    assert told(finding) == (
        Status.FAIL,
        codes.LINKAGE_VERSION_MISSING,
        "FROM debian:stable",
    )
    assert [way.text for way in finding.remedies][1:] == ["FROM gcr.io/distroless/base-debian13"]
    assert finding.cause.endswith(
        "/app requires THING_2.34 of /usr/lib/libthing.so, which has THING_2.31 at most"
    )
    assert "version `THING_2.34' not found" in started(root)


@needs_gcc
def test_a_program_of_cgo_that_wants_a_newer_glibc(root: Path, dynamic: bytes) -> None:
    """GLIBC_2.34 itself: the same length of name in the C library is changed, so that it is not there."""
    bring(root, GLIBC, LIBC)
    target = put(root, dynamic)
    if b"GLIBC_2.34\0" not in dynamic:
        pytest.skip("needs gcc of a glibc of 2.34 or newer")
    assert one(target).code is codes.LINKAGE_OK
    libc = root / LIBC[1:]
    libc.write_bytes(libc.read_bytes().replace(b"GLIBC_2.34\0", b"GLIBC_2.3x\0"))
    finding = one(target)
    assert finding.code is codes.LINKAGE_VERSION_MISSING
    assert f"/app requires GLIBC_2.34 of {LIBC}, which has GLIBC_2.3" in finding.cause


@pytest.mark.sweep
def test_another_architecture(root: Path) -> None:
    """Judged against this machine unless another one is wanted."""
    target = put(root, build("1.27.3", {"main.go": HELLO}, GOARCH=OTHER).read_bytes())
    finding = one(target)
    assert finding.status is Status.FAIL
    assert finding.code is codes.LINKAGE_ARCHITECTURE
    assert finding.remedy in ("GOARCH=amd64 go build", "GOARCH=arm64 go build")
    assert f"is built for {OTHER}, but this machine is {os.uname().machine}" in finding.cause
    assert finding.cause.endswith("exec format error")
    for wanted in (OTHER, "any"):
        assert one(target, architecture=wanted).code is codes.LINKAGE_OK
    assert one(put(root, static())).code is codes.LINKAGE_OK
    assert one(put(root, static()), architecture="riscv64").remedy == "GOARCH=riscv64 go build"


def test_the_mode_forbids_it(root: Path) -> None:
    """For the user of the target."""
    put(root, static(), mode=0o744)
    target = at_root(str(root), {}, user=User(SOMEBODY_ELSE, SOMEBODY_ELSE))
    finding = one(target, binary="/app")
    assert told(finding) == (Status.FAIL, codes.LINKAGE_NOT_EXECUTABLE, "RUN chmod a+rx /app")
    (root / "app").chmod(0o755)
    assert one(target, binary="/app").code is codes.LINKAGE_OK


def test_the_way_to_it_is_closed(root: Path) -> None:
    """exec says "permission denied" about a program that anybody may execute."""
    put(root, static(), "opt/app")
    (root / "opt").chmod(0o700)
    target = at_root(str(root), {}, user=User(SOMEBODY_ELSE, SOMEBODY_ELSE))
    finding = one(target, binary="/opt/app")
    remedy = """probe check --only permissions --set 'permissions.execute=["/opt/app"]'"""
    assert told(finding) == (Status.FAIL, codes.LINKAGE_NOT_EXECUTABLE, remedy)
    (root / "opt").chmod(0o711)
    assert one(target, binary="/opt/app").code is codes.LINKAGE_OK
    (root / "opt/app").chmod(0o711)
    assert one(target, binary="/opt/app").code is codes.LINKAGE_UNKNOWN  # it starts, but cannot be read


@needs_root
def test_a_program_on_a_mount_without_exec(root: Path) -> None:
    """No mode is to blame, nor fixed."""
    (root / "opt").mkdir()
    with mounted(root / "opt", "noexec,mode=0755"):
        target = put(root, static(), "opt/app")
        finding = one(target)
        assert told(finding) == (Status.FAIL, codes.LINKAGE_NOT_EXECUTABLE, "mount -o remount,exec /opt")
        subprocess.run(["mount", "-o", "remount,exec", root / "opt"], check=True)
        assert one(target).code is codes.LINKAGE_OK


# --- scripts and what is no program ---------------------------------------------------


def test_a_script_stands_or_falls_with_its_interpreter(root: Path) -> None:
    """Missing, with a carriage return, missing its own loader, whole."""
    target = put(root, b"#!/bin/tool -x\necho\n", "start.sh")
    finding = one(target)
    assert (finding.status, finding.code) == (Status.FAIL, codes.LINKAGE_INTERPRETER_MISSING)
    assert finding.remedy.startswith('ENTRYPOINT ["/app"]')
    assert "its first line names /bin/tool" in finding.cause
    put(root, pie(), "bin/tool")
    assert one(target).code is codes.LINKAGE_LOADER_MISSING
    put(root, static(), "bin/tool")
    finding = one(target, form="dynamic")  # what was agreed on is about programs
    assert finding.code is codes.LINKAGE_OK
    assert finding.cause == "/start.sh is a script for /bin/tool, which is static"
    finding = one(put(root, b"#!/bin/tool\r\necho\r\n", "start.sh"))
    assert told(finding)[1:] == (codes.LINKAGE_INTERPRETER_MISSING, r"sed -i 's/\r$//' /start.sh")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (b"MZ\x90\0", "a Windows program"),
        (b"#!\n", "a script whose first line names no interpreter"),
        (b"#!/app\n", "deeper than the kernel goes"),
    ],
)
def test_what_is_no_program(root: Path, data: bytes, words: str) -> None:
    """Exec format error, or ELOOP; said in words."""
    finding = one(put(root, data))
    assert told(finding) == (Status.FAIL, codes.LINKAGE_NO_PROGRAM, "file -L /app")
    assert words in finding.cause


def test_a_program_that_is_not_there_or_not_known(root: Path) -> None:
    """Two different things."""
    target = at_root(str(root), {})
    finding = one(target)
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.LINKAGE_UNKNOWN)
    assert "linkage.binary=" in finding.remedy
    finding = one(target, binary="/app")
    assert told(finding)[:2] == (Status.FAIL, codes.LINKAGE_PROGRAM_MISSING)
    assert finding.remedy == "COPY --from=build /path/to/the/program /app"


# --- what was agreed on ---------------------------------------------------------------


def test_static_or_dynamic(root: Path) -> None:
    """Either may be wanted."""
    target = put(root, static())
    assert one(target, form="static").code is codes.LINKAGE_OK
    assert told(one(target, form="dynamic"))[1:] == (codes.LINKAGE_FORM, "CGO_ENABLED=1 go build")
    bring(root, GLIBC)
    target = put(root, pie())
    assert one(target, form="dynamic").code is codes.LINKAGE_OK
    finding = one(target, form="static")
    assert told(finding)[1:] == (codes.LINKAGE_FORM, "CGO_ENABLED=0 go build -buildmode=exe")
    assert finding.cause == f"/app is not static: it needs {GLIBC}"


def test_cgo_enabled_of_the_build(root: Path) -> None:
    """As the build info says; without one, nobody knows."""
    target = put(root, static())
    assert one(target, cgo="0").code is codes.LINKAGE_OK
    finding = one(target, cgo="1")
    assert told(finding) == (Status.FAIL, codes.LINKAGE_CGO, "CGO_ENABLED=1 go build")
    finding = one(put(root, without_build_info(static())), cgo="0")
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.LINKAGE_UNKNOWN)


def test_stripped_or_not(root: Path) -> None:
    """By the symbol table and the debug information."""
    small = build("1.27.3", module(), "-ldflags=-s -w").read_bytes()
    assert one(put(root, small), stripped="yes").code is codes.LINKAGE_OK
    finding = one(put(root, static()), stripped="yes")
    assert told(finding)[1:] == (codes.LINKAGE_NOT_STRIPPED, 'go build -ldflags="-s -w"')
    assert ".symtab" in finding.cause
    assert one(put(root, static()), stripped="no").code is codes.LINKAGE_OK
    finding = one(put(root, small), stripped="no")
    assert told(finding)[1:] == (codes.LINKAGE_STRIPPED, "go build -ldflags=")


def test_a_size_limit(root: Path) -> None:
    """In units of 10^6 bytes; none by default."""
    target = put(root, static())
    finding = one(target, max_mb=0.5)
    assert (finding.status, finding.code) == (Status.FAIL, codes.LINKAGE_TOO_LARGE)
    assert finding.remedy == 'CGO_ENABLED=0 go build -trimpath -ldflags="-s -w"'
    assert one(target, max_mb=45).code is codes.LINKAGE_OK


# --- where the program comes from -----------------------------------------------------


def test_the_program_of_an_image(tmp_path: Path) -> None:
    """Its entrypoint, in its own layers."""
    image = Image([tarred([file("app", pie(), 0o755)])], Entrypoint=["/app"])
    target = of_image(str(write_tar(tmp_path / "image.tar", image.saved())))
    assert one(target).code is codes.LINKAGE_LOADER_MISSING


def test_the_program_of_a_process() -> None:
    """Whatever runs has been loaded."""
    with subprocess.Popen(["/bin/sleep", "60"]) as running:
        try:
            finding = one(of_process(running.pid))
        finally:
            running.kill()
    assert (finding.subject, finding.code) == (os.path.realpath("/bin/sleep"), codes.LINKAGE_OK)


def test_the_command_of_probe_run(tmp_path: Path) -> None:
    """It is handed over; what cannot start is told before it is tried."""
    program = tmp_path / "app"
    line = [sys.executable, "-m", "probe", "run"]
    settings = ["--set", 'checks=["linkage"]', "--set", "linkage.cgo=0", "--"]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*line, *settings, str(program)], env=clean_environment(), capture_output=True, text=True
        )

    assert f"LINKAGE_PROGRAM_MISSING: {program} is not there" in run().stderr
    program.write_bytes(with_loader(pie(), "/lib/ld-nowhere.so.1"))
    assert run().stderr.startswith("unhealthy: LINKAGE_NOT_EXECUTABLE")
    program.chmod(0o755)
    done = run()
    assert done.returncode == 1
    assert done.stderr.startswith("unhealthy: LINKAGE_LOADER_MISSING")
    assert f"{program} exists but cannot start" in done.stderr
    program.write_bytes(static())
    done = run()
    assert (done.returncode, done.stderr) == (0, "alive\n")


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("app", "/path/to/the/program /usr/local/bin/app"),
        ("no; such", '["/path/to/the/program", "/usr/local/bin/no; such"]'),
    ],
)
def test_a_command_that_is_not_in_path(run_probe: RunProbe, name: str, operands: str) -> None:
    """It is said where it was looked for."""
    done = run_probe("run", "--verbose", "--only", "linkage", "--", name, PATH="/nowhere:/bin")
    assert done.code == 1
    assert f"there is no program called {name} in PATH=/nowhere:/bin" in done.err
    assert f"fix: COPY --from=build {operands}\n" in done.err


def test_the_other_checks_take_it_as_a_program_that_is_missing(run_probe: RunProbe) -> None:
    """It was called unknown, although the command names it."""
    done = run_probe("run", "--only", "go-version", "--set", "go-version.source=binary", "--", "nope")
    assert done.code == 1
    assert "GO_BINARY_MISSING: the program nope is not there" in done.err
    assert "fix: COPY --from=build /path/to/the/program /usr/local/bin/nope" in done.err


def test_an_entrypoint_that_is_not_there(tmp_path: Path) -> None:
    """By its path, or by a name that no directory of PATH has."""
    for word, subject in (("/app", "/app"), ("app", "app")):
        image = Image([tarred([file("other", static(), 0o755)])], Entrypoint=[word], Env=["PATH=/bin"])
        finding = one(of_image(str(write_tar(tmp_path / "image.tar", image.saved()))))
        assert (finding.subject, finding.code) == (subject, codes.LINKAGE_PROGRAM_MISSING)


def test_the_command(root: Path, run_probe: RunProbe) -> None:
    """From the options to the exit code; off unless it is asked for."""
    put(root, static())
    line = ["check", "--root", str(root), "--only", "linkage"]
    good = run_probe(*line, "--set", "linkage.binary=/app")
    assert (good.code, good.err) == (0, "")
    bad = run_probe(*line, "--set", "linkage.binary=/app", "--set", "linkage.form=dynamic")
    assert (bad.code, bad.out.split()[1]) == (1, "LINKAGE_FORM")
    settings = load.load(environ={}, sets=["linkage.form=static"], system_file="/no/such/file")
    assert "linkage" in settings.enabled
    assert "linkage" not in load.load(environ={}, sets=[], system_file="/no/such/file").enabled


@needs_gcc
def test_what_inspect_tells(root: Path, dynamic: bytes, run_probe: RunProbe) -> None:
    """Loader, libraries and what is missing, without a verdict."""
    put(root, dynamic)
    bring(root, GLIBC)
    found = json.loads(run_probe("inspect", "linkage", "/app", "--root", str(root)).out)
    assert (found["libc"], found["loader"], found["loader_present"]) == ("glibc", GLIBC, True)
    assert [missing["name"] for missing in found["missing"]] == ["libc.so.6"]
    assert found["why_not"] is None
    bring(root, LIBC)
    found = json.loads(run_probe("inspect", "linkage", "/app", "--root", str(root)).out)
    assert found["libraries"] == [{"path": LIBC, "wanted_by": "/app"}]
    nothing = json.loads(run_probe("inspect", "linkage", "--root", str(root)).out)
    assert set(nothing) == set(found)
    assert nothing["complete"] is False
    assert nothing["why_not"] == "the program that starts here is unknown"
