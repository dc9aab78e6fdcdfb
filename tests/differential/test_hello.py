"""The first message that we send in Go's name has the shape of Go's own."""

import socket
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from probe.golang.release import Go
from probe.tls.client_hello import client_hello
from tests.differential.harness import ask, same

KEY_SHARE = 51
SETTINGS: dict[str, Mapping[str, str]] = {
    "default": {},
    "tlsmlkem=0": {"tlsmlkem": "0"},
    "tlskyber=0": {"tlskyber": "0"},
    "tlssecpmlkem=0": {"tlssecpmlkem": "0"},
    "tlssha1=1": {"tlssha1": "1"},
    "tlsrsakex=1": {"tlsrsakex": "1"},
    "tls3des=1": {"tls3des": "1"},
    "both": {"tlsrsakex": "1", "tls3des": "1"},
    "fips140=on": {"fips140": "on"},
}
FATAL = ("tlskyber", "tlsrsakex", "tls3des")  # for a program of Go 1.27


@pytest.mark.parametrize("name", [True, False], ids=["name", "address"])
@pytest.mark.parametrize("settings", SETTINGS)
def test_the_hello_is_go_s(settings: str, name: bool, go_version: str) -> None:
    """Suites, extensions and their order, groups, schemes, sizes of shares; only random bytes differ."""
    godebug = SETTINGS[settings]
    if go_version >= "1.27" and any(setting in FATAL for setting in godebug):
        pytest.skip("nothing to compare: that GODEBUG ends a program of this release at its start")
    major, minor, patch = map(int, go_version.split("."))
    go = Go((major, minor, patch), "as-go", godebug)
    host = "nine.test" if name else None
    theirs = captured(go_version, host or "10.0.0.1", godebug)
    same(shape(client_hello(go, host).encode()), shape(theirs), f"{settings}, {host}")


def captured(version: str, host: str, godebug: Mapping[str, str]) -> bytes:
    """What a Go client sends first."""
    received = b""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            nonlocal received
            connection, _ = server.accept()
            with connection:
                connection.settimeout(5)
                while len(received) < 5 or len(received) < 5 + int.from_bytes(received[3:5], "big"):
                    received += connection.recv(4096)

        thread = threading.Thread(target=take)
        thread.start()
        request = {"address": f"127.0.0.1:{server.getsockname()[1]}", "server_name": host, "roots": ""}
        env = {"GODEBUG": ",".join(f"{key}={value}" for key, value in godebug.items())} if godebug else {}
        ask(version, "handshake", request, env=env)
        thread.join()
    return received


def shape(record: bytes) -> list[Any]:
    """A ClientHello without what is random in it."""
    body = record[9:]
    at = 35 + body[34]
    size = int.from_bytes(body[at : at + 2], "big")
    suites = body[at + 2 : at + 2 + size]
    at += 2 + size + 2 + 2
    found: list[Any] = [record[:3].hex(), len(record), body[:2].hex(), body[34], suites.hex()]
    while at < len(body):
        kind, size = int.from_bytes(body[at : at + 2], "big"), int.from_bytes(body[at + 2 : at + 4], "big")
        content = body[at + 4 : at + 4 + size]
        found.append([kind, shares(content[2:]) if kind == KEY_SHARE else content.hex()])
        at += 4 + size
    return found


def shares(content: bytes) -> list[list[Any]]:
    """The groups and the sizes of their keys."""
    found = []
    while content:
        size = int.from_bytes(content[2:4], "big")
        found.append([content[:2].hex(), size])
        content = content[4 + size :]
    return found
