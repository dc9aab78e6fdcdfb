"""Variables that lead a program astray by its loader and libraries, and a line of every command."""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from probe.cli import commands

# Whoever loads it is seen by a file that it makes.
_MARKS = """
#include <fcntl.h>
#include <stdlib.h>
__attribute__((constructor)) static void loaded(void) {
	char *place = getenv("MARKER");
	if (place)
		creat(place, 0666);
}
int OSSL_provider_init(void *a, void *b, void **c, void **d) { return 0; }
int bind_engine(void *a, const char *b, const void *c) { return 1; }
unsigned int la_version(unsigned int version) { return version; }
int gconv_init(void *step) { return 0; }
int gconv(void) { return 0; }
"""
_CONFIGURED = """openssl_conf = a
[a]
providers = b
engines = d
ssl_conf = f
[b]
evil = c
default = g
[c]
module = {module}
activate = 1
[g]
activate = 1
[d]
evil = e
[e]
dynamic_path = {module}
init = 1
[f]
system_default = h
[h]
MaxProtocol = TLSv1.1
"""
_NAMES = (
    "libc.so.6",
    "libz.so.1",
    "libssl.so.3",
    "libcrypto.so.3",
    "libm.so.6",
    "libgcc_s.so.1",
    "libffi.so.8",
)
_MODULES = ("sitecustomize", "usercustomize", "json", "ssl", "os", "re", "probe", "encodings", "codecs")
# For which SSL_CERT_FILE and SSL_CERT_DIR are of the container that is judged.
_JUDGES_ROOTS = ("baseline", "inspect roots")

Line = tuple[str, ...]


def variables(folder: Path) -> dict[str, dict[str, str]]:
    """Each variable, with what goes with it; *folder* gets what they name, `out` in it what they may make."""
    (folder / "out").mkdir()
    (folder / "evil.c").write_text(_MARKS)
    module = folder / "evil.so"
    made = ["gcc", "-shared", "-fPIC", "-w", "-o", str(module), str(folder / "evil.c")]
    subprocess.run(made, check=True, timeout=60)
    (folder / "openssl.cnf").write_text(_CONFIGURED.format(module=module))
    places = {"libraries": _NAMES, "modules": ("legacy.so", "fips.so", "evil.so"), "engines": ("evil.so",)}
    for name, files in places.items():
        (folder / name).mkdir()
        for file in files:
            shutil.copy(module, folder / name / file)
    (folder / "gconv").mkdir()
    shutil.copy(module, folder / "gconv/EVIL.so")
    (folder / "gconv/gconv-modules").write_text(
        "module EUC-JP// INTERNAL EVIL 1\nmodule INTERNAL EUC-JP// EVIL 1\n"
    )
    (folder / "python").mkdir()
    for name in _MODULES:
        (folder / f"python/{name}.py").write_text("import posix\nposix.mkdir(posix.environ[b'MARKER'])\n")
    alone = {
        "OPENSSL_CONF": folder / "openssl.cnf",
        "OPENSSL_MODULES": folder / "modules",
        "OPENSSL_ENGINES": folder / "engines",
        "SSLKEYLOGFILE": folder / "out/keys",
        "SSL_CERT_FILE": folder / "none.pem",
        "SSL_CERT_DIR": folder / "none",
        "LOCPATH": folder / "python",
        "MALLOC_TRACE": folder / "out/trace",
        "MALLOC_CHECK_": "3",
        "MALLOC_PERTURB_": "165",
        "MALLOC_ARENA_MAX": "nonsense",
        "GLIBC_TUNABLES": "glibc.malloc.check=3:glibc.malloc.perturb=165",
        "LD_PRELOAD": module,
        "LD_AUDIT": module,
        "LD_LIBRARY_PATH": folder / "libraries",
        "LD_TRACE_LOADED_OBJECTS": "1",
        "LD_BIND_NOT": "1",
        "LD_SHOW_AUXV": "1",
        "PYTHONPATH": folder / "python",
        "PYTHONHOME": folder / "python",
        "PYTHONSTARTUP": folder / "python/json.py",
        "PYTHONUSERBASE": folder / "python",
        "PYTHONPLATLIBDIR": "nowhere",
        "PYTHONPYCACHEPREFIX": folder / "out/cache",
        "PYTHONHASHSEED": "nonsense",
        "PYTHONINSPECT": "1",
        "PYTHONVERBOSE": "1",
        "PYTHONMALLOC": "nonsense",
        "PYTHONIOENCODING": "nonsense",
        "PYTHONWARNINGS": "error",
        "PYTHONPROFILEIMPORTTIME": "1",
        "PYTHONDEVMODE": "1",
        "PYTHONTRACEMALLOC": "nonsense",
        "PYTHONFAULTHANDLER": "1",
        "PYTHONOPTIMIZE": "2",
        "PYTHONUTF8": "nonsense",
        "PYTHON_FROZEN_MODULES": "nonsense",
    }
    together = {
        "GCONV_PATH": {"GCONV_PATH": str(folder / "gconv"), "LC_ALL": "ja_JP.EUC-JP"},
        "LD_DEBUG": {"LD_DEBUG": "all", "LD_DEBUG_OUTPUT": str(folder / "out/debug")},
        "LD_PROFILE": {"LD_PROFILE": "libc.so.6", "LD_PROFILE_OUTPUT": str(folder / "out")},
    }
    return {name: {name: str(value)} for name, value in alone.items()} | together


def lines(folder: Path) -> dict[str, Line]:
    """
    A command line for every command that there is, and one for each --help; *folder* gets files they name.

    A new command has its --help at once, and a line of its own that the test asks for.
    """
    report = '{"schema": 1}\n'
    (folder / "report.json").write_text(report)
    digest = "0" * 64
    own: dict[str, tuple[str, ...]] = {
        "check": ("--only", "timezone"),
        "run": ("--only", "timezone", "--on-fail=warn", "--", "/nowhere/program"),
        "serve": ("127.0.0.1:0", "--only", "timezone", "--set", "agent.socket="),
        "status": ("--set", f"agent.socket={folder}/none", "--set", "checks=['timezone']"),
        "explain": ("ROOTS_NOT_FOUND",),
        "inspect": ("timezone",),
        "baseline": ("snapshot",),
        "config": ("--show",),
        "manifest": ("kubernetes",),
        "node": ("--format", "json", "--namespace", "none"),
        "merge": (str(folder / "report.json"),),
        "demo": ("--nonsense",),
        "completion": ("bash",),
        "man": (),
    }
    more: dict[str, Line] = {
        "pinned": ("check", "--only", "pinned", f'--set=pinned.files=["{digest}  {folder}/report.json"]'),
        "handshake": ("check", "--only", "ca-bundle", "--set=ca-bundle.endpoints=['127.0.0.1:1']"),
        "roots": ("inspect", "roots"),
        "schema": ("config", "--schema"),
        "lint": ("manifest", "--lint", str(folder / "report.json")),
        "version": ("--version",),
        "help": ("--help",),
    }
    told = {name: (name, *arguments) for name, arguments in own.items()} | more
    return told | {f"{name} --help": (name, "--help") for name in known()}


def known() -> list[str]:
    """The commands, from the table by which a command line is understood."""
    return [*commands.COMMANDS, *commands._MORE]


def outcome(probe: Sequence[str], line: Line, env: Mapping[str, str]) -> tuple[int, str, str]:
    """Exit code and what was printed; an agent is asked to end as soon as it listens."""
    with subprocess.Popen(
        [*probe, *line], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        if line[0] == "serve" and "--help" not in line and process.stderr:
            first = process.stderr.readline()
            process.terminate()
            process.communicate(timeout=60)
            return process.returncode, "", "" if b"listening" in first else first.decode("utf-8", "replace")
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    return process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


def _settled(told: tuple[int, str, str], given: Mapping[str, str]) -> tuple[int, str, str]:
    """Without how long it took, and without what a baseline records of the variables themselves."""
    code, out, err = told
    kept = [row for row in out.splitlines() if row.partition(" = ")[0] not in given]
    return code, re.sub(r"in [0-9.]+ m?s", "in a moment", "\n".join(kept)), err


_Settled = tuple[int, str, str]
Usual = dict[tuple[Line, str], _Settled]


def led_astray(
    probe: Sequence[str],
    line: Line,
    given: Mapping[str, str],
    folder: Path,
    base: Mapping[str, str],
    usual: Usual,
) -> str:
    """What *given* changes of what *line* does; "" for nothing. *usual* keeps what it does without."""
    ours = dict(given)
    if " ".join(line).startswith(_JUDGES_ROOTS) or "ca-bundle" in line or line[0] == "node":
        ours = {name: value for name, value in ours.items() if not name.startswith("SSL_CERT")}
    marker = folder / "marker"
    plain = {**base, **({"LC_ALL": ours["LC_ALL"]} if "LC_ALL" in ours else {})}
    key = line, plain["LC_ALL"]
    wanted = usual[key] = usual.get(key) or _settled(outcome(probe, line, plain), ours)
    found = _settled(outcome(probe, line, {**plain, **ours, "MARKER": str(marker)}), ours)
    made = sorted(str(path) for path in (marker, *(folder / "out").iterdir()) if path.exists())
    for path in map(Path, made):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
    if made:
        return f"{' '.join(line)}: made {made}"
    if found == wanted or (line[0] == "node" and found[0] in (0, 1) and not found[2]):
        return ""  # of the programs that run here others may have come and gone, and one of them is no pod's
    return f"{' '.join(line)}: {wanted} became {found}"
