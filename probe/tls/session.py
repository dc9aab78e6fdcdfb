"""A TLS handshake over a stream: OpenSSL does it, our own loop bounds it."""

from __future__ import annotations

from probe.golang.release import Go
from probe.golang.tls import offer
from probe.lightweight import Sequence, suppress
from probe.tls import errors, openssl, reasons
from probe.tls.errors import HANDSHAKE, Failed
from probe.tls.server_reply import RETRY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.tls.stream import Stream

BYTE_LIMIT = 512 << 10  # of a whole handshake; Go takes a certificate message of 256 KiB
RECORDED = 16 << 10  # bytes of what the server sent first that are kept to be looked at
_SHOWN = 60  # of the first bytes of what is no TLS
_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE_RECORD = 20, 21, 22  # kinds of records
_HELLO_REQUEST = 0  # a message
_MOST_IGNORED = 16  # records in a row (conn.go:maxUselessRecords)
# SSL_OP_LEGACY_SERVER_CONNECT, _NO_TICKET, _NO_ENCRYPT_THEN_MAC: Go asks for no RFC 5746, 5077 and 7366.
_AS_GO = 1 << 2 | 1 << 14 | 1 << 19


def looking(go: Go) -> openssl.Context:
    """
    A context that takes any certificate, to look at. Nothing is sent over its connections
    but by `probe.web`, and there only after Go's rules have judged.

    It offers what *go* offers as far as OpenSSL can be told to, without OpenSSL's own
    idea of what is secure.
    """
    context = openssl.client()
    context.check_hostname = False
    context.verify_mode = openssl.CERT_NONE
    context.set_ciphers(":".join(suite.openssl for suite in offer.suites(go)) + ":@SECLEVEL=0")
    context.options |= _AS_GO
    return context


def trusting(context: openssl.Context, roots: Sequence[bytes]) -> openssl.Context:
    """*context*, which trusts those of *roots* (DER) from now on that OpenSSL can read."""
    for root in roots:
        with suppress(openssl.SSLError):
            context.load_verify_locations(cadata=root)
    return context


class Session:
    """TLS over a stream; a stream itself."""

    def __init__(self, stream: Stream, context: openssl.Context, name: str | None) -> None:
        self._stream = stream
        self._incoming, self._outgoing = openssl.MemoryBIO(), openssl.MemoryBIO()
        self._tls = openssl.connection(context, self._incoming, self._outgoing, name)
        self._received = 0
        self._refused = ""
        self.recorded = bytearray()  # what the server sent first, as it came

    def begin(self) -> None:
        """Send the first message, and wait for nothing."""
        with suppress(openssl.SSLWantReadError):
            self._tls.do_handshake()
        self._flush()

    def handshake(self) -> None:
        """Shake hands, or raise Failed; openssl.SSLCertVerificationError where OpenSSL is to judge."""
        while True:
            try:
                self._tls.do_handshake()
            except openssl.SSLWantReadError:
                self._flush()
                self._feed()
            except openssl.SSLCertVerificationError:
                self._flush(quietly=True)
                raise
            except openssl.SSLError as problem:
                self._flush(quietly=True)
                raise self._odd() or self._failed(problem) from None
            else:
                self._flush()
                if odd := self._odd():
                    raise odd
                return

    @property
    def protocol(self) -> str:
        return self._tls.version() or ""

    @property
    def cipher(self) -> str:
        found = self._tls.cipher()
        return found[0] if found else ""

    def presented(self) -> list[bytes]:
        """The certificates that the server sent, leaf first, in DER; also after a failed handshake."""
        return openssl.presented(self._tls)

    def verified(self) -> list[bytes]:
        """The chain that OpenSSL has built and verified, leaf first, root last."""
        return openssl.verified(self._tls)

    def close(self) -> None:
        """Say goodbye, so that nobody logs an error. What the other side has said can still be read."""
        try:
            self._tls.shutdown()
        except (openssl.SSLError, ValueError) as problem:
            self._note(problem)
            self._flush(quietly=True)

    def refusal(self) -> str:
        """
        The alert by which the server has refused us since the handshake, in words; "" for none.

        In TLS 1.3 a client has shaken hands before the server has looked for its
        certificate (RFC 8446 4.4.2.4): the alert comes with the first read. Does not wait.
        """
        self._incoming.write(self._stream.waiting())
        try:
            self._tls.read(1)
        except openssl.SSLError as problem:
            self._note(problem)
        return self._refused

    def _note(self, problem: Exception) -> None:
        if isinstance(problem, openssl.SSLError) and errors.refuses_client(problem):
            self._refused = errors.words(problem)

    def send(self, data: bytes) -> None:
        self._tls.write(data)
        self._flush()

    def receive(self, limit: int = 16 << 10) -> bytes:
        while True:
            try:
                return self._tls.read(limit)
            except openssl.SSLWantReadError:
                self._feed()
            except openssl.SSLZeroReturnError:
                return b""
            except openssl.SSLError as problem:
                raise self._failed(problem) from None

    def waiting(self, limit: int = 16 << 10) -> bytes:
        self._incoming.write(self._stream.waiting())
        try:
            return self._tls.read(limit)
        except openssl.SSLError:
            return b""

    def _flush(self, *, quietly: bool = False) -> None:
        data = self._outgoing.read()
        if not data:
            return
        try:
            self._stream.send(data)
        except Failed:
            if not quietly:
                raise

    def _feed(self) -> None:
        """Hand on what comes next."""
        try:
            data = self._stream.receive()
        except Failed as failed:
            raise self._seen(failed) from None
        if not data:
            raise self._closed()
        self._received += len(data)
        self.recorded += data[: RECORDED - len(self.recorded)]
        if not _may_be_tls(self.recorded):
            shown = _printable(bytes(self.recorded[:_SHOWN]))
            raise Failed(reasons.NOT_TLS, HANDSHAKE, f"its first bytes are {shown}")
        if self._received > BYTE_LIMIT:
            raise Failed(reasons.TOO_MUCH_DATA, HANDSHAKE, f"more than {BYTE_LIMIT} bytes")
        self._incoming.write(data)

    def _closed(self) -> Failed:
        detail = "in the middle of it" if self._received else "before it sent anything (EOF)"
        return self._seen(Failed(reasons.CLOSED, HANDSHAKE, f"closed {detail}"))

    def _odd(self) -> Failed | None:
        """What Go fails at in what the server has sent, whatever OpenSSL makes of it."""
        if odd := odd_record(self.recorded, tls13=self.protocol == "TLSv1.3"):
            return Failed(reasons.NOT_TLS, HANDSHAKE, f"{odd}, which Go rejects")
        return None

    def _failed(self, problem: openssl.SSLError) -> Failed:
        if isinstance(problem, openssl.SSLZeroReturnError):  # close_notify: to Go the end, as EOF is
            return self._closed()
        return self._seen(errors.from_ssl(problem, certificate_seen=bool(self.presented())))

    def _seen(self, failed: Failed) -> Failed:
        failed.presented = self.presented()
        failed.answered, failed.retried = _has_handshake(self.recorded), RETRY in self.recorded
        return failed


def _may_be_tls(start: bytes | bytearray) -> bool:
    """Whether it may be TLS: an alert or a handshake record (crypto/tls/conn.go:readRecordOrCCS)."""
    return start[0] in (21, 22) and (len(start) < 2 or start[1] < 0x10)


def odd_record(data: bytes | bytearray, *, tls13: bool) -> str:
    """
    What Go rejects and OpenSSL passes over in *data*, the first that a server sent; "" for nothing.

    crypto/tls/conn.go:readRecordOrCCS, of the records before those that are encrypted.
    """
    plain = (_ALERT, _HANDSHAKE_RECORD, _CHANGE_CIPHER_SPEC if tls13 else _ALERT)
    at = ignored = 0
    messages = bytearray()
    while at + 5 <= len(data):
        kind, size = data[at], int.from_bytes(data[at + 3 : at + 5], "big")
        if kind not in plain:
            break
        if kind == _HANDSHAKE_RECORD and not size:
            return "it sends an empty record of the handshake"
        ignored = 0 if kind == _HANDSHAKE_RECORD else ignored + 1
        if ignored > _MOST_IGNORED:
            return f"it sends more than {_MOST_IGNORED} records that say nothing"
        if kind == _HANDSHAKE_RECORD:
            messages += data[at + 5 : at + 5 + size]
        at += 5 + size
    at = 0
    while at + 4 <= len(messages):
        if messages[at] == _HELLO_REQUEST:
            return "it sends a HelloRequest within the handshake"
        at += 4 + int.from_bytes(messages[at + 1 : at + 4], "big")
    return ""


def _has_handshake(data: bytes | bytearray) -> bool:
    """Whether a record of the handshake is in it; alerts may come before."""
    at = 0
    while at + 5 <= len(data) and data[at] != 22:
        at += 5 + int.from_bytes(data[at + 3 : at + 5], "big")
    return at < len(data) and data[at] == 22


def _printable(data: bytes) -> str:
    text = "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in data)
    return f'"{text}"'
