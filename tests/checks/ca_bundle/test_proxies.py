"""Proxies between the check and the endpoint: HTTP, TLS and SOCKS."""

import base64
import time

import pytest

from probe import codes
from probe.codes import Code
from probe.report import Status
from tests.checks.ca_bundle.handshakes import CA, SOUND, UPSTREAM, Look, only
from tests.support.pki import Made, leaf, root
from tests.tls import servers

BEHIND = leaf(CA, "api.test")


def test_an_http_proxy_is_used_with_its_credentials_which_stay_secret(look: Look) -> None:
    """The request is net/http's, the finding names the proxy without the password."""
    seen: list[bytes] = []
    with servers.tls(BEHIND) as server, servers.listen(servers.http_proxy(server.port, seen)) as proxy:
        url = f"http://user:s3cr3t@localhost:{proxy.port}"
        found = look([UPSTREAM], [CA], env={"HTTPS_PROXY": url})
    assert only(found).code is codes.TLS_OK
    first = seen[0].decode().split("\r\n")
    assert first[:2] == ["CONNECT api.test:443 HTTP/1.1", "Host: api.test:443"]
    assert f"Proxy-Authorization: Basic {base64.b64encode(b'user:s3cr3t').decode()}" in first
    assert found[0].evidence["proxy"] == f"http://localhost:{proxy.port} (HTTPS_PROXY)"
    assert "s3cr3t" not in repr(found)


def test_no_proxy_keeps_the_proxy_out(look: Look) -> None:
    """As NO_PROXY and the loopback rule of net/http say."""
    with servers.tls(SOUND) as server:
        assert only(look(server, [CA], env={"HTTPS_PROXY": "http://127.0.0.1:1"})).code is codes.TLS_OK


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", "http://127.0.0.1:" + "9" * 5000])
def test_a_proxy_with_an_impossible_port_cannot_be_reached(url: str, look: Look) -> None:
    """Go parses it, and fails when it dials."""
    finding = only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}, attempts=1))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_PROXY_UNREACHABLE)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", codes.TLS_PROXY_AUTHENTICATION),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"HTTP/1.1 201 Created\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"220 mail.test\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"", codes.TLS_PROXY_REFUSED),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000, codes.TLS_PROXY_REFUSED),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"HTTP/1.1 200 OK\r\n begins: with a blank\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"HTTP/1.1 200 OK\r\nbad(name: x\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"HTTP/11 200 OK\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"HTTP/1.1 0200 OK\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"\r\n\r\n", codes.TLS_PROXY_REFUSED),
    ],
    ids=[
        *("407", "403", "201", "no HTTP", "closes", "endless header"),
        *("no colon", "blank", "name", "version", "code", "empty"),
    ],
)
def test_a_proxy_that_does_not_connect_fails(answer: bytes, code: Code, look: Look) -> None:
    """Nothing but 200 will do for net/http."""
    with servers.listen(servers.says(answer)) as proxy:
        url = f"http://user:s3cr3t@localhost:{proxy.port}"
        found = look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}, attempts=1)
    assert (only(found).status, found[0].code) == (Status.FAIL, code)
    assert "HTTPS_PROXY" in found[0].cause
    assert "s3cr3t" not in repr(found)


@pytest.mark.parametrize(
    ("fields", "taken"),
    [
        (b"Proxy-Authenticate: NTLM", "NTLM"),
        (b"proxy-authenticate: Negotiate\r\nProxy-Authenticate: NTLM TlRMTVNTUAAC==", "Negotiate or NTLM"),
        (b'Proxy-Authenticate: Digest realm="a, Basic b", nonce="x", Kerberos', "Digest or Kerberos"),
        (b'Proxy-Authenticate: NTLM, basic realm="corp"', ""),
        (b'Proxy-Authenticate: Basic realm="corp"', ""),
        (b"X: NTLM", ""),
        (b"Proxy-Authenticate:", ""),
    ],
    ids=["NTLM", "two fields", "Digest", "Basic too", "Basic", "none", "empty"],
)
def test_a_proxy_that_takes_no_basic_is_told_as_that(fields: bytes, taken: str, look: Look) -> None:
    """A user and a password in the URL help only where Go can send them: net/http knows Basic alone."""
    answer = b"HTTP/1.1 407 Proxy Authentication Required\r\n" + fields + b"\r\n\r\n"
    with servers.listen(servers.says(answer)) as proxy:
        url = f"http://user:s3cr3t@localhost:{proxy.port}"
        finding = only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}, attempts=1))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_PROXY_AUTHENTICATION)
    (way,) = finding.remedies
    assert (f"it takes {taken}, not Basic, all that Go sends" in finding.cause) == bool(taken)
    assert way.text.startswith(
        "Ask the operator of the proxy to accept Basic" if taken else "ENV HTTPS_PROXY="
    )


@pytest.mark.parametrize(
    ("certificate", "remedy"),
    [
        (
            leaf(CA, "localhost", not_after=time.time() - 86_400),
            "Ask the operator of the proxy for a certificate that is valid now",
        ),
        (
            leaf(CA, "other.test"),
            "Ask the operator of the proxy to reissue its certificate with subjectAltName = DNS:localhost",
        ),
        (leaf(root("Another"), "localhost"), "COPY authority.pem /etc/ssl/certs/authority.pem"),
    ],
    ids=["expired", "misnamed", "unknown authority"],
)
def test_the_certificate_of_a_proxy_is_fixed_by_whoever_can(
    certificate: Made, remedy: str, look: Look
) -> None:
    """No root helps against a certificate that has expired or has another name."""
    with servers.listen(servers.over_tls(servers.closes, certificate)) as proxy:
        found = look([UPSTREAM], [CA], env={"HTTPS_PROXY": f"https://localhost:{proxy.port}"}, attempts=1)
    assert (only(found).status, found[0].code) == (Status.FAIL, codes.TLS_PROXY_UNTRUSTED)
    assert found[0].remedies[0].text == remedy


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1  200 OK\r\n\r\n",
        b"HTTP/1.0 200 OK\nA: b\n\n",
        b"HTTP/1.1 200 OK\r\nwith blank: x\r\n and more\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300_000 + b"\r\n",
    ],
    ids=["two blanks", "line feeds", "blanks", "2 MB"],
)
def test_an_odd_answer_of_a_proxy_is_taken_where_go_takes_it(answer: bytes, look: Look) -> None:
    """Tried with Go's own client, each of them."""
    seen: list[bytes] = []
    with (
        servers.tls(BEHIND) as server,
        servers.listen(servers.http_proxy(server.port, seen, answer)) as proxy,
    ):
        url = f"http://localhost:{proxy.port}"
        assert only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url})).code is codes.TLS_OK


@pytest.mark.parametrize("host", ["127.1", "0177.0.0.1", "127.0.0.001", "2130706433"])
def test_an_address_in_an_old_spelling_is_a_name_to_go(host: str, look: Look) -> None:
    """getaddrinfo(3) would take it for an address; Go's resolver asks the name servers for it."""
    with servers.tls(leaf(CA, host)) as server:
        finding = only(look([f"{host}:{server.port}"], [CA], attempts=1))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_HOST_NOT_FOUND)
    assert "takes it for a name" in finding.cause


def test_a_proxy_that_is_not_there_fails(look: Look) -> None:
    """It is the proxy that cannot be reached, not the endpoint."""
    finding = only(look([UPSTREAM], [CA], env={"https_proxy": "http://127.0.0.1:1"}, attempts=1))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_PROXY_UNREACHABLE)
    assert "http://127.0.0.1:1 from https_proxy" in finding.cause


def test_a_proxy_that_keeps_silent_times_out(look: Look) -> None:
    """In the phase that is called CONNECT."""
    with servers.listen(servers.silent) as proxy:
        url = f"http://localhost:{proxy.port}"
        finding = only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}, timeout_s=0.5))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_PROXY_TIMEOUT)


def test_a_proxy_over_tls_is_judged_like_any_server(look: Look) -> None:
    """The TLS to the endpoint runs inside the TLS to the proxy, and both must be trusted."""
    seen: list[bytes] = []
    with servers.tls(BEHIND) as server:
        handler = servers.http_proxy(server.port, seen)
        with servers.listen(servers.over_tls(handler, SOUND)) as proxy:
            url = f"https://localhost:{proxy.port}"
            assert only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url})).code is codes.TLS_OK
        with servers.listen(servers.over_tls(handler, leaf(CA, "other.test"))) as proxy:
            url = f"https://localhost:{proxy.port}"
            finding = only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_PROXY_UNTRUSTED)
    assert "not localhost" in finding.cause


def test_a_socks_proxy_is_used(look: Look) -> None:
    """With and without a password; the name is resolved by the proxy."""
    seen: list[bytes] = []
    with servers.tls(BEHIND) as server:
        with servers.listen(servers.socks_proxy(server.port, seen)) as proxy:
            url = f"socks5://localhost:{proxy.port}"
            assert only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url})).code is codes.TLS_OK
        with servers.listen(servers.socks_proxy(server.port, seen, password=True)) as proxy:
            url = f"socks5://u:p@localhost:{proxy.port}"
            assert only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url})).code is codes.TLS_OK
            url = f"socks5://u:wrong@localhost:{proxy.port}"
            finding = only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}))
            assert finding.code is codes.TLS_PROXY_AUTHENTICATION
        with servers.listen(servers.socks_proxy(server.port, seen, reply=2)) as proxy:
            url = f"socks5://localhost:{proxy.port}"
            finding = only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}))
            assert finding.code is codes.TLS_PROXY_REFUSED
            assert "not allowed by its rules" in finding.cause
    assert b"\x03\x08api.test\x01\xbb" in seen[1]


@pytest.mark.parametrize(
    ("scheme", "told", "right"),
    [
        ("socks4", "Go takes socks4:// for an HTTP proxy, and socks5:// for SOCKS", "socks5"),
        ("socks", "Go takes socks:// for an HTTP proxy, and socks5:// for SOCKS", "socks5"),
        ("tcp", "Go takes tcp:// for an HTTP proxy", "http"),
        ("socks5", "it does not speak SOCKS 5", "http"),
        ("http", "closed the connection", ""),
    ],
)
def test_the_scheme_of_a_proxy_is_put_right(scheme: str, told: str, right: str, look: Look) -> None:
    """What Go does not know it takes for an HTTP proxy; an HTTP proxy answers nothing of SOCKS."""
    says = b"HTTP/1.1 400 Bad Request\r\n\r\n" if scheme == "socks5" else b""
    with servers.listen(servers.says(says)) as proxy:
        url = f"{scheme}://u:s3cr3t@localhost:{proxy.port}"
        finding = only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}, attempts=1))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_PROXY_REFUSED)
    assert told in finding.cause
    fixed = f"ENV HTTPS_PROXY={right}://USER:PASSWORD@localhost:{proxy.port}"
    assert (finding.remedies[0].text == fixed) == bool(right)
    assert "s3cr3t" not in repr(finding)
