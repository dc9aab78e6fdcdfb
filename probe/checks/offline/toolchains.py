"""Whether a go.mod makes the go command download another toolchain (cmd/go/internal/toolchain/select.go)."""

from __future__ import annotations

from probe import codes, redact
from probe.golang import filepath, version
from probe.golang.command.environment import GoSetting, value
from probe.golang.command.environment_places import look_path
from probe.golang.command.gomod import GoMod
from probe.golang.command.toolchain import Toolchain
from probe.lightweight import Iterator, Mapping
from probe.report import Finding, Status
from probe.targets import NotRegular, Target, TooLarge

_SHOWN = 80  # characters of a line of go.mod


def findings(
    target: Target, known: Mapping[str, GoSetting], found: Toolchain | None, gomod: GoMod | None
) -> Iterator[Finding]:
    """What GOTOOLCHAIN and the go and toolchain lines of *gomod* come to."""
    chosen, cache = value(known, "GOTOOLCHAIN"), value(known, "GOMODCACHE")
    own = version.read(found.version).release if found else None
    fixed, shown = chosen.partition("+")[0], redact.value("GOTOOLCHAIN", chosen)
    switches = chosen not in ("local", "", found.version if found else "") and not chosen.endswith("path")
    if found and own and switches and fixed.startswith("go1") and fixed != found.version:
        if not _is_here(target, fixed, cache):
            cause = (
                f"GOTOOLCHAIN={shown}: every go command first downloads that release; {found.version} is here"
            )
            yield _switches(Status.FAIL, cause)
        return
    if found and own and gomod and _wanted(gomod) > own:
        line = f"toolchain {gomod.toolchain}" if _is_toolchain(gomod) else f"go {gomod.go}"
        line = redact.text(line)[:_SHOWN]
        told = f"go.mod says `{line}`, newer than the {found.version} that is here"
        if switches:
            cause = f"{told}; with GOTOOLCHAIN={shown} the go command downloads that one first"
            yield _switches(Status.FAIL, cause)
            return
        if _needs(gomod) > own:  # a newer toolchain line alone is no reason to refuse
            cause = f"{told}; with GOTOOLCHAIN={shown or 'local'} it refuses the module"
            from probe.remedies import actions

            take = actions.ways(actions.from_image(f"golang:{gomod.go}"))
            yield Finding(Status.FAIL, codes.OFFLINE_GO_TOO_OLD, "go.mod", cause, take)
            return
    if switches:
        cause = f"GOTOOLCHAIN={shown}: for a go.mod with a newer go line Go downloads a toolchain"
        yield _switches(Status.WARN, cause)


def _switches(status: Status, cause: str) -> Finding:
    from probe.remedies import actions

    stay = actions.ways(actions.set_env("GOTOOLCHAIN", "local"))
    return Finding(status, codes.OFFLINE_TOOLCHAIN, "GOTOOLCHAIN", cause, stay)


def _is_here(target: Target, name: str, cache: str) -> bool:
    """Whether the toolchain *name* is in PATH, or unpacked in the module cache."""
    if look_path(target, name)[0]:
        return True
    try:
        unpacked = target.listdir(filepath.join(cache, "golang.org")) if cache else []
    except (OSError, NotRegular, TooLarge):
        return False
    return any(one.startswith(f"toolchain@v0.0.1-{name}.") for one in unpacked)


def _release(text: str) -> tuple[int, int, int]:
    return version.read(f"go{text.removeprefix('go')}").release or (0, 0, 0)


def _needs(gomod: GoMod) -> tuple[int, int, int]:
    return _release(gomod.go) if gomod.go else (0, 0, 0)


def _is_toolchain(gomod: GoMod) -> bool:
    return gomod.toolchain not in ("", "default") and _release(gomod.toolchain) > _needs(gomod)


def _wanted(gomod: GoMod) -> tuple[int, int, int]:
    return _release(gomod.toolchain) if _is_toolchain(gomod) else _needs(gomod)
