"""Whom a handshake may trust: everybody for Go, and for OpenSSL those that it may need."""

from __future__ import annotations

from probe.golang.x509.certificate_fields import Certificate
from probe.golang.x509.verify import Chain, Pool
from probe.lightweight import Iterable, Memo, thread
from probe.tls import openssl
from probe.tls.session import trusting


class RootStore:
    """
    The roots of a target: all of them for Go, and for OpenSSL those that it may need.

    They are asked for when somebody needs one: a handshake goes on while they are read.
    """

    def __init__(self, roots: Iterable[Certificate]) -> None:
        self._roots = roots
        self._known = Memo()
        self._by_name: dict[str, list[Certificate]] = {}
        self._contexts: dict[frozenset[bytes], openssl.Context] = {}
        self._lock = thread.allocate_lock()

    @property
    def pool(self) -> Pool:
        """All of them, for Go."""
        pool: Pool = self._known.get("pool", lambda: Pool(self._roots))
        return pool

    def context(self, chain: Chain) -> openssl.Context | None:
        """A context with every root that OpenSSL could put on top of *chain*; None when there is none."""
        with self._lock:
            made = None if self._contexts else openssl.client()  # the roots may still be read meanwhile
            wanted = frozenset(root.der for root in self._candidates(chain))
            if wanted and wanted not in self._contexts:
                self._contexts[wanted] = trusting(made or openssl.client(), sorted(wanted))
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


def _loosely(name: str) -> str:
    """A name as OpenSSL compares it, or more loosely: case, blanks and kinds of string do not count."""
    return "".join(name.split()).casefold()
