"""
Where a missing authority lies in the target already, in a form or a place that Go does not read.

Bounded in files, bytes and our own time. Files are read as whoever builds the image may read them.
"""

from __future__ import annotations

import errno
import math

from probe.deadline import Deadline
from probe.formats import pem
from probe.golang.release import Go
from probe.golang.x509 import trust
from probe.golang.x509.certificate import Parser
from probe.golang.x509.certificate_fields import Certificate
from probe.lightweight import Any, Iterable, Iterator, NamedTuple
from probe.remedies import (
    actions,
    conversions,
    effects,
    file_actions,
    forms,
    meant,
    packages,
    places,
    quoting,
)
from probe.remedies.actions import remedy
from probe.remedies.lower_files import Allowance, as_root
from probe.report import Remedy
from probe.targets import NotRegular, Target, TooLarge
from probe.targets.files import Files, error, read

_LOCAL = "/usr/local/share/ca-certificates"
_SHARE = "/usr/share/ca-certificates"
_P11 = ("/etc/pki/ca-trust/source", "/etc/ca-certificates/trust-source", "/etc/pki/trust/anchors")
_ELSEWHERE = (
    *("/certs", "/cert", "/ca", "/corp", "/tls", "/ssl", "/etc/certs", "/etc/ca", "/etc/tls"),
    *("/etc/ca-certificates", "/etc/ssl", "/etc/pki/tls", "/usr/share/pki", "/usr/local/etc/ssl"),
    *("/run/secrets", "/var/run/secrets", "/secrets", "/config", "/opt/certs", "/usr/local/share"),
)
# Other clients' variables: whoever set one has brought the file.
_VARIABLES = (
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE", "GIT_SSL_CAINFO"),
    *("PIP_CERT", "HTTPLIB2_CA_CERTS", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "CARGO_HTTP_CAINFO"),
)
# Where programs and their configuration lie, after all others.
_OF_PROGRAMS = (
    *("/app", "/root", "/home", "/opt", "/srv", "/workspace", "/data", "/usr/local", "/etc"),
    *("/tmp", "/var/lib"),  # noqa: S108 - nothing is written there
)
_OF_CERTIFICATES = ("CA", "CERT", "SSL", "TLS", "TRUST", "PEM")  # in names of variables
_ENVIRONMENT = 200  # variables
_OF_THE_KERNEL = ("/proc/", "/sys/", "/dev/")  # where reading may change something
NAMES = (
    *(".crt", ".pem", ".cer", ".der", ".p7b", ".p7c", ".p12", ".pfx", ".jks", ".ca-bundle", ".cert"),
    *(".ca", ".bundle", ".CRT", ".PEM", ".CER", ".DER", "/cacerts"),
)
_CONFIGURATIONS = (".yaml", ".yml", ".json", ".env", ".conf", "/.kube/config")
_FILES, _BYTES, _FILE_BYTES, _SECONDS = 2000, 32 << 20, 4 << 20, 0.25
_PART = 0.5  # of the run's time that is left
_PER_PLACE = 1000  # entries
_SMALL_MOUNTS = 20
_STAGED = 200  # files of the directories that a bundle is made from


class FoundAuthority(NamedTuple):
    """The authority's certificate, where it lies, and the step that is missing."""

    path: str
    known: forms.FoundForm | None  # None for PEM
    certificate: bytes
    why: str  # Go does not have it: goes on after the path


def find(
    target: Target,
    subject: bytes,
    go: Go,
    deadline: Deadline | None = None,
    exhausted: frozenset[str] = frozenset(),
) -> FoundAuthority | None:
    """
    The first file that holds a certificate with *subject* (DER of its name); None where none does.

    It is none of the *exhausted* ones, of which Go has taken every block.
    """
    parser, within = Parser(go), _allowed(deadline)
    files = _TimedFiles(as_root(target), within)
    for path, data in _contents(files, _paths(target, files, within), within, exhausted):
        if found := _in(data, subject, parser):
            certificate, known = found
            why = _why(target, path, known.form if known else "")
            return FoundAuthority(path, known, certificate, why)
    return None


def staged(
    target: Target,
    go: Go,
    directories: tuple[str, ...],
    known: frozenset[bytes],
    deadline: Deadline | None = None,
) -> Iterator[FoundAuthority]:
    """The files in *directories* with a certificate (DER) that is not *known*, each by its first one."""
    parser, within = Parser(go), _allowed(deadline)
    files = _TimedFiles(as_root(target), within)
    paths = (path for directory in directories for path in effects.files_below(files, directory, _STAGED))
    for path, data in _contents(files, paths, within):
        if found := _unknown(data, known, parser):
            certificate, form = found
            why = _why(target, path, form.form if form else "")
            yield FoundAuthority(path, form, certificate, why)


def _allowed(deadline: Deadline | None) -> Allowance:
    """Time of our own, as each may be a keystore that takes its own, and of the run, for slow disks."""
    return Allowance(_SECONDS, deadline.remaining() * _PART if deadline else math.inf, _BYTES)


class _TimedFiles:
    """Files of which none is found once the allowance is used up: looking for them takes time too."""

    def __init__(self, files: Files, within: Allowance) -> None:
        self._files, self._within = files, within

    def __getattr__(self, name: str) -> Any:
        if self._within.spent():
            raise error(errno.ETIMEDOUT, name)
        return getattr(self._files, name)


def _contents(
    files: Any, paths: Iterable[str], within: Allowance, known: frozenset[str] = frozenset()
) -> Iterator[tuple[str, bytes]]:
    """Each path but the *known* ones once, with its content, until files, time or bytes are used up."""
    left = _BYTES
    seen = set(known)
    limit = len(seen) + _FILES
    for path in paths:
        if path in seen or path.startswith(_OF_THE_KERNEL):
            continue
        seen.add(path)
        if len(seen) > limit or left <= 0 or within.spent():
            return
        try:
            data = read(files, path, min(_FILE_BYTES, left))
        except (OSError, NotRegular, TooLarge):
            continue
        left -= len(data)
        yield path, data


def _unknown(
    data: bytes, known: frozenset[bytes], parser: Parser
) -> tuple[bytes, forms.FoundForm | None] | None:
    """The first certificate in a content that is not *known*, and the form where that is not PEM."""
    sound = [block.data for block in pem.split(data) if not block.fault and block.label == "CERTIFICATE"]
    form = None if sound else forms.look(data)
    for certificate in form.certificates if form else sound:
        if certificate not in known and isinstance(parser.parse(certificate), Certificate):
            return certificate, form
    return None


def remedies(target: Target, found: FoundAuthority) -> tuple[Remedy, ...]:
    """The one step that is missing, then others that come to the same."""
    path, known = found.path, found.known
    closed = _closed(target, path)
    if closed:
        return closed
    if not known:
        return (*_as_meant(target, path), *_alone(target, path, found.certificate))
    if _is_read(target, path):
        return conversions.of(target, path, known)
    if _stays(path, known):
        converted, to = conversions.in_place(target, path, known), path
    else:
        to = conversions.beside(target, path, _ending(path))
        converted = conversions.to_file(target, path, to, known)
    return tuple(remedy(converted, *way.actions) for way in _trusted(target, to, found.certificate))


def _alone(target: Target, path: str, certificate: bytes) -> tuple[Remedy, ...]:
    """What makes PEM a root that Go has, without the key beside it: everybody may read the bundle."""
    with_key = conversions.beside_key(target, path)
    if not with_key:
        return _trusted(target, path, certificate)
    taken_whole = path.startswith(f"{_LOCAL}/") and path.endswith(".crt")
    kept = file_actions.aside(target, path) if taken_whole else path
    to = path if taken_whole else conversions.beside(target, path, _ending(path))
    before = [file_actions.move(path, kept)] if taken_whole else []
    before.append(conversions.to_file(target, kept, to, with_key))
    return tuple(remedy(*before, *way.actions) for way in _trusted(target, to, certificate))


def _ending(path: str) -> str:
    return ".crt" if path.startswith(f"{_LOCAL}/") else ".pem"


def _stays(path: str, known: forms.FoundForm) -> bool:
    """Whether the PEM belongs in the place of the file: its name asks for PEM, and nothing is lost."""
    if conversions.is_wanted(known):
        return False
    if path.startswith((f"{_LOCAL}/", f"{_SHARE}/", *_P11)):
        return path.endswith(".crt") or not path.startswith(f"{_LOCAL}/")
    return conversions.is_text(known) and path.endswith(NAMES)


def _as_meant(target: Target, path: str) -> Iterator[Remedy]:
    """The variable that was meant to name the file, or its directory."""
    for variable in (trust.FILE_VARIABLE, trust.DIRECTORY_VARIABLE):
        value = target.env.get(variable, "")
        right = value and (meant.paths(target, variable) or meant.similar(target, value))
        if right and (path == right or path.rpartition("/")[0] in right.split(":")):
            yield remedy(actions.set_env(variable, right))


def _trusted(target: Target, path: str, certificate: bytes) -> tuple[Remedy, ...]:
    """For a PEM file that Go does not read where it lies."""
    update = actions.run("update-ca-certificates", "update-ca-certificates")
    first: list[Remedy] = []
    if path.startswith(f"{_LOCAL}/"):
        if path.endswith(".crt"):
            first.append(remedy(update))
        else:
            named = places.unused(target, f"{path.rpartition('.')[0] or path}.crt")
            first.append(remedy(file_actions.move(path, named), update))
    elif path.startswith(f"{_SHARE}/"):
        name = quoting.word(path.removeprefix(f"{_SHARE}/"))
        select = actions.run(f"echo {name} >> /etc/ca-certificates.conf", "select", name=name)
        first.append(remedy(select, update))
    elif path.startswith(_P11):
        first.append(remedy(actions.run("update-ca-trust extract", "update-ca-trust")))
        first.append(remedy(update))
    return (*first, *packages.trust_file(target, path, [certificate]))


def _closed(target: Target, path: str) -> tuple[Remedy, ...]:
    """What opens a file that Go would read, were it allowed to."""
    if not _is_read(target, path):
        return ()
    try:
        target.open(path).close()
    except PermissionError:
        apart = conversions.without_key(target, path)
        return apart or file_actions.readable(target, *file_actions.refuser(target, path))
    except (OSError, NotRegular, TooLarge):
        return ()
    return ()


def _is_read(target: Target, path: str) -> bool:
    """Whether Go tries this very file."""
    directory = path.rpartition("/")[0]
    named = target.env.get(trust.DIRECTORY_VARIABLE)
    directories = named.split(":") if named else trust.DIRECTORIES
    return directory in [place.rstrip("/") for place in directories] or path in trust.files(target)[:1]


def _why(target: Target, path: str, form: str) -> str:
    """Why Go does not have what is in the file."""
    shape = f" is {forms.WORDS[form]}" if form else ""
    if _is_read(target, path):
        return shape or " is not read"
    if path.startswith(f"{_LOCAL}/"):
        if not path.endswith(".crt"):
            return f"{shape and shape + ', and'} does not end in .crt, as update-ca-certificates requires"
        return f"{shape and shape + ', and'} is not in the bundle: update-ca-certificates has not run since"
    if path.startswith(f"{_SHARE}/"):
        return " is not selected in /etc/ca-certificates.conf"
    if path.startswith(_P11):
        return " is an anchor, and update-ca-trust has not run since"
    return f"{shape and shape + ', and'} {_misnamed(target, path)}"


def _misnamed(target: Target, path: str) -> str:
    """Why Go does not look there: a variable that names something else, or a file that comes first."""
    directory = path.rpartition("/")[0]
    for variable, meant_path, usual in (
        (trust.FILE_VARIABLE, path, trust.FILES),
        (trust.DIRECTORY_VARIABLE, directory, trust.DIRECTORIES),
    ):
        value = target.env.get(variable, "")
        said = meant.slip(variable, value)
        if said and (meant_path in value or path in value):
            return f"is not read, because of {variable}: {said}"
        if value and meant_path in usual:
            return f"is not read, because {variable} is set"
    if path in trust.FILES:
        return f"is read only where {trust.files(target)[0]} is missing"
    return "is where Go does not look"


def _in(data: bytes, subject: bytes, parser: Parser) -> tuple[bytes, forms.FoundForm | None] | None:
    """The certificate with *subject* in a content, and its form where that is not PEM."""
    if subject not in data and b"BEGIN" not in data and not forms.may_hold(data):
        return None
    sound = 0
    for block in pem.split(data):
        if not block.fault and not block.headers and block.label == "CERTIFICATE":
            if _is(block.data, subject, parser):
                return block.data, None
            sound += 1
    if sound and sound == data.count(b"BEGIN "):  # nothing is left that another form could give
        return None
    found = forms.look(data)
    for certificate in found.certificates if found else ():
        if found and _is(certificate, subject, parser):
            return certificate, found
    return None


def _is(certificate: bytes, subject: bytes, parser: Parser) -> bool:
    if subject not in certificate:
        return False
    made = parser.parse(certificate)
    return isinstance(made, Certificate) and made.raw_subject == subject


def _paths(target: Target, files: Any, within: Allowance) -> Iterator[str]:
    """Files worth a look, the likeliest first."""
    named = target.env.get(trust.DIRECTORY_VARIABLE)
    timed = target._replace(files=_TimedFiles(target.files, within))
    for value in _values(target):
        if within.spent():
            return
        for path in meant.candidates(timed, value):
            yield path
            yield from effects.files_in(files, path)
    yield from trust.FILES
    read_here = named.split(":") if named else []
    for directory in (*read_here, *trust.DIRECTORIES, _LOCAL, *_P11, *_mounted(target), *_ELSEWHERE):
        yield from effects.files_below(files, directory.rstrip("/") or "/", _FILES)
    java = target.env.get("JAVA_HOME")
    if java:
        yield f"{java}/lib/security/cacerts"
    for directory in dict.fromkeys((target.cwd, target.env.get("HOME", ""), *_OF_PROGRAMS)):
        if directory.startswith("/") and directory.strip("/"):
            yield from _called_like_one(files, directory.rstrip("/"), within)
    yield from effects.files_below(files, _SHARE, _FILES)


def _values(target: Target) -> Iterator[str]:
    """What variables say of certificates: Go's own, those of other clients, and of programs."""
    for variable in (trust.FILE_VARIABLE, trust.DIRECTORY_VARIABLE, *_VARIABLES):
        yield target.env.get(variable, "")
    for variable, value in list(target.env.items())[:_ENVIRONMENT]:
        if any(word in variable.upper() for word in _OF_CERTIFICATES):
            yield value


def _called_like_one(files: Any, directory: str, within: Allowance) -> Iterator[str]:
    """The files below *directory* that are called like certificates, or like what holds one."""
    for number, path in enumerate(effects.files_below(files, directory, _PER_PLACE)):
        if path.endswith((*NAMES, *_CONFIGURATIONS)) or "cert" in path.rpartition("/")[2]:
            yield path
        elif number % 50 == 0 and within.spent():
            return


def _mounted(target: Target) -> list[str]:
    """Volumes that somebody has mounted; the system's own are not among them."""
    system = ("/proc", "/sys", "/dev", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf")
    points = [mount.point for mount in target.mounts if mount.point != "/"]
    return [point for point in points if not point.startswith(system)][:_SMALL_MOUNTS]
