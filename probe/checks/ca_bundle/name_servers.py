"""Names that this machine resolves and Go's own resolver does not."""

from __future__ import annotations

from probe import codes, room
from probe.checks.ca_bundle.findings import plain
from probe.golang.net import addresses, resolver
from probe.lightweight import Callable, Iterable, Iterator, Mapping, Sequence, os, queue
from probe.report import Finding, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.base import Run
    from probe.deadline import Deadline
    from probe.golang.net.endpoint import Endpoint
    from probe.golang.net.nsswitch import Order
    from probe.golang.net.resolv_conf import ResolvConf
    from probe.golang.release import Go
    from probe.targets import Target
    from probe.tls.dialer import Dialer
    from probe.tls.handshake import Outcome

_LIBC_S_OWN = ("RES_OPTIONS", "LOCALDOMAIN")  # of resolv.conf(5): Go reads neither
_LIMIT = 64 << 10  # bytes of resolv.conf and nsswitch.conf
_MOST_HOSTS = 4 << 20  # bytes of /etc/hosts: of lists that block advertisements
_MOST_NAMES = 8  # that are asked for; all go to the same servers


class Asking:
    """Queries under way beside the handshakes: what name servers say to EDNS0, name by name."""

    def __init__(self, names: Sequence[str], target: Target, run: Run) -> None:
        self.names = [name for name in names if _asks_servers(name, target)][:_MOST_NAMES]
        self.servers: tuple[str, ...] = ()
        self._conf: ResolvConf | None = None
        self._run = run
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._beside = True
        if not self.names:
            return
        self._conf = _configured(target)
        self.servers = self._conf.servers
        try:
            room.start_thread(self._work, ())
        except RuntimeError:  # no room for one: asked when it is wanted
            self._beside = False

    def refused(self, resolved: frozenset[str]) -> tuple[str, str] | None:
        """The first of the names that were *resolved* here and that Go does not get, and what was said."""
        for name in self.names:
            wanted = name in resolved
            said = self._next() if self._beside else wanted and self._ask(name)
            if said is None:  # late: what comes next would be of this name
                return None
            if said and wanted:
                return name, said
        return None

    def _next(self) -> str | None:
        try:
            return self._said.get(timeout=self._run.deadline.remaining())
        except queue.Empty:
            return None

    def _work(self) -> None:
        for name in self.names:
            try:
                self._said.put(self._ask(name))
            except Exception:  # noqa: BLE001 - nothing is known of this name then
                self._said.put("")

    def _ask(self, name: str) -> str:
        from probe.tls import name_servers

        return name_servers.refusal(self._conf, name, self._run.deadline) if self._conf else ""


def hosts(target: Target, go: Go) -> Callable[[], str] | None:
    """
    What reads hosts(5), where that of *target* is ours and the program resolves by Go's own rules.

    "" where nsswitch.conf(5) does not have it first: then it has no name that servers are not asked for.
    """
    if not _as_go_does(target, go):
        return None
    return lambda: _hosts(target) if _order(target).sources[0] == "files" else ""


def _as_go_does(target: Target, go: Go) -> bool:
    """Whether its files are ours, and the program is known to resolve by Go's own rules."""
    return bool(target.proc) and resolver.of(go) == resolver.OWN


def _hosts(target: Target) -> str:
    return _text(target, "/etc/hosts", _MOST_HOSTS)


def _order(target: Target) -> Order:
    from probe.golang.net import nsswitch

    return nsswitch.parse(_text(target, "/etc/nsswitch.conf"))


def _asks_servers(name: str, target: Target) -> bool:
    from probe.golang.net import hosts

    first, *others = _order(target).sources
    if first == "files" and (not others or hosts.lookup(_hosts(target), name)):
        return False
    return hosts.is_domain_name(name)


def lookup(target: Target, go: Go, deadline: Deadline) -> Callable[[str], list[str] | None] | None:
    """What looks names up as the program will, where it does so by Go's own rules and ours differ."""
    return (lambda name: _looked_up_by_go(name, target, deadline)) if _as_go_does(target, go) else None


def _looked_up_by_go(name: str, target: Target, deadline: Deadline) -> list[str] | None:
    """The addresses, [] for none; None where the C library does the same, or nobody answers."""
    order, conf = _order(target), _configured(target)
    if not (order.odd or conf.odd or any(variable in target.env for variable in _LIBC_S_OWN)):
        return None
    for source in order.sources:
        if (found := _from(source, name, target, conf, deadline)) != []:
            return found
    return []


def _from(source: str, name: str, target: Target, conf: ResolvConf, deadline: Deadline) -> list[str] | None:
    from probe.golang.net.hosts import lookup
    from probe.tls import name_servers

    if source == "files":
        return lookup(_hosts(target), name)
    return name_servers.addresses_of(name, conf, deadline)


def _configured(target: Target) -> ResolvConf:
    from probe.golang.net import resolv_conf

    return resolv_conf.parse(_text(target, "/etc/resolv.conf"), os.uname().nodename)


def ask(dialer: Dialer, endpoints: Iterable[Endpoint], target: Target, run: Run) -> Asking | None:
    """Begin to ask for the names that *dialer* looks up, where Go's resolver counts, at once."""
    go = run.facts.go()
    if not target.proc or resolver.of(go) == resolver.LIBC or not resolver.sends_edns0(go):
        return None
    names = (_looked_up(proxy.host if (proxy := dialer.route(one).proxy) else one.host) for one in endpoints)
    return Asking(list(dict.fromkeys(filter(None, names))), target, run)


def findings(
    asking: Asking | None, outcomes: Iterable[Outcome], target: Target, run: Run
) -> Iterator[Finding]:
    """Yield what name servers of *target* refuse to Go alone, of the names that *outcomes* have dialled."""
    resolved = frozenset(name for one in outcomes if (name := _resolved(one)))
    if not asking or not resolved:
        return
    run.phase("asking the name servers as Go does")
    if refused := asking.refused(resolved):
        yield _refused(*refused, asking.servers, resolver.of(run.facts.go()), target.env)


def _resolved(outcome: Outcome) -> str:
    """The name that was looked up to get there, "" for an address and where there was no way."""
    return _looked_up(outcome.proxy.host if outcome.proxy else outcome.endpoint.host) if outcome.peer else ""


def _looked_up(host: str) -> str:
    """*host* where name servers are asked for it, else ""."""
    if addresses.parse_scoped(host) is not None:
        return ""
    name = host.rstrip(".").lower()
    return "" if name == "localhost" or name.endswith(".localhost") else host


def _text(target: Target, path: str, limit: int = _LIMIT) -> str:
    from probe.targets import NotRegular, TooLarge

    try:
        return target.read(path, limit).decode("utf-8", "replace")
    except (OSError, NotRegular, TooLarge):
        return ""


def _refused(name: str, said: str, servers: Sequence[str], used: str, env: Mapping[str, str]) -> Finding:
    from probe.remedies import actions, variables

    sure = used == resolver.OWN
    who = "this program resolves by" if sure else "a program may resolve by"
    cause = (
        f"{plain(said)} to the EDNS0 record that Go adds to each query, and answers without it:"
        f" {who} Go's own resolver, for which {plain(name)} does not exist"
    )
    return Finding(
        Status.FAIL if sure else Status.UNKNOWN,
        codes.TLS_RESOLVER_EDNS0,
        name,
        cause,
        actions.ways(variables.godebug(env, "netedns0=0")),
        {"name_servers": list(servers), "resolver": used},
    )
