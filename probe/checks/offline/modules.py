"""
Which modules a go.mod asks for and whether they are here, by the files alone.

For a target whose go command is not run. From `go 1.17` on, go.mod lists every module
that a build of its packages needs, and more: which ones only tests or other platforms
need, the go command alone can tell.
"""

from __future__ import annotations

from probe import codes, redact, words
from probe.checks.offline import go_settings
from probe.checks.offline.findings import not_tried
from probe.codes import Code
from probe.golang import filepath, version
from probe.golang.command import environment, gomod, module_files
from probe.golang.command.environment import GoSetting
from probe.golang.command.gomod import GoMod
from probe.lightweight import Iterator, Mapping, NamedTuple
from probe.report import Action, Finding, Status
from probe.targets import NotRegular, Target, TooLarge

_SHOWN = 10
_PACKAGES_LIMIT = 50_000  # directories of vendor that are looked for
_VENDORED_SINCE = (1, 14, 0)
_COMPLETE_SINCE = (1, 17, 0)


class MissingInput(NamedTuple):
    """One thing that is not here."""

    code: Code
    text: str
    certain: bool = True  # a build fails for it; else only the go command could say


def findings(
    target: Target, settings: Mapping[str, GoSetting], directory: str, wanted: GoMod
) -> Iterator[Finding]:
    """One finding: the modules are here, some are missing, or the files cannot tell."""
    try:
        how, faults = _look(target, settings, directory, wanted)
    except (OSError, ValueError, NotRegular, TooLarge) as problem:
        cause = f"{directory}: {redact.text(str(problem)).lower()}"
        from probe.remedies import actions

        inside = actions.start("kubectl exec POD -- /opt/probe/bin/probe check")
        yield not_tried(directory, cause, inside)
        return
    certain = [fault for fault in faults if fault.certain]
    evidence: dict[str, object] = {"how": how, "required": len(wanted.required)}
    if certain:
        code = certain[0].code
        named = [fault.text for fault in certain if fault.code is code]
        evidence["missing"] = [redact.text(text) for text in named[:_SHOWN]]
        cause = f"{directory}: {_WORDS[code]} {words.listed(list(map(redact.text, named)), _SHOWN)}"
        from probe.remedies import actions

        again = actions.ways(_go(directory, _COMMANDS[code]))
        yield Finding(Status.FAIL, code, directory, cause, again, evidence)
    elif wanted.odd or faults or _release(wanted.go) < _COMPLETE_SINCE:
        why = faults[0].text if faults else f"a go.mod for go {wanted.go or '1.16'} does not list all modules"
        why = f"go.mod:{wanted.odd} is not understood" if wanted.odd else why
        cause = (
            f"{directory}: only the go command can determine this, and it is not run here: {redact.text(why)}"
        )
        yield not_tried(directory, cause, _go(directory, "GOPROXY=off go list -deps ./..."), evidence)
    else:
        cause = f"by the files, all {len(wanted.required)} modules that {directory}/go.mod lists are in {how}"
        yield Finding(Status.PASS, codes.OFFLINE_OK, directory, cause, (), evidence)


_WORDS = {
    codes.OFFLINE_VENDOR: "vendor and go.mod do not agree:",
    codes.OFFLINE_SUM_MISSING: "go.sum does not list",
    codes.OFFLINE_MODULE_MISSING: "needs modules that are not here:",
}
_COMMANDS = {
    codes.OFFLINE_VENDOR: "go mod vendor",
    codes.OFFLINE_SUM_MISSING: "go mod tidy",
    codes.OFFLINE_MODULE_MISSING: "go mod download",
}


def _go(directory: str, command: str) -> Action:
    """A go command in the module."""
    from probe.remedies import actions, quoting

    return actions.build(f"cd {quoting.word(directory)} && {command}")


def _look(
    target: Target, settings: Mapping[str, GoSetting], directory: str, wanted: GoMod
) -> tuple[str, list[MissingInput]]:
    mode = go_settings.mode(settings)
    vendor = filepath.join(directory, "vendor")
    by_default = not mode and _release(wanted.go) >= _VENDORED_SINCE and module_files.is_dir(target, vendor)
    if mode == "vendor" or by_default:
        return "vendor", list(_vendored(target, vendor, wanted))
    cache = environment.value(settings, "GOMODCACHE")
    faults = list(_cached(target, cache, directory, wanted))
    here = len(wanted.required) - sum(fault.code is codes.OFFLINE_MODULE_MISSING for fault in faults)
    if here:  # a single one may be needed by tests only, or on another platform
        faults = [fault._replace(certain=fault.code is not codes.OFFLINE_MODULE_MISSING) for fault in faults]
    return "the module cache", sorted(faults, key=lambda fault: not fault.certain)


def _vendored(target: Target, vendor: str, wanted: GoMod) -> Iterator[MissingInput]:
    """cmd/go/internal/modload/vendor.go:checkVendorConsistency, and whether the packages are there."""
    listed = gomod.vendored(target.read(filepath.join(vendor, "modules.txt"), gomod.LIMIT))
    explicit = {(one.path, one.version) for one in listed if one.explicit}
    required = {(one.path, one.version) for one in wanted.required}
    for path, number in sorted(required - explicit):
        yield MissingInput(codes.OFFLINE_VENDOR, f"{path}@{number} is not in vendor/modules.txt")
    for path, number in sorted(explicit - required):
        yield MissingInput(codes.OFFLINE_VENDOR, f"{path}@{number} is in vendor/modules.txt only")
    packages = [package for one in listed for package in one.packages]
    for package in packages[:_PACKAGES_LIMIT]:
        if not module_files.is_dir(target, filepath.join(vendor, package)):
            yield MissingInput(codes.OFFLINE_VENDOR, f"the package {package} is not in vendor")
    if len(packages) > _PACKAGES_LIMIT:
        yield MissingInput(codes.OFFLINE_VENDOR, f"more than {_PACKAGES_LIMIT} packages", certain=False)


def _cached(target: Target, cache: str, directory: str, wanted: GoMod) -> Iterator[MissingInput]:
    listed = module_files.sums(target, directory) if wanted.required else set()
    for one in wanted.required:
        if not one.from_version:
            if not module_files.is_file(
                target, filepath.join(target.path(directory), one.from_path, "go.mod")
            ):
                yield MissingInput(codes.OFFLINE_MODULE_MISSING, f"{one.path} => {one.from_path}")
            continue
        name = f"{one.from_path}@{one.from_version}"
        if (one.from_path, f"{one.from_version}/go.mod") not in listed:
            yield MissingInput(codes.OFFLINE_SUM_MISSING, f"the go.mod of {name}")
        if not module_files.in_cache(target, cache, one):
            yield MissingInput(codes.OFFLINE_MODULE_MISSING, name)
        elif (one.from_path, one.from_version) not in listed:
            yield MissingInput(codes.OFFLINE_SUM_MISSING, name, certain=not one.indirect)


def _release(text: str) -> tuple[int, int, int]:
    return version.read(f"go{text}").release or (0, 0, 0)
