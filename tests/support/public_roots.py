"""
Writes probe/golang/x509/public_roots_table.py from the certificates in tests/golang/public_roots.pem.

    python -m tests.support.public_roots [FILE|DIRECTORY ...]

adds those of other bundles to that file first: of certifi's releases, of the packages ca-certificates. Give
it none of a machine in use: that may hold authorities of its own.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from probe.formats import pem
from probe.golang.release import NEWEST, OLDEST, Go
from probe.golang.x509 import public_roots
from probe.golang.x509.certificate import parse
from probe.golang.x509.certificate_fields import Certificate, Names, Refusal

CERTIFICATES = Path(__file__).parent.parent / "golang" / "public_roots.pem"
TABLE = Path(public_roots.__file__).with_name("public_roots_table.py")
# On every release, and with what makes its parser take more.
GOS = [
    Go((1, minor, patch), "as-go", settings)
    for minor in range(OLDEST, NEWEST.minor + 1)
    for patch in (0, 99)  # before all that was backported, and after it
    for settings in ({}, {"x509negativeserial": "1"}, {"rsa1024min": "0"})
]
_HEAD = '''"""Each root by the BLAKE2b of its DER; written by `python -m tests.support.public_roots`."""

# fmt: off
# ruff: noqa: E501
ROOTS: dict[bytes, tuple] = {  # type: ignore[type-arg]
'''


def certificates(*sources: Path) -> dict[bytes, Certificate]:
    """The certificates that the newest Go reads in files, or in those of directories, by their DER."""
    found: dict[bytes, Certificate] = {}
    for source in sources:
        for file in sorted(source.rglob("*")) if source.is_dir() else [source]:
            for block in pem.split(file.read_bytes()) if file.is_file() else ():
                made = parse(block.data, NEWEST)
                if isinstance(made, Certificate) and is_public(made):
                    found[block.data] = made
    return found


def is_public(certificate: Certificate) -> bool:
    """Whether its subject names an organization or a country, as a public one has to and few others do."""
    return bool(re.search("(^|[,+])(O|C)=", certificate.subject))


def rows(certificate: Certificate) -> tuple[tuple[int, tuple[Any, ...]], ...] | None:
    """
    The minor release since which a release reads it so, the latest first, and what it reads.

    None where something else than the minor release decides, or for a field that the table has no form for.
    """
    found: dict[int, Certificate | Refusal] = {}
    for go in GOS:
        made = parse(certificate.der, go)
        if found.setdefault(go.minor, made) != made:
            return None
    changes = [minor for minor in found if minor == OLDEST or found[minor] != found[minor - 1]]
    read = [(minor, row(found[minor])) for minor in reversed(changes)]
    return tuple((minor, fields) for minor, fields in read if fields) if all(one[1] for one in read) else None


def row(certificate: Certificate | Refusal) -> tuple[Any, ...] | None:
    """All its fields but the first, as the table has them."""
    if isinstance(certificate, Refusal) or certificate.permitted or certificate.excluded:
        return None
    names = tuple(certificate.names) if certificate.names != Names() else None
    fields = certificate._asdict() | {"names": names, "critical": tuple(sorted(certificate.critical))}
    for name in public_roots.PARTS:
        start = certificate.der.find(fields[name])
        if start < 0:
            return None
        fields[name] = start, start + len(fields[name])
    fields["extensions"] = tuple(_extensions(certificate))
    if not fields["key_fault"]:
        del fields["key_fault"]  # the last one, which has a default
    return tuple(fields.values())[1:]


def _extensions(certificate: Certificate) -> Iterator[tuple[str, bool, int, int]]:
    at = 0
    for oid, critical, value in certificate.extensions:
        at = certificate.der.find(value, at)
        yield oid, critical, at, at + len(value)
        at += len(value)


def table(found: Iterable[Certificate]) -> str:
    """The text of the module."""
    told = {public_roots.digest(one.der): rows(one) for one in found}
    lines = [f"    {digest!r}: {read!r},\n" for digest, read in sorted(told.items()) if read]
    return f"{_HEAD}{''.join(lines)}}}\n"


def _write(sources: list[Path]) -> None:
    import ssl

    found = certificates(CERTIFICATES, *sources) if CERTIFICATES.exists() else certificates(*sources)
    CERTIFICATES.write_text("".join(ssl.DER_cert_to_PEM_cert(data) for data in sorted(found)))
    TABLE.write_text(table(found.values()))
    print(f"{len(found)} certificates, {TABLE.read_text().count(chr(10)) - 6} rows")


if __name__ == "__main__":
    _write([Path(name) for name in sys.argv[1:]])
