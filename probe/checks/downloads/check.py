"""What `downloads` looks at: the settings of the go command, then the way along GOPROXY."""

from __future__ import annotations

from probe import codes, redact
from probe.checks.base import Run
from probe.checks.downloads import findings
from probe.golang.command import modulefetch, moduleproxy, prefixes
from probe.golang.command.environment_files import value
from probe.golang.release import Go
from probe.report import Finding, Status
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from probe.checks.downloads import Downloads

_DECIDING = ("GOPROXY", "GONOPROXY", "GOAUTH")


def run_check(settings: Downloads, target: Target, run: Run) -> Iterator[Finding]:
    """Yield what a download comes to, and what is odd on the way to it."""
    if run.role != "all" and run.role not in settings.roles:
        yield findings.not_asked(run.role, settings.roles)
        return
    run.phase("reading GOPROXY")
    go = run.facts.go_of_command()
    known = run.facts.settings(_DECIDING, run.deadline)
    if known["GOPROXY"].origin == "unknown":
        cause = "the go command's GOPROXY is unknown"
        remedy = "ENV GOPROXY=https://proxy.golang.org,direct"
        yield Finding(Status.UNKNOWN, codes.DOWNLOADS_GOPROXY_UNKNOWN, "GOPROXY", cause, remedy)
        return
    goproxy = known["GOPROXY"].value
    shown = redact.value("GOPROXY", goproxy)
    chosen = moduleproxy.proxies(goproxy, go)
    if chosen.error:
        yield findings.refused(shown, chosen.error)
        return
    module = modulefetch.parse(settings.module)
    if not module:
        raise ValueError(f"not a module: {settings.module}")
    entries = chosen.entries
    if prefixes.matches(value(known, "GONOPROXY"), module.path):
        entries = (moduleproxy.ModuleProxy("direct"),)
    yield from _download(settings, target, run, go, module, entries, value(known, "GOAUTH"), shown)


def _download(
    settings: Downloads,
    target: Target,
    run: Run,
    go: Go,
    module: modulefetch.ModuleVersion,
    entries: tuple[moduleproxy.ModuleProxy, ...],
    goauth: str,
    shown: str,
) -> Iterator[Finding]:
    from probe.checks.downloads import goproxy  # OpenSSL is loaded only where there is a server to ask
    from probe.tls.dialer import dialer
    from probe.tls.root_store import RootStore

    roots = run.facts.roots(go)
    if roots.blocks_on:
        yield findings.blocks(redact.path(roots.blocks_on))
        return
    pool = RootStore(root.certificate for root in roots.roots)
    shared = dialer(go, pool, target.env, run.now, run.deadline, run.phase)
    walker = goproxy.ProxyWalk(target, entries, module, goauth, shared)
    tries, given_up = goproxy.walks(walker, settings.attempts, run.deadline)
    yield from findings.findings(target, go, module, entries, shown, tries, given_up)
