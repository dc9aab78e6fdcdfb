"""A private key that lies beside a certificate: no printed line lays it open to everybody."""

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.remedies import bases, scenes
from tests.remedies.asked import agrees, file_of, probe
from tests.remedies.dockerfile import carry_out
from tests.remedies.scenes import CORP, NAMED, OTHER, Scene, put, then

pytestmark = [pytest.mark.root, pytest.mark.timeout(200)]
BOTH = (CORP.pem + CORP.key_pem).encode()
_USER = (
    b"- user:\n    client-certificate-data: "
    + base64.b64encode(OTHER.pem.encode())
    + b"\n    client-key-data: "
    + base64.b64encode(OTHER.key_pem.encode())
)
FORMS = {
    "base64": base64.encodebytes(BOTH),
    "base64 twice": base64.encodebytes(base64.b64encode(BOTH)),
    "gzip": gzip.compress(BOTH),
    "gzip in two": gzip.compress(CORP.pem.encode()) + gzip.compress(CORP.key_pem.encode()),
    "UTF-16": BOTH.decode().encode("utf-16"),
    "indented": b"".join(b"  " + line for line in BOTH.splitlines(keepends=True)),
    "a kubeconfig": b"certificate-authority-data: " + base64.b64encode(CORP.pem.encode()) + b"\n" + _USER,
    "a kubeconfig in JSON": json.dumps(
        {
            "client-key-data": base64.b64encode(OTHER.key_pem.encode()).decode(),
            "client-certificate-data": base64.b64encode(OTHER.pem.encode()).decode(),
            "certificate-authority-data": base64.b64encode(CORP.pem.encode()).decode(),
        }
    ).encode(),
    "a Secret": b"ca.crt: " + base64.b64encode(CORP.pem.encode()) + b"\ntls.key: "
    + base64.b64encode(CORP.key_pem.encode()),
}  # fmt: skip
_ALONE = {"SSL_CERT_FILE": NAMED, "SSL_CERT_DIR": "/empty"}


def _named(content: bytes) -> Scene:
    make = then(lambda root: (root / "empty").mkdir(), put(NAMED, content, 0o600))
    return Scene("", "", make, _ALONE, corp=True)


def _in_the_directory(content: bytes) -> Scene:
    return Scene("", "", then(scenes.wiped, put("/etc/ssl/certs/corp.pem", content, 0o600)), corp=True)


def _staged(name: str) -> Scene:
    """Of this directory update-ca-certificates writes each file, as it is, into the bundle."""
    return Scene("", "", put(f"/usr/local/share/ca-certificates/{name}", BOTH, 0o600), corp=True)


def _closed(path: str, **env: str) -> Scene:
    """For root alone, because of the key: everybody may have the certificates."""
    make = then(lambda root: (root / "empty").mkdir(), put(path, BOTH, 0o600))
    return Scene("", "", make, env, corp=True, user="65532")


SCENES = {
    "closed: named": _closed(NAMED, **_ALONE),
    "closed: bundle": _closed("/etc/ssl/certs/ca-certificates.crt"),
    "closed: in the directory": _closed("/etc/ssl/certs/corp.pem"),
    **{f"named: {name}": _named(content) for name, content in FORMS.items()},
    "in the directory: base64": _in_the_directory(FORMS["base64"]),
    "in the directory: UTF-16": _in_the_directory(FORMS["UTF-16"]),
    "staged: corp.pem": _staged("corp.pem"),
    "staged: corp.crt": _staged("corp.crt"),
}


_ALWAYS = ("closed: named", "named: base64", "named: a kubeconfig", "staged: corp.pem")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in _ALWAYS else pytest.mark.sweep) for name in SCENES],
)
def test_no_key_is_laid_open(name: str) -> None:
    """After the best remedy Go has the root, no key is open, and no certificate of a user is trusted."""
    scene = SCENES[name]
    with bases.debian() as root:
        scene.break_(root)
        env = dict(scene.env)
        finding = probe(root, env, "ca-bundle", scene)["checks"][0]["findings"][0]
        carry_out(root, env, finding["remedy"], {}, file_of(finding))
        assert not list(_open_keys(root)), finding["remedy"]
        assert probe(root, env, "ca-bundle", scene)["healthy"], finding["remedy"]
        agrees(root, env, scene)
        assert OTHER.pem not in "".join(_texts(root, lambda _: True)), finding["remedy"]


def _open_keys(root: Path) -> list[str]:
    return [text for text in _texts(root, lambda mode: bool(mode & 0o044)) if "PRIVATE KEY" in text]


def _texts(root: Path, wanted: Callable[[int], bool]) -> list[str]:
    """What lies where certificates do, and may be read by whoever *wanted* says."""
    places = ("corp", "etc/ssl", "usr/local/share/ca-certificates")
    files = [path for place in places for path in (root / place).rglob("*") if path.is_file()]
    chosen = [path for path in files if not path.is_symlink() and wanted(path.stat().st_mode)]
    return [path.read_bytes().decode("latin-1") for path in chosen]
