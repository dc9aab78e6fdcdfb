"""`inspect version`: the shape that other programs read."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from probe.facts import Facts
from probe.inspect import version
from tests.golang.builds import HELLO, build, module, without_build_info
from tests.support.commands import MakeTarget
from tests.support.toolchains import Toolchain

NOW = datetime(2026, 11, 21, tzinfo=UTC).timestamp()
SHARED = {"version", "source", "valid", "supported_until", "file"}
OF_A_TOOLCHAIN = SHARED | {"root"}
OF_A_BINARY = SHARED | {
    "path",
    "settings",
    "static",
    "loader",
    "loader_present",
    "needed",
    "architecture",
    "go_line",
    "fallback_roots",
    "embedded_tzdata",
    "why_not",
}


def test_an_empty_target_holds_neither(make_target: MakeTarget) -> None:
    """Both keys are there all the same."""
    assert version.inspect(Facts(make_target()), now=NOW) == {"toolchain": None, "binary": None}


def test_both_are_told_about(make_target: MakeTarget, root: Path, go_1_24: Toolchain) -> None:
    """The toolchain by its files, the program by its build info."""
    program = build("1.27.3", module(go="1.22"), "-trimpath", "-tags=a,b")
    target = make_target(
        {"usr/local/go/bin/go": go_1_24.go.read_bytes(), "app": program.read_bytes()},
        PATH="/usr/local/go/bin",
    )._replace(executable="/app")
    (root / "usr/local/go/bin/go").chmod(0o755)
    seen = version.inspect(Facts(target), now=NOW)
    json.dumps(seen)
    assert seen["toolchain"] == {
        "version": "go1.24.11",
        "source": "build info",
        "valid": True,
        "supported_until": "2026-02-10",
        "file": "/usr/local/go/bin/go",
        "root": None,
    }
    binary = seen["binary"]
    assert set(binary) == OF_A_BINARY
    assert (binary["version"], binary["path"], binary["file"]) == ("go1.27.3", "example.com/hello", "/app")
    assert (binary["static"], binary["loader"], binary["loader_present"], binary["needed"]) == (
        True, None, None, [],
    )  # fmt: skip
    assert (binary["settings"]["-tags"], binary["settings"]["CGO_ENABLED"]) == ("a,b", "0")
    assert "x509negativeserial=1" in binary["settings"]["DefaultGODEBUG"]
    assert (binary["go_line"], binary["why_not"]) == ("1.22", None)
    assert binary["supported_until"] == "2027-08-31"


def test_a_file_may_be_named(make_target: MakeTarget) -> None:
    """A position-independent one, whose loader is there or not."""
    program = build("1.27.3", {"main.go": HELLO}, "-buildmode=pie").read_bytes()
    target = make_target({"srv/app": program})
    seen = version.inspect(Facts(target), "/srv/app", NOW)["binary"]
    assert (seen["static"], seen["loader"], seen["loader_present"]) == (
        False, "/lib64/ld-linux-x86-64.so.2", False,
    )  # fmt: skip
    make_target({"lib64/ld-linux-x86-64.so.2": b""})
    assert version.inspect(Facts(target), "srv/app", NOW)["binary"]["loader_present"] is True


def test_what_is_no_go_program_says_why(make_target: MakeTarget, root: Path) -> None:
    """All keys are there, null or empty."""
    bare = without_build_info(build("1.27.3", {"main.go": HELLO}).read_bytes())
    target = make_target({"bare": bare, "script": "#!/bin/sh\n"})
    os.mkfifo(root / "fifo")
    expected = {
        "/bare": "a Go program whose build info was removed",
        "/script": "foreign: a script",
        "/fifo": "special: a FIFO",
        "/nowhere": "missing: No such file or directory",
    }
    for file, why_not in expected.items():
        seen = version.inspect(Facts(target), file, NOW)["binary"]
        assert set(seen) == OF_A_BINARY
        assert seen["why_not"] == why_not
        assert (seen["version"], seen["valid"], seen["supported_until"]) == (None, False, None)
        assert seen["settings"] == {}


def test_a_toolchain_without_build_info_tells_by_its_tree(make_target: MakeTarget, root: Path) -> None:
    """And one that is a script tells nothing."""
    target = make_target(
        {
            "usr/lib/go/bin/go": Path("/bin/sh").resolve().read_bytes(),
            "usr/lib/go/VERSION": "go1.22.2 (Red Hat 1.22.2-1.el9)\n",
            "usr/lib/go/pkg/tool/x": b"",
            "venv/go": "#!/usr/bin/python3\n",
        },
        PATH="/usr/lib/go/bin",
    )
    for name in ("usr/lib/go/bin/go", "venv/go"):
        (root / name).chmod(0o755)
    seen = version.inspect(Facts(target), now=NOW)["toolchain"]
    assert set(seen) == OF_A_TOOLCHAIN
    assert (seen["version"], seen["source"], seen["valid"], seen["supported_until"], seen["root"]) == (
        "go1.22.2 (Red Hat 1.22.2-1.el9)", "VERSION", False, "2025-02-11", "/usr/lib/go",
    )  # fmt: skip
    seen = version.inspect(Facts(target._replace(env={"PATH": "/venv"})), now=NOW)["toolchain"]
    assert (seen["version"], seen["source"], seen["file"]) == (None, None, "/venv/go")


def test_secrets_in_the_build_settings_stay_where_they_are(make_target: MakeTarget) -> None:
    """Linker flags set variables of the program, and some of them are keys."""
    flags = "-ldflags=-s -X main.key=hunter2xyzzy -X 'main.other=hunter2 xyzzy' -X=main.third=hunter2 -w"
    program = build("1.27.3", module(), flags).read_bytes()
    seen = version.inspect(Facts(make_target({"app": program})), "/app", NOW)["binary"]
    assert "hunter2" not in json.dumps(seen)
    assert seen["settings"]["-ldflags"].startswith("-s -X main.key=*** -X ")
    assert seen["settings"]["-ldflags"].endswith(" -w")
