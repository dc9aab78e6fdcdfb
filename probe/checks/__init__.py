"""Every check by its name, in the order of a report. A run imports those that it runs."""

from __future__ import annotations

from probe.lightweight import Container, NamedTuple, cast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.base import Check


class CheckEntry(NamedTuple):
    """Where a check is found."""

    name: str  # in reports, and of its table in the configuration
    module: str  # below probe.checks
    settings: str  # its class
    opt_in: bool = False  # runs only where its table or `checks` names it
    starts_commands: bool = False  # in most containers; another check does where files do not tell enough


CHECKS = (
    CheckEntry("go-version", "go_version", "GoVersion", starts_commands=True),
    CheckEntry("go-env", "go_env", "GoEnv", starts_commands=True),
    CheckEntry("ca-bundle", "ca_bundle", "CaBundle"),
    CheckEntry("timezone", "timezone", "TimeZone"),
    CheckEntry("image", "image", "Image", opt_in=True),
    CheckEntry("permissions", "permissions", "Permissions", opt_in=True),
    CheckEntry("linkage", "linkage", "Linkage", opt_in=True),
    CheckEntry("pinned", "pinned", "Pinned", opt_in=True),
    CheckEntry("clock", "clock", "Clock", opt_in=True),
    CheckEntry("baseline", "baseline", "Baseline", opt_in=True),
    CheckEntry("downloads", "downloads", "Downloads", opt_in=True),
    CheckEntry("offline", "offline", "Offline", opt_in=True, starts_commands=True),
    CheckEntry("limits", "limits", "Limits", opt_in=True),
)
NAMES = tuple(entry.name for entry in CHECKS)


def start_commands(names: Container[str]) -> bool:
    """Whether one of the checks *names* starts commands in most containers."""
    return any(entry.starts_commands and entry.name in names for entry in CHECKS)


def load(name: str) -> Check:
    """The check *name* with its default settings; KeyError when there is none."""
    entry = {entry.name: entry for entry in CHECKS}[name]
    module = __import__(f"probe.checks.{entry.module}", fromlist=[entry.settings])
    return cast("Check", getattr(module, entry.settings)())
