"""Which modules a healthy `probe check` imports; python -m tests.support.preloaded writes probe.preloaded."""

import functools
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import certifi

import probe
from benchmarks import world
from tests.support.commands import clean_environment
from tests.support.toolchains import install

FILE = Path(probe.__file__).parent / "preloaded.py"
_HOME = Path(probe.__file__).parent.parent
# What a run needs before it knows its settings, and whether it will start commands.
_FIRST = "cli.exit cli.commands cli.std_streams cli.remote_mounts cli.check config.load targets.processes"
_BEFORE = "cli cli.start importer lightweight openssl_env posix_os preloaded room"
_DOC = """What a healthy `probe check` imports, each module after what it imports itself, for probe.importer.

Written by `python -m tests.support.preloaded`; tests/test_preloaded.py holds it to what is imported."""
_RUN = """
import posix, sys
sys.path += {paths}
leave = posix._exit
def tell(code):
    posix.write(2, " ".join([str(code), *(m[6:] for m in sys.modules if m[:6] == "probe.")]).encode())
    leave(code)
posix._exit = tell
from probe import importer
importer.preload = len
from probe.cli import main
main()
"""
_ORDER = """
import sys
from importlib.machinery import PathFinder
sys.path += {paths}
done = []
class Finder:
    def find_spec(name, path=None, target=None):
        spec = PathFinder.find_spec(name, path)
        if name[:6] == "probe.":
            load = spec.loader.exec_module
            spec.loader.exec_module = lambda module: (load(module), done.append(name[6:]))
        return spec
sys.meta_path.insert(0, Finder)
for name in sys.argv[1:]:
    __import__("probe." + name)
print(*done)
"""
# What there is of each of the modules, "preload"ed or else imported; the arguments are a folder and which.
FACTS = """
import sys
sys.path.append(sys.argv[1])
from probe import importer, preloaded
lists = [preloaded.COMMAND, preloaded.SUPERVISOR, preloaded.FORK, preloaded.RUN]
lists += [*preloaded.CHECKS.values(), preloaded.HANDSHAKE]
if sys.argv[2] == "preload":
    importer.install()
    for names in lists:
        importer.preload(names)
names = " ".join(lists).split()
for name, module in zip(names, [__import__("probe." + name, fromlist=["x"]) for name in names]):
    spec, parent = module.__spec__, sys.modules[("probe." + name).rpartition(".")[0]]
    codes = {key: value.__code__ for key, value in vars(module).items() if hasattr(value, "__code__")}
    print(sorted(vars(module)), {key: (code.co_firstlineno, code.co_code) for key, code in codes.items()})
    print(module.__name__, module.__package__, module.__file__, module.__cached__)
    print(getattr(parent, name.rpartition(".")[2]) is module, module.__loader__ is spec.loader)
    print(getattr(module, "__path__", None), spec.name, spec.origin, spec.cached, spec.has_location)
    print(spec.submodule_search_locations, spec.parent)
"""
_PATHS = [str(_HOME), str(Path(certifi.__file__).parent.parent)]


def imported(arguments: Sequence[str], env: Mapping[str, str]) -> set[str]:
    """The modules of the package that `probe check` imports, if none is loaded beforehand."""
    command = [sys.executable, "-I", "-S", "-c", _RUN.format(paths=_PATHS), "check", *arguments]
    clean = {**clean_environment(), "TZ": "UTC", "CGO_ENABLED": "0", "HOME": "/nowhere", **env}
    done = subprocess.run(command, env=clean, capture_output=True, text=True, timeout=60)
    code, *names = done.stderr.split()
    assert code == "0", done
    return set(names)


def in_order(names: set[str]) -> list[str]:
    """*names* and what they import, each after what it imports itself."""
    command = [sys.executable, "-I", "-S", "-c", _ORDER.format(paths=_PATHS), *sorted(names)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split()


@functools.cache
def lists() -> dict[str, list[str]]:
    """Of what a run needs at first, of each check, and of a handshake."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        ca = world.authority("Preloaded CA")
        (folder / "public.pem").write_bytes(world.well_known(3))
        (folder / "private.pem").write_bytes(ca.pem)
        (folder / "none").mkdir()
        public = {"SSL_CERT_FILE": f"{folder}/public.pem", "SSL_CERT_DIR": f"{folder}/none"}
        private = {**public, "SSL_CERT_FILE": f"{folder}/private.pem"}
        with_go = {"PATH": str(install("1.27.3").go.parent)}
        seen = {
            "timezone": imported(["--only", "timezone"], {}),
            "ca-bundle": imported(["--only", "ca-bundle", "--role", "ready"], public),
            "go-env": imported(["--only", "go-env"], with_go),
            "go-version": imported(["--only", "go-version"], with_go),
        }
        with world.servers(world.serving(ca, folder), 1, 0) as ports:
            endpoint = f'ca-bundle.endpoints=["localhost:{ports[0]}"]'
            shaken = imported(["--only", "ca-bundle", "--set", endpoint], private)
    first = set(in_order(set(_FIRST.split())))
    there = set(_BEFORE.split())  # by then
    supervisor = set(in_order({"targets.supervisor_line"})) - first
    fork = set(in_order({"targets.supervisor"})) - first - supervisor
    every = set.intersection(*seen.values()) - first
    found = {"COMMAND": first, "SUPERVISOR": supervisor, "FORK": fork, "RUN": every}
    found |= {name: modules - first - every - supervisor - fork for name, modules in seen.items()}
    found["HANDSHAKE"] = shaken - seen["ca-bundle"] - first
    order = in_order(set.union(*found.values()))
    return {title: [name for name in order if name in names - there] for title, names in found.items()}


def text() -> str:
    """Of the module probe.preloaded."""
    found = lists()
    parts = [f'"""\n{_DOC}\n"""\n']
    for title in ("COMMAND", "SUPERVISOR", "FORK", "RUN", "HANDSHAKE"):
        parts.append(f"{title} = {_block(found[title], 4)}")
    rows = [f"    {name!r}: {_block(found[name], 8)},".replace("'", '"') for name in found if name.islower()]
    parts.append("CHECKS = {\n" + "\n".join(rows) + "\n}")
    return "\n".join(parts) + "\n"


def _block(names: Sequence[str], indent: int) -> str:
    lines = textwrap.wrap(" ".join(names), 110 - indent)
    return '"""\n' + "".join(f"{' ' * indent}{line}\n" for line in lines) + " " * (indent - 4) + '"""'


if __name__ == "__main__":
    FILE.write_text(text())
