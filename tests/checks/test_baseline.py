"""The opt-in check `baseline`: a real container root, recorded, changed in one way, and held against it."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.baseline import Baseline, document
from probe.codes import Code
from probe.deadline import Deadline
from probe.errors import ConfigError
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Finding, Status
from probe.targets import at_root
from tests.support.commands import RunProbe, clean_environment
from tests.support.pki import pems
from tests.support.pki import root as authority
from tests.support.toolchains import Toolchain
from tests.support.worlds import FIFO, Link, lay
from tests.support.zonefiles import reference

BUNDLE, ZONES = "/etc/ssl/certs/ca-certificates.crt", "/usr/share/zoneinfo"
OLD, NEW = authority("Old CA"), authority("New CA")
ENV = {
    "PATH": "/usr/local/go/bin:/bin",
    "GOFLAGS": "-mod=readonly",
    "GOPROXY": "https://u:secret@proxy.example",
}


@pytest.fixture
def container(root: Path, go_newest: Toolchain) -> Path:
    """A toolchain, a bundle, a zone, a program."""
    install(root, go_newest)
    shanghai = reference("Asia/Shanghai")
    lay(
        root,
        {
            BUNDLE: pems([OLD]).encode(),
            f"{ZONES}/Asia/Shanghai": shanghai,
            f"{ZONES}/Europe/Berlin": reference("Europe/Berlin"),
            "/etc/localtime": Link(f"{ZONES}/Asia/Shanghai"),
        },
    )
    shutil.copy(go_newest.root / "bin/gofmt", root / "app")
    return root


def install(root: Path, go: Toolchain) -> None:
    """What a baseline names of a toolchain."""
    place = root / "usr/local/go"
    for name in ("bin/go", "VERSION", "go.env", "pkg/tool/linux_amd64/asm"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        found = next(go.root.glob(name.replace("linux_amd64", "*")), None)
        if found:
            shutil.copy(found, place / name)


Recorded = Callable[..., Path]


@pytest.fixture
def record(container: Path, run_probe: RunProbe, tmp_path: Path) -> Recorded:
    """Record the container as the command does."""

    def recorded(**env: str) -> Path:
        line = ["baseline", "snapshot", "--root", str(container), "--set", "go-version.binary=/app"]
        for name, value in (ENV | env).items():
            line += ["--env", f"{name}={value}"]
        done = run_probe(*line)
        assert (done.code, done.err) == (0, "")
        file = tmp_path / "baseline.toml"
        file.write_text(done.out)
        return file

    return recorded


def look(root: Path, file: Path, *, timeout_s: float = 60, drift: str = "fail", **env: Any) -> list[Finding]:
    target = at_root(str(root), ENV | env)
    run = Run(Deadline(timeout_s), "all", 1.8e9, Facts(target, go=NEWEST), lambda phase: None)
    return list(Baseline(drift, str(file)).run(target, run))


def only(findings: list[Finding], code: Code, status: Status) -> Finding:
    (one,) = findings
    assert (one.code, one.status) == (code, status), one
    return one


def test_a_baseline_tells_what_is_here(record: Recorded, container: Path, go_newest: Toolchain) -> None:
    """All of it in TOML, and the same text again; no secret is in it."""
    file = record()
    text = file.read_text()
    assert record().read_text() == text
    assert "secret" not in text
    found = tomllib.loads(text)
    assert found["format"] == 1
    assert found["go"] == {
        "version": "go1.27.3",
        "command": "/usr/local/go/bin/go",
        "root": "/usr/local/go",
    }
    assert found["program"] == {"path": "/app", "go": "go1.27.3"}
    assert found["roots"] == {sha256(OLD.der).hexdigest(): "CN=Old CA"}
    assert found["timezone"] == {
        "name": "Local",
        "file": "/etc/localtime",
        "leads_to": f"{ZONES}/Asia/Shanghai",
    }
    assert found["env"] == {**ENV, "GOPROXY": "https://***@proxy.example"}
    for path in ("/app", BUNDLE, "/usr/local/go/bin/go", "/usr/local/go/VERSION", "/etc/localtime"):
        place = f"{ZONES}/Asia/Shanghai" if path == "/etc/localtime" else path
        assert found["files"][path] == sha256((container / place[1:]).read_bytes()).hexdigest()


def test_what_has_not_changed_passes(record: Recorded, container: Path) -> None:
    """One finding that counts what was compared."""
    one = only(look(container, record()), codes.BASELINE_OK, Status.PASS)
    assert one.evidence["roots"] == 1
    assert one.evidence["env"] == len(ENV)


def drift(container: Path, record: Recorded, change: Callable[[], object], **env: Any) -> list[Finding]:
    """What is said after *change*; before it, nothing is."""
    file = record()
    only(look(container, file), codes.BASELINE_OK, Status.PASS)
    change()
    findings = look(container, file, **env)
    renew = f"probe baseline snapshot OPTIONS > {file}.new && mv {file}.new {file}"
    assert all([way.text for way in one.remedies][1:] == [renew] for one in findings)
    assert [
        one._replace(status=Status.FAIL) for one in look(container, file, drift="warn", **env)
    ] == findings
    return findings


def test_another_toolchain(record: Recorded, container: Path, go_1_24: Toolchain) -> None:
    """Its version, and each of its files."""
    findings = drift(container, record, lambda: install(container, go_1_24))
    first, *files = findings
    assert (first.code, first.subject, first.status) == (codes.BASELINE_GO, "go.version", Status.FAIL)
    assert first.cause == 'the version of the go command is "go1.24.11", and was "go1.27.3" in the baseline'
    assert first.evidence == {"before": "go1.27.3", "now": "go1.24.11"}
    assert {"/usr/local/go/bin/go", "/usr/local/go/VERSION"} <= {one.subject for one in files}
    assert {one.code for one in files} == {codes.BASELINE_FILE}


def test_a_toolchain_that_is_gone(record: Recorded, container: Path) -> None:
    """Empty is what a baseline says of none."""
    findings = drift(container, record, lambda: shutil.rmtree(container / "usr/local/go"))
    assert findings[0].code is codes.BASELINE_GO
    assert {one.code for one in findings} == {codes.BASELINE_GO, codes.BASELINE_FILE_GONE}


def test_a_program_of_another_go(record: Recorded, container: Path, go_1_24: Toolchain) -> None:
    """Built by another release, and so another file."""
    findings = drift(
        container, record, lambda: shutil.copy(go_1_24.root / "bin/gofmt", container / "app") and None
    )
    assert [one.code for one in findings] == [codes.BASELINE_PROGRAM, codes.BASELINE_FILE]
    assert findings[0].cause.startswith('the Go that built the program is "go1.24.11", and was "go1.27.3"')


def test_one_byte_of_a_file(record: Recorded, container: Path) -> None:
    """The digests of before and now are told."""

    def change() -> None:
        with (container / "usr/local/go/go.env").open("ab") as stream:
            stream.write(b"\n")

    one = only(drift(container, record, change), codes.BASELINE_FILE, Status.FAIL)
    assert one.subject == "/usr/local/go/go.env"
    assert one.evidence["now"] == sha256((container / "usr/local/go/go.env").read_bytes()).hexdigest()


def test_a_file_that_is_gone(record: Recorded, container: Path) -> None:
    """Another code than one that has changed."""
    one = only(
        drift(container, record, (container / "usr/local/go/go.env").unlink),
        codes.BASELINE_FILE_GONE,
        Status.FAIL,
    )
    assert one.subject == "/usr/local/go/go.env"


def test_other_roots(record: Recorded, container: Path) -> None:
    """Which came and which went, by their subjects; the file is another one too."""
    bundle = container / BUNDLE[1:]
    file, first = drift(container, record, lambda: bundle.write_text(pems([NEW])))
    assert (file.code, first.code) == (codes.BASELINE_FILE, codes.BASELINE_ROOTS)
    assert first.cause == "the roots have changed: new: CN=New CA; gone: CN=Old CA"
    assert (first.evidence["before"], first.evidence["now"]) == (1, 1)


def test_another_zone(record: Recorded, container: Path) -> None:
    """By TZ: its name, its file and the variable."""
    findings = drift(container, record, lambda: None, TZ="Europe/Berlin")
    zone = [one for one in findings if one.code is codes.BASELINE_TIMEZONE]
    assert [one.subject for one in zone] == ["timezone.file", "timezone.leads_to", "timezone.name"]
    assert zone[2].cause == 'the time zone is "Europe/Berlin", and was "Local" in the baseline'


def test_another_link_to_a_zone(record: Recorded, container: Path) -> None:
    """Its name stays Local."""
    localtime = container / "etc/localtime"

    def change() -> None:
        localtime.unlink()
        localtime.symlink_to(f"{ZONES}/Europe/Berlin")

    findings = drift(container, record, change)
    assert [(one.code, one.subject) for one in findings] == [
        (codes.BASELINE_FILE, "/etc/localtime"),
        (codes.BASELINE_TIMEZONE, "timezone.leads_to"),
    ]


@pytest.mark.parametrize(
    ("env", "cause"),
    [
        (
            {"GOFLAGS": "-mod=mod"},
            'the variable GOFLAGS is "-mod=mod", and was "-mod=readonly" in the baseline',
        ),
        ({"GOFLAGS": ""}, 'the variable GOFLAGS is empty, and was "-mod=readonly" in the baseline'),
        ({"GODEBUG": "x=1"}, 'the variable GODEBUG is "x=1", and was not set in the baseline'),
        (
            {"GOPROXY": "https://u:other@x"},
            'the variable GOPROXY is "https://***@x", and was "https://***@proxy.example" in the baseline',
        ),
    ],
)
def test_another_environment(record: Recorded, container: Path, env: dict[str, str], cause: str) -> None:
    """Changed, emptied, new; what may be a credential is hidden on both sides."""
    one = only(drift(container, record, lambda: None, **env), codes.BASELINE_ENV, Status.FAIL)
    assert one.cause == cause


def test_what_nobody_recorded_is_no_drift(record: Recorded, container: Path) -> None:
    """Neither a variable that no Go program heeds, nor a table that was taken out."""
    file = record()
    strangers: dict[str, Any] = {"HOSTNAME": "x", "GOOGLE_PROJECT": "y", "GO_API_PORT": "tcp://10.0.0.1:80"}
    only(look(container, file, **strangers), codes.BASELINE_OK, Status.PASS)
    assert record(GOPASS="hunter2hunter2").read_text() == file.read_text()
    text = file.read_text()
    file.write_text(text[: text.index("[env]")])
    only(look(container, file, GOFLAGS="-mod=mod"), codes.BASELINE_OK, Status.PASS)


def test_what_cannot_be_told(record: Recorded, container: Path) -> None:
    """A FIFO where a file was is unknown; so is a digest for which there was no time."""
    file = record()
    env = container / "usr/local/go/go.env"
    content = env.read_bytes()
    env.unlink()
    os.mkfifo(env)
    one = only(look(container, file), codes.BASELINE_UNKNOWN, Status.UNKNOWN)
    assert one.remedy == "ls -l /usr/local/go/go.env"
    env.unlink()
    env.write_bytes(content)
    only(look(container, file), codes.BASELINE_OK, Status.PASS)
    late = look(container, file, timeout_s=0)
    assert (late[-1].code, late[-1].remedy) == (codes.BASELINE_UNKNOWN, "probe check --timeout 30")
    assert late[-1].cause.startswith("whether [files] matches the baseline cannot be determined: 0 of ")


def test_more_roots_than_are_read(record: Recorded, container: Path) -> None:
    """Go would read them all; whether they are as before is unknown, and where to look is said."""
    file = record()
    with (container / BUNDLE[1:]).open("ab") as stream:
        stream.truncate(65 << 20)
    findings = look(container, file)
    (one,) = (finding for finding in findings if finding.code is codes.BASELINE_UNKNOWN)
    assert (one.subject, one.status) == ("[roots]", Status.UNKNOWN)
    assert one.remedy.startswith("probe inspect roots")


def test_many_things_that_cannot_be_told_are_counted(container: Path, tmp_path: Path) -> None:
    """Twenty are named."""
    file = tmp_path / "b.toml"
    lay(container, {f"/fifos/{number}": FIFO for number in range(50)})
    file.write_text(document.write({"files": {f"/fifos/{number}": "0" * 64 for number in range(50)}}))
    findings = look(container, file)
    assert len(findings) == 21
    assert {one.code for one in findings} == {codes.BASELINE_UNKNOWN}
    assert (findings[-1].cause, findings[-1].status) == (
        "30 more entries cannot be determined",
        Status.UNKNOWN,
    )


def test_without_a_baseline(container: Path, record: Recorded) -> None:
    """None given, or one that is there no more: unknown."""
    run = Run(Deadline(9), "all", 1.8e9, Facts(at_root(str(container), ENV), go=NEWEST), lambda phase: None)
    one = only(
        list(Baseline().run(at_root(str(container), ENV), run)), codes.BASELINE_NOT_GIVEN, Status.UNKNOWN
    )
    assert one.remedy.startswith("probe baseline snapshot > baseline.toml")
    file = record()
    file.unlink()
    one = only(look(container, file), codes.BASELINE_UNUSABLE, Status.UNKNOWN)
    assert one.remedy == f"ls -l {file}"


# --- the file ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no such file or directory; make it with: probe baseline snapshot > FILE"),
        ("", "is not a baseline: it must say `format = 1`; probe baseline snapshot > FILE"),
        ("format = 2\n", "is not a baseline: it must say `format = 1`; probe baseline snapshot > FILE"),
        ("format = \n", "is not TOML: "),
        ("format = 1\n[gone]\n", "'gone' is not a table of a baseline; there are go, program, files, "),
        ("format = 1\ngo = 3\n", "go must be a table: [go]"),
        ("format = 1\n[env]\nTZ = 3\n", "env.TZ must be a string in quotes"),
        ("format = 1\n[env]\n" + "a." * 5000 + "b = 3\n", "FILE:3: is not a baseline: a line of one is "),
        (
            "format = 1\n[env]\n'\"'" + ".a" * 8000 + " = '1'\n",
            "FILE:3: is not a baseline: a line of one is ",
        ),
        ('format = 1\n[env]\nx = """\n' + ".a" * 8000 + '"""\n', "FILE:3: is not a baseline: a line "),
        ("format = 1\n[env]\nx = " + "[\n" * 5000, "FILE:3: is not a baseline: a line of one is "),
        ("format = 1\n[[env]]\n", "FILE:2: is not a baseline: a line of one is [TABLE] or NAME = "),
        ("#" * (9 << 20), "is not a baseline: "),
        ("format = 1 # \xff\n".encode("latin-1"), "is not a baseline: it is not UTF-8"),
        (FIFO, "is not a baseline: "),
    ],
    ids=range(15),
)
def test_a_file_that_is_no_baseline(tmp_path: Path, run_probe: RunProbe, text: Any, said: str) -> None:
    """Exit 78 and one line, by the option, by the key and for the entrypoint, which starts nothing."""
    lay(tmp_path, {"b.toml": text.encode() if isinstance(text, str) else text} if text is not None else {})
    file = str(tmp_path / "b.toml")
    with pytest.raises(ConfigError) as problem:
        document.read(file)
    said = said.replace("FILE", file)
    assert said in str(problem.value)
    for line in (
        ["check", "--baseline", file],
        ["check", "--set", f"baseline.file={file}"],
        ["run", "--baseline", file, "--", "/bin/touch", str(tmp_path / "started")],
    ):
        done = run_probe(*line)
        assert (done.code, done.out, done.err.count("\n")) == (78, "", 1), done.err
        assert file in done.err
    assert not (tmp_path / "started").exists()


def test_what_a_person_writes_is_read(tmp_path: Path) -> None:
    """Comments, blanks, other quotes and other line ends."""
    file = tmp_path / "b.toml"
    file.write_bytes(b"format=1 # x\r\n\r\n[ env ]\t# y\r\nTZ = 'UTC' # z\r\n'a.b'=\"\"\r\n")
    assert document.read(str(file)) == {"env": {"TZ": "UTC", "a.b": ""}}


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        'q"uo\\te',
        "tab\t nul\0 del\x7f bell\a",
        "ü\U0001f600\u2028",
        "a.b",
        '"x".1.2.3.4.5.6.7.8.9.10.11.12.13',
        "\x7f" * 4095,
        "# 'x",
    ],
    ids=lambda text: repr(text)[:20],
)
def test_any_text_can_be_written(text: str, tmp_path: Path) -> None:
    """As a name and as a value, and it is the same when it is read."""
    file = tmp_path / "b.toml"
    file.write_text(document.write({"env": {text: text}}))
    assert document.read(str(file)) == {"env": {text: text}}


# --- the command ------------------------------------------------------------------------


def test_from_the_snapshot_to_the_exit_code(container: Path, record: Recorded, run_probe: RunProbe) -> None:
    """--baseline turns the check on beside whatever else runs."""
    file = str(record())
    line = ["check", "--root", str(container), "--baseline", file, "--only", "timezone", "--format", "json"]
    for name, value in ENV.items():
        line += ["--env", f"{name}={value}"]
    good = run_probe(*line)
    assert (good.code, good.err) == (0, ""), good.out
    assert [check["name"] for check in json.loads(good.out)["checks"]] == ["timezone", "baseline"]
    (container / BUNDLE[1:]).write_text(pems([OLD, NEW]))
    bad = json.loads(run_probe(*line).out)
    found = [finding["code"] for finding in bad["checks"][1]["findings"]]
    assert found == ["BASELINE_FILE", "BASELINE_ROOTS"]
    assert run_probe(*line, "--set", "baseline.drift=warn").code == 0


def test_the_configured_baseline_can_be_recorded_again(
    container: Path, run_probe: RunProbe, tmp_path: Path
) -> None:
    """Although the shell has emptied the file, or made it, before the command starts."""
    file, config = tmp_path / "b.toml", tmp_path / "probe.toml"
    config.write_text(f'[baseline]\nfile = "{file}"\n')
    target = ["--config", str(config), "--root", str(container)]
    for content in ("", "old"):
        file.write_text(content)
        assert run_probe("check", *target).code == 78
        done = run_probe("baseline", "snapshot", *target)
        assert (done.code, done.err) == (0, "")
    file.write_text(done.out)
    assert run_probe("check", *target, "--only", "baseline")[:1] == (0,)


def test_our_own_container_can_be_renewed_as_the_remedy_says(tmp_path: Path, run_probe: RunProbe) -> None:
    """The pasted line leaves a baseline that passes."""
    file = tmp_path / "a baseline.toml"
    file.write_text(run_probe("baseline", "snapshot", GODEBUG="x=1").out)
    line = ["check", "--only", "baseline", "--baseline", str(file), "--format", "json"]
    (finding,) = json.loads(run_probe(*line).out)["checks"][0]["findings"]
    again = finding["alternatives"][0]["remedy"]
    assert again == f"probe baseline snapshot > '{file}.new' && mv '{file}.new' '{file}'"
    program = shlex.join([sys.executable, "-m", "probe"])
    shell = ["sh", "-c", again.replace("probe", program, 1)]
    subprocess.run(shell, check=True, env=clean_environment(), timeout=60)
    assert run_probe(*line).code == 0


def test_nothing_is_recorded_of_what_cannot_be_read(container: Path, run_probe: RunProbe) -> None:
    """Exit 1, one line, no text that could be taken for a baseline."""
    bundle = container / BUNDLE[1:]
    bundle.unlink()
    os.mkfifo(bundle)
    done = run_probe("baseline", "snapshot", "--root", str(container))
    assert (done.code, done.out) == (1, "")
    assert done.err == f"probe: baseline snapshot: {BUNDLE}: Go blocks on it for ever; nothing was recorded\n"


def test_a_snapshot_for_which_there_is_no_time(container: Path, run_probe: RunProbe) -> None:
    """What to do about it is said, and nothing is written."""
    os.truncate(container / "app", 8 << 30)
    line = ["baseline", "snapshot", "--root", str(container), "--set", "go-version.binary=/app"]
    done = run_probe(*line, "--timeout", "0.3")
    assert (done.code, done.out) == (1, "")
    assert re.fullmatch(
        r"probe: baseline snapshot: \[files\]: \d+ of \d+ were hashed before the deadline; raise --timeout; "
        r"nothing was recorded\n",
        done.err,
    )


def test_the_one_word_that_it_takes(run_probe: RunProbe) -> None:
    """Anything else is wrong usage."""
    assert run_probe("baseline").code == 64
    assert run_probe("baseline", "snapshots").code == 64
    assert run_probe("baseline", "snapshot", "OPTIONS").code == 64  # the remedy as it stands


@pytest.mark.parametrize("flag", ["--only=timezone", "--baseline=x", "--strict", "--at=0"])
def test_options_that_would_change_nothing(run_probe: RunProbe, flag: str) -> None:
    """Are none."""
    assert run_probe("baseline", "snapshot", flag).code == 64
