"""
A name server on port 53 of a network namespace of its own, and commands that it answers for.

python -m tests.tls.name_server KIND PORT COMMAND…   (below unshare --net --mount, as root)
"""

import fcntl
import json
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from tests.support.commands import clean_environment
from tests.support.pki import leaf, pems, root
from tests.tls import servers

CA_FILE = "/tmp/name-server-ca.pem"
NAME = "app.probe.test"
CODES = {"formerr": 1, "servfail": 2, "notimp": 4, "refused": 5, "cut": 0x200}  # RCODE, or TC
KINDS = ("sound", "silent", *CODES)
DELAY_S = 0.6  # of each answer of the kind "slow"


def answer(kind: str, query: bytes) -> bytes | None:
    """What a server of *kind* says to a query for one name; those but the sound one choke on EDNS0."""
    edns0 = int.from_bytes(query[10:12], "big") > 0
    end = query.index(b"\0", 12) + 5
    question, of_type = query[12:end], int.from_bytes(query[end - 4 : end - 2], "big")
    if edns0 and kind == "silent":
        return None
    if edns0 and kind not in ("sound", "slow"):
        return query[:2] + struct.pack(">HHHHH", 0x8180 | CODES[kind], 1, 0, 0, 0) + question
    found = b""
    if of_type == 1:
        found = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton("127.0.0.1")
    return query[:2] + struct.pack(">HHHHH", 0x8180, 1, int(bool(found)), 0, 0) + question + found


def serve(kind: str) -> None:
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 53))

    def loop() -> None:
        while True:
            query, peer = line.recvfrom(4096)
            if told := answer(kind, query):
                threading.Timer(DELAY_S if kind == "slow" else 0, line.sendto, (told, peer)).start()

    threading.Thread(target=loop, daemon=True).start()


def raise_loopback() -> None:
    """`ip link set lo up`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        fcntl.ioctl(line, 0x8914, struct.pack("16sH14s", b"lo", 0x1 | 0x40, b""))  # SIOCSIFFLAGS, IFF_UP


def over(path: str, text: str) -> None:
    """Have *text* at *path*, in this mount namespace."""
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write(text)
    Path(file.name).chmod(0o644)
    subprocess.run(["mount", "--bind", file.name, path], check=True)
    Path(file.name).unlink()


def alone(module: str, *words: str) -> Any:
    """What `python -m MODULE WORDS` prints as JSON, with network, mounts and host name of its own."""
    apart = ("unshare", "--net", "--mount", "--uts", "--propagation", "private")
    done = subprocess.run(
        [*apart, sys.executable, "-m", module, *words],
        env=clean_environment(),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def main() -> int:
    kind, authority_file, *command = sys.argv[1:]
    raise_loopback()
    over("/etc/resolv.conf", "nameserver 127.0.0.1\n")
    serve(kind)
    authority = root("Name server CA")
    Path(authority_file).write_text(pems([authority]))
    with servers.tls(leaf(authority, NAME)) as server:
        line = [word.replace("PORT", str(server.port)) for word in command]
        return subprocess.run(line, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
