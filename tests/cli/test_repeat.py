"""A remedy that is a command of probe is for the same target when pasted, and is found by its name."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import probe
from tests.support.commands import RunProbe, clean_environment

FIX = "ca-bundle.endpoints=api.internal:443"


def fixes(out: str) -> list[str]:
    return [line.strip().removeprefix("fix: ") for line in out.splitlines() if "fix: " in line]


def test_the_root_is_kept(root: Path, run_probe: RunProbe) -> None:
    """Pasted it judges the same tree; what may be a secret is left out."""
    tree = root / "a tree"
    tree.mkdir()
    env = ("--env", "SSL_CERT_FILE=/x.pem", "--env", "TOKEN=hush", "--env", "PATH=/a b")
    asked = ("check", "--root", str(tree), "--only", "ca-bundle", *env, "--user", "1000:1000")
    done = run_probe(*asked)
    (fix,) = [line for line in fixes(done.out) if FIX in line]
    kept = ["--root", str(tree), "--user", "1000:1000", "--env", "SSL_CERT_FILE=/x.pem", "--env", "PATH=/a b"]
    assert shlex.split(fix) == ["probe", "check", *kept, "--set", FIX]
    assert "hush" not in done.out
    again = run_probe(*shlex.split(fix)[1:], "--only", "ca-bundle", "--format", "json")
    assert json.loads(again.out)["target"] == str(tree)
    found = json.loads(run_probe(*asked, "--format", "json").out)["checks"][0]["findings"]
    assert fix in [one["remedy"] for one in found]


def test_ourselves_need_no_option(run_probe: RunProbe) -> None:
    """In the container itself the command is as short as it was."""
    done = run_probe("check", "--only", "ca-bundle", PATH="/nowhere")
    assert f"probe check --set {FIX}" in fixes(done.out)


def test_a_link_in_path_is_enough(tmp_path: Path) -> None:
    """As pipx makes one, to a script in a folder that PATH does not name."""
    place = tmp_path / "venv/lib/python3/site-packages"
    place.mkdir(parents=True)
    checkout = Path(probe.__file__).parents[1]
    (place / "probe").symlink_to(checkout / "probe")
    script = tmp_path / "venv/bin/probe"
    script.parent.mkdir()
    script.write_bytes((checkout / "bin/probe").read_bytes())
    script.chmod(0o755)
    (script.parent / "python3").symlink_to(sys.executable)
    (tmp_path / "probe").symlink_to(script)
    for path, name in ((f"/bin:{tmp_path}", "probe"), ("/bin", f"{tmp_path}/probe")):
        done = subprocess.run(
            [tmp_path / "probe", "check", "--only", "ca-bundle"],
            env={**clean_environment(), "PATH": path},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert f"{name} check --set {FIX}" in fixes(done.stdout), done.stdout + done.stderr


@pytest.mark.parametrize(("directory", "name"), [("/nowhere", "{script}"), ("{folder}", "probe")])
def test_it_is_called_as_it_is_found(tmp_path: Path, directory: str, name: str) -> None:
    """By its path where PATH does not lead to it."""
    script = tmp_path / "probe"
    checkout = str(Path(probe.__file__).parents[1])
    code = f"import sys; sys.path.insert(0, {checkout!r}); from probe.cli import main; main()"
    script.write_text(f"#!{sys.executable}\n{code}\n")
    script.chmod(0o755)
    done = subprocess.run(
        [script, "check", "--only", "ca-bundle"],
        env={**clean_environment(), "PATH": directory.format(folder=tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert f"{name.format(script=script)} check --set {FIX}" in fixes(done.stdout), done.stdout + done.stderr
