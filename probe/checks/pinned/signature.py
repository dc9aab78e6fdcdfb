"""The detached OpenPGP signature of a checksum file; gpgv verifies it."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress

from probe import codes, redact
from probe.checks.base import Run
from probe.checks.pinned.version_file import Kind, read
from probe.codes import Code
from probe.errors import reason
from probe.formats import gnupg
from probe.lightweight import Iterator
from probe.report import Finding, Status
from probe.targets import NotRegular, Target, TooLarge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.pinned import Pinned
    from probe.report import Action, Remedies


_PLACES = ("/usr/bin/gpgv", "/usr/local/bin/gpgv", "/bin/gpgv")
_SIGNATURE_LIMIT = 1 << 20  # bytes
_KEYRING_LIMIT = 8 << 20  # bytes


def judge(settings: Pinned, target: Target, run: Run, signed: bytes) -> Finding:
    """
    What gpgv says to the signature of exactly the bytes *signed*; nothing but good passes.

    The keys are read from beside probe, whatever the target is: one that brings its own
    keys along proves nothing.
    """
    path = settings.signature
    signature = read(target, path, _kind(settings))
    if isinstance(signature, Finding):
        return signature
    keys = _keys(settings.keyring)
    if isinstance(keys, Finding):
        return keys
    gpgv = settings.gpgv or next(filter(os.path.exists, _PLACES), "")
    if not (gpgv and os.path.exists(gpgv)):
        cause = f"whether {settings.sums} is signed cannot be determined: there is no {gpgv or 'gpgv'} here"
        return Finding(Status.UNKNOWN, codes.PINNED_GPGV_MISSING, path, cause, _install())
    run.phase("verifying the signature with gpgv")
    return _ask(settings, run, gpgv, keys, signature, signed)


def _kind(settings: Pinned) -> Kind:
    return Kind(
        "signature",
        codes.PINNED_SIGNATURE_MISSING,
        codes.PINNED_SIGNATURE_UNREADABLE,
        codes.PINNED_SIGNATURE_UNREADABLE,
        _SIGNATURE_LIMIT,
        lambda: _sign(settings),
    )


def _sign(settings: Pinned) -> Remedies:
    """What signs the file, after a review of what has changed."""
    from probe.remedies import actions

    return actions.ways(_signing(settings))


def _signing(settings: Pinned, options: str = "") -> Action:
    from probe.remedies import actions, quoting

    signature, signed = quoting.word(settings.signature), quoting.word(settings.sums)
    command = f"gpg --yes {options}--detach-sign --output {signature} {signed}"
    return actions.shell(command, "sign", path=settings.signature, to=settings.sums)


def _keys(path: str) -> bytes | Finding:
    from probe.targets.files import read as read_file
    from probe.targets.host_fs import HostFiles

    try:
        keys = read_file(HostFiles(), os.path.abspath(path), _KEYRING_LIMIT)
    except OSError as problem:
        return _no_keys(path, f"cannot be read: {reason(problem)}")
    except (NotRegular, TooLarge) as problem:
        return _no_keys(path, f"cannot be used: {problem}")
    if keys.lstrip().startswith(b"-----BEGIN"):
        return _no_keys(path, "is armored, which gpgv does not read")
    return keys if keys else _no_keys(path, "is empty")


def _no_keys(path: str, why: str) -> Finding:
    from probe.remedies import actions, quoting

    place = quoting.word(path)
    export, dearmor = f"gpg --export KEY > {place}", f"gpg --dearmor < KEY.asc > {place}"
    ways = actions.ways(actions.with_probe(export), actions.with_probe(dearmor))
    return Finding(Status.UNKNOWN, codes.PINNED_KEYRING_UNUSABLE, path, f"the keyring {path} {why}", ways)


def _ask(settings: Pinned, run: Run, gpgv: str, keys: bytes, signature: bytes, signed: bytes) -> Finding:
    from probe.targets.supervisor_line import SupervisorLost

    path = settings.signature
    if not run.tools:
        return _failed(path, gpgv, "no process can be started here")
    try:
        with _held(keys, signature, signed) as (ring, given, data):
            argv = [gpgv, "--status-fd", "1", "--weak-digest", "SHA1", "--homedir", "/nonexistent"]
            argv += ["--keyring", ring, given, data]
            done = run.tools.run(argv, env={"LC_ALL": "C"}, cwd="/", deadline=run.deadline, limit=1 << 18)
    except (OSError, SupervisorLost) as problem:
        return _failed(path, gpgv, getattr(problem, "strerror", None) or str(problem))
    if done.timed_out or done.truncated or done.code is None:
        why = "it did not finish in time" if done.timed_out else "it was killed or wrote too much"
        return _failed(path, gpgv, why)
    found = gnupg.verdict(done.out)
    if found.kind == gnupg.GOOD and done.code:
        found = found._replace(kind=gnupg.UNCHECKED)
    words = redact.text(done.err.decode("utf-8", "replace").strip())
    return _told(settings, found, {"gpgv": gpgv, "exit_code": done.code, "said": words})


def _told(settings: Pinned, found: gnupg.SignatureResult, facts: dict[str, object]) -> Finding:
    path, signer = settings.signature, redact.text(found.signer)
    facts |= {"key": found.key, "signer": signer, "made_at": found.made_at}
    by = f"{signer} ({found.key})" if signer else found.key
    if found.kind == gnupg.GOOD:
        cause = f"{settings.sums} is signed by {by}"
        return Finding(Status.PASS, codes.PINNED_SIGNATURE_OK, path, cause, (), facts)
    code, why = _BAD[found.kind]
    status = Status.UNKNOWN if code is codes.PINNED_SIGNATURE_UNREADABLE else Status.FAIL
    cause = f"{settings.sums} is not trusted, and none of its files was checked: {why.format(by=by)}"
    return Finding(status, code, path, cause, _repaired(settings, found), facts)


_BAD: dict[str, tuple[Code, str]] = {
    gnupg.BAD: (codes.PINNED_SIGNATURE_BAD, "the signature by {by} does not match the file"),
    gnupg.NO_KEY: (codes.PINNED_SIGNATURE_NO_KEY, "the key {by} that signed it is not in the keyring"),
    gnupg.KEY_EXPIRED: (codes.PINNED_SIGNATURE_KEY_EXPIRED, "the key {by} has expired"),
    gnupg.KEY_REVOKED: (codes.PINNED_SIGNATURE_KEY_REVOKED, "the key {by} is revoked"),
    gnupg.EXPIRED: (codes.PINNED_SIGNATURE_EXPIRED, "the signature by {by} has expired"),
    gnupg.NO_SIGNATURE: (codes.PINNED_SIGNATURE_UNREADABLE, "the file holds no detached signature"),
    gnupg.UNCHECKED: (codes.PINNED_SIGNATURE_UNREADABLE, "gpgv could not check it"),
}


def _repaired(settings: Pinned, found: gnupg.SignatureResult) -> Remedies:
    """By its signer: a key that has expired or was revoked signs nothing any more."""
    from probe.remedies import actions, quoting

    if found.kind == gnupg.NO_KEY:
        return _add_key(settings, found.key or "KEY")
    ring = quoting.word(os.path.abspath(settings.keyring))
    if found.kind == gnupg.KEY_EXPIRED:
        key = found.key or "KEY"
        renew = actions.with_probe(f"gpg --quick-set-expire {key} 2y")
        # Of a key that is there twice gpgv takes the first: the import merges them.
        take = actions.with_probe(f"gpg --export {key} | gpg --no-default-keyring --keyring {ring} --import")
        return actions.ways(actions.remedy(renew, take))
    if found.kind == gnupg.KEY_REVOKED:
        by_another = _signing(settings, "--local-user NEW_KEY ")
        return actions.ways(actions.remedy(by_another, *_add_key(settings, "NEW_KEY")[0].actions))
    return _sign(settings)


def _add_key(settings: Pinned, key: str) -> Remedies:
    """What takes the key among those that may sign."""
    from probe.remedies import actions, quoting

    export = f"gpg --export {key} >> {quoting.word(settings.keyring)}"
    return actions.ways(actions.with_probe(export))


def _failed(path: str, gpgv: str, why: str) -> Finding:
    cause = f"whether the signature is valid cannot be determined: {gpgv}: {why.lower()}"
    from probe.remedies import actions, quoting

    look = actions.look(f"{quoting.word(gpgv)} --version")
    ways = actions.ways(look, actions.probe("probe check --timeout 30"))
    return Finding(Status.UNKNOWN, codes.PINNED_GPGV_FAILED, path, cause, ways)


@contextmanager
def _held(*contents: bytes) -> Iterator[list[str]]:
    """Paths under which a child of ours reads exactly *contents*: in memory, where nobody replaces them."""
    descriptors: list[int] = []
    try:
        for content in contents:
            descriptors.append(os.memfd_create("probe", os.MFD_CLOEXEC))
            view = memoryview(content)
            while view:
                view = view[os.write(descriptors[-1], view) :]
        yield [f"/proc/{os.getpid()}/fd/{descriptor}" for descriptor in descriptors]
    finally:
        for descriptor in descriptors:
            with suppress(OSError):
                os.close(descriptor)


def _install() -> Remedies:
    from probe import targets
    from probe.remedies import actions, libraries

    otherwise = actions.ask("Install gpgv where probe runs", actions.PROBE)
    return actions.ways(libraries.tool(targets.ourselves(), "gpgv", otherwise))
