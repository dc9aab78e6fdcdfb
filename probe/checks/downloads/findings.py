"""The findings of downloads: what came of it, which entry decided, and the line that fixes it."""

from __future__ import annotations

from probe import codes, redact
from probe.golang.command.environment_places import look_path
from probe.golang.command.modulefetch import ModuleVersion, local_path
from probe.golang.command.moduleproxy import ModuleProxy
from probe.golang.release import Go
from probe.golang.x509 import trust
from probe.lightweight import Any, Iterator, Sequence
from probe.report import Finding, Status
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.downloads.goproxy import ProxyAttempt
    from probe.report import Action, Remedies

_SUBJECT = "module download"
_SHOWN = 60  # tries in the evidence
_VCS = ("git", "hg", "svn", "fossil", "bzr")
_OURSELVES = "this container"
_STATUS = {
    codes.DOWNLOADS_DIRECT: Status.UNKNOWN,
    codes.DOWNLOADS_CREDENTIALS_UNKNOWN: Status.UNKNOWN,
}
_PUBLIC = "https://proxy.golang.org,direct"


def goproxy(value: str = _PUBLIC) -> Action:
    from probe.remedies import actions

    return actions.set_env("GOPROXY", value)


def _usual(code: codes.Code) -> Remedies:
    """What helps where nothing more is known than the code."""
    from probe.remedies import actions

    usual = {
        codes.DOWNLOADS_NOT_FOUND: (goproxy(), actions.configure("downloads.module", "PATH@VERSION")),
        codes.DOWNLOADS_FORBIDDEN: (
            actions.in_build_stage("--mount=type=secret,id=netrc,target=/root/.netrc go mod download"),
        ),
        codes.DOWNLOADS_CREDENTIALS_UNKNOWN: (actions.build("go mod download -x"),),
        codes.DOWNLOADS_RATE_LIMITED: (goproxy("https://proxy.internal"),),
        codes.DOWNLOADS_SERVER_ERROR: (
            actions.ask("Ask the operator of the proxy"),
            goproxy("FIRST|SECOND"),
        ),
        codes.DOWNLOADS_REDIRECT: (goproxy("https://HOST-IT-REDIRECTS-TO"),),
        codes.DOWNLOADS_UNTRUSTED: (actions.probe("probe check --only ca-bundle"),),
        codes.DOWNLOADS_DIRECT: (goproxy("https://proxy.golang.org"),),
    }
    return actions.ways(*usual.get(code, (goproxy(),)))


def not_asked(role: str, roles: Sequence[str]) -> Finding:
    cause = f"no download in the role {role}: roles names {', '.join(roles) or 'no role'}"
    evidence = {"role": role, "roles": list(roles)}
    return Finding(Status.SKIP, codes.DOWNLOADS_NOT_ASKED, _SUBJECT, cause, (), evidence)


def goproxy_unknown() -> Finding:
    cause = "the go command's GOPROXY is unknown"
    return Finding(
        Status.UNKNOWN,
        codes.DOWNLOADS_GOPROXY_UNKNOWN,
        "GOPROXY",
        cause,
        _usual(codes.DOWNLOADS_GOPROXY_UNKNOWN),
    )


def refused(goproxy: str, error: str) -> Finding:
    shown = redact.value("GOPROXY", goproxy)
    cause = f"the go command refuses GOPROXY={shown}: {redact.text(error)}"
    usual = _usual(codes.DOWNLOADS_GOPROXY_REFUSED)
    return Finding(Status.FAIL, codes.DOWNLOADS_GOPROXY_REFUSED, "GOPROXY", cause, usual)


def blocks(path: str) -> Finding:
    shown = redact.path(path)
    cause = f"no download can start: the go command blocks for ever on {shown}, where it reads its CA roots"
    from probe.remedies import actions, file_actions

    emptied = actions.set_env(trust.FILE_VARIABLE, ""), actions.set_env(trust.DIRECTORY_VARIABLE, "")
    way = actions.remedy(*emptied)
    if path in trust.FILES:
        way = actions.remedy(file_actions.in_container(file_actions.remove(path)))
    return Finding(Status.FAIL, codes.DOWNLOADS_UNTRUSTED, _SUBJECT, cause, (way,))


def findings(
    target: Target,
    go: Go,
    module: ModuleVersion,
    entries: Sequence[ModuleProxy],
    goproxy: str,
    tries: Sequence[ProxyAttempt],
    given_up: str,
) -> Iterator[Finding]:
    """One finding for the download, and a warning for each way in which it was not plain."""
    from probe.checks.downloads.goproxy import decisive

    latest = [one for one in tries if one.attempt == tries[-1].attempt]
    end = decisive(latest)
    evidence = _evidence(target, go, module, goproxy, tries)
    wanted = f"{module.path}@{module.version}"
    if end.ok:
        cause = f"{end.entry} gives {wanted}"
        yield Finding(Status.PASS, codes.DOWNLOADS_OK, _SUBJECT, cause, (), evidence)
        yield from _odd(tries, latest)
        return
    code, cause = end.code, f"{wanted}: {_cause(end)}"
    if code is codes.DOWNLOADS_DIRECT:
        found = [name for name in _VCS if look_path(target, name)[0]]
        evidence["version_control"] = found
        if not found:
            code = codes.DOWNLOADS_NO_VCS
            cause = f"{wanted} would be fetched from its origin, and PATH has no git"
    if given_up:
        cause += f"; {given_up}"
    ways = _ways(end, entries, go) if code is not codes.DOWNLOADS_NO_VCS else _bring_git(target)
    yield Finding(_STATUS.get(code, Status.FAIL), code, _SUBJECT, cause, ways, evidence)


def _bring_git(target: Target) -> Remedies:
    from probe.remedies import actions, libraries

    return actions.ways(libraries.tool(target, "git", goproxy("https://proxy.golang.org")))


def _cause(end: ProxyAttempt) -> str:
    if end.code is codes.DOWNLOADS_OFF:
        return "GOPROXY=off ends the list, so the go command downloads nothing"
    if end.code is codes.DOWNLOADS_DIRECT:
        return "the go command would fetch it from its origin (direct), which is not tried here"
    told = f"{end.entry} ({end.file}): {end.phase}: {end.detail}"
    if end.code is codes.DOWNLOADS_NOT_FOUND:
        return f"no entry of GOPROXY has it; the last one, {told}"
    return f"{told}; Go goes on to the next entry only after 404 and 410" if end.last else told


def _ways(end: ProxyAttempt, entries: Sequence[ModuleProxy], go: Go) -> Remedies:
    from probe.remedies import actions, quoting

    if end.code is codes.DOWNLOADS_UNREACHABLE:
        if end.phase == "file":
            base = next(one.url for one in entries if redact.url(one.url) == end.entry)
            path = local_path(base, "", go)
            return actions.ways(actions.look(f"ls -l {quoting.word(path)}", path))
        host = end.entry.partition("://")[2].partition("/")[0].rpartition("@")[2]
        rule = actions.ask(f"Ask the operator of the network for an egress rule to {host}")
        return actions.ways(rule, goproxy("https://proxy.internal"))
    if end.code is codes.DOWNLOADS_SERVER_ERROR and end.last and _plain(entries):
        return actions.ways(goproxy("|".join(one.url for one in entries)))
    return _usual(end.code)


def _plain(entries: Sequence[ModuleProxy]) -> bool:
    """Whether there is a list that can be shown as it is."""
    return len(entries) > 1 and all(redact.url(one.url) == one.url for one in entries)


def _odd(tries: Sequence[ProxyAttempt], latest: Sequence[ProxyAttempt]) -> Iterator[Finding]:
    from probe.remedies import actions

    if tries[-1].attempt > 1:
        first = next(one for one in reversed(tries) if not one.ok and one.attempt < tries[-1].attempt)
        cause = (
            f"it took {tries[-1].attempt} attempts, the go command makes one; before, "
            f"{first.entry}: {first.phase}: {first.detail}"
        )
        again = actions.ways(actions.in_build_stage("go mod download || (sleep 5 && go mod download)"))
        yield Finding(Status.WARN, codes.DOWNLOADS_RETRIED, first.entry, cause, again)
    failed = {one.entry: one for one in latest if not one.ok and one.code is not codes.DOWNLOADS_NOT_FOUND}
    for entry, one in failed.items():
        cause = f"{entry} fails each time: {one.phase}: {one.detail}"
        ways = actions.ways(goproxy(), actions.ask("Ask the operator of that proxy"))
        yield Finding(Status.WARN, codes.DOWNLOADS_ENTRY_FAILS, entry, cause, ways, _told(one, 1))


def _evidence(
    target: Target, go: Go, module: ModuleVersion, goproxy: str, tries: Sequence[ProxyAttempt]
) -> dict[str, Any]:
    evidence: dict[str, Any] = {
        "module": f"{module.path}@{module.version}",
        "GOPROXY": redact.value("GOPROXY", goproxy),
        "go": go.text,
        "attempts": tries[-1].attempt,
        "tries": [_told(one, number) for number, one in enumerate(tries[:_SHOWN], 1)],
    }
    if target.name != _OURSELVES:
        evidence["network"] = "the probe's own, not the target's"
    return evidence


def _told(one: ProxyAttempt, number: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": number,
        "attempt": one.attempt,
        "entry": one.entry,
        "file": one.file,
        "phase": one.phase,
        "outcome": one.detail or one.code.meaning,
        "duration_s": one.duration_s,
    }
    for name in ("status", "retry_after", "peer", "proxy"):
        if getattr(one, name):
            told[name] = getattr(one, name)
    if one.redirects:
        told["redirects"] = list(one.redirects)
    return told
