"""A private root lies wrong: what is told of it is done, and then real Go accepts its server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.differential.harness import ask
from tests.remedies import printed
from tests.remedies.bases import BASES
from tests.remedies.dockerfile import CannotBeDone, carry_out
from tests.remedies.private_roots import CODE, WITHOUT_ROOTS, Way, all_of_them
from tests.remedies.scenes import CORP, put, removed
from tests.support import pki
from tests.support.commands import clean_environment
from tests.tls import servers

pytestmark = [pytest.mark.root, pytest.mark.timeout(300)]
GO = "1.27.3"


@pytest.fixture(scope="module")
def server() -> Iterator[servers.Server]:
    with servers.tls(pki.leaf(CORP, "localhost")) as one:
        yield one


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(way, id=f"{way.base}: {way.name}", marks=pytest.mark.sweep if number else ())
        for number, way in enumerate(all_of_them())
    ],
)
def test_the_missed_step_is_told_and_helps(way: Way, server: servers.Server) -> None:
    """File, form and reason are in the cause; the first line that is printed makes the handshake succeed."""
    with BASES[way.base]() as root:
        way.put(root)
        env = dict(way.env)
        assert not _dials(root, env, way, server)
        (finding,) = _told(root, env, way, server)
        assert finding["code"] == CODE
        printed.hold(f"{way.base}: {way.name}", finding)
        assert way.path in finding["cause"], finding["cause"]
        kept = _configuration(root, way)
        assert way.why in finding["cause"], finding["cause"]
        try:
            carry_out(root, env, finding["remedy"], {}, way.path)
        except CannotBeDone as line:
            pytest.fail(f"cannot be carried out: {line}")
        assert _configuration(root, way) == kept, finding["remedy"]
        assert _told(root, env, way, server) == [], finding["remedy"]
        assert _dials(root, env, way, server), finding["remedy"]


def _configuration(root: Path, way: Way) -> bytes:
    """What a program reads as it stands, which no remedy may change."""
    return (root / way.path.lstrip("/")).read_bytes() if way.path.startswith("/etc/app/") else b""


def test_without_any_root_the_one_that_is_needed_is_told_and_helps(server: servers.Server) -> None:
    """Nothing is in the image, and the server's authority beside the Dockerfile."""
    way = Way("no roots", "", "", put("etc/hostname", b"x\n"), "scratch")
    with BASES["scratch"]() as root:
        removed("etc/ssl")(root)
        env: dict[str, str] = {}
        assert not _dials(root, env, way, server)
        (finding,) = _told(root, env, way, server)
        assert finding["code"] == WITHOUT_ROOTS, finding
        printed.hold("scratch: no roots", finding)
        carry_out(root, env, finding["remedy"], {"authority.pem": CORP.pem.encode()}, "/etc/ssl")
        assert _told(root, env, way, server) == [], finding["remedy"]
        assert _dials(root, env, way, server), finding["remedy"]


def _dials(root: Path, env: dict[str, str], way: Way, server: servers.Server) -> bool:
    request = {"address": f"127.0.0.1:{server.port}", "server_name": "localhost"}
    uid = int(way.user) if way.user else None
    return bool(ask(GO, "handshake", request, root=root, env=env, uid=uid)["ok"])


def _told(root: Path, env: dict[str, str], way: Way, server: servers.Server) -> list[dict[str, Any]]:
    """What probe says of the server, where that is bad."""
    command = [
        sys.executable,
        *printed.ALL,
        "-m",
        "probe",
        "check",
        "--root",
        str(root),
        "--only",
        "ca-bundle",
    ]
    command += ["--format", "json", "--role", "startup", "--as-go", GO, "--timeout", "60"]
    command += [f"--env={name}={value}" for name, value in env.items()]
    command += [f'--set=ca-bundle.endpoints=["{server.endpoint}"]']
    command += ["--user", way.user] if way.user else []
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=100)
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)["checks"][0]["findings"]
    return [one for one in found if one["subject"] == server.endpoint and one["status"] != "pass"]
