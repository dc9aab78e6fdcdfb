"""TLS for the listener, without a thread: handshakes go on as their pieces arrive, and hold nobody up."""

from __future__ import annotations

import time
from contextlib import suppress

from probe.agent import log, tls_socket
from probe.agent.channel import READ_BYTES, Channel
from probe.agent.file_changes import LOOK_S, Mark, mark
from probe.errors import ConfigError
from probe.lightweight import Any

_WAITING = (tls_socket.SSLWantReadError, tls_socket.SSLWantWriteError)


class CertificatePair:
    """Certificate and key of two PEM files; read again when either has changed, kept when that goes wrong."""

    def __init__(self, certificate: str, key: str) -> None:
        self.names = certificate, key
        self._marks = self._seen()
        self._context = self._loaded()
        self._looked_at = time.monotonic()

    def context(self) -> tls_socket.Context:
        """The context for a connection that comes now."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_S:
            self._looked_at = now
            self._look()
        return self._context

    def _look(self) -> None:
        """Take over what has changed. Each state of the files is tried, and told of, once."""
        before, self._marks = self._marks, []
        try:
            self._marks = self._seen()
            if self._marks != before:
                self._context = self._loaded()
                log.tell("info", "certificate reloaded", file=self.names[0])
        except ConfigError as problem:
            if self._marks != before:
                log.tell("error", "certificate rejected, keeping the old one", cause=str(problem))

    def _seen(self) -> list[Mark]:
        """By what a change of the files shows; ConfigError where one cannot be what it has to be."""
        return [mark(name, key) for name, key in zip(self.names, ("tls_cert", "tls_key"), strict=True)]

    def _loaded(self) -> tls_socket.Context:
        certificate, key = self.names
        try:
            return tls_socket.server(certificate, key, _no_password)
        except _Encrypted:
            raise ConfigError(f"{key}: is encrypted; agent.tls_key must need no password") from None
        except tls_socket.SSLError as problem:
            raise ConfigError(_wrong(certificate, key, problem.reason or "")) from None
        except OSError as problem:
            raise ConfigError(f"{certificate}, {key}: {problem.strerror}") from None


class _Encrypted(Exception):
    """A password is asked for."""


def _no_password() -> str:
    raise _Encrypted


def _wrong(certificate: str, key: str, reason: str) -> str:
    """Why OpenSSL does not take the pair, and which of the files is to blame where it can be told."""
    if reason == "KEY_VALUES_MISMATCH":
        return f"{key}: is not the key of the first certificate in {certificate}; agent.tls_key and tls_cert"
    if not tls_socket.takes(certificate):
        return f"{certificate}: holds no PEM certificate; agent.tls_cert must name one, its chain after it"
    return f"{key}: holds no PEM key that matches {certificate}; agent.tls_key must name one"


class TlsChannel(Channel):
    """A connection of waitress behind TLS. Those with something left in OpenSSL's buffer are in *held*."""

    socket: tls_socket.Socket  # type: ignore[assignment] # it has what we use
    weight = 8  # OpenSSL's buffers

    def __init__(
        self,
        context: tls_socket.Context,
        held: set[Any],
        server: Any,
        connection: Any,
        *more: Any,
        **named: Any,
    ) -> None:
        self._held = held
        self._shaken, self._must_write = False, False
        super().__init__(server, tls_socket.Socket(context, connection), *more, **named)

    def readable(self) -> bool:
        return bool(super().readable()) if self._shaken else not self._must_write

    def writable(self) -> bool:
        return bool(super().writable()) if self._shaken else self._must_write or self.will_close

    def handle_read(self) -> None:
        """Take what there is, as long as waitress wants more: what OpenSSL holds wakes nobody."""
        self._held.discard(self)
        if not self._shake():
            return
        try:
            while self.connected and self.readable():
                self.take(self.socket.recv(READ_BYTES))
        except _WAITING:
            return
        except OSError:
            self.handle_close()
            return
        if self.connected and self.socket.pending():
            self._held.add(self)

    def handle_write(self) -> None:
        if self.will_close or self._shake():
            super().handle_write()

    def send(self, data: bytes, do_close: bool = True) -> int:
        try:
            return int(super().send(data, do_close))
        except _WAITING:
            return 0

    def _shake(self) -> bool:
        """Go on with the handshake; whether it has ended well."""
        if self._shaken:
            return True
        try:
            self.socket.do_handshake()
        except tls_socket.SSLWantReadError:
            self._must_write = False
        except tls_socket.SSLWantWriteError:
            self._must_write = True
        except (OSError, ValueError):
            self.handle_close()
        else:
            self._shaken = True
        return self._shaken

    def _finish(self) -> None:
        self.handle_close()

    def handle_close(self) -> None:
        self._held.discard(self)
        if self._shaken and self.connected:
            with suppress(OSError, ValueError):
                self.socket.say_end()  # says that this is the end, and does not wait to hear the same
        super().handle_close()
