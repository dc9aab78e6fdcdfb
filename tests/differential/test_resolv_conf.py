"""What Go's own resolver makes of resolv.conf(5) where the C library makes something else of it."""

import json
import os
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from probe.deadline import Deadline
from probe.golang.net import resolv_conf
from probe.tls import name_servers
from probe.tls.errors import Failed
from probe.tls.tcp import resolve
from tests.differential.harness import same
from tests.differential.lookup_program import SOURCE
from tests.golang.builds import build, module
from tests.tls.name_server import alone, answer, over, raise_loopback

HERE = "nameserver 127.0.0.1\n"
KNOWN = (
    *("cut.test", "cut-only.test", "host.test", "host.lab.test", "a.b.lab.test", "x.y.test"),
    "deep.er.lab.test",
)
NAMES = (
    *("host.test", "host", "host.", "a.b", "x.y", "x.y.test.", "deep.er", "nowhere.test"),
    *("cut.test", "cut-only.test"),
)
CONFS = {
    "plain": HERE,
    "search": HERE + "search test lab.test\n",
    "attempts:0": HERE + "options attempts:0\n",
    "attempts:x": HERE + "options timeout:1 attempts:x\n",
    "CRLF": "nameserver 127.0.0.1\r\nsearch lab.test\r\noptions ndots:2\r\n",
    "CR in the search": HERE + "search lab.test\r\n",
    "an empty search after a filled one": HERE + "search lab.test\nsearch\n",
    "an empty search before a filled one": HERE + "search\nsearch lab.test\n",
    "a search of the root": HERE + "search lab.test\nsearch .\n",
    "domain after search": HERE + "search lab.test\ndomain test\n",
    "an empty domain": HERE + "search lab.test\ndomain\n",
    "indented": "  nameserver 127.0.0.1\n\tsearch lab.test\n",
    "octal before": "nameserver 0177.0.0.1\n" + HERE,
    "a name before": "nameserver localhost\n" + HERE,
    "ndots:0": HERE + "search lab.test\noptions ndots:0\n",
    "ndots:2": HERE + "search lab.test\noptions ndots:2\n",
    "ndots:-1": HERE + "search lab.test\noptions ndots:-1\n",
    "ndots:99": HERE + "search lab.test\noptions ndots:99\n",
    "remarks": "#nameserver 127.0.0.9\n;x\n" + HERE + "search lab.test # test\n",
    "no server": "search lab.test\n",
    "use-vc": HERE + "options use-vc\n",
    "usevc": HERE + "options usevc\n",
    "tcp": HERE + "options timeout:1 tcp\n",
    "cut and odd": HERE + "search lab.test test\noptions attempts:0 ndots:3\n",
}


@pytest.mark.root
def test_a_name_is_found_where_go_finds_it(go_version: str) -> None:
    """Beside a name server that has a few names, with each resolv.conf."""
    program = build(go_version, module(SOURCE))
    differing = 0
    for conf, theirs, ours, libc in alone("tests.differential.test_resolv_conf", str(program)):
        for name, real, mine, other in zip(NAMES, theirs, ours, libc, strict=True):
            same(mine, real, f"{name}, {conf}, {go_version}")
            differing += real != other
    assert differing > 4  # else the C library would do


def main(program: str) -> None:
    raise_loopback()
    over("/etc/hosts", "127.0.0.1 localhost\n")
    _serve()
    found = []
    for name, text in CONFS.items():
        over("/etc/resolv.conf", text)
        done = subprocess.run([program, *NAMES], env={}, capture_output=True, text=True, check=True)
        found.append([name, json.loads(done.stdout), *_ours()])
        subprocess.run(["umount", "/etc/resolv.conf"], check=True)
    print(json.dumps(found))


def _ours() -> list[list[bool]]:
    """As we look names up, and as the C library does, each in a process that has read no other file."""
    return [_fresh("ours"), _fresh("by_libc")]


def _fresh(function: str) -> list[bool]:
    code = f"import json, tests.differential.test_resolv_conf as it; print(json.dumps(it.{function}()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found: list[bool] = json.loads(done.stdout)
    return found


def ours() -> list[bool]:
    conf = resolv_conf.parse(Path("/etc/resolv.conf").read_bytes().decode(), os.uname().nodename)
    return [_has(name, conf) for name in NAMES]


def _has(name: str, conf: resolv_conf.ResolvConf) -> bool:
    def lookup(name: str) -> list[str] | None:
        return name_servers.addresses_of(name, conf, Deadline(5)) if conf.odd else None

    try:
        return bool(resolve(name, 443, lambda: "", lookup))
    except Failed:
        return False


def by_libc() -> list[bool]:
    def has(name: str) -> bool:
        try:
            return bool(resolve(name, 443))
        except Failed:
            return False

    return [has(name) for name in NAMES]


def _serve() -> None:
    import socket

    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 53))
    listener = socket.create_server(("127.0.0.1", 53))

    def by_udp() -> None:
        while True:
            query, peer = line.recvfrom(4096)
            name, told = _told(query)
            cut = bytes((told[2] | 2,)) if name.startswith("cut") else told[2:3]
            line.sendto(told[:2] + cut + told[3:], peer)

    def by_tcp() -> None:
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as stream:
                while size := int.from_bytes(stream.read(2)):  # the C library asks twice
                    name, told = _told(stream.read(size))
                    if name == "cut-only.test":
                        break
                    connection.sendall(len(told).to_bytes(2) + told)

    for loop in (by_udp, by_tcp):
        threading.Thread(target=loop, daemon=True).start()


def _told(query: bytes) -> tuple[str, bytes]:
    """The name that is asked for, and what is answered."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += query[at] + 1
    name = ".".join(labels)
    if name in KNOWN:
        return name, answer("sound", query) or b""
    return name, query[:2] + struct.pack(">HHHHH", 0x8183, 1, 0, 0, 0) + query[12 : at + 5]


if __name__ == "__main__":
    main(*sys.argv[1:])
