"""
OpenSSL by the C half of the standard library's `ssl`.

`ssl` and `socket` make enums of a few hundred names at their import, and bring `enum`, `re`,
`selectors` and `base64` for it. What is used
of them is in their halves in C (`probe.lightweight`), and the public classes hand it on unchanged
(Lib/ssl.py: SSLContext.wrap_bio, SSLObject). tests/tls/test_openssl.py holds the two together.
"""

from __future__ import annotations

from probe.lightweight import Any, ssl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Connection(Protocol):
        """What ssl.SSLObject wraps."""

        def do_handshake(self) -> None: ...
        def shutdown(self) -> object: ...
        def read(self, limit: int, /) -> bytes: ...
        def write(self, data: bytes, /) -> int: ...
        def version(self) -> str | None: ...
        def cipher(self) -> tuple[str, str, int] | None: ...
        def get_unverified_chain(self) -> list[Any] | None: ...
        def get_verified_chain(self) -> list[Any] | None: ...


__all__ = (
    "CERT_NONE",
    "Context",
    "MemoryBIO",
    "SSLCertVerificationError",
    "SSLError",
    "SSLWantReadError",
    "SSLZeroReturnError",
    "client",
    "connection",
    "presented",
    "verified",
)

CERT_NONE = ssl.CERT_NONE
Context = ssl._SSLContext
MemoryBIO = ssl.MemoryBIO
SSLCertVerificationError = ssl.SSLCertVerificationError
SSLError = ssl.SSLError
SSLWantReadError = ssl.SSLWantReadError
SSLZeroReturnError = ssl.SSLZeroReturnError


def client() -> Context:
    """A client's context from TLS 1.2 on that verifies everything and knows no roots yet."""
    # Not create_default_context: from 3.13 on that is strict about X.509, which Go is not.
    context = Context(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.PROTO_TLSv1_2
    return context


def connection(context: Context, incoming: MemoryBIO, outgoing: MemoryBIO, name: str | None) -> Connection:
    """A connection of a client; *name* is sent and compared as it is, without IDNA."""
    made: Connection = context._wrap_bio(  # type: ignore[attr-defined]
        incoming, outgoing, server_side=False, server_hostname=name
    )
    return made


def presented(tls: Connection) -> list[bytes]:
    """The certificates that the server has sent, in DER."""
    return [certificate.public_bytes(ssl.ENCODING_DER) for certificate in tls.get_unverified_chain() or ()]


def verified(tls: Connection) -> list[bytes]:
    """The chain that OpenSSL has built and verified, in DER."""
    return [certificate.public_bytes(ssl.ENCODING_DER) for certificate in tls.get_verified_chain() or ()]
