"""Exit codes, and the errors that end a command before it has a verdict."""

HEALTHY = 0
UNHEALTHY = 1
USAGE = 64  # EX_USAGE in sysexits(3)
CONFIG = 78  # EX_CONFIG in sysexits(3)


class ProbeError(Exception):
    """A command cannot go on. The text is one line for the user: what, where, what to do."""

    exit_code = UNHEALTHY


class UsageError(ProbeError):
    """The command line is wrong."""

    exit_code = USAGE


class ConfigError(ProbeError):
    """A configuration file, a PROBE_* variable or a --set value is wrong."""

    exit_code = CONFIG


class TargetError(ProbeError):
    """The target cannot be examined: it is not there, or a permission is missing."""
