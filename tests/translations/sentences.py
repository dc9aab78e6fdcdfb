"""The sentences that findings are made of, read from the code: what a cause or a remedy may say."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import probe

_PACKAGE = Path(probe.__file__).parent
_PLACES = ("checks", "targets", "remedies", "runner.py", "sequential.py")
_MORE = (
    *("formats/sums.py", "formats/pem.py", "golang/startable.py", "golang/program_form.py"),
    *(
        "golang/x509/root_use.py",
        "agent/reports.py",
        "agent/roles.py",
        "agent/schedule.py",
        "agent/workload.py",
    ),
)
_NO_FINDINGS = ("document.py", "write_test.py", "denial.py", "distribution.py")
# Calls whose strings are no sentence of a finding: errors of usage, and what is looked for in a text.
_ELSEWHERE = re.compile(
    r"\w*Error|compile|startswith|endswith|partition|removeprefix|removesuffix|split|replace|find"
)
_COMMAND = re.compile(
    r"\s*(?:(?:RUN|ENV|COPY|FROM|USER|ENTRYPOINT|CONNECT) |[a-z_.-]+ = |\[|\{\"|volume|securityContext"
    r"|resources|\w+=\S+ go |update-ca|go [a-z]|date|/opt|(?:docker|kubectl|probe|apt-get|apk|microdnf|dnf"
    r"|mkdir|yum|zypper|mv|cp|rm|rmdir|ln|ls|tar|sed|find|gpg|chmod|chown|install -d|setfacl|curl|cat|cd|echo"
    r"|mount|iconv|openssl|keytool|base64|sha256sum|df|findmnt|lsattr|file -L|ldd|umask|fuser|upx|ulimit"
    r"|timedatectl|chronyc|getent|grep|printf|pidof|useradd|pip|skopeo)[ :])"
)


class Sentence(NamedTuple):
    """A string of the code, and where it stands."""

    place: str
    text: str  # a NUL for each value

    @property
    def pieces(self) -> list[str]:
        """What stands between the values, where it is more than one word."""
        plain = (piece.strip(" ,;:.()\"'`=#") for piece in re.split("[\0\n]", self.text))
        return [piece for piece in plain if re.search(r"[a-z]{2,} [a-z]{2,}", piece)]


def sentences() -> Iterator[Sentence]:
    """All that may be of a cause or a remedy; commands are not."""
    for file in _files():
        for node, text in _strings(ast.parse(file.read_text())):
            for line in re.sub(r"\{\w+\}", "\0", text).split("\n"):
                found = Sentence(f"{file.relative_to(_PACKAGE)}:{node.lineno}", line)
                if found.pieces and not _COMMAND.match(line):
                    yield found


def _files() -> list[Path]:
    found = [_PACKAGE / name for name in (*_PLACES, *_MORE)]
    files = [
        file for place in found for file in ([place] if place.is_file() else sorted(place.rglob("*.py")))
    ]
    return [file for file in files if file.name not in _NO_FINDINGS]


def _strings(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Constants, and f-strings with a NUL for each value; none that is no text of a finding."""
    left_out: set[int] = set()
    for node in ast.walk(tree):
        left_out |= set(map(id, _left_out(node)))
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.JoinedStr):
            yield (
                node,
                "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values),
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node, node.value


def _left_out(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and isinstance(node.body[0], ast.Expr):
        yield node.body[0].value
    elif isinstance(node, ast.JoinedStr):
        yield from (part for part in node.values if isinstance(part, ast.Constant))
    elif isinstance(node, ast.Compare | ast.Subscript | ast.AnnAssign):  # patterns, and what an option is for
        yield from ast.walk(node)
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if _ELSEWHERE.fullmatch(name):
            yield from ast.walk(node)
