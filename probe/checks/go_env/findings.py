"""The findings of go-env: what is wrong, where it was set, and the line that fixes it."""

from __future__ import annotations

from probe import codes, redact
from probe.checks.go_env.rules import Violation
from probe.golang import filepath, version
from probe.golang.command import moduleproxy, toolchain
from probe.golang.command.environment import EnvFile, Environment, GoSetting
from probe.golang.command.environment_defaults import GO_ENV
from probe.golang.command.toolchain import Toolchain
from probe.golang.quoting import json_text
from probe.golang.release import NEWEST, Go
from probe.lightweight import Any, Iterator, Mapping, Sequence
from probe.report import Action, Finding, Remedies, Status
from probe.targets import Target

JOINT = ("GOROOT", "GOPATH", "GOPROXY")
_BELOW_HOME = ("GOPATH", "GOMODCACHE", "GOCACHE")  # by default
_UNKNOWN = (codes.GO_ENV_UNKNOWN,)
_CODES_OF_LISTS = (codes.GO_ENV_LIST, codes.MODULES_UNPROTECTED)
_CODES_OF_DIRECTORIES = (codes.GO_ENV_NO_DIRECTORY, codes.GO_ENV_NOT_WRITABLE)


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
        f"GOROOT{_whence('GOROOT', goroot)} is {shown}, which gives no Go tree; "
        f"without its go.env {' and '.join(lost)} {'are' if len(lost) > 1 else 'is'} empty",
        actions.ways(way),
        _evidence("GOROOT", goroot),
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


def broken(
    target: Target,
    name: str,
    table: Mapping[str, Any],
    setting: GoSetting,
    faults: Sequence[Violation],
    found: Toolchain | None,
) -> Finding:
    """One finding for a variable, with the code of the first rule that it breaks."""
    status = Status.WARN if table.get("severity") == "warn" else Status.FAIL
    if faults[0].code in _UNKNOWN:
        status = Status.UNKNOWN
    reason = f" ({redact.text(because)})" if (because := table.get("because")) else ""
    told = "; ".join(fault.told for fault in faults)
    return Finding(
        status,
        faults[0].code,
        name,
        f"{name}{_whence(name, setting)} {told}{reason}",
        _ways(target, name, table, setting, faults[0], found),
        _evidence(name, setting),
    )


def _evidence(name: str, setting: GoSetting) -> dict[str, str | int]:
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


def _whence(name: str, setting: GoSetting) -> str:
    if setting.origin == "binary":
        return f" (as {redact.text(setting.file)} was built)"
    if setting.file:
        return f" ({redact.text(setting.file)} line {setting.line})"
    if name == "CGO_ENABLED" and setting == ("1", "default", "", 0):
        return " (by default, with a C compiler installed)"
    return {"os": " (from the environment)", "default": " (by default)"}.get(setting.origin, "")


def _ways(
    target: Target,
    name: str,
    table: Mapping[str, Any],
    setting: GoSetting,
    fault: Violation,
    found: Toolchain | None,
) -> Remedies:
    """What puts it right, at the place where the value was set."""
    from probe.remedies import actions, libraries, places  # on the way of a failure only

    if fault.code in _UNKNOWN:
        ask = actions.ask(f"Give {name} a value, or remove it from the policy", actions.PROBE)
        known = _wanted(name, table) if setting.origin == "unknown" else ""  # which is then in no doubt
        return actions.ways(*[actions.set_env(name, known)] * bool(known), ask)
    if fault.code is codes.GO_ENV_UNSET and name in _BELOW_HOME and not target.env.get("HOME"):
        home = "/root" if not target.user.uid else "/tmp"  # noqa: S108 - where anybody may write
        return actions.ways(actions.set_env("HOME", home), actions.set_env(name, f"{home}/{name.lower()}"))
    if fault.code in _CODES_OF_DIRECTORIES and redact.value(name, fault.place) != fault.place:
        return actions.ways(actions.ask(f"Give {name} a value", actions.IMAGE))  # its own is not shown
    if fault.code in _CODES_OF_DIRECTORIES:
        place = filepath.clean(target.path(fault.place))
        return places.writable(target, place) if fault.mounted else actions.ways(_directory(target, place))
    if setting.origin == "binary":
        return actions.ways(libraries.with_cgo(str(table.get("equals", "0"))))
    wanted: str | None = _wanted(name, table)
    if fault.code in _CODES_OF_LISTS and (table.get("contains") or table.get("excludes")):
        wanted = _list(name, table, setting)
        if wanted is None:
            return actions.ways(actions.ask(_list_words(name, table, setting), actions.IMAGE))
    if fault.code is codes.MODULE_PROXY_UNUSABLE and not table.get("equals") and not table.get("one_of"):
        from probe.remedies import proxy_list

        wanted = proxy_list.meant(setting.value) or wanted
    if fault.code is codes.GOFLAGS_UNUSABLE and not table.get("equals") and not table.get("one_of"):
        from probe.remedies import flag_list

        release = minor(found, NEWEST) if found else NEWEST.minor
        wanted = flag_list.meant(setting.value, release) or wanted
    if not wanted and (table.get("set") or "matches" in table):
        like = f" that matches {redact.text(table['matches'])}" if "matches" in table else ""
        return actions.ways(actions.ask(f"Give {name} a value{like}", actions.IMAGE))
    return actions.ways(_assigned(name, wanted or "", setting, found))


def _directory(target: Target, place: str) -> Action:
    from probe.remedies import actions, quoting

    owner, word = f"{target.user.uid}:{target.user.gid}", quoting.word(place)
    command = f"mkdir -p {word} && chown {owner} {word}"
    return actions.run(command, "make", needs=("mkdir", "chown"), paths=(place,), owner=owner, mode="755")


def _assigned(name: str, wanted: str, setting: GoSetting, found: Toolchain | None) -> Action:
    """The variable with the value *wanted*, in the file that sets it, else in the environment."""
    from probe.remedies import actions, file_actions

    if setting.origin != "file":
        return actions.set_env(name, wanted)
    if not found:
        return file_actions.delete_setting(name, setting.file)
    if wanted in ("", GO_ENV.get(name)):
        return file_actions.unset_setting(name, setting.file)
    return file_actions.write_setting(name, wanted, setting.file)


def _wanted(name: str, table: Mapping[str, Any]) -> str:
    """A value that the rules allow; "" where unsetting is what fixes."""
    allowed = table.get("equals") or next(iter(table.get("one_of", ())), "")
    return str(allowed or (GO_ENV.get(name, "") if "unset" not in table else ""))


def _list(name: str, table: Mapping[str, Any], setting: GoSetting) -> str | None:
    """The list as the rules want it; None where it holds what must not be shown."""
    from probe.checks.go_env import lists

    entries = lists.split(name, setting.value)
    unwanted, lacking = _entries(table, "excludes"), _entries(table, "contains")
    kept = [one for one in entries if not any(lists.same(name, bad, one) for bad in unwanted)]
    more = [one for one in lacking if not any(lists.same(name, one, entry) for entry in kept)]
    value = lists.join(name, [*more, *kept] if name == "GOPROXY" else [*kept, *more], setting.value)
    return value if redact.value(name, value) == value else None


def _list_words(name: str, table: Mapping[str, Any], setting: GoSetting) -> str:
    place = f" in {redact.text(setting.file)} line {setting.line}" if setting.file else ""
    steps = [
        f"{verb} {', '.join(entries)} {where} {name}{place}"
        for rule, verb, where in (("contains", "add", "to"), ("excludes", "take", "out of"))
        if (entries := _entries(table, rule))
    ]
    return redact.text("; ".join(steps))


def _entries(table: Mapping[str, Any], rule: str) -> list[str]:
    found = table.get(rule) or []
    return [found] if isinstance(found, str) else list(found)
