"""The one OpenSSL of the bundle: its settings, the signatures it verifies, the keystores it opens."""

import json
import subprocess
from pathlib import Path

import pytest

from probe.tls import signatures
from tests.support import pki
from tests.support.signatures import KINDS, samples


@pytest.mark.parametrize(("statement", "wanted"), [("import probe.tls", "-1"), ("", "770")])
def test_openssl_keeps_to_its_own_settings(bundle: Path, tmp_path: Path, statement: str, wanted: str) -> None:
    """Not TLS 1.1 at most, as the container says it for its own; without our line it would be that."""
    settings = tmp_path / "openssl.cnf"
    settings.write_text(
        "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMaxProtocol = TLSv1.1\n"
    )
    code = f"{statement}\nimport ssl; print(int(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).maximum_version))"
    command = [str(bundle / "bin" / "python3"), "-I", "-S", "-X", "bundle", "-c", code]
    done = subprocess.run(
        command, env={"OPENSSL_CONF": str(settings)}, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == (wanted, "")


# Reads certificates and what to replace in the first of them; tells who signed whom.
_JUDGING = """
import json, sys
from probe.golang.release import Go
from probe.golang.x509.certificate import parse
from probe.tls import signatures
for child, parent, signature, signed in json.load(sys.stdin):
    read = [parse(bytes.fromhex(one), Go((1, 27, 3), "as-go")) for one in (child, parent)]
    read[0] = read[0]._replace(signature=bytes.fromhex(signature), raw_tbs=bytes.fromhex(signed))
    print(signatures.signed(*read))
"""


def test_signatures_of_every_kind_are_verified_as_by_pip(bundle: Path) -> None:
    """ML-DSA too: the one OpenSSL of the bundle says what that of `cryptography` says."""
    found = [sample for kind in KINDS for sample in samples(*kind)]
    given = [
        [one.hex() for one in (child.der, parent.der, child.signature, child.raw_tbs)]
        for _, child, parent, _ in found
    ]
    done = subprocess.run(
        [bundle / "bin/python3", "-I", "-S", "-X", "bundle", "-c", _JUDGING],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    pip = [signatures.signed(sample.child, sample.parent) for sample in found]
    assert done.stdout.split() == [str(answer) for answer in pip]
    assert pip == [sample.answer for sample in found]


@pytest.mark.parametrize("form", ["PBES2", "RC2"])
def test_keystores_are_opened(bundle: Path, tmp_path: Path, form: str) -> None:
    """As keytool writes them, and as it did until Java 8: by no module of the machine's OpenSSL."""
    (tmp_path / "ca.pem").write_text(pki.root("Root").pem)
    old = ("-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-macalg", "SHA1") if form == "RC2" else ()
    make = ["openssl", "pkcs12", "-export", "-nokeys", "-in", "ca.pem", "-out", "store", "-passout", "pass:a"]
    subprocess.run([*make, *old], cwd=tmp_path, check=True, capture_output=True)
    code = (
        "from probe.remedies import keystore\n"
        "print(len(keystore.certificates(open('store', 'rb').read(), b'a')))"
    )
    done = subprocess.run(
        [bundle / "bin/python3", "-I", "-S", "-X", "bundle", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("1\n", "")
