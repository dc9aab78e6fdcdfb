"""Boxes on the path that dislike a part of Go's ClientHello: named as Go meets them, and the remedy works."""

import re
import time
from collections.abc import Mapping
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
