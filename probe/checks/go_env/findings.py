"""The findings of go-env: what is wrong, where it was set, and the line that fixes it."""

from __future__ import annotations

from probe import codes, redact
from probe.golang import version
from probe.golang.command import moduleproxy, toolchain
from probe.golang.command.environment import EnvFile, Environment, GoSetting
from probe.golang.command.environment_defaults import GO_ENV
from probe.golang.command.toolchain import Toolchain
from probe.golang.quoting import json_text
from probe.golang.release import Go
from probe.lightweight import Iterator, Mapping, Sequence
from probe.report import Finding, Status
from probe.targets import Target

JOINT = ("GOROOT", "GOPATH", "GOPROXY")


def minor(found: Toolchain, go: Go) -> int:
    release = version.read(found.version).release
    return release[1] if release else go.minor


def no_policy() -> Finding:
    told = "the configuration has no rule for any variable"
    return Finding(Status.SKIP, codes.GO_ENV_NO_POLICY, "go env", told)


def files(seen: Environment) -> Iterator[Finding]:
    """What is wrong with the files that settings come from."""
    for file in (seen.user, seen.goroot):
        if file.blocks:
            yield _file(
                Status.FAIL,
                codes.GO_ENV_FILE_BLOCKS,
                file,
                "is a FIFO or a device: every go command blocks on it for ever",
            )
        if file.too_large:
            yield _file(
                Status.UNKNOWN,
                codes.GO_ENV_FILE_TOO_LARGE,
                file,
                "holds more than 256 KiB and was not read",
            )


def _file(status: Status, code: codes.Code, file: EnvFile, told: str) -> Finding:
    """What such a file holds may be wanted, and a device is the whole machine's: neither is removed."""
    from probe.remedies import actions, file_actions

    path = redact.text(file.path)
    if path.startswith("/dev/"):
        way = actions.unset_env("GOENV")
    else:
        way = file_actions.in_container(file_actions.move(file.path, f"{file.path}.old"))
    return Finding(status, code, path, f"{path} {told}", actions.ways(way), {"file": path})


def unreachable(target: Target, seen: Environment, found: Toolchain | None) -> Finding | None:
    """The one cause behind three: no Go tree, no GOPATH and no proxy, so that no package can be found."""
    if not _without_tree(target, seen):
        return None
    goproxy = seen.settings["GOPROXY"].value
    proxies = moduleproxy.proxies(goproxy)
    if seen.settings["GOPATH"].value or not (proxies.off or proxies.error):
        return None
    from probe.remedies import actions

    sound = {"GOROOT": _tree(found), "GOPATH": "/go", "GOPROXY": GO_ENV["GOPROXY"]}
    shown = redact.value("GOPROXY", goproxy) or "empty"
    goroot = redact.value("GOROOT", seen.settings["GOROOT"].value) or "is empty and"
    return Finding(
        Status.FAIL,
        codes.GO_PACKAGES_UNREACHABLE,
        "go env",
        f"no package can be found: GOROOT {goroot} holds no Go tree, GOPATH is empty and GOPROXY is {shown}",
        (actions.remedy(*(actions.set_env(name, value) for name, value in sound.items())),),
        {name: redact.value(name, seen.settings[name].value) for name in JOINT},
    )


def lost(target: Target, seen: Environment, values: Mapping[str, GoSetting]) -> list[str]:
    """The variables that are empty because GOROOT/go.env, which would set them, was not found."""
    empty = [name for name in GO_ENV if name in values and values[name][:2] == ("", "default")]
    return empty if empty and _without_tree(target, seen) else []


def _without_tree(target: Target, seen: Environment) -> bool:
    """Whether the go command looks at a GOROOT that holds no Go tree, or finds none at all."""
    goroot = seen.settings["GOROOT"]
    return goroot.origin != "unknown" and not toolchain.has_tools(target, goroot.value)


def no_tree(seen: Environment, found: Toolchain | None, lost: Sequence[str]) -> Finding:
    from probe.remedies import actions, file_actions

    goroot = seen.settings["GOROOT"]
    shown = redact.value("GOROOT", goroot.value) or "empty"
    from_file = goroot.origin == "file"
    way = (
        file_actions.unset_setting("GOROOT", goroot.file)
        if from_file
        else actions.set_env("GOROOT", _tree(found))
    )
    return Finding(
        Status.FAIL,
        codes.GOROOT_WITHOUT_TREE,
        "GOROOT",
        f"GOROOT{whence('GOROOT', goroot)} is {shown}, which gives no Go tree; "
        f"without its go.env {' and '.join(lost)} {'are' if len(lost) > 1 else 'is'} empty",
        actions.ways(way),
        evidence("GOROOT", goroot),
    )


def _tree(found: Toolchain | None) -> str:
    """Empty is the same as unset to Go, which then finds its own tree."""
    return "" if found else "/usr/local/go"


def differences(values: Mapping[str, GoSetting], answers: Mapping[str, str]) -> Iterator[Finding]:
    """Where the go command prints what we cannot explain."""
    for name, answer in answers.items():
        ours = values[name]
        if ours.origin != "unknown" and json_text(ours.value) != answer:
            from probe.remedies import actions

            theirs, mine = redact.value(name, answer), redact.value(name, ours.value)
            yield Finding(
                Status.WARN,
                codes.GO_ENV_DISAGREES,
                name,
                f"{name} is {theirs or 'empty'} to the go command, but the environment and its files make it "
                f"{mine or 'empty'}",
                actions.ways(actions.look("go env -changed")),
                {"value": theirs, "expected": mine, "origin": ours.origin},
            )


def evidence(name: str, setting: GoSetting) -> dict[str, str | int]:
    evidence: dict[str, str | int] = {"value": redact.value(name, setting.value), "origin": setting.origin}
    if setting.file:
        evidence["file"] = redact.text(setting.file)
    if setting.line:
        evidence["line"] = setting.line
    return evidence


def kept(held: Mapping[str, GoSetting], found: Toolchain | None, unknown: Sequence[str]) -> Finding:
    """The variables that keep the policy, in one finding."""
    shown = {name: redact.value(name, setting.value) for name, setting in held.items()}
    if found:
        filled = [f"{name}={value}" for name, value in shown.items() if value]
        empty = [name for name, value in shown.items() if not value]
        told = "; ".join([", ".join(filled)] * bool(filled) + [f"empty: {', '.join(empty)}"] * bool(empty))
        return Finding(
            Status.PASS, codes.GO_ENV_OK, "go env", f"as the policy requires: {told}", evidence=shown
        )
    chosen = [f"{name}={shown[name]}" for name, setting in held.items() if setting.origin != "default"]
    told = (
        f"what is set complies with the policy: {', '.join(chosen)}"
        if chosen
        else "no variable of the policy is set"
    )
    if unknown:
        told += f"; {', '.join(unknown)} would depend on one"
    told = f"there is no go command to apply the policy to; {told}"
    return Finding(Status.PASS, codes.GO_ENV_NO_TOOLCHAIN, "go env", told, evidence=shown)


def whence(name: str, setting: GoSetting) -> str:
    if setting.origin == "binary":
        return f" (as {redact.text(setting.file)} was built)"
    if setting.file:
        return f" ({redact.text(setting.file)} line {setting.line})"
    if name == "CGO_ENABLED" and setting == ("1", "default", "", 0):
        return " (by default, with a C compiler installed)"
    return {"os": " (from the environment)", "default": " (by default)"}.get(setting.origin, "")
