"""Where each value of the go command's environment comes from (tests/differential/test_env.py asks Go)."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.golang.command import environment, environment_files, flags, toolchain
from probe.golang.command.environment import GoSetting
from probe.golang.command.toolchain import Toolchain
from probe.golang.release import NEWEST, Go
from probe.targets import Target, at_root
from tests.support.commands import MakeTarget
from tests.support.toolchains import Toolchain as Real

OURS = Toolchain("/go/bin/go", "/go", "go1.27.3")
GO_ENV = "# defaults\nGOPROXY=https://goroot.example\nGOSUMDB=sum.golang.org\n"


def seen(target: Target, name: str, found: Toolchain | None = OURS, go: Go = NEWEST) -> GoSetting:
    return environment.look(target, found, go).settings[name]


def test_the_environment_wins_over_both_files(make_target: MakeTarget) -> None:
    """A variable that is set and not empty is what counts."""
    files = {"/h/.config/go/env": "GOPROXY=off\n", "/go/go.env": GO_ENV}
    assert seen(make_target(files, HOME="/h", GOPROXY="direct"), "GOPROXY") == GoSetting("direct", "os")


def test_the_users_file_wins_over_the_toolchains(make_target: MakeTarget) -> None:
    """And the setting knows its line."""
    files = {"/h/.config/go/env": "\nGOPROXY=off\n", "/go/go.env": GO_ENV}
    assert seen(make_target(files, HOME="/h"), "GOPROXY") == GoSetting("off", "file", "/h/.config/go/env", 2)


def test_the_toolchains_file_comes_before_the_default(make_target: MakeTarget) -> None:
    """What go.env does not say is as it was built in."""
    target = make_target({"/go/go.env": GO_ENV}, HOME="/h")
    assert seen(target, "GOPROXY") == GoSetting("https://goroot.example", "go.env", "/go/go.env", 2)
    assert seen(target, "GOTOOLCHAIN") == GoSetting("", "default")


def test_an_empty_variable_lets_the_file_through(make_target: MakeTarget) -> None:
    """Empty is the same as unset in the environment, but hides go.env in the user's file."""
    target = make_target({"/h/.config/go/env": "GOFLAGS=-mod=mod\n"}, HOME="/h", GOFLAGS="")
    assert seen(target, "GOFLAGS").value == "-mod=mod"
    target = make_target({"/h/.config/go/env": "GOPROXY=\n", "/go/go.env": GO_ENV}, HOME="/h")
    assert seen(target, "GOPROXY") == GoSetting("", "file", "/h/.config/go/env", 1)


def test_a_repeated_setting_counts_last_in_one_file_and_first_in_the_other(make_target: MakeTarget) -> None:
    """In go.env nothing overwrites what is there already, not even its own lines."""
    twice = "GOPROXY=one\nGOPROXY=two\n"
    assert seen(make_target({"/h/.config/go/env": twice}, HOME="/h"), "GOPROXY").value == "two"
    assert seen(make_target({"/go/go.env": twice}), "GOPROXY").value == "one"


def test_without_a_toolchain_an_official_one_is_assumed(make_target: MakeTarget) -> None:
    """What depends on where it is, or on its machine, is unknown."""
    target = make_target(HOME="/h", PATH="/bin")
    assert seen(target, "GOPROXY", None) == GoSetting("https://proxy.golang.org,direct", "default")
    assert seen(target, "GOPATH", None) == GoSetting("/h/go", "default")
    for name in ("GOROOT", "GOHOSTARCH", "GOARCH", "GOVERSION", "GOTOOLDIR", "GOGCCFLAGS"):
        assert seen(target, name, None) == GoSetting("", "unknown")


def test_without_a_toolchain_a_compiler_makes_cgo_unknown(make_target: MakeTarget, root: Path) -> None:
    """Without a compiler it is off on any machine; with one it depends on the machine."""
    target = make_target({"/bin/gcc": ""}, HOME="/h", PATH="/bin")
    assert seen(target, "CGO_ENABLED", None) == GoSetting("0", "default")
    (root / "bin" / "gcc").chmod(0o755)
    assert seen(target, "CGO_ENABLED", None) == GoSetting("", "unknown")


def test_what_somebody_sets_needs_no_toolchain(make_target: MakeTarget) -> None:
    """GOROOT, too, although there is nothing in it."""
    target = make_target({"/h/.config/go/env": "GOROOT=/g/\n"}, HOME="/h", GOARCH="arm64")
    assert seen(target, "GOROOT", None) == GoSetting("/g", "file", "/h/.config/go/env", 1)
    assert seen(target, "GOARCH", None) == GoSetting("arm64", "os")
    assert seen(target, "GOPROXY", None) == GoSetting("", "default")  # /g/go.env is not there


def test_the_release_that_is_asked_for_decides(make_target: MakeTarget) -> None:
    """--as-go counts for more than the toolchain that is there."""
    target = make_target(HOME="/h")
    assert seen(target, "GOBIN") == GoSetting("/h/go/bin", "default")
    assert seen(target, "GOBIN", go=Go((1, 24, 0), "as-go")) == GoSetting("", "default")
    assert "GOAUTH" not in environment.look(target, OURS, Go((1, 21, 0), "as-go")).settings


def test_before_there_was_a_go_env_its_settings_were_built_in(make_target: MakeTarget) -> None:
    """Up to Go 1.20 nothing is read from GOROOT, and nothing switches toolchains."""
    old = Toolchain("/go/bin/go", "/go", "go1.20.14")
    target = make_target({"/go/go.env": "GOPROXY=off\n"})
    assert seen(target, "GOPROXY", old) == GoSetting("https://proxy.golang.org,direct", "default")
    assert seen(target, "GOSUMDB", old) == GoSetting("sum.golang.org", "default")
    assert "GOTOOLCHAIN" not in environment.look(target, old, NEWEST).settings
    assert "GOTOOLCHAIN" in environment.look(target, OURS, NEWEST).settings


def test_a_file_that_never_ends_is_told_and_not_read(make_target: MakeTarget, root: Path) -> None:
    """Go would wait at a FIFO for ever; we say which."""
    target = make_target({"/h/.config/go/x": ""}, HOME="/h")
    assert environment.look(target, OURS, NEWEST).blocks_on is None
    os.mkfifo(root / "h/.config/go/env")
    assert environment.look(target, OURS, NEWEST).blocks_on == "/h/.config/go/env"


def test_a_file_beyond_the_bound_is_told(make_target: MakeTarget) -> None:
    """A gigabyte of settings costs us nothing."""
    line = "GOFLAGS=-x\n"
    fits = environment_files.LIMIT // len(line)
    target = make_target({"/h/.config/go/env": line * fits}, HOME="/h")
    assert seen(target, "GOFLAGS") == GoSetting("-x", "file", "/h/.config/go/env", fits)
    target = make_target({"/h/.config/go/env": line * (fits + 1)}, HOME="/h")
    assert environment.look(target, OURS, NEWEST).user.too_large
    assert seen(target, "GOFLAGS") == GoSetting("", "default")


def test_nothing_outside_the_root_is_read(tmp_path: Path, make_target: MakeTarget, root: Path) -> None:
    """A link from the user's file to the machine leads back into the root."""
    (tmp_path / "secret").write_text("GOPROXY=https://of-the-machine.example\n")
    target = make_target({"/h/.config/go/x": ""}, HOME="/h")
    (root / "h/.config/go/env").symlink_to(tmp_path / "secret")
    assert seen(target, "GOPROXY") == GoSetting("", "default")


def test_the_real_toolchain_says_its_machine(go_newest: Real, tmp_path: Path) -> None:
    """GOHOSTARCH, and with it GOARCH and GOTOOLDIR, stand in its own headers."""
    target = at_root("/", {"PATH": str(go_newest.root / "bin"), "HOME": str(tmp_path)})
    settings = environment.look(target, toolchain.find(target), NEWEST).settings
    assert settings["GOARCH"].value == settings["GOHOSTARCH"].value != ""
    assert settings["GOTOOLDIR"].value == f"{go_newest.root}/pkg/tool/linux_{settings['GOARCH'].value}"
    assert settings["GOVERSION"].value == "go1.27.3"


def test_values_that_only_the_c_compiler_knows_are_unknown(make_target: MakeTarget) -> None:
    """So are flags whose quotes never end; with whole quotes they are told."""
    target = make_target(HOME="/h", CGO_CFLAGS="'-D x", CGO_LDFLAGS="'-l m'")
    assert seen(target, "GOGCCFLAGS").origin == "unknown"
    assert seen(target, "CGO_CFLAGS").origin == "unknown"
    assert seen(target, "CGO_LDFLAGS") == GoSetting("'-l m'", "os")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \t\r\n", []),
        ("-a  -b=c", ["-a", "-b=c"]),
        ("'-ldflags=-X a=b' -v", ["-ldflags=-X a=b", "-v"]),
        ('"a b"c', ["a b", "c"]),
        ("-x='a b'", ["-x='a", "b'"]),
        ("''", [""]),
        ("'a", None),
        ("a 'b", None),
    ],
)
def test_flags_are_split_at_blanks_outside_quotes(text: str, words: list[str] | None) -> None:
    """A quote counts only where a word begins."""
    assert flags.split(text) == words


@given(st.lists(st.text(st.characters(exclude_characters="\"'"))))
def test_joined_flags_split_again(words: list[str]) -> None:
    """Whatever the words hold, as long as no word holds both quotes."""
    assert flags.split(flags.join(words)) == [word for word in words if word]


@given(st.binary(max_size=300))
def test_any_file_gives_settings(data: bytes) -> None:
    """Bytes of any kind are settings or none, each on a line of its own."""
    for first in (False, True):
        for name, (_, line) in environment_files.parse(data, first=first).items():
            assert "A" <= name[0] <= "Z"
            assert 1 <= line <= data.count(b"\n") + 1


@pytest.mark.parametrize("piece", [":", "/a:", "a/", "../", "/", "a,", "https://a.b,", "'", "-x ", "\n"])
@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "GOPATH", "PWD", "GOENV", "GOROOT", "GOFLAGS", "CGO_CFLAGS"]
)
def test_a_hostile_megabyte_takes_no_time(make_target: MakeTarget, name: str, piece: str) -> None:
    """No list is walked a million entries long, no path a million directories deep."""
    target = make_target({"/go/pkg/tool/x": ""}, **{name: piece * ((1 << 20) // len(piece))})
    before = time.process_time()
    environment.look(target, OURS, NEWEST)
    assert time.process_time() - before < 2


names = st.sampled_from(
    ["HOME", "PATH", "PWD", "GOROOT", "GOPATH", "GOENV", "GOWORK", "TMPDIR", "CC", "GOCACHE"]
)


@given(st.dictionaries(names, st.text(max_size=20)), st.text(max_size=20))
def test_any_environment_gives_an_environment(env: dict[str, str], cwd: str) -> None:
    """Hostile values, NULs and paths that lead nowhere included."""
    target = at_root("/proc/self/fdinfo", env, cwd=f"/{cwd}")
    assert "GOPROXY" in environment.look(target, OURS, NEWEST).settings
    assert "GOPROXY" in environment.look(target, None, NEWEST).settings
