"""The check of the go command's environment: every cause by its own code, with real toolchains."""

import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.go_env import POLICY, GoEnv
from probe.codes import Code
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Finding, Status
from probe.targets import Target, access
from probe.targets.host_fs import HostFiles
from probe.targets.processes import Processes
from tests.support.commands import MakeTarget
from tests.support.timing import Stopwatch
from tests.support.toolchains import Toolchain, wrapper

SECRET = "hunter2xyzzy"
TAKE_OUT = "ENV GOFLAGS=-v"


def here(env: Mapping[str, str], processes: Processes | None, executable: str = "") -> Target:
    return Target("here", HostFiles(), env, "/", access.ourselves(), (), executable, processes)


def findings(
    target: Target, rules: Mapping[str, Mapping[str, Any]] = POLICY, seconds: float = 10
) -> list[Finding]:
    run = Run(Deadline(seconds), "all", time.time(), Facts(target, go=NEWEST), lambda _: None)
    return list(GoEnv(rules).run(target, run))


def only(found: list[Finding], code: Code) -> Finding:
    """The one finding of that code."""
    (finding,) = [finding for finding in found if finding.code is code]
    return finding


def faults(found: list[Finding]) -> list[Code]:
    return [finding.code for finding in found if finding.status is not Status.PASS]


def test_a_plain_toolchain_keeps_the_policy(base: dict[str, str], processes: Processes) -> None:
    """One finding tells what all the variables are."""
    (finding,) = findings(here(base, processes))
    assert (finding.status, finding.code) == (Status.PASS, codes.GO_ENV_OK)
    assert "CGO_ENABLED=0" in finding.cause
    assert finding.evidence["GOPROXY"] == "https://proxy.golang.org,direct"
    assert set(finding.evidence) == set(POLICY)


@pytest.mark.parametrize(
    ("env", "code", "subject", "remedy"),
    [
        ({"CGO_ENABLED": "1"}, codes.CGO_IS_ENABLED, "CGO_ENABLED", "ENV CGO_ENABLED=0"),
        ({"GOPROXY": "off"}, codes.MODULE_PROXY_OFF, "GOPROXY", "ENV GOPROXY=https://proxy.golang.org,direct"),
        ({"GOPROXY": " off,x"}, codes.MODULE_PROXY_OFF, "GOPROXY", "ENV GOPROXY=https://proxy.golang.org,direct"),
        ({"GOPROXY": 'htps://proxy.corp'}, codes.MODULE_PROXY_UNUSABLE, "GOPROXY", "ENV GOPROXY=https://proxy.corp"),
        ({"GOPROXY": '"https://proxy.corp,direct"'}, codes.MODULE_PROXY_UNUSABLE, "GOPROXY", "ENV GOPROXY=https://proxy.corp,direct"),
        ({"GOPROXY": 'https://proxy.corp direct'}, codes.MODULE_PROXY_UNUSABLE, "GOPROXY", "ENV GOPROXY=https://proxy.corp,direct"),
        ({"GOPROXY": 'derect'}, codes.MODULE_PROXY_UNUSABLE, "GOPROXY", "ENV GOPROXY=direct"),
        ({"GOPROXY": 'gopher://proxy.corp'}, codes.MODULE_PROXY_UNUSABLE, "GOPROXY", "ENV GOPROXY=https://proxy.golang.org,direct"),
        ({"GOPROXY": ","}, codes.MODULE_PROXY_UNUSABLE, "GOPROXY", "ENV GOPROXY=https://proxy.golang.org,direct"),
        ({"GOSUMDB": "off"}, codes.SUMDB_OFF, "GOSUMDB", "ENV GOSUMDB=sum.golang.org"),
        ({"GOSUMDB": "Off"}, codes.SUMDB_UNUSABLE, "GOSUMDB", "ENV GOSUMDB=sum.golang.org"),
        ({"GOINSECURE": "*"}, codes.MODULES_UNPROTECTED, "GOINSECURE", "ENV GOINSECURE="),
        ({"GONOSUMDB": "a.example"}, codes.MODULES_UNPROTECTED, "GONOSUMDB", "ENV GONOSUMDB="),
        ({"GONOSUMCHECK": "1"}, codes.MODULES_UNPROTECTED, "GONOSUMCHECK", "ENV GONOSUMCHECK="),
        ({"GOPRIVATE": "*"}, codes.MODULES_UNPROTECTED, "GOPRIVATE", "ENV GOPRIVATE="),
        ({"GOFLAGS": "-v --insecure=1"}, codes.MODULES_UNPROTECTED, "GOFLAGS", TAKE_OUT),
        ({"GOFLAGS": "-v 'x"}, codes.GOFLAGS_UNUSABLE, "GOFLAGS", "ENV GOFLAGS="),
        ({"GOFLAGS": "-v x"}, codes.GOFLAGS_UNUSABLE, "GOFLAGS", "ENV GOFLAGS="),
    ],
)  # fmt: skip
def test_each_default_rule_has_its_own_code(
    base: dict[str, str], processes: Processes, env: dict[str, str], code: Code, subject: str, remedy: str
) -> None:
    """One variable breaks the policy, the others keep it, and the line that fixes it can be pasted."""
    found = findings(here({**base, **env}, processes))
    assert faults(found) == [code]
    broken = only(found, code)
    assert (broken.status, broken.subject, broken.remedy) == (Status.FAIL, subject, remedy)
    assert f"{subject} (from the environment)" in broken.cause
    assert broken.evidence["origin"] == "os"
    assert subject not in only(found, codes.GO_ENV_OK).evidence


@pytest.mark.parametrize(
    "env",
    [
        {"GOPROXY": "https://proxy.example,off"},
        {"GOPROXY": "direct"},
        {"GOSUMDB": "sum.golang.google.cn"},
        {"GOPRIVATE": "*.corp.example"},
        {"GOFLAGS": "-mod=mod '-ldflags=-X a=b c'"},
    ],
)
def test_what_companies_really_set_keeps_the_policy(
    base: dict[str, str], processes: Processes, env: dict[str, str]
) -> None:
    """A proxy of one's own, another way to the database, private modules: none is a fault."""
    assert faults(findings(here({**base, **env}, processes))) == []


@pytest.mark.parametrize("version", ["go_1_21", "go_1_24", "go_newest"])
def test_flags_in_goflags_do_not_change_the_question(
    processes: Processes, tmp_path: Path, version: str, request: pytest.FixtureRequest
) -> None:
    """-w and -u, meant for the linker or for go get, are flags of `go env`, too."""
    tool: Toolchain = request.getfixturevalue(version)
    flags = "-w -u -json=false" if version == "go_1_21" else "-w -u -changed -json=false"  # since 1.23
    env = {"PATH": f"{tool.root}/bin", "HOME": str(tmp_path), "GOFLAGS": flags}
    (finding,) = findings(here(env, processes))
    assert finding.code is codes.GO_ENV_OK


def test_a_wrapper_without_an_answer_is_one_fault(processes: Processes, tmp_path: Path) -> None:
    """What it alone could have told is not listed beside it; where it may not be run, that is the cause."""
    env = {"PATH": wrapper(tmp_path / "shims", "exit 3"), "HOME": str(tmp_path), "CGO_ENABLED": "0"}
    assert faults(findings(here(env, processes))) == [codes.GO_ENV_FAILED]
    unknown = findings(here(env, None))[0]
    assert (unknown.status, unknown.code) == (Status.UNKNOWN, codes.GO_ENV_UNKNOWN)
    assert "without an answer of the go command" in unknown.cause


@pytest.mark.parametrize(
    ("rules", "remedy"),
    [
        ({"set": True}, "Give GOPRIVATE a value"),
        ({"matches": "^corp"}, "Give GOPRIVATE a value that matches ^corp"),
        ({"matches": "^corp", "one_of": ["corp.test"]}, "ENV GOPRIVATE=corp.test"),
    ],
)
def test_no_remedy_breaks_the_rule_again(
    base: dict[str, str], processes: Processes, rules: dict[str, Any], remedy: str
) -> None:
    """An empty value would, where one is asked for."""
    (finding,) = findings(here(base, processes), {"GOPRIVATE": rules})
    assert finding.remedy == remedy


def test_a_wrapper_of_an_old_release_is_asked_in_its_own_words(
    processes: Processes, tmp_path: Path, go_1_21: Toolchain
) -> None:
    """Nobody knows its release before it runs: it gets no flag that it would refuse."""
    env = {"PATH": wrapper(tmp_path / "shims", f'exec {go_1_21.go} "$@"'), "HOME": str(tmp_path)}
    (finding,) = findings(here(env, processes))
    assert finding.code is codes.GO_ENV_OK
    assert finding.evidence["GOPROXY"] == "https://proxy.golang.org,direct"


def test_a_compiler_in_path_turns_cgo_on(base: dict[str, str], processes: Processes, tmp_path: Path) -> None:
    """Nobody set anything, and the cause says why it is on all the same."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gcc").write_text("#!/bin/false\n")
    (tmp_path / "bin" / "gcc").chmod(0o755)
    found = findings(here({**base, "PATH": f"{base['PATH']}:{tmp_path}/bin"}, processes))
    broken = only(found, codes.CGO_IS_ENABLED)
    assert broken.cause == "CGO_ENABLED (by default, with a C compiler installed) is 1, not 0"
    assert broken.evidence == {"value": "1", "origin": "default"}


def test_a_value_from_the_users_file_is_told_with_its_line(
    base: dict[str, str], processes: Processes
) -> None:
    """And is fixed by the command that edits that file."""
    file = Path(base["HOME"]) / ".config" / "go" / "env"
    file.parent.mkdir(parents=True)
    file.write_text("GOPATH=/go\nGOSUMDB=off\nCGO_ENABLED=1\nGOINSECURE=x\n")
    found = findings(here(base, processes))
    broken = only(found, codes.SUMDB_OFF)
    assert broken.cause == f"GOSUMDB ({file} line 2) is off"
    assert broken.remedy == "go env -u GOSUMDB"
    assert broken.evidence == {"value": "off", "origin": "file", "file": str(file), "line": 2}
    assert only(found, codes.CGO_IS_ENABLED).remedy == "go env -w CGO_ENABLED=0"
    assert only(found, codes.MODULES_UNPROTECTED).remedy == "go env -u GOINSECURE"


def test_the_three_that_fail_together_are_one_cause(
    base: dict[str, str], processes: Processes, tmp_path: Path
) -> None:
    """No Go tree, no GOPATH, no proxy: told once, and none of the three again."""
    (tmp_path / "empty").mkdir()
    env = {"PATH": base["PATH"], "GOROOT": f"{tmp_path}/empty", "GOPROXY": "off"}
    found = findings(here(env, processes))
    assert faults(found) == [codes.GO_PACKAGES_UNREACHABLE]
    broken = only(found, codes.GO_PACKAGES_UNREACHABLE)
    assert broken.evidence == {"GOROOT": f"{tmp_path}/empty", "GOPATH": "", "GOPROXY": "off"}
    assert broken.remedy == "ENV GOROOT= GOPATH=/go GOPROXY=https://proxy.golang.org,direct"
    # With any of the three fixed, it is no longer that cause.
    assert faults(findings(here({**env, "GOROOT": ""}, processes))) == [codes.MODULE_PROXY_OFF]
    assert faults(findings(here({**env, "GOPATH": "/go", "GOSUMDB": "sum.golang.org"}, processes))) == [
        codes.MODULE_PROXY_OFF
    ]


def test_a_goroot_without_a_tree_is_one_cause(
    base: dict[str, str], processes: Processes, tmp_path: Path
) -> None:
    """GOPROXY and GOSUMDB are empty because go.env was not found: the cause is GOROOT."""
    (tmp_path / "empty").mkdir()
    found = findings(here({**base, "GOROOT": f"{tmp_path}/empty"}, processes))
    assert faults(found) == [codes.GOROOT_WITHOUT_TREE]
    broken = only(found, codes.GOROOT_WITHOUT_TREE)
    assert broken.remedy == "ENV GOROOT="
    assert "without its go.env GOPROXY and GOSUMDB are empty" in broken.cause
    assert faults(findings(here({**base, "GOROOT": ""}, processes))) == []


def test_a_goroot_in_the_users_file_is_mended_there(base: dict[str, str], processes: Processes) -> None:
    """The command that edits the file is named."""
    home = Path(base["HOME"])
    (home / ".config" / "go").mkdir(parents=True)
    (home / ".config" / "go" / "env").write_text(f"GOROOT={home}\n")
    assert only(findings(here(base, processes)), codes.GOROOT_WITHOUT_TREE).remedy == "go env -u GOROOT"


def test_an_empty_proxy_in_the_users_file_is_no_fault_of_goroot(
    base: dict[str, str], processes: Processes
) -> None:
    """Somebody emptied it there, which hides go.env."""
    file = Path(base["HOME"]) / ".config" / "go" / "env"
    file.parent.mkdir(parents=True)
    file.write_text("GOPROXY=\n")
    found = findings(here(base, processes))
    assert only(found, codes.MODULE_PROXY_UNUSABLE).cause == (
        f"GOPROXY ({file} line 1) is empty, so that no module can be downloaded"
    )


class TestGoEnvFails:
    """What keeps the go command from answering; the policy is then judged by our own reading."""

    def test_with_words_of_its_own(self, base: dict[str, str], processes: Processes) -> None:
        """Its words are the cause, without the credentials in them."""
        bad = f"/https://u:{SECRET}@h"
        found = findings(here({**base, "GOROOT": bad}, processes))
        broken = only(found, codes.GO_ENV_FAILED)
        assert "exit status 2: go: cannot find GOROOT directory: ***@h" in broken.cause
        assert broken.remedy == "ENV GOROOT="
        assert faults(found) == [codes.GO_ENV_FAILED]
        assert only(found, codes.GO_ENV_OK).evidence["CGO_ENABLED"] == "0"

    @pytest.mark.parametrize(
        ("env", "remedy"),
        [
            ({"GO111MODULE": "bogus"}, "ENV GO111MODULE="),
            ({"GOPATH": "relative"}, "ENV GOPATH=/go"),
            ({"GOPATH": "~/go"}, "ENV GOPATH=/go"),
            ({"GOEXPERIMENT": "bogus"}, "ENV GOEXPERIMENT="),
        ],
    )
    def test_for_a_reason_that_we_know_how_to_fix(
        self, base: dict[str, str], processes: Processes, env: dict[str, str], remedy: str
    ) -> None:
        """The usual ones come with their line."""
        assert only(findings(here({**base, **env}, processes)), codes.GO_ENV_FAILED).remedy == remedy

    def test_because_only_the_command_was_copied(
        self, go_newest: Toolchain, processes: Processes, tmp_path: Path
    ) -> None:
        """bin/go without its tree."""
        (tmp_path / "bin").mkdir()
        shutil.copy(go_newest.go, tmp_path / "bin" / "go")
        found = findings(here({"PATH": f"{tmp_path}/bin", "HOME": str(tmp_path)}, processes))
        broken = only(found, codes.GO_ENV_FAILED)
        assert "'go' binary is trimmed and GOROOT is not set" in broken.cause
        assert broken.remedy == "ENV GOROOT=/usr/local/go"

    def test_by_a_setting_in_godebug(self, base: dict[str, str], processes: Processes) -> None:
        """A removed setting kills Go 1.27 before it begins; one that it knows does not."""
        broken = only(findings(here({**base, "GODEBUG": "a=b,x509sha1=1"}, processes)), codes.GO_ENV_GODEBUG)
        assert broken.remedy == "ENV GODEBUG=a=b"
        assert faults(findings(here({**base, "GODEBUG": "a=b,x509sha1=0"}, processes))) == []

    def test_by_hanging(self, processes: Processes, tmp_path: Path) -> None:
        """It ends with the time that it is given, and what can be judged still is."""
        env = {"PATH": wrapper(tmp_path / "bin", "exec sleep 60") + ":/usr/bin:/bin", "GOPROXY": "off"}
        watch = Stopwatch()
        found = findings(here(env, processes), seconds=1)
        assert watch.quiet() < 1
        assert only(found, codes.GO_ENV_HUNG).cause == "`go env` had not finished after 0.8 s"
        assert codes.MODULE_PROXY_OFF in faults(found)

    @pytest.mark.parametrize(
        "script",
        [
            "echo hello",
            "true",
            "echo '[1]'",
            "echo '{\"GOPROXY\": 1}'",
            'echo \'{"GOPROXY": "x"}\'',
            "yes '[' | head -c 20000",
            "head -c 1000000 /dev/zero",
            "printf '\\377'",
        ],
    )
    def test_by_printing_something_else(self, processes: Processes, tmp_path: Path, script: str) -> None:
        """Anything but exactly the variables that were asked for is said to be that."""
        env = {"PATH": wrapper(tmp_path / "bin", script) + ":/usr/bin:/bin"}
        broken = only(findings(here(env, processes)), codes.GO_ENV_GARBLED)
        assert len(broken.cause) < 500

    @pytest.mark.parametrize("script", ["kill -9 $$", "echo 'no such thing' >&2; exit 3"])
    def test_by_ending_badly(self, processes: Processes, tmp_path: Path, script: str) -> None:
        """A signal is told, and so is a status."""
        env = {"PATH": wrapper(tmp_path / "bin", script) + ":/usr/bin:/bin"}
        cause = only(findings(here(env, processes)), codes.GO_ENV_FAILED).cause
        assert cause in (
            "`go env` ended with signal 9: nothing",
            "`go env` ended with exit status 3: no such thing",
        )

    def test_by_not_starting(self, processes: Processes, tmp_path: Path) -> None:
        """A go command that cannot be loaded is go-version's subject; here it is unknown."""
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "go").write_bytes(b"\x7fELF")
        (tmp_path / "bin" / "go").chmod(0o755)
        found = findings(here({"PATH": f"{tmp_path}/bin"}, processes))
        assert only(found, codes.GO_ENV_NOT_STARTED).status is Status.UNKNOWN

    def test_at_a_fifo(self, base: dict[str, str], processes: Processes) -> None:
        """A file of settings that never ends stops every go command: it is named, and nothing is run."""
        file = Path(base["HOME"]) / ".config" / "go" / "env"
        file.parent.mkdir(parents=True)
        os.mkfifo(file)
        found = findings(here(base, processes))
        assert faults(found) == [codes.GO_ENV_FILE_BLOCKS]
        assert only(found, codes.GO_ENV_FILE_BLOCKS).remedy == f"mv {file} {file}.old"

    def test_at_a_file_of_settings_beyond_reason(self, base: dict[str, str], processes: Processes) -> None:
        """Go reads it; what it makes of it then differs from what we know, and both are said."""
        file = Path(base["HOME"]) / ".config" / "go" / "env"
        file.parent.mkdir(parents=True)
        file.write_text("GOINSECURE=x\n" + "#" * (1 << 20))
        found = findings(here(base, processes))
        assert only(found, codes.GO_ENV_FILE_TOO_LARGE).status is Status.UNKNOWN
        assert only(found, codes.GO_ENV_DISAGREES).evidence["value"] == "x"


def test_what_go_says_counts_where_we_cannot_explain_it(
    go_newest: Toolchain, base: dict[str, str], processes: Processes, tmp_path: Path
) -> None:
    """A wrapper that sets a variable of its own is warned of, and its value is judged."""
    script = f'GOFLAGS=-insecure exec {go_newest.go} "$@"'
    found = findings(here({**base, "PATH": wrapper(tmp_path / "bin", script)}, processes))
    warned = only(found, codes.GO_ENV_DISAGREES)
    assert (warned.status, warned.subject) == (Status.WARN, "GOFLAGS")
    assert only(found, codes.MODULES_UNPROTECTED).status is Status.FAIL
    plain = wrapper(tmp_path / "plain", f'exec {go_newest.go} "$@"')
    assert codes.GO_ENV_DISAGREES not in faults(findings(here({**base, "PATH": plain}, processes)))


class TestWithoutAToolchain:
    """The normal case in production."""

    def test_nothing_set_passes_and_says_so(self, make_target: MakeTarget) -> None:
        """The policy is about nothing that is there."""
        (finding,) = findings(make_target(HOME="/h", PATH="/bin"))
        assert (finding.status, finding.code) == (Status.PASS, codes.GO_ENV_NO_TOOLCHAIN)
        assert "no variable of the policy is set" in finding.cause

    def test_what_is_set_is_judged(self, make_target: MakeTarget) -> None:
        """Somebody set it, and meant it for a go command."""
        found = findings(make_target({"/h/.config/go/env": "GOSUMDB=off\n"}, HOME="/h", GOPROXY="off"))
        assert faults(found) == [codes.MODULE_PROXY_OFF, codes.SUMDB_OFF]
        assert only(found, codes.SUMDB_OFF).remedy == "sed -i '/^GOSUMDB=/d' /h/.config/go/env"

    def test_the_workload_tells_how_it_was_built(
        self, go_newest: Toolchain, base: dict[str, str], tmp_path: Path
    ) -> None:
        """CGO_ENABLED is in a program's own build settings; the go command's program has it off."""
        target = here({"PATH": "/nowhere", "HOME": str(tmp_path)}, None, str(go_newest.go))
        (finding,) = findings(target)
        assert finding.code is codes.GO_ENV_NO_TOOLCHAIN
        assert "CGO_ENABLED=0" in finding.cause
        found = findings(target, {"CGO_ENABLED": {"equals": "1"}})
        broken = only(found, codes.GO_ENV_VALUE)
        assert broken.cause == f"CGO_ENABLED (as {go_newest.go} was built) is 0, not 1"
        assert broken.remedy == "CGO_ENABLED=1 go build"

    def test_what_cannot_be_told_is_unknown_where_it_was_asked_for(
        self, make_target: MakeTarget, root: Path
    ) -> None:
        """The default policy lets it be; a policy of one's own wants an answer."""
        target = make_target({"/bin/gcc": ""}, HOME="/h", PATH="/bin")
        (root / "bin" / "gcc").chmod(0o755)
        (finding,) = findings(target)
        assert finding.cause.endswith("CGO_ENABLED would depend on one")
        (finding,) = findings(target, {"CGO_ENABLED": {"one_of": ("0", "1")}})
        assert (finding.status, finding.code) == (Status.UNKNOWN, codes.GO_ENV_UNKNOWN)


def test_a_wrapper_is_asked_for_what_only_it_knows(
    go_newest: Toolchain, base: dict[str, str], processes: Processes, tmp_path: Path
) -> None:
    """Which tree it uses, and so which proxy, is in no file that we could find."""
    env = {**base, "PATH": wrapper(tmp_path / "bin", f'exec {go_newest.go} "$@"')}
    (finding,) = findings(here(env, processes))
    assert finding.evidence["GOSUMDB"] == "sum.golang.org"
    found = findings(here(env, None))
    assert {finding.subject for finding in found if finding.code is codes.GO_ENV_UNKNOWN} == {
        "GOPROXY",
        "GOSUMDB",
    }


def test_the_costly_names_are_never_asked_for(
    base: dict[str, str], processes: Processes, tmp_path: Path
) -> None:
    """They would make go run the compiler: we answer from what is set, or say that only it knows."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gcc").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (tmp_path / "bin" / "gcc").chmod(0o755)
    env = {**base, "PATH": f"{base['PATH']}:{tmp_path}/bin:/usr/bin:/bin", "CGO_CFLAGS": "-O3"}
    rules: dict[str, dict[str, Any]] = {"CGO_CFLAGS": {"contains": ("-O3",)}, "GOGCCFLAGS": {"set": True}}
    found = findings(here(env, processes), rules)
    assert only(found, codes.GO_ENV_UNKNOWN).subject == "GOGCCFLAGS"
    assert only(found, codes.GO_ENV_OK).evidence == {"CGO_CFLAGS": "-O3"}
    assert not (tmp_path / "ran").exists()


def test_the_container_is_left_as_it_was(base: dict[str, str], processes: Processes) -> None:
    """Asking go env writes nothing to HOME: no telemetry, no cache."""
    findings(here(base, processes))
    assert list(Path(base["HOME"]).iterdir()) == []


def test_an_empty_policy_is_skipped_and_says_so(base: dict[str, str], processes: Processes) -> None:
    """Rules that ask nothing are as good as none."""
    policies: list[dict[str, dict[str, Any]]] = [
        {},
        {"GOPROXY": {}},
        {"GOPROXY": {"unset": False, "severity": "warn"}},
    ]
    for rules in policies:
        (finding,) = findings(here(base, processes), rules)
        assert (finding.status, finding.code) == (Status.SKIP, codes.GO_ENV_NO_POLICY)


def test_a_policy_can_warn_and_give_its_reason(base: dict[str, str], processes: Processes) -> None:
    """`severity` and `because` belong to one variable."""
    rules = {"GOPROXY": {"equals": "off", "severity": "warn", "because": "builds are offline"}}
    (finding,) = findings(here(base, processes), rules)
    assert finding.status is Status.WARN
    assert finding.cause.endswith("is https://proxy.golang.org,direct, not off (builds are offline)")


@pytest.mark.parametrize(
    "env",
    [
        {"GOPROXY": "https://u:SECRET@h,nonsense"},
        {"GOPROXY": "https://u:SECRET"},
        {"GOPROXY": "https://SECRET@h|off"},
        {"GOFLAGS": "-insecure '-ldflags=-X k=SECRET'"},
        {"GOFLAGS": "https://u:SECRET@h"},
        {"GOSUMDB": "x https://u:SECRET@h:x"},
        {"GOINSECURE": "https://u:SECRET@h"},
        {"GOROOT": "/https://u:SECRET@h"},
        {"GOAUTH": "prog SECRET", "GO111MODULE": "u:SECRET@h"},
    ],
)
def test_no_secret_leaves(base: dict[str, str], processes: Processes, env: dict[str, str]) -> None:
    """Not in a cause, not in a remedy, not as evidence, whichever way the value fails."""
    env = {name: value.replace("SECRET", SECRET) for name, value in env.items()}
    rules = {
        **POLICY,
        "GOAUTH": {"matches": "^off$"},
        "GOPROXY": {"not": "off", "contains": (f"https://u:{SECRET}@z",)},
    }
    for processes_or_none in (processes, None):
        found = findings(here({**base, **env}, processes_or_none), rules)
        assert faults(found)
        assert SECRET not in repr(found)
