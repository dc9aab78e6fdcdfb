"""Over random containers: no remedy takes a root or a zone away, and none needs what is not there."""

import random
import shlex
import time
from pathlib import Path

import pytest

import probe
from probe import targets
from probe.golang import localtime
from probe.golang.release import NEWEST
from probe.golang.x509 import trust
from probe.remedies import distribution, effects, places
from probe.report import Finding, Remedy
from probe.targets import Target
from tests.remedies.random_worlds import below_a_file, findings, surroundings, world
from tests.support.worlds import lay

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
