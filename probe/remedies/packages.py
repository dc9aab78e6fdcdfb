"""How each distribution brings in roots and zones, or newer ones, and repairs those that are damaged."""

from __future__ import annotations

from probe.golang import zonedata
from probe.golang.x509 import trust
from probe.lightweight import Iterator, Mapping, Sequence
from probe.remedies import actions, distribution, file_actions, forms, places
from probe.remedies.actions import remedy
from probe.remedies.distribution import APK, APT, DNF, MICRODNF, YUM, ZYPPER
from probe.report import Action, Remedy
from probe.targets import Target

ROOTS, ZONES, OLD_ZONES = "ca-certificates", "tzdata", "tzdata-legacy"
ROOTS_IMAGE, DATA_IMAGE = "alpine", "gcr.io/distroless/static-debian13"
BUNDLE = trust.FILES[0]
CERTS = BUNDLE.rpartition("/")[0]
ZONEINFO = "/usr/share/zoneinfo"
_NAMES = {  # the package by its name at others
    (ZYPPER, ROOTS): "ca-certificates-mozilla",
    (ZYPPER, ZONES): "timezone",
    (ZYPPER, OLD_ZONES): "timezone",
}
_UPDATE = "apt-get update && apt-get install -y"
# manager → how it installs, brings the newest, and puts the files of a package back
_COMMANDS = {
    APT: (
        f"{_UPDATE} --no-install-recommends {{name}}",
        f"{_UPDATE} --only-upgrade {{name}}",
        f"{_UPDATE} --reinstall {{name}}",
    ),
    APK: ("apk add --no-cache {name}", "apk add --no-cache --upgrade {name}", "apk fix --no-cache {name}"),
    MICRODNF: (
        "microdnf install -y {name}",
        "microdnf upgrade -y {name}",
        "microdnf reinstall -y {name}",
    ),
    DNF: ("dnf install -y {name}", "dnf upgrade -y {name}", "dnf reinstall -y {name}"),
    YUM: ("yum install -y {name}", "yum update -y {name}", "yum reinstall -y {name}"),
    ZYPPER: (
        "zypper -n install {name}",
        "zypper -n update {name}",
        "zypper -n install --force {name}",
    ),
}
_INSTALL, _UPGRADE, _REINSTALL = range(3)


def _command(target: Target, package: str, how: int, effect: str) -> Action | None:
    manager = distribution.manager(target)
    if not manager:
        return None
    name = _NAMES.get((manager, package), package)
    line = _COMMANDS[manager][how].format(name=name)
    return actions.run(line, effect, needs=(manager,))


def bring(target: Target, names: Mapping[str, str]) -> Action | None:
    """What installs a package, by its name for the manager that is there; None where none has one."""
    manager = distribution.manager(target)
    if name := names.get(manager, ""):
        return actions.run(_COMMANDS[manager][_INSTALL].format(name=name), needs=(manager,))
    return None


# --- roots -----------------------------------------------------------------------------------


def roots(target: Target, *before: Action, upgrade: bool = False, whole: bool = False) -> tuple[Remedy, ...]:
    """
    What brings a bundle to this image, the best first: repaired, installed, copied.

    *before* is done first; with *upgrade* the newest is brought, *whole* tries it with every root.
    """
    found = _roots(target, upgrade=upgrade)
    return tuple(remedy(*before, _with(action, whole=whole or upgrade)) for action in found)


def copied_roots() -> tuple[Remedy, ...]:
    """A bundle out of another image, for a place where there is none."""
    return (remedy(actions.copy(BUNDLE, f"{CERTS}/", stage=ROOTS_IMAGE, content="roots")),)


def roots_at(target: Target, variable: str) -> tuple[Remedy, ...]:
    """A bundle where *variable* makes Go look for one."""
    path = target.env.get(variable, "").partition(":")[0]
    if not path.startswith("/"):
        return ()
    if variable == trust.DIRECTORY_VARIABLE:
        path = f"{path.rstrip('/')}/"
    return (remedy(actions.copy(BUNDLE, path, stage=ROOTS_IMAGE, content="roots")),)


def _roots(target: Target, *, upgrade: bool) -> Iterator[Action]:
    there = distribution.installed(target, ROOTS, "ca-certificates-bundle", "ca-certificates-mozilla")
    if upgrade:
        if newest := _command(target, there or ROOTS, _UPGRADE if there else _INSTALL, "install-roots"):
            yield newest
    else:
        yield from _rebuild(target)
        if there and (again := _command(target, there, _REINSTALL, "reinstall-roots")):
            yield again
        elif fresh := _command(target, ROOTS, _INSTALL, "install-roots"):
            yield fresh
    yield from copied_roots()[0].actions
    if not target.exists(BUNDLE):
        return
    # Beside what is there, whose private roots the one before would take away.
    beside = f"{_read_directory(target)}/public-roots.crt"
    yield actions.copy(BUNDLE, beside, stage=ROOTS_IMAGE, content="roots")


def _rebuild(target: Target) -> Iterator[Action]:
    """Where the certificates of the package are there, the bundle is put together from them."""
    if distribution.has_program(target, "update-ca-certificates") and _has_selected(target):
        yield actions.run("update-ca-certificates --fresh", "update-ca-certificates")
    if distribution.has_program(target, "update-ca-trust") and target.exists(
        "/usr/share/pki/ca-trust-source"
    ):
        yield actions.run("update-ca-trust extract", "update-ca-trust")


def _has_selected(target: Target) -> bool:
    return target.exists("/usr/share/ca-certificates/mozilla")


def add_root(target: Target, source: str, certificates: bytes = b"") -> tuple[Remedy, ...]:
    """
    What makes the certificates of the PEM file *source*, beside the Dockerfile, roots in this image.

    First the way of the distribution, then the one that is enough for Go. Where variables
    name the places, the file goes where Go then reads. *certificates* is what it holds,
    where that is known.
    """
    base = source.rpartition("/")[2].rpartition(".")[0] or "extra"
    given = {"content": "certificates" if certificates else ""}
    directory = _read_directory(target)
    plain = actions.copy(source, places.unused(target, f"{directory}/{base}.pem"), **given)
    plain = _with(plain, data=certificates)
    found = []
    if _standard(target):
        found += [
            remedy(
                _with(
                    actions.copy(source, places.unused(target, f"{place}/{base}{ending}"), **given),
                    data=certificates,
                ),
                command,
            )
            for place, ending, command in _anchors(target)
        ]
    return (*found, remedy(plain))


def trust_file(target: Target, path: str, certificates: Sequence[bytes]) -> tuple[Remedy, ...]:
    """
    What makes a PEM file that is in the target already one of those that Go reads.

    It is handed to the distribution's own command, linked to where Go looks, its directory is
    named, or it is copied from beside the Dockerfile. *certificates* (DER) are those in it.
    """
    base = path.rpartition("/")[2].rpartition(".")[0] or "extra"
    found = []
    if _standard(target) and places.in_image(target, path):
        for place, ending, command in _anchors(target):
            there = path.startswith(f"{place}/") and path.endswith(ending)
            to = places.unused(target, f"{place}/{base}{ending}")
            found.append(remedy(*(() if there else (file_actions.copy(path, to),)), command))
    to = places.unused(target, f"{_read_directory(target)}/{base}.pem")
    found.append(remedy(file_actions.link(path, to)))
    found.append(remedy(read_directory(target, path.rpartition("/")[0] or "/")))
    name = path.rpartition("/")[2]
    return (*found, *add_root(target, name, b"".join(map(forms.armor, certificates))))


def read_directory(target: Target, directory: str) -> Action:
    """SSL_CERT_DIR with *directory* among those that Go reads."""
    named = target.env.get(trust.DIRECTORY_VARIABLE)
    usual = [place for place in trust.DIRECTORIES if target.exists(place)]
    directories = [one for one in named.split(":") if target.exists(one)] if named else usual
    return actions.set_env(trust.DIRECTORY_VARIABLE, ":".join(dict.fromkeys([*directories, directory])))


def _standard(target: Target) -> bool:
    """Whether Go looks where the distribution's commands put things."""
    return not target.env.get(trust.FILE_VARIABLE) and not target.env.get(trust.DIRECTORY_VARIABLE)


def _with(action: Action, **values: object) -> Action:
    return action._replace(values={**action.values, **values})


def _anchors(target: Target) -> Iterator[tuple[str, str, Action]]:
    """Where the distribution takes roots of one's own from, and the command that reads them."""
    if distribution.has_program(target, "update-ca-certificates"):
        suse = distribution.base(target) == "suse"
        place = "/etc/pki/trust/anchors" if suse else "/usr/local/share/ca-certificates"
        yield (
            place,
            ".pem" if suse else ".crt",
            actions.run("update-ca-certificates", "update-ca-certificates"),
        )
    elif distribution.has_program(target, "update-ca-trust"):
        yield (
            "/etc/pki/ca-trust/source/anchors",
            ".pem",
            actions.run("update-ca-trust extract", "update-ca-trust"),
        )


def _read_directory(target: Target) -> str:
    """A directory that Go reads here, the first one that the image may write to."""
    named = target.env.get(trust.DIRECTORY_VARIABLE, "")
    places = [place for place in named.split(":") if place.startswith("/")] or list(trust.DIRECTORIES[:1])
    return places[0].rstrip("/") or "/"


# --- zones -----------------------------------------------------------------------------------


def zones(target: Target, name: str = "", *, upgrade: bool = False) -> Iterator[Action]:
    """What brings the zone data, or the newest; *name* is the zone that is wanted of it."""
    there = distribution.installed(target, ZONES, "timezone")
    split_off = splits_old_names(target) and is_old_name(name)
    how = _REINSTALL if there and not split_off else _INSTALL
    if upgrade and (there or distribution.manager(target) != APT):  # apt-get upgrades only what is installed
        how = _UPGRADE
    package = OLD_ZONES if split_off else ZONES
    if action := _command(target, package, how, "zones"):
        yield _with(action, zone=name, package=package)
    yield _with(actions.copy(ZONEINFO, ZONEINFO, stage=DATA_IMAGE, content="zones"), zone=name, package=ZONES)


def splits_old_names(target: Target) -> bool:
    """Whether old names are in a package of their own: Debian from 13 on, Ubuntu from 23.10 on."""
    if distribution.manager(target) != APT:
        return False
    known = distribution.os_release(target)
    first = {"debian": 13.0, "ubuntu": 23.1}.get(known.get("ID", ""), 1e9)
    try:
        return float(known.get("VERSION_ID", "1e9")) >= first
    except ValueError:
        return False


def is_old_name(name: str) -> bool:
    """Whether *name* is one of those that were split off: a link that no table of places has."""
    if name.startswith("Etc/") or name in ("UTC", "GMT"):
        return False
    return name in zonedata.names() and name not in zonedata.usual_names()


def holds_zone(target: Target, package: str, name: str) -> bool:
    """Whether a zone of that name is in *package*."""
    return (
        package == OLD_ZONES or not is_old_name(name) or (package == ZONES and not splits_old_names(target))
    )
