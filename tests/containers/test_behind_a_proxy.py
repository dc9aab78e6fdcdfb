"""
The image is built where the package index answers with a certificate of the company's own CA.

The index is a TLS server on loopback that has the wheels of the lock; nothing else can be reached.
"""

import functools
import html
import http.server
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers import client, products
from tests.containers.engine import Engine, Failed, docker
from tests.documents.docker_commands import BEHIND_A_PROXY
from tests.support.pki import leaf, pems, root


class Index(http.server.SimpleHTTPRequestHandler):
    """The simple index (PEP 503) of a folder of wheels, below /simple, and the wheels."""

    def do_GET(self) -> None:
        parts = self.path.strip("/").split("/")
        if parts[0] != "simple":
            return super().do_GET()
        wanted = parts[1].replace("-", "_")
        files = [file.name for file in Path(self.directory).iterdir() if file.name.startswith(f"{wanted}-")]
        links = "".join(f'<a href="/{html.escape(name)}">{html.escape(name)}</a>\n' for name in files)
        body = f"<!DOCTYPE html><html><body>{links}</body></html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[dict[str, Path]]:
    """What is handed over as secrets: the CA, and a configuration of pip that names the index."""
    products.context(tmp_path / "context")
    wheels = tmp_path / "context/wheelhouse"
    ca = root()
    made = leaf(ca, "localhost")
    (tmp_path / "ca.pem").write_text(pems([ca]))
    (tmp_path / "server.pem").write_text(made.key_pem + pems([made]))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "server.pem")
    served = tmp_path / "wheels"
    shutil.move(wheels, served)
    handler = functools.partial(Index, directory=str(served))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"https://localhost:{server.server_port}/simple"
        (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = {url}\nretries = 1\n")
        try:
            yield {"ca": tmp_path / "ca.pem", "pip": tmp_path / "pip.conf"}
        finally:
            server.shutdown()
            thread.join()


def build(engine: Engine, tmp_path: Path, secrets: dict[str, Path]) -> str:
    given = [word for name, path in secrets.items() for word in ("--secret", f"id={name},src={path}")]
    args = {"BASE": products.tools(engine), "VERSION": "0"}
    options = ("--network", "host", *given)
    return engine.build(tmp_path / "context", "proxied", *options, args=args)


@pytest.mark.usefixtures("bootstrap")
def test_a_ca_of_ones_own_is_handed_over(engine: Engine, index: dict[str, Path], tmp_path: Path) -> None:
    """With it the wheels come from the mirror; without it pip trusts nobody there, and the build says so."""
    with pytest.raises(Failed, match="CERTIFICATE_VERIFY_FAILED"):
        build(engine, tmp_path, {"pip": index["pip"]})
    image = build(engine, tmp_path, index)
    assert engine.run(image, "--version").out.startswith("probe ")
    assert "localhost" not in docker("history", "--no-trunc", image).out


@pytest.mark.usefixtures("bootstrap")
def test_the_documented_command(engine: Engine, index: dict[str, Path], tmp_path: Path) -> None:
    """As it stands, beside a corp-ca.pem and a pip.conf."""
    context = tmp_path / "context"
    shutil.copy(index["ca"], context / "corp-ca.pem")
    shutil.copy(index["pip"], context / "pip.conf")
    (tmp_path / "bin").mkdir()
    args = {"BASE": products.tools(engine), "VERSION": "0"}
    env = client.environment(client.put(engine, tmp_path / "bin", args, "probe"))
    done = subprocess.run(
        ["bash", "-c", BEHIND_A_PROXY], cwd=context, env=env, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stderr
