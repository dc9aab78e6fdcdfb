"""The missing authority is in the container already: it is found, and the step that is missing is told."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from probe import codes, targets
from probe.checks.base import Run
from probe.checks.ca_bundle import CaBundle, handshake
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Finding
from probe.targets import Mount, User
from tests.remedies.scenes import CORP, FORMS
from tests.support import pki
from tests.support.users import SOMEBODY_ELSE
from tests.support.worlds import DIRECTORY, Content, File, Link, lay
from tests.tls import servers

PUBLIC = pki.root("Public CA")
LEAF = pki.leaf(CORP, "localhost")
PEM = CORP.pem.encode()
CERTS = "/etc/ssl/certs"
TOOLS: Mapping[str, Content] = {
    "/bin/sh": b"",
    **{
        f"/usr/bin/{name}": b""
        for name in (
            "chmod",
            "ln",
            "cp",
            "mv",
            "rm",
            "echo",
            "openssl",
            "sed",
            "iconv",
            "base64",
            "tail",
            "head",
        )
    },
}
DEBIAN: Mapping[str, Content] = {
    **TOOLS,
    "/usr/sbin/update-ca-certificates": b"",
    "/usr/share/ca-certificates/public.crt": PUBLIC.pem.encode(),
    "/etc/ca-certificates.conf": b"public.crt\n",
    "/usr/local/share/ca-certificates": DIRECTORY,
}
RHEL: Mapping[str, Content] = {
    **TOOLS,
    "/usr/bin/update-ca-trust": b"",
    "/usr/share/pki/ca-trust-source/ca-bundle.trust.p11-kit": PUBLIC.pem.encode(),
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem": PUBLIC.pem.encode(),
    "/etc/pki/tls/certs/ca-bundle.crt": Link("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
}


def refused(
    root: Path,
    world: Mapping[str, Content],
    *,
    uid: int | None = None,
    mounts: tuple[Mount, ...] = (),
    **env: str,
) -> Finding:
    """What is told of a server of the private authority, in that world."""
    bundle: Mapping[str, Content] = (
        {} if "/usr/bin/update-ca-trust" in world else {f"{CERTS}/ca-certificates.crt": PUBLIC.pem.encode()}
    )
    lay(root, {**bundle, **world})
    user = None if uid is None else User(uid, uid)
    target = targets.at_root(str(root), env, user=user)._replace(mounts=mounts)
    with servers.tls(LEAF) as server:
        settings = CaBundle(endpoints=(server.endpoint,))
        run = Run(Deadline(20), "startup", time.time(), Facts(target, go=NEWEST), lambda _: None)
        (finding,) = handshake.findings(settings, target, run, run.facts.roots())
    assert finding.code is codes.TLS_UNKNOWN_AUTHORITY
    return finding


@pytest.mark.parametrize(
    ("world", "why", "remedy"),
    [
        (
            {**DEBIAN, "/usr/local/share/ca-certificates/corp.crt": PEM},
            "update-ca-certificates has not run since",
            "RUN update-ca-certificates",
        ),
        (
            {**DEBIAN, "/usr/local/share/ca-certificates/corp.pem": PEM},
            "does not end in .crt",
            "RUN mv /usr/local/share/ca-certificates/corp.pem /usr/local/share/ca-certificates/corp.crt",
        ),
        (
            {**DEBIAN, "/usr/share/ca-certificates/corp/ca.crt": PEM},
            "is not selected in /etc/ca-certificates.conf",
            "RUN echo corp/ca.crt >> /etc/ca-certificates.conf && update-ca-certificates",
        ),
        (
            {**RHEL, "/etc/pki/ca-trust/source/anchors/corp.pem": PEM},
            "update-ca-trust has not run since",
            "RUN update-ca-trust extract",
        ),
        (
            {**TOOLS, f"{CERTS}/corp/ca.pem": PEM},
            "is where Go does not look",
            f"RUN ln -snf {CERTS}/corp/ca.pem {CERTS}/ca.pem",
        ),
        ({"/certs/ca.pem": PEM}, "is where Go does not look", f"ENV SSL_CERT_DIR={CERTS}:/certs"),
        ({**TOOLS, f"{CERTS}/corp.crt": CORP.der}, "is DER, not PEM", "RUN openssl x509 -inform der"),
    ],
)
def test_the_step_that_is_missing_is_told(
    root: Path, world: Mapping[str, Content], why: str, remedy: str
) -> None:
    """File, reason, and what makes Go take it, tried on a view of the container."""
    finding = refused(root, world)
    assert why in finding.cause
    assert finding.remedy.startswith(remedy)
    assert finding.remedies[0].tried


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_recognised(root: Path, form: str) -> None:
    """In a directory that Go reads, the private root in a form that Go does not read."""
    finding = refused(root, {**TOOLS, "/usr/bin/keytool": b"", f"{CERTS}/corp.pem": FORMS[form][1]})
    assert f"{CERTS}/corp.pem holds it, but" in finding.cause
    assert finding.remedies[0].tried, finding.remedy
    assert finding.remedy.startswith("RUN ")


def test_what_is_closed_is_opened(root: Path) -> None:
    """A file in the right place that the program may not read; what a volume brings is the pod's to open."""
    finding = refused(root, {**TOOLS, f"{CERTS}/corp.pem": File(PEM, 0o400)}, uid=SOMEBODY_ELSE)
    assert finding.remedy == f"RUN chmod a+r {CERTS}/corp.pem"


def test_a_variable_of_another_client_names_the_file(root: Path) -> None:
    """Whoever set it has brought the authority along."""
    finding = refused(root, {**TOOLS, "/opt/x/y.pem": PEM}, REQUESTS_CA_BUNDLE="/opt/x/y.pem")
    assert "/opt/x/y.pem holds it" in finding.cause
    assert finding.remedies[0].tried


def test_a_volume_is_named_not_changed(root: Path) -> None:
    """No RUN line for what is mounted: the directory is named to Go."""
    volume = Mount("/vol", "tmpfs", "tmpfs", "/", True, ("ro",))
    finding = refused(root, {**TOOLS, "/vol/ca.pem": PEM}, mounts=(volume,))
    assert "/vol/ca.pem holds it" in finding.cause
    assert "openssl" not in finding.remedy
    assert finding.remedies[0].tried


def test_where_it_is_nowhere_it_is_brought(root: Path) -> None:
    """The twin: a container without it is told to copy it in."""
    finding = refused(root, TOOLS)
    assert "holds it" not in finding.cause
    assert finding.remedy.startswith("COPY authority.pem ")
