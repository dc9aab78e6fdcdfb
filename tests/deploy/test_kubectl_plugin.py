"""`kubectl probe`: found by a real kubectl, strict about its command line, honest where no server answers."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.rendered import DEPLOY

PLUGIN = DEPLOY / "kubernetes/kubectl-probe"


def run(*command: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    path = f"{PLUGIN.parent}:{os.environ['PATH']}"
    environ = {"PATH": path, "HOME": "/nonexistent", **env}
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("shell", ["sh", "bash", "dash"])
def test_shells_take_it(shell: str) -> None:
    """It needs nothing of bash."""
    if not shutil.which(shell):
        pytest.skip(f"needs {shell}")
    done = run(shell, "-n", PLUGIN)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "POD is missing"),
        (("a", "b"), "one pod at a time, not b too"),
        (("a", "-c"), "-c needs a value"),
        (("a", "--image="), "--image needs a value"),
        (("a", "--nonsense"), "there is no option --nonsense"),
    ],
)
def test_a_wrong_command_line_is_usage(arguments: tuple[str, ...], said: str) -> None:
    """One line, and no server is asked."""
    done = run(PLUGIN, *arguments)
    assert (done.returncode, done.stderr) == (64, f"kubectl probe: {said} (kubectl probe --help)\n")


@pytest.mark.needs("kubectl")
def test_kubectl_finds_it(tmp_path: Path) -> None:
    """As the command `kubectl probe`; without a server kubectl speaks for itself."""
    assert "usage: kubectl probe POD" in run("kubectl", "probe", "--help").stdout
    config = tmp_path / "config"
    config.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
        "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n"
        "contexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n"
    )
    done = run("kubectl", "probe", "web-1", KUBECONFIG=str(config))
    assert done.returncode == 69
    assert "127.0.0.1:1" in done.stderr


@pytest.mark.parametrize(
    ("fails", "code", "told"),
    [
        ("", 3, "the report\n"),
        ("default-container", 69, ""),
        ("containers[0].name", 69, ""),
        ("debug", 69, ""),
        ("terminated.exitCode", 69, ""),
        ("logs", 69, ""),
    ],
)
def test_where_kubectl_fails_there_is_no_verdict(fails: str, code: int, told: str, tmp_path: Path) -> None:
    """Whichever of its calls it is; else the exit code is that of probe."""
    stand_in = tmp_path / "kubectl"
    stand_in.write_text(
        "#!/bin/sh\n"
        'case "$*" in *"$FAILS"*) [ -z "$FAILS" ] || { echo refused >&2; exit 1; } ;; esac\n'
        'case "$*" in *default-container*) ;; *containers*name*) echo app ;; *exitCode*) echo 3 ;; '
        "*logs*) echo the report ;; esac\n"
    )
    stand_in.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "FAILS": fails}
    done = subprocess.run([PLUGIN, "web-1"], env=environ, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (code, told)
    assert done.stderr == ("refused\n" if fails else "")
