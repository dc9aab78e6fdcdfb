"""Which program is started, and what is said when none is: as execvp(3), asked of env(1)."""

import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.entrypoint.helpers import ISOLATED, environment, line, run


class World(NamedTuple):
    """A directory of programs in all conditions."""

    top: Path

    def file(self, name: str, text: str, mode: int = 0o755) -> None:
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.file("good/app", "#!/bin/sh\necho good $0 $@\n")
    made.file("bare/app", 'echo bare "$0" "$@"\n')
    made.file("bare/empty", "")
    made.file("denied/app", "#!/bin/sh\necho denied\n", 0o644)
    made.file("directory/app/x", "")
    made.file("lost/app", "#!/no/such/interpreter -x\necho lost\n")
    made.file("crlf/app", "#!/bin/sh\r\necho crlf\r\n")
    made.file("junk/app", "\x7fELF junk\n")
    made.file("file", "no directory")
    (made.top / "loop").mkdir()
    (made.top / "loop/app").symlink_to("app")
    return made


CASES = [
    ("{top}/good/app", "/usr/bin:/bin"),
    ("good/app", "/usr/bin:/bin"),
    ("./good/app", None),
    ("app", "{top}/good"),
    ("app", "{top}/nowhere:{top}/file:{top}/good"),
    ("app", "{top}/denied:{top}/good"),
    ("app", "{top}/denied:{top}/nowhere"),
    ("app", "{top}/directory:{top}/good"),
    ("app", "{top}/directory"),
    ("app", "{top}/lost:{top}/good"),
    ("app", "{top}/lost"),
    ("app", "{top}/bare:{top}/good"),
    ("app", "{top}/loop:{top}/good"),
    ("app", f"{'x' * 5000}:{{top}}/good"),
    ("app", "{top}/nowhere"),
    ("app", "good"),
    ("app", ":{top}/good"),
    ("file", ""),
    ("nothing", ""),
    ("empty", "{top}/bare"),
    ("sh", None),
    ("nothing-at-all", None),
    ("x" * 300, "{top}/good"),
    ("", "{top}/good"),
    ("{top}", "/bin"),
    ("{top}/file/app", "/bin"),
    ("{top}/denied/app", "/bin"),
    ("{top}/bare/app", "/bin"),
    ("{top}/crlf/app", "/bin"),
    ("{top}/junk/app", "/bin"),
    ("{top}/loop/app", "/bin"),
    ("{top}/lost/app", "/bin"),
]


@pytest.mark.parametrize(("name", "path"), CASES)
def test_the_same_program_as_env_starts(world: World, name: str, path: str | None) -> None:
    """PATH with gaps, refusals, missing interpreters, scripts without #!: as env(1), which uses execvp(3)."""
    name = name.format(top=world.top)
    env = environment({"PATH": (path or "").format(top=world.top)})
    if path is None:
        del env["PATH"]
    arguments = [name, "-c", "a b"] if name == "sh" else [name, "", "a b"]
    asked = subprocess.run(
        ["/usr/bin/env", "--", *arguments], env=env, cwd=world.top, capture_output=True, timeout=60
    )
    ours = subprocess.run(
        line(*arguments, how=ISOLATED), env=env, cwd=world.top, capture_output=True, timeout=60
    )
    assert ours.stdout == asked.stdout
    if name and not name.endswith("/file/app"):  # an empty word is none to env, and ENOTDIR is 126
        assert ours.returncode == asked.returncode
    if asked.stderr.startswith(b"/usr/bin/env:"):
        assert ours.returncode in (126, 127)
        assert ours.stderr.startswith(b"probe: ")
        assert ours.stderr.count(b"\n") == 1
    else:
        assert ours.stderr == asked.stderr


THERE = "probe: {name} exists but cannot start: its first line"
CRLF = "ends with a carriage return: sed -i 's/\\r$//' {name}\n"


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("nothing", 127, "probe: nothing cannot be found: no such file or directory in PATH=/usr/bin:/bin\n"),
        ("{top}/no", 127, "probe: {top}/no cannot be found: no such file or directory\n"),
        ("", 127, "probe: an empty command cannot be found: no such file or directory\n"),
        ("{top}/denied/app", 126, "probe: {top}/denied/app cannot be executed: permission denied\n"),
        ("{top}", 126, "probe: {top} cannot be executed: permission denied\n"),
        ("{top}/file/x", 127, "probe: {top}/file/x cannot be executed: not a directory\n"),
        ("{top}/lost/app", 127, f"{THERE} names /no/such/interpreter, which is not in this image\n"),
        ("{top}/crlf/app", 127, f"{THERE}, for /bin/sh, {CRLF}"),
    ],
)
def test_why_a_program_cannot_start_is_one_line(world: World, name: str, code: int, says: str) -> None:
    """127 for what is not there, 126 for what cannot be executed, and the file that is really missing."""
    done = run(name.format(top=world.top), env={"PATH": "/usr/bin:/bin"})
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr.decode() == says.format(top=world.top, name=name.format(top=world.top))


def test_a_missing_loader_is_named(tmp_path: Path) -> None:
    """A program for another libc: "no such file or directory" is about its loader."""
    good = Path("/bin/true").read_bytes()
    loader = good[good.index(b"/lib") :].partition(b"\0")[0]
    program = tmp_path / "app"
    program.write_bytes(good.replace(loader, b"/lib/ld-musl.so.1".ljust(len(loader), b"x"), 1))
    program.chmod(0o755)
    done = run(str(program))
    other = b"/lib/ld-musl.so.1".ljust(len(loader), b"x").decode()
    assert done.returncode == 127
    assert done.stderr.decode() == (
        f"probe: {program} exists but cannot start: it needs the dynamic loader {other}, "
        "which is not in this image; take a base image that has it\n"
    )
    program.write_bytes(good)
    assert run(str(program)).returncode == 0


def test_nothing_in_a_message_steers_a_terminal() -> None:
    """A name with an escape sequence is shown, not sent."""
    done = run(b"no\x1b[2J\xffsuch")
    assert done.returncode == 127
    assert b"\x1b" not in done.stderr
    assert b"\\x1b" in done.stderr
