"""The go command's environment: what we work out is what `go env` prints."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe.golang.command import environment, toolchain
from probe.golang.command.environment_defaults import COSTLY
from probe.golang.release import NEWEST
from probe.targets import Target, access, at_root
from probe.targets.host_fs import HostFiles
from tests.differential.harness import need_root, same
from tests.support.commands import RunProbe
from tests.support.sweeps import examples
from tests.support.toolchains import install

CHROOT = shutil.which("chroot") or "chroot"
CHEAP = {"PATH": "/nowhere"}  # no C compiler: the full listing then builds nothing


class World(NamedTuple):
    """A GOROOT of our own, whose go.env may be changed, and a home."""

    version: str
    base: Path

    @property
    def root(self) -> Path:
        return self.base / "goroot"

    @property
    def go(self) -> Path:
        return self.root / "bin" / "go"

    @property
    def home(self) -> Path:
        return self.base / "home"

    def write(self, path: str, content: bytes | str) -> Path:
        """A file below the base."""
        target = self.base / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(
            content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
        )
        return target

    def filled(self, text: str) -> str:
        return text.replace("{base}", str(self.base))


@pytest.fixture
def world(go_version: str, tmp_path: Path) -> Iterator[World]:
    """What the go command needs to print its environment: itself, go.env and pkg/tool."""
    made = World(go_version, tmp_path / "w")
    real = install(go_version).root
    (made.root / "bin").mkdir(parents=True)
    (made.root / "pkg" / "tool").mkdir(parents=True)
    (made.base / "cwd").mkdir()
    try:
        os.link(real / "bin" / "go", made.go)
    except OSError:
        shutil.copy(real / "bin" / "go", made.go)
    shutil.copy(real / "go.env", made.root / "go.env")
    made.home.mkdir()
    yield made
    made.go.unlink()


def at(env: Mapping[str, str], cwd: Path | str) -> Target:
    return Target("here", HostFiles(), env, str(cwd), access.ourselves())


def worked_out(target: Target, go: str) -> Mapping[str, environment.GoSetting]:
    """Our answer for the go command in the directory *go*."""
    found = toolchain.find(target._replace(env={**target.env, "PATH": go}))
    assert found
    return environment.look(target, found, NEWEST).settings


def printed(command: list[str], env: Mapping[str, str], cwd: Path | str) -> dict[str, str] | str:
    """What Go prints as JSON, or its words when it fails."""
    done = subprocess.run(command, env=dict(env), cwd=cwd, capture_output=True, timeout=30)
    if done.returncode:
        return done.stderr.decode(errors="replace")
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


def as_json(text: str) -> str:
    """*text* as encoding/json writes it: each byte that is no UTF-8 becomes U+FFFD."""
    return (
        text.encode("utf-8", "surrogateescape")
        .decode("utf-8", "surrogateescape")
        .translate({0xDC00 + byte: "\ufffd" for byte in range(0x80, 0x100)})
    )


def compare(world: World, env: Mapping[str, str], cwd: Path | str, *, costly: bool = False) -> bool:
    """Hold every name that we answer for against Go; False when Go fails instead."""
    ours = worked_out(at(env, cwd), str(world.root / "bin"))
    names = sorted(name for name in ours if (name in COSTLY) == costly and "=" not in name)
    known = [name for name in names if ours[name].origin != "unknown"]
    theirs = printed([str(world.go), "env", "-json", *known], env, cwd)
    if isinstance(theirs, str):
        return False
    same({name: as_json(ours[name].value) for name in known}, theirs, dict(env))
    return True


ENVIRONMENTS: dict[str, dict[str, str]] = {
    "nothing but a home": {},
    "no home at all": {"HOME": ""},
    "home is the root": {"HOME": "/", "XDG_CONFIG_HOME": "{base}/config"},  # lest Go counts itself there
    "relative home": {"HOME": "rel"},
    "home with a trailing slash": {"HOME": "{base}/home//"},
    "home that cannot be made": {"HOME": "{base}/other/home"},
    "home whose go is GOROOT": {"HOME": "{base}", "GOROOT": "{base}/go"},
    "XDG directories": {"XDG_CONFIG_HOME": "{base}/config", "XDG_CACHE_HOME": "{base}/cache"},
    "relative XDG directories": {"XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache"},
    "XDG directories without a home": {"HOME": "", "XDG_CONFIG_HOME": "{base}/c", "XDG_CACHE_HOME": "/d"},
    "GOENV off": {"GOENV": "off"},
    "GOENV names a file": {"GOENV": "{base}/other"},
    "GOENV is relative": {"GOENV": "other"},
    "GOENV is a directory": {"GOENV": "/tmp"},
    "GOENV is empty": {"GOENV": ""},
    "GOROOT with a trailing slash": {"GOROOT": "{base}/goroot/"},
    "GOROOT with dots": {"GOROOT": "{base}/cwd/../goroot"},
    "GOROOT without a Go tree": {"GOROOT": "{base}/cwd"},
    "empty variables": {"GOPROXY": "", "GOFLAGS": "", "GOROOT": "", "CGO_ENABLED": ""},
    "GOPROXY": {"GOPROXY": "https://a.example|direct"},
    "GOPROXY with blanks": {"GOPROXY": " off "},
    "GOSUMDB off": {"GOSUMDB": "off"},
    "GOPRIVATE": {"GOPRIVATE": "*.corp.example"},
    "GOPRIVATE with GONOPROXY": {"GOPRIVATE": "*.corp.example", "GONOPROXY": "none"},
    "GONOSUMDB": {"GONOSUMDB": "a.example", "GOINSECURE": "b.example", "GOVCS": "public:off"},
    "two GOPATHs": {"GOPATH": "/one:/two"},
    "GOPATH begins empty": {"GOPATH": ":/two"},
    "GOPATH ends empty": {"GOPATH": "/one:"},
    "GOPATH with a trailing slash": {"GOPATH": "/one/"},
    "GOPATH is GOROOT": {"GOPATH": "{base}/goroot"},
    "GOPATH holds a go.mod": {"GOPATH": "{base}/module", "GO111MODULE": "off"},
    "GOBIN": {"GOBIN": "/b"},
    "GOMODCACHE": {"GOMODCACHE": "/m"},
    "GOCACHE": {"GOCACHE": "/c"},
    "GOCACHE off": {"GOCACHE": "off"},
    "GOCACHE relative": {"GOCACHE": "c"},
    "GOTMPDIR": {"GOTMPDIR": "/nope", "TMPDIR": "/nope"},
    "modules off": {"GO111MODULE": "off"},
    "modules off, GOPATH around": {"GO111MODULE": "off", "GOPATH": "/x:{base}/cwd"},
    "modules auto": {"GO111MODULE": "auto"},
    "modules on": {"GO111MODULE": "on"},
    "GOWORK off": {"GOWORK": "off"},
    "GOWORK auto": {"GOWORK": "auto"},
    "GOWORK names a file": {"GOWORK": "/w/go.work"},
    "GOFLAGS": {"GOFLAGS": "-mod=mod -insecure"},
    "GOFLAGS that no command knows": {"GOFLAGS": "-nonsense word"},
    "GODEBUG": {"GODEBUG": "http2client=0"},
    "GOAUTH": {"GOAUTH": "off", "GOCACHEPROG": "/bin/prog x", "GOFIPS140": "off"},
    "GOPACKAGESDRIVER": {"GOPACKAGESDRIVER": "off"},
    "GOTOOLCHAIN local": {"GOTOOLCHAIN": "local"},
    "GOTELEMETRY in the environment": {"GOTELEMETRY": "off"},
    "cgo on": {"CGO_ENABLED": "1"},
    "cgo off": {"CGO_ENABLED": "0"},
    "cgo is no number": {"CGO_ENABLED": "true"},
    "a compiler": {"PATH": "{base}/bin"},
    "a compiler in a relative directory": {"PATH": "bin"},
    "a compiler behind a relative one": {"PATH": "/nowhere::{base}/bin"},
    "a relative compiler allowed": {"PATH": "bin", "GODEBUG": "execerrdot=0"},
    "a compiler that may not be executed": {"PATH": "{base}/plain"},
    "a compiler that is a directory": {"PATH": "{base}/directory"},
    "CC without a compiler": {"CC": "clang"},
    "CC and CXX": {"CC": "clang -m32", "CXX": "c++", "AR": "llvm-ar"},
    "gccgo": {"PATH": "{base}/bin", "GCCGO": "gcc"},
    "gccgo by its path": {"GCCGO": "{base}/bin/gcc"},
    "gccgo that is missing": {"GCCGO": "/nope/gccgo"},
    "no PATH": {"PATH": ""},
    "PWD through a link": {"PWD": "{base}/link"},
    "PWD of another place": {"PWD": "/usr"},
    "TMPDIR around the module": {"TMPDIR": "{base}/cwd"},
    "Linux on ARM": {"GOARCH": "arm"},
    "Linux on ARM, chosen": {"GOARCH": "arm", "GOARM": "6", "CGO_ENABLED": "1"},
    "Linux on 64-bit ARM": {"GOARCH": "arm64"},
    "Linux on 386": {"GOARCH": "386"},
    "Linux on MIPS": {"GOARCH": "mipsle"},
    "Linux on 64-bit MIPS": {"GOARCH": "mips64"},
    "Linux on POWER": {"GOARCH": "ppc64le"},
    "Linux on RISC-V": {"GOARCH": "riscv64"},
    "Linux on s390x": {"GOARCH": "s390x"},
    "GOAMD64": {"GOAMD64": "v3", "GOARM": "5"},
    "WebAssembly": {"GOOS": "js", "GOARCH": "wasm", "GOWASM": "satconv"},
    "Windows": {"GOOS": "windows"},
    "macOS": {"GOOS": "darwin", "GOARCH": "arm64", "PATH": "{base}/bin"},
    "FreeBSD": {"GOOS": "freebsd"},
    "a name only of the environment": {"HTTPS_PROXY": "http://p", "TZ": "UTC"},
    "bytes that are no UTF-8": {"GOPRIVATE": "a\udcff\udce4b", "GOFLAGS": "-tags=\udc80"},
}  # fmt: skip


@pytest.mark.parametrize("case", ENVIRONMENTS)
def test_an_environment_is_seen_as_go_sees_it(world: World, case: str) -> None:
    """Each variable of the operating system counts as it counts for Go, from every home."""
    for name, mode in (("bin/gcc", 0o755), ("plain/gcc", 0o644)):
        world.write(name, "#!/bin/false\n").chmod(mode)
    (world.base / "directory" / "gcc").mkdir(parents=True)
    (world.base / "cwd" / "bin").symlink_to(world.base / "bin")
    (world.base / "link").symlink_to(world.base / "cwd")
    (world.base / "go").symlink_to(world.root)
    world.write("other", "GOPROXY=https://other.example\n")
    world.write("cwd/other", "GOPROXY=https://relative.example\n")
    world.write("module/go.mod", "module m\n")
    env = {"HOME": str(world.home), **CHEAP}
    env |= {name: world.filled(value) for name, value in ENVIRONMENTS[case].items()}
    env = {name: value for name, value in env.items() if name != "HOME" or value}
    assert compare(world, env, world.base / "cwd")


FILES: dict[str, bytes | str] = {
    "one value": "GOPROXY=off\n",
    "no newline at the end": "GOPROXY=off",
    "empty": "",
    "an empty value": "GOPROXY=\nGOSUMDB=\nGOTOOLCHAIN=\nCGO_ENABLED=\n",
    "carriage returns": "GOPROXY=off\r\nGOSUMDB=off\r\n",
    "quotes": "GOPROXY=\"off\"\nGOSUMDB='off'\n",
    "the last one counts": "GOPROXY=https://one.example\nGOPROXY=https://two.example\n",
    "a byte order mark": b"\xef\xbb\xbfGOPROXY=off\nGOSUMDB=off\n",
    "UTF-16": "GOPROXY=off\n".encode("utf-16"),
    "blanks in front": " GOPROXY=off\n\tGOSUMDB=off\n",
    "blanks round the sign": "GOPROXY = off\nGOSUMDB= off\n",
    "export": "export GOPROXY=off\n",
    "lower case": "goproxy=off\n",
    "comments": "# GOPROXY=off\nGOSUMDB=off # why\n",
    "no sign": "GOPROXY\nGOSUMDB=off\n",
    "no expansion": "GOPATH=/x/$HOME/${HOME}\n",
    "signs in the value": "GOFLAGS=-ldflags=-X=a=b\n",
    "unknown names": "MY_NAME=1\nZ=2\nA=\n",
    "names that Go does not take from it": "GODEBUG=x=1\nGOENV=/y\nGOVERSION=go9\nGOHOSTARCH=vax\nGOMOD=/m\n",
    "names of the network": "HTTPS_PROXY=http://p\nTZ=UTC\nSSL_CERT_FILE=/c\n",
    "bytes that are no UTF-8": b"GOPRIVATE=\xff\xc3\n\xffGOSUMDB=off\n",
    "a NUL": b"GOPRIVATE=a\x00b\nGOROOT=\x00\n",
    "GOROOT": "GOROOT={base}/goroot//\n",
    "GOROOT elsewhere": "GOROOT={base}/other\nGOPROXY=https://user.example\n",
    "directories": "GOPATH=/p:/q\nGOBIN=/b\nGOCACHE=/c\nGOMODCACHE=/m\nGOTMPDIR=/t\n",
    "cgo and a compiler": "CGO_ENABLED=1\nCC=tcc\nCXX=txx\nAR=tar\n",
    "only a compiler": "CC=tcc\n",
    "architecture": "GOARCH=arm\nGOARM=5\nGOOS=linux\nGOAMD64=v2\n",
    "modules": "GO111MODULE=auto\nGOWORK=off\nGOFLAGS=-mod=mod\n",
    "private": "GOPRIVATE=a.example\nGONOSUMDB=b.example\n",
    "newer names": "GOAUTH=off\nGOCACHEPROG=/bin/x\nGOFIPS140=off\nGOEXPERIMENT=\nGOPACKAGESDRIVER=off\n",
    "GOTOOLCHAIN": "GOTOOLCHAIN=local\n",
    "flags for the C compiler": "CGO_CFLAGS=-O3\nCGO_LDFLAGS_ALLOW=x\nPKG_CONFIG=pc\nFC=f\n",
    "long lines": "GOPRIVATE=" + "a" * 100_000 + "\n",
    "many lines": "GOPRIVATE=x\n" * 5_000,
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_file_is_read_as_go_reads_it(world: World, case: str) -> None:
    """Each form of a line in the user's file means what it means to Go, and so in go.env."""
    content = FILES[case]
    if isinstance(content, str):
        content = world.filled(content)
    world.write("other/go.env", "GOPROXY=https://goroot.example\nGOSUMDB=other\n")
    world.write("home/.config/go/env", content)
    env = {"HOME": str(world.home), **CHEAP}
    compared = compare(world, env, world.base / "cwd")
    compared |= compare(world, {**env, "GOPROXY": "https://os.example", "GOROOT": str(world.root)}, "/")
    if "GOROOT=" not in str(content):
        (world.home / ".config/go/env").unlink()
        world.write("goroot/go.env", content)
        compared |= compare(world, env, world.base / "cwd")
    assert compared or case == "a NUL"


@pytest.mark.parametrize("how", ["unreadable", "directory", "dangling", "loop", "absolute link", "missing"])
def test_a_file_that_cannot_be_read_is_no_file(world: World, how: str) -> None:
    """Go says nothing about it, and goes on without."""
    path = world.home / ".config" / "go" / "env"
    path.parent.mkdir(parents=True)
    world.write("elsewhere", "GOPROXY=off\n")
    if how == "directory":
        path.mkdir()
    elif how == "unreadable":
        path.write_text("GOPROXY=off\n")
        path.chmod(0)
    elif how != "missing":
        links = {"dangling": Path("/nope"), "loop": path}
        path.symlink_to(links.get(how, world.base / "elsewhere"))
    assert compare(world, {"HOME": str(world.home), **CHEAP}, "/")


MODULES = {
    "none": [],
    "here": ["cwd/deep/go.mod"],
    "above": ["cwd/go.mod"],
    "both": ["cwd/go.mod", "cwd/deep/go.mod"],
    "workspace": ["cwd/go.work", "cwd/deep/go.mod"],
    "in the temporary directory": ["tmp/go.mod"],
    "workspace beyond GOROOT": ["go.work"],
}


@pytest.mark.parametrize("mode", ["", "auto", "off"])
@pytest.mark.parametrize("case", MODULES)
def test_a_module_is_found_as_go_finds_it(world: World, case: str, mode: str) -> None:
    """go.mod and go.work are looked for upwards from the working directory."""
    for path in ("cwd/deep", "tmp", "goroot/src/x"):
        (world.base / path).mkdir(parents=True)
    for path in MODULES[case]:
        world.write(path, "module m\n" if path.endswith("mod") else "go 1.21\n")
    env = {"HOME": str(world.home), "TMPDIR": str(world.base / "tmp"), "GOPATH": str(world.base), **CHEAP}
    for cwd in ("cwd/deep", "cwd", "tmp", "goroot/src/x", "goroot"):
        assert compare(world, {**env, "GO111MODULE": mode}, world.base / cwd)


@pytest.mark.parametrize(
    "content", ["on", "off 2024-01-01", "local\n", " on \n", "", "\x00", "nonsense of some sort"]
)
def test_the_telemetry_mode_is_read_as_go_reads_it(world: World, content: str) -> None:
    """It has a file of its own, whose first word counts."""
    world.write("home/.config/go/telemetry/mode", content)
    (world.home / ".config/go/telemetry/local").touch()  # so that nothing can be written there
    assert compare(world, {"HOME": str(world.home), **CHEAP}, "/")


def test_all_names_of_the_full_listing_are_known(world: World) -> None:
    """What plain `go env` lists is answered, name by name; 40, 43, 46 or 47 of them."""
    env = {"HOME": str(world.home), **CHEAP}
    theirs = printed([str(world.go), "env", "-json"], env, "/")
    assert isinstance(theirs, dict)
    same(sorted(worked_out(at(env, "/"), str(world.root / "bin"))), sorted(theirs))


@pytest.mark.parametrize(
    "flags",
    ["", "-O1", "-O1  -g", "'-D A=1' -g", "\"-D 'x'\"", "-D'x'", "''", "a\tb\nc", "-I/ä"],
)
def test_the_flags_for_the_compiler_are_written_as_go_writes_them(world: World, flags: str) -> None:
    """They are split and joined again; asking for them is what we never do to a container."""
    env = {"HOME": str(world.home), "GOTOOLCHAIN": "local", **CHEAP}
    assert compare(world, {**env, "CGO_CFLAGS": flags, "CGO_LDFLAGS": flags}, "/", costly=True)


@pytest.mark.parametrize("path", ["/go/bin", "/usr/bin"])
@pytest.mark.parametrize("file", ["", "GOPROXY=https://file.example\nGOPATH=/p\n"])
def test_a_root_is_seen_as_go_sees_it_from_inside(
    go_version: str, root: Path, run_probe: RunProbe, path: str, file: str
) -> None:
    """In another root, links and homes mean that root's; the command prints what the module works out."""
    need_root()
    inside = World(go_version, root)
    real = install(go_version).root
    for directory in ("go/bin", "go/pkg/tool", "usr/bin"):
        (root / directory).mkdir(parents=True)
    shutil.copy(real / "bin" / "go", root / "go" / "bin" / "go")
    shutil.copy(real / "go.env", root / "go" / "go.env")
    (root / "usr" / "bin" / "go").symlink_to("/go/bin/go")
    inside.write("real/home/.config/go/env", file)
    (root / "home").symlink_to("/real/home")
    inside.write("go.mod", "module m\n")
    # Without /proc the command cannot find itself, and wants to be told.
    env = {"HOME": "/home", "GOROOT": "/go", "PATH": "/bin", "PWD": "/home"}
    ours = worked_out(at_root(str(root), env), path)
    names = [name for name in ours if name not in COSTLY]
    given = [f"{name}={value}" for name, value in env.items()]
    theirs = printed(["env", "-i", *given, CHROOT, str(root), f"{path}/go", "env", "-json", *names], {}, "/")
    same({name: ours[name].value for name in names}, theirs, env)
    shown = run_probe("inspect", "env", "--root", str(root), *(f"--env={pair}" for pair in given))
    answer = json.loads(shown.out)
    same({name: answer[name]["value"] for name in names}, theirs, shown)


line = st.one_of(
    st.tuples(
        st.sampled_from(
            [
                "GOPROXY",
                "GOSUMDB",
                "GOPATH",
                "GOFLAGS",
                "GOROOT",
                "GOPRIVATE",
                "CGO_ENABLED",
                "GOCACHE",
                "X",
                "CC",
            ]
        ),
        st.sampled_from(["=", "=", "=", " =", "= ", "==", ""]),
        st.sampled_from(
            ["", "off", "/a", "/a:/b", "0", "1", "https://x.example", '"q"', "'q'", "$HOME", "rel", "a\r"]
        ),
        st.sampled_from(["\n", "\n", "\r\n", " # c\n", "", "\n\n"]),
    ).map("".join),
    st.sampled_from(
        ["# comment\n", "export GOPROXY=off\n", "goproxy=off\n", " GOPROXY=off\n", "\ufeff", "\n"]
    ),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12),
)
variables = st.dictionaries(
    st.sampled_from(
        [
            "GOPROXY", "GOSUMDB", "GOPATH", "GOFLAGS", "GOPRIVATE", "GONOPROXY", "CGO_ENABLED", "GOCACHE",
            "GOBIN", "GOMODCACHE", "CC", "GOARCH", "GO111MODULE", "GOWORK", "GOENV", "XDG_CACHE_HOME",
        ]
    ),
    st.sampled_from(
        ["", "off", "on", "auto", "0", "1", "arm", "/a", "/a:/b", ":", "rel", "none", "a b", "x,y|z"]
    ),
    max_size=6,
)  # fmt: skip


@settings(
    max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(line, max_size=8).map("".join),
    st.lists(line, max_size=4).map("".join),
    variables,
    st.sampled_from(["", "config", "{base}/home/.config"]),
)
def test_any_environment_and_files_are_seen_as_go_sees_them(
    world: World, user: str, goroot: str, env: Mapping[str, str], config: str
) -> None:
    """Whatever is composed of files and variables, either Go refuses it or we agree."""
    world.write("home/.config/go/env", user)
    world.write("goroot/go.env", goroot)
    env = {"HOME": str(world.home), "XDG_CONFIG_HOME": world.filled(config), **CHEAP, **env}
    compare(world, env, world.base / "cwd")
