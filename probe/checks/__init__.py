"""The checks, each with its default settings. To add one is to name it here."""

from probe.checks.base import Check
from probe.checks.baseline import Baseline
from probe.checks.ca_bundle import CaBundle
from probe.checks.clock import Clock
from probe.checks.downloads import Downloads
from probe.checks.go_env import GoEnv
from probe.checks.go_version import GoVersion
from probe.checks.image import Image
from probe.checks.linkage import Linkage
from probe.checks.offline import Offline
from probe.checks.permissions import Permissions
from probe.checks.pinned import Pinned
from probe.checks.timezone import TimeZone

CHECKS: tuple[Check, ...] = (
    GoVersion(),
    GoEnv(),
    CaBundle(),
    TimeZone(),
    Image(),
    Permissions(),
    Linkage(),
    Pinned(),
    Clock(),
    Baseline(),
    Downloads(),
    Offline(),
)
