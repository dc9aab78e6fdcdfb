"""
The opt-in check `linkage`: can the program be loaded here, with all that it is linked to?

It explains "exec /app: no such file or directory" about a file that is there. Nothing is run.
"""

from __future__ import annotations

import os

from probe import codes
from probe.checks.base import Run
from probe.options import Option
from probe.report import Finding, Status
from probe.target import NotRegular, Target
from probe.values import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from probe.golang.binary import Binary, NoBinary

_SCRIPTS = 4  # of which one is the interpreter of the next; the kernel's own bound (fs/exec.c)
_LINE = 256  # bytes of a first line that the kernel reads (BINPRM_BUF_SIZE)


class _Settings(NamedTuple):
    binary: str = ""
    form: str = "any"
    cgo: str = "any"
    stripped: str = "any"
    max_mb: float = 0
    architecture: str = "machine"


class Linkage(_Settings):
    """The workload's program can be loaded, and is linked as agreed; runs only where it is configured."""

    __slots__ = ()
    name = "linkage"
    opt_in = True
    options = (
        Option("binary", "string", "the program; empty: the workload's own, or that of probe run"),
        Option("form", "choice", "how the program must be linked", ("any", "static", "dynamic")),
        Option("cgo", "choice", "what CGO_ENABLED must have been when it was built", ("any", "0", "1")),
        Option(
            "stripped", "choice", "whether it is without symbols and debug information", ("any", "yes", "no")
        ),
        Option("max_mb", "number", "how large it may be, in units of 10^6 bytes; 0: no limit", minimum=0),
        Option("architecture", "string", "the GOARCH that it is for; machine: that of this kernel; any"),
    )

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        path = target.path(self.binary) if self.binary else target.executable
        if not path:
            cause = "it is not known which program is started here"
            remedy = "probe check --set linkage.binary=/path/to/the/program"
            yield Finding(Status.UNKNOWN, codes.LINKAGE_UNKNOWN, "the program", cause, remedy)
            return
        yield from self._program(target, run, path, ())

    def _program(self, target: Target, run: Run, path: str, scripts: tuple[str, ...]) -> Iterator[Finding]:
        from probe.checks.linkage import policy, telling
        from probe.golang import binary

        run.phase(f"reading {path}")
        try:
            found = binary.read(target, path)
        except OSError as problem:
            yield telling.unreadable(path, (problem.strerror or str(problem)).lower())
            return
        if isinstance(found, binary.NoBinary):
            yield from self._no_program(target, run, found, scripts)
            return
        broken = list(self._broken(target, found))
        yield from broken
        wrong = [] if scripts else list(policy.judge(target, found, self))
        yield from wrong
        if not broken and not wrong:
            yield telling.fine(found, scripts)

    def _broken(self, target: Target, found: Binary) -> Iterator[Finding]:
        """What keeps it from being started: the first thing that the kernel or the loader meets."""
        from probe.checks.linkage import telling
        from probe.target import loading

        try:
            target.access(found.path, os.X_OK)
        except OSError:
            yield telling.not_executable(target, found)
            return
        if wrong := telling.wrong_architecture(found, self.architecture):
            yield wrong
        elif found.loader_present is False:
            yield telling.no_loader(target, found)
        elif found.elf.interpreter:
            yield from telling.libraries(target, found, loading.link(target, found.path, found.elf))

    def _no_program(
        self, target: Target, run: Run, found: NoBinary, scripts: tuple[str, ...]
    ) -> Iterator[Finding]:
        from probe.checks.linkage import telling

        path = found.path
        if found.kind == "missing":
            yield telling.missing(path, scripts)
        elif found.kind == "denied":
            yield telling.unreadable(path, "this user may not read it")
        elif found.reason != "a script":
            yield telling.no_program(path, found.reason)
        elif len(scripts) >= _SCRIPTS:
            yield telling.no_program(path, "a script for a script for a script, deeper than the kernel goes")
        else:
            yield from self._script(target, run, path, scripts)

    def _script(self, target: Target, run: Run, path: str, scripts: tuple[str, ...]) -> Iterator[Finding]:
        from probe.checks.linkage import telling

        try:
            target.access(path, os.X_OK)
            with target.open(path) as stream:
                line = stream.read(_LINE).partition(b"\n")[0][2:].strip(b" \t")
        except (OSError, NotRegular) as problem:
            yield telling.unreadable(path, str(problem))
            return
        # For the kernel only these two end the name, a carriage return does not.
        interpreter = line.replace(b"\t", b" ").partition(b" ")[0].decode("utf-8", "surrogateescape")
        if not interpreter:
            yield telling.no_program(path, "a script whose first line names no interpreter")
        elif interpreter.endswith("\r"):
            yield telling.carriage_return(path, interpreter)
        else:
            yield from self._program(target, run, target.path(interpreter), (*scripts, path))
