"""The opt-in check `downloads`: whether the go command can download a module here, along GOPROXY."""

from __future__ import annotations

from probe.checks.base import Run
from probe.lightweight import Iterator, Mapping, NamedTuple
from probe.options import declared, option
from probe.report import Finding
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.command.environment_files import GoSetting
    from probe.golang.command.modulefetch import ModuleVersion
    from probe.golang.command.moduleproxy import ModuleProxy

_DECIDING = ("GOPROXY", "GONOPROXY", "GOAUTH")


class _Settings(NamedTuple):
    module: str = option(
        "golang.org/x/sync@v0.1.0", "string", 'the module to download, "example.com/m@v1.0.0"'
    )
    roles: tuple[str, ...] = option(
        ("startup",),
        "choices",
        "The roles that download; a run by hand always does.",
        ("startup", "ready"),
        refused=(("live", "restarting this container does not fix a remote server"),),
    )
    attempts: int = option(3, "integer", "How often the GOPROXY list is tried.", minimum=1, maximum=10)


class Downloads(_Settings):
    """GOPROXY leads to a module; runs only where it is configured."""

    __slots__ = ()
    name = "downloads"
    can_be_repeated = False
    options = declared(_Settings)

    def problem(self) -> str:
        """Why the module cannot be asked for; "" when it can."""
        if self.module == _Settings().module:
            return ""
        from probe.golang.command import modulefetch

        if modulefetch.parse(self.module):
            return ""
        wanted = 'write a module and its full version, "example.com/m@v1.0.0"'
        return f"downloads.module: {wanted}, not {self.module!r}"

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        """Yield what a download comes to, and what is odd on the way to it."""
        from probe.checks.downloads import findings
        from probe.golang.command import modulefetch, moduleproxy, prefixes
        from probe.golang.command.environment_files import value

        if run.role != "all" and run.role not in self.roles:
            yield findings.not_asked(run.role, self.roles)
            return
        run.phase("reading GOPROXY")
        known = run.facts.settings(_DECIDING, run.deadline)
        if known["GOPROXY"].origin == "unknown":
            yield findings.goproxy_unknown()
            return
        chosen = moduleproxy.proxies(known["GOPROXY"].value, run.facts.go_of_command())
        if chosen.error:
            yield findings.refused(known["GOPROXY"].value, chosen.error)
            return
        module = modulefetch.parse(self.module)
        if not module:
            raise ValueError(f"not a module: {self.module}")
        entries = chosen.entries
        if prefixes.matches(value(known, "GONOPROXY"), module.path):
            entries = (moduleproxy.ModuleProxy("direct"),)
        yield from self._download(target, run, module, entries, known)

    def _download(
        self,
        target: Target,
        run: Run,
        module: ModuleVersion,
        entries: tuple[ModuleProxy, ...],
        known: Mapping[str, GoSetting],
    ) -> Iterator[Finding]:
        from probe.checks.downloads import findings, goproxy
        from probe.tls.dialer import dialer  # OpenSSL is loaded only where there is a server to ask
        from probe.tls.root_store import RootStore

        go = run.facts.go_of_command()
        roots = run.facts.roots(go)
        if roots.blocks_on:
            yield findings.blocks(roots.blocks_on)
            return
        pool = RootStore(root.certificate for root in roots.roots)
        shared = dialer(go, pool, target.env, run.now, run.deadline, run.phase)
        auth = known["GOAUTH"].value if "GOAUTH" in known else ""  # since Go 1.24
        walker = goproxy.ProxyWalk(target, entries, module, auth, shared)
        tries, given_up = goproxy.walks(walker, self.attempts, run.deadline)
        setting = known["GOPROXY"].value
        yield from findings.findings(target, go, module, entries, setting, tries, given_up)
