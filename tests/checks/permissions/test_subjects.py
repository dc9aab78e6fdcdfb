"""Whose rights are judged: the umask, root, namespaces, images; the directories by default."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from probe import codes
from probe.checks.permissions import Permissions
from probe.config import load
from probe.errors import ConfigError
from probe.report import Status
from probe.targets import ourselves
from probe.targets.image import of_image
from probe.targets.process import of_process
from tests.checks.permissions.helpers import (
    PASSWD,
    needs_root,
    needs_setfacl,
    one,
    process,
    seen,
    told,
    wait_for,
)
from tests.support.fixes import fixes
from tests.support.images import Image, file, folder, tarred, write_tar
from tests.support.permissions import look
from tests.support.toolchains import install

pytestmark = needs_root


@needs_setfacl
def test_an_umask_that_takes_the_groups_right(tmp_path: Path) -> None:
    """In a directory that its group shares; a default list takes the umask's place."""
    for path in (tmp_path, *tmp_path.parents[:-1]):
        path.chmod(path.stat().st_mode | 0o011)
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 0, 2000)
    data.chmod(0o2775)
    with process(extra_groups=[2000], umask=0o022) as target:
        findings = look(target, write=(str(data),))
        assert [entry.code for entry in findings] == [codes.PERMISSION_UMASK, codes.PERMISSION_OK]
        assert findings[0].status is Status.WARN
        assert fixes(findings[0]).startswith("umask 0002")
        subprocess.run(["setfacl", "-d", "-m", "g::rwx", data], check=True)
        assert one(target, write=(str(data),)).code is codes.PERMISSION_OK
        subprocess.run(["setfacl", "-k", data], check=True)
    with process(extra_groups=[2000], umask=0o002) as target:
        assert one(target, write=(str(data),)).code is codes.PERMISSION_OK


def test_root_without_its_capability(tmp_path: Path) -> None:
    """uid 0 is nobody special where CAP_DAC_OVERRIDE was dropped; with it, modes do not matter."""
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 4000, 4000)
    data.chmod(0o700)
    path = str(data)
    for path_of in (tmp_path, *tmp_path.parents[:-1]):
        path_of.chmod(path_of.stat().st_mode | 0o011)
    bare = [
        "setpriv",
        "--bounding-set",
        "-dac_override,-dac_read_search",
        "--inh-caps",
        "-all",
        "sleep",
        "60",
    ]
    with subprocess.Popen(bare) as running:
        try:
            wait_for(lambda: Path(f"/proc/{running.pid}/comm").read_text() == "sleep\n")
            finding = one(of_process(running.pid), write=(path,))
        finally:
            running.kill()
    assert told(finding) == (
        Status.FAIL,
        codes.PERMISSION_MODE,
        f"RUN chgrp -R 0 {path} && chmod -R g+rwX {path}",
    )
    with process(user=0, group=0) as target:
        assert one(target, write=(path,)).code is codes.PERMISSION_OK


def test_what_the_kernel_refuses_all_the_same(tmp_path: Path) -> None:
    """An attribute that no mode shows: immutable. We are asked about ourselves, so the kernel is."""
    if not shutil.which("chattr"):
        pytest.skip("needs mkfs.ext4, which comes with chattr")
    data = tmp_path / "data"
    data.mkdir()
    target = ourselves()
    assert one(target, write=(str(data),)).code is codes.PERMISSION_OK
    if subprocess.run(["chattr", "+i", data], capture_output=True).returncode:
        pytest.skip("needs mounts")
    try:
        finding = one(target, write=(str(data),))
    finally:
        subprocess.run(["chattr", "-i", data], check=True)
    assert (finding.status, finding.code) == (Status.FAIL, codes.PERMISSION_KERNEL_REFUSES)
    assert fixes(finding).startswith(f"lsattr -d {data}")


def test_capabilities_of_another_user_namespace(tmp_path: Path) -> None:
    """There they count for some files only; nothing is claimed."""
    with subprocess.Popen(["unshare", "--user", "--map-root-user", "sleep", "60"]) as running:
        try:
            wait_for(lambda: Path(f"/proc/{running.pid}/comm").read_text() == "sleep\n")
            finding = one(of_process(running.pid), write=(str(tmp_path),))
        finally:
            running.kill()
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.PERMISSION_UNKNOWN)
    assert fixes(finding) == "kubectl exec POD -- /opt/probe/bin/probe check"


def test_an_image_is_judged_by_its_modes(tmp_path: Path) -> None:
    """As its USER; mounts and space are not there to be judged, and that is said."""
    data = folder("data")
    data[0].uid = data[0].gid = 1000
    entries = [data, folder("other"), file("etc/passwd", PASSWD.encode())]
    path = write_tar(tmp_path / "image.tar", Image([tarred(entries)], User="app").saved())
    target = of_image(str(path))
    finding = one(target, write=("/data",))
    assert finding.code is codes.PERMISSION_OK
    assert "as far as the archive shows" in finding.cause
    assert one(target, write=("/other",)).remedy == "RUN chown -R 1000:1000 /other"


def test_the_defaults_are_the_directories_of_go(world: Path) -> None:
    """A toolchain that is complete and open, a home that belongs to the user."""
    go = world / "usr/local/go"
    for name in ("bin", "src", "pkg/tool/linux_amd64"):
        (go / name).mkdir(parents=True)
    (go / "bin/go").write_bytes(install("1.27.3").go.read_bytes())
    (go / "pkg/tool/linux_amd64/compile").write_bytes(b"x")
    (go / "bin/go").chmod(0o755)
    (go / "pkg/tool/linux_amd64/compile").chmod(0o755)
    (world / "tmp").mkdir()
    (world / "tmp").chmod(0o1777)
    target = seen(world, HOME="/srv/data", PATH="/usr/local/go/bin")
    defaults = Permissions()
    findings = look(target, execute=defaults.execute, write=defaults.write)
    assert {entry.code for entry in findings} == {codes.PERMISSION_OK}
    assert {entry.subject for entry in findings} == {
        "GOROOT",
        "GOPATH",
        "GOMODCACHE",
        "GOCACHE",
        "GOBIN",
        "TMPDIR",
    }
    (go / "pkg/tool/linux_amd64/compile").chmod(0o700)
    (broken,) = [entry for entry in look(target, execute=("GOROOT",)) if entry.status is Status.FAIL]
    assert told(broken)[1:] == (
        codes.PERMISSION_MODE,
        "RUN chmod a+rx /usr/local/go/pkg/tool/linux_amd64/compile",
    )


def test_a_closed_goroot_is_told_of_once(world: Path) -> None:
    """All that lies in it is behind the same link."""
    go = world / "usr/local/go/bin/go"
    go.parent.mkdir(parents=True)
    go.write_bytes(b"x")
    go.chmod(0o755)
    (world / "usr/local").chmod(0o700)
    finding = one(seen(world, GOROOT="/usr/local/go"), execute=("GOROOT",))
    assert told(finding) == (Status.FAIL, codes.PERMISSION_NO_SEARCH, "RUN chmod o+x /usr/local")


def test_without_a_toolchain_goroot_is_not_known(world: Path) -> None:
    """Nothing is there to be judged."""
    finding = one(seen(world), execute=("GOROOT",))
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.PERMISSION_UNKNOWN)


@pytest.mark.parametrize(
    "entry", ["permissions.write=cache", "permissions.read=GOROOT", "permissions.execute=GOBIN"]
)
def test_an_entry_is_a_path_or_a_known_name(entry: str) -> None:
    """Else the configuration is wrong, and says which key."""
    with pytest.raises(ConfigError, match=entry.partition("=")[0]):
        load.load(environ={}, sets=[entry], system_file="/no/such/file")
