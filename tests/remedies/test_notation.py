"""A remedy that a check writes as text becomes actions, and is tried where files decide."""

import json
import os
import shutil
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.remedies import actions, modes, notation
from probe.remedies.actions import AUDIENCES, KINDS
from tests.support.commands import RunProbe

LINES = {
    "RUN chmod a+r /srv/data": ("run", "image"),
    "ENV GOTOOLCHAIN=local": ("set-env", "image"),
    "ENV PATH=/usr/local/go/bin:$PATH": ("set-env", "image"),
    "ENV GOROOT= GOPATH=/go": ("set-env", "image"),
    "FROM golang:1.27 AS build": ("from", "image"),
    "COPY --from=golang:latest /usr/local/go /usr/local/go": ("copy", "image"),
    "USER 65532:65532": ("instruction", "image"),
    'ENTRYPOINT ["/app"]': ("instruction", "image"),
    "Unset GOENV": ("unset-env", "image"),
    "CGO_ENABLED=0 go build": ("build", "build"),
    "cd /src && go mod tidy": ("build", "build"),
    "chown -R 1000:1000 /srv/data": ("shell", "container"),
    "ls -ld /srv": ("look", "container"),
    "docker run --group-add 2000 IMAGE": ("start", "container"),
    "securityContext: {fsGroup: 1000}": ("pod", "pod"),
    '{"names": ["clone3"], "action": "SCMP_ACT_ALLOW"}': ("pod", "pod"),
    "/opt/probe/bin/probe check --timeout 20": ("probe", "probe"),
    "pinned.max_file_mb = 90": ("setting", "probe"),
    "Ask whoever runs the server to renew its certificate": ("ask", "owner"),
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_known_by_its_beginning(line: str) -> None:
    """What it is and who pastes it; the text stays as it was written."""
    (way,) = notation.ways(line)
    (action,) = way.actions
    assert (action.kind, action.audience) == LINES[line]
    assert action.kind in KINDS
    assert action.audience in AUDIENCES
    assert way.text == line
    assert all(isinstance(value, str) for value in actions.as_json(action).values())


def test_a_blank_line_stands_between_two_ways() -> None:
    """Each is a remedy of its own, the best first."""
    first, second = notation.ways("RUN chmod a+r /x\n\nsecurityContext: {fsGroup: 1000}")
    assert (first.text, second.text) == ("RUN chmod a+r /x", "securityContext: {fsGroup: 1000}")


CLAUSES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["u", "g", "o", "a", "ug", "go"]),
    st.sampled_from("+-="),
    st.sampled_from(["r", "w", "x", "rw", "rX", "rwX", "rwx"]),
)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 0o777), st.one_of(CLAUSES, st.just("1777"), st.just("0644")), st.booleans())
def test_modes_are_what_chmod_makes_of_them(mode: int, wanted: str, is_dir: bool) -> None:
    """Against chmod(1) itself."""
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "x")
        path.mkdir() if is_dir else path.touch()
        path.chmod(mode)
        subprocess.run(["chmod", wanted, path], check=True)
        assert modes.changed(mode, wanted, is_dir=is_dir) == stat.S_IMODE(path.stat().st_mode)


@pytest.mark.root("files of other users")
def test_what_files_decide_is_tried(root: Path, run_probe: RunProbe) -> None:
    """The printed line turns the finding green on the view, and done in earnest it does so too."""
    for path in (root, *root.parents[:-1]):
        path.chmod(path.stat().st_mode | 0o011)
    (root / "srv/data").mkdir(parents=True)
    for program in ("sh", "chown", "install", "chmod"):
        (root / "bin").mkdir(exist_ok=True)
        (root / "bin" / program).touch(mode=0o755)
    asked = ["check", "--root", str(root), "--user", "1000:1000", "--only", "permissions", "--format", "json"]
    asked += ["--set", "permissions.execute=[]", "--set", 'permissions.write=["/srv/data", "/srv/new"]']
    found = json.loads(run_probe(*asked).out)["checks"][0]["findings"]
    remedies = {one["code"]: one for one in found}
    assert remedies["PERMISSION_MODE"]["remedy"] == "RUN chown -R 1000:1000 /srv/data"
    assert all(one["tried"] for one in remedies.values()), remedies
    os.chown(root / "srv/data", 1000, 1000)
    (root / "srv/new").mkdir()
    shutil.chown(root / "srv/new", 1000, 1000)
    assert run_probe(*asked).code == 0


@pytest.mark.root("files of other users")
def test_a_user_of_any_uid_is_let_in_by_group_0(root: Path, run_probe: RunProbe) -> None:
    """OpenShift chooses the uid: what is made belongs to group 0, which may write."""
    for path in (root, *root.parents[:-1]):
        path.chmod(path.stat().st_mode | 0o011)
    (root / "srv").mkdir()
    (root / "bin").mkdir()
    for program in ("sh", "install"):
        (root / "bin" / program).touch(mode=0o755)
    asked = ["check", "--root", str(root), "--user", "1000680000:0", "--only", "permissions"]
    asked += ["--set", "permissions.execute=[]", "--set", 'permissions.write=["/srv/new"]']
    assert "fix: RUN install -d -m 2775 -g 0 /srv/new" in run_probe(*asked).out
    new = root / "srv/new"
    new.mkdir()
    new.chmod(0o2775)
    assert run_probe(*asked).code == 0
