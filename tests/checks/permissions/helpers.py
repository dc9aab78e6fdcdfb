"""What the tests of permissions share: a small file tree, and the check as one user."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from probe.codes import Code
from probe.report import Finding, Status
from probe.targets import Target, User, at_root
from probe.targets.process import of_process
from tests.support.fixes import fixes
from tests.support.permissions import look
from tests.support.toolchains import CACHE

needs_root = pytest.mark.root("other users and mounts")


needs_setfacl = pytest.mark.needs("setfacl")


APP = User(1000, 1000)


PASSWD = "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n"


GROUP = "root:x:0:\napp:x:1000:\nbuild:x:2000:{}\n"


def one(target: Target, **settings: Any) -> Finding:
    (finding,) = look(target, **settings)
    return finding


def told(finding: Finding) -> tuple[Status, Code, str]:
    return finding.status, finding.code, fixes(finding)


def seen(root: Path, user: User = APP, **env: str) -> Target:
    return at_root(str(root), env, user=user)


def set_list(path: Path, *entries: str) -> None:
    subprocess.run(["setfacl", *(word for entry in entries for word in ("-m", entry)), path], check=True)


@contextmanager
def process(**how: Any) -> Iterator[Target]:
    """A process of uid 1000 as a target; *how* is for subprocess."""
    given: dict[str, Any] = {"user": 1000, "group": 1000, "extra_groups": [], **how}
    with subprocess.Popen(["sleep", "60"], cwd="/", **given) as running:
        try:
            yield of_process(running.pid)
        finally:
            running.kill()


def real_go(home: Path, version: str) -> dict[str, str]:
    """The environment of a go command that has built its runtime before."""
    cache = str(CACHE.parent / "go-build" / version / "cache")
    path = os.environ["PATH"]
    return {"HOME": str(home), "PATH": path, "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOCACHE": cache}


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
