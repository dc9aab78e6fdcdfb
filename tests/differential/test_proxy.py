"""The proxy for an endpoint is the one that net/http would use."""

from urllib.parse import unquote, urlsplit

import pytest

from probe.golang.net.httpproxy import Proxy, proxy_for
from probe.golang.release import Go
from tests.differential.harness import ask, same
from tests.golang.proxies import CASES

DEFAULTS = {"http": 80, "https": 443, "socks5": 1080}


@pytest.mark.parametrize("name", CASES)
def test_a_proxy_is_chosen_as_net_http_chooses_it(name: str, go_version: str) -> None:
    """The same proxy with the same credentials, or none."""
    env, host, port = CASES[name]
    major, minor, patch = map(int, go_version.split("."))
    shown = f"[{host}]" if ":" in host else host
    answer = ask(go_version, "proxy", {"url": f"https://{shown}:{port}/"}, env=env)
    same(ours(proxy_for(host, port, env, Go((major, minor, patch), "as-go"))), theirs(answer["proxy"]), name)


def ours(proxy: Proxy | None) -> list[object] | None:
    if not proxy:
        return None
    return [proxy.scheme, proxy.host, proxy.port, proxy.user, proxy.password, proxy.authenticates]


def theirs(url: str | None) -> list[object] | None:
    if not url:
        return None
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    port = parts.port or DEFAULTS.get(parts.scheme, 0)
    return [parts.scheme, parts.hostname or "", port, user, password, parts.username is not None]
