"""The installed command: what stands in its file, and what its start imports."""

import shutil
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from probe.cli import status_client
from tests.support.commands import clean_environment

SCRIPT = Path(status_client.__file__).parents[2] / "bin" / "probe"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The command as an installer lays it down: this interpreter's path in its first line."""
    made = tmp_path / "bin" / "probe"
    made.parent.mkdir()
    first, rest = SCRIPT.read_bytes().split(b"\n", 1)
    assert first == b"#!python"
    made.write_bytes(b"#!" + sys.executable.encode() + b"\n" + rest)
    made.chmod(0o755)
    return made


def test_the_command_of_this_environment_is_that_file() -> None:
    """pip has taken it as it stands, but for the first line."""
    found = shutil.which("probe", path=sysconfig.get_path("scripts"))
    if not found:
        pytest.skip("the package is not installed beside this interpreter")
    assert Path(found).read_bytes().split(b"\n", 1)[1] == SCRIPT.read_bytes().split(b"\n", 1)[1]


def test_status_imports_nothing_beyond_site(installed: Path, tmp_path: Path) -> None:
    """With an agent that never answers: what is new is ours, `_socket` and nothing else."""

    def modules(*line: str) -> set[str]:
        done = subprocess.run(
            [sys.executable, "-X", "importtime", *line],
            env={**clean_environment(), "PROBE_AGENT__SOCKET": str(tmp_path / "silent")},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            timeout=30,
        )
        told = [one for one in done.stderr.splitlines() if one.startswith("import time:")]
        return {one.rpartition("|")[2].strip() for one in told}

    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen()
        more = modules(str(installed), "status") - modules("-c", "pass")
    assert "probe.cli.status_client" in more
    assert {name for name in more if not name.startswith("probe")} <= {"_socket", "gc", "_signal"}


def test_modules_beside_the_command_are_not_taken(installed: Path) -> None:
    """A json.py in the same folder is somebody else's."""
    for name in ("json", "gc", "probe", "socket"):
        (installed.parent / f"{name}.py").write_text("raise SystemExit('hijacked')\n")
    done = subprocess.run(
        [installed, "check", "--only", "timezone", "--env", "TZ=UTC", "--format", "json"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert '"healthy": true' in done.stdout
