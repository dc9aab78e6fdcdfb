"""What `offline` looks at: the go command's environment, a module, an unpacked SDK."""

from __future__ import annotations

from probe import codes, redact
from probe.checks.base import Run
from probe.checks.offline import file_list, go_list, go_settings, modules, toolchains
from probe.golang.command import environment, module_files
from probe.golang.command.gomod import GoMod
from probe.report import Finding, Status
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from probe.checks.offline import Offline

_OTHER_GO = codes.OFFLINE_GO_TOO_OLD, codes.OFFLINE_TOOLCHAIN


def run_check(settings: Offline, target: Target, run: Run) -> Iterator[Finding]:
    """Yield what would need the network, then what of the module and of the listing is missing."""
    found, go = run.facts.toolchain(), run.facts.go_of_command()
    known = run.facts.settings(module_files.SETTINGS, run.deadline)
    wanted = module_files.read(target, settings.module) if settings.module else None
    chosen = environment.value(known, "GOTOOLCHAIN")
    gomod = wanted if isinstance(wanted, GoMod) else None
    odd = [
        *go_settings.findings(target, known, go),
        *toolchains.findings(target, chosen, environment.value(known, "GOMODCACHE"), found, gomod),
    ]
    yield from odd
    if not odd:
        cause = "nothing in the go command's environment uses the network"
        shown = (name for name in ("GOPROXY", "GOTOOLCHAIN") if name in known)
        evidence = {name: redact.value(name, known[name].value) for name in shown}
        yield Finding(Status.PASS, codes.OFFLINE_ENVIRONMENT_OK, "environment", cause, "", evidence)
    if isinstance(wanted, str):
        remedy = "probe check --set offline.module=/path/to/the/module"
        yield Finding(Status.FAIL, codes.OFFLINE_NO_MODULE, settings.module, wanted, remedy)
    elif gomod and not any(finding.code in _OTHER_GO and finding.status is Status.FAIL for finding in odd):
        run.phase("listing the packages")
        if found and found.executable and target.runs_commands:
            yield from go_list.findings(target, found, settings.module, gomod, known, run.deadline)
        else:
            yield from modules.findings(target, known, settings.module, gomod)
    if settings.listing:
        run.phase(f"comparing {settings.tree} with {settings.listing}")
        yield from file_list.findings(target, settings.listing, settings.tree, run.deadline)
