"""deploy/examples/baseline: its own commands, run as they are written but for where things lie."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import probe
from probe import codes
from tests.support.commands import clean_environment
from tests.support.toolchains import Toolchain

ROOT = Path(probe.__file__).parent.parent
EXAMPLE = ROOT / "deploy" / "examples" / "baseline"
STARTED = "started\n"


@pytest.fixture
def image(tmp_path: Path, go_newest: Toolchain) -> Path:
    """A folder with `probe` on its PATH, and a program of Go that says that it was started."""
    for name in ("bin", "app", "etc", "source"):
        (tmp_path / name).mkdir()
    shim = tmp_path / "bin/probe"
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from probe.cli import main; main()"
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -c {shlex.quote(code)} "$@"\n')
    shim.chmod(0o755)
    source = tmp_path / "source/main.go"
    source.write_text('package main\nimport "os"\nfunc main() { os.Stdout.WriteString("started\\n") }\n')
    go_newest.build(source, tmp_path / "app/server")
    return tmp_path


def run(image: Path, command: Sequence[str], **env: str) -> "subprocess.CompletedProcess[str]":
    path = f"{image}/bin:/usr/bin:/bin"
    settings = {**clean_environment(), "PATH": path, **env}
    return subprocess.run(command, env=settings, cwd=image, capture_output=True, text=True, timeout=60)


def test_the_last_stage_of_the_dockerfile(image: Path) -> None:
    """The RUN line records, ENTRYPOINT and CMD start; with another variable or program they do not."""
    text = re.sub(r"(?<![\w.])/(?=(?:app|etc)/)", f"{image}/", (EXAMPLE / "Dockerfile").read_text())
    (record,) = re.findall(r"^RUN (probe .*)$", text, re.MULTILINE)
    (settings,) = re.findall(r"^ENV (?!PATH=)(.*)$", text, re.MULTILINE)  # PATH is that of the shim
    env = dict(setting.split("=", 1) for setting in settings.split())
    lists = dict(re.findall(r"^(ENTRYPOINT|CMD) \[(.*)\]$", text, re.MULTILINE))
    command = [word.strip().strip('"') for word in f"{lists['ENTRYPOINT']}, {lists['CMD']}".split(",")]
    done = run(image, ["sh", "-c", record], **env)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = run(image, command, **env)
    assert (done.returncode, done.stdout, done.stderr) == (0, STARTED, "")
    done = run(image, command, **env, GODEBUG="http2client=0")
    assert (done.returncode, done.stdout) == (1, "")
    said = re.sub(r"in \d+\.\d\d s", "in 0.05 s", done.stderr).replace(f"{image}/", "/")
    assert f"-e GODEBUG=http2client=0 app\n{said}```" in (EXAMPLE / "README.md").read_text()
    done = run(image, command, **env | {"TZ": "Asia/Shanghai"})
    assert (done.returncode, done.stdout) == (1, "")
    assert codes.BASELINE_ENV.name in done.stderr
    with (image / "app/server").open("ab") as stream:
        stream.write(b"\0")
    done = run(image, command, **env)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"fail {codes.BASELINE_FILE.name}: {image}/app/server differs from" in done.stderr


def test_the_commands_of_the_readme(image: Path) -> None:
    """From outside, on a root: it passes, and fails after a change."""
    (block,) = re.findall(r"^```sh\n(.*?)^```", (EXAMPLE / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    (image / "rootfs/app").mkdir(parents=True)
    shutil.copy(image / "app/server", image / "rootfs/app/server")
    done = run(image, ["sh", "-e", "-c", block])
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    (image / "rootfs/app/server").write_bytes(b"")
    done = run(image, ["sh", "-c", block.splitlines()[1]])
    assert done.returncode == 1
    assert codes.BASELINE_FILE.name in done.stdout
