"""OpenSSL's own opinion of a server, which clients such as curl and Python share."""

from itertools import pairwise

from probe.lightweight import NamedTuple
from probe.tls import openssl, reasons
from probe.tls.dialer import Route
from probe.tls.errors import Failed
from probe.tls.session import Session

Pair = tuple[bytes, bytes]  # DER of a certificate and of the one that has signed it


class OpenSslVerdict(NamedTuple):
    """Whether OpenSSL accepts the server; None where it could not be asked."""

    ok: bool | None
    detail: str  # its words when it refuses, or why it was not asked
    signed: frozenset[Pair] = frozenset()  # signatures that it has verified on the way


class OpenSslVerification:
    """A second handshake, as OpenSSL's clients make it; begun first, and ended when there is time."""

    def __init__(self, route: Route, context: openssl.Context) -> None:
        self._route = route
        self._problem: Failed | None = None
        try:
            self._tls = Session(route.open(), context, route.endpoint.host.partition("%")[0])
            self._tls.begin()
        except Failed as failed:
            self._problem = failed

    def opinion(self) -> OpenSslVerdict:
        """OpenSSL's opinion. Ends the connection."""
        try:
            if self._problem:
                raise self._problem
            self._tls.handshake()
        except openssl.SSLCertVerificationError as problem:
            return OpenSslVerdict(False, problem.verify_message)
        except Failed as failed:
            # What OpenSSL itself does not like is its opinion; what the network does is not.
            return OpenSslVerdict(False if failed.reason is reasons.PROTOCOL_ERROR else None, failed.detail)
        else:
            verified = self._tls.verified()
            self._tls.close()
            return OpenSslVerdict(True, "", frozenset(pairwise(verified)))
        finally:
            self._route.close()
