"""A go command that starts and fails, and a GOROOT that does not fit it."""

import subprocess
from pathlib import Path

import pytest

from probe import codes
from probe.report import Status
from probe.targets.processes import Processes
from tests.checks.go_version.helpers import findings, first, go, here, told
from tests.support.commands import MakeTarget
from tests.support.timing import Stopwatch
from tests.support.toolchains import Toolchain, install


def test_a_command_that_hangs_is_told_about_in_time(tmp_path: Path, processes: Processes) -> None:
    """It forks, too; the check ends well before the deadline."""
    env = go(tmp_path / "bin", "#!/bin/sh\nsleep 60 &\nsleep 60\n")
    watch = Stopwatch()
    (finding,) = findings(here(env, processes), seconds=1)
    assert watch.quiet() < 0.9
    assert (finding.status, finding.code) == (Status.FAIL, codes.GO_HUNG)
    assert "had not finished after 0.6 s" in finding.cause


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo hello", "hello"),
        ("true", "nothing"),
        ("printf '\\377\\376\\0'", ""),
        ("echo token=hunter2xyzzy", "token=***"),
        ("yes | head -c 100000000", "writes endless output"),
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


MEANT = {"go1.21.0+never": "go1.21.0", "local+": "local"}  # of which value it can be known


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
    assert (finding.subject, finding.remedy) == (name, f"ENV {name}={MEANT.get(value, '')}")
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
