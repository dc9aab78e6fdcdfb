"""
The opt-in check `linkage`: can the program be loaded here, with all that it is linked to?

It explains "exec /app: no such file or directory" about a file that is there. Nothing is run.
"""

from __future__ import annotations

from probe.lightweight import Iterator, NamedTuple
from probe.options import declared, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.base import Run
    from probe.report import Finding
    from probe.targets import Target


class _Settings(NamedTuple):
    binary: str = option("", "string", "the program; empty: the workload's own, or that of probe run")
    form: str = option("any", "choice", "how the program must be linked", ("any", "static", "dynamic"))
    cgo: str = option("any", "choice", "what CGO_ENABLED must have been when it was built", ("any", "0", "1"))
    stripped: str = option(
        "any", "choice", "whether it is without symbols and debug information", ("any", "yes", "no")
    )
    max_mb: float = option(0, "number", "how large it may be, in units of 10^6 bytes; 0: no limit", minimum=0)
    architecture: str = option(
        "machine", "string", "the GOARCH that it is for; machine: that of this kernel; any"
    )


class Linkage(_Settings):
    """The workload's program can be loaded, and is linked as agreed; runs only where it is configured."""

    __slots__ = ()
    name = "linkage"
    options = declared(_Settings)

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        from probe.checks.linkage import program  # only where the check runs

        yield from program.look(target, run, self)
