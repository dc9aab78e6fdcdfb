"""The layout of an unpacked SDK (cache, src, mod …) against a listing of its files."""

from __future__ import annotations

import errno

from probe import codes, redact
from probe.deadline import Deadline
from probe.errors import reason
from probe.formats import sums
from probe.lightweight import Iterator, Mapping
from probe.report import Finding, Remedies, Status
from probe.targets import NotRegular, Target, TooLarge
from probe.words import listed

_LIMIT = 64 << 20  # bytes of the listing
_MOST = 500_000  # entries of the listing, and files of the tree
_DEEPEST = 64  # directories below one another
_SHOWN = 10
_NAME_LIMIT = 120  # characters of a path that are told
_FILE_LIMIT = 1 << 30  # bytes of a file with a digest


def findings(target: Target, listing: str, tree: str, deadline: Deadline) -> Iterator[Finding]:
    """Yield what of the listing is missing in *tree*, and what is there beside it."""
    try:
        wanted = _read(target, listing)
    except (OSError, ValueError, NotRegular, TooLarge) as problem:
        why = reason(problem)
        cause = f"the listing {listing} cannot be read: {redact.text(why)}"
        made = _listed(tree, listing)
        yield Finding(Status.UNKNOWN, codes.OFFLINE_LISTING_UNREADABLE, listing, cause, made)
        return
    try:
        missing = [path for path in wanted if not _there(target, tree, path, deadline)]
    except OSError as problem:  # a directory that may not be searched, a mount that fails
        why = reason(problem)
        where = redact.path(str(problem.filename or tree))[:_NAME_LIMIT]
        cause = f"{tree} cannot be compared with {listing}: {where}: {why}"
        from probe.remedies import actions, quoting

        look = actions.ways(actions.look(f"find {quoting.word(tree)} > /dev/null", tree))
        yield Finding(Status.UNKNOWN, codes.OFFLINE_LISTING_UNREADABLE, tree, cause, look)
        return
    digests = {path: digest for path, digest in wanted.items() if digest and path not in missing}
    changed, unhashed = _hashed(target, tree, digests, deadline)
    evidence = {"listing": listing, "tree": tree, "listed": len(wanted), "missing": len(missing)}
    if missing:
        cause = f"{len(missing)} of {len(wanted)} files of {listing} are not in {tree}: {_named(missing)}"
        yield Finding(Status.FAIL, codes.OFFLINE_LISTING_MISSING, tree, cause, _unpacked(tree), evidence)
    if changed:
        cause = f"{len(changed)} of {len(wanted)} files of {listing} differ: {_named(changed)}"
        yield Finding(Status.FAIL, codes.OFFLINE_LISTING_CHANGED, tree, cause, _unpacked(tree), evidence)
    if unhashed:
        count = f"{len(unhashed)} of {len(digests)} files"
        cause = f"{count} were not compared with their digest: {_named(unhashed)}"
        from probe.remedies import actions

        longer = actions.ways(actions.probe("probe check --only offline --timeout 60"))
        yield Finding(Status.UNKNOWN, codes.OFFLINE_LISTING_UNREADABLE, tree, cause, longer, evidence)
    extra, unread = _extra(target, tree, frozenset(wanted), deadline)
    if extra or unread:
        found = [f"not in {listing}: {_named(extra)}"] if extra else []
        told = "; ".join([*found, *([f"not looked through: {unread}"] if unread else [])])
        count = f"{len(extra)} files of {tree} are " if extra else f"{tree} is "
        evidence = {**evidence, "extra": len(extra)}
        made = _listed(tree, listing)
        yield Finding(Status.WARN, codes.OFFLINE_LISTING_EXTRA, tree, count + told, made, evidence)
    if not (missing or changed or unhashed or extra or unread):
        cause = f"{tree} holds the {len(wanted)} files of {listing}, and no other"
        yield Finding(Status.PASS, codes.OFFLINE_LISTING_OK, tree, cause, (), evidence)


def _listed(tree: str, listing: str) -> Remedies:
    """What makes the listing of what is there."""
    from probe.remedies import actions, quoting

    # As busybox knows find, too; "./" before a name is no part of it.
    command = f"cd {quoting.word(tree)} && find . -type f | sort > {quoting.word(listing)}"
    return actions.ways(actions.shell(command, path=listing, to=tree))


def _unpacked(tree: str) -> Remedies:
    from probe.remedies import actions, quoting

    again = actions.instruction(f"ADD sdk.tar {quoting.copy(tree)}")  # which unpacks it
    unpack = f"tar -C {quoting.word(tree)} -xf sdk.tar"
    return actions.ways(actions.shell(unpack, path=tree, built=again))


def _hashed(
    target: Target, tree: str, digests: Mapping[str, str], deadline: Deadline
) -> tuple[list[str], list[str]]:
    """Which files hold something else than their digest says, and which could not be compared in time."""
    if not digests:
        return [], []
    from probe.targets.digests import Hashing  # only where a listing has digests

    by_path = {f"{tree.rstrip('/')}/{name}": name for name in digests}
    found = {
        by_path[digest.path]: digest.sha256
        for digest in Hashing(target, list(by_path), deadline, _FILE_LIMIT).results()
        if not digest.problem
    }
    changed = [name for name, digest in digests.items() if found.get(name, digest) != digest]
    return changed, [name for name in digests if name not in found]


def _read(target: Target, path: str) -> dict[str, str]:
    """Path → SHA-256, "" where a line has none: one path a line, relative to the tree."""
    found: dict[str, str] = {}
    for line in target.read(path, _LIMIT).decode("utf-8", "surrogateescape").split("\n"):
        line = line.removesuffix("\r")
        promise = sums.entry(line.encode("utf-8", "surrogateescape"))
        name, digest = line, ""
        if isinstance(promise, sums.ChecksumLine):
            name, digest = promise.name, promise.sha256
        name = name.removeprefix("./")
        if not name or name.startswith("#"):
            continue
        if name.startswith("/") or ".." in name.split("/"):
            raise ValueError(f"{name[:80]} is not relative to the tree")
        found[name] = digest
        if len(found) > _MOST:
            raise TooLarge(path, _MOST, "entries")
    if not found:
        raise ValueError("it names no file")
    return found


def _there(target: Target, tree: str, name: str, deadline: Deadline) -> bool:
    """A name that ends in a slash is a directory, any other one whatever is no directory."""
    deadline.check()
    try:
        return target.stat(f"{tree.rstrip('/')}/{name}", follow=False).is_dir == name.endswith("/")
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as problem:
        if problem.errno in (errno.ENAMETOOLONG, errno.ELOOP):  # nothing can have that name
            return False
        raise


def _extra(target: Target, tree: str, wanted: frozenset[str], deadline: Deadline) -> tuple[list[str], str]:
    """The files that are not listed, and the first directory that was not looked through, if any."""
    extra: list[str] = []
    unread, seen = "", 0
    waiting = [""]
    while waiting:
        deadline.check()
        below = waiting.pop()
        try:
            names = target.listdir(f"{tree.rstrip('/')}/{below}")
        except (OSError, NotRegular, TooLarge):
            unread = unread or below or tree
            continue
        for name in names:
            path = f"{below}{name}"
            seen += 1
            if seen > _MOST or path.count("/") > _DEEPEST:
                return extra, path
            directory = f"{path}/"
            if directory in wanted:
                continue  # with all that is in it
            if _is_dir(target, f"{tree.rstrip('/')}/{path}"):
                waiting.append(directory)
            elif path not in wanted:
                extra.append(path)
    return sorted(extra), unread


def _is_dir(target: Target, path: str) -> bool:
    try:
        return target.stat(path, follow=False).is_dir
    except OSError:
        return False


def _named(paths: list[str]) -> str:
    return listed([redact.path(path)[:_NAME_LIMIT] for path in paths[:_SHOWN]], _SHOWN, of=len(paths))
