"""Build info: both layouts, with and without sections, and module information of every form."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.formats import elf
from probe.formats.elf import Elf, buildinfo
from probe.formats.elf.buildinfo import BuildInfo, Module, NoBuildInfo
from tests.golang.builds import HELLO, build, module, without_build_info, without_section_headers
from tests.support.buildinfo import FRAME, TEXT, framed, inline, pointed, program, varint


def find(data: bytes) -> BuildInfo | NoBuildInfo:
    stream = io.BytesIO(data)
    headers = elf.read(stream)
    assert isinstance(headers, Elf), headers
    return buildinfo.find(stream, headers)


def test_a_real_program_tells_all_about_itself() -> None:
    """Version, path, module and settings in file order."""
    found = find(build("1.27.3", module(go="1.22"), "-trimpath").read_bytes())
    assert isinstance(found, BuildInfo)
    assert (found.version, found.path, found.main) == (
        "go1.27.3", "example.com/hello", Module("example.com/hello", "(devel)"),
    )  # fmt: skip
    assert [key for key, _ in found.settings[:4]] == ["-buildmode", "-compiler", "-gcflags", "-trimpath"]
    assert found.setting("CGO_ENABLED") == "0"
    assert "x509negativeserial=1" in found.setting("DefaultGODEBUG")
    assert found.setting("vcs") == ""
    assert (found.place, found.problem) == ("section", "")
    assert found.read_by(27)


@pytest.mark.parametrize(
    "flags", [("-ldflags=-s -w",), ("-buildmode=pie",), ("-buildmode=pie", "-ldflags=-s")]
)
def test_stripped_and_position_independent_programs_keep_it(flags: tuple[str, ...]) -> None:
    """It is data, no symbol."""
    found = find(build("1.27.3", {"main.go": HELLO}, *flags).read_bytes())
    assert isinstance(found, BuildInfo)
    assert (found.version, found.path, found.main) == ("go1.27.3", "command-line-arguments", None)
    assert found.place == "section"


@pytest.mark.parametrize("version", ["1.21.13", "1.27.3"])
def test_without_section_headers_the_data_is_searched(version: str) -> None:
    """As Go did up to 1.26, and does no more."""
    data = build(version, module()).read_bytes()
    found, whole = find(without_section_headers(data)), find(data)
    assert isinstance(found, BuildInfo)
    assert found.place == "data"
    assert (found.read_by(26), found.read_by(27)) == (True, False)
    assert found._replace(place="section") == whole


@pytest.mark.sweep
def test_in_position_independent_programs_it_is_found_further_on() -> None:
    """Go itself looked only into the first writable segment."""
    data = build("1.24.11", module(), "-buildmode=pie").read_bytes()
    found, whole = find(without_section_headers(data)), find(data)
    assert isinstance(found, BuildInfo)
    assert found.place == "elsewhere"
    assert not found.read_by(24)
    assert found._replace(place="section") == whole


def test_what_was_removed_is_told_apart() -> None:
    """From what never was a Go program, and from what is packed."""
    data = build("1.27.3", module()).read_bytes()
    assert find(without_build_info(data)) == NoBuildInfo("a Go program whose build info was removed")
    assert find(Path("/bin/sh").resolve().read_bytes()) == NoBuildInfo("no Go build info")
    packed = bytearray(without_section_headers(without_build_info(data)))
    packed[0x200:0x204] = b"UPX!"
    assert find(bytes(packed)) == NoBuildInfo("packed with UPX")


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(("wide", "big"), [(True, False), (True, True), (False, False), (False, True)])
def test_both_layouts_are_read(wide: bool, big: bool, named: bool) -> None:
    """In every class and byte order, with the section or without."""
    size = 8 if wide else 4
    for blob in (
        inline(b"go1.22.2", framed(TEXT)),
        pointed(b"go1.22.2", framed(TEXT), size=size, big=big),
    ):
        found = find(program(blob, named=named, wide=wide, big=big))
        assert isinstance(found, BuildInfo)
        assert (found.version, found.path) == ("go1.22.2", "example.com/x")
        assert found.place == ("section" if named else "data")
        assert found.main == Module("example.com/x", "v1.2.3", "h1:abc=")
        assert found.settings == (("GOOS", "linux"),)


def test_the_magic_counts_only_where_it_is_aligned() -> None:
    """A copy of it in other data is passed over."""
    blob = b"\1" * 8 + buildinfo.MAGIC + b"\1" * 10 + inline(b"go1.25.5", framed(TEXT))
    found = find(program(blob))
    assert isinstance(found, BuildInfo)
    assert found.version == "go1.25.5"


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        buildinfo.MAGIC,
        buildinfo.MAGIC + b"\x08\x02" + bytes(16),
        inline(b"", framed(TEXT)),
        inline(b"go1.22", b"")[:-4],
        buildinfo.MAGIC + b"\x08\x02" + bytes(16) + b"\xff" * 10,
        buildinfo.MAGIC + b"\x08\x02" + bytes(16) + varint(1 << 60) + b"go",
        buildinfo.MAGIC + b"\x03\x00" + bytes(32),
        buildinfo.MAGIC + b"\x08\x00" + b"\xff" * 32,
    ],
)
def test_a_damaged_blob_is_none(blob: bytes) -> None:
    """Cut, empty, too long, or pointing to nowhere."""
    assert isinstance(find(program(blob, named=True)), NoBuildInfo)


@pytest.mark.parametrize("text", [b"", b"short", FRAME + FRAME, FRAME + b"path\tx" + FRAME])
def test_text_without_its_frame_does_not_count(text: bytes) -> None:
    """A program built without modules has a version all the same."""
    found = find(program(inline(b"go1.22.2", text)))
    assert found == BuildInfo("go1.22.2", place="data")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("path\tx\n", BuildInfo("", "x")),
        ("path\tx", BuildInfo("")),
        ("other\tx\nnonsense\n\npath\tx\n", BuildInfo("", "x")),
        ("mod\ta\tv1\n", BuildInfo("", main=Module("a", "v1"))),
        (
            "mod\ta\tv1\n=>\tb\tv2\ts\n",
            BuildInfo("", main=Module("a", "v1", replaced_by=("b", "v2", "s"))),
        ),
        (
            "dep\ta\tv1\ts\ndep\tc\tv3\n=>\t./d\t\t\n",
            BuildInfo("", deps=(Module("a", "v1", "s"), Module("c", "v3", "", ("./d", "", "")))),
        ),
        ("build\ta=\nbuild\tb=c=d\n", BuildInfo("", settings=(("a", ""), ("b", "c=d")))),
        (
            'build\t-ldflags="-X \\"a=b\\"\\t\\u4e16\\x41\\101"\n',
            BuildInfo("", settings=(("-ldflags", '-X "a=b"\t世AA'),)),
        ),
        ("build\tk=`a \"b\"`\n", BuildInfo("", settings=(("k", 'a "b"'),))),
        ('build\t"a b"=c\n', BuildInfo("", settings=(("a b", "c"),))),
        ('build\tk="\\xe4\\xb8\\x96\\xff"\n', BuildInfo("", settings=(("k", "世\udcff"),))),
    ],
)  # fmt: skip
def test_module_information_is_read(text: str, expected: BuildInfo) -> None:
    """Lines of an unknown kind are passed over, the last one needs its newline."""
    assert buildinfo.parse(text) == expected


@pytest.mark.parametrize(
    "line",
    [
        "mod\tx",
        "mod\ta\tb\tc\td",
        "dep\t",
        "=>\ta\tb\tc",
        "=>\ta",
        "build\t",
        "build\t=x",
        "build\tk",
        "build\ta b=c",
        'build\t"a=c',
        'build\t"a"c',
        'build\t"a"',
        "build\tk=a b",
        'build\tk="a',
        'build\tk="\\q"',
        'build\tk="\\ud800"',
        'build\tk="\\U00110000"',
        'build\tk="\\400"',
        "build\tk=a`b",
    ],
)
def test_what_go_refuses_ends_the_reading(line: str) -> None:
    """With the number of the line; what came before it is kept."""
    found = buildinfo.parse(f"path\tx\n{line}\nbuild\ta=b\n")
    assert found.path == "x"
    assert found.settings == ()
    assert found.problem.startswith("line 2: ")
    assert not found.read_by(21)


def test_counts_are_bounded() -> None:
    """However many modules and settings somebody writes."""
    found = buildinfo.parse("dep\ta\tv1\n" * 60_000 + "build\ta=b\n" * 60_000)
    assert len(found.deps) == buildinfo.MAX_MODULES
    assert len(found.settings) == buildinfo.MAX_SETTINGS


@pytest.mark.parametrize(
    "value", ['"' + '\\"' * 300_000, '"' + "\\n" * 300_000 + '"', "`" + "a" * 600_000 + "`"], ids=str.__len__
)
def test_long_literals_cost_linear_time(value: str) -> None:
    """Quotes and escapes by the hundred thousand."""
    assert isinstance(buildinfo.parse(f"build\tk={value}\n"), BuildInfo)


LINES = st.lists(st.text(alphabet='abdehiklmopu=>\t"`\\ nxU0179\u4e16', max_size=30), max_size=8)


@given(LINES, st.binary(max_size=200))
def test_any_bytes_give_a_value(lines: list[str], noise: bytes) -> None:
    """In a program and alone."""
    text = "\n".join(lines) + "\n"
    assert isinstance(buildinfo.parse(text), BuildInfo)
    assert isinstance(buildinfo.parse("build\t" + text), BuildInfo)
    assert isinstance(find(program(inline(b"go1.22", FRAME + text.encode() + FRAME))), BuildInfo)
    find(program(noise, named=True))
    find(program(inline(b"go1.22", noise) + noise))
    find(program(buildinfo.MAGIC + noise, named=True, big=True))
