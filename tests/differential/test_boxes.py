"""Boxes on the path that dislike a part of Go's ClientHello: named as Go meets them, and the remedy works."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.ca_bundle import CaBundle
from probe.checks.ca_bundle.handshake import findings
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import Go
from probe.golang.x509 import trust
from probe.report import Finding, Status
from probe.tls.client_hello import client_hello
from tests.differential.harness import ask, same
from tests.support.commands import MakeTarget
from tests.support.pki import leaf, pems, root
from tests.tls import boxes, servers
from tests.tls.boxes import Dislikes

CA = root("Box CA")
SOUND = leaf(CA, "localhost")
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
RELEASES = ("1.23.9", "1.25.5", "1.27.3")
NEIGHBOURS = {22: "1.22.10", 24: "1.24.11", 26: "1.26.6"}  # what remedies may name
KYBER, ML_KEM, SEC_P = {0x6399}, {0x11EC}, {0x11EB, 0x11ED}
ML_DSA = {0x0904, 0x0905, 0x0906}
OLD_GROUPS = {0x17, 0x18, 0x19, 0x1D, 0x1E, *range(0x100, 0x105)}  # those of RFC 8446

# What the box dislikes → a part of what must be blamed where that release sends it.
BOXES: dict[str, tuple[Dislikes, str]] = {
    "over 1300 bytes": (lambda it: it.size > 1300, "its length"),
    "over 1460 bytes": (lambda it: it.size > 1460, "its length"),
    "an ML-KEM key": (lambda it: bool((KYBER | ML_KEM) & {*it.shares}), "the key share of the post-quantum"),
    "ML-KEM by name": (lambda it: bool((KYBER | ML_KEM | SEC_P) & {*it.groups}), "the post-quantum"),
    "SecP256r1MLKEM768": (lambda it: bool(SEC_P & {*it.groups}), "SecP256r1MLKEM768 or"),
    "ML-DSA": (lambda it: bool(ML_DSA & {*it.numbers(13), *it.numbers(50)}), "the ML-DSA signature schemes"),
    "ML-DSA for certificates": (
        lambda it: bool(ML_DSA & {*it.numbers(50)}),
        "the ML-DSA signature schemes in signature_algorithms_cert",
    ),
    "signature_algorithms_cert": (lambda it: 50 in it.extensions, "signature_algorithms_cert"),
    "TLS 1.3": (lambda it: 0x0304 in it.versions, "TLS 1.3"),
    "SCTs": (lambda it: 18 in it.extensions, "signed_certificate_timestamp"),
    "status_request": (lambda it: 5 in it.extensions, "status_request"),
    "extended_master_secret": (lambda it: 23 in it.extensions, "extended_master_secret"),
    "renegotiation_info": (lambda it: 0xFF01 in it.extensions, "renegotiation_info"),
    "the name": (lambda it: 0 in it.extensions, "the server's name"),
    "P-521": (lambda it: 0x19 in it.groups, "P-521"),
    "Ed25519": (lambda it: 0x0807 in it.numbers(13), "Ed25519"),
    "ChaCha20": (lambda it: 0x1303 in it.suites, "CHACHA20"),
    "what it does not know": (lambda it: not OLD_GROUPS.issuperset(it.groups), "the post-quantum"),
    "nothing": (lambda _: False, ""),
}


@pytest.mark.sweep
@pytest.mark.parametrize("version", RELEASES)
@pytest.mark.parametrize("name", BOXES)
def test_the_part_is_named_and_the_remedy_works(name: str, version: str, make_target: MakeTarget) -> None:
    """Go fails and so do we; what we advise to set or to build with makes real Go pass the box."""
    dislikes, part = BOXES[name]
    major, minor, patch = map(int, version.split("."))
    with servers.tls(SOUND) as server, boxes.before(server, dislikes) as box:
        theirs = shake_hands(version, box.port)
        finding = look(box.port, Go((major, minor, patch), "as-go"), make_target)
        same(finding.status is Status.PASS, theirs, f"{name}, {version}: {finding.cause}")
        if theirs:
            return
        large = part == "its length"
        assert finding.code is (codes.TLS_LARGE_HELLO_DROPPED if large else codes.TLS_HELLO_BLOCKED)
        assert part in finding.cause
        cured = try_remedy(version, box.port, finding.remedy.partition("\n\n")[0])
    if cured is None:
        assert "no setting of" in finding.remedy or finding.remedy.startswith("Ask whoever")
    else:
        same(cured, True, finding.remedy)


@pytest.mark.sweep
@pytest.mark.parametrize("version", RELEASES)
def test_whatever_is_disliked_of_what_a_release_sends(version: str, make_target: MakeTarget) -> None:
    """Each extension, each entry of each list, and how many there are: a failure of Go's is one of ours."""
    major, minor, patch = map(int, version.split("."))
    go = Go((major, minor, patch), "as-go")
    unnamed = set()
    for number, (name, dislikes) in enumerate(every_dislike(go)):
        action = boxes.ACTIONS[("resets", "closes", "alerts")[number % 3]]
        with servers.tls(SOUND) as server, boxes.before(server, dislikes, action) as box:
            theirs = shake_hands(version, box.port)
            finding = look(box.port, go, make_target)
            same(finding.status is Status.PASS, theirs, f"{name}, {version}: {finding.cause}")
            assert theirs is False
            assert finding.status is Status.FAIL
            assert len(box.accepted) <= 1 + 3 + 8  # real Go's, the usual ones, and what is tried more
        if finding.code not in (codes.TLS_HELLO_BLOCKED, codes.TLS_LARGE_HELLO_DROPPED):
            unnamed.add(name)
    # without these no server answers at all: there is no message to compare with
    assert unnamed <= {"extensions: 0xa", "extensions: 0xd", "extensions: 0x2b", "13: 0x403"}


def every_dislike(go: Go) -> Iterator[tuple[str, Dislikes]]:
    hello = boxes.parse(client_hello(go, "localhost").encode())
    yield f"{hello.size} bytes", lambda it: it.size >= hello.size
    for name, entries in LISTS.items():
        found = entries(hello)
        for one in found:
            yield f"{name}: {one:#x}", sent(entries, one)
        if found:
            yield f"{name}: {len(found)}", as_many(entries, len(found))


Entries = Callable[[boxes.Hello], list[int]]


def sent(entries: Entries, one: int) -> Dislikes:
    return lambda it: one in entries(it)


def as_many(entries: Entries, most: int) -> Dislikes:
    return lambda it: len(entries(it)) >= most


LISTS: dict[str, Entries] = {
    "suites": lambda it: it.suites,
    "extensions": lambda it: [*it.extensions],
    "shares": lambda it: it.shares,
    "10": lambda it: it.groups,
    "13": lambda it: it.numbers(13),
    "50": lambda it: it.numbers(50),
}


def try_remedy(version: str, port: int, remedy: str) -> bool | None:
    """Whether real Go passes the box with each thing that the remedy says; None where it says none."""
    tried: list[bool] = []
    if setting := re.search(r"GODEBUG=(\w+=\w+)", remedy):
        tried.append(shake_hands(version, port, {"GODEBUG": setting[1]}))
    if "VersionTLS12" in remedy:
        tried.append(shake_hands(version, port, max_version=0x0303))
    if release := re.search(r"(?:with Go |golang:)1\.(\d+)", remedy):
        tried.append(shake_hands(NEIGHBOURS[int(release[1])], port))
    return all(tried) if tried else None


def shake_hands(version: str, port: int, env: Mapping[str, str] | None = None, max_version: int = 0) -> bool:
    request: dict[str, Any] = {
        "address": f"127.0.0.1:{port}",
        "server_name": "localhost",
        "roots": pems([CA]),
        "max_version": max_version,
    }
    return bool(ask(version, "handshake", request, env=env, patience_s=15)["ok"])


def look(port: int, go: Go, make_target: MakeTarget) -> Finding:
    target = make_target({BUNDLE: pems([CA])})
    run = Run(Deadline(10), "startup", time.time(), Facts(target, go=go), lambda _: None)
    found = findings(
        CaBundle(endpoints=(f"localhost:{port}",), attempts=1), target, run, trust.load(target, go)
    )
    return max(found, key=lambda finding: finding.status.severity)
