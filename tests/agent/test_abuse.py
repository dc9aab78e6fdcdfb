"""What clients do that mean harm or know no better, while a kubelet goes on probing."""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent.attacks import KINDS, Attack, idle, line_to, mixed, never_reads, pipelines, send
from tests.support.agents import QUICK, Agent, Serve, wait_for
from tests.support.pki import leaf, pems, root

PEAK_MB = 24  # as docs/agent.md says, with TLS too
GOOD = ("--only", "timezone", "--env", "TZ=UTC")

# As the kubelet probes (pkg/probe/http): a connection for each, "Connection: close", all within a second; of
# which the time does not count in which agent or kubelet were ready to run and the kernel ran something else.
KUBELET = """
import json, select, socket, sys, time
port, agent, told = int(sys.argv[1]), sys.argv[2], {"probes": 0, "failed": [], "slowest_s": 0.0}
def delayed_s():
    waited = 0
    for pid in (agent, "self"):
        try:
            with open(f"/proc/{pid}/schedstat") as file:
                waited += int(file.read().split()[1])
        except FileNotFoundError:  # a kernel that does not count
            pass
    return waited / 1e9
head = f"Host: 127.0.0.1:{port}\\r\\nUser-Agent: kube-probe/1.34\\r\\nAccept: */*\\r\\n"
head += "Connection: close\\r\\n\\r\\n"
print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0.02)[0]:
    path = ("/livez", "/readyz", "/startupz")[told["probes"] % 3]
    begin, answer = time.monotonic() - delayed_s(), b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(f"GET {path} HTTP/1.1\\r\\n{head}".encode())
            while piece := line.recv(10240):
                answer += piece
    except OSError as problem:
        answer = repr(problem).encode()
    took = time.monotonic() - delayed_s() - begin
    told["probes"] += 1
    told["slowest_s"] = max(told["slowest_s"], took)
    if took > 1 or not answer.startswith(b"HTTP/1.1 200 OK") or not answer.endswith(b"\\r\\n\\r\\nok"):
        told["failed"].append([path, took, answer[:80].decode("latin-1")])
print(json.dumps(told))
"""


def first_in_line(pid: int) -> None:
    """Where we may, give the process its turn before others: how busy the machine is decides nothing then."""
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, pid, -15)


def reset_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def memory_mb(pid: int, key: str) -> float:
    """A line of /proc/PID/status: VmRSS, or VmHWM, the most that it was."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{key}:"))


@contextlib.contextmanager
def probed(agent: Agent) -> Iterator[dict[str, Any]]:
    """A kubelet at work meanwhile; what it saw is there afterwards."""
    told: dict[str, Any] = {}
    line = [sys.executable, "-I", "-c", KUBELET, str(agent.port), str(agent.process.pid)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        first_in_line(process.pid)
        yield told
        told |= json.loads(process.communicate("end\n", timeout=20)[0])


@pytest.mark.parametrize("attack", KINDS, ids=lambda attack: attack.__name__)
def test_a_thousand_of_them_keep_no_kubelet_out(serve: Serve, attack: Attack) -> None:
    """Each probe of the kubelet gets its 200 within its second; the agent stays small, and gives back."""
    agent = serve(*GOOD, sets=(*QUICK, "agent.interval_s=1"))
    agent.until("/readyz", 200)
    agent.until("/startupz", 200)
    agent.get("/")  # what the page needs is loaded for good
    first_in_line(agent.process.pid)
    reset_peak(agent.process.pid)
    with probed(agent) as told:
        crowd = [line_to(agent.port) for _ in range(1000)]
        for turn in range(4):
            attack(crowd, turn)
            time.sleep(0.3)
        for line in crowd:
            line.close()
    assert told["failed"] == []
    assert told["probes"] >= 10
    assert memory_mb(agent.process.pid, "VmHWM") <= PEAK_MB
    wait_for(lambda: agent.get("/metrics").status == 200)
    wait_for(lambda: memory_mb(agent.process.pid, "VmRSS") <= PEAK_MB - 2)


@pytest.mark.parametrize("attack", [idle, never_reads, pipelines, mixed], ids=lambda attack: attack.__name__)
def test_after_a_handshake_it_is_the_same(serve: Serve, attack: Attack, tmp_path: Path) -> None:
    """A crowd that has shaken hands finds the same limits; OpenSSL costs some memory for each."""
    made, authority = tmp_path / "tls.crt", root()
    made.write_text(pems([one := leaf(authority, "localhost")]))
    (key := tmp_path / "tls.key").write_text(one.key_pem)
    agent = serve(*GOOD, sets=(*QUICK, f"agent.tls_cert={made}", f"agent.tls_key={key}"))
    trusting = ssl.create_default_context(cadata=pems([authority]))

    def ask(path: str) -> bytes:
        with secured(agent.port, trusting) as line:
            line.sendall(f"GET {path} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
            return line.recv(1 << 16)

    wait_for(lambda: ask("/readyz").startswith(b"HTTP/1.1 200"))
    ask("/")
    first_in_line(agent.process.pid)
    reset_peak(agent.process.pid)
    crowd: list[socket.socket] = [secured(agent.port, trusting) for _ in range(300)]
    for line in crowd:
        line.setblocking(False)
    for turn in range(4):
        attack(crowd, turn)
        begin = time.monotonic()
        assert ask("/livez").startswith(b"HTTP/1.1 200")
        assert time.monotonic() - begin < 1
    for line in crowd:
        line.close()
    assert memory_mb(agent.process.pid, "VmHWM") <= PEAK_MB


def secured(port: int, trusting: ssl.SSLContext) -> ssl.SSLSocket:
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    return trusting.wrap_socket(line, server_hostname="localhost")


@pytest.mark.parametrize(
    ("data", "answers"),
    [
        (b"GET /livez HTTP/1.1\r\nExpect: 100-continue\r\n\r\n", 1),
        (b"GET /livez HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", 1),
        (b"GET /livez HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n", 1),
        (b"GET /livez HTTP/1.1\r\nContent-Length: 18\r\n\r\nGET / HTTP/1.1\r\n\r\n", 1),
        (b"\r\n\r\nGET /livez HTTP/1.1\r\n\r\n\r\nGET /livez HTTP/1.1\r\n\r\n", 2),
    ],
    ids=["expect", "expect with a body", "chunked", "a request as a body", "empty lines"],
)
def test_a_body_is_answered_and_never_taken_for_a_request(serve: Serve, data: bytes, answers: int) -> None:
    """A body ends the connection; RFC 9110 lets a server answer before its end."""
    agent = serve(*GOOD)
    agent.until("/readyz", 200)
    with socket.create_connection(("127.0.0.1", agent.port), timeout=10) as line:
        line.sendall(data)
        received = b""
        while received.count(b"\r\n\r\nok") < answers and (piece := line.recv(1 << 16)):
            received += piece
        assert received.count(b"HTTP/1.1 200 OK") == answers
        assert b"404" not in received
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100) == b""


def _send_for_ever(line: socket.socket) -> None:
    while True:
        line.send(b"x")
        time.sleep(0.01)


@pytest.mark.sweep
def test_who_does_not_get_on_is_let_go(serve: Serve) -> None:
    """A request that is not whole after ten seconds, or an answer that is not taken, ends the connection."""
    agent = serve(*GOOD)
    agent.until("/readyz", 200)
    kept, dripping, deaf = (line_to(agent.port) for _ in range(3))
    send(kept, b"GET /livez HTTP/1.1\r\n\r\n")
    begin = time.monotonic()
    while time.monotonic() - begin < 13:
        send(dripping, b"x")
        for _ in range(200):
            send(deaf, b"GET /metrics HTTP/1.1\r\n\r\n")
        time.sleep(0.5)
    for line in (dripping, deaf):
        line.settimeout(5)
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            _send_for_ever(line)
    assert kept.recv(1 << 16).startswith(b"HTTP/1.1 200 OK")
    kept.settimeout(5)
    kept.send(b"GET /livez HTTP/1.1\r\n\r\n")
    assert kept.recv(1 << 16).startswith(b"HTTP/1.1 200 OK")
    for line in (kept, dripping, deaf):
        line.close()
