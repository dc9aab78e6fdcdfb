"""The opt-in check `offline`: a builder without a network really can build without one."""

from __future__ import annotations

from probe.checks.base import Run
from probe.lightweight import NamedTuple
from probe.options import Option
from probe.report import Finding
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class _Settings(NamedTuple):
    module: str = ""
    listing: str = ""
    tree: str = "/usr/local/go"


class Offline(_Settings):
    """Nothing that a build needs is asked for over the network; runs only where it is configured."""

    __slots__ = ()
    name = "offline"
    options = (
        Option("module", "string", "a directory in the target whose go.mod must need nothing from elsewhere"),
        Option(
            "listing",
            "string",
            "a file with one path a line, or of sha256sum(1): the files that tree must hold, in the target",
        ),
        Option("tree", "string", "the directory that the paths of the listing are below"),
    )

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        """Yield what would need the network, then what of the module and of the listing is missing."""
        from probe.checks.offline import check  # only where the check runs

        yield from check.run_check(self, target, run)
