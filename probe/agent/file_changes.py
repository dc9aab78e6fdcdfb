"""By what it is seen that a file of ours, such as one in a mounted Secret, has been replaced."""

import os
import stat

from probe import redact, syscalls
from probe.errors import ConfigError

LOOK_S = 1.0  # at most so often a file is looked at
_LARGEST = 1 << 20

Mark = tuple[int, int, int, int]


def shown(name: str) -> str:
    """*name*, unless it is no path at all: somebody may have written the secret where its file belongs."""
    return redact.path(name) if name.startswith(("/", "./", "../")) or os.path.lexists(name) else redact.MARK


def mark(name: str, key: str) -> Mark:
    """What tells one state of the file from another, links followed; ConfigError for what we cannot read."""
    try:
        status = os.stat(name)
        if not syscalls.accessible(name, os.R_OK):
            raise PermissionError(0, f"not readable by user {os.geteuid()}")
    except OSError as problem:
        raise ConfigError(
            f"{shown(name)}: {problem.strerror}; agent.{key} must name a readable file"
        ) from None
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        kind = "file" if key == "token_file" else "PEM file"
        raise ConfigError(f"{shown(name)}: is not a file of at most 1 MiB; agent.{key} must name a {kind}")
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
