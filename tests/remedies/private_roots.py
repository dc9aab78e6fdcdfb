"""Ways to get a private root wrong: it is in the container, in a form or a place that Go does not read."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.remedies.bases import BUNDLE
from tests.remedies.scenes import CORP, FORMS, put

_PEM, _DER = CORP.pem.encode(), CORP.der
_CERTS, _LOCAL, _SHARE = "/etc/ssl/certs", "/usr/local/share/ca-certificates", "/usr/share/ca-certificates"
_ANCHORS = "/etc/pki/ca-trust/source/anchors"
CODE, WITHOUT_ROOTS = "TLS_UNKNOWN_AUTHORITY", "TLS_NO_ROOTS"


class Way(NamedTuple):
    """One way: where the root is put, what the cause has to name of it, and on which base."""

    name: str
    path: str  # that the cause names
    why: str  # words of the cause
    put: Callable[[Path], object]
    base: str = "debian"
    env: Mapping[str, str] = {}
    user: str = ""


_WORDS = {  # of the cause, for each form
    "DER": "DER",
    "DER, two": "DER",
    "PKCS#7": "PKCS#7",
    "PKCS#7 in DER": "PKCS#7",
    "PKCS#12": "PKCS#12",
    "PKCS#12, changeit": "PKCS#12",
    "TRUSTED": "TRUSTED CERTIFICATE",
    "X509 CERTIFICATE": "another label",
    "UTF-16": "UTF-16",
    "UTF-16LE": "UTF-16",
    "base64 of PEM": "base64",
    "base64 of DER": "base64",
    "a byte order mark": "byte order mark",
    "CR alone": "CR alone",
    "escaped": "\\n",
    "escaped, CR too": "\\n",
    "header lines": "header lines",
    "indented": "whitespace",
    "in quotes": "quotes",
    "joined": "blanks for its newlines",
    "gzip": "gzip",
    "gzip of DER": "gzip",
    "base64 of base64": "base64",
    "a kubeconfig": "base64 of PEM inside",
    "quoted-printable": "quoted-printable",
    "HTML": "HTML",
    "in a URL": "URL",
    "quoted in a letter": "before each line",
    "other dashes": "before each line",
}


def in_forms() -> Iterator[Way]:
    """Every form, in the directory that Go reads, in the one of the distribution, or elsewhere."""
    places = (
        (f"{_CERTS}/corp.pem", "debian"),
        (f"{_LOCAL}/corp.crt", "debian"),
        (f"{_CERTS}/corp.crt", "alpine"),
        ("/corp/ca.pem", "debian"),
    )
    for number, (form, (_, content)) in enumerate(FORMS.items()):
        place, base = places[number % len(places)]
        yield Way(f"{form} at {place}", place, _WORDS[form], put(place, content), base)


def in_places() -> Iterator[Way]:
    """As PEM, where the missing step is another one."""

    def way(name: str, path: str, why: str, content: bytes = _PEM, **more: object) -> Way:
        return Way(name, path, why, put(path, content), **more)  # type: ignore[arg-type]

    missed = "update-ca-certificates has not run"
    ending = "does not end in .crt"
    yield way("not updated", f"{_LOCAL}/corp.crt", missed)
    yield way("not updated, in a directory", f"{_LOCAL}/corp/ca.crt", missed)
    for name in ("corp.pem", "corp.cer", "corp", "corp.CRT", "corp.crt.pem", "corp/ca.pem", "ca bundle.pem"):
        yield way(f"named {name}", f"{_LOCAL}/{name}", ending)
    for name in ("corp.der", "corp.cer"):
        yield way(f"DER named {name}", f"{_LOCAL}/{name}", "DER", _DER)
    yield way("not selected", f"{_SHARE}/corp.crt", "not selected")
    yield way("not selected, in a directory", f"{_SHARE}/corp/ca.crt", "not selected")
    yield way("below the directory", f"{_CERTS}/corp/ca.pem", "where Go does not look")
    yield way("elsewhere", "/certs/ca.pem", "where Go does not look")
    yield way(
        "for Python", "/opt/x/y.pem", "where Go does not look", env={"REQUESTS_CA_BUNDLE": "/opt/x/y.pem"}
    )
    yield way(
        "for Node", "/opt/x/y.pem", "where Go does not look", env={"NODE_EXTRA_CA_CERTS": "/opt/x/y.pem"}
    )
    yield way(
        "for Java",
        "/opt/java/lib/security/cacerts",
        "PKCS#12",
        FORMS["PKCS#12, changeit"][1],
        env={"JAVA_HOME": "/opt/java"},
    )
    closed = put(f"{_CERTS}/corp.pem", _PEM, 0o400)
    yield Way("closed", f"{_CERTS}/corp.pem", "not read", closed, user="65532")
    yield way("an anchor", f"{_ANCHORS}/corp.pem", "update-ca-trust has not run", base="red hat")
    yield way("an anchor in DER", f"{_ANCHORS}/corp.crt", "update-ca-trust has not run", _DER, base="red hat")
    yield way("an anchor of SUSE", "/etc/pki/trust/anchors/corp.pem", "has not run", base="suse")
    yield way("on Alpine", "/certs/ca.pem", "where Go does not look", base="alpine")
    yield way("on scratch", "/certs/ca.pem", "where Go does not look", base="scratch")
    bundle = f"/{BUNDLE}"
    yield way("beside the first file", "/etc/ssl/cert.pem", f"is read only where {bundle} is missing")
    for variable, value, path, why in (
        ("SSL_CERT_DIR", f"{_SHARE}/mozilla", f"{_CERTS}/corp.pem", "because SSL_CERT_DIR is set"),
        ("SSL_CERT_FILE", f"{bundle}:/corp/ca.pem", "/corp/ca.pem", "Go takes one path, not a list"),
        ("SSL_CERT_FILE", '"/corp/ca.pem"', "/corp/ca.pem", "the quotes are part of the path"),
        ("SSL_CERT_FILE", "/corp/ca.pem\r", "/corp/ca.pem", "the carriage return at its end"),
        ("SSL_CERT_DIR", f"{_CERTS};/corp", "/corp/ca.pem", 'only ":" separates directories'),
    ):
        yield way(f"{variable}={value!r}", path, why, env={variable: value})
    yield from _as_a_shell_would()
    yield from _of_programs()
    yield Way("glued to the bundle", bundle, "glued", _glued)


def _as_a_shell_would() -> Iterator[Way]:
    """Variables that a shell would have replaced, or that name nearly the right file."""
    unread = "where Go does not look"
    for value, path, why in (
        ("~/ca.pem", "/root/ca.pem", unread),
        ("$CORP/ca.pem", "/corp/ca.pem", unread),
        ("${CORP_CA:-/corp/ca.pem}", "/corp/ca.pem", 'only a shell replaces "$"'),
        ("/corp/CA.crt", "/corp/ca.pem", unread),
    ):
        env = {"SSL_CERT_FILE": value, "HOME": "/root", "CORP": "/corp"}
        yield Way(f"SSL_CERT_FILE={value}", path, why, put(path, _PEM), env=env)
    env = {"SSL_CERT_DIR": f"{_CERTS},/corp"}
    words = 'only ":" separates directories'
    yield Way("a comma", "/corp/ca.pem", words, put("/corp/ca.pem", _PEM), env=env)


def _of_programs() -> Iterator[Way]:
    """Where programs have it: in their directory, their configuration, what their variables name."""
    unread = "where Go does not look"
    for path in ("/app/certs/ca.pem", "/root/ca.pem", "/etc/corp/pki/root.pem", "/var/lib/corp/ca.pem"):
        yield Way(f"of a program: {path}", path, unread, put(path, _PEM))
    yield Way("for Deno", "/mnt/d.txt", unread, put("/mnt/d.txt", _PEM), env={"DENO_CERT": "/mnt/d.txt"})
    indented = b"".join(b"    " + line for line in _PEM.splitlines(keepends=True))
    for name, content, why in (
        ("config.yaml", b"ca: |\n" + indented, "whitespace before its lines"),
        ("config.json", json.dumps({"ca": CORP.pem}).encode(), "inside other text"),
    ):
        path = f"/etc/app/{name}"
        yield Way(name, path, why, put(path, content))


def _glued(root: Path) -> None:
    path = root / BUNDLE
    path.write_bytes(path.read_bytes().rstrip() + _PEM)


def all_of_them() -> list[Way]:
    return [*in_forms(), *in_places()]
