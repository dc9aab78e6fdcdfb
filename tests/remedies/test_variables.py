"""What a remedy adds to a variable stands beside what was there."""

import pytest

from probe.remedies import actions, variables


@pytest.mark.parametrize(
    ("env", "line"),
    [
        ({}, "ENV GODEBUG=tlsmlkem=0"),
        ({"GODEBUG": ""}, "ENV GODEBUG=tlsmlkem=0"),
        ({"GODEBUG": "netdns=go"}, "ENV GODEBUG=netdns=go,tlsmlkem=0"),
        ({"GODEBUG": "tlsmlkem=1,netdns=go,"}, "ENV GODEBUG=netdns=go,tlsmlkem=0"),
        ({"GODEBUG": "a=$b"}, 'ENV GODEBUG="a=\\$b,tlsmlkem=0"'),
    ],
)
def test_a_setting(env: dict[str, str], line: str) -> None:
    assert actions.remedy(variables.godebug(env, "tlsmlkem=0")).text == line


@pytest.mark.parametrize(
    ("env", "line"),
    [
        ({}, "ENV NO_PROXY=api.internal"),
        ({"NO_PROXY": ".svc,10.0.0.0/8"}, "ENV NO_PROXY=.svc,10.0.0.0/8,api.internal"),
        ({"no_proxy": ".svc, "}, "ENV no_proxy=.svc,api.internal"),
        ({"NO_PROXY": "a", "no_proxy": "b"}, "ENV NO_PROXY=a,api.internal"),
    ],
)
def test_a_host_without_proxy(env: dict[str, str], line: str) -> None:
    """Go reads the name in capitals, and the other where that is empty."""
    assert actions.remedy(variables.no_proxy(env, "api.internal")).text == line
