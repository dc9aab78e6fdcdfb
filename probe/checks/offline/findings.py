"""What several parts of the check say, as findings."""

from __future__ import annotations

from probe import codes, redact
from probe.lightweight import Iterable, Mapping
from probe.report import Action, Finding, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.command.environment import GoSetting

_OTHER_GO = codes.OFFLINE_GO_TOO_OLD, codes.OFFLINE_TOOLCHAIN


def no_network(known: Mapping[str, GoSetting]) -> Finding:
    cause = "nothing in the go command's environment uses the network"
    shown = (name for name in ("GOPROXY", "GOTOOLCHAIN") if name in known)
    evidence = {name: redact.value(name, known[name].value) for name in shown}
    return Finding(Status.PASS, codes.OFFLINE_ENVIRONMENT_OK, "environment", cause, (), evidence)


def no_module(directory: str, why: str) -> Finding:
    from probe.remedies import actions

    other = actions.ways(actions.configure("offline.module", "/path/to/the/module"))
    return Finding(Status.FAIL, codes.OFFLINE_NO_MODULE, directory, why, other)


def other_go(found: Iterable[Finding]) -> bool:
    """Whether *found* says that this go command would not build the module itself."""
    return any(one.code in _OTHER_GO and one.status is Status.FAIL for one in found)


def not_tried(
    directory: str, cause: str, way: Action, evidence: Mapping[str, object] | None = None
) -> Finding:
    """Whether the module can be built is not known."""
    from probe.remedies import actions

    return Finding(
        Status.UNKNOWN, codes.OFFLINE_NOT_TRIED, directory, cause, actions.ways(way), evidence or {}
    )
