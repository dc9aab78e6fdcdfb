"""A proxy that was set and that Go does not use: why, and the line that makes it."""

import pytest

from probe.checks.ca_bundle import unused_proxy
from probe.golang.net.endpoint import parse_endpoint
from probe.golang.net.httpproxy import proxy_for
from probe.golang.release import NEWEST
from probe.remedies import actions
from tests.differential.harness import ask

NEWEST_RUN = "1.27.3"
SERVER = parse_endpoint("api.corp.test:443")


@pytest.mark.parametrize(
    ("env", "words", "fix"),
    [
        ({"HTTP_PROXY": "http://p:1"}, "HTTP_PROXY is set", "ENV HTTPS_PROXY=http://p:1"),
        ({"ALL_PROXY": "http://bob:s3c@p:1"}, "ALL_PROXY is set", "ENV HTTPS_PROXY=$ALL_PROXY"),
        ({"HTTPS_PROXY": "http://p:1\r"}, "(invalid control character in URL)", "ENV HTTPS_PROXY=http://p:1"),
        ({"HTTPS_PROXY": "${P:-http://p:1}"}, "cannot contain colon", "ENV HTTPS_PROXY=http://p:1"),
        ({"HTTPS_PROXY": "http://bob:s3%Pw@p:1"}, "(invalid URL escape)", "ENV HTTPS_PROXY=http://HOST:PORT"),
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


P = "http://p.test:3128"


@pytest.mark.parametrize(
    "value",
    [
        *(
            f'"{P}"',
            f"'{P}'",
            f"{P}\r",
            f"{P}\n",
            f" {P}",
            "$P",
            "${P}",
            f"${{Q:-{P}}}",
            f"http://{P}",
            "http://$P",
        ),
        *("http//p.test:3128", "http:/p.test:3128", "htp://p.test:3128", "http:///p.test:3128", f"{P};"),
        *(f"HTTPS_PROXY={P}", f"export https_proxy={P}", "http:\\\\p.test:3128"),
    ],
)
def test_the_proxy_that_was_meant_is_the_one_that_go_then_uses(value: str) -> None:
    """Real Go with the value goes elsewhere, or nowhere; with the printed line it goes where it was to."""
    env = {"HTTPS_PROXY": value, "P": P}
    assert _used(env) != P
    words = unused_proxy.meant_proxy("HTTPS_PROXY", env).values
    assert _used({**env, "HTTPS_PROXY": words["value"]}) == P


def _used(env: dict[str, str]) -> str | None:
    answer = ask(NEWEST_RUN, "proxy", {"url": "https://api.corp.test/"}, env=env)
    return answer["proxy"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("env", [{}, {"HTTPS_PROXY": "http://p:1"}, {"NO_PROXY": "*"}])
def test_nothing_is_said_where_none_was_meant_or_one_is_used(env: dict[str, str]) -> None:
    assert unused_proxy.explain("no address", SERVER, env) == ("no address", ())


@pytest.mark.parametrize(
    "value",
    [
        'http://bob:pa"s3cret"/@p.test:1',
        'http://p.test:8"s3cret"0',
        'http://p.test:8"s3cret"0/%zz',
        'http://[a"s3cret"b]:80',
        'http://bob:%"s3cret"zz@p:1',
        '"s3cret":pa/ss@p.test:1',
        "http://$API_TOKEN:8080",
        "${DB_PASSWORD}",
        "http:/$LOGIN@p.test:1",
    ],
)
def test_no_secret_of_a_malformed_proxy_is_told(value: str) -> None:
    """Quotes within what Go's error quotes, or a variable for which another one stands, give nothing away."""
    env = {"HTTPS_PROXY": value, "API_TOKEN": "s3cret", "DB_PASSWORD": "s3cret", "LOGIN": "bob:s3cret"}
    cause, ways = unused_proxy.explain("no address", SERVER, env)
    told = [cause, *(way.text for way in ways), actions.text((unused_proxy.meant_proxy("HTTPS_PROXY", env),))]
    assert "s3cret" not in " ".join(told)
