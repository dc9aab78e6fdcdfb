"""
Would `go build` find every package? One inert run of `go list -deps`, with the network shut off.

GOPROXY, GOSUMDB and GOCACHE are off and nothing is private, so that nobody is called
and no cache is written. go.mod and go.sum stay as they are: -mod=mod is taken for
-mod=readonly. Two things are left that the go command writes, as the first build would:
an archive in GOMODCACHE that was never unpacked is unpacked there, and for a module
that is missing an empty lock file appears. A GOMODCACHE that is not there is not made.
"""

from __future__ import annotations

import re

from probe import codes, redact
from probe.checks.offline import go_settings, modules
from probe.checks.offline.findings import not_tried
from probe.codes import Code
from probe.deadline import GO_LIST, Deadline
from probe.errors import reason
from probe.golang.command import environment, flags, toolchain
from probe.golang.command.environment import GoSetting
from probe.golang.command.gomod import GoMod
from probe.golang.command.toolchain import Toolchain
from probe.lightweight import Iterator, Mapping
from probe.report import Finding, Status
from probe.targets import Target

_OUTPUT_LIMIT = 256 << 10  # bytes
_SHOWN = 10  # modules or packages that are named
_WORDS_LIMIT = 300
_FORMAT = '{{with .Error}}{{.Err}}{{"\\n"}}{{end}}'
_KEPT = ("mod", "modfile", "tags", "modcacherw")  # of GOFLAGS: what decides about modules
_MISSING = re.compile(
    r"^go: downloading (\S+) (v\S+)$|(\S+)@(v[^\s:]+): module lookup disabled", re.MULTILINE
)
_NO_CACHE = "could not create module cache"
_NO_PACKAGE = "matched no packages"
_SIGNS: tuple[tuple[str, Code, str], ...] = (  # in the words of Go 1.21 to 1.27
    ("requires go >=", codes.OFFLINE_GO_TOO_OLD, "grep ^go go.mod"),
    ("inconsistent vendoring", codes.OFFLINE_VENDOR, "go mod vendor"),
    ("import lookup disabled by -mod=vendor", codes.OFFLINE_VENDOR, "go mod vendor"),
    ("checksum mismatch", codes.OFFLINE_SUM_MISMATCH, "go clean -modcache && go mod download"),
    ("missing go.sum entry", codes.OFFLINE_SUM_MISSING, "go mod tidy"),
    ("lookup disabled by GOPROXY=off", codes.OFFLINE_MODULE_MISSING, "go mod download"),
    ("updates to go.mod needed", codes.OFFLINE_UNTIDY, "go mod tidy"),
    ("no required module provides package", codes.OFFLINE_UNTIDY, "go mod tidy"),
    ("cannot find module providing package", codes.OFFLINE_UNTIDY, "go mod tidy"),
)


def findings(
    target: Target,
    found: Toolchain,
    directory: str,
    wanted: GoMod,
    settings: Mapping[str, GoSetting],
    deadline: Deadline,
) -> Iterator[Finding]:
    """What the go command says to the packages of the module in *directory*."""
    from probe.targets.supervisor_line import SupervisorLost

    if not target.processes:
        raise RuntimeError("commands cannot be run in this target")
    within = deadline.share(GO_LIST)
    patience = within.remaining()
    try:
        done = target.processes.run(
            _command(found, go_settings.mode(settings)),
            env=_environment(target, found, directory, settings),
            cwd=target.path(directory),
            deadline=within,
            limit=_OUTPUT_LIMIT,
        )
    except (OSError, SupervisorLost) as problem:
        from probe.remedies import actions

        cause = f"{found.go} could not be started: {reason(problem)}"
        yield not_tried(directory, cause, actions.probe("probe check --only go-version"))
        return
    if done.timed_out:
        cause = f"`go list` had not finished after {patience:.1f} s"
        from probe.remedies import actions

        yield not_tried(directory, cause, actions.probe("probe check --timeout 60"))
        return
    said = (done.out + b"\n" + done.err).decode("utf-8", "replace")
    errors = "\n".join(line for line in said.split("\n") if not line.startswith("go: downloading ")).strip()
    if done.code == 0 and not errors:
        cause = f"{found.go} finds every package that {directory} imports, without a network"
        yield Finding(Status.PASS, codes.OFFLINE_OK, directory, cause, (), {"how": "go list -deps"})
        return
    if done.code == 0 and _NO_PACKAGE in errors and errors.count("\n") == 0:
        from probe.remedies import actions

        cause = f"no package is in {directory}, so nothing was listed"
        yield not_tried(directory, cause, actions.copy(".", "."))
        return
    if _NO_CACHE in errors:  # go.mod names what would have to be in it
        yield from modules.findings(target, settings, directory, wanted)
        return
    yield _told(directory, said, errors)


def _told(directory: str, said: str, errors: str) -> Finding:
    from probe.remedies import actions, quoting

    code, command = next(
        ((code, command) for sign, code, command in _SIGNS if sign in errors),
        (codes.OFFLINE_GO_FAILED, "go build ./..."),
    )
    words = " ".join(redact.text(errors).split())
    evidence: dict[str, object] = {"how": "go list -deps", "said": words[: 3 * _WORDS_LIMIT]}
    cause = f"{directory}: {words[:_WORDS_LIMIT]}"
    if code is codes.OFFLINE_MODULE_MISSING:
        missing = dict.fromkeys("@".join(filter(None, one)) for one in _MISSING.findall(said))
        evidence["missing"] = list(missing)[:_SHOWN]
        shown = ", ".join(list(missing)[:_SHOWN]) or words[:_WORDS_LIMIT]
        cause = f"{directory} needs modules that are not in the module cache: {redact.text(shown)}"
    return Finding(
        Status.FAIL,
        code,
        directory,
        cause,
        actions.ways(actions.build(f"cd {quoting.word(directory)} && {command}")),
        evidence,
    )


def _command(found: Toolchain, mode: str) -> list[str]:
    readonly = ["-mod=readonly"] if mode == "mod" else []
    return [found.go, "list", *readonly, "-buildvcs=false", "-deps", "-e", "-f", _FORMAT, "./..."]


def _environment(
    target: Target, found: Toolchain, directory: str, settings: Mapping[str, GoSetting]
) -> dict[str, str]:
    words = flags.split(environment.value(settings, "GOFLAGS")) or []
    kept = [word for word in words if word.lstrip("-").partition("=")[0] in _KEPT]
    env = {
        **toolchain.inert(target, found),
        "PWD": target.path(directory),
        "GOFLAGS": flags.join(kept) or "-tags=",  # an empty one would let the user's file speak
        "GOPROXY": "off",
        "GONOPROXY": "none",
        "GOSUMDB": "off",
        "GOCACHE": "off",
        "GOVCS": "*:off",
    }
    cache = environment.value(settings, "GOMODCACHE")
    if not target.is_dir(cache):
        env["GOMODCACHE"] = f"{found.go}/none"  # nobody can make a directory below a file
    return env
