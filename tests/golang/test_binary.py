"""Programs of a target, built by real Go: what they carry, and whether they can be loaded there."""

import os
from pathlib import Path

import pytest

from probe.formats import elf
from probe.formats.elf import Elf, pclntab
from probe.golang import binary
from probe.golang.binary import Binary, NoBinary
from probe.targets import Target, User, at_root
from tests.golang.builds import (
    HASH,
    HELLO,
    ZONES,
    build,
    module,
    with_loader,
    with_roots,
    without_build_info,
    without_section_headers,
)
from tests.support.commands import MakeTarget
from tests.support.toolchains import VERSIONS

pytestmark = pytest.mark.timeout(600)  # the first build compiles the standard library

GLIBC = "/lib64/ld-linux-x86-64.so.2"


def look(make_target: MakeTarget, data: bytes, files: dict[str, bytes] | None = None) -> Binary:
    found = binary.read(make_target({"app": data, **(files or {})}), "/app")
    assert isinstance(found, Binary), found
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_a_program_tells_who_made_it(make_target: MakeTarget, version: str) -> None:
    """Its Go, its settings, its architecture; a static one needs nothing."""
    found = look(make_target, build(version, module(go="1.21")).read_bytes())
    assert found.info
    assert found.info.version == f"go{version}"
    assert found.settings["GOARCH"] == found.elf.architecture == "amd64"
    assert (found.elf.static, found.elf.interpreter, found.loader_present) == (True, "", None)
    assert found.go_line == "1.21"
    assert not found.fallback_roots
    assert not found.embedded_tzdata


@pytest.mark.parametrize(
    ("go", "line"), [("1.20", "1.20"), ("1.22", "1.22"), ("1.26", "1.26"), ("1.27.1", "1.27")]
)
def test_the_go_line_is_told_by_what_was_baked_in(make_target: MakeTarget, go: str, line: str) -> None:
    """The module asked for it, the toolchain is newer."""
    found = look(make_target, build("1.27.3", module(go=go)).read_bytes())
    assert found.go_line == line
    assert ("x509negativeserial" in found.godebug) == (go < "1.23")


@pytest.mark.parametrize("piece", [300, 4096])
def test_functions_are_found_wherever_pieces_of_their_table_end(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each name of a real program, and none that only looks like one: the table is read piece by piece."""
    with build("1.27.3", module(go="1.21")).open("rb") as stream:
        headers = elf.read(stream)
        assert isinstance(headers, Elf)
        section = headers.section(".gopclntab")
        assert section
        start, size = pclntab._part(stream, headers, section.offset, pclntab._FUNCTIONS)
        names = [one.decode() for one in elf.read_at(stream, section.offset + start, size).split(b"\0")[1:-1]]
        names = sorted({name for name in names if name})
        monkeypatch.setattr(pclntab, "_PIECE", piece)
        assert pclntab.linked(stream, headers, names) == frozenset(names)
        assert pclntab.linked(stream, headers, [f"{name[1:]}?" for name in names]) == frozenset()
        assert len(names) > 1000


def test_a_file_without_a_module_has_no_go_line(make_target: MakeTarget) -> None:
    """It follows the toolchain."""
    found = look(make_target, build("1.27.3", {"main.go": HELLO}).read_bytes())
    assert (found.go_line, found.godebug) == ("", {})


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("damage", [bytes, without_section_headers], ids=["whole", "without sections"])
@pytest.mark.parametrize(
    "flags", [(), ("-ldflags=-s -w",), ("-buildmode=pie",)], ids=["plain", "stripped", "pie"]
)
@pytest.mark.sweep
def test_embedded_zones_are_found(
    make_target: MakeTarget, version: str, flags: tuple[str, ...], damage: type[bytes]
) -> None:
    """By the function that gives them, or by the data where the table of functions cannot be found."""
    assert look(make_target, damage(build(version, module(ZONES), *flags).read_bytes())).embedded_tzdata
    assert not look(make_target, damage(build(version, module(HASH), *flags).read_bytes())).embedded_tzdata


def test_embedded_zones_are_told_by_the_build_tag(make_target: MakeTarget) -> None:
    """Nothing imports them then."""
    source = HELLO.replace('println("alive")', "println(time.Now().String())")
    source = source.replace("main\n", 'main\n\nimport "time"\n', 1)
    tagged = build("1.27.3", module(source), "-tags=other,timetzdata")
    assert look(make_target, tagged.read_bytes()).embedded_tzdata
    assert not look(make_target, build("1.27.3", module(source), "-tags=other").read_bytes()).embedded_tzdata


@pytest.mark.parametrize("name", binary.FALLBACK_MODULES)
def test_fallback_roots_are_told_by_their_module(make_target: MakeTarget, name: str) -> None:
    """The two that are in use."""
    found = look(make_target, build("1.27.3", with_roots(name)).read_bytes())
    assert (found.fallback_roots, found.other_roots) == ((name,), ())


def test_fallback_roots_of_any_other_module_are_found_too(make_target: MakeTarget) -> None:
    """The function that sets them is in the program only when something calls it."""
    found = look(make_target, build("1.27.3", with_roots("example.com/bundle")).read_bytes())
    assert found.fallback_roots == ("crypto/x509.SetFallbackRoots",)


def test_roots_that_a_program_must_ask_for_are_no_fallback(make_target: MakeTarget) -> None:
    """They are worth a word all the same."""
    files = with_roots("github.com/certifi/gocertifi")
    files["fallback/fallback.go"] = "package gocertifi\n"
    found = look(make_target, build("1.27.3", files).read_bytes())
    assert (found.fallback_roots, found.other_roots) == ((), ("github.com/certifi/gocertifi",))


def test_a_loader_is_looked_for_in_the_target(make_target: MakeTarget) -> None:
    """Position-independent programs ask for one, also with CGO_ENABLED=0."""
    data = build("1.27.3", {"main.go": HELLO}, "-buildmode=pie").read_bytes()
    assert look(make_target, data).loader_present is False
    assert look(make_target, data, {GLIBC: b"x"}).loader_present is True
    found = look(make_target, with_loader(data, "/lib/ld-musl-x86_64.so.1"))
    assert (found.elf.interpreter, found.loader_present) == ("/lib/ld-musl-x86_64.so.1", False)


def test_a_loader_behind_a_dangling_link_is_missing(make_target: MakeTarget, root: Path) -> None:
    """The link is there, what it leads to is not; inside the target's own root."""
    data = build("1.27.3", {"main.go": HELLO}, "-buildmode=pie").read_bytes()
    target = make_target({"app": data})
    (root / "lib64").mkdir()
    (root / GLIBC[1:]).symlink_to(Path(GLIBC).resolve())
    found = binary.read(target, "/app")
    assert isinstance(found, Binary)
    assert found.loader_present is False


def test_a_program_that_is_not_gos_says_so(make_target: MakeTarget) -> None:
    """There is no version, and no setting."""
    found = look(make_target, Path("/bin/sh").resolve().read_bytes())
    assert (found.info, found.no_info, found.settings) == (None, "no Go build info", {})
    assert found.named.kind == "unreadable"
    assert "libc.so.6" in found.elf.needed


def test_removed_build_info_says_so(make_target: MakeTarget) -> None:
    """It was a Go program, as its other sections tell."""
    found = look(make_target, without_build_info(build("1.27.3", module()).read_bytes()))
    assert (found.info, found.no_info) == (None, "a Go program whose build info was removed")


@pytest.mark.parametrize(
    ("path", "kind", "reason"),
    [
        ("/nowhere", "missing", "No such file or directory"),
        ("/app/below", "missing", "Not a directory"),
        ("/loop", "missing", "Too many levels of symbolic links"),
        ("/folder", "special", "a directory"),
        ("/fifo", "special", "a FIFO"),
        ("/app", "foreign", "a script"),
        ("/empty", "foreign", "an empty file"),
    ],
)
def test_what_is_no_program_says_what_it_is(
    make_target: MakeTarget, root: Path, path: str, kind: str, reason: str
) -> None:
    """Missing, special, or of another kind."""
    target = make_target({"app": "#!/bin/sh\n", "empty": ""})
    (root / "folder").mkdir()
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "fifo")
    assert binary.read(target, path) == NoBinary(path, kind, reason)


def test_a_program_that_the_user_may_not_read_says_so(root: Path) -> None:
    """Judged as the target's user."""
    (root / "app").write_bytes(b"\x7fELF")
    (root / "app").chmod(0o711)
    target: Target = at_root(str(root), {}, user=User(65532, 65532))
    assert binary.read(target, "/app") == NoBinary("/app", "denied", "Permission denied")


@pytest.mark.sweep  # Go's library is compiled for another architecture
def test_a_program_of_another_architecture_is_named(make_target: MakeTarget) -> None:
    """By its header."""
    found = look(make_target, build("1.27.3", {"main.go": HELLO}, GOARCH="arm64").read_bytes())
    assert found.elf.architecture == "arm64"
    assert found.settings["GOARCH"] == "arm64"
    assert found.elf.kind == 2
