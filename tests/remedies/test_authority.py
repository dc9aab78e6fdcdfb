"""The missing authority is in the container already: it is found, and the step that is missing is told."""

import os
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
from probe.golang.x509.certificate import Parser
from probe.golang.x509.certificate_fields import Certificate
from probe.remedies import authority, forms
from probe.report import Finding
from probe.targets import Mount, User
from probe.targets.files import NAMES_LIMIT
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
            "gunzip",
            "grep",
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


ANOTHER = pki.root("Another CA").pem.encode()
LOCAL = "/usr/local/share/ca-certificates"


@pytest.mark.parametrize(
    ("world", "taken", "first"),
    [
        (
            {**DEBIAN, f"{LOCAL}/corp.pem": PEM},
            f"{LOCAL}/corp.crt",
            f"RUN mv {LOCAL}/corp.pem {LOCAL}/corp-2.crt",
        ),
        ({**DEBIAN, "/corp/ca.pem": PEM}, f"{LOCAL}/ca.crt", f"RUN cp /corp/ca.pem {LOCAL}/ca-2.crt"),
        ({**TOOLS, "/corp/ca.pem": PEM}, f"{CERTS}/ca.pem", f"RUN ln -snf /corp/ca.pem {CERTS}/ca-2.pem"),
        (
            {**TOOLS, "/app/cert": FORMS["quoted in a letter"][1]},
            "/app/cert.pem",
            "RUN sed ",
        ),
        (
            {**TOOLS, f"{CERTS}/ca": CORP.der},
            f"{CERTS}/ca.pem",
            f"RUN openssl x509 -inform der -in {CERTS}/ca -out {CERTS}/ca-2.pem && mv {CERTS}/ca-2.pem ",
        ),
        (TOOLS, f"{CERTS}/authority.pem", f"COPY authority.pem {CERTS}/authority-2.pem"),
    ],
)
def test_no_other_file_is_overwritten(
    root: Path, world: Mapping[str, Content], taken: str, first: str
) -> None:
    """Where another root has the name that the step would give, that is not lost: a free name is taken."""
    finding = refused(root, {**world, taken: ANOTHER})
    assert finding.remedy.startswith(first)
    written = [word for way in finding.remedies for word in way.text.split() if word == taken]
    assert not written, [way.text for way in finding.remedies]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_recognised(root: Path, form: str) -> None:
    """In a directory that Go reads, the private root in a form that Go does not read."""
    finding = refused(root, {**TOOLS, "/usr/bin/keytool": b"", f"{CERTS}/corp.pem": FORMS[form][1]})
    assert f"{CERTS}/corp.pem holds it, but" in finding.cause
    assert finding.remedies[0].tried, finding.remedy
    assert finding.remedy.startswith("RUN ")


@pytest.mark.parametrize("form", ["PKCS#12", "PKCS#12, changeit"])
@pytest.mark.parametrize("path", ["/opt/java/lib/security/cacerts", "/app/store.p12", f"{CERTS}/store.pfx"])
def test_a_keystore_stays_one(root: Path, form: str, path: str) -> None:
    """Java reads it, and a private key in it would be lost: what is converted is a copy."""
    finding = refused(root, {**TOOLS, path: FORMS[form][1]}, JAVA_HOME="/opt/java")
    assert finding.remedies[0].tried
    assert finding.remedy.startswith(f"RUN openssl pkcs12 -nokeys -passin pass:{form[9:]} -in {path} -out ")
    assert f"-out {path} " not in finding.remedy
    assert not finding.remedy.endswith(f" {path}")


@pytest.mark.parametrize("form", ["X509 CERTIFICATE", "quoted in a letter", "in quotes"])
def test_a_private_key_beside_the_root_is_kept(root: Path, form: str) -> None:
    """What takes the certificates out of a file takes them out of a copy."""
    key = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    finding = refused(root, {**TOOLS, "/app/tls.pem": FORMS[form][1] + key})
    assert finding.remedies[0].tried
    command = finding.remedy.split(" && ln ")[0]
    assert "/app/tls-2.pem" in command
    assert "sed -i" not in command
    assert "-out /app/tls.pem " not in command


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


def _subject() -> bytes:
    made = Parser(NEWEST).parse(CORP.der)
    assert isinstance(made, Certificate)
    return made.raw_subject


def test_variables_that_name_much_do_not_hold_the_search_up(root: Path) -> None:
    """A directory of many names is not listed anew for each word of each variable."""
    lay(root, TOOLS)
    crowd = root / "crowd"
    crowd.mkdir()
    for number in range(20_000):
        (crowd / f"{number}").touch()
    words = ":".join(f"/crowd/missing{number}" for number in range(32))
    env = {f"CA_{number}": words for number in range(150)} | {"A": "x" * 4000}
    env |= {f"CERT_{number}": "$A" * 2000 for number in range(40)}
    begin = time.thread_time()
    assert authority.find(targets.at_root(str(root), env), b"nobody", NEWEST) is None
    assert time.thread_time() - begin < 5  # a minute, were each listed


@pytest.mark.sweep
def test_a_directory_with_too_many_names_is_passed_over(root: Path) -> None:
    """What lies beside it is found all the same."""
    lay(root, {**TOOLS, "/data/more/ca.pem": PEM, "/data/a": DIRECTORY})
    for number in range(NAMES_LIMIT + 1):
        os.mknod(root / "data" / "a" / f"{number}")
    found = authority.find(targets.at_root(str(root), {}), _subject(), NEWEST)
    assert found
    assert found.path == "/data/more/ca.pem"


def test_the_kernels_files_are_not_read(root: Path) -> None:
    """Reading /proc/kmsg takes messages away: a variable that names /proc makes no file of it a candidate."""
    lay(root, {**TOOLS, "/proc/kmsg": PEM, "/proc/cert.pem": PEM})
    env = {"LOCAL_PROC": "/proc", "CA_FILE": "/proc/cert.pem"}
    subject = _subject()
    assert authority.find(targets.at_root(str(root), env), subject, NEWEST) is None


@pytest.mark.parametrize("line", ["> -----BEGIN CERTIFICATE----- AAAA", "-----BEGIN CERTIFICATE-----"])
def test_a_content_of_nothing_but_beginnings_is_not_taken_apart(line: str) -> None:
    """Every form would go over all of them: seconds for one file."""
    data = f"{line}\n".encode() * 100_000
    begin = time.thread_time()
    assert forms.look(data) is None
    assert time.thread_time() - begin < 1
