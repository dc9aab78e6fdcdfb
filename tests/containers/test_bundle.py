"""One COPY line into an image that holds nothing else."""

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile

from probe import __version__, codes
from probe.cli import commands
from probe.entrypoint import block_signals
from tests.containers import products
from tests.containers.engine import Engine, docker
from tests.support.commands import clean_environment
from tests.support.preloaded import FACTS
from tests.support.toolchains import Toolchain

ENTRY = ("--entrypoint", "/opt/probe/bin/probe")
# What would lead any other interpreter astray, and what its libraries follow.
HOSTILE = {
    "LD_PRELOAD": "/nowhere/preload.so",
    "LD_LIBRARY_PATH": "/hostile",
    "LD_DEBUG": "all",
    "LD_TRACE_LOADED_OBJECTS": "1",
    "GLIBC_TUNABLES": "glibc.malloc.check=3",
    "PYTHONPATH": "/hostile",
    "PYTHONHOME": "/hostile",
    "PYTHONSTARTUP": "/hostile/x.py",
    "PYTHONHASHSEED": "nonsense",
    "PYTHONINSPECT": "1",
    "OPENSSL_CONF": "/hostile/openssl.cnf",
    "GCONV_PATH": "/hostile",
    "LOCPATH": "/hostile",
    "LC_ALL": "zz_ZZ.EUC-JP",
}


def run(engine: Engine, image: str, *command: str, options: tuple[str, ...] = ()) -> tuple[int, str]:
    """Exit code and all that `probe` printed."""
    done = engine.run(image, *command, options=(*ENTRY, *options))
    return done.code, done.out + done.err


def inside(root: Path, *command: str, env: Mapping[str, str] | None = None) -> str:
    """What a program prints that starts in a root without /proc; the loader of no other is asked."""

    def enter() -> None:
        os.chroot(root)
        os.chdir("/")

    done = subprocess.run(
        command, env=env or {}, preexec_fn=enter, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def unordered(told: str) -> list[list[str]]:
    """The lines of the witness without the order of the environment, which the engine makes up."""
    return [sorted(re.split(r'" "|\\x00|[]"[]', line)) for line in told.splitlines()]


def elves(bundle: Path) -> Iterator[tuple[Path, ELFFile]]:
    for path in sorted(bundle.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.read_bytes()[:4] == b"\x7fELF":
            yield path, ELFFile(io.BytesIO(path.read_bytes()))


def test_built_twice_the_files_are_the_same(engine: Engine, probe_image: str) -> None:
    """Byte for byte, with names, modes, owners and times: the layer has the same digest."""
    again = products.build(engine, "again", "--no-cache")
    layers = ["image", "inspect", "--format", "{{json .RootFS.Layers}}"]
    assert docker(*layers, again).out == docker(*layers, probe_image).out
    assert len(json.loads(docker(*layers, again).out)) == 1


def test_it_is_small(bundle: Path) -> None:
    """At most 28 MB on disk, in blocks as they are counted there, and 11 MB as gzip."""
    blocks = sum(path.lstat().st_blocks for path in bundle.rglob("*"))
    assert blocks * 512 <= 28e6
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(bundle, "probe")
    assert len(gzip.compress(out.getvalue(), 6)) <= 11e6


def test_no_library_is_missing(bundle: Path) -> None:
    """Every library that a file of the bundle asks for is in the bundle, or is the loader."""
    names = {path.name for path in (bundle / "lib").iterdir()}
    seen = 0
    for path, elf in elves(bundle):
        section = elf.get_section_by_name(".dynamic")
        if isinstance(section, DynamicSection):
            tags: list[Any] = [tag for tag in section.iter_tags() if tag.entry.d_tag == "DT_NEEDED"]
            asked = {tag.needed for tag in tags}
            assert {name for name in asked if not name.startswith("ld-linux")} <= names, path
            seen += 1
    assert seen > 10


@pytest.mark.parametrize("name", ["bin/probe", products.SUPERVISOR])
def test_our_programs_need_nothing(bundle: Path, name: str) -> None:
    """They are static: no loader is named in them."""
    with (bundle / name).open("rb") as stream:
        assert not [part for part in ELFFile(stream).iter_segments() if part.header.p_type == "PT_INTERP"]


def test_all_modules_can_be_imported(bundle: Path) -> None:
    """Those of probe and of the libraries that it brings, so that no import within a function fails."""
    code = (
        "import pkgutil, probe, certifi, waitress, psutil, tzdata, yaml\n"
        "for package in (probe, certifi, waitress, psutil, yaml):\n"
        "    for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        if not found.name.endswith('__main__'):\n"
        "            __import__(found.name)\n"
        "            print(found.name)\n"
    )
    interpreter = [str(bundle / "bin" / "python3"), "-I", "-S", "-c", code]
    done = subprocess.run(interpreter, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    ours = products.CHECKOUT / "probe"
    wanted = {str(path.relative_to(ours.parent)) for path in ours.rglob("*.py")}
    names = {path.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".") for path in wanted}
    assert names - {"probe", "probe.__main__"} <= set(done.stdout.split())


def test_zones_are_read_out_of_the_archive(bundle: Path) -> None:
    """All of them, aliases too; what is none is not found."""
    code = (
        "from probe.golang import zonedata as data\n"
        "assert all((data.load(name) or b'')[:4] == b'TZif' for name in data.names())\n"
        "assert data.load('Asia/Calcutta') == data.load('Asia/Kolkata') and data.load('No/Where') is None\n"
        "print(len(data.names()), len(data.usual_names()), data.release())"
    )
    done = subprocess.run(
        [bundle / "bin/python3", "-I", "-S", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    names, usual, release = done.stdout.split()
    assert int(names) > int(usual) > 300
    assert release.startswith("20")


def test_the_interpreter_takes_nothing_from_the_machine(bundle: Path) -> None:
    """It would take the modules of /usr where it did not know its own library by its landmark."""
    code = (
        "import sys, json, probe.cli, _ssl, psutil._psutil_linux as ours\n"
        "print(*sys.path, *(module.__file__ for module in (json, probe.cli, ours)), sep='\\n')\n"
        "print(*(one.__file__ for one in sys.modules.values() if getattr(one, '__file__', 0)), sep='\\n')"
    )
    done = subprocess.run(
        [bundle / "bin/python3", "-I", "-S", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    assert [line for line in done.stdout.splitlines() if not line.startswith(f"{bundle}/lib/")] == []
    stray = [
        path
        for path in (bundle / "lib").rglob("*.pyc")
        if path.stem not in ("__init__", "aliases", "os", "__main__")
    ]
    assert stray == []


# Every command in scratch, with the exit code and a word of what it prints.
CALLS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "check": (("--only", "ca-bundle"), 1, "CA_BUNDLE_MISSING"),
    "run": (("--only", "timezone", "--", "/witness", "tell"), 0, '["/witness" "tell"]'),
    "serve": (("somewhere",), 64, "somewhere"),
    "status": (("--role", "ready"), 1, "GO_NOT_FOUND"),
    "inspect": (("timezone",), 0, '"fallback"'),
    "explain": (("CA_BUNDLE_MISSING",), 0, "COPY --from"),
    "config": (("--show",), 0, "timeout_s"),
    "baseline": (("snapshot", "--set", "go-version.binary=/witness"), 0, 'go = "go1.'),
    "manifest": (("healthcheck",), 0, "HEALTHCHECK"),
    "node": ((), 0, "0 of 0 Go programs unhealthy"),
    "merge": ((), 64, "FILE is missing"),
    "demo": ((), 1, "the demo needs a Go toolchain"),
}


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_every_command_runs_in_scratch(engine: Engine, scratch: str, name: str) -> None:
    """Read-only, as a user that nobody has heard of, without any capability."""
    arguments, code, word = CALLS[name]
    options = ("--read-only", "--user", "4242:4343", "--cap-drop", "ALL")
    found, said = run(engine, scratch, name, *arguments, options=options)
    assert found == code, said
    assert word in said


def test_the_image_has_it_in_path(engine: Engine, probe_image: str) -> None:
    """As `kubectl debug --image=probe … -- probe` and `docker run --entrypoint probe` look for it."""
    done = engine.run(probe_image, "--version", options=("--entrypoint", "probe"))
    assert (done.code, done.out) == (0, f"probe {__version__}\n")


def test_the_installed_command_at_another_path(bundle: Path) -> None:
    """What is demanded of a wheel holds for the bundle, wherever it has been copied to."""
    smoke = products.CHECKOUT / ".ci" / "smoke"
    where = {**clean_environment(), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [smoke, bundle / "bin/probe"], env=where, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_demo_says_that_it_needs_room(engine: Engine, scratch: str, go_newest: Toolchain) -> None:
    """In an image that has Go and no /tmp, one line."""
    options = ("--volume", f"{go_newest.root}:/go:ro", "--env", "PATH=/go/bin", "--read-only")
    wanted = "probe: the demo needs room for temporary files: docker run --tmpfs /tmp\n"
    assert run(engine, scratch, "demo", options=options) == (1, wanted)


def test_the_demo_runs_where_there_is_go(
    engine: Engine, debian: str, bundle: Path, go_newest: Toolchain
) -> None:
    """The whole story, from a bundle and a toolchain that are mounted into a Debian."""
    mounts = ("--volume", f"{go_newest.root}:/go:ro", "--volume", f"{bundle}:/probe:ro")
    options = (*mounts, "--env", "PATH=/go/bin:/usr/bin:/bin", "--entrypoint", "/probe/bin/probe")
    done = engine.run(debian, "demo", options=options)
    assert (done.code, "no files remain" in done.out, done.err) == (0, True, ""), done.out


def test_it_judges_yaml(bundle: Path) -> None:
    """What deploy/kubernetes/README.md pipes into it, with nothing to install."""
    manifest = (
        "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [\n"
        "{name: app, startupProbe: {exec: {command: [probe, check]}, timeoutSeconds: 1}}]}}}\n"
    )
    command = [str(bundle / "bin/probe"), "manifest", "--lint", "-"]
    for text, code, said in (
        (manifest, 1, "stdin:4: TIMEOUT_UNDER_DEADLINE: "),
        (manifest.replace("timeoutSeconds: 1", "timeoutSeconds: 6"), 0, ""),
    ):
        done = subprocess.run(command, input=text, env={}, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout[: len(said) or None], done.stderr) == (code, said, "")


# After each list how often the archive was read, and how many modules were read in vain; then the pieces.
_READS = """
import sys
from probe import importer, preloaded
importer.preload(preloaded.COMMAND)
archive, count = sys.meta_path[0], 0
read = archive.read
def counted(*place):
    global count
    count += 1
    return read(*place)
archive.read = counted
for names in (preloaded.SUPERVISOR, preloaded.RUN, *preloaded.CHECKS.values()):
    importer.preload(names)
    print(count, len(archive.ahead))
print(len(archive.pieces))
"""


def test_modules_are_loaded_beforehand_as_importing_makes_them(bundle: Path) -> None:
    """And with one read for each piece, of which a list needs all."""

    def told(*arguments: str) -> str:
        line = [f"{bundle}/bin/python3", "-I", "-S", "-X", "utf8", "-X", "bundle=0", "-c", *arguments]
        done = subprocess.run(line, env={}, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert told(FACTS, "/nowhere", "preload") == told(FACTS, "/nowhere", "import")
    assert len(told(FACTS, "/nowhere", "preload").splitlines()) > 100
    *each, pieces = told(_READS).splitlines()
    assert [line.split()[1] for line in each] == ["0"] * 6
    assert int(each[-1].split()[0]) == int(pieces) - 2  # those of COMMAND and HANDSHAKE


@pytest.mark.parametrize("how", ["link", "relative", "PATH"])
def test_it_finds_its_files_however_it_is_called(bundle: Path, tmp_path: Path, how: str) -> None:
    """By a symbolic link, by a relative path, by its name."""
    link = tmp_path / "linked"
    link.symlink_to(bundle / "bin" / "probe")
    calls = {"link": str(link), "relative": "bin/probe", "PATH": "probe"}
    done = subprocess.run(
        ["env", calls[how], "--version"],
        env={"PATH": f"{bundle}/bin:/usr/bin:/bin"},
        cwd=bundle,
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.root("chroot")
def test_it_runs_without_proc(bundle: Path, tmp_path: Path) -> None:
    """In a root that holds nothing but the bundle, /proc included."""
    shutil.copytree(bundle, tmp_path / "moved", symlinks=True)
    for name in ("/moved/bin/probe", "moved/bin/probe"):
        assert inside(tmp_path, name, "check", "--only", "timezone").startswith("healthy: ")


ZONES = ["/FIFO", ":/FIFO", "Europe/Zurich", "", None]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_a_time_zone_that_blocks_holds_up_nothing(bundle: Path, tmp_path: Path, zone: str | None) -> None:
    """The interpreter reads TZ before its first statement; the workload gets it as it was."""
    fifo = tmp_path / "zone"
    os.mkfifo(fifo)
    text = None if zone is None else zone.replace("/FIFO", str(fifo))
    env = {"PATH": "/usr/bin:/bin", "A": "1", **({} if text is None else {"TZ": text}), "Z": "2"}
    command = [
        str(bundle / "bin/probe"),
        "run",
        "--only",
        "permissions",
        "--set",
        'permissions.read=["/etc"]',
    ]
    quiet = ["--set", "permissions.write=[]", "--set", "permissions.execute=[]", "--", "env"]
    done = subprocess.run([*command, *quiet], env=env, capture_output=True, text=True, timeout=30)
    assert done.stdout.split() == [f"{name}={value}" for name, value in env.items()]
    version = subprocess.run([bundle / "bin/probe", "--version"], env=env, capture_output=True, timeout=30)
    assert version.returncode == 0


def test_a_launcher_alone_says_what_it_lacks(bundle: Path, tmp_path: Path) -> None:
    """One line, not healthy."""
    shutil.copy(bundle / "bin" / "probe", tmp_path / "probe")
    done = subprocess.run([tmp_path / "probe", "check"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "probe: its files are not where its program is; copy the whole directory\n"


def test_a_hostile_environment_changes_nothing(engine: Engine, scratch: str) -> None:
    """What is meant for the workload reaches neither our loader nor our interpreter nor our libraries."""
    options = tuple(word for name, value in HOSTILE.items() for word in ("--env", f"{name}={value}"))
    for more in ((), options):
        code, said = run(engine, scratch, "check", "--only", "timezone", "--format", "tap", options=more)
        assert (code, said.splitlines()[0]) == (0, "TAP version 14"), said
    ordinary = run(engine, scratch, "inspect", "timezone")
    assert run(engine, scratch, "inspect", "timezone", options=options) == ordinary


def test_the_workload_gets_what_it_would_have_got(engine: Engine, scratch: str) -> None:
    """Arguments, environment to the byte, name, signals, descriptors, capabilities and pid 1."""
    given = {**HOSTILE, "TZ": "UTC"}
    options = ["--hostname", "same", *(word for name in given for word in ("--env", f"{name}={given[name]}"))]
    alone = engine.run(scratch, "tell", "a b", options=("--entrypoint", "/witness", *options))
    command = ("run", "--only", "timezone", "--", "/witness", "tell", "a b")
    ours = engine.run(scratch, *command, options=(*ENTRY, *options))
    assert unordered(ours.out) == unordered(alone.out)
    assert (ours.code, ours.err) == (0, "")
    assert "LD_PRELOAD=/nowhere/preload.so" in alone.out


@pytest.mark.root("chroot")
def test_the_workload_gets_it_without_proc_too(bundle: Path, witness: Path, tmp_path: Path) -> None:
    """What the launcher has covered is found where it stands, not in /proc."""
    shutil.copytree(bundle, tmp_path / "probe", symlinks=True)
    shutil.copy(witness, tmp_path / "witness")

    alone = inside(tmp_path, "/witness", "tell", env=HOSTILE)
    command = ("/probe/bin/probe", "run", "--only", "timezone", "--", "/witness", "tell")
    assert inside(tmp_path, *command, env=HOSTILE) == alone
    assert "LD_PRELOAD=/nowhere/preload.so" in alone


POISON = (
    *("etc/ld.so.preload", "etc/ld.so.cache", "etc/ssl/openssl.cnf", "usr/lib/ssl/openssl.cnf"),
    *(f"{folder}/{name}" for folder in ("lib", "usr/lib", "lib64") for name in ("libz.so.1", "libssl.so.3")),
    *(f"lib/x86_64-linux-gnu/{name}" for name in ("libc.so.6", "libm.so.6", "libnss_compat.so.2")),
    *("usr/lib/python3.13/os.py", "usr/lib/python3.13/json.py", "json.py", "probe.py"),
)


def test_files_of_the_image_are_not_loaded(engine: Engine, scratch: str, tmp_path: Path) -> None:
    """Neither /etc/ld.so.preload nor libraries and modules at the usual places."""
    for name in POISON:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("/poison.so\n" if name.endswith("preload") else "raise SystemExit(9)\n")
    (tmp_path / "etc/nsswitch.conf").write_text("passwd: compat\nhosts: compat files\n")
    (tmp_path / "Dockerfile").write_text(f"FROM {scratch}\nCOPY . /\n")
    image = engine.build(tmp_path, "poisoned")
    endpoint = ("--set", 'ca-bundle.endpoints=["localhost:1"]')
    code, said = run(engine, image, "check", "--only", "ca-bundle", *endpoint)
    assert (code, "poison" in said, "ld.so" in said) == (1, False, False), said
    assert codes.CA_BUNDLE_MISSING.name in said


def test_the_bill_of_materials_is_sound(bundle: Path) -> None:
    """CycloneDX by its own schema; it names Python, OpenSSL, glibc and every package."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = (bundle / "share" / "sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text) is None
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text.replace('"purl"', '"pearl"')) is not None
    components = {component["name"]: component for component in json.loads(text)["components"]}
    wanted = {"certifi", "psutil", "tzdata", "waitress", "pyyaml"}
    assert wanted | {"libc6", "libssl3t64", "python3.13-minimal", "musl-dev"} <= set(components)
    assert all(component["version"] and component["licenses"] for component in components.values())
    assert "lib/libcrypto.so.3" in {part["name"] for part in components["libssl3t64"]["components"]}


def test_the_bill_of_materials_is_complete(bundle: Path) -> None:
    """Every program and library is in it with its hash, or belongs to a package that is."""
    bill = json.loads((bundle / "share" / "sbom.cdx.json").read_text())
    parts = [part for component in bill["components"] for part in component.get("components", [])]
    hashes = {part["name"]: part["hashes"][0]["content"] for part in parts if part["type"] == "file"}
    packages = {"psutil"}
    for path, _ in elves(bundle):
        name = str(path.relative_to(bundle))
        if not {part.partition(".")[0] for part in path.parts} & packages:
            assert hashes.pop(name) == hashlib.sha256(path.read_bytes()).hexdigest(), name
    assert not hashes


# In the place of the loader: tells what was held when it was started, and how the interpreter would be.
_TELLING = """#!/bin/sh
while read -r name value; do [ "$name" = SigBlk: ] && echo "$value"; done </proc/self/status
for word; do case $word in bundle=*) echo "$word";; esac; done
"""


@pytest.mark.parametrize("name", ["run", "check"])
def test_the_entrypoint_holds_signals_before_the_interpreter_is_there(
    bundle: Path, tmp_path: Path, name: str
) -> None:
    """All but faults, and what the caller held is handed on; other commands hold nothing."""
    shutil.copytree(bundle / "bin", tmp_path / "bin", symlinks=True)
    loader = tmp_path / "libexec" / "probe"
    loader.parent.mkdir()
    loader.write_text(_TELLING)
    loader.chmod(0o755)
    done = subprocess.run(
        [tmp_path / "bin/probe", name],
        preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGUSR2, signal.SIGTERM}),
        capture_output=True,
        text=True,
        timeout=20,
    )
    blocked, told = done.stdout.split()
    ours = {one for one in range(1, 65) if int(blocked, 16) >> (one - 1) & 1}
    if name == "run":
        assert ours >= block_signals.HELD - {signal.SIGKILL, signal.SIGSTOP}
        assert not ours & block_signals._FAULTS
        assert told == f"bundle={(1 << (signal.SIGUSR2 - 1)) | (1 << (signal.SIGTERM - 1)):x}"
        assert block_signals.held_before(told.partition("=")[2]) == {signal.SIGUSR2, signal.SIGTERM}
    else:
        assert (ours, told) == ({signal.SIGUSR2, signal.SIGTERM}, "bundle=0")


@pytest.mark.parametrize("style", [(), ("--serve", "127.0.0.1:0")], ids=["exec", "serve"])
def test_a_signal_that_comes_before_the_interpreter_counts(
    bundle: Path, witness: Path, style: tuple[str, ...]
) -> None:
    """As soon as the launcher has begun, SIGTERM ends the first process of a PID namespace as it should."""
    line = [str(bundle / "bin/probe"), "run", "--only", "timezone", *style, "--", str(witness), "sleep"]
    lost = 0
    for _ in range(20):
        namespace = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
        with subprocess.Popen([*namespace, *line], stderr=subprocess.DEVNULL, text=True) as process:
            first = _child(process.pid)
            while not _launcher_holds(first):  # after 0.3 ms; the interpreter takes 5 before it could
                continue
            os.kill(first, signal.SIGTERM)
            try:
                assert process.wait(timeout=10) in (143, -signal.SIGTERM)
            except subprocess.TimeoutExpired:
                lost += 1
                process.kill()
    assert not lost


def _launcher_holds(pid: int) -> bool:
    """Whether the process is the launcher or what it has become, and SIGTERM is held."""
    if f"{os.sep}probe" not in os.readlink(f"/proc/{pid}/exe"):
        return False
    held = re.search(r"SigBlk:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())
    return held is not None and bool(int(held[1], 16) >> (signal.SIGTERM - 1) & 1)


def _child(pid: int) -> int:
    """The first child of a process, as soon as it has one."""
    while True:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if found:
            return int(found[0])
