"""What a run imports: nothing that it does not need. A container pays for it at every start."""

import ast
import re
import ssl
import subprocess
import sys
from pathlib import Path

import certifi
import pytest

import probe
from probe.golang.release import NEWEST
from probe.golang.x509 import public_roots
from tests.golang.root_worlds import DEBIAN, A, B
from tests.support.commands import clean_environment
from tests.support.public_roots import CERTIFICATES, certificates
from tests.support.toolchains import Toolchain
from tests.support.worlds import lay

_LISTS = """
import posix, sys
sys.path += {paths}
leave = posix._exit
def tell(code):
    posix.write(2, " ".join([str(code), *sys.modules]).encode())
    leave(code)
posix._exit = tell
from probe.cli import main
main()
"""
_PATHS = [str(Path(module.__file__ or "").parent.parent) for module in (probe, certifi)]
# Each imports much else; `probe.lightweight` holds what stands in for it.
HEAVY = {
    *("typing", "enum", "re", "dataclasses", "contextlib", "threading", "ssl", "json", "socket", "signal"),
    *("collections", "functools", "importlib", "inspect", "logging", "pathlib", "argparse", "subprocess"),
    *(
        "selectors",
        "struct",
        "os",
        "posixpath",
        "_collections_abc",
        "tomllib",
        "datetime",
        "random",
        "tempfile",
        "shutil",
        "traceback",
        "warnings",
        "ctypes",
    ),
    *(
        "hashlib",
        "difflib",
        "asyncio",
        "http",
        "urllib",
        "email",
        "cryptography",
        "psutil",
        "waitress",
        "yaml",
    ),
}


def imported(*arguments: str, **env: str) -> tuple[int, set[str]]:
    """The exit code of a command, and every module that was imported when it left."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _LISTS.format(paths=_PATHS), *arguments],
        env={**clean_environment(), **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    code, *modules = done.stderr.split()
    return int(code), set(modules)


@pytest.fixture
def environment(go_newest: Toolchain, tmp_path: Path) -> dict[str, str]:
    """In which all four checks pass, with the roots of a distribution: a machine may have others."""
    (none := tmp_path / "none").mkdir()
    bundle = tmp_path / "roots.pem"
    shipped = [der for der in certificates(CERTIFICATES) if public_roots.find(der, NEWEST)]
    bundle.write_text("".join(ssl.DER_cert_to_PEM_cert(der) for der in shipped))
    return {
        "PATH": str(go_newest.go.parent),
        "SSL_CERT_FILE": str(bundle),
        "SSL_CERT_DIR": str(none),
        "TZ": "UTC",
        "CGO_ENABLED": "0",
        "HOME": "/nowhere",
    }


def test_a_healthy_run_imports_nothing_heavy(environment: dict[str, str]) -> None:
    """The four checks with a real go command; no handshake, whose signatures `cryptography` verifies."""
    code, modules = imported("check", "--role", "ready", **environment)
    assert code == 0
    assert {"probe.checks.go_env", "probe.golang.x509.trust"} <= modules
    assert HEAVY & modules == set()


def test_what_shakes_hands_imports_nothing_heavy() -> None:
    """The modules alone: whether `cryptography` has to verify something is up to the server."""
    code = (
        f"import sys; sys.path += {_PATHS}; from probe import preloaded; "
        "[__import__(f'probe.{name}') for name in preloaded.HANDSHAKE.split()]; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert "probe.tls.concurrent" in done.stdout.split(), done.stderr
    assert HEAVY & set(done.stdout.split()) == set()


# What only a failure, a setting or a rare certificate has a use for.
NOT_ON_A_PASS = {
    *("remedies", "translations", "explain", "target_codes", "sequential"),
    *("likeness", "contexts", "output.text_findings", "checks.go_env.broken_rules"),
    *("checks.timezone.other_zone", "checks.timezone.zone_warnings", "golang.x509.mozilla"),
    *("config.agent", "config.address", "config.values", "config.files"),
    *("entrypoint.environment", "entrypoint.block_signals"),
    *("golang.godebug_defaults", "golang.command.build_flags", "golang.command.gomod"),
    *("golang.x509.mailbox", "golang.x509.certificate_constraints", "golang.x509.certificate"),
    *("checks.go_version.build_files", "checks.go_version.build_programs", "tls", "web"),
}
NOT_FOR_THE_ZONE = {
    "redact",
    "formats.pem",
    "golang.x509",
    "golang.net",
    "golang.tls",
    "golang.command.go_env",
    *("orphans", "prctl", "targets.supervisor", "targets.supervisor_line"),
}


@pytest.mark.parametrize(
    ("arguments", "without", "most_modules", "most_kb"),
    [
        (("--only", "timezone"), NOT_ON_A_PASS | NOT_FOR_THE_ZONE, 75, 380),
        (("--role", "ready"), NOT_ON_A_PASS, 120, 740),
    ],
    ids=["timezone", "ready"],
)
def test_a_pass_stays_as_light_as_it_is(
    arguments: tuple[str, ...],
    without: set[str],
    most_modules: int,
    most_kb: int,
    environment: dict[str, str],
) -> None:
    """Modules, and bytes of their source: what a start costs, whatever else the machine does."""
    code, modules = imported("check", *arguments, **environment)
    assert code == 0
    ours = {name for name in modules if name == "probe" or name.startswith("probe.")}
    inside = {name.partition(".")[2] for name in ours}
    assert "importer" in inside
    for part in without:
        assert not {name for name in inside if name == part or name.startswith(f"{part}.")}, part
    home = Path(probe.__file__).parent.parent
    places = [home.joinpath(*name.split(".")) for name in ours]
    size = sum((p / "__init__.py" if p.is_dir() else p.with_suffix(".py")).stat().st_size for p in places)
    assert len(ours) <= most_modules
    assert size <= most_kb * 1000


def test_an_ordinary_failure_imports_nothing_heavy_either(environment: dict[str, str]) -> None:
    """Not to guess a name, nor to try a remedy. The twin, JSON: what is heavy would be seen."""
    failing = {**environment, "PROBE_TIMEZONE__EXPECTED": "Asia/Shangai"}
    code, modules = imported("check", "--role", "ready", **failing)
    assert code == 1
    assert {"probe.likeness", "probe.remedies.trial"} <= modules
    assert HEAVY & modules == set()
    _, modules = imported("check", "--role", "ready", "--format", "json", **failing)
    assert "json" in modules


def test_one_check_brings_no_other(environment: dict[str, str]) -> None:
    """`--only timezone`: neither the code of another check nor what only that needs."""
    code, modules = imported("check", "--only", "timezone", **environment)
    assert code == 0
    ours = {name.partition(".")[2] for name in modules if name.startswith("probe.")}
    checks = {name for name in ours if name.startswith("checks.")}
    assert all(name.startswith("checks.timezone") for name in checks - {"checks.base"})
    for part in (
        "formats.pem",
        "formats.acl",
        "golang.x509",
        "golang.net",
        "golang.tls",
        "tls",
        "web",
        "explain",
        "inspect",
        "agent",
    ):
        assert not {name for name in ours if name == part or name.startswith(f"{part}.")}, part


@pytest.mark.parametrize(
    ("source", "brings"),
    [(("--set", "pinned.version=1"), True), (("--set", "strict=true"), False), (("--skip", "go-env"), False)],
)
def test_a_source_brings_the_checks_it_sets(
    source: tuple[str, ...], *, brings: bool, environment: dict[str, str]
) -> None:
    """The options of a check that does not run are imported only to validate a key of it."""
    code, modules = imported("check", "--only", "timezone", *source, **environment)
    assert code == 0
    assert ("probe.checks.pinned" in modules) is brings
    assert "probe.checks.image" not in modules


def test_a_healthy_run_imports_the_same_in_any_language(environment: dict[str, str]) -> None:
    """Not one module more; the twin shows that a failure does import the translations."""
    arguments = ("check", "--role", "ready")
    environment = {**environment, "LC_ALL": ""}
    in_english = imported(*arguments, **environment, LANG="C")
    in_chinese = imported(*arguments, **environment, LANG="zh_CN.UTF-8")
    assert in_english[0] == 0
    assert in_english == in_chinese
    unhealthy = {**environment, "TZ": "No/Where", "LANG": "zh_CN.UTF-8"}
    assert "probe.translations.phrases" in imported(*arguments, **unhealthy)[1]
    assert "probe.translations.phrases" not in imported(*arguments, **{**unhealthy, "LANG": "C"})[1]


# What imports nothing that the interpreter does not hold already, and what is also run as a script.
_WITHOUT_LIGHTWEIGHT = {
    "__main__.py",
    "cli/__init__.py",
    "entrypoint/block_signals.py",
    "cli/status_client.py",
}


def test_private_modules_are_imported_in_one_place() -> None:
    """By `probe.lightweight`; who needs the C half of a module says so by the module's own name."""
    package, found = Path(probe.__file__).parent, set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if any(name.startswith("_") and name != "__future__" for name in names):
                found.add(str(path.relative_to(package)))
    assert found == {"lightweight.py", *_WITHOUT_LIGHTWEIGHT}


def test_a_root_of_ones_own_that_is_in_the_bundle_costs_no_search(root: Path) -> None:
    """As in most images of companies: nothing is imported that looks for what is missing."""
    own = "/usr/local/share/ca-certificates/own.crt"
    for bundle, searches in ((A + B, False), (A, True)):
        lay(root, {DEBIAN: bundle, own: B})
        code, modules = imported("check", "--root", str(root), "--only", "ca-bundle")
        assert (code, "probe.remedies.authority" in modules) == (0, searches)


def test_every_module_can_be_imported() -> None:
    """Also those of failures: an annotation that is evaluated would end a run with a traceback."""
    code = (
        "import importlib, pkgutil, probe\n"
        "for one in pkgutil.walk_packages(probe.__path__, 'probe.'):\n"
        "    if not one.name.endswith('__main__'):\n"
        "        importlib.import_module(one.name)\n"
        "        print(one.name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=clean_environment(), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "probe.checks.ca_bundle.handshake_failed" in done.stdout.splitlines()


def test_no_pattern_has_a_possessive_group() -> None:
    """Until CPython 3.11.4 one matches what it should not: gh-106052. A repeated set of characters may be."""
    group = re.compile(r"(?<!\()\)(?:[*+?]|\{\d*,?\d*\})\+|\(\?>")
    assert group.search(r"(?:ab|c)*+")
    assert group.search(r"(?:a){2,12}+")
    found = [
        f"{path.name}:{node.lineno}"
        for path in Path(probe.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        if isinstance(
            text := node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value, str
        )
        if group.search(text) and "\n" not in text
    ]
    assert found == []
