"""Which proxy an endpoint is reached through; tests/differential/test_proxy.py asks net/http the same."""

import pytest

from probe.golang.net.httpproxy import Proxy, proxy_for
from probe.golang.release import Go
from tests.golang.proxies import CASES, P

GO = Go((1, 27, 3), "as-go")
DIRECT = {
    "no variable",
    "HTTP_PROXY is for http",
    "ALL_PROXY is not heeded",
    "localhost",
    "loopback",
    "loopback IPv6",
    "loopback IPv4 in IPv6",
    "NO_PROXY name",
    "NO_PROXY lower case variable",
    "NO_PROXY covers subdomains",
    "NO_PROXY dot: subdomains",
    "NO_PROXY star dot: subdomains",
    "NO_PROXY star",
    "NO_PROXY star among others",
    "NO_PROXY list with blanks",
    "NO_PROXY other case",
    "NO_PROXY port",
    "NO_PROXY default port",
    "NO_PROXY address",
    "NO_PROXY address and port",
    "NO_PROXY range",
    "NO_PROXY range with host bits",
    "NO_PROXY IPv6",
    "NO_PROXY IPv6 and port",
    "NO_PROXY IPv6 range",
    "NO_PROXY mapped range",
    "NO_PROXY mapped range, mapped host",
    "NO_PROXY name in another alphabet",
}


@pytest.mark.parametrize("name", CASES)
def test_a_proxy_is_used_or_not(name: str) -> None:
    """Every case goes the way that it goes with net/http."""
    env, host, port = CASES[name]
    assert (proxy_for(host, port, env, GO) is None) == (name in DIRECT)


def test_credentials_are_taken_apart_and_kept_out_of_the_address() -> None:
    """They are unescaped for the header, and what is shown lacks them."""
    proxy = proxy_for("a.test", 443, {"https_proxy": "http://u%3A:p%40ss@proxy.test"}, GO)
    assert proxy == Proxy("https_proxy", "http", "proxy.test", 80, "u:", "p@ss", authenticates=True)
    assert proxy.address == "http://proxy.test:80"


def test_domains_in_no_proxy_matched_addresses_once() -> None:
    """Before the fix of 1.23.7 and 1.24.1 the end of an address was taken for a domain."""
    env = {"HTTPS_PROXY": P, "NO_PROXY": ".0.0.1"}
    assert proxy_for("10.0.0.1", 443, env, Go((1, 23, 6), "toolchain")) is None
    assert proxy_for("10.0.0.1", 443, env, Go((1, 23, 7), "toolchain")) is not None
    assert proxy_for("10.0.0.1", 443, env, Go((1, 24, 0), "toolchain")) is None
