"""Versions, build info and GODEBUG: what real Go says of the same strings, programs and environments."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe import targets
from probe.formats.elf.buildinfo import MAGIC
from probe.golang import binary, godebug, godebug_defaults, release_dates, version
from probe.golang.binary import Binary
from probe.golang.command import toolchain
from tests.differential.harness import leads, run, same
from tests.golang.builds import (
    HASH,
    HELLO,
    build,
    module,
    with_roots,
    without_build_info,
    without_section_headers,
)
from tests.support.buildinfo import FRAME, TEXT, framed, inline, pointed, program, varint
from tests.support.commands import RunProbe
from tests.support.godebug import FATAL_TEXTS, LIMITS
from tests.support.sweeps import examples
from tests.support.toolchains import Toolchain, install
from tests.support.versions import ORDER

NAMES = [name for row in ORDER for name in row]


def minor(go_version: str) -> int:
    return int(go_version.split(".")[1])


# --- strings --------------------------------------------------------------------------


def test_every_pair_compares_as_in_go(go_version: str) -> None:
    """Package go/version came with 1.22; the order has not changed since."""
    if minor(go_version) < 22:
        go_version = "1.24.11"
    pairs = [{"a": a, "b": b} for a in NAMES for b in NAMES]
    answers = run(go_version, "version", pairs)
    assert isinstance(answers, list)
    theirs = [(pair["a"], pair["b"], answer["compare"]) for pair, answer in zip(pairs, answers, strict=True)]
    same([(a, b, version.compare(a, b)) for a, b, _ in theirs], theirs)


PARTS = st.sampled_from(["0", "1", "2", "9", "10", "20", "21", "022", "99999999999999999999", "", "x"])
VERSIONS = (
    st.builds(
        lambda parts, kind, pre, suffix: "go" + ".".join(parts) + kind + pre + suffix,
        st.lists(PARTS, min_size=1, max_size=4),
        st.sampled_from(["", "rc", "beta", "alpha", "RC", "z", ".", "-"]),
        PARTS,
        st.sampled_from(["", "-bigcorp", " X:arenas", "+fips", "-", "-rc1"]),
    )
    | st.text(alphabet="go1.2rc-beta+ X\n\u0661", max_size=12)
    | st.sampled_from(NAMES)
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(st.lists(st.tuples(VERSIONS, VERSIONS), min_size=100, max_size=300))
def test_any_two_strings_compare_as_in_go(pairs: list[tuple[str, str]]) -> None:
    """Valid or not, with the language version of the first."""
    answers = run("1.27.3", "version", [{"a": a, "b": b} for a, b in pairs])
    assert isinstance(answers, list)
    for (a, b), answer in zip(pairs, answers, strict=True):
        ours = {"valid": version.is_valid(a), "lang": version.language(a), "compare": version.compare(a, b)}
        same(ours, {key: answer[key] for key in ours}, (a, b))


# --- programs -------------------------------------------------------------------------

Lines = dict[str, str]
HELLO_ALONE = {"main.go": HELLO}
BUILT: dict[str, tuple[str, Lines, tuple[str, ...], Lines]] = {
    "plain": ("1.27.3", module(go="1.22"), (), {}),
    "by 1.21": ("1.21.13", module(), (), {}),
    "by 1.24": ("1.24.11", module(go="1.23"), (), {}),
    "stripped": ("1.27.3", module(), ("-ldflags=-s -w -buildid=",), {}),
    "linker flags": ("1.27.3", module(), ("-ldflags=-X 'main.a=b \"c\"' -s",), {}),
    "another version": ("1.27.3", module(), ("-ldflags=-X runtime.buildVersion=go9.9.9",), {}),
    "trimmed": ("1.27.3", module(), ("-trimpath", "-tags=a,b"), {}),
    "one file": ("1.27.3", HELLO_ALONE, (), {}),
    "pie": ("1.27.3", HELLO_ALONE, ("-buildmode=pie",), {}),
    "dependency": ("1.27.3", with_roots("github.com/breml/rootcerts"), (), {}),
    "experiment": ("1.27.3", HELLO_ALONE, (), {"GOEXPERIMENT": "arenas"}),
    "arm64": ("1.27.3", HELLO_ALONE, (), {"GOARCH": "arm64"}),
    "386": ("1.27.3", HELLO_ALONE, (), {"GOARCH": "386"}),
    "s390x": ("1.27.3", HELLO_ALONE, (), {"GOARCH": "s390x"}),
    "mips": ("1.27.3", HELLO_ALONE, (), {"GOARCH": "mips"}),
}
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "whole": bytes,
    "no sections": without_section_headers,
    "no build info": without_build_info,
}
# Headers are taken from 64-bit little-endian programs only: others have another form.
DAMAGED = [
    (name, damage)
    for name, (_, _, _, env) in BUILT.items()
    for damage in DAMAGES
    if damage != "no sections" or env.get("GOARCH", "amd64") in ("amd64", "arm64")
]
PADDING = bytes(16)  # the linker leaves some, and Go does not read strings up to the last byte
MADE = {
    "no Go": Path("/bin/sh").resolve().read_bytes(),
    "script": b"#!/bin/sh\n",
    "empty": b"",
    "pointers": program(pointed(b"go1.17.13", framed(TEXT), size=8, big=False), named=True),
    "pointers, big": program(pointed(b"go1.17", framed(TEXT), size=8, big=True), named=True, big=True),
    "pointers, narrow": program(pointed(b"go1.17", framed(TEXT), size=4, big=False), named=True, wide=False),
    "pointers, no section": program(pointed(b"go1.17", framed(TEXT), size=8, big=False)),
    "inline, no section": program(inline(b"go1.22.2", framed(TEXT)) + PADDING),
}
BLOBS = {
    "inline": inline(b"go1.22.2 (Red Hat)", framed(TEXT)),
    "no frame": inline(b"go1.22.2", b"path\tx\n"),
    "empty version": inline(b"", framed(TEXT)),
    "cut": inline(b"go1.22.2", framed(TEXT))[:-40],
    "further on": b"\1" * 16 + inline(b"go1.25.5", framed(TEXT)),
    "endless length": MAGIC + b"\x08\x02" + bytes(16) + b"\xff" * 10,
    "huge length": MAGIC + b"\x08\x02" + bytes(16) + varint(1 << 60) + b"go",
    "odd pointers": MAGIC + b"\x03\x00" + bytes(32),
    "wild pointers": MAGIC + b"\x08\x00" + b"\xff" * 32,
    "empty frame": inline(b"go1.22", FRAME + FRAME),
    "one newline": inline(b"go1.22", FRAME + b"\n" + FRAME),
}
TEXTS = {
    "replaced": "path\tx\nmod\ta\tv1\ts\n=>\tb\tv2\tt\ndep\tc\tv3\n=>\t./d\t\t\n",
    "quoted": 'build\tk="a\\tb\\u4e16\\xff\\101"\nbuild\t"a b"=`c "d"`\nbuild\te=\n',
    "columns": "path\tx\nmod\tx\n",
    "bad quotes": 'build\tk="\\q"\n',
    "bare blank": "build\tk=a b\n",
    "no key": "build\t=a\n",
    "lonely replacement": "=>\ta\tb\tc\n",
}


def ours(path: Path, go_version: str) -> dict[str, Any]:
    """What we say of the program, in the oracle's words; an error where that release of Go has one."""
    found = binary.read(targets.ourselves(), str(path))
    if not isinstance(found, Binary) or not found.info or not found.info.read_by(minor(go_version)):
        return {"error": True}
    info = found.info
    return {
        "error": None,
        "version": info.version,
        "path": info.path,
        "settings": {as_json(key): as_json(value) for key, value in info.settings},
        "deps": [module.path for module in info.deps],
    }


def as_json(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def hold(go_version: str, content: bytes, folder: Path) -> None:
    """Put a program to both."""
    file = folder / "program"
    file.write_bytes(content)
    answers = run(go_version, "buildinfo", [{"path": str(file)}])
    assert isinstance(answers, list)
    same(ours(file, go_version), {"error": True} if answers[0]["error"] else answers[0])


@pytest.mark.sweep
@pytest.mark.parametrize(("name", "damage"), DAMAGED)
def test_a_program_tells_us_what_it_tells_go(go_version: str, name: str, damage: str, tmp_path: Path) -> None:
    """Whatever it was built for and whatever was done to it; where Go gives up, we know that it does."""
    release, files, flags, env = BUILT[name]
    whole = build(release, files, *flags, **env).read_bytes()
    hold(go_version, DAMAGES[damage](whole), tmp_path)


@pytest.mark.parametrize("name", [*MADE, *BLOBS, *TEXTS])
def test_odd_programs_are_read_as_go_reads_them(go_version: str, name: str, tmp_path: Path) -> None:
    """Both layouts; misaligned, cut, pointing to nowhere; lines that Go refuses."""
    if name in MADE:
        content = MADE[name]
    else:
        blob = BLOBS[name] if name in BLOBS else inline(b"go1.22", framed(TEXTS[name]))
        content = program(blob + PADDING, named=True)
    hold(go_version, content, tmp_path)


LINES = st.lists(
    st.sampled_from(["path\t", "mod\t", "dep\t", "=>\t", "build\t", "other\t", "\t", "=", '"', "`", "\\"])
    | st.text(alphabet='ab="`\\\t x4u', max_size=8)
    | st.sampled_from(["a\tv1", "a\tv1\ts", 'k="\\x41\\u4e16"', "k=`a`", '"k k"=v', "\n", "\n", "\n"]),
    max_size=14,
)


@settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(LINES, min_size=20, max_size=20))
def test_any_module_information_is_read_as_go_reads_it(tmp_path: Path, texts: list[list[str]]) -> None:
    """Or refused as Go refuses it."""
    files = []
    for number, parts in enumerate(texts):
        file = tmp_path / f"program-{number}"
        file.write_bytes(program(inline(b"go1.22", framed("".join(parts) + "\n")) + PADDING, named=True))
        files.append(file)
    answers = run("1.27.3", "buildinfo", [{"path": str(file)} for file in files])
    assert isinstance(answers, list)
    for file, parts, theirs in zip(files, texts, answers, strict=True):
        same(ours(file, "1.27.3"), {"error": True} if theirs["error"] else theirs, "".join(parts))


def test_go_version_m_prints_what_inspect_prints(go_newest: Toolchain, run_probe: RunProbe) -> None:
    """The settings as JSON, through the command as a user runs it."""
    file = build("1.27.3", with_roots("github.com/breml/rootcerts"), "-trimpath")
    done = subprocess.run(
        [go_newest.go, "version", "-m", "-json", file],
        env={"GOTOOLCHAIN": "local"},
        capture_output=True,
        check=True,
    )
    theirs = json.loads(done.stdout)
    printed = run_probe("inspect", "version", str(file))
    assert printed.code == 0, printed.err
    mine = json.loads(printed.out)["binary"]
    same(
        {"version": mine["version"], "path": mine["path"], "settings": mine["settings"]},
        {
            "version": theirs["GoVersion"],
            "path": theirs["Path"],
            "settings": {setting["Key"]: setting.get("Value", "") for setting in theirs["Settings"]},
        },
    )


def test_a_toolchain_calls_itself_what_we_read_in_it(go_version: str) -> None:
    """`go version` against the build info of the go command and GOROOT/VERSION."""
    real = install(go_version)
    done = subprocess.run(
        [real.go, "version"], env={"GOTOOLCHAIN": "local"}, capture_output=True, text=True, check=True
    )
    found = toolchain.find(targets.ourselves()._replace(env={"PATH": f"{real.root}/bin"}))
    assert found
    same((found.version, found.root_version), (version.from_output(done.stdout),) * 2)
    assert version.read(found.version).release
    assert minor(go_version) in release_dates.RELEASED


# --- GODEBUG and GOMEMLIMIT -----------------------------------------------------------


@pytest.mark.parametrize(
    "line", ["", "1.16", "1.18", "1.19", "1.20", "1.21", "1.22", "1.23.0", "1.24", "1.25", "1.26", "1.27"]
)
def test_a_go_line_bakes_in_what_we_expect(go_version: str, line: str) -> None:
    """Exactly; and from what is baked in we tell the go line."""
    wanted = int(line.split(".")[1]) if line else 16
    if wanted > minor(go_version):
        line, wanted = go_version, minor(go_version)
    # Without GOFLAGS=-mod=mod, or the go command would write a go line into go.mod.
    file = build(go_version, module(go=line), GOFLAGS="")
    found = binary.read(targets.ourselves(), str(file))
    assert isinstance(found, Binary)
    same(godebug_defaults.defaults(minor(go_version), wanted), found.godebug, line)
    same(found.go_line, f"1.{max(wanted, 20)}" if wanted >= 19 else "", line)


@pytest.mark.parametrize("text", FATAL_TEXTS)
def test_what_we_call_fatal_is(go_version: str, text: str) -> None:
    """A program that links a hash dies, or it does not."""
    file = build(go_version, module(HASH, go="1.21"))
    done = subprocess.run([file], env={"GODEBUG": text}, capture_output=True, timeout=30)
    same(godebug.fatal(text, minor(go_version)) is not None, done.returncode != 0, (text, done.stderr[:200]))
    if done.returncode:
        leads(done.stderr.decode("utf-8", "replace"), "GODEBUG_FATAL")


@pytest.mark.parametrize("limit", LIMITS)
def test_a_memory_limit_that_we_call_malformed_is(go_version: str, limit: str) -> None:
    """The runtime refuses it, or does not."""
    file = build(go_version, module(HASH, go="1.21"))
    done = subprocess.run([file], env={"GOMEMLIMIT": limit}, capture_output=True, timeout=30)
    same(godebug.bad_memory_limit(limit, minor(go_version)), done.returncode != 0, (limit, done.stderr[:200]))
    if done.returncode:
        leads(done.stderr.decode("utf-8", "replace"), "GOMEMLIMIT_FATAL")
