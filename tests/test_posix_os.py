"""What stands in for `os` on a healthy run says what `os` would say."""

import errno
import itertools
import os
import posixpath
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import probe
from probe import posix_os
from probe.golang import filepath

_SAY = """
import sys
sys.path.append(sys.argv[1])
from probe import posix_os
assert "os" not in sys.modules
before = dict(posix_os.environment())
posix_os.set_variable(b"TZ", b"a\\xffb")
posix_os.set_variable(b"GONE", None)
posix_os.set_variable(b"ABSENT", None)
after = dict(posix_os.environment())
import os
assert after == dict(os.environ) == {**{k: v for k, v in before.items() if k != "GONE"}, "TZ": "a\\udcffb"}
os.execv("/usr/bin/env", ["env", "-0"])
"""


def answer(ask: Callable[[str], str], path: str) -> str | int | None:
    try:
        return ask(path)
    except OSError as problem:
        return problem.errno


def real_path(path: str) -> str:
    os.stat(path)  # posixpath goes up from a file, too
    return os.path.realpath(path, strict=True)


def test_the_environment_is_that_of_os() -> None:
    """Whatever bytes it holds, also for `os` imported later and for what is started."""
    odd = {b"GONE": b"x", b"B\xfe": b"\xc3\xa9\x80", b"EMPTY": b"", b"PATH": b"/bin"}
    home = str(Path(probe.__file__).parent.parent)
    line = [sys.executable, "-I", "-S", "-X", "utf8", "-c", _SAY, home]
    done = subprocess.run(line, env=odd, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    del odd[b"GONE"]
    given = dict(one.partition(b"=")[::2] for one in done.stdout.split(b"\0")[:-1])
    given.pop(b"LC_CTYPE", None)  # of the interpreter's own making
    assert given == {**odd, b"TZ": b"a\xffb"}


def test_names_are_encoded_as_os_does() -> None:
    for name in ("", "plain", "\u00e9", "a\udcffb"):
        assert posix_os.fsencode(name) == os.fsencode(name)


def test_a_real_path_is_that_of_os(tmp_path: Path) -> None:
    """Through links of every kind, and with the same error where nothing is."""
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/file").write_text("x")
    links = {
        "up": "..",
        "abs": f"{tmp_path}/a",
        "self": "self",
        "gone": "nowhere",
        "b": "a/b",
        "f": "a/./file",
    }
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
        (tmp_path / "a/b" / name).symlink_to(target)
    parts = ["a", "b", "..", ".", *links, "none"]
    seen = set()
    for count in range(4):
        for chosen in itertools.product(parts, repeat=count):
            path = "/".join([str(tmp_path), *chosen])
            expected = answer(real_path, path)
            assert answer(posix_os.real_path, path) == expected, path
            seen.add(expected)
    assert {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, f"{tmp_path}/a/b", str(tmp_path.parent)} <= seen


def test_a_real_path_in_proc_is_that_of_os() -> None:
    """Whose links the kernel follows by other means than their text."""
    for path in ("/proc/self/fd", "/proc/self/cwd", "/", "//", "/etc/.."):
        assert answer(posix_os.real_path, path) == answer(real_path, path)


def test_paths_are_cleaned_as_ever() -> None:
    """Against posixpath, whose leading "//" Go does not know."""
    for count in range(7):
        for chosen in itertools.product(["/", ".", "..", "a", ".b"], repeat=count):
            path = "".join(chosen)
            tidy = posixpath.normpath(path)
            tidy = tidy[1:] if tidy.startswith("//") else tidy
            assert filepath.clean(path) == tidy, path
            above = [tidy]
            while (parent := posixpath.dirname(above[-1]) or ".") != above[-1]:
                above.append(parent)
            assert filepath.parents(path) == above, path
