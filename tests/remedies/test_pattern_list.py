"""What people write into GOPRIVATE: Go asks the proxy all the same, and not with what is advised."""

import subprocess
from pathlib import Path

import pytest

from probe.golang.command import moduleproxy, prefixes
from probe.remedies import pattern_list
from tests.support.commands import clean_environment
from tests.support.toolchains import Toolchain

HOST, ANY, TEAM = "git.corp.example", "*.corp.example", "git.corp.example/team"
WAYS = {
    **dict.fromkeys(
        (
            *(
                "https://git.corp.example",
                "http://git.corp.example/",
                "GIT.corp.example",
                "git.corp.example:443",
            ),
            *('"git.corp.example"', "'git.corp.example'", "^git.corp.example$", "git.corp.example/..."),
            *("/git.corp.example", "GOPRIVATE=git.corp.example", "git.corp.example;", "git.corp.example\n"),
            *(" git.corp.example", "git.corp.example ", "ssh://git.corp.example"),
        ),
        HOST,
    ),
    **dict.fromkeys(
        (".corp.example", r".*\.corp\.example", r"^.*\.corp\.example$", "https://*.corp.example"), ANY
    ),
    **dict.fromkeys(("git@git.corp.example:team", "https://git.corp.example/team.git"), TEAM),
    **dict.fromkeys(
        ("a.example;git.corp.example", "a.example git.corp.example", "a.example, git.corp.example"),
        "a.example,git.corp.example",
    ),
}
MODULE = "git.corp.example/team/x"
SOUND = (
    HOST,
    ANY,
    "*.corp.example/",
    "git.corp.example/*",
    "*corp.example",
    "*",
    "git.corp.example/team/**",
    "",
    ",",
)


def _asks_proxy(go: Toolchain, home: Path, patterns: str) -> bool:
    env = {
        **clean_environment(),
        "HOME": str(home),
        "GOPROXY": "file:///nope",
        "GOSUMDB": "off",
        "GOFLAGS": "",
        "GOVCS": "*:off",
        "GOPRIVATE": patterns,
        "HTTPS_PROXY": "http://127.0.0.1:1",
    }
    command = [str(go.go), "mod", "download", f"{MODULE}@v1.0.0"]
    done = subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, timeout=60, check=False)
    return "file:///nope" in done.stderr


@pytest.mark.parametrize("value", WAYS)
def test_go_takes_what_was_meant(go_newest: Toolchain, tmp_path: Path, value: str) -> None:
    assert moduleproxy.matches_nothing(value)
    assert _asks_proxy(go_newest, tmp_path, value)
    told = pattern_list.meant("GOPRIVATE", value)
    assert told == WAYS[value]
    assert prefixes.matches(told, MODULE)
    assert not _asks_proxy(go_newest, tmp_path, told)


@pytest.mark.parametrize("value", SOUND)
def test_a_pattern_that_may_match(value: str) -> None:
    assert moduleproxy.matches_nothing(value) == ""


@pytest.mark.parametrize(
    "value", ["(a|b)+.corp", "$HOSTS", "[", "https://", "https://user:pw@git.corp.example"]
)
def test_nothing_is_guessed(value: str) -> None:
    """Nor is a password printed."""
    assert moduleproxy.matches_nothing(value)
    assert "pw" not in pattern_list.meant("GOPRIVATE", value)
