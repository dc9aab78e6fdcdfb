"""Lower layers never import higher ones, siblings never import each other."""

import ast
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

import probe
from tests.support.package_order import ORDER

ROOT = Path(probe.__file__).parent

# From the bottom to the top. A module may import from lines above its own, and from
# its own package's `base` or the package itself; never sideways, never upwards.
LAYERS = [
    {"posix_os", "contexts", "importer", "preloaded"},
    {"lightweight"},
    {"likeness"},
    {
        "errors",
        "deadline",
        "options",
        "redact",
        "codes",
        "samples",
        "prctl",
        "orphans",
        "syscalls",
        "openssl_env",
        "room",
        "words",
    },
    {"report"},
    {"translations"},
    {"formats"},
    {"targets"},
    {"golang"},
    {"tls"},
    {"web"},
    {"facts", "certificate_codes", "target_codes"},
    {"remedies"},
    {"checks", "inspect"},
    {"config"},
    {"sequential"},
    {"runner"},
    {"releases"},
    {"output", "explain"},
    {"demo", "agent", "entrypoint", "manifest"},
    {"node"},
    {"cli"},
]
# Packages whose modules stand each for itself; in the others they have an order (`package_order`).
INDEPENDENT = {"formats", "checks", "inspect"}
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if path.parent != ROOT or path.stem[0] != "_")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path, *, typed: bool = True) -> set[str]:
    """The names that a module imports from us; with those for type checkers alone where they are *typed*."""
    found: set[str] = set()
    tree = parsed(path)
    tests = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    skipped = set() if typed else {inner for test in tests for one in test.body for inner in ast.walk(one)}
    for node in set(ast.walk(tree)) - skipped:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("probe"):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("probe.")}
    return found


def test_data_flows_one_way() -> None:
    """Each module imports only what stands below it."""
    for path in modules():
        stands_above_all_it_imports(path)


def stands_above_all_it_imports(path: Path) -> None:
    mine = path.relative_to(ROOT).with_suffix("").parts
    assert mine[0] in RANK, f"{mine[0]} is in no layer"
    for name in imports(path):
        theirs = name.split(".")[1:]
        if theirs[0] in ("__version__", "__homepage__", "__documentation__"):
            continue
        if theirs[0] == mine[0]:
            if mine[0] in INDEPENDENT and mine[-1] != "__init__":
                assert theirs[1] in ("base", mine[1]), f"{path}: {name} is a sibling"
        else:
            assert RANK[theirs[0]] < RANK[mine[0]], f"{path}: {name} is not below"


def test_a_check_is_one_folder_with_the_same_files() -> None:
    """`__init__` with its settings and `run`, and `findings`; others by subject."""
    for folder in (path for path in (ROOT / "checks").iterdir() if (path / "__init__.py").exists()):
        assert (folder / "findings.py").exists(), folder
        classes = [
            node
            for path in folder.glob("*.py")
            for node in parsed(path).body
            if isinstance(node, ast.ClassDef) and "declared(_Settings)" in ast.unparse(node)
        ]
        (check,) = classes
        assert [ast.unparse(base) for base in check.bases] == ["_Settings"], folder
        assert {node.name for node in check.body if isinstance(node, ast.FunctionDef)} >= {"run"}, folder
        assert check.name in (folder / "__init__.py").read_text(), folder


def test_no_class_name_has_two_meanings() -> None:
    """But `_Settings`, which is in each check what it says."""
    nodes = (node for path in modules() for node in ast.walk(parsed(path)))
    names = Counter(node.name for node in nodes if isinstance(node, ast.ClassDef))
    assert {name for name, count in names.items() if count > 1} == {"_Settings"}


@pytest.mark.parametrize("package", ["formats", "golang", "tls", "web"])
def test_what_lies_below_the_checks_has_reasons_of_its_own(package: str) -> None:
    """The table from a reason to a code stands with those who tell it."""
    for path in (ROOT / package).rglob("*.py"):
        assert not {name for name in imports(path) if name.startswith("probe.codes")}, path


def test_the_architecture_names_every_layer_in_order() -> None:
    """The first diagram of ARCHITECTURE.md has all names, each layer below those before it."""
    diagram = (ROOT.parent / "ARCHITECTURE.md").read_text().split("```")[1].splitlines()
    told = [{name.rstrip("/") for name in line[:44].split()} for line in diagram]
    lines = {name: number for number, names in enumerate(told) for name in names}
    places = [{lines[name] for name in layer} for layer in LAYERS]
    for higher, lower in pairwise(places):
        assert max(higher) < min(lower)


# What ARCHITECTURE.md names that is neither a file nor in a module of ours.
ELSEWHERE = {"crypto/x509", "os._exit", "typing.NamedTuple", "run.facts", "run.tools", "Report.healthy"}


def test_the_architecture_names_what_is_there() -> None:
    """Each path, and each module or name in a module that is written with a dot."""
    repository = ROOT.parent
    named = set(re.findall(r"`([\w./]+[./][\w./]+)`", (repository / "ARCHITECTURE.md").read_text()))
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in modules()}
    names |= {".".join(path.parent.relative_to(ROOT).parts): path for path in ROOT.rglob("__init__.py")}
    for name in named - ELSEWHERE:
        if "/" in name or name.endswith((".py", ".c", ".yml", ".yaml", ".md")):
            filled = name.replace("NAME", "clock")
            assert (repository / filled).exists() or list(repository.glob(f"[dtp]*/**/{filled}")), name
            continue
        module, _, last = name.removeprefix("probe.").rpartition(".")
        whole = name.removeprefix("probe.")
        there = whole in names or (module in names and re.search(rf"\b{last}\b", names[module].read_text()))
        assert there or any(key.endswith(f".{whole}") for key in names), name


@cache
def graph() -> dict[str, set[str]]:
    """
    Each module and all that it imports at run time, inside functions too.

    What stands below TYPE_CHECKING is left out: there a check's modules name its settings.
    """
    names = {".".join(path.relative_to(ROOT.parent).with_suffix("").parts): path for path in modules()}
    names |= {f"probe.{path.parent.name}": path for path in ROOT.glob("*/__init__.py")}
    names = {name.removesuffix(".__init__"): path for name, path in names.items()}
    return {
        name: {
            theirs if theirs in names else theirs.rpartition(".")[0] for theirs in imports(path, typed=False)
        }
        - {name}
        for name, path in names.items()
    }


def test_no_import_leads_back() -> None:
    """Inside packages too, and from inside functions: there is an order in which all could be loaded."""
    left = graph()
    while ready := {name for name, needs in left.items() if not needs & set(left)}:
        left = {name: needs for name, needs in left.items() if name not in ready}
    assert not left, f"these import one another, or what does: {sorted(left)}"


def inside(package: str) -> dict[str, set[str]]:
    """The modules and folders of a package, and what each imports of them."""
    whole = f"probe.{package}"

    def unit(name: str) -> str:
        below = name.removeprefix(f"{whole}.")
        return "__init__" if name == whole else "" if below == name else below.partition(".")[0]

    found: dict[str, set[str]] = {}
    for name, needs in graph().items():
        if mine := unit(name):
            found[mine] = found.get(mine, set()) | set(map(unit, needs)) - {mine, ""}
    return found


@pytest.mark.parametrize("package", sorted(ORDER))
def test_data_flows_one_way_inside_a_package(package: str) -> None:
    """From the top of its list in `package_order` to the bottom, and no module is left out."""
    lines = [line.split() for line in ORDER[package].strip().splitlines()]
    rank = {name: number for number, names in enumerate(lines) for name in names}
    modules_inside = inside(package)
    table = "tests/support/package_order.py"
    assert sum(map(len, lines)) == len(rank)
    assert set(rank) == set(modules_inside), f"write what is new into {table}, below all that it imports"
    for name, needs in modules_inside.items():
        wrong = {other for other in needs if rank[other] >= rank[name]}
        assert not wrong, f"probe/{package}: {name} imports {wrong}, which {table} does not put above it"


def test_every_package_has_an_order() -> None:
    """But those whose modules stand for themselves, and a check of two modules."""
    folders = {path.parent for path in ROOT.rglob("__init__.py")} - {ROOT}
    several = {folder for folder in folders if len(list(folder.glob("*.py"))) > 1}
    several -= {ROOT / name for name in INDEPENDENT}
    several -= {path for path in (ROOT / "checks").iterdir() if len(list(path.glob("*.py"))) == 2}
    assert {".".join(folder.relative_to(ROOT).parts) for folder in several} == set(ORDER)


def test_no_test_module_imports_another_one() -> None:
    """What several need lives in tests/support, or in a helper module beside them."""
    for path in (ROOT.parent / "tests").rglob("*.py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
                assert not (node.module or "").rpartition(".")[2].startswith("test_"), (path, node.module)


def test_no_file_of_tests_is_longer_than_one_can_survey() -> None:
    """Split by subject; what several files need goes to tests/support or to a helper beside them."""
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT.parent / "tests").rglob("*.py")}
    assert not {path: length for path, length in lengths.items() if length >= 500}
