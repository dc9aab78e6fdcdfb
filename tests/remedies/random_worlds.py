"""Random containers, and what probe finds in them."""

import random
import time
from collections.abc import Mapping

from probe.checks.base import Run
from probe.checks.ca_bundle import CaBundle, roots
from probe.checks.timezone import TimeZone
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.golang.x509 import trust
from probe.report import Finding
from probe.targets import Mount, Target, User
from tests.remedies.scenes import CORP, FORMS
from tests.support import pki
from tests.support.worlds import DIRECTORY, FIFO, Content, File, Link
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


def world(rng: random.Random) -> dict[str, Content]:
    """A container with something at most of the places, sound and broken."""
    contents: list[Content] = [
        *(
            PUBLIC,
            PRIVATE,
            PUBLIC + PRIVATE,
            PRIVATE + CORP.key_pem.encode(),
            CORP.key_pem.encode(),
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


def below_a_file(path: str, laid: Mapping[str, Content]) -> bool:
    """Whether something that is no directory stands on the way to *path*."""
    return any(
        other != path and path.startswith(f"{other}/") and laid[other] is not DIRECTORY for other in laid
    )


def of_roots(target: Target) -> list[Finding]:
    loaded = trust.load(target, NEWEST)
    return list(roots.proven(CaBundle(), target, NEWEST, loaded, time.time()))


def findings(target: Target) -> list[Finding]:
    found = of_roots(target)
    facts = Facts(target, go=NEWEST, now=time.time())
    run = Run(Deadline(20), "ready", time.time(), facts, lambda _: None)
    return [*found, *TimeZone(expected="Asia/Tokyo").run(target, run), *TimeZone().run(target, run)]
