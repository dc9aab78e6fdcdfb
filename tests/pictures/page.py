"""The agent's page, as Chromium shows it: of a root without zone data, and of a real TLS server."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import certifi

from probe.demo.pki import Authority
from probe.demo.server import Server
from tests.golang import builds
from tests.support.commands import clean_environment

_ZONE = "Asia/Shanghai"
_SCHEMES = {"light": "1", "dark": "0"}


def draw(folder: Path, out: Path) -> None:
    """Write agent-light.png and agent-dark.png into *out*."""
    root, bundle = rootfs(folder)
    ca = Authority("Example Private CA")
    bundle.write_bytes(Path(certifi.where()).read_bytes() + ca.pem)
    server = Server(ca.leaf(["localhost"]))
    with server.running(), agent(folder, root, server.port) as address:
        _until_started(address)
        for name, scheme in _SCHEMES.items():
            _photograph(address, folder, out / f"agent-{name}.png", f"preferredColorScheme={scheme}")


def rootfs(folder: Path) -> tuple[Path, Path]:
    """A container root with a Go program and no zone data; and where its bundle has to be put."""
    root = folder / "rootfs"
    (root / "app").mkdir(parents=True)
    shutil.copy(builds.build("1.27.3", {"main.go": builds.HELLO}, CGO_ENABLED="0"), root / "app" / "server")
    bundle = root / "etc" / "ssl" / "certs" / "ca-certificates.crt"
    bundle.parent.mkdir(parents=True)
    return root, bundle


@contextmanager
def agent(folder: Path, root: Path, port: int, *options: str) -> Iterator[str]:
    """An agent that examines *root* and shakes hands with localhost:*port*; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        own = free.getsockname()[1]
    line = [sys.executable, "-m", "probe", "serve", f"127.0.0.1:{own}", "--root", root.name]
    line += ["--set=go-version.binary=/app/server", f"--env=TZ={_ZONE}", f"--endpoint=localhost:{port}"]
    line += ["--set=agent.expose_details=true", f"--set=agent.socket={folder}/run/probe.sock"]
    line += ["--set=agent.retry_s=1", "--set=agent.interval_s=1", *options]
    with (folder / "agent.log").open("wb") as log:
        env = {**clean_environment(), "PYTHONPATH": os.getcwd()}
        process = subprocess.Popen(line, cwd=folder, env=env, stdin=subprocess.DEVNULL, stderr=log)
    try:
        yield f"http://127.0.0.1:{own}"
    finally:
        process.kill()
        process.wait()


def get(url: str) -> str:
    """What is answered there, whatever the status; "" where nobody listens yet."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as answer:
        return answer.read().decode()
    except OSError:
        return ""


def _until_started(address: str) -> None:
    end = time.monotonic() + 30
    while "TIMEZONE_TZDATA_MISSING" not in get(address + "/") and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(6)  # some runs for the strip


def _photograph(address: str, folder: Path, picture: Path, blink: str) -> None:
    chromium = shutil.which("chromium")
    if not chromium:
        raise SystemExit("needs chromium")
    line = [
        chromium,
        "--headless",
        "--no-sandbox",
        "--no-first-run",
        f"--user-data-dir={folder}/{picture.stem}",
    ]
    line += ["--hide-scrollbars", f"--blink-settings={blink}", "--window-size=900,1150"]
    subprocess.run(
        [*line, f"--screenshot={picture}", address + "/"], check=True, capture_output=True, timeout=100
    )
