"""
The opt-in check `permissions`: can this user use the directories that Go needs?

The way to each is followed from the root of the target, and the first link that breaks is named.
"""

from __future__ import annotations

from probe.lightweight import Iterator, NamedTuple
from probe.options import declared, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.base import Run
    from probe.report import Finding
    from probe.targets import Target

# As probe.golang.command.directories has them, which is read only where the check runs.
_NAMES = ("GOROOT", "GOPATH", "GOMODCACHE", "GOCACHE", "GOBIN", "TMPDIR")


class _Settings(NamedTuple):
    execute: tuple[str, ...] = option(
        ("GOROOT",), "strings", "what must be readable and executable: paths, or GOROOT"
    )
    write: tuple[str, ...] = option(
        ("GOPATH", "GOMODCACHE", "GOCACHE", "GOBIN", "TMPDIR"),
        "strings",
        "what must be usable for writing: paths, or GOPATH, GOMODCACHE, GOCACHE, GOBIN, TMPDIR",
    )
    read: tuple[str, ...] = option((), "strings", "files and directories that must be readable: paths")
    touch: bool = option(False, "boolean", "create a file in each directory of `write` and delete it again")
    min_free_mb: float = option(1, "number", "how many MiB must be free where files are written", minimum=0)


class Permissions(_Settings):
    """The user of this container may use its directories; runs only where it is configured."""

    __slots__ = ()
    name = "permissions"
    options = declared(_Settings)

    def problem(self) -> str:
        allowed = {"execute": _NAMES[:1], "write": _NAMES[1:], "read": ()}
        for key, names in allowed.items():
            for entry in getattr(self, key):
                if entry not in names and not entry.startswith("/"):
                    known = f" or {', '.join(names)}" if names else ""
                    return f"permissions.{key}: {entry!r} must be an absolute path{known}"
        return (
            "" if self.execute or self.write or self.read else "permissions.write: nothing is left to check"
        )

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        from probe.checks.permissions import directories  # only where the check runs

        yield from directories.look(target, run, self)
