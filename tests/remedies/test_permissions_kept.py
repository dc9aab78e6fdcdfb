"""Over random owners and modes: what is advised for a user lets it in, and takes nothing from the owner."""

import os
import random
import time
from pathlib import Path

import pytest

from probe import targets
from probe.checks.base import Run
from probe.checks.permissions import Permissions
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.remedies import effects, lower_files, trial
from probe.report import Finding
from probe.targets import Target, User, access
from tests.support.worlds import lay

UIDS = (0, 1000, 2000)
MODES = (0o700, 0o750, 0o755, 0o770, 0o775, 0o500, 0o070)
TREES = 40


@pytest.mark.root("files of other users")
@pytest.mark.parametrize("seed", range(TREES))
def test_no_remedy_takes_a_permission_away(root: Path, seed: int) -> None:
    """Whose directory it is can use it after what is advised for somebody else, and that one too."""
    rng = random.Random(seed)
    lay(root, {f"/bin/{name}": b"" for name in ("sh", "chmod", "chown", "chgrp", "install")})
    place = root / "srv/data"
    place.mkdir(parents=True)
    (root / "srv").chmod(rng.choice([0o755, 0o711, 0o700]))
    os.chown(place, rng.choice(UIDS), rng.choice(UIDS))
    place.chmod(rng.choice(MODES))
    path = rng.choice(["/srv/data", "/srv/data/new"])
    target = targets.at_root(str(root), {}, user=User(1000, 1000))

    def ask(changed: Target) -> list[Finding]:
        run = Run(Deadline(20), "all", time.time(), Facts(changed, go=NEWEST), lambda _: None)
        return list(Permissions(execute=(), write=(path,)).run(changed, run))

    for finding in trial.of_check(ask(target), target, ask):
        for remedy in finding.remedies:
            if all(action.values.get("effect") for action in remedy.actions):
                assert remedy.tried, (finding, remedy.text)
                _keeps(target, effects.applied(target, remedy.actions), remedy.text)


def _keeps(before: Target, after: Target, text: str) -> None:
    for place in ("/srv", "/srv/data"):
        owner = lower_files.as_root(before).stat(place).uid
        if owner == 0:  # no mode keeps root out
            continue
        user = User(owner, owner)
        assert _may(after, user, place) >= _may(before, user, place), text


def _may(target: Target, user: User, path: str) -> int:
    found = lower_files.as_root(target).stat(path)
    return sum(want for want in (1, 2, 4) if access.may(user, found.mode, found.uid, found.gid, want))
