"""Probe, and real Go, asked of a root in which something is wrong, before and after a remedy."""

import json
import subprocess
import sys
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.differential.harness import ask
from tests.remedies import printed, scenes
from tests.remedies.scenes import Scene
from tests.support.commands import clean_environment

GO = "1.27.3"


def probe(root: Path, env: dict[str, str], check: str, scene: Scene) -> dict[str, Any]:
    command = [sys.executable, *printed.ALL, "-m", "probe", "check", "--root", str(root), "--only", check]
    command += ["--format", "json", "--role", "ready", "--as-go", GO, "--timeout", "60"]
    command += [f"--env={name}={value}" for name, value in env.items()]
    command += [f"--set={setting}" for setting in scene.settings]
    command += ["--user", scene.user] if scene.user else []
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=100)
    assert done.stdout, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def file_of(finding: dict[str, Any]) -> str:
    """The file that a command outside the image is about: in its directory."""
    paths = (finding["evidence"].get("refused_at"), finding["evidence"].get("path"), finding["subject"])
    return next(
        str(path) for path in paths if (path and str(path).startswith("/")) or path == finding["subject"]
    )


def agrees(root: Path, env: dict[str, str], scene: Scene) -> None:
    uid = int(scene.user) if scene.user else None
    for zone, seen in ((scene.zone, env), (scene.location, {**env, "TZ": scene.location})):
        if not zone:
            continue
        told = ask(GO, "timezone", {"year": 2026}, root=root, env=seen, uid=uid)
        winter = datetime(2026, 1, 1, 12, tzinfo=ZoneInfo(zone)).utcoffset()
        assert winter is not None
        assert told["january"]["offset_s"] == winter.total_seconds(), told
    if scene.zone:
        return
    roots = ask(GO, "roots", root=root, env=env, uid=uid)["roots"]
    assert roots
    if scene.corp:
        assert sha256(scenes.CORP.der).hexdigest() in roots
