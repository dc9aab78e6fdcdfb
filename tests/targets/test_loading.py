"""What the dynamic loaders find: beside the real ld.so, on programs of this machine and on odd ones."""

import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.formats import elf, ldcache
from probe.formats.elf import Elf
from probe.formats.elf.dynamic import Dynamic
from probe.targets import Target, at_root, ldso, ourselves
from probe.targets.ldso import Linked, Loaded, glibc
from tests.support.sweeps import examples

needs_gcc = pytest.mark.needs("gcc")
needs_musl = pytest.mark.needs("musl-gcc")
needs_root = pytest.mark.root("chroot")
LOADER = "/lib64/ld-linux-x86-64.so.2"
PROGRAM = Loaded("/app", "/app", elf.Elf(64, False, elf.SHARED, 62, (), (), "", ()), Dynamic())
MAIN = "int thing(void); int main(void) { return thing(); }\n"


def headers(path: Path) -> Elf | None:
    with path.open("rb") as stream:
        found = elf.read(stream)
    return found if isinstance(found, Elf) else None


def follow(target: Target, path: str, root: str = "") -> Linked:
    found = headers(Path(f"{root}{path}"))
    assert found
    return ldso.link(target, path, found)


def by_loader(path: str, **env: str) -> tuple[set[str], set[str]]:
    """The files that ld.so finds, after all links, and the names that it does not: what ldd(1) prints."""
    tracing = {**os.environ, **env, "LD_TRACE_LOADED_OBJECTS": "1"}
    out = subprocess.run([LOADER, path], capture_output=True, text=True, env=tracing).stdout
    found, missing = set(), set()
    for line in out.splitlines():
        name, arrow, rest = line.strip().partition(" => ")
        if rest.startswith("not found"):
            missing.add(name)
        elif arrow and name != LOADER:
            found.add(os.path.realpath(rest.rpartition(" (")[0]))
    return found, missing


def by_us(linked: Linked) -> tuple[set[str], set[str]]:
    loader = os.path.realpath(LOADER)
    found = {os.path.realpath(library.path) for library in linked.libraries}
    return found - {loader}, {missing.name for missing in linked.missing}


@pytest.mark.slow
def test_programs_of_this_machine_load_what_ld_so_says() -> None:
    """The same files, none missing; through the cache and the directories that were compiled in."""
    compared = 0
    for path in sorted(Path("/usr/bin").iterdir()):
        if not path.is_file() or not os.access(path, os.R_OK) or compared >= 150:
            continue
        found = headers(path)
        if found and found.interpreter == LOADER and found.needed:
            theirs, missing = by_loader(str(path))
            linked = follow(ourselves(), str(path))
            assert by_us(linked) == (theirs, missing), path
            assert linked.unmet == ()
            compared += 1
    assert compared > 30


def library(path: Path, *flags: str, code: str = "int thing(void) { return 0; }\n") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    compiled(code, path, "-shared", "-fPIC", f"-Wl,-soname,{path.name}", *flags)


def compiled(code: str, path: Path, *flags: str, compiler: str = "gcc") -> Path:
    command: list[str | Path] = [compiler, "-x", "c", "-", "-o", path, "-Wl,--disable-new-dtags", *flags]
    subprocess.run(command, input=code, text=True, check=True, cwd=path.parent)
    return path


@pytest.fixture
def lib(tmp_path: Path) -> Path:
    """libthing.so in three directories, and one that needs it."""
    for name in "abc":
        library(tmp_path / name / "libthing.so")
    return tmp_path


LINKED = ("-L", "a", "-L", ".", "-lthing")  # from beside it, or from within
RUNPATH = "-Wl,--enable-new-dtags"


@needs_gcc
@pytest.mark.parametrize(
    ("flags", "path", "expected"),
    [
        (("-Wl,-rpath,{0}/a",), "", "a"),
        (("-Wl,-rpath,{0}/a",), "{0}/b", "a"),
        (("-Wl,-rpath,{0}/a", RUNPATH), "{0}/b", "b"),
        (("-Wl,-rpath,{0}/a", RUNPATH), "{0}/nowhere", "a"),
        (("-Wl,-rpath,$ORIGIN/c",), "", "c"),
        (("-Wl,-rpath,${{ORIGIN}}/../{1}/b", RUNPATH), "", "b"),
        (("-Wl,-rpath,{0}/nowhere:{0}/b:{0}/a",), "", "b"),
        ((), "{0}/c;{0}/a", "c"),
        ((), "", ""),
    ],
)
def test_the_order_of_the_search_is_that_of_ld_so(
    lib: Path, flags: tuple[str, ...], path: str, expected: str
) -> None:
    """RPATH before LD_LIBRARY_PATH, RUNPATH after it, and $ORIGIN in both."""
    filled = [flag.format(lib, lib.name) for flag in flags]
    program = compiled(MAIN, lib / "app", *LINKED, *filled)
    env = {"LD_LIBRARY_PATH": path.format(lib)} if path else {}
    linked = follow(ourselves()._replace(env=env), str(program))
    theirs = by_loader(str(program), **env)
    assert by_us(linked) == theirs
    found = [Path(library.path).parent.name for library in linked.libraries if "libthing" in library.path]
    assert found == ([expected] if expected else [])


@needs_gcc
@pytest.mark.parametrize("tags", ["-Wl,--disable-new-dtags", RUNPATH])
def test_only_an_rpath_counts_for_what_others_need(lib: Path, tags: str) -> None:
    """The program's RPATH finds the library of a library, its RUNPATH does not."""
    library(lib / "a/libouter.so", *LINKED, code="int thing(void); int outer(void) { return thing(); }\n")
    main = "int outer(void); int main(void) { return outer(); }\n"
    program = compiled(
        main, lib / "app", "-La", "-louter", "-Wl,--allow-shlib-undefined", f"-Wl,-rpath,{lib}/a", tags
    )
    linked = follow(ourselves(), str(program))
    assert by_us(linked) == by_loader(str(program))
    assert bool(linked.missing) == (tags == RUNPATH)
    if linked.missing:
        assert linked.missing[0].wanted_by == f"{lib}/a/libouter.so"


@needs_gcc
def test_a_circle_of_libraries_ends(lib: Path) -> None:
    """Two that need each other."""
    library(lib / "a/libother.so", "-Wl,--no-as-needed", *LINKED)
    library(lib / "a/libthing.so", "-L.", "-Wl,--no-as-needed", "-lother")
    program = compiled(MAIN, lib / "app", *LINKED, "-Wl,--no-as-needed", f"-Wl,-rpath,{lib}/a", "-lother")
    linked = follow(ourselves(), str(program))
    assert by_us(linked) == by_loader(str(program))
    assert linked.complete


@needs_gcc
def test_a_file_for_another_architecture_is_passed_over(lib: Path) -> None:
    """As ld.so goes on to the next directory."""
    data = bytearray((lib / "b/libthing.so").read_bytes())
    data[18:20] = (183).to_bytes(2, "little")  # e_machine: AArch64
    (lib / "b/libthing.so").write_bytes(data)
    program = compiled(MAIN, lib / "app", *LINKED, f"-Wl,-rpath,{lib}/b:{lib}/c")
    linked = follow(ourselves(), str(program))
    assert by_us(linked) == by_loader(str(program))
    shutil.rmtree(lib / "c")
    shutil.rmtree(lib / "a")
    (missing,) = follow(ourselves(), str(program)).missing
    assert missing.unfit == (f"{lib}/b/libthing.so",)


@needs_gcc
def test_a_version_that_the_library_does_not_define(lib: Path) -> None:
    """What ld.so says with its "version `THING_2' not found"; the weak form it lets pass."""
    versions = lib / "versions"
    versions.write_text("THING_1.9 { global: old; }; THING_1.10 { global: thing; };\n")
    flags = ("-Wl,--version-script,../versions",)
    code = "int old(void) { return 0; } int thing(void) { return 0; }\n"
    library(lib / "a/libthing.so", *flags, code=code)
    program = compiled(MAIN, lib / "app", *LINKED, f"-Wl,-rpath,{lib}/a")
    assert follow(ourselves(), str(program)).unmet == ()
    versions.write_text("THING_1.9 { global: old; thing; };\n")
    library(lib / "a/libthing.so", *flags, code=code)
    (unmet,) = follow(ourselves(), str(program)).unmet
    assert (unmet.version, unmet.newest, unmet.wanted_by) == ("THING_1.10", "THING_1.9", str(program))
    done = subprocess.run([program], capture_output=True, text=True)
    assert "version `THING_1.10' not found" in done.stderr


@needs_root
@needs_gcc
def test_below_a_root_everything_is_the_roots_own(tmp_path: Path) -> None:
    """The cache, the loader and the links of the root; the real ld.so, after chroot, agrees."""
    root = tmp_path / "root"
    for folder in ("etc", "lib64", "opt/lib", "lib/x86_64-linux-gnu"):
        (root / folder).mkdir(parents=True)
    shutil.copy(os.path.realpath(LOADER), root / "lib64/ld-linux-x86-64.so.2")
    library(root / "opt/lib/libthing.so")
    program = compiled(MAIN, root / "app", "-Lopt/lib", "-lthing")
    target = at_root(str(root), {})
    assert by_us(follow(target, "/app", str(root)))[1] == {"libthing.so", "libc.so.6"}
    shutil.copy(os.path.realpath("/lib/x86_64-linux-gnu/libc.so.6"), root / "lib/x86_64-linux-gnu/libc.so.6")
    (root / "etc/ld.so.conf").write_text("/opt/lib\n")
    subprocess.run(["ldconfig", "-r", root], check=True)
    linked = follow(target, "/app", str(root))
    assert [library.path for library in linked.libraries] == [
        "/opt/lib/libthing.so",
        "/lib/x86_64-linux-gnu/libc.so.6",
    ]
    done = subprocess.run(
        ["chroot", root, LOADER, "--list", "/app"], capture_output=True, text=True, check=True
    )
    for library_found in linked.libraries:
        assert f"=> {library_found.path} (" in done.stdout
    assert program.exists()


@needs_musl
def test_musl_looks_where_its_loader_looks(lib: Path) -> None:
    """LD_LIBRARY_PATH first, any RPATH of those who ask, and the C library is the loader itself."""
    program = compiled(MAIN, lib / "app", *LINKED, f"-Wl,-rpath,{lib}/a", compiler="musl-gcc")
    for env, folder in (({}, "a"), ({"LD_LIBRARY_PATH": f"{lib}/nowhere:{lib}/b"}, "b")):
        linked = follow(ourselves()._replace(env=env), str(program))
        assert linked.libc == "musl"
        assert [found.path for found in linked.libraries] == [f"{lib}/{folder}/libthing.so"]
        listed = subprocess.run(
            ["/lib/ld-musl-x86_64.so.1", "--list", program], capture_output=True, text=True, env=env
        )
        assert f"libthing.so => {lib}/{folder}/libthing.so" in listed.stdout
    (lib / "a/libthing.so").unlink()
    (missing,) = follow(ourselves()._replace(env={}), str(program)).missing
    done = subprocess.run([program], capture_output=True, text=True, env={})
    assert missing.name == "libthing.so"
    assert "Error loading shared library libthing.so: No such file or directory" in done.stderr
    own = Path("/etc/ld-musl-x86_64.path").read_text().split()
    assert set(own) <= set(missing.searched)


@needs_root
@needs_gcc
@needs_musl
def test_musl_in_the_place_of_the_loader_of_glibc(tmp_path: Path) -> None:
    """Alpine's libc6-compat is a link, its gcompat starts musl's loader: none brings libc.so.6."""
    root = tmp_path / "root"
    (root / "lib64").mkdir(parents=True)
    compiled('int puts(char *); int main(void) { return puts("alive") < 0; }\n', root / "app")
    target = at_root(str(root), {})
    loader = root / "lib64/ld-linux-x86-64.so.2"
    shutil.copy(os.path.realpath(LOADER), loader)
    assert [missing.name for missing in follow(target, "/app", str(root)).missing] == ["libc.so.6"]
    shutil.copy(os.path.realpath("/lib/ld-musl-x86_64.so.1"), loader)
    linked = follow(target, "/app", str(root))
    assert (linked.libc, linked.missing, linked.unmet) == ("musl", (), ())
    done = subprocess.run(["chroot", root, "/app"], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("alive\n", "")
    loader.write_bytes(b"\x7fELF\0/lib/ld-musl-x86_64.so.1\0--preload\0libgcompat.so.0\0")
    assert follow(target, "/app", str(root)).libc == "musl"


def test_the_cache_reads_as_ldconfig_prints_it() -> None:
    """Every name with its paths, in the same order."""
    printed: dict[str, list[str]] = {}
    out = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines()[1:]:
        name, arrow, path = line.strip().partition(" => ")
        if arrow:
            printed.setdefault(name.partition(" (")[0], []).append(path)
    found = ldcache.parse(Path("/etc/ld.so.cache").read_bytes())
    assert {name: list(paths) for name, paths in found.items()} == printed
    assert len(printed) > 20


@settings(max_examples=examples(200))
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_as_a_cache(tail: bytes, big: bool) -> None:
    """Never an error; paths are absolute."""
    found = ldcache.parse(b"glibc-ld.so.cache1.1" + tail, big_endian=big)
    assert all(path.startswith("/") for paths in found.values() for path in paths)


def test_texts_that_a_cache_shares_cost_memory_once() -> None:
    """Many long names, each beginning a byte after the other: a small file, much if all were kept."""
    count = 20_000
    entries = b"".join(
        struct.pack("<iIIIQ", 3, at, at, 0, 0) for at in range(48 + 24 * count, 48 + 25 * count)
    )
    text = (b"/" * 4000 + b"\0") * (count // 4000)
    data = b"glibc-ld.so.cache1.1" + struct.pack("<I", count) + bytes(24) + entries + text
    found = ldcache.parse(data)
    assert len(found) > 1000
    assert sum(len(name) + sum(map(len, paths)) for name, paths in found.items()) < 40 << 20


def test_no_loader_makes_the_search_for_its_directories_slow(tmp_path: Path) -> None:
    """A regular expression that goes back and forth would hold all threads, and so the deadline."""
    (tmp_path / "ld.so").write_bytes((b"\0/" + b"lib" * 60 + b"/\0/" + b"lib" * 130) * 3000)
    headers_of = elf.Elf(64, False, elf.SHARED, 62, (), (), "/ld.so", ())
    before = time.process_time()
    assert list(glibc.GlibcSearch(at_root(str(tmp_path), {}), headers_of).places("x", PROGRAM))
    assert time.process_time() - before < 2


def test_names_without_end_are_not_kept(tmp_path: Path) -> None:
    """Each library needs the next one and two hundred that are not there, with names of 4000 bytes."""
    absent = tuple(b"%d_" % number + b"x" * 3900 for number in range(200))
    for number in range(50):
        needed = (f"next{number + 1}.so".encode(), *absent)
        (tmp_path / f"next{number}.so").write_bytes(needing(*needed))
    (tmp_path / "app").write_bytes(needing(b"next0.so"))
    linked = follow(at_root(str(tmp_path), {"LD_LIBRARY_PATH": "/"}), "/app", str(tmp_path))
    assert not linked.complete
    assert 10 < len(linked.libraries) < 30


def needing(*names: bytes) -> bytes:
    """A library that is nothing but its needs."""
    strings, offsets = b"\0", list[int]()
    for name in names:
        offsets.append(len(strings))
        strings += name + b"\0"
    at = 64 + 2 * 56
    texts = at + 16 * (len(names) + 2)
    dynamic = [(elf.NEEDED, offset) for offset in offsets] + [(elf.STRING_TABLE, texts), (0, 0)]
    end = texts + len(strings)
    head = b"\x7fELF\2\1\1" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", elf.SHARED, 62, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    head += struct.pack("<IIQQQQQQ", elf.LOAD, 5, 0, 0, 0, end, end, 4096)
    head += struct.pack("<IIQQQQQQ", elf.DYNAMIC, 6, at, at, at, texts - at, texts - at, 8)
    return head + b"".join(struct.pack("<QQ", *entry) for entry in dynamic) + strings


@needs_gcc
def test_a_damaged_program_costs_a_bounded_effort(lib: Path) -> None:
    """Bytes of its tables turned over, one after the other."""
    program = compiled(MAIN, lib / "app", *LINKED, f"-Wl,-rpath,{lib}/a")
    good = program.read_bytes()
    found = headers(program)
    assert found
    for name in (".dynamic", ".gnu.version_r", ".dynstr"):
        section = found.section(name)
        assert section
        for at in range(section.offset, section.offset + min(section.size, 400), 7):
            program.write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
            damaged = headers(program)
            assert damaged
            assert ldso.link(ourselves(), str(program), damaged).complete
