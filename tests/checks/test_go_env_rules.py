"""The rules of a go-env policy, one by one, each kept and broken."""

from pathlib import Path
from typing import Any

import pytest

from probe import codes
from probe.checks.go_env import GoEnv, rules
from probe.codes import Code
from probe.config import load
from probe.golang.command.environment import GoSetting
from probe.targets import Mount, Target, User, at_root
from tests.support.commands import MakeTarget

NOBODY = User(65534, 65534, (), override=False)


def broken(name: str, table: dict[str, Any], value: str, target: Target, origin: str = "os") -> list[Code]:
    return [fault.code for fault in rules.judge(name, table, GoSetting(value, origin), target)]


@pytest.fixture
def target(make_target: MakeTarget) -> Target:
    return make_target({"/there/file": "", "/cwd/below/file": ""})._replace(cwd="/cwd")


RULES: list[tuple[str, dict[str, Any], list[str], list[str], Code]] = [
    ("GOOS", {"equals": "linux"}, ["linux"], ["", "Linux", "linux "], codes.GO_ENV_VALUE),
    ("GOFLAGS", {"equals": ""}, [""], ["-v"], codes.GO_ENV_VALUE),
    ("CGO_ENABLED", {"equals": "0"}, ["0"], ["1", ""], codes.CGO_IS_ENABLED),
    ("CGO_ENABLED", {"equals": "1"}, ["1"], ["0"], codes.GO_ENV_VALUE),
    (
        "GOPROXY",
        {"equals": "https://a,direct"},
        ["https://a,direct", " https://a, direct,x"],
        ["direct", "https://a|direct"],
        codes.GO_ENV_VALUE,
    ),
    ("GOARCH", {"one_of": ("amd64", "arm64")}, ["amd64", "arm64"], ["arm", ""], codes.GO_ENV_VALUE),
    ("GOTOOLCHAIN", {"not": ("auto", "path")}, ["local", ""], ["auto", "path"], codes.GO_ENV_VALUE),
    ("GOTOOLCHAIN", {"not": "auto"}, ["local"], ["auto"], codes.GO_ENV_VALUE),
    (
        "GOPROXY",
        {"not": ("off",)},
        ["direct", "https://a,off"],
        ["off", " off ", "off,direct", ",off"],
        codes.MODULE_PROXY_OFF,
    ),
    ("GOPROXY", {"not": ("direct",)}, ["off"], ["direct", "direct,off"], codes.GO_ENV_VALUE),
    ("GOSUMDB", {"not": ("off",)}, ["sum.golang.org"], ["off"], codes.SUMDB_OFF),
    (
        "GOPROXY",
        {"contains": ("https://a.example",)},
        ["https://a.example/|off", "a.example", "x.example, https://a.example"],
        ["off", "off,https://a.example", "https://a.example.org"],
        codes.GO_ENV_LIST,
    ),
    (
        "GOPROXY",
        {"contains": ("a.example", "direct")},
        ["https://a.example,direct"],
        ["https://a.example"],
        codes.GO_ENV_LIST,
    ),
    (
        "GOPROXY",
        {"excludes": ("direct",)},
        ["https://a.example,off"],
        ["https://a.example|direct"],
        codes.GO_ENV_LIST,
    ),
    (
        "GOPRIVATE",
        {"contains": "a.example"},
        ["a.example", "b,a.example/"],
        ["", "x a.example", "b, a.example"],
        codes.GO_ENV_LIST,
    ),
    ("GOPRIVATE", {"excludes": ("*",)}, ["*.a.example", ""], ["*", "a,*"], codes.MODULES_UNPROTECTED),
    (
        "GOFLAGS",
        {"contains": ("-mod=vendor", "-trimpath")},
        ["-trimpath -mod=vendor", "--trimpath=true '-mod=vendor'"],
        ["-mod=vendor", "-trimpath -mod=mod"],
        codes.GO_ENV_LIST,
    ),
    (
        "GOFLAGS",
        {"excludes": ("-insecure",)},
        ["-mod=mod", "-x=-insecure"],
        ["-insecure", "-v --insecure=true"],
        codes.MODULES_UNPROTECTED,
    ),
    ("CGO_CFLAGS", {"excludes": ("-O0",)}, ["-O2 -g"], ["-g -O0"], codes.GO_ENV_LIST),
    ("GOPATH", {"contains": ("/go",)}, ["/x:/go"], ["/gopher", "/x,/go"], codes.GO_ENV_LIST),
    ("GOAUTH", {"contains": ("netrc",)}, ["off; netrc"], ["off"], codes.GO_ENV_LIST),
    ("GODEBUG", {"excludes": ("http2client=0",)}, ["a=b"], ["a=b,http2client=0"], codes.GO_ENV_LIST),
    (
        "GOFLAGS",
        {"matches": r"^(-\w+(=\S+)?( |$))*$"},
        ["", "-v -mod=mod"],
        ["v", "-v - x"],
        codes.GO_ENV_VALUE,
    ),
    ("GOCACHE", {"set": True}, ["/c"], [""], codes.GO_ENV_UNSET),
    ("GOBIN", {"unset": True}, [""], ["/b"], codes.GO_ENV_SET),
    ("GOINSECURE", {"unset": True}, [""], ["x"], codes.MODULES_UNPROTECTED),
    (
        "GOMODCACHE",
        {"exists": True},
        ["/there", "below", ""],
        ["/missing", "/there/file", "there", "a\0b"],
        codes.GO_ENV_NO_DIRECTORY,
    ),
    ("GOPATH", {"exists": True}, ["/there:/cwd/below"], ["/there:/missing"], codes.GO_ENV_NO_DIRECTORY),
    (
        "GOCACHE",
        {"writable": True},
        ["/there", "/new/deep/er", "new"],
        ["/there/file", "/there/file/x"],
        codes.GO_ENV_NOT_WRITABLE,
    ),
]


@pytest.mark.parametrize(("name", "table", "kept", "not_kept", "code"), RULES)
def test_a_rule_is_kept_or_broken(
    target: Target, name: str, table: dict[str, Any], kept: list[str], not_kept: list[str], code: Code
) -> None:
    """Each rule with values that keep it beside those that break it with its own code."""
    for value in kept:
        assert broken(name, table, value, target) == [], value
    for value in not_kept:
        assert broken(name, table, value, target) == [code], value


def test_a_default_is_not_set_by_anybody(target: Target) -> None:
    """`unset` asks who set it, `set` whether it has a value: GOPRIVATE fills GONOSUMDB without setting it."""
    assert broken("GONOSUMDB", {"unset": True}, "*.corp.example", target, "default") == []
    assert broken("GONOSUMDB", {"unset": True}, "*.corp.example", target, "go.env") == [
        codes.MODULES_UNPROTECTED
    ]
    assert broken("GOPATH", {"set": True}, "/root/go", target, "default") == []


def test_writing_is_judged_for_the_targets_user(root: Path) -> None:
    """A directory of somebody else cannot be written, nor can anything be made in it."""
    (root / "theirs").mkdir(mode=0o755)
    (root / "everybodys").mkdir()
    (root / "everybodys").chmod(0o777)
    target = at_root(str(root), {}, user=NOBODY)
    table = {"writable": True}
    assert broken("GOCACHE", table, "/everybodys/new", target) == []
    assert broken("GOCACHE", table, "/theirs", target) == [codes.GO_ENV_NOT_WRITABLE]
    (fault,) = rules.judge("GOCACHE", table, GoSetting("/theirs/new", "os"), target)
    assert fault.told == "is /theirs/new, which cannot be written: /theirs: permission denied"


def test_a_read_only_mount_cannot_be_written(make_target: MakeTarget) -> None:
    """Whatever the permission bits say, and unless something writable is mounted further down."""
    mounts = (
        Mount("/", "overlay", "overlay", "/", True, ("ro",)),
        Mount("/tmp", "tmpfs", "tmpfs", "/", False, ("rw",)),
    )
    target = make_target({"/root/x": "", "/tmp/x": ""})._replace(mounts=mounts)
    table = {"writable": True}
    assert broken("GOCACHE", table, "/tmp/c", target) == []
    assert broken("GOCACHE", table, "/root/c", target) == [codes.GO_ENV_NOT_WRITABLE]
    assert broken("GOCACHE", table, "/tmpx", target) == [codes.GO_ENV_NOT_WRITABLE]
    for user in (None, NOBODY):  # whoever asks: no chown helps
        asked = (
            target if user is None else target._replace(user=target.user._replace(uid=65534, override=False))
        )
        (fault,) = rules.judge("GOCACHE", table, GoSetting("/root/c", "os"), asked)
        assert fault.mounted
        assert fault.told == "is /root/c, which cannot be written: /root: read-only file system"


def test_rules_that_are_switched_off_ask_nothing(target: Target) -> None:
    """`false` and an empty list are the same as no rule."""
    switched_off: list[dict[str, Any]] = [
        {"set": False},
        {"unset": False},
        {"one_of": ()},
        {"excludes": []},
        {"severity": "warn"},
    ]
    for table in switched_off:
        assert not rules.demands(table)
        assert broken("GOBIN", table, "", target) == []
    assert rules.demands({"equals": ""})


def test_several_broken_rules_are_all_told(target: Target) -> None:
    """In the order in which they are documented."""
    table: dict[str, Any] = {"exists": True, "equals": "/x"}
    assert broken("GOBIN", table, "/y", target) == [codes.GO_ENV_VALUE, codes.GO_ENV_NO_DIRECTORY]


def test_a_value_too_long_to_be_matched_is_unknown(target: Target) -> None:
    """No pattern is tried on more than 2048 characters."""
    table = {"matches": "b"}
    assert broken("GOFLAGS", table, "a" * 2047 + "b", target) == []
    assert broken("GOFLAGS", table, "a" * 2048 + "b", target) == [codes.GO_ENV_UNKNOWN]


def test_one_entry_needs_no_list(tmp_path: Path) -> None:
    """`not`, `contains` and `excludes` take a text as well as a list of them."""
    (tmp_path / "one.toml").write_text('[go-env.GOPROXY]\nnot = "off"\nexcludes = ["direct"]\n')
    loaded = load.load(environ={}, config=str(tmp_path / "one.toml"), system_file=str(tmp_path / "none"))
    check = loaded.check("go-env")
    assert isinstance(check, GoEnv)
    assert check.rules["GOPROXY"] == {"not": ("off",), "excludes": ("direct",)}


def test_directories_beyond_reason_are_unknown(target: Target) -> None:
    """Twenty are looked at; more are no GOPATH that anybody means."""
    table = {"exists": True}
    assert broken("GOPATH", table, ":".join(["/there"] * 20), target) == []
    assert broken("GOPATH", table, ":".join(["/there"] * 21), target) == [codes.GO_ENV_UNKNOWN]
    assert broken("GOPATH", {"writable": True}, "/there:" * 20, target) == [codes.GO_ENV_UNKNOWN]


def test_a_malformed_pattern_is_a_fault_of_the_configuration() -> None:
    """It is found before anything is run, and named by its key."""
    assert GoEnv().problem() == ""
    found = GoEnv({"GOFLAGS": {"matches": "a"}, "GOOS": {"matches": "(?=x"}}).problem()
    assert found.startswith("go-env.GOOS.matches: is not a regular expression")


def test_each_rule_is_described() -> None:
    """What the configuration accepts is what is judged, and two keys that are no rules."""
    assert {option.name for option in rules.RULES} == {*rules._JUDGES, "severity", "because"}


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "a{2,1}", "\\", r"\1", "(?<n>a)", "[z-a]", "(" * 5000])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    found = GoEnv({"GOOS": {"matches": pattern}}).problem()
    assert found.startswith("go-env.GOOS.matches: is not a regular expression: ")


def test_a_pattern_is_found_anywhere_in_a_bounded_value(target: Target) -> None:
    assert broken("GOPROXY", {"matches": "^https://[^,]+,direct$"}, "https://a,direct", target) == []
    assert broken("GOPROXY", {"matches": "b$"}, "abc", target) == [codes.GO_ENV_VALUE]
    assert broken("GOPROXY", {"matches": "a"}, "a" * 3000, target) == [codes.GO_ENV_UNKNOWN]
