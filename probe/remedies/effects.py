"""
What the actions of a remedy do to a target, on an overlay of it.

A command is known by the name of its effect, never by its text. What is not known
raises UnknownEffect: such a remedy cannot be tried.
"""

from __future__ import annotations

from probe.formats import pem
from probe.golang import zonedata
from probe.golang.x509 import trust
from probe.lightweight import Any, Callable, Iterator, Mapping
from probe.remedies import binary_forms, distribution, forms, packages
from probe.remedies.overlay import OverlayFiles, over, set_env
from probe.report import Action
from probe.targets import NotRegular, Target, TooLarge
from probe.targets.files import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    _Values = Mapping[str, Any]

_LIMIT = 16 << 20  # bytes of a file that is read to be changed
_CONF = "/etc/ca-certificates.conf"
_SHARE, _LOCAL = "/usr/share/ca-certificates", "/usr/local/share/ca-certificates"
_ANCHORS = ("/usr/share/pki/ca-trust-source", "/etc/pki/ca-trust/source")
_EXTRACTED = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"
_SUSE_ANCHORS = ("/usr/share/pki/trust", "/etc/pki/trust")
_OF_SUSE = "/var/lib/ca-certificates/ca-bundle.pem"
_FEW = 8  # roots that stand for a whole bundle where it is only asked whether there is one
_WALK = 5000  # files of a directory of certificates


class UnknownEffect(Exception):
    """An action whose outcome cannot be foreseen here."""


def applied(target: Target, actions: tuple[Action, ...]) -> Target:
    """
    The target as it would be after *actions*, in the overlay that its files are, or in one of its own.

    UnknownEffect where that cannot be said; OSError where a command would fail.
    """
    view = target.files
    if not isinstance(view, OverlayFiles):
        target, view = over(target)
    for action in actions:
        match action.kind:
            case "set-env":
                pairs = action.values.get("all") or [(action.values["name"], action.values["value"])]
                env = target.env
                changes = {name: value.replace(f"${name}", env.get(name, "")) for name, value in pairs}
                target = set_env(target, changes)
            case "unset-env":
                target = set_env(target, {action.values["name"]: None})
            case "copy":
                _copy(target, view, action.values)
            case "run" | "build" | "shell":
                _run(target, view, action.values)
            case _:
                raise UnknownEffect(action.kind)
    return target


def _run(target: Target, view: OverlayFiles, values: _Values) -> None:
    name, _, argument = values["effect"].partition(":")
    effect = _EFFECTS.get(name)
    if not effect:
        raise UnknownEffect(values["command"])
    effect(target, view, {**values, "argument": argument})


def _copy(target: Target, view: OverlayFiles, values: _Values) -> None:
    content, _, argument = values["content"].partition(":")
    destination = values["destination"]
    if content == "owned":
        _make(target, view, {**values, "paths": (destination,), "mode": values["mode"] or "755"})
    elif content == "roots":
        path = f"{destination.rstrip('/')}/{values['source'].rpartition('/')[2]}"
        view.put(
            path if destination.endswith("/") else destination, _mozilla(whole=values.get("whole", False))
        )
    elif content == "converted":  # by the command before it
        view.stat(destination)
    elif content == "certificates":
        view.put(destination, values["data"])
    elif content == "zones":
        _zones(target, view, values)
    elif content == "zone":
        view.put(destination, _zone(argument))
    else:
        raise UnknownEffect(content)


def _mozilla(*, whole: bool = False) -> bytes:
    from probe.golang.x509 import mozilla

    text = mozilla.bundle()
    if whole:
        return text
    end = b"-----END CERTIFICATE-----\n"
    return end.join(text.split(end)[:_FEW]) + end


def _zone(name: str) -> bytes:
    data = zonedata.load(name)
    if data is None:
        raise UnknownEffect(name)
    return data


# --- commands ---------------------------------------------------------------------------------


def _link(_target: Target, view: OverlayFiles, values: _Values) -> None:
    view.stat(values["path"].rpartition("/")[0] or "/")  # ln(1) makes no directory
    view.link(values["text"], values["path"])


def _remove(_target: Target, view: OverlayFiles, values: _Values) -> None:
    view.remove(values["path"])


def _remove_dangling(_target: Target, view: OverlayFiles, values: _Values) -> None:
    for name in view.listdir(values["path"]):
        path = f"{values['path']}/{name}"
        if not view.stat(path, follow=False).is_link:
            continue
        try:
            view.stat(path)
        except OSError:
            view.remove(path)


def _move(_target: Target, view: OverlayFiles, values: _Values) -> None:
    try:
        view.move(values["path"], values["to"])
    except TooLarge as large:  # what it holds is not read to see it under another name
        raise UnknownEffect(values["command"]) from large


def _copy_file(_target: Target, view: OverlayFiles, values: _Values) -> None:
    view.stat(values["to"].rpartition("/")[0])  # cp(1) makes no directory
    view.put(values["to"], view.content_as_root(values["source"], _LIMIT))


def _chmod(_target: Target, view: OverlayFiles, values: _Values) -> None:
    view.chmod(values["path"], values["add"])


def _chmod_to(_target: Target, view: OverlayFiles, values: _Values) -> None:
    """chmod(1), with -R as far as a check looks: at the path itself."""
    from probe.remedies.modes import changed

    found = view.stat(values["path"])
    view.set_mode(values["path"], changed(found.mode, values["mode"], is_dir=found.is_dir))


def _chown(_target: Target, view: OverlayFiles, values: _Values) -> None:
    view.set_owner(values["path"], *_ids(values["owner"]))


def _chgrp(_target: Target, view: OverlayFiles, values: _Values) -> None:
    view.set_owner(values["path"], view.stat(values["path"]).uid, values["group"])


def _make(_target: Target, view: OverlayFiles, values: _Values) -> None:
    """`install -d`: the directories named are the owner's, those made on the way root's."""
    for path in values["paths"]:
        view.make_directory(path, int(values["mode"], 8), *_ids(values["owner"]))


def _ids(owner: str) -> tuple[int, int | None]:
    user, _, group = owner.partition(":")
    if not user.isdigit() or (group and not group.isdigit()):
        raise UnknownEffect(owner)
    return int(user), int(group) if group else None


def _write(_target: Target, view: OverlayFiles, values: _Values) -> None:
    """`> FILE`: the shell makes no directory."""
    view.stat(values["path"].rpartition("/")[0] or "/")
    view.put(values["path"], values["data"])


def _unix_line_ends(_target: Target, view: OverlayFiles, values: _Values) -> None:
    view.put(values["path"], read(view, values["path"], _LIMIT).replace(b"\r\n", b"\n"))


def _delete_setting(_target: Target, view: OverlayFiles, values: _Values) -> None:
    """A variable of GOENV taken away, or written anew (cmd/go/internal/envcmd)."""
    data = read(view, values["path"], 1 << 20)
    start = f"{values['name']}=".encode()
    kept = [line for line in data.split(b"\n") if not line.startswith(start)]
    if "value" in values:
        kept.insert(0, start + values["value"].encode())
    view.put(values["path"], b"\n".join(kept))


def _convert(_target: Target, view: OverlayFiles, values: _Values) -> None:
    """A content is put into the form that Go reads, by the reader of that form."""
    data = view.content_as_root(values["path"], _LIMIT)
    found = forms.apart(data) if values["argument"] == forms.WITH_KEY else forms.look(data)
    if not found or found.form != values["argument"]:
        raise UnknownEffect(values["argument"])
    # openssl x509 takes the first certificate and no other.
    first_only = bool(found.sizes) and not values.get("each")
    taken = found.certificates[:1] if first_only else found.certificates
    made = forms.with_the_rest(found.form, data) or b"".join(map(forms.armor, taken))
    view.put(values.get("to") or values["path"], made)


def _install_roots(target: Target, view: OverlayFiles, values: _Values) -> None:
    """A package's files are put where nothing is; what is there already is not touched by `install`."""
    base = distribution.base(target)
    manager = distribution.manager(target)
    bundle = trust.FILES[0]
    if base == "rhel" or manager in (distribution.DNF, distribution.MICRODNF, distribution.YUM):
        bundle = _EXTRACTED
    elif manager == distribution.ZYPPER:
        bundle = _OF_SUSE
        view.link("../../var/lib/ca-certificates/ca-bundle.pem", "/etc/ssl/ca-bundle.pem")
    before = _pristine(target, view, bundle) if values.get("whole") else b""
    view.put(bundle, _mozilla(whole=values.get("whole", False)) + before)
    if bundle == _EXTRACTED:
        view.link(_EXTRACTED, "/etc/pki/tls/certs/ca-bundle.crt")
    if manager == distribution.APK:
        view.link("certs/ca-certificates.crt", "/etc/ssl/cert.pem")


def _pristine(target: Target, view: OverlayFiles, bundle: str) -> bytes:
    """The bundle, where it is as the distribution made it: a newer one takes no root of one's own away."""
    try:
        data = read(view, bundle, _LIMIT)
    except (OSError, NotRegular, TooLarge):
        return b""
    if distribution.apk_owns(target, bundle, data):
        return data
    parts = [*_selected(view), *_local(view, _LOCAL, (".crt",)), *_anchors(view)]
    given = {block.data for part in parts for block in pem.split(part)}
    return data if all(block.data in given for block in pem.split(data)) else b""


def _reinstall_roots(target: Target, view: OverlayFiles, values: _Values) -> None:
    """As the package brings it; on Debian the bundle is then made of all that is selected."""
    _install_roots(target, view, values)
    if distribution.manager(target) == distribution.APT and target.exists(_CONF):
        conf = read(view, _CONF, 1 << 20).splitlines()
        brought = _mozilla() if any(line and line[:1] not in b"#!" for line in conf) else b""
        blocks = brought + b"".join(_selected(view)) + b"".join(_local(view, _LOCAL, (".crt",)))
        view.put(trust.FILES[0], blocks)


def _select(_target: Target, view: OverlayFiles, values: _Values) -> None:
    view.put(_CONF, read(view, _CONF, 1 << 20) + f"{values['name']}\n".encode())


def _update_ca_certificates(target: Target, view: OverlayFiles, _values: _Values) -> None:
    """/usr/sbin/update-ca-certificates of Debian and Alpine: the bundle, and a link to each certificate."""
    if distribution.base(target) == "suse":  # by p11-kit, as update-ca-trust elsewhere
        view.stat(_OF_SUSE.rpartition("/")[0])
        view.put(_OF_SUSE, b"".join(_anchors(view, _SUSE_ANCHORS)))
        return
    bundle = trust.FILES[0]
    if not view.stat("/etc/ssl/certs").is_dir:
        raise NotADirectoryError("/etc/ssl/certs")
    pieces = [*_selected(view), *_local(view, _LOCAL, (".crt",))]
    try:
        found = view.stat(bundle, follow=False)
        if found.is_dir:  # mv(1) would put the new bundle inside
            raise IsADirectoryError(bundle)
        view.remove(bundle)  # it is replaced, a link too
    except FileNotFoundError:
        pass
    view.put(bundle, b"".join(pieces))


def _selected(view: OverlayFiles) -> Iterator[bytes]:
    """The certificates that ca-certificates.conf names, each with a newline at its end."""
    try:
        conf = read(view, _CONF, 1 << 20)
    except (OSError, NotRegular, TooLarge):
        return
    for line in conf.decode("utf-8", "surrogateescape").splitlines():
        if line and line[0] not in "#!":
            try:
                yield _ended(read(view, f"{_SHARE}/{line}", 1 << 20))
            except FileNotFoundError:
                continue


def _local(view: OverlayFiles, directory: str, endings: tuple[str, ...]) -> Iterator[bytes]:
    for path in files_below(view, directory):
        if path.endswith(endings):
            yield _ended(read(view, path, 1 << 20))


def _ended(data: bytes) -> bytes:
    return data if data.endswith(b"\n") else data + b"\n"


def _update_ca_trust(_target: Target, view: OverlayFiles, _values: _Values) -> None:
    """/usr/bin/update-ca-trust of Fedora and RHEL: all anchors in one bundle, which has a directory."""
    view.stat(_EXTRACTED.rpartition("/")[0])
    view.put(_EXTRACTED, b"".join(_anchors(view)))


def _anchors(view: OverlayFiles, directories: tuple[str, ...] = _ANCHORS) -> Iterator[bytes]:
    for directory in directories:
        for path in files_below(view, directory):
            if "/blocklist/" not in path:
                yield from _anchors_of(read(view, path, _LIMIT))


def _anchors_of(data: bytes) -> Iterator[bytes]:
    if data[:1] == b"\x30":
        yield forms.armor(data)
    for block in pem.split(data):
        if not block.fault and block.label in ("CERTIFICATE", "TRUSTED CERTIFICATE"):
            yield forms.armor(binary_forms.first_element(block.data))


def files_below(view: Any, directory: str, limit: int = _WALK) -> Iterator[str]:
    """The paths of all files below *directory*, links followed; none where it is missing."""
    pending, seen = [directory], 0
    while pending:
        here = pending.pop(0)
        try:
            names = view.listdir(here)
        except (OSError, TooLarge):
            continue
        for name in names:
            path, seen = f"{here}/{name}", seen + 1
            if seen > limit:
                return
            try:
                found = view.stat(path)
            except OSError:
                continue
            if found.is_dir and path.count("/") < 12:
                pending.append(path)
            elif found.is_file:
                yield path


def files_in(view: Any, directory: str) -> list[str]:
    """The paths of what is in *directory*; none where it is no directory."""
    try:
        names = view.listdir(directory)
    except (OSError, ValueError, TooLarge):
        return []
    return [f"{directory.rstrip('/')}/{name}" for name in names[:_WALK]]


def _zones(target: Target, view: OverlayFiles, values: _Values) -> None:
    """The zone data: only the zone that is asked for is laid out, where the package has it, and UTC."""
    wanted = values.get("zone") or "Etc/UTC"
    names = ["Etc/UTC", "UTC"]
    if packages.holds_zone(target, values.get("package", packages.ZONES), wanted):
        names.append(wanted)
    for name in names:
        view.put(f"/usr/share/zoneinfo/{name}", _zone(name))


_EFFECTS: Mapping[str, Callable[[Target, OverlayFiles, _Values], None]] = {
    "link": _link,
    "remove": _remove,
    "remove-dangling": _remove_dangling,
    "move": _move,
    "chmod": _chmod,
    "chmod-to": _chmod_to,
    "chown": _chown,
    "chgrp": _chgrp,
    "make": _make,
    "copy": _copy_file,
    "select": _select,
    "write": _write,
    "unix-line-ends": _unix_line_ends,
    "delete-setting": _delete_setting,
    "write-setting": _delete_setting,
    "convert": _convert,
    "install-roots": _install_roots,
    "reinstall-roots": _reinstall_roots,
    "update-ca-certificates": _update_ca_certificates,
    "update-ca-trust": _update_ca_trust,
    "zones": _zones,
}
