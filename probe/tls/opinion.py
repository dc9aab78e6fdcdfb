"""OpenSSL's own opinion of a server, which clients such as curl and Python share."""

from itertools import pairwise

from probe import codes
from probe.tls import openssl
from probe.tls.failure import Failed
from probe.tls.line import Line
from probe.tls.session import Session
from probe.values import NamedTuple

Pair = tuple[bytes, bytes]  # DER of a certificate and of the one that has signed it


class Opinion(NamedTuple):
    """Whether OpenSSL accepts the server; None where it could not be asked."""

    ok: bool | None
    detail: str  # its words when it refuses, or why it was not asked
    signed: frozenset[Pair] = frozenset()  # signatures that it has verified on the way


class Inquiry:
    """A second handshake, as OpenSSL's clients make it; begun first, and ended when there is time."""

    def __init__(self, line: Line, context: openssl.Context) -> None:
        self._line = line
        self._problem: Failed | None = None
        try:
            self._tls = Session(line.open(), context, line.endpoint.host.partition("%")[0])
            self._tls.begin()
        except Failed as failed:
            self._problem = failed

    def opinion(self) -> Opinion:
        """OpenSSL's opinion. Ends the connection."""
        try:
            if self._problem:
                raise self._problem
            self._tls.handshake()
        except openssl.SSLCertVerificationError as problem:
            return Opinion(False, problem.verify_message)
        except Failed as failed:
            # What OpenSSL itself does not like is its opinion; what the network does is not.
            return Opinion(False if failed.code is codes.TLS_PROTOCOL_ERROR else None, failed.detail)
        else:
            verified = self._tls.verified()
            self._tls.close()
            return Opinion(True, "", frozenset(pairwise(verified)))
        finally:
            self._line.close()
