"""Names and addresses as Go's own resolver takes them, and the hosts file as it reads it."""

import json
import subprocess
import sys

import pytest

from probe.checks.ca_bundle import name_servers
from probe.deadline import Deadline
from probe.golang.release import NEWEST
from probe.targets import ourselves
from probe.tls.errors import Failed
from probe.tls.tcp import resolve
from tests.differential.harness import same
from tests.differential.lookup_program import SOURCE
from tests.golang.builds import build, module
from tests.tls.name_server import alone, over, raise_loopback, serve

HOSTS = """127.0.0.1 localhost
127.0.0.2\ttabbed.test
#127.0.0.3 commented.test
127.0.0.4 twice.test
127.0.0.5 twice.test
::1 v6.test dash-.host.test -first.test 1.2.3.4.5
fe80::1%lo zone.test
300.1.1.1 bad-address.test
127.1 bad-address.test
   127.0.0.6   Hosts-One.test   alias.test.  # remark late.test
127.0.0.7 trailing-space.test   \n::ffff:127.0.0.8 mapped.test
0177.0.0.1 octal.test
127.0.0.11 hidden#.test
127.0.0.12 hash.test#x
127.0.0.9 cr.test\r
127.0.0.13\xa0nbsp.test
127.0.0.14 É.test
127.0.0.10 no-newline.test"""
# Without 0x7f.1: no name server has it, for the C library it is an address, and this one has every name.
NAMES = [
    *(
        "127.1",
        "::ffff:127.0.0.1",
        "127.0.0.1.",
        "::1",
        "::1%lo",
        "::1%1",
        "fe80::1%lo",
    ),
    *(
        "fe80::1%nope",
        "fe80::1%",
        "1.2.3.4%lo",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "localhost..",
        ".localhost",
    ),
    *(
        "a..b",
        "_srv._tcp.test",
        "under_score.test",
        "-dash.test",
        "dash-.test",
        "a.-b.test",
        "xn--mnchen-3ya.test",
    ),
    *(
        "münchen.test",
        "*.test",
        "a b.test",
        "256.1.1.1",
        "1.2.3",
        "1.2.3.4.5",
        "01.02.03.04",
        "::",
        "0",
        "::g",
        "1-2",
    ),
    *(
        "::127.1",
        "64:ff9b::1.2.3.4",
        "1:2:3:4:5:6:7:8:9",
        "x" * 63 + ".test",
        "x" * 64 + ".test",
        "a." * 126 + "a",
    ),
    *(
        "a." * 126 + "ab",
        "tabbed.test",
        "tabbed.test.",
        "commented.test",
        "twice.test",
        "v6.test",
        "dash-.host.test",
    ),
    *(
        "-first.test",
        "zone.test",
        "bad-address.test",
        "hosts-one.test",
        "HOSTS-ONE.TEST",
        "hosts-one.test.",
        "alias.test",
    ),
    *(
        "late.test",
        "no-newline.test",
        "trailing-space.test",
        "mapped.test",
        "octal.test",
        "cr.test",
        "hidden#.test",
    ),
    *(
        "hash.test",
        "hidden",
        "$host",
        "%31",
        "plain.test",
        "plain",
        "plain.",
        "9.test",
        "9a",
        "nbsp.test",
        "é.test",
        "É.test",
        "_",
        "test-",
        "é",
    ),
]


SOURCES = (
    "files dns",
    "dns",
    "files",
    "dns files",
    "dns [NOTFOUND=return]",
    "files [NOTFOUND=return] dns",
    "files\tdns",
    "files mdns4_minimal [NOTFOUND=return] dns",
    "resolve [!UNAVAIL=return] files",
    "nowhere",
    "files dns[SUCCESS=return]",
    "files [bad] dns",
    "files\nhosts: dns",
    "",
)


@pytest.mark.root
@pytest.mark.parametrize("sources", SOURCES)
def test_a_name_has_an_address_where_it_has_one_for_go(go_version: str, sources: str) -> None:
    """Beside a name server that has every name; Go's own resolver, as it is built without cgo."""
    program = build(go_version, module(SOURCE))
    theirs, ours = alone("tests.differential.test_names", str(program), sources)
    for name, real, mine in zip(NAMES, theirs, ours, strict=True):
        same(mine, real, f"{name} {go_version} hosts: {sources}")


def main(program: str, sources: str) -> None:
    raise_loopback()
    over("/etc/hosts", HOSTS)
    over("/etc/resolv.conf", "nameserver 127.0.0.1\n")
    over("/etc/nsswitch.conf", f"passwd: files\nhosts:\t{sources}  # names\n" if sources else "")
    serve("sound")
    done = subprocess.run([program, *NAMES], env={}, capture_output=True, text=True, check=True)
    print(json.dumps([json.loads(done.stdout), [_has_address(name) for name in NAMES]]))


def _has_address(name: str) -> bool:
    go = NEWEST._replace(cgo="0")
    hosts = name_servers.hosts(ourselves(), go)
    lookup = name_servers.lookup(ourselves(), go, Deadline(5))
    try:
        return bool(resolve(name, 443, hosts, lookup))
    except Failed:
        return False


if __name__ == "__main__":
    main(*sys.argv[1:])
