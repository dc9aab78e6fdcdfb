"""A variable that breaks its rules: what is wrong with it, and the line that fixes it."""

from __future__ import annotations

from probe import codes, redact
from probe.checks.go_env import findings
from probe.checks.go_env.rules import Violation
from probe.golang import filepath
from probe.golang.command.environment import GoSetting
from probe.golang.command.environment_defaults import GO_ENV
from probe.golang.command.toolchain import Toolchain
from probe.golang.release import NEWEST
from probe.lightweight import Any, Mapping, Sequence
from probe.report import Action, Finding, Remedies, Status
from probe.targets import Target

_BELOW_HOME = ("GOPATH", "GOMODCACHE", "GOCACHE")  # by default
_UNKNOWN = (codes.GO_ENV_UNKNOWN,)
_CODES_OF_LISTS = (codes.GO_ENV_LIST, codes.MODULES_UNPROTECTED)
_CODES_OF_DIRECTORIES = (codes.GO_ENV_NO_DIRECTORY, codes.GO_ENV_NOT_WRITABLE)


def finding(
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
    elif faults[0].code is codes.GO_ENV_PATTERN:
        status = Status.WARN
    reason = f" ({redact.text(because)})" if (because := table.get("because")) else ""
    told = "; ".join(fault.told for fault in faults)
    return Finding(
        status,
        faults[0].code,
        name,
        f"{name}{findings.whence(name, setting)} {told}{reason}",
        _ways(target, name, table, setting, faults[0], found),
        findings.evidence(name, setting),
    )


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
    if not table.get("equals") and not table.get("one_of"):
        wanted = _meant(name, fault.code, setting, found) or wanted
    if not wanted and (table.get("set") or "matches" in table or fault.code is codes.GO_ENV_PATTERN):
        like = f" that matches {redact.text(table['matches'])}" if "matches" in table else ""
        return actions.ways(actions.ask(f"Give {name} a value{like}", actions.IMAGE))
    return actions.ways(_assigned(name, wanted or "", setting, found))


def _meant(name: str, code: codes.Code, setting: GoSetting, found: Toolchain | None) -> str:
    """What a list was meant to be that Go does not read so; "" where that is not known."""
    if code is codes.MODULE_PROXY_UNUSABLE:
        from probe.remedies import proxy_list

        return proxy_list.meant(setting.value)
    if code is codes.GOFLAGS_UNUSABLE:
        from probe.remedies import flag_list

        return flag_list.meant(setting.value, findings.minor(found, NEWEST) if found else NEWEST.minor)
    if code is codes.GO_ENV_PATTERN:
        from probe.remedies import pattern_list

        return pattern_list.meant(name, setting.value)
    return ""


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
