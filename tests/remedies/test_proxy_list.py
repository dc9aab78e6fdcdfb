"""What people write into GOPROXY: the go command takes what is advised, and asks whom was meant."""

import subprocess
from pathlib import Path

import pytest

from probe.golang.command import moduleproxy
from probe.remedies import proxy_list
from tests.support.commands import clean_environment
from tests.support.toolchains import Toolchain

BOTH = "https://proxy.example,direct"
WAYS = {
    **dict.fromkeys(
        (
            *(
                "https://proxy.example direct",
                "'https://proxy.example,direct'",
                '"https://proxy.example,direct"',
            ),
            *("htps://proxy.example,direct", "https://proxy.example,Direct", "https://proxy.example,DIRECT"),
            *(
                "https://proxy.example\\,direct",
                "GOPROXY=https://proxy.example,direct",
                "https://proxy.example:direct",
            ),
            *(
                "https://proxy.example,direct;",
                "https://proxy.example;direct",
                "<https://proxy.example>,direct",
            ),
            *(
                "https://proxy.example\uff0cdirect",
                "[https://proxy.example,direct]",
                "https:\\\\proxy.example,direct",
            ),
            *("https//proxy.example,direct", "https:/proxy.example,direct", "HTTPS://proxy.example, direkt"),
            *(
                "=https://proxy.example,direct",
                "https:\\/\\/proxy.example,direct",
                "https://proxy.example\tdirect",
            ),
            *(
                "https://proxy.example\r\ndirect\r\n",
                "\u201chttps://proxy.example,direct\u201d",
            ),
        ),
        BOTH,
    ),
    "https://a.example https://b.example:8081;direct": "https://a.example,https://b.example:8081,direct",
    "'https://a.example|https://b.example'": "https://a.example|https://b.example",
    "OFF": "off",
    "Direct": "direct",
    '"file:///srv/proxy" direct': "file:///srv/proxy,direct",
}


@pytest.mark.parametrize("value", WAYS)
def test_the_proxies_that_were_meant_are_advised(value: str) -> None:
    told = proxy_list.meant(value)
    assert told == WAYS[value]
    assert proxy_list.meant(told) == told
    assert not moduleproxy.proxies(told).error


@pytest.mark.parametrize(
    "value", ["", "none", "$GOPROXY", "socks5://x,direct", "https://user:pw@host;direct", ",,"]
)
def test_nothing_is_guessed(value: str) -> None:
    """Nor is a password printed."""
    assert proxy_list.meant(value) == ""


@pytest.mark.parametrize(
    "value",
    [
        "'file:///srv/proxy'",
        "fil:///srv/proxy",
        "GOPROXY=file:///srv/proxy",
        "<file:///srv/proxy>",
        "file:///srv/proxy\\",
    ],
)
def test_the_go_command_takes_it(go_newest: Toolchain, tmp_path: Path, value: str) -> None:
    """It refuses the one, and by the other it asks the proxy that was meant."""

    def said(goproxy: str) -> str:
        env = {
            **clean_environment(),
            "HOME": str(tmp_path),
            "GOPROXY": goproxy,
            "GOSUMDB": "off",
            "GOFLAGS": "",
        }
        command = [str(go_newest.go), "list", "-m", "x.example/y@v1.0.0"]
        done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        return done.stderr

    asked = "file:///srv/proxy/x.example/y/@v/v1.0.0.info"
    assert asked not in said(value)
    assert asked in said(proxy_list.meant(value))


UNREACHABLE = {  # → what is advised, "" where it is not known
    "https:///proxy.example": "https://proxy.example",
    "https://proxy.example;direct": "https://proxy.example,direct",
    "https:///proxy.example,direct": "https://proxy.example,direct",
    "https:/proxy.example/x": "https://proxy.example/x",
    "https://'proxy.example'": "",
    "https:///path": "",
    "https://": "",
    "https:///": "",
    "https://?x": "",
    "https://#x": "",
    "https://x:99999": "",
    "https://x:65536/go": "",
    "https://pro!xy": "",
    "http://localhost:1|https://": "",
    "HTTPS:///x": "",
    "http://pro(xy)": "",
}
SAID = ("no Host in request URL", "no such host", "invalid port", "unsupported protocol scheme")


def _downloaded(go: Toolchain, home: Path, goproxy: str) -> str:
    env = {**clean_environment(), "HOME": str(home), "GOPROXY": goproxy, "GOSUMDB": "off", "GOFLAGS": ""}
    command = [str(go.go), "mod", "download", "x.example/y@v1.0.0"]
    return subprocess.run(
        command, env=env, cwd=home, capture_output=True, text=True, timeout=60, check=False
    ).stderr


@pytest.mark.parametrize("value", UNREACHABLE)
def test_no_host_is_named(go_newest: Toolchain, tmp_path: Path, value: str) -> None:
    """What ends the download in the go command's words, where no name server is needed to tell."""
    said = _downloaded(go_newest, tmp_path, value)
    why = moduleproxy.unreachable(moduleproxy.proxies(value).entries)
    assert why
    assert why in said
    assert any(words in said for words in SAID), said
    assert proxy_list.meant(value) == UNREACHABLE[value]


@pytest.mark.parametrize(
    "value",
    [
        "https://proxy.example",
        "https://|direct",
        "http://localhost:8081",
        "https://[::1]:80/",
        "off",
        "file:///x",
    ],
)
def test_a_host_is_named(value: str) -> None:
    assert moduleproxy.unreachable(moduleproxy.proxies(value).entries) == ""
