"""What a policy may ask of one variable, and whether its value keeps it."""

from __future__ import annotations

from probe import codes, redact
from probe.checks.go_env import lists
from probe.codes import Code
from probe.golang import filepath
from probe.golang.command import goflags, moduleproxy
from probe.golang.command.environment import GoSetting
from probe.golang.release import Go
from probe.lightweight import Any, Callable, Iterator, Mapping, NamedTuple, Sequence
from probe.options import Option
from probe.targets import Target

RULES = (
    Option("equals", "string", "the value is exactly this"),
    Option("one_of", "strings", "the value is one of these"),
    Option("not", "texts", "the value is none of these"),
    Option("contains", "texts", "the list, split as Go splits it, holds all of these"),
    Option("excludes", "texts", "the list, split as Go splits it, holds none of these"),
    Option("matches", "string", "this regular expression is found in the value"),
    Option("set", "boolean", "the value is not empty"),
    Option("unset", "boolean", "the variable is not set, or is empty"),
    Option("exists", "boolean", "every directory in the value exists"),
    Option("writable", "boolean", "every directory in the value can be written to, or be created"),
    Option("severity", "choice", "what a broken rule counts as", ("fail", "warn")),
    Option("because", "string", "the reason, shown with what breaks the rule"),
)

# The four-dimension policy: builds that need no C library, downloads that are possible and verified.
POLICY: Mapping[str, Mapping[str, Any]] = {
    "CGO_ENABLED": {"equals": "0"},
    "GOPROXY": {"not": ("off",)},
    "GOSUMDB": {"not": ("off",)},
    "GONOSUMDB": {"unset": True},
    "GOPRIVATE": {"excludes": ("*",)},
    "GOINSECURE": {"unset": True},
    "GONOSUMCHECK": {"unset": True},
    "GOFLAGS": {"excludes": ("-insecure",)},
}

_MATCHED = 2048  # characters of a value; the pattern is the configuration's, which is trusted
_MAX_DIRECTORIES = 20  # of a list that are looked at
_NOTHING: tuple[object, ...] = (None, False, (), [])
_PATTERNS = ("GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOINSECURE")
_UNPROTECTED = ("GOINSECURE", "GONOSUMDB", "GONOSUMCHECK", "GOPRIVATE", "GOFLAGS")


class Violation(NamedTuple):
    """A rule that is not kept. `told` follows the variable's name: "is 1, not 0"."""

    code: Code
    told: str
    place: str = ""  # the directory that is at fault
    mounted: bool = False  # it lies on a read-only mount


def problem(name: str, rules: Mapping[str, Any]) -> str:
    """What is wrong with the table *name* of rules, "KEY: why"; "" when nothing is."""
    if "matches" not in rules:
        return ""
    import re
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sets in sets, which may come to mean something
            re.compile(rules["matches"])
    except (re.error, RecursionError, OverflowError) as refused:
        return f"{name}.matches: is not a regular expression: {refused}"
    return ""


def demands(rules: Mapping[str, Any]) -> bool:
    """Whether a table asks anything of its variable."""
    return any(rules.get(rule) not in _NOTHING for rule in _JUDGES)


def judge(name: str, rules: Mapping[str, Any], setting: GoSetting, target: Target) -> Iterator[Violation]:
    """The rules that the variable *name* does not keep, in the order of RULES."""
    for option in RULES:
        wanted = rules.get(option.name)
        rule = _JUDGES.get(option.name)
        if rule and wanted not in _NOTHING:
            yield from rule(name, wanted, setting, target)


def unusable(name: str, setting: GoSetting, go: Go, minor: int) -> Iterator[Violation]:
    """A value that no rule speaks of, but that the go command (1.*minor*) refuses as soon as it needs it."""
    value = setting.value
    if name == "GOPROXY" and (error := _proxy_fault(value, go)):
        why = f"which Go refuses: {_safe(error)}" if value else "so that no module can be downloaded"
        yield Violation(codes.MODULE_PROXY_UNUSABLE, f"is {_shown(name, value)}, {why}")
    elif name == "GOSUMDB" and (error := moduleproxy.sumdb(value, go).error):
        why = f"which Go refuses: {_safe(error)}" if value else "so that no download can be verified"
        yield Violation(codes.SUMDB_UNUSABLE, f"is {_shown(name, value)}, {why}")
    elif (
        name in _PATTERNS
        and setting.origin != "default"  # GOPRIVATE is the default of the others
        and (pattern := moduleproxy.matches_nothing(value))
    ):
        yield Violation(codes.GO_ENV_PATTERN, f"holds {_shown(name, pattern)}, which no module matches")
    elif name == "GOFLAGS" and (error := goflags.refused(value, minor)):
        why = redact.value("GOFLAGS", error)
        yield Violation(codes.GOFLAGS_UNUSABLE, f"is {_shown(name, value)}, which Go refuses: {why}")


def _proxy_fault(value: str, go: Go) -> str:
    entries, error = moduleproxy.proxies(value, go)
    return error or moduleproxy.unreachable(entries, go)


def _safe(error: str) -> str:
    """What Go quotes in an error is a piece of the value: it takes a password for a port."""
    import re

    return re.sub('".*"', f'"{redact.MARK}"', error, flags=re.DOTALL)


def _equals(name: str, wanted: str, setting: GoSetting, _: Target) -> Iterator[Violation]:
    if lists.meaning(name, setting.value) != lists.meaning(name, wanted):
        code = codes.CGO_IS_ENABLED if (name, wanted) == ("CGO_ENABLED", "0") else codes.GO_ENV_VALUE
        yield Violation(code, f"is {_shown(name, setting.value)}, not {_shown(name, wanted)}")


def _one_of(name: str, wanted: Sequence[str], setting: GoSetting, _: Target) -> Iterator[Violation]:
    if lists.meaning(name, setting.value) not in [lists.meaning(name, item) for item in wanted]:
        allowed = ", ".join(_shown(name, item) for item in wanted)
        yield Violation(codes.GO_ENV_VALUE, f"is {_shown(name, setting.value)}, which is none of {allowed}")


def _not(name: str, wanted: str | Sequence[str], setting: GoSetting, _: Target) -> Iterator[Violation]:
    meant = lists.meaning(name, setting.value)
    if meant in [lists.meaning(name, item) for item in _many(wanted)]:
        named = {("GOPROXY", "off"): codes.MODULE_PROXY_OFF, ("GOSUMDB", "off"): codes.SUMDB_OFF}
        yield Violation(named.get((name, meant), codes.GO_ENV_VALUE), f"is {_shown(name, setting.value)}")


def _contains(name: str, wanted: str | Sequence[str], setting: GoSetting, _: Target) -> Iterator[Violation]:
    entries = lists.split(name, setting.value)
    missing = [item for item in _many(wanted) if not any(lists.same(name, item, entry) for entry in entries)]
    if missing:
        lacking = ", ".join(_shown(name, item) for item in missing)
        yield Violation(codes.GO_ENV_LIST, f"is {_shown(name, setting.value)}, which lacks {lacking}")


def _excludes(name: str, wanted: str | Sequence[str], setting: GoSetting, _: Target) -> Iterator[Violation]:
    entries = lists.split(name, setting.value)
    found = [entry for entry in entries if any(lists.same(name, item, entry) for item in _many(wanted))]
    if found:
        code = codes.MODULES_UNPROTECTED if name in _UNPROTECTED else codes.GO_ENV_LIST
        yield Violation(code, f"holds {', '.join(_shown(name, item) for item in found)}")


def _matches(name: str, wanted: str, setting: GoSetting, _: Target) -> Iterator[Violation]:
    import re

    if len(setting.value) > _MATCHED:
        yield Violation(codes.GO_ENV_UNKNOWN, f"is longer than the {_MATCHED} characters that are matched")
    elif not re.search(wanted, setting.value):
        yield Violation(
            codes.GO_ENV_VALUE, f"is {_shown(name, setting.value)}, which does not match {wanted}"
        )


def _set(_: str, __: bool, setting: GoSetting, ___: Target) -> Iterator[Violation]:
    if not setting.value:
        yield Violation(codes.GO_ENV_UNSET, "is empty")


def _unset(name: str, _: bool, setting: GoSetting, __: Target) -> Iterator[Violation]:
    if setting.value and setting.origin != "default":
        code = codes.MODULES_UNPROTECTED if name in _UNPROTECTED else codes.GO_ENV_SET
        yield Violation(code, f"is {_shown(name, setting.value)}, but should not be set")


def _exists(name: str, _: bool, setting: GoSetting, target: Target) -> Iterator[Violation]:
    for directory in _directories(name, setting.value):
        why = "not a directory"
        try:
            if target.stat(directory).is_dir:
                continue
        except (OSError, ValueError) as problem:
            from probe.targets.writing import in_words

            why = in_words(problem)
        yield Violation(codes.GO_ENV_NO_DIRECTORY, f"is {_shown(name, directory)}: {why}", directory)
    yield from _too_many(name, setting)


def _writable(name: str, _: bool, setting: GoSetting, target: Target) -> Iterator[Violation]:
    from probe.targets import writing  # only where a rule asks

    for directory in _directories(name, setting.value):
        if kept := writing.directory(target, directory):
            why = redact.value(name, f"{kept.place}: {kept.why}")
            told = f"is {_shown(name, directory)}, which cannot be written: {why}"
            yield Violation(codes.GO_ENV_NOT_WRITABLE, told, directory, kept.kind == writing.MOUNT)
    yield from _too_many(name, setting)


def _too_many(name: str, setting: GoSetting) -> Iterator[Violation]:
    if name.endswith("PATH") and setting.value.count(":") >= _MAX_DIRECTORIES:
        yield Violation(
            codes.GO_ENV_UNKNOWN, f"names more than the {_MAX_DIRECTORIES} directories that are checked"
        )


_JUDGES: Mapping[str, Callable[[str, Any, GoSetting, Target], Iterator[Violation]]] = {
    "equals": _equals,
    "one_of": _one_of,
    "not": _not,
    "contains": _contains,
    "excludes": _excludes,
    "matches": _matches,
    "set": _set,
    "unset": _unset,
    "exists": _exists,
    "writable": _writable,
}


def _many(wanted: str | Sequence[str]) -> Sequence[str]:
    return (wanted,) if isinstance(wanted, str) else wanted


def _shown(name: str, value: str) -> str:
    return redact.value(name, value) if value else "empty"


def _directories(name: str, value: str) -> list[str]:
    entries = filepath.split_list(value) if name.endswith("PATH") else [value]
    return [entry for entry in entries[:_MAX_DIRECTORIES] if entry]
