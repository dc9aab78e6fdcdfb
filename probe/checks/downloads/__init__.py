"""The opt-in check `downloads`: whether the go command can download a module here, along GOPROXY."""

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
        "golang.org/x/sync@v0.1.0", "string", 'the module to download, "example.com/m@v1.0.0"'
    )
    roles: tuple[str, ...] = option(
        ("startup",),
        "choices",
        "The roles that download; a run by hand always does.",
        ("startup", "ready"),
        refused=(("live", "restarting this container does not fix a remote server"),),
    )
    attempts: int = option(3, "integer", "How often the GOPROXY list is tried.", minimum=1, maximum=10)


class Downloads(_Settings):
    """GOPROXY leads to a module; runs only where it is configured."""

    __slots__ = ()
    name = "downloads"
    can_be_repeated = False
    options = declared(_Settings)

    def problem(self) -> str:
        """Why the module cannot be asked for; "" when it can."""
        if self.module == _Settings().module:
            return ""
        from probe.golang.command import modulefetch

        if modulefetch.parse(self.module):
            return ""
        wanted = 'write a module and its full version, "example.com/m@v1.0.0"'
        return f"downloads.module: {wanted}, not {self.module!r}"

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        """Yield what a download comes to, and what is odd on the way to it."""
        from probe.checks.downloads import check  # only where the check runs

        yield from check.run_check(self, target, run)
