"""`probe inspect pinned`: what is promised and what is there, side by side and unjudged."""

from hashlib import sha256
from pathlib import Path

from probe.inspect.pinned import VERSION_FILE, inspect
from tests.support.commands import MakeTarget
from tests.support.worlds import FIFO, lay

SUMS = "/etc/sums"


def test_all_of_it(make_target: MakeTarget, root: Path) -> None:
    """A file that holds it, one that holds something else, one that is none, one that is not there."""
    digest = sha256(b"one").hexdigest()
    other = "0" * 64
    lines = [
        f"{digest}  one",
        f"{digest} */two",
        f"{digest}  /fifo",
        f"{digest}  /three",
        "x",
        f"{other}  one",
    ]
    lay(root, {"/fifo": FIFO})
    target = make_target(
        {"/etc/one": b"one", "/two": b"2", SUMS: "\n".join(lines), VERSION_FILE: "1.27.3\r\n"}
    )
    found = inspect(target, SUMS)
    assert found["version_file"] == {"path": VERSION_FILE, "text": "1.27.3\r\n", "why_not": None}
    assert found["sums"]["faults"] == [
        {"line": 5, "reason": "it does not begin with a SHA-256 in hexadecimal"}
    ]
    one, two, fifo, three, again = found["sums"]["files"]
    assert again == {**one, "line": 6, "promised": other}
    assert one == {
        "path": "/etc/one",
        "line": 1,
        "promised": digest,
        "sha256": digest,
        "bytes": 3,
        "why_not": None,
    }
    assert (two["sha256"], two["bytes"]) == (sha256(b"2").hexdigest(), 1)
    assert (fifo["sha256"], fifo["why_not"]) == (None, "/fifo is a FIFO")
    assert three["why_not"] == "no such file or directory"


def test_nothing_there(make_target: MakeTarget) -> None:
    """An empty root is no error."""
    found = inspect(make_target(), SUMS)
    assert found["version_file"]["text"] is None
    assert found["sums"]["files"] == []
    assert found["sums"]["why_not"] == "no such file or directory"
    assert inspect(make_target())["sums"] is None
