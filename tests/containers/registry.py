"""A registry on loopback: Debian's docker-registry, with its store in a folder of the test."""

import json
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.leftovers import wait_until

_SETTINGS = """\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {store}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """HOST:PORT of a registry that ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = folder / "registry.yml"
    settings.write_text(_SETTINGS.format(store=folder / "store", port=port))
    program = shutil.which("docker-registry") or "docker-registry"
    with (folder / "registry.log").open("wb") as log:
        server = subprocess.Popen([program, "serve", settings], stdout=log, stderr=log)
        try:
            wait_until(lambda: _answers(port), 30)
            yield f"127.0.0.1:{port}"
        finally:
            server.kill()
            server.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def tags(address: str, name: str) -> list[str]:
    """What the registry has of the repository *name*."""
    with urllib.request.urlopen(f"http://{address}/v2/{name}/tags/list", timeout=10) as answer:
        found: list[str] = json.load(answer)["tags"]
        return found
