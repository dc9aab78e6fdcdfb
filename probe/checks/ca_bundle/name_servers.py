"""Names that this machine resolves and Go's own resolver does not."""

from __future__ import annotations

from probe import codes
from probe.checks.ca_bundle.findings import plain
from probe.golang.net import addresses, resolver
from probe.lightweight import Iterable, Iterator, Mapping
from probe.report import Finding, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.base import Run
    from probe.targets import Target
    from probe.tls.handshake import Outcome

_LIMIT = 64 << 10  # bytes of /etc/hosts and resolv.conf
_MOST_NAMES = 8  # that are asked for; all go to the same servers


def findings(outcomes: Iterable[Outcome], target: Target, run: Run) -> Iterator[Finding]:
    """Yield what name servers of *target* refuse to Go alone, of the names that *outcomes* have dialled."""
    go = run.facts.go()
    used = resolver.of(go)
    if not target.proc or used == resolver.LIBC or not resolver.sends_edns0(go):
        return
    names = list(dict.fromkeys(name for one in outcomes if (name := _resolved(one))))
    if not names:
        return
    known = _hosts(_text(target, "/etc/hosts"))
    asked = [name for name in names if name.rstrip(".").lower() not in known][:_MOST_NAMES]
    if not asked:
        return
    from probe.tls import name_servers

    run.phase("asking the name servers as Go does")
    servers = name_servers.configured(_text(target, "/etc/resolv.conf"))
    for name in asked:
        if said := name_servers.refusal(servers, name, run.deadline):
            yield _refused(name, said, servers, used, target.env)
            return


def _resolved(outcome: Outcome) -> str:
    """The name that was looked up to get there, "" for an address and where there was no way."""
    host = outcome.proxy.host if outcome.proxy else outcome.endpoint.host
    if not outcome.peer or addresses.parse_scoped(host) is not None:
        return ""
    name = host.rstrip(".").lower()
    return "" if name == "localhost" or name.endswith(".localhost") else host


def _hosts(text: str) -> frozenset[str]:
    """The names in hosts(5), which Go asks first."""
    lines = (line.partition("#")[0].split()[1:] for line in text.splitlines())
    return frozenset(name.rstrip(".").lower() for line in lines for name in line)


def _text(target: Target, path: str) -> str:
    from probe.targets import NotRegular, TooLarge

    try:
        return target.read(path, _LIMIT).decode("utf-8", "replace")
    except (OSError, NotRegular, TooLarge):
        return ""


def _refused(name: str, said: str, servers: list[str], used: str, env: Mapping[str, str]) -> Finding:
    from probe.remedies import variables

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
        variables.godebug(env, "netedns0=0"),
        {"name_servers": servers, "resolver": used},
    )
