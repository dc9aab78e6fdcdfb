"""The bearer token of `agent.token_file`."""

import time

from probe.agent import log
from probe.agent.file_changes import LOOK_S, Mark, mark, shown
from probe.errors import ConfigError

_SHORTEST, _LONGEST = 8, 4096  # bytes


class Token:
    """A token in a file; read again when that has changed, the old one kept when that goes wrong."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._mark: Mark | None = mark(name, "token_file")
        self._token = _read(name)
        self._looked_at = time.monotonic()

    def is_it(self, told: bytes) -> bool:
        """Whether *told* is the token, as the file holds it now."""
        import hmac  # it brings libcrypto, 4 MB that only those who set a token pay for

        now = time.monotonic()
        if now - self._looked_at >= LOOK_S:
            self._looked_at = now
            self._look()
        return hmac.compare_digest(told, self._token)

    def _look(self) -> None:
        """Take over what has changed. Each state of the file is tried, and told of, once."""
        before, self._mark = self._mark, None
        try:
            self._mark = mark(self._name, "token_file")
            if self._mark != before:
                self._token = _read(self._name)
                log.tell("info", "token reloaded", file=self._name)
        except ConfigError as problem:
            if self._mark != before:
                log.tell("error", "token rejected, keeping the old one", cause=str(problem))


def _read(name: str) -> bytes:
    try:
        with open(name, "rb") as stream:
            token = stream.read(_LONGEST + 1).strip()
    except OSError as problem:
        raise ConfigError(
            f"{shown(name)}: {problem.strerror}; agent.token_file must name a readable file"
        ) from None
    if not _SHORTEST <= len(token) <= _LONGEST:
        raise ConfigError(f"{name}: must hold {_SHORTEST} to {_LONGEST} bytes to be agent.token_file")
    return token
