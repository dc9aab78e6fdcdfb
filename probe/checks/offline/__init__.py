"""The opt-in check `offline`: a builder without a network really can build without one."""

from __future__ import annotations

from probe.checks.base import Run
from probe.lightweight import Iterator, NamedTuple
from probe.options import declared, option
from probe.report import Finding
from probe.targets import Target


class _Settings(NamedTuple):
    module: str = option(
        "", "string", "a directory in the target whose go.mod must need nothing from elsewhere"
    )
    listing: str = option(
        "",
        "string",
        "a file with one path a line, or of sha256sum(1): the files that tree must hold, in the target",
    )
    tree: str = option("/usr/local/go", "string", "the directory that the paths of the listing are below")


class Offline(_Settings):
    """Nothing that a build needs is asked for over the network; runs only where it is configured."""

    __slots__ = ()
    name = "offline"
    options = declared(_Settings)

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        """Yield what would need the network, then what of the module and of the listing is missing."""
        from probe.checks.offline import file_list, findings, go_list, go_settings, modules, toolchains
        from probe.golang.command import module_files
        from probe.golang.command.gomod import GoMod

        found, go = run.facts.toolchain(), run.facts.go_of_command()
        known = run.facts.settings(module_files.SETTINGS, run.deadline)
        wanted = module_files.read(target, self.module) if self.module else None
        gomod = wanted if isinstance(wanted, GoMod) else None
        odd = list(go_settings.findings(target, known, go))
        odd += toolchains.findings(target, known, found, gomod)
        yield from odd or [findings.no_network(known)]
        if isinstance(wanted, str):
            yield findings.no_module(self.module, wanted)
        elif gomod and not findings.other_go(odd):
            run.phase("listing the packages")
            if found and found.executable and target.runs_commands:
                yield from go_list.findings(target, found, self.module, gomod, known, run.deadline)
            else:
                yield from modules.findings(target, known, self.module, gomod)
        if self.listing:
            run.phase(f"comparing {self.tree} with {self.listing}")
            yield from file_list.findings(target, self.listing, self.tree, run.deadline)
