"""
Layouts like those of other distributions, made of a Debian: their paths and their commands, over real tools.

Like, not real: `trust` (p11-kit) is the program that those use; update-ca-trust, update-ca-certificates and
the package managers are scripts of ours, which do what theirs do with these files.
"""

import shutil
from pathlib import Path

from tests.support.pem import mozilla

EXTRACTED = "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"
SUSE_BUNDLE = "var/lib/ca-certificates/ca-bundle.pem"
_DEBIANS = (
    *("usr/bin/apt-get", "usr/sbin/update-ca-certificates", "etc/ca-certificates.conf", "var/lib/dpkg"),
    *("usr/share/ca-certificates", "usr/local/share/ca-certificates", "etc/ssl"),
)
_EXTRACT = "trust extract --format=pem-bundle --filter=ca-anchors --overwrite --comment --purpose server-auth"
# The files of packages lie in the layout, as in a repository.
INSTALL = """#!/bin/sh
for name; do
  test -d /repository/$name && cp -a /repository/$name/. /
done
exit 0
"""


def red_hat(root: Path) -> None:
    """UBI 9: anchors in /etc/pki/ca-trust/source, one extracted bundle, /etc/ssl/certs a link."""
    _without_debian(root)
    _os_release(root, 'NAME="Red Hat Enterprise Linux"\nID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.6"\n')
    _trust_paths(root, "/etc/pki/ca-trust/source:/usr/share/pki/ca-trust-source")
    package = root / "repository/ca-certificates"
    for place in (package, root):
        _put(place / "usr/share/pki/ca-trust-source/anchors/mozilla.pem", mozilla())
        _put(place / EXTRACTED, mozilla())
        _link(place / "etc/pki/tls/certs/ca-bundle.crt", f"/{EXTRACTED}")
    (root / "etc/pki/ca-trust/source/anchors").mkdir(parents=True)
    (root / "etc/ssl").mkdir()
    _link(root / "etc/ssl/certs", "../pki/tls/certs")
    _program(root, "usr/bin/update-ca-trust", f"#!/bin/sh\nexec {_EXTRACT} /{EXTRACTED}\n")
    _program(root, "usr/bin/microdnf", INSTALL)
    _put(root / "var/lib/rpm/rpmdb.sqlite", b"SQLite format 3\0ca-certificates\0tzdata\0")


def suse(root: Path) -> None:
    """BCI 15: anchors in /etc/pki/trust/anchors, the bundle in /var/lib/ca-certificates."""
    _without_debian(root)
    _os_release(root, 'NAME="SLES"\nID="sles"\nID_LIKE="suse"\nVERSION_ID="15.6"\n')
    _trust_paths(root, "/etc/pki/trust:/usr/share/pki/trust")
    package = root / "repository/ca-certificates-mozilla"
    for place in (package, root):
        _put(place / "usr/share/pki/trust/anchors/mozilla.pem", mozilla())
        _put(place / SUSE_BUNDLE, mozilla())
        _link(place / "etc/ssl/ca-bundle.pem", f"../../{SUSE_BUNDLE}")
    (root / "etc/pki/trust/anchors").mkdir(parents=True)
    (root / "var/lib/ca-certificates/pem").mkdir()
    _link(root / "etc/ssl/certs", "../../var/lib/ca-certificates/pem")
    _program(root, "usr/sbin/update-ca-certificates", f"#!/bin/sh\nexec {_EXTRACT} /{SUSE_BUNDLE}\n")
    _program(root, "usr/bin/zypper", INSTALL)
    _put(root / "var/lib/rpm/rpmdb.sqlite", b"SQLite format 3\0ca-certificates-mozilla\0timezone\0")


def wolfi(root: Path) -> None:
    """What is like Alpine, under its own name."""
    _os_release(root, 'ID=wolfi\nNAME="Wolfi"\nPRETTY_NAME="Wolfi"\nVERSION_ID="20230201"\n')


def distroless(root: Path) -> None:
    """A bundle and zones, the database of packages in pieces, no shell."""
    _os_release(root, 'PRETTY_NAME="Distroless"\nNAME="Debian GNU/Linux"\nID="debian"\nVERSION_ID="13"\n')
    _put(root / "var/lib/dpkg/status.d/ca-certificates", b"Package: ca-certificates\n")


def _without_debian(root: Path) -> None:
    for name in _DEBIANS:
        there = root / name
        shutil.rmtree(there) if there.is_dir() else there.unlink()


def _trust_paths(root: Path, paths: str) -> None:
    """Where p11-kit looks, which its build decides elsewhere."""
    module = root / "usr/share/p11-kit/modules/p11-kit-trust.module"
    lines = module.read_text().splitlines()
    kept = [line for line in lines if not line.startswith("x-init-reserved:")]
    module.write_text("\n".join([*kept, f"x-init-reserved: paths='{paths}'", ""]))


def _os_release(root: Path, text: str) -> None:
    place = root / "etc/os-release"
    place.unlink(missing_ok=True)
    _put(place, text.encode())


def _program(root: Path, path: str, text: str) -> None:
    _put(root / path, text.encode())
    (root / path).chmod(0o755)


def _link(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(text)


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
