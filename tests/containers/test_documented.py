"""The commands of README and docs that need an engine, typed in bash as they stand."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.containers import client, products
from tests.containers.engine import Engine, docker
from tests.documents.docker_commands import COMMANDS

NAMES = ("probe", "broken", "fixed", "app:1.2", "IMAGE")
_EXAMPLE = "deploy/examples/go-scratch"
# /opt is one of our own while the last of them is run.
_PRIVATE = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /opt && exec "$@"', "sh"]


@pytest.fixture(scope="module")
def checkout(
    engine_of_this_run: Engine,
    golang: str,
    probe_image: str,
    debian: str,
    witness_alone: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """What is built from, with `docker` in its `bin`; images that the commands take as given are there."""
    made = products.context(tmp_path_factory.mktemp("documented") / "checkout")
    shutil.copytree(products.CHECKOUT / _EXAMPLE, made / _EXAMPLE)
    (made / "deploy/docker").mkdir()
    (made / "bin").mkdir()
    args = {"BASE": products.tools(engine_of_this_run), "WHEELHOUSE": "wheelhouse", "VERSION": "0"}
    args |= {"GO": golang, "PROBE": probe_image}
    client.put(engine_of_this_run, made / "bin", args, *NAMES)
    client.tagged(engine_of_this_run, witness_alone, "app:1.2")
    (made / "Dockerfile.image").write_text(f'FROM {debian}\nCMD ["echo", "health of the image"]\n')
    engine_of_this_run.build(made, "image", "--file", str(made / "Dockerfile.image"))
    return made


@pytest.mark.root("/opt of its own")
@pytest.mark.parametrize("command", COMMANDS)
def test_it_runs_as_it_stands(engine: Engine, checkout: Path, command: str) -> None:
    """With the real client; the builds of the example come before what runs them."""
    expected = COMMANDS[command]
    if command.endswith(" fixed"):
        in_bash("docker build --tag fixed .", checkout, expected.where)
    done = in_bash(command, checkout, expected.where)
    assert done.returncode == expected.code, done.stdout + done.stderr
    assert expected.says in done.stdout + done.stderr
    if "--health-cmd" in command:
        last = docker(
            "ps", "--all", "--quiet", "--latest", "--filter", f"label=probe.test-run={engine.run_id}"
        ).out
        health = docker("inspect", "--format", "{{json .Config.Healthcheck}}", last.strip()).out
        assert "/opt/probe/bin/probe status" in health


def in_bash(command: str, checkout: Path, where: str) -> "subprocess.CompletedProcess[str]":
    private = _PRIVATE if " /opt " in command else []
    return subprocess.run(
        [*private, "bash", "-c", command],
        cwd=checkout / where,
        env=client.environment(checkout / "bin"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=500,
    )
