"""What clients do that mean harm or know no better, while a kubelet goes on probing."""

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.agent.conftest import QUICK, Agent, Serve, wait_for

GOOD = ("--only", "timezone", "--env", "TZ=UTC")

# As the kubelet probes (pkg/probe/http): a connection for each, "Connection: close", all within a second.
KUBELET = """
import json, select, socket, sys, time
port, told = int(sys.argv[1]), {"probes": 0, "failed": [], "slowest_s": 0.0}
head = f"Host: 127.0.0.1:{port}\\r\\nUser-Agent: kube-probe/1.34\\r\\nAccept: */*\\r\\n"
head += "Connection: close\\r\\n\\r\\n"
print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0.02)[0]:
    path = ("/livez", "/readyz", "/startupz")[told["probes"] % 3]
    begin, answer = time.monotonic(), b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(f"GET {path} HTTP/1.1\\r\\n{head}".encode())
            while piece := line.recv(10240):
                answer += piece
    except OSError as problem:
        answer = repr(problem).encode()
    took = time.monotonic() - begin
    told["probes"] += 1
    told["slowest_s"] = max(told["slowest_s"], took)
    if took > 1 or not answer.startswith(b"HTTP/1.1 200 OK") or not answer.endswith(b"\\r\\n\\r\\nok"):
        told["failed"].append([path, took, answer[:80].decode("latin-1")])
print(json.dumps(told))
"""


@contextlib.contextmanager
def probed(agent: Agent) -> Iterator[dict[str, Any]]:
    """A kubelet at work meanwhile; what it saw is there afterwards."""
    told: dict[str, Any] = {}
    line = [sys.executable, "-I", "-c", KUBELET, str(agent.port)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield told
        told |= json.loads(process.communicate("end\n", timeout=20)[0])


def line_to(agent: Agent) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", agent.port), timeout=10)
    line.setblocking(False)
    return line


def send(line: socket.socket, data: bytes) -> None:
    """As much as goes; the agent may have closed."""
    with contextlib.suppress(OSError):
        line.send(data)


def idle(crowd: list[socket.socket], turn: int) -> None:
    """They say nothing."""


def drips(crowd: list[socket.socket], turn: int) -> None:
    """A header that never ends, a byte at a time (slowloris)."""
    for line in crowd:
        send(line, b"x" if turn else b"GET /readyz HTTP/1.1\r\nX-Drip: ")


def drips_bodies(crowd: list[socket.socket], turn: int) -> None:
    """A body that never ends."""
    for line in crowd:
        send(line, b"x" if turn else b"POST /readyz HTTP/1.1\r\nContent-Length: 60000\r\n\r\n")


def never_reads(crowd: list[socket.socket], turn: int) -> None:
    """They ask for all that there is, again and again, and take none of it."""
    for line in crowd:
        send(line, b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 20)


def malformed(crowd: list[socket.socket], turn: int) -> None:
    """No HTTP, wrong HTTP, HTTP of another time."""
    rubbish = (
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"GET " + b"/a" * 9000 + b" HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\0" * 1000 + b"\r\n\r\n",
    )
    for number, line in enumerate(crowd):
        send(line, rubbish[(number + turn) % len(rubbish)])


def huge_headers(crowd: list[socket.socket], turn: int) -> None:
    """10 MB of headers each."""
    for line in crowd[:20]:
        send(line, b"GET /livez HTTP/1.1\r\n" if not turn else b"")
        for number in range(160):
            send(line, b"X-%d: " % number + b"y" * (64 << 10) + b"\r\n")


def pipelines(crowd: list[socket.socket], turn: int) -> None:
    """A hundred requests at once, the answers read."""
    for line in crowd[:50]:
        send(line, b"GET /readyz?verbose HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
        with contextlib.suppress(OSError):
            line.recv(1 << 20)


def half_closes(crowd: list[socket.socket], turn: int) -> None:
    """Requests, half requests and nothing, then FIN."""
    for number, line in enumerate(crowd):
        send(line, (b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /li", b"")[number % 3])
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_WR)


Doing = Callable[[list[socket.socket], int], None]
KINDS: tuple[Doing, ...] = (
    idle,
    drips,
    drips_bodies,
    never_reads,
    malformed,
    huge_headers,
    pipelines,
    half_closes,
)


@pytest.mark.parametrize("doing", KINDS, ids=lambda doing: doing.__name__)
def test_a_thousand_of_them_keep_no_kubelet_out(serve: Serve, doing: Doing) -> None:
    """Each probe of the kubelet gets its 200 within its second; nothing of the crowd is left afterwards."""
    agent = serve(*GOOD, sets=(*QUICK, "agent.interval_s=1"))
    agent.until("/readyz", 200)
    agent.until("/startupz", 200)
    with probed(agent) as told:
        crowd = [line_to(agent) for _ in range(1000)]
        for turn in range(4):
            doing(crowd, turn)
            time.sleep(0.3)
        for line in crowd:
            line.close()
    assert told["failed"] == []
    assert told["probes"] >= 10
    wait_for(lambda: agent.get("/metrics").status == 200)
    value = agent.get("/metrics").text.partition("\nprocess_resident_memory_bytes ")[2].partition("\n")[0]
    assert float(value) < 40e6
