"""The environment and the types of what tests/conftest.py gives: targets, and commands that were run."""

import os
import signal
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from probe.targets import Target

# What a machine may carry and what would change what a test sees.
_HOSTILE = ("SSL_", "GO", "PROBE_", "PYTHON", "CGO_", "OPENSSL_")
_NAMES = {"TZ", "TZDIR", "ZONEINFO", "NO_COLOR", "NETRC", "REQUEST_METHOD", "CC"}


def clean_environment() -> dict[str, str]:
    """The environment without anything that Go, OpenSSL, Python or probe would follow."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_HOSTILE)
        and name not in _NAMES
        and not name.lower().endswith("_proxy")
        and not name.startswith("XDG_")
    }


class MakeTarget(Protocol):
    def __call__(self, files: Mapping[str, bytes | str] | None = None, **env: str) -> Target: ...


class Completed(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


class RunProbe(Protocol):
    def __call__(self, *args: str, timeout: float = 60, cwd: str | None = None, **env: str) -> Completed: ...


def default_signals() -> None:
    """No signal that whoever started us has ignored, as nohup and `&` do, stays so for what we start."""
    for number in signal.valid_signals() - {signal.SIGPIPE, signal.SIGXFSZ}:  # those Python ignores itself
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
