"""OpenSSL's own opinion of a server, which clients such as curl and Python share."""

import ssl
import threading
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from probe import codes
from probe.golang.certificate import Certificate
from probe.golang.verify import Chain, Pool
from probe.tls import session
from probe.tls.failure import Failed
from probe.tls.stream import Stream

Pair = tuple[bytes, bytes]  # DER of a certificate and of the one that has signed it


class Opinion(NamedTuple):
    """Whether OpenSSL accepts the server; None where it could not be asked."""

    ok: bool | None
    detail: str  # its words when it refuses, or why it was not asked
    signed: frozenset[Pair] = frozenset()  # signatures that it has verified on the way


class Trust:
    """The roots of a target: all of them for Go, and for OpenSSL those that it may need."""

    def __init__(self, roots: Iterable[Certificate]) -> None:
        self.pool = Pool(roots)
        self._by_name: dict[str, list[Certificate]] = {}
        self._contexts: dict[frozenset[bytes], ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def context(self, chain: Chain) -> ssl.SSLContext | None:
        """A context with every root that OpenSSL could put on top of *chain*; None when there is none."""
        with self._lock:
            wanted = frozenset(root.der for root in self._candidates(chain))
            if wanted and wanted not in self._contexts:
                self._contexts[wanted] = session.verifying(sorted(wanted))
            return self._contexts.get(wanted)

    def _candidates(self, chain: Chain) -> list[Certificate]:
        if not self._by_name:
            for root in self.pool.members.values():
                self._by_name.setdefault(_loosely(root.subject), []).append(root)
        found = [one for one in chain if one.der in self.pool.members]
        waiting = list(chain)
        names: set[str] = set()
        while waiting:
            name = _loosely(waiting.pop().issuer)
            if name not in names:
                names.add(name)
                issuers = self._by_name.get(name, [])
                found += issuers
                waiting += issuers
        return found


def ask(stream: Stream, context: ssl.SSLContext, host: str) -> Opinion:
    """Shake hands once more over *stream* as OpenSSL's clients do."""
    try:
        tls = session.Session(stream, context, host.partition("%")[0])
        tls.handshake()
    except ssl.SSLCertVerificationError as problem:
        return Opinion(False, problem.verify_message)
    except Failed as failed:
        # What OpenSSL itself does not like is its opinion; what the network does is not.
        return Opinion(False if failed.code is codes.TLS_PROTOCOL_ERROR else None, failed.detail)
    verified = tls.verified()
    tls.close()
    return Opinion(True, "", frozenset(pairwise(verified)))


def _loosely(name: str) -> str:
    """A name as OpenSSL compares it, or more loosely: case, blanks and kinds of string do not count."""
    return "".join(name.split()).casefold()
