"""The verdict on one process, as `probe check --pid N` gives it, and what it was read from."""

from __future__ import annotations

import os
import sys

from probe.checks import CHECKS
from probe.errors import TargetError
from probe.golang import binary
from probe.golang.binary import Binary
from probe.lightweight import Any, Callable, Iterator, Mapping, Sequence, suppress
from probe.node import programs
from probe.node.programs import DENIED, GONE, Program, ProgramVerdict
from probe.node.watched import WatchedFiles
from probe.output.json import as_json
from probe.targets import reasons
from probe.targets.errors import TargetUnavailable
from probe.targets.process import of_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.node.watched import Seen
    from probe.report import Report
    from probe.targets import Target
    from probe.targets.access import User

# Of handshakes, which no scan makes: OpenSSL would take another 4 MB.
_LIVE = {"auto_endpoints", "certificate_rejected", "extra_roots"}
_ENDED = (reasons.GONE, reasons.NOT_FOUND)


def preload(checks: Sequence[str]) -> None:
    """Import what these checks may need, once for all children: their packages, and what makes remedies."""
    named = {entry.name: entry.module for entry in CHECKS}
    for package in (*(f"probe.checks.{named[name]}" for name in checks), "probe.remedies"):
        found = __import__(package, fromlist=["__path__"])
        for path in getattr(found, "__path__", ()):
            for name in _modules(path):
                if name not in _LIVE and not name.startswith("handshake"):
                    __import__(f"{package}.{name}")


def _modules(path: str) -> Iterator[str]:
    """The modules in a package's folder, or in what stands for it; pkgutil would import `inspect`."""
    for hook in sys.path_hooks:
        with suppress(ImportError):
            finder = hook(path)
            if hasattr(finder, "iter_modules"):
                yield from (name for name, _ in finder.iter_modules())
                return
    for entry in sorted(os.listdir(path)):
        name, _, kind = entry.partition(".")
        if kind == "py" and name != "__init__":
            yield name


def verdict(
    program: Program, env: Mapping[str, str], report: Callable[[Target], Report]
) -> tuple[ProgramVerdict, Seen] | str:
    """The verdict and what was seen; GONE or DENIED where the process cannot be looked at."""
    trees: list[WatchedFiles] = []

    def tree(root: str, user: User) -> WatchedFiles:
        trees.append(WatchedFiles(root, user))
        return trees[-1]

    try:
        target = of_process(program.pid, started_with=env, tree=tree)
    except TargetUnavailable as problem:
        return GONE if problem.reason in _ENDED else DENIED
    except TargetError:
        return DENIED
    found = report(target)
    if not programs.runs_still(program):
        return GONE
    return of_report(as_json(found), target), trees[-1].seen


def of_report(report: Mapping[str, Any], target: Target) -> ProgramVerdict:
    """*report* on *target*, and by which Go its program was built."""
    go = binary.read(target, target.executable) if target.executable else None
    told = go if isinstance(go, Binary) and go.info else None
    return ProgramVerdict(
        report,
        target.executable,
        told.info.version if told and told.info else "",
        told.go_line if told else "",
        told is not None and told.godebug.get("fips140") in ("on", "only", "debug"),
    )
