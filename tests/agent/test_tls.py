"""The listener behind TLS: real handshakes, good files and bad ones, and those who dawdle."""

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.agents import QUICK, Agent, Serve, wait_for
from tests.support.commands import RunProbe
from tests.support.pki import Made, fresh_key, leaf, make, pems, root
from tests.support.timing import Stopwatch

GOOD = ("--only", "timezone", "--env", "TZ=UTC")
CA = root()
# Nothing, the first bytes of a record, and of a ClientHello.
BEGINNINGS = (b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 50)


class Files:
    """Certificate and key where the agent looks for them, laid as Kubernetes mounts a Secret."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._number = folder, 0
        for name in ("tls.crt", "tls.key"):
            (folder / name).symlink_to(f"..data/{name}")
        self.sets = (f"agent.tls_cert={folder}/tls.crt", f"agent.tls_key={folder}/tls.key")

    def lay(self, certificate: str, key: str) -> None:
        """Swap both at once."""
        self._number += 1
        place = self.folder / f"..{self._number}"
        place.mkdir()
        (place / "tls.crt").write_text(certificate)
        (place / "tls.key").write_text(key)
        (self.folder / "..new").symlink_to(place.name)
        (self.folder / "..new").rename(self.folder / "..data")

    def lay_pair(self, made: Made) -> None:
        self.lay(pems([made]), made.key_pem)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    folder = tmp_path / "secret"
    folder.mkdir()
    made = Files(folder)
    made.lay_pair(leaf(CA, "localhost"))
    return made


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cadata=pems([CA]))


@contextlib.contextmanager
def connected(agent: Agent) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection(("127.0.0.1", agent.port), timeout=5) as plain,
        trusting().wrap_socket(plain, server_hostname="localhost") as line,
    ):
        yield line


def ask(agent: Agent, path: str = "/readyz", data: bytes = b"") -> bytes:
    """All that a client gets that believes the certificate, up to a proper end of TLS."""
    with connected(agent) as line:
        line.sendall(data or f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := line.recv(1 << 16):
            answer += piece
        return answer


def shown(agent: Agent) -> str:
    """The serial number of the certificate that the agent shows."""
    with connected(agent) as line:
        told = line.getpeercert()
        assert told
        return str(told["serialNumber"])


def test_probes_are_answered_behind_tls(serve: Serve, files: Files) -> None:
    """The chain is believed, TLS is 1.2 or newer, the end is told; HTTP alone gets nothing."""
    agent = serve(*GOOD, sets=(*QUICK, *files.sets))
    wait_for(lambda: ask(agent).startswith(b"HTTP/1.1 200 OK"))
    assert ask(agent).endswith(b"\r\n\r\nok")
    with connected(agent) as line:
        assert line.version() == "TLSv1.3"
    for old in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        context = trusting()
        context.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="deprecated"):
            context.minimum_version = context.maximum_version = old
        with (
            socket.create_connection(("127.0.0.1", agent.port), timeout=5) as plain,
            pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"),
        ):
            context.wrap_socket(plain, server_hostname="localhost")
    with socket.create_connection(("127.0.0.1", agent.port), timeout=5) as plain:
        plain.sendall(b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert b"HTTP" not in plain.recv(1000)
    assert ask(agent).startswith(b"HTTP/1.1 200 OK")


def test_what_openssl_holds_is_not_forgotten(serve: Serve, files: Files) -> None:
    """Many requests in one record are all answered; so is a request in single bytes, and a large answer."""
    agent = serve(*GOOD, sets=(*QUICK, *files.sets, "agent.expose_details=true"))
    wait_for(lambda: ask(agent).startswith(b"HTTP/1.1 200 OK"))
    one = b"GET /livez HTTP/1.1\r\nHost: a\r\nX-Some: " + b"x" * 200 + b"\r\n\r\n"
    last = one.replace(b"Host: a", b"Host: a\r\nConnection: close")
    assert ask(agent, data=one * 59 + last).count(b"HTTP/1.1 200 OK") == 60
    with connected(agent) as line:
        for byte in last:
            line.send(bytes([byte]))
        assert line.recv(1000).startswith(b"HTTP/1.1 200 OK")
    page = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    answers = ask(agent, data=page * 40 + page.replace(b"Host: a", b"Host: a\r\nConnection: close"))
    assert answers.count(b"</html>") == 41


def test_slow_handshakes_hold_nobody_up(serve: Serve, files: Files) -> None:
    """Three hundred that say nothing, a part, or a byte now and then: a probe takes no second."""
    agent = serve(*GOOD, sets=(*QUICK, *files.sets))
    wait_for(lambda: ask(agent).startswith(b"HTTP/1.1 200 OK"))
    crowd = []
    for number in range(300):
        line = socket.create_connection(("127.0.0.1", agent.port), timeout=10)
        line.send(
            (b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 50)[number % 3]
        )
        crowd.append(line)
        if number % 50 == 0:
            for drip in crowd:
                with contextlib.suppress(OSError):
                    drip.send(b"\x00")
            watch = Stopwatch()
            assert ask(agent, "/livez").startswith(b"HTTP/1.1 200 OK")
            assert watch.quiet() < 1
    for line in crowd:
        line.close()


def test_a_renewed_certificate_is_shown_without_being_asked(serve: Serve, files: Files) -> None:
    """As a mounted Secret changes; a pair that does not fit is refused and told of once."""
    agent = serve(*GOOD, sets=(*QUICK, *files.sets))
    wait_for(lambda: ask(agent).startswith(b"HTTP/1.1 200 OK"))
    first, other = shown(agent), leaf(CA, "localhost", serial=4711)
    files.lay(pems([other]), leaf(CA, "localhost").key_pem.replace("A", "B"))
    wait_for(lambda: shown(agent) and "certificate rejected, keeping the old one" in agent.events())
    time.sleep(2.2)
    assert shown(agent) == first
    assert agent.events().count("certificate rejected, keeping the old one") == 1
    files.lay_pair(other)
    wait_for(lambda: shown(agent) == "1267")
    assert agent.events().count("certificate reloaded") == 1


def told(agent: Agent, words: str) -> bool:
    return any(words in line.get("cause", "") for line in agent.log)


def test_sighup_takes_other_files(serve: Serve, files: Files, tmp_path: Path) -> None:
    """The names are configuration; what cannot be taken is refused with the rest, and TLS stays on."""
    config, new = tmp_path / "probe.toml", leaf(CA, "localhost", serial=4711)
    (tmp_path / "new.pem").write_text(pems([new]) + new.key_pem)

    def write(certificate: str) -> None:
        config.write_text(f'[agent]\ntls_cert = "{certificate}"\ntls_key = "{certificate}"\n')

    write(f"{tmp_path}/new.pem")
    agent = serve(*GOOD, "--config", str(config))
    wait_for(lambda: shown(agent) == "1267")
    for content, words in (
        (
            f'[agent]\ntls_cert = "{tmp_path}/none"\ntls_key = "{tmp_path}/none"\n',
            f"{tmp_path}/none: No such",
        ),
        ("", "agent.tls_cert: TLS cannot be turned on or off while the agent runs"),
    ):
        config.write_text(content)
        agent.process.send_signal(signal.SIGHUP)
        wait_for(partial(told, agent, words))
        assert shown(agent) == "1267"
    newer = leaf(CA, "localhost", serial=4712)
    (tmp_path / "newer.pem").write_text(pems([newer]) + newer.key_pem)
    write(f"{tmp_path}/newer.pem")
    agent.process.send_signal(signal.SIGHUP)
    wait_for(lambda: shown(agent) == "1268")


def encrypted(folder: Path, key: str) -> str:
    (folder / "plain").write_text(key)
    line = ["openssl", "pkey", "-in", str(folder / "plain"), "-aes128", "-passout", "pass:secret"]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("none", "tls.crt: No such file or directory; agent.tls_cert must name a readable file"),
        ("other key", "tls.key: is not the key of the first certificate in"),
        ("no certificate", "tls.crt: holds no PEM certificate; agent.tls_cert must name one"),
        ("no key", "tls.key: holds no PEM key that matches"),
        ("encrypted", "tls.key: is encrypted; agent.tls_key must need no password"),
        ("folder", "tls.key: is not a file of at most 1 MiB; agent.tls_key must name a PEM file"),
        ("pipe", "tls.key: is not a file of at most 1 MiB; agent.tls_key must name a PEM file"),
        ("one alone", "agent.tls_cert: needs agent.tls_key beside it, another PEM file or the same"),
    ],
)
def test_files_that_will_not_do_are_named(
    run_probe: RunProbe, files: Files, problem: str, words: str
) -> None:
    """One line, exit 78, and nothing is asked at a terminal."""
    one, other = leaf(CA, "localhost"), make("other", key=None)
    sets = files.sets
    if problem == "none":
        (files.folder / "..data").unlink()
    elif problem == "other key":
        files.lay(pems([one]), leaf(CA, "localhost", key=fresh_key()).key_pem)
    elif problem == "no certificate":
        files.lay("nothing", one.key_pem)
    elif problem == "no key":
        files.lay(pems([one]), pems([other]))
    elif problem == "encrypted":
        files.lay(pems([one]), encrypted(files.folder, one.key_pem))
    elif problem in ("folder", "pipe"):
        (files.folder / "tls.key").unlink()
        (os.mkfifo if problem == "pipe" else os.mkdir)(files.folder / "tls.key")
    else:
        sets = (files.sets[0], files.sets[0])
    done = run_probe("serve", "127.0.0.1:0", *(f"--set={one}" for one in sets), timeout=20)
    assert (done.code, done.out) == (78, "")
    assert words in done.err
    assert done.err.count("\n") == 1


@pytest.mark.root("another user")
def test_a_key_of_somebody_elses_is_named(files: Files) -> None:
    """Not readable is said with the user, who is not root in a container that is well kept."""
    (files.folder / "..1" / "tls.key").chmod(0o600)
    code = (
        "import os, sys; from probe.agent.tls import CertificatePair\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: CertificatePair(*sys.argv[1:])\nexcept Exception as problem: print(problem)"
    )
    for place in (files.folder, *files.folder.parents):
        if str(place).startswith("/tmp/pytest"):
            place.chmod(0o755)
    line = [sys.executable, "-c", code, f"{files.folder}/tls.crt", f"{files.folder}/tls.key"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=20)
    assert done.stdout == (
        f"{files.folder}/tls.key: not readable by user 65534; agent.tls_key must name a readable file\n"
    )


def test_without_it_openssl_is_not_loaded(serve: Serve) -> None:
    """Who does not use TLS does not pay for it."""
    agent = serve(*GOOD)
    agent.until("/readyz", 200)
    agent.get("/metrics")
    maps = Path(f"/proc/{agent.process.pid}/maps").read_text()
    assert "libssl" not in maps
    assert "libcrypto" not in maps
    assert json.loads(agent.get("/readyz", Accept="application/json").text)["healthy"]
