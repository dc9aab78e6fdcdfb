"""What in the go command's environment sends it to the network, or keeps it from building without one."""

from __future__ import annotations

from probe import codes, redact
from probe.errors import reason
from probe.golang import filepath
from probe.golang.command import flags, modulefetch, moduleproxy
from probe.golang.command.environment import GoSetting, value
from probe.golang.command.module_files import SETTINGS
from probe.golang.net import neturl
from probe.golang.release import Go
from probe.lightweight import Iterator, Mapping
from probe.report import Finding, Remedies, Status
from probe.targets import NotRegular, Target, TooLarge

_PACKAGES = ("runtime", "fmt", "net/http")  # of the standard library, whose sources every build compiles
_SOUND = {
    "GOPROXY": "off",
    "GOSUMDB": "sum.golang.org",
    "GOMODCACHE": "/go/pkg/mod",
    "GOROOT": "/usr/local/go",
    "GOTOOLCHAIN": "local",
}


def findings(target: Target, settings: Mapping[str, GoSetting], go: Go) -> Iterator[Finding]:
    """Yield what is wrong; nothing where the environment is that of an air-gapped builder."""
    unknown = [name for name in SETTINGS if name in settings and settings[name].origin == "unknown"]
    if unknown:
        cause = f"cannot determine the go command's {', '.join(unknown)}"
        sound = _env(**{name: _SOUND.get(name, "") for name in unknown})
        yield Finding(Status.UNKNOWN, codes.OFFLINE_ENVIRONMENT_UNKNOWN, unknown[0], cause, sound)
    if "GOPROXY" not in unknown:
        yield from _goproxy(target, value(settings, "GOPROXY"), go)
    yield from _private(settings)
    yield from _sumdb(settings, go)
    if "GOROOT" not in unknown:
        yield from _sources(target, value(settings, "GOROOT"))


def mode(settings: Mapping[str, GoSetting]) -> str:
    """The value of -mod in GOFLAGS, "" for none."""
    words = flags.split(value(settings, "GOFLAGS")) or []
    chosen = [word.lstrip("-")[4:] for word in words if word.lstrip("-").startswith("mod=")]
    return chosen[-1] if chosen else ""


def _goproxy(target: Target, goproxy: str, go: Go) -> Iterator[Finding]:
    shown = redact.value("GOPROXY", goproxy)
    chosen = moduleproxy.proxies(goproxy, go)
    if chosen.error:
        cause = f"the go command refuses GOPROXY={shown}: {redact.text(chosen.error)}"
        yield Finding(Status.FAIL, codes.OFFLINE_GOPROXY, "GOPROXY", cause, _env(GOPROXY="off"))
        return
    for entry in chosen.entries:
        if entry.url == "off":
            continue
        if entry.url == "direct" or neturl.parse(entry.url, go).scheme != "file":
            cause = f"GOPROXY={shown}: missing modules are fetched from {redact.url(entry.url)}"
            yield Finding(Status.FAIL, codes.OFFLINE_GOPROXY, "GOPROXY", cause, _env(GOPROXY="off"))
            return
        yield from _directory(target, modulefetch.local_path(entry.url, "", go))


def _directory(target: Target, path: str) -> Iterator[Finding]:
    """A file:// proxy must hold modules: some DIRECTORY/…/@v below it."""
    try:
        names = target.listdir(path)
    except (OSError, ValueError, NotRegular, TooLarge) as problem:
        why = reason(problem)
    else:
        if _holds_modules(target, path, names, depth=8):
            return
        why = "holds no module (no directory @v below it)"
    shown = redact.path(path)
    from probe.remedies import actions, quoting

    fill = actions.shell(f'cp -r "$(go env GOMODCACHE)/cache/download/." {quoting.word(path)}', path=path)
    cause = f"GOPROXY names the directory {shown}: {why}"
    yield Finding(Status.FAIL, codes.OFFLINE_PROXY_EMPTY, shown, cause, actions.ways(fill))


def _holds_modules(target: Target, path: str, names: list[str], depth: int) -> bool:
    if "@v" in names:
        return True
    for name in names[:20] if depth else ():
        below = f"{path.rstrip('/')}/{name}"
        try:
            if target.stat(below).is_dir and _holds_modules(target, below, target.listdir(below), depth - 1):
                return True
        except (OSError, NotRegular, TooLarge):
            continue
    return False


def _private(settings: Mapping[str, GoSetting]) -> Iterator[Finding]:
    globs = [glob for glob in moduleproxy.patterns(value(settings, "GONOPROXY")) if glob != "none"]
    if globs:
        cause = f"modules like {', '.join(globs[:5])} bypass GOPROXY and are fetched from their origin"
        none = _env(GONOPROXY="none")
        yield Finding(Status.WARN, codes.OFFLINE_PRIVATE, "GONOPROXY", redact.text(cause), none)


def _sumdb(settings: Mapping[str, GoSetting], go: Go) -> Iterator[Finding]:
    """With -mod=mod what go.sum lacks is added, and looked up in the checksum database first."""
    if mode(settings) != "mod":
        return
    database = moduleproxy.sumdb(value(settings, "GOSUMDB"), go)
    everything = "*" in moduleproxy.patterns(value(settings, "GONOSUMDB"))
    if database.off or everything:
        cause = "GOFLAGS=-mod=mod lets a build change go.mod and go.sum, and nothing checks what is added"
    else:
        name = redact.url(database.url or database.name)
        cause = f"GOFLAGS=-mod=mod: what go.sum does not list is looked up at {name}, over the network"
    readonly = _env(GOFLAGS="-mod=readonly")
    yield Finding(Status.WARN, codes.OFFLINE_SUMDB, "GOFLAGS", cause, readonly)


def _sources(target: Target, goroot: str) -> Iterator[Finding]:
    if not goroot:
        return
    for package in _PACKAGES:
        path = filepath.join(goroot, "src", package)
        try:
            if target.stat(path).is_dir:
                continue
            why = "is no directory"
        except (OSError, ValueError) as problem:
            why = reason(problem)
        cause = f"{path}: {why}; from Go 1.20 on the standard library is compiled from these sources"
        from probe.remedies import actions, quoting

        above = goroot.rpartition("/")[0] or "/"
        place = quoting.word(above)
        again = actions.instruction(f"ADD go.tar.gz {place}")  # which unpacks it
        unpack = actions.ways(actions.shell(f"tar -C {place} -xzf go.tar.gz", path=above, built=again))
        yield Finding(Status.FAIL, codes.OFFLINE_NO_SOURCES, filepath.join(goroot, "src"), cause, unpack)
        return


def _env(**variables: str) -> Remedies:
    from probe.remedies import actions

    return (actions.remedy(*(actions.set_env(name, value) for name, value in variables.items())),)
