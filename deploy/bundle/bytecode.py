"""
Modules as bytecode without what nothing reads at run time, a path, or a time of the build.

Docstrings (a tenth of all bytecode) and assertions stay out; those of probe are for type checkers. So are the
annotations of its functions and the blocks `if TYPE_CHECKING:`. Columns (`-X no_debug_ranges`) stay out too:
there is no source to point into, and lines are kept.
"""

import __future__

import ast
import importlib.util
import marshal
from pathlib import Path


def compiled(name: str, path: Path, more: bytes = b"") -> bytes:
    """The code of a module, marshalled; *more* source comes after its own."""
    parts = name.split(".")
    relative = Path(*parts, "__init__.py") if path.name == "__init__.py" else Path(*parts).with_suffix(".py")
    tree = ast.parse(path.read_bytes() + more, str(relative))
    if parts[0] == "probe":
        tree = ast.fix_missing_locations(_WithoutTypes().visit(tree))
    flags = __future__.annotations.compiler_flag if parts[0] == "probe" else 0
    return marshal.dumps(compile(tree, str(relative), "exec", flags, dont_inherit=True, optimize=2))


def write_pyc(path: Path, code: bytes) -> None:
    """A file by itself; nobody looks for a source (PEP 552: unchecked hash)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + importlib.util.source_hash(code)
    path.with_name(path.name + ".pyc").write_bytes(head + code)


class _WithoutTypes(ast.NodeTransformer):
    """Takes out what is there for type checkers. Classes keep annotations: the fields of a NamedTuple."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        return ast.Pass() if node.module == "__future__" else node  # the compiler is told

    def visit_If(self, node: ast.If) -> "ast.AST | list[ast.stmt]":
        self.generic_visit(node)
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return node.orelse or ast.Pass()
        return node
