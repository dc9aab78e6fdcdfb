"""Whether a go.mod makes the go command download another toolchain (cmd/go/internal/toolchain/select.go)."""

from __future__ import annotations

from probe import codes
from probe.golang import version
from probe.golang.command.gomod import GoMod
from probe.golang.command.toolchain import Toolchain
from probe.report import Finding, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCAL = "ENV GOTOOLCHAIN=local"


def findings(chosen: str, found: Toolchain | None, gomod: GoMod | None) -> Iterator[Finding]:
    """What GOTOOLCHAIN *chosen* and the go and toolchain lines of *gomod* come to."""
    own = version.read(found.version).release if found else None
    switches = chosen not in ("local", "path", "local+path", "", found.version if found else "")
    if found and own and gomod and _wanted(gomod) > own:
        line = f"toolchain {gomod.toolchain}" if _is_toolchain(gomod) else f"go {gomod.go}"
        told = f"go.mod says `{line}`, newer than the {found.version} that is here"
        if switches:
            cause = f"{told}; with GOTOOLCHAIN={chosen} the go command downloads that one first"
            remedy = "install that release, and ENV GOTOOLCHAIN=local"
            yield Finding(Status.FAIL, codes.OFFLINE_TOOLCHAIN, "GOTOOLCHAIN", cause, remedy)
            return
        if _needs(gomod) > own:  # a newer toolchain line alone is no reason to refuse
            cause = f"{told}; with GOTOOLCHAIN={chosen or 'local'} it refuses the module"
            yield Finding(Status.FAIL, codes.OFFLINE_GO_TOO_OLD, "go.mod", cause, f"install go{gomod.go}")
            return
    if switches:
        cause = f"GOTOOLCHAIN={chosen}: for a go.mod with a newer go line Go downloads a toolchain"
        yield Finding(Status.WARN, codes.OFFLINE_TOOLCHAIN, "GOTOOLCHAIN", cause, _LOCAL)


def _release(text: str) -> tuple[int, int, int]:
    return version.read(f"go{text.removeprefix('go')}").release or (0, 0, 0)


def _needs(gomod: GoMod) -> tuple[int, int, int]:
    return _release(gomod.go) if gomod.go else (0, 0, 0)


def _is_toolchain(gomod: GoMod) -> bool:
    return gomod.toolchain not in ("", "default") and _release(gomod.toolchain) > _needs(gomod)


def _wanted(gomod: GoMod) -> tuple[int, int, int]:
    return _release(gomod.toolchain) if _is_toolchain(gomod) else _needs(gomod)
