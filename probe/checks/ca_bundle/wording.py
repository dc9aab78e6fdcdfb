"""How the check words what it found: short, on one line, ready to be pasted."""

from __future__ import annotations

from probe import redact
from probe.codes import Code
from probe.golang.quoting import quote
from probe.golang.x509.trust import FILES
from probe.lightweight import NamedTuple
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LIMIT = 120  # characters of a path or a name
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-.:@%,=")


class Diagnosis(NamedTuple):
    """What is wrong with the roots, before it is decided how bad that is."""

    code: Code
    path: str
    cause: str
    remedy: str
    evidence: Mapping[str, object]


def plain(text: str) -> str:
    """A path or value of the target as a report may show it: one line, no secrets, not too long."""
    return text if text in FILES else line(redact.text(text))


def place(path: str) -> str:
    """A path that SSL_CERT_FILE or SSL_CERT_DIR may have named, for a report."""
    return path if path in FILES else line(redact.path(path))


def line(text: str) -> str:
    """A text without secrets, such as what a certificate says, on one line and not too long."""
    text = quote(text)[1:-1]
    return text if len(text) <= _LIMIT else f"{text[: _LIMIT - 1]}…"


def word(path: str) -> str:
    """A path as one word of a shell."""
    safe = plain(path)
    return safe if _SAFE.issuperset(safe) else "'" + safe.replace("'", "'\\''") + "'"


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 root", "2 roots"."""
    return f"{number} {one}" if number == 1 else f"{number} {many or one + 's'}"


def listed(texts: Sequence[str], most: int = 3) -> str:
    """The first few of *texts*, and how many more there are."""
    shown = ", ".join(texts[:most])
    return f"{shown} and {len(texts) - most} more" if len(texts) > most else shown


_MANAGERS = {  # how each brings in a bundle, and how the newest one
    "/sbin/apk": ("apk add --no-cache ca-certificates", "apk add --no-cache --upgrade ca-certificates"),
    "/usr/bin/apt-get": (
        "apt-get update && apt-get install -y --no-install-recommends ca-certificates",
        "apt-get update && apt-get install -y --only-upgrade ca-certificates",
    ),
    "/usr/bin/microdnf": ("microdnf install -y ca-certificates", "microdnf update -y ca-certificates"),
    "/usr/bin/dnf": ("dnf install -y ca-certificates", "dnf upgrade -y ca-certificates"),
    "/usr/bin/yum": ("yum install -y ca-certificates", "yum update -y ca-certificates"),
    "/usr/bin/zypper": (
        "zypper -n install ca-certificates-mozilla",
        "zypper -n update ca-certificates-mozilla",
    ),
}
_COPY = "COPY --from=alpine /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/"


def install(target: Target, *, upgrade: bool = False) -> str:
    """The Dockerfile line that brings a bundle into this image, or the newest one."""
    for manager, commands in _MANAGERS.items():
        if _exists(target, manager):
            return f"RUN {commands[upgrade]}"
    return _COPY


def add_root(target: Target, file: str) -> str:
    """The Dockerfile lines that make the certificates of a PEM file roots in this image."""
    name = word(file)
    base = word(file.rpartition("/")[2].rpartition(".")[0] or "extra")
    if _exists(target, "/usr/sbin/update-ca-certificates"):
        return f"COPY {name} /usr/local/share/ca-certificates/{base}.crt and RUN update-ca-certificates"
    if _exists(target, "/usr/bin/update-ca-trust"):
        return f"COPY {name} /etc/pki/ca-trust/source/anchors/{base}.pem and RUN update-ca-trust"
    return f"COPY {name} /etc/ssl/certs/{base}.pem"


def _exists(target: Target, path: str) -> bool:
    try:
        target.stat(path)
    except OSError:
        return False
    return True
