"""Over random containers: no remedy takes a root or a zone away, and none needs what is not there."""

import random
import shlex
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import probe
from probe import targets
from probe.formats import pem
from probe.golang import localtime
from probe.golang.release import NEWEST
from probe.golang.x509 import trust
from probe.remedies import distribution, effects, forms, places
from probe.remedies.lower_files import as_root
from probe.report import Finding, Remedy
from probe.targets import NotRegular, Target
from probe.targets.files import Files, read
from tests.remedies.random_worlds import (
    BUNDLE,
    CERTS,
    PROGRAMS,
    below_a_file,
    findings,
    of_roots,
    surroundings,
    world,
)
from tests.remedies.scenes import FORMS
from tests.support.worlds import Content, File, lay

WORLDS = 40


@pytest.mark.parametrize("seed", range(WORLDS))
def test_no_remedy_takes_anything_away(root: Path, seed: int) -> None:
    """What Go trusted it trusts, its zone is not lost to nothing, and every line can be carried out."""
    rng = random.Random(seed)
    laid = world(rng)
    laid = {path: content for path, content in laid.items() if not below_a_file(path, laid)}
    lay(root, laid)
    env, mounts, user = surroundings(rng)
    target = targets.at_root(str(root), env, user=user)._replace(mounts=mounts)
    for finding in findings(target):
        for remedy in finding.remedies:
            can_be_done(remedy, target)
            if remedy.tried:
                keeps(remedy, finding, target)
                overwrites_nothing(remedy, target, laid)


_KEY = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
_TOOLS: Mapping[str, Content] = {f"/usr/bin/{name}": b"" for name in (*PROGRAMS, "gunzip", "grep")}
_AT = {
    "/corp/ca.pem": {"SSL_CERT_FILE": "/corp/ca.pem"},
    "/app/store.p12": {"SSL_CERT_FILE": "/app/store.p12"},
    BUNDLE: {},
    f"{CERTS}/corp.crt": {},
    "/corp/x": {"SSL_CERT_DIR": "/corp"},
}


@pytest.mark.parametrize("path", _AT)
@pytest.mark.parametrize("more", [b"", _KEY, b"other: text\n"], ids=["alone", "with a key", "with text"])
@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_converted_without_loss(root: Path, form: str, more: bytes, path: str) -> None:
    """Of each form, wherever it lies: it stays, or is under another name, or was the same in a worse form."""
    content = FORMS[form][1]
    laid: Mapping[str, Content] = {**_TOOLS, path: content + more * (b"-----BEGIN" in content)}
    lay(root, laid)
    target = targets.at_root(str(root), _AT[path])
    tried = [way for finding in of_roots(target) for way in finding.remedies if way.tried]
    for remedy in tried:
        overwrites_nothing(remedy, target, laid)
    assert tried or more or path in (f"{CERTS}/corp.crt", "/corp/x")


def overwrites_nothing(remedy: Remedy, target: Target, laid: Mapping[str, Content]) -> None:
    """No file is gone or changed that holds what is then nowhere; but certificates, as PEM, in its place."""
    after = as_root(effects.applied(target, remedy.actions))
    there = {found for path in _paths(remedy, laid) if (found := _content(after, path)) is not None}
    for path, content in laid.items():
        old = content.content if isinstance(content, File) else content
        if not isinstance(old, bytes) or old in there or not (b"PRIVATE KEY" in old or forms.look(old)):
            continue
        left = _content(after, path) or b""
        assert b"PRIVATE KEY" not in old or b"PRIVATE KEY" in left, (remedy.text, path)
        known = forms.look(old)
        assert known
        new = {block.data for block in pem.split(left)}
        assert new >= set(known.certificates), (remedy.text, path)
        assert known.form not in (forms.PKCS12, forms.JKS, forms.TRUSTED), (remedy.text, path)
        assert path != target.env.get("SSL_CERT_FILE") or b"BEGIN" in old, (remedy.text, path)
        assert b"other: text" not in old or b"other: text" in left


def _paths(remedy: Remedy, laid: Mapping[str, Content]) -> set[str]:
    return {*laid, *(str(action.values["to"]) for action in remedy.actions if action.values.get("to"))}


def _content(files: Files, path: str) -> bytes | None:
    try:
        return read(files, path, 1 << 20)
    except (OSError, NotRegular):
        return None


def can_be_done(remedy: Remedy, target: Target) -> None:
    for action in remedy.actions:
        if action.kind == "run":
            command = action.values["command"]
            assert not any(word in command for word in ("rm -r", "rm -f", "chmod 777", "chmod a+w")), command
            assert distribution.has_shell(target)
            assert all(distribution.has_program(target, name) for name in action.values["needs"]), command
            shlex.split(command)
        written = action.values.get("path") or action.values.get("destination")
        if action.kind in ("run", "copy") and written:
            assert places.in_image(target, written), remedy.text


def keeps(remedy: Remedy, finding: Finding, target: Target) -> None:
    before, after = target, effects.applied(target, remedy.actions)
    if finding.code.check == "ca-bundle":
        had = {one.certificate.der for one in trust.load(before, NEWEST).roots}
        has = {one.certificate.der for one in trust.load(after, NEWEST).roots}
        assert has >= had, (remedy.text, finding.code.name)
        return
    zone = localtime.load(before, NEWEST, int(time.time())).zone
    if zone is not None and not finding.subject.startswith("timezone."):
        seen = localtime.load(after, NEWEST, int(time.time()))
        assert seen.zone is not None or seen.name == "UTC", (remedy.text, finding.code.name)


def test_no_check_names_a_package_manager() -> None:
    """One module knows how a distribution brings things in."""
    package = Path(probe.__file__).parent
    names = ("apt-get", "apk add", "microdnf", "dnf install", "yum install", "zypper", "update-ca-")
    below = [path for path in package.rglob("*.py") if "remedies" not in path.parts]
    assert [path for path in below if any(name in path.read_text() for name in names)] == []
