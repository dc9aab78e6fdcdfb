"""Why Go trusts nothing here: the one cause that is worth telling, of all that may be odd."""

from __future__ import annotations

import errno

from probe import codes
from probe.checks.ca_bundle.file_kinds import LOOK_LIMIT, FileKind, look
from probe.checks.ca_bundle.findings import Diagnosis, place, plain
from probe.golang import filepath
from probe.golang.release import NEWEST
from probe.golang.x509 import trust
from probe.golang.x509.trust import (
    DIRECTORY_VARIABLE,
    FAILED,
    FILE_VARIABLE,
    MISSING,
    READ,
    TOO_LARGE,
    Roots,
    RootSource,
)
from probe.lightweight import Iterable, Iterator
from probe.remedies import actions, file_actions, packages, places, process_limits, quoting
from probe.remedies.actions import remedy
from probe.report import Action, Remedies, Remedy
from probe.targets import Mount, NotRegular, Target, TooLarge
from probe.words import counted, listed

_BESIDE = (codes.CA_BUNDLE_NO_CERTIFICATE, codes.CA_BUNDLE_EMPTY)


# Where links of RHEL and SUSE lead, which stay: other programs follow them too.
_MADE_IN = (
    "/etc/pki/ca-trust/extracted/",
    "/etc/pki/tls/certs/",
    "/var/lib/ca-certificates/",
    "/etc/ssl/certs/",
)


def blocked(target: Target, loaded: Roots) -> Diagnosis:
    """A FIFO or a device, on which Go waits or reads for ever."""
    source = loaded.sources[-1]
    path, kind = source.path, source.detail
    code, verb = (codes.CA_BUNDLE_DEVICE, "read") if "device" in kind else (codes.CA_BUNDLE_FIFO, "wait")
    cause = f"{_named(target, source)}{plain(path)} is a {kind}: Go would {verb} there for ever"
    ways = _instead(target, source, file_actions.remove(_end(target, path)))
    if source.kind == "entry":  # beside a bundle that Go would read, were it not for this
        ways = actions.ways(file_actions.remove(path))
    return Diagnosis(code, path, cause, ways, {"kind": kind})


def diagnose(target: Target, loaded: Roots) -> Diagnosis:
    """Why the pool is empty: what is there and bad, before what is not there."""
    tried = [source for source in loaded.sources if source.kind != "entry"]
    entries = [source for source in loaded.sources if source.kind == "entry"]
    return (
        _first(target, [source for source in tried if source.outcome != MISSING])
        or _first(target, tried)
        or _first(target, entries)
        or _hidden(target, [source for source in tried if not _variable(target, source)])
        or _nowhere(target)
        or _only_directory(target, tried)
        or _missing(target, tried)
    )


def of_source(target: Target, source: RootSource) -> Diagnosis | None:
    """What is wrong with one path that gave no root; None when it is merely not there."""
    if source.outcome == FAILED:
        return _failed(target, source)
    if source.outcome == MISSING:
        return _dangling(target, source)
    if source.outcome == READ and source.kind != "directory" and not source.roots + source.repeated:
        return _content(target, source)
    return None


def too_large(target: Target, loaded: Roots) -> Remedies:
    """What takes away that which is too large to be read, or to be roots."""
    source = next((one for one in loaded.sources if one.outcome == TOO_LARGE and one.kind != "entry"), None)
    if source:
        return _instead(target, source, _moved_aside(target, source.path))
    for variable in (DIRECTORY_VARIABLE, FILE_VARIABLE):
        if target.env.get(variable):
            return _without(target, variable)
    return actions.ways(actions.look(f"ls -lS {quoting.word(trust.DIRECTORIES[0])}", trust.DIRECTORIES[0]))


def _first(target: Target, sources: Iterable[RootSource]) -> Diagnosis | None:
    return next(_diagnoses(target, sources), None)


def _diagnoses(target: Target, sources: Iterable[RootSource]) -> Iterator[Diagnosis]:
    for source in sources:
        below = source.kind == "entry" and source.errno == errno.EISDIR
        if source.detail == trust.READ_BEFORE or below:  # nobody expects Go to go down
            continue
        diagnosis = of_source(target, source)
        # Other things may lie in a directory of certificates: they are not why there are none.
        if diagnosis and not (source.kind == "entry" and diagnosis.code in _BESIDE):
            yield diagnosis


def _variable(target: Target, source: RootSource) -> str:
    """The variable that makes Go look there, "" when none does."""
    variable = DIRECTORY_VARIABLE if source.kind == "directory" else FILE_VARIABLE
    return variable if source.kind != "entry" and target.env.get(variable) else ""


def _named(target: Target, source: RootSource) -> str:
    variable = _variable(target, source)
    return f"{variable}: " if variable else ""


def _end(target: Target, path: str) -> str:
    """Where the links of *path* end, in a directory that a distribution makes its bundle in; else itself."""
    end = places.followed(target, path)[-1]
    return end if end.startswith(_MADE_IN) else path


def _moved_aside(target: Target, path: str) -> Action:
    end = _end(target, path)
    return file_actions.move(end, file_actions.aside(target, end))


def _first_of_loop(target: Target, path: str) -> str:
    """The first link on the way of *path* that is passed again: those before it lead there, and may stay."""
    way = places.followed(target, path)
    again = next((at for at, one in enumerate(way) if one in way[:at]), None)
    return path if again is None else way[way.index(way[again])]


def _failed(target: Target, source: RootSource) -> Diagnosis:
    path = source.path
    shown, named = place(path), _named(target, source)
    if source.errno == errno.EACCES:
        return _unreadable(target, source)
    if source.errno == errno.EISDIR:
        return _directory(target, source)
    if source.errno == errno.ELOOP:
        cause = f"{named}{shown} is a link that leads back to itself"
        itself = file_actions.remove(_first_of_loop(target, path))
        ways = _instead(target, source, *(_cleared(target, path) or (itself,)))
        return Diagnosis(codes.CA_BUNDLE_LINK_LOOP, path, cause, ways, {"link": _link(target, path)})
    cause = f"{named}Go cannot read it: {plain(source.detail.replace(path, shown))}"
    if source.errno == errno.EMFILE:  # nothing is wrong with the file
        return Diagnosis(codes.CA_BUNDLE_NOT_OPENED, path, cause, process_limits.raised("n", "1024"), {})
    first = _meant(target, DIRECTORY_VARIABLE) if source.kind == "directory" and named else ()
    if named:
        first = first or _without(target, _variable(target, source))
    elif cleared := _cleared(target, path):
        first = _anew(target, cleared)
    ways = (
        *first,
        remedy(actions.look(f"ls -ld {quoting.word(path)}", path)),
    )
    return Diagnosis(codes.CA_BUNDLE_NOT_OPENED, path, cause, ways, {})


def _instead(target: Target, source: RootSource, *before: Action) -> tuple[Remedy, ...]:
    """
    What gives Go roots instead of what is at the path of *source*: the variable put right, or a bundle.

    *before* clears the place, where no variable names it.
    """
    variable = _variable(target, source)
    if variable:
        return _without(target, variable)
    if cleared := _cleared(target, source.path):
        return _anew(target, cleared)
    return packages.roots(target, *(before if source.path in trust.FILES else ()))


def _cleared(target: Target, path: str) -> tuple[Action, ...]:
    """What takes a link to nothing, or a file, out of the place of a directory above *path*; () for none."""
    for above in reversed(filepath.parents(path)):
        if above in (path, "/"):
            continue
        try:
            found = target.stat(above, follow=False)
        except OSError:
            return ()
        if found.is_link and not target.is_dir(above):
            return (file_actions.remove(above),)
        if not found.is_link and not found.is_dir:
            return (file_actions.move(above, places.unused(target, f"{above}.old")),)
    return ()


def _anew(target: Target, cleared: tuple[Action, ...]) -> tuple[Remedy, ...]:
    """A bundle in a directory that is made again; COPY makes it by itself."""
    made = file_actions.make_directory(trust.DIRECTORIES[0])
    ways = packages.roots(target)
    return tuple(
        remedy(*cleared, *((made,) if way.actions[0].kind == "run" else ()), *way.actions) for way in ways
    )


def _meant(target: Target, variable: str) -> tuple[Remedy, ...]:
    """*variable* with the paths that it was meant to name, where roots are there: some may be one's own."""
    from probe.remedies import meant

    right = meant.paths(target, variable)
    changed = target._replace(env={**target.env, variable: right})
    if not right or not trust.load(changed, NEWEST).roots:
        return ()
    return (remedy(actions.set_env(variable, right)),)


def _without(target: Target, variable: str) -> tuple[Remedy, ...]:
    """The ways to roots without what *variable* names; empty is unset to Go."""
    emptied = actions.set_env(variable, "")
    named, usual = packages.roots_at(target, variable), packages.roots(target, emptied)
    # A file called as the directory that all others read would be in their way.
    if target.env.get(variable, "").rstrip("/") in trust.DIRECTORIES:
        named = ()
    return (remedy(emptied), *named, *usual)


def _directory(target: Target, source: RootSource) -> Diagnosis:
    """A directory in place of a file; it is never removed with its content, which Go may trust."""
    path, variable = source.path, _variable(target, source)
    shown, mount = place(path), target.mount_over(path) if path.strip("/") else None
    made = ": mounting a file that does not exist creates one" if mount else ""
    cause = f"{_named(target, source)}{shown} is a directory, not a file{made}"
    if mount:
        ways: tuple[Remedy, ...] = (
            remedy(actions.ask(f"Mount an existing file at {shown}, or nothing", actions.POD)),
        )
    elif variable:
        ways = _name_directory(target, path)
    else:
        ways = packages.roots(target, file_actions.clear(target, _end(target, path)))
    return Diagnosis(codes.CA_BUNDLE_IS_DIRECTORY, path, cause, ways, {"mounted_from": _source(mount)})


def _name_directory(target: Target, path: str) -> tuple[Remedy, ...]:
    """What makes Go read the directory that SSL_CERT_FILE names, where Go does not read it already."""
    directories = trust.directories(target, NEWEST)
    tidy = path.rstrip("/")
    emptied = actions.set_env(FILE_VARIABLE, "")
    if not tidy or tidy in directories:
        return (remedy(emptied),)
    return (remedy(emptied, packages.read_directory(target, tidy)), remedy(emptied))


def _unreadable(target: Target, source: RootSource) -> Diagnosis:
    """The file, or the directory on the way to it, that the target's user may not read."""
    path, user = source.path, target.user
    refuser, found = file_actions.refuser(target, path)
    if not found:
        cause = f"user {user.uid} may not read {plain(path)}"
        return Diagnosis(
            codes.CA_BUNDLE_UNREADABLE, path, cause, file_actions.readable(target, path, None), {}
        )
    mode, owner = f"{found.mode & 0o7777:04o}", f"{found.uid}:{found.gid}"
    verb = "enter" if found.is_dir else "read"
    refused = f"user {user.uid} may not {verb} {plain(refuser)} (mode {mode}, owner {owner})"
    cause = _named(target, source) + refused
    facts = {
        "mode": mode,
        "owner": found.uid,
        "group": found.gid,
        "user": user.uid,
        "refused_at": plain(refuser),
    }
    from probe.remedies import conversions

    apart = () if found.is_dir else conversions.without_key(target, path)
    ways = apart or file_actions.readable(target, refuser, found)
    return Diagnosis(codes.CA_BUNDLE_UNREADABLE, path, cause, ways, facts)


def _dangling(target: Target, source: RootSource) -> Diagnosis | None:
    """A link that leads nowhere; a mount may hide where it led."""
    path = source.path
    text = _link(target, path)
    if text is None:
        return None
    goal = filepath.join(path.rpartition("/")[0], text) if not text.startswith("/") else text
    hidden = _hidden_path(target, goal)
    if hidden:
        return hidden
    cause = f"{_named(target, source)}{plain(path)} is a link to {plain(text)}, which does not exist"
    itself = file_actions.remove(path)
    cleared = (itself,) if source.kind == "directory" else _cleared(target, goal)
    ways = _instead(target, source, itself) or ()
    if cleared and not _variable(target, source):
        ways = _anew(target, cleared)
    return Diagnosis(codes.CA_BUNDLE_DANGLING_LINK, path, cause, ways, {"link": plain(text)})


def _link(target: Target, path: str) -> str | None:
    try:
        return target.readlink(path)
    except OSError:
        return None


def _content(target: Target, source: RootSource) -> Diagnosis:
    """A file that can be read and gives no root."""
    path = source.path
    found = _look(target, path)
    mount = target.mount_over(path)
    if found.code is codes.CA_BUNDLE_EMPTY and (hidden := _hidden_path(target, path)):
        return hidden
    cause = f"{_named(target, source)}{plain(path)} {found.words}"
    if mount:
        cause += f" (mounted from {_source(mount)})"
    return Diagnosis(
        found.code, path, cause, _of_content(target, source, found), {"mounted_from": _source(mount)}
    )


def _look(target: Target, path: str) -> FileKind:
    return look(_start_of(target, path))


def _start_of(target: Target, path: str) -> bytes:
    """The beginning of a file that could be read a moment ago."""
    try:
        with target.open(path) as stream:
            return stream.read(LOOK_LIMIT)
    except (OSError, NotRegular, TooLarge):
        return b"?"


_WORTHLESS = (codes.CA_BUNDLE_EMPTY, codes.CA_BUNDLE_HTML, codes.CA_BUNDLE_TRUNCATED)


def _of_content(target: Target, source: RootSource, found: FileKind) -> tuple[Remedy, ...]:
    """A conversion where the content can be saved; else a bundle in its place."""
    path = source.path
    if path in trust.FILES or found.code is codes.CA_BUNDLE_EMPTY:
        saved = _converted(target, path, found.form) if found.form else ()
        if saved and _holds_certificates(target, path):  # a root of one's own would be lost with it
            return saved
        # What is no certificate at all makes `openssl rehash` fail, and with it the update of the bundle; and
        # whatever it is, it is not lost.
        strange = found.code not in _WORTHLESS and path in trust.FILES
        aside = (_moved_aside(target, path),) if strange else ()
        return (*saved, *_instead(target, source, *aside))
    whole = f"Put a PEM bundle at {plain(path)}: one BEGIN CERTIFICATE block for each root"
    if found.code in (codes.CA_BUNDLE_SKIPPED_BLOCKS, codes.CA_BUNDLE_TRUNCATED) and not found.form:
        return (remedy(actions.ask(whole, actions.IMAGE)),)  # a root of one's own may be in it
    if found.form:  # whoever named it wants what is in it
        return (*_converted(target, path, found.form), remedy(actions.ask(whole, actions.IMAGE)))
    return (
        *(_instead(target, source) if _variable(target, source) else ()),
        remedy(actions.ask(whole, actions.IMAGE)),
    )


def _holds_certificates(target: Target, path: str) -> bool:
    from probe.remedies import forms

    return forms.look(_start_of(target, path)) is not None


def _converted(target: Target, path: str, form: str) -> tuple[Remedy, ...]:
    from probe.remedies import conversions, forms

    return conversions.of(target, path, forms.look(_start_of(target, path)) or forms.of_variant(form))


def _hidden(target: Target, tried: Iterable[RootSource]) -> Diagnosis | None:
    return next((found for source in tried if (found := _hidden_path(target, source.path))), None)


def _hidden_path(target: Target, path: str) -> Diagnosis | None:
    """The mount on *path* or above it, but not on the root, in whose place the image may have a bundle."""
    mount = _mount_above(target, path)
    if not mount:
        return None
    point, source = plain(mount.point), _source(mount)
    cause = f"{source} is mounted on {point} and holds no bundle: it hides what the image has there"
    field = f"volumeMounts: [{{name: NAME, mountPath: {point}/NAME.crt, subPath: NAME.crt, readOnly: true}}]"
    run = f"docker run --volume ./NAME.crt:{point}/NAME.crt:ro IMAGE"
    ways = places.fitting(target, actions.start(run), actions.pod(field))
    if mount.point == path:
        whole = f"Mount a bundle at {point}, or nothing: the image's own is then used"
        ways = (remedy(actions.ask(whole, actions.POD)),)
    facts = {"mount": point, "mounted_from": source, "file_system": mount.kind}
    return Diagnosis(codes.CA_BUNDLE_HIDDEN, path, cause, ways, facts)


def _mount_above(target: Target, path: str) -> Mount | None:
    points = filepath.parents(target.path(path))
    return next((mount for point in points if point != "/" and (mount := target.mount_over(point))), None)


def _source(mount: Mount | None) -> str | None:
    """Where a mount comes from, as far as the kernel tells."""
    if not mount:
        return None
    return plain(mount.source if mount.root == "/" else mount.root)


def _nowhere(target: Target) -> Diagnosis | None:
    """The variables that lead Go away from where roots may well be."""
    for variable, code in (
        (FILE_VARIABLE, codes.SSL_CERT_FILE_MISSING),
        (DIRECTORY_VARIABLE, codes.SSL_CERT_DIR_MISSING),
    ):
        value = target.env.get(variable)
        if value:
            return nowhere(target, variable, value, code)
    return None


def nowhere(target: Target, variable: str, value: str, code: codes.Code) -> Diagnosis:
    """What *variable* names is not there."""
    from probe.remedies import meant

    there = [path for path in trust.FILES if target.exists(path)]
    instead = f"; {there[0]} is there" if there else ""
    mount = _mount_above(target, value)
    where = f" on what is mounted from {_source(mount)}" if mount else ""
    ways = _meant(target, variable) or _without(target, variable)
    if said := meant.slip(variable, value):
        where, ways = f": {said}", tuple(way for way in ways if not _goes_to(way, value))
    cause = f"{variable} names {place(value)}, which does not exist{where}{instead}"
    return Diagnosis(code, variable, cause, ways, {"value": place(value), "instead": there})


def _goes_to(way: Remedy, value: str) -> bool:
    """Whether it puts something at the path that *value* is by mistake."""
    return any(
        str(action.values.get("destination", "")).rstrip("/") == value.rstrip("/") for action in way.actions
    )


def _only_directory(target: Target, tried: Iterable[RootSource]) -> Diagnosis | None:
    there = [source.path for source in tried if source.kind == "directory" and source.outcome == READ]
    if not there:
        return None
    be = "is" if len(there) == 1 else "are"
    cause = f"{listed([plain(path) for path in there])} {be} there, but without a certificate"
    return Diagnosis(codes.CA_BUNDLE_ONLY_DIRECTORY, there[0], cause, packages.roots(target), {})


def _missing(target: Target, tried: list[RootSource]) -> Diagnosis:
    cause = f"no CA bundle in any of the {counted(len(tried), 'place')} where Go looks"
    return Diagnosis(codes.CA_BUNDLE_MISSING, trust.FILES[0], cause, packages.roots(target), {})
