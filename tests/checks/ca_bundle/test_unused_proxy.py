"""A proxy that was set and that Go does not use: why, and the line that makes it."""

import pytest

from probe.checks.ca_bundle import unused_proxy
from probe.golang.net.endpoint import parse_endpoint
from probe.golang.net.httpproxy import proxy_for
from probe.golang.release import NEWEST

SERVER = parse_endpoint("api.corp.test:443")


@pytest.mark.parametrize(
    ("env", "words", "fix"),
    [
        ({"HTTP_PROXY": "http://p:1"}, "HTTP_PROXY is set", "ENV HTTPS_PROXY=$HTTP_PROXY"),
        ({"ALL_PROXY": "http://p:1"}, "ALL_PROXY is set", "ENV HTTPS_PROXY=$ALL_PROXY"),
        ({"HTTPS_PROXY": "http://p:1\r"}, "is no URL", "ENV HTTPS_PROXY=http://p:1"),
        ({"HTTPS_PROXY": "http://bob:s3%Pw@p:1"}, "is no URL", "ENV HTTPS_PROXY=http://HOST:PORT"),
        (
            {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8,.TEST"},
            ".test in NO_PROXY keeps it",
            "ENV NO_PROXY=10.0.0.0/8",
        ),
    ],
)
def test_why_it_is_not_used(env: dict[str, str], words: str, fix: str) -> None:
    """Go asks the server directly there, and says so nowhere."""
    assert proxy_for(SERVER.host, SERVER.port, env, NEWEST) is None
    cause, (way,) = unused_proxy.explain("no address", SERVER, env)
    assert cause.startswith("no address; ")
    assert words in cause
    assert way.text == fix


@pytest.mark.parametrize("env", [{}, {"HTTPS_PROXY": "http://p:1"}, {"NO_PROXY": "*"}])
def test_nothing_is_said_where_none_was_meant_or_one_is_used(env: dict[str, str]) -> None:
    assert unused_proxy.explain("no address", SERVER, env) == ("no address", ())
