"""Over random containers: no remedy takes a root or a zone away, and none needs what is not there."""

import random
import shlex
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import probe
from probe import targets
from probe.checks.base import Run
from probe.checks.ca_bundle import CaBundle, roots
from probe.checks.timezone import TimeZone
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang import localtime
from probe.golang.release import NEWEST
from probe.golang.x509 import trust
from probe.remedies import distribution, effects, places
from probe.report import Finding, Remedy
from probe.targets import Mount, Target, User
from tests.remedies.scenes import CORP, FORMS
from tests.support import pki
from tests.support.worlds import DIRECTORY, FIFO, Content, File, Link, lay
from tests.support.zonefiles import reference

CERTS, BUNDLE = "/etc/ssl/certs", "/etc/ssl/certs/ca-certificates.crt"
PUBLIC, PRIVATE = pki.root("Public CA").pem.encode(), CORP.pem.encode()
PROGRAMS = (
    "sh",
    "rm",
    "rmdir",
    "mv",
    "cp",
    "ln",
    "chmod",
    "openssl",
    "sed",
    "base64",
    "iconv",
    "keytool",
    "echo",
)
PLACES = (
    *(BUNDLE, f"{CERTS}/a.pem", f"{CERTS}/b.crt", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem"),
    *(
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/corp/ca.pem",
    ),
)
ZONE_PLACES = (
    "/etc/localtime",
    "/usr/share/zoneinfo/Asia/Tokyo",
    "/usr/share/zoneinfo/Etc/UTC",
    "/etc/timezone",
)
WORLDS = 40


def world(rng: random.Random) -> dict[str, Content]:
    """A container with something at most of the places, sound and broken."""
    contents: list[Content] = [
        *(
            PUBLIC,
            PRIVATE,
            PUBLIC + PRIVATE,
            b"",
            b"<html>",
            File(PRIVATE, 0o600),
            Link("/gone"),
            FIFO,
            DIRECTORY,
        ),
        *(content for _, content in FORMS.values()),
    ]
    zones: list[Content] = [
        *(
            reference("Asia/Tokyo"),
            reference("Etc/UTC"),
            b"",
            b"Asia/Tokyo\n",
            Link("/gone"),
            FIFO,
            DIRECTORY,
        ),
        Link("/usr/share/zoneinfo/Asia/Tokyo"),
    ]
    made: dict[str, Content] = {
        "/etc/ca-certificates.conf": b"public.crt\n",
        "/usr/share/ca-certificates/public.crt": PUBLIC,
        "/usr/share/ca-certificates/mozilla/x.crt": PUBLIC,
        CERTS: DIRECTORY,
    }
    for path in PLACES:
        if rng.random() < 0.5:
            made[path] = rng.choice(contents)
    for path in ZONE_PLACES:
        if rng.random() < 0.6:
            made[path] = rng.choice(zones)
    made |= {f"/usr/bin/{name}": b"" for name in PROGRAMS if rng.random() < 0.8}
    for program in ("/usr/bin/apt-get", "/sbin/apk", "/usr/bin/dnf", "/usr/sbin/update-ca-certificates"):
        if rng.random() < 0.4:
            made[program] = b""
    return made


def surroundings(rng: random.Random) -> tuple[dict[str, str], tuple[Mount, ...], User | None]:
    env = {}
    if rng.random() < 0.4:
        env["SSL_CERT_FILE"] = rng.choice(["/corp/ca.pem", "/corp", CERTS, "/", "/gone", "/dev/null"])
    if rng.random() < 0.3:
        env["SSL_CERT_DIR"] = rng.choice(["/corp", CERTS, f"/gone:{CERTS}"])
    if rng.random() < 0.5:
        env["TZ"] = rng.choice(
            ["Asia/Tokyo", '"Asia/Tokyo"', "", "Nowhere", "Asia", "/etc/localtime", "JST-9"]
        )
    points = [point for point in ("/corp", CERTS, "/etc/localtime", BUNDLE) if rng.random() < 0.15]
    mounts = tuple(Mount(point, "tmpfs", "tmpfs", "/", True, ("ro",)) for point in points)
    return env, mounts, rng.choice([None, User(65532, 65532)])


@pytest.mark.parametrize("seed", range(WORLDS))
def test_no_remedy_takes_anything_away(root: Path, seed: int) -> None:
    """What Go trusted it trusts, its zone is not lost to nothing, and every line can be carried out."""
    rng = random.Random(seed)
    laid = world(rng)
    laid = {path: content for path, content in laid.items() if not _below_a_file(path, laid)}
    lay(root, laid)
    env, mounts, user = surroundings(rng)
    target = targets.at_root(str(root), env, user=user)._replace(mounts=mounts)
    for finding in findings(target):
        for remedy in finding.remedies:
            can_be_done(remedy, target)
            if remedy.tried:
                keeps(remedy, finding, target)


def findings(target: Target) -> list[Finding]:
    loaded = trust.load(target, NEWEST)
    found = list(roots.proven(CaBundle(), target, NEWEST, loaded, time.time()))
    facts = Facts(target, go=NEWEST, now=time.time())
    run = Run(Deadline(20), "ready", time.time(), facts, lambda _: None)
    return [*found, *TimeZone(expected="Asia/Tokyo").run(target, run), *TimeZone().run(target, run)]


def can_be_done(remedy: Remedy, target: Target) -> None:
    for action in remedy.actions:
        if action.kind == "run":
            command = action.values["command"]
            assert not any(word in command for word in ("rm -r", "rm -f", "chmod 777", "chmod a+w")), command
            assert distribution.has_shell(target)
            assert all(distribution.has_program(target, name) for name in action.values["needs"]), command
            shlex.split(command)
        written = action.values.get("path") or action.values.get("destination")
        if action.kind in ("run", "copy") and written:
            assert places.in_image(target, written), remedy.text


def keeps(remedy: Remedy, finding: Finding, target: Target) -> None:
    before, after = target, effects.applied(target, remedy.actions)
    if finding.code.check == "ca-bundle":
        had = {one.certificate.der for one in trust.load(before, NEWEST).roots}
        has = {one.certificate.der for one in trust.load(after, NEWEST).roots}
        assert has >= had, (remedy.text, finding.code.name)
        return
    zone = localtime.load(before, NEWEST, int(time.time())).zone
    if zone is not None and not finding.subject.startswith("timezone."):
        seen = localtime.load(after, NEWEST, int(time.time()))
        assert seen.zone is not None or seen.name == "UTC", (remedy.text, finding.code.name)


def _below_a_file(path: str, laid: Mapping[str, Content]) -> bool:
    """Whether something that is no directory stands on the way to *path*."""
    return any(
        other != path and path.startswith(f"{other}/") and laid[other] is not DIRECTORY for other in laid
    )


def test_no_check_names_a_package_manager() -> None:
    """One module knows how a distribution brings things in."""
    package = Path(probe.__file__).parent
    names = ("apt-get", "apk add", "microdnf", "dnf install", "yum install", "zypper", "update-ca-")
    below = [path for path in package.rglob("*.py") if "remedies" not in path.parts]
    assert [path for path in below if any(name in path.read_text() for name in names)] == []
