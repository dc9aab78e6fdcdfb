"""The name servers of resolv.conf, as Go's resolver takes them."""

import errno
import socket

import pytest

from probe.deadline import Deadline
from probe.golang.net import resolv_conf
from probe.tls import name_servers


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("nameserver 10.0.0.1\nnameserver fe80::1%eth0\n", ["10.0.0.1", "fe80::1%eth0"]),
        ("nameserver dns.example.test\nnameserver a\nnameserver 10.0.0.999\nnameserver ::2\n", ["::2"]),
        ("nameserver dns.example.test\n", ["127.0.0.1", "::1"]),
        ("#nameserver 10.0.0.1\n;nameserver 10.0.0.2\nnameserver\n", ["127.0.0.1", "::1"]),
        ("".join(f"nameserver 10.0.0.{at}\n" for at in range(5)), ["10.0.0.0", "10.0.0.1", "10.0.0.2"]),
    ],
)
def test_addresses_alone_are_servers(text: str, servers: list[str]) -> None:
    """A name there is none (net/dnsconfig_unix.go): to connect to it, it would have to be looked up first."""
    assert list(resolv_conf.parse(text, "here").servers) == servers


def test_a_name_is_as_long_as_its_bytes() -> None:
    """Of the domains to search, too (net/dnsclient_unix.go:nameList): one label may be no longer than 255."""
    conf = resolv_conf.parse(f"search {'é' * 126} {'é' * 120} {'é' * 200}\n", "here")
    assert resolv_conf.names("plain", conf) == [f"plain.{'é' * 120}.", "plain."]


def test_a_machine_without_a_socket_to_spare_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where IPv6 is switched off, and the next server in resolv.conf is an IPv4 one."""

    def refused(*_: object) -> None:
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

    monkeypatch.setattr(socket._socket, "socket", refused)  # type: ignore[attr-defined]
    assert name_servers.refusal(resolv_conf.ResolvConf(("::1",)), "app.probe.test", Deadline(1)) == ""
