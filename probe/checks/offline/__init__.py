"""The opt-in check `offline`: a builder without a network really can build without one."""

from __future__ import annotations

from probe.checks.base import Run
from probe.lightweight import NamedTuple
from probe.options import declared, option
from probe.report import Finding
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class _Settings(NamedTuple):
    module: str = option(
        "", "string", "a directory in the target whose go.mod must need nothing from elsewhere"
    )
    listing: str = option(
        "",
        "string",
        "a file with one path a line, or of sha256sum(1): the files that tree must hold, in the target",
    )
    tree: str = option("/usr/local/go", "string", "the directory that the paths of the listing are below")


class Offline(_Settings):
    """Nothing that a build needs is asked for over the network; runs only where it is configured."""

    __slots__ = ()
    name = "offline"
    options = declared(_Settings)

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        """Yield what would need the network, then what of the module and of the listing is missing."""
        from probe.checks.offline import check  # only where the check runs

        yield from check.run_check(self, target, run)
