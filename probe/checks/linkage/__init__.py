"""
The opt-in check `linkage`: can the program be loaded here, with all that it is linked to?

It explains "exec /app: no such file or directory" about a file that is there. Nothing is run.
"""

from __future__ import annotations

from probe.lightweight import NamedTuple
from probe.options import Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from probe.checks.base import Run
    from probe.report import Finding
    from probe.targets import Target


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
        from probe.checks.linkage import program  # only where the check runs

        yield from program.look(target, run, self)
