"""What is answered over HTTP: by a real agent, to a real client."""

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from probe import codes
from tests.support.agents import QUICK, Agent, Serve, wait_for
from tests.support.commands import MakeTarget
from tests.support.https import BUNDLE, CA, https
from tests.support.pki import pems
from tests.support.timing import Stopwatch

GOOD = ("--only", "timezone", "--env", "TZ=UTC")
BAD = ("--only", "timezone", "--env", "TZ=No/Where")
TWO = ("--only", "timezone", "--only", "ca-bundle", "--env", "TZ=UTC")
DETAILS = (*QUICK, "agent.expose_details=true")
ON_LIVE = (*QUICK, 'live_checks=["timezone"]')


def ran(agent: Agent, path: str = "/readyz?verbose") -> Agent:
    """The agent, once its first run has ended."""
    wait_for(lambda: "timezone" in agent.get(path).text)
    return agent


@pytest.mark.parametrize("name", ["livez", "readyz", "startupz", "healthz", "live", "ready", "startup"])
def test_health_is_told_in_the_words_of_kube_apiserver(serve: Serve, name: str) -> None:
    """`ok` and no line end; with ?verbose a line a check and the last one with the path's name."""
    agent = ran(serve(*GOOD, sets=ON_LIVE), f"/{name}?verbose")
    reply = agent.until(f"/{name}", 200)
    assert reply.text == "ok"
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert agent.get(f"/{name}?verbose").text == f"[+]agent ok\n[+]timezone ok\n{name} check passed\n"
    assert agent.get(f"/{name}?verbose=false").text.startswith("[+]agent ok\n")
    assert agent.get(f"/{name}/timezone")[:2] == (200, "ok")


@pytest.mark.parametrize("name", ["livez", "readyz", "startupz", "healthz", "live", "ready", "startup"])
def test_a_failure_is_told_without_its_reason(serve: Serve, name: str) -> None:
    """503, always verbose; the reason stays in the log."""
    agent = ran(serve(*BAD, sets=ON_LIVE), f"/{name}?verbose")
    reply = agent.get(f"/{name}")
    assert reply.status == 503
    assert reply.text == f"[+]agent ok\n[-]timezone failed: reason withheld\n{name} check failed\n"
    assert agent.get(f"/{name}/timezone")[:2] == (503, "internal server error: reason withheld\n")
    assert agent.log[-1]["code"] == codes.TIMEZONE_NAME_UNKNOWN.name


def test_details_are_shown_to_those_who_want_them_shown(serve: Serve) -> None:
    """With expose_details the line holds code and cause."""
    agent = ran(serve(*BAD, sets=DETAILS))
    line = agent.get("/readyz").text.splitlines()[1]
    assert line.startswith(f"[-]timezone failed: {codes.TIMEZONE_NAME_UNKNOWN.name}: ")
    assert codes.TIMEZONE_NAME_UNKNOWN.name in agent.get("/readyz/timezone").text


def test_checks_can_be_left_out(serve: Serve, root: Path) -> None:
    """?exclude= repeats; what names no check is said, sorted, as Go quotes it; the agent itself cannot be."""
    agent = ran(serve(*TWO, "--root", str(root)))
    assert agent.get("/readyz").status == 503
    reply = agent.get("/readyz?exclude=ca-bundle&verbose")
    assert reply[:2] == (
        200,
        "[+]agent ok\n[+]ca-bundle excluded: ok\n[+]timezone ok\nreadyz check passed\n",
    )
    reply = agent.get("/readyz?exclude=ca-bundle&exclude=zzz&exclude=a%22b&exclude=agent&verbose")
    assert reply.text.splitlines()[3:] == [
        'warn: some health checks cannot be excluded: no matches for "a\\"b","agent","zzz"',
        "readyz check passed",
    ]


def test_json_is_given_to_those_who_accept_it(serve: Serve) -> None:
    """Both forms; without expose_details the verdict of each check and nothing else."""
    bare, full = ran(serve(*BAD)), ran(serve(*BAD, sets=DETAILS))
    for kind in ("application/json", "application/health+json"):
        reply = bare.get("/readyz", Accept=f"text/html;q=0.1, {kind}")
        assert (reply.status, reply.headers["content-type"]) == (503, kind)
        assert codes.DETAILS_WITHHELD.name in reply.text
        for secret in ("No/Where", codes.TIMEZONE_NAME_UNKNOWN.name):
            assert secret not in reply.text
            assert secret in full.get("/readyz", Accept=kind).text
    told = json.loads(full.get("/readyz", Accept="application/json").text)
    assert (told["role"], told["healthy"]) == ("ready", False)
    assert [check["name"] for check in told["checks"]] == ["agent", "timezone"]
    assert told["checks"][0]["findings"][0]["code"] == codes.AGENT_OK.name
    assert full.get("/readyz", Accept="application/json;q=0").headers["content-type"].startswith("text/plain")


def test_an_answer_says_how_old_it_is(serve: Serve) -> None:
    """Age and max-age for a good one; a bad one must not be kept."""
    agent = serve(*GOOD, sets=("agent.interval_s=60",))
    agent.until("/readyz", 200)
    time.sleep(1.1)
    headers = agent.get("/readyz").headers
    assert (headers["cache-control"], headers["age"]) == ("max-age=60", "1")
    assert ran(serve(*BAD)).get("/readyz").headers["cache-control"] == "no-store"


def test_before_the_first_run_only_live_is_healthy(serve: Serve, tmp_path: Path) -> None:
    """503 for startup and ready, 200 for live: there is no reason yet to end anything."""
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text("#!/bin/sh\nexec sleep 60\n")
    go.chmod(0o755)
    agent = serve("--only", "go-env", "--timeout", "20", PATH=f"{go.parent}:/usr/bin:/bin")
    for path, status in (("/startupz", 503), ("/readyz", 503), ("/livez", 200)):
        assert agent.get(path).status == status
    assert agent.get("/readyz").text == "[-]agent failed: reason withheld\nreadyz check failed\n"
    assert agent.status("ready") == f"unhealthy: {codes.AGENT_NOT_RUN_YET.name}"
    told = agent.get("/metrics").text
    assert 'probe_role_healthy{role="live"} 1\n' in told
    assert 'probe_role_healthy{role="ready"} 0\n' in told


def test_what_is_not_there_is_said(serve: Serve) -> None:
    """404, 405 with the methods that there are, and HEAD without a body."""
    agent = ran(serve(*GOOD))
    for path in ("/nothing", "/readyz/nothing", "/metrics/more", "/readyz/timezone/more"):
        assert agent.get(path).status == 404
    refused = agent.get("/readyz", "POST")
    assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD")
    head = agent.get("/readyz", "HEAD")
    assert (head.status, head.text, head.headers["content-length"]) == (200, "", "2")


def test_metrics_are_what_readers_of_both_formats_take(serve: Serve, tmp_path: Path) -> None:
    """200 although the checks fail; the reference parsers read them, and promtool has no complaint."""
    agent = ran(serve(*BAD))
    reply = agent.get("/metrics")
    assert (reply.status, reply.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    families = {family.name: family for family in prometheus(reply.text)}
    success = families["probe_check_success"].samples[0]
    assert (success.labels, success.value) == ({"check": "timezone"}, 0)
    assert families["probe_runs"].type == "counter"
    assert 5e6 < families["process_resident_memory_bytes"].samples[0].value < 5e7
    assert abs(families["process_start_time_seconds"].samples[0].value - time.time()) < 60
    more = agent.get("/metrics", Accept="application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert more.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    parse: Any = openmetrics.text_string_to_metric_families
    assert {family.name for family in parse(more.text)} >= {
        "probe_build",
        "probe_runs",
        "probe_timezone",
    }


def test_what_the_clock_tells_is_measured(serve: Serve, make_target: MakeTarget) -> None:
    """The skew stays after startup, the only role in which servers are asked."""
    root = make_target({BUNDLE: pems([CA])}).name
    with https() as server:
        sets = ["--set", f"clock.endpoints={server.endpoint}", "--set", "clock.unsynchronised=warn"]
        agent = serve("--only", "clock", "--root", root, *sets)
        agent.until("/readyz", 200)
        wait_for(lambda: 'probe_runs_total{run="ready"' in agent.get("/metrics").text)
        families = {family.name: family for family in prometheus(agent.get("/metrics").text)}
    (skew,) = families["probe_clock_skew_seconds"].samples
    assert (skew.labels, abs(skew.value) < 5) == ({"endpoint": server.endpoint}, True)
    assert families["probe_clock_estimated_error_seconds"].samples[0].value >= 0


def test_promtool_finds_nothing_to_improve(serve: Serve) -> None:
    """Prometheus' own linter accepts names, help and types, where it is installed."""
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("needs promtool")
    told = ran(serve(*TWO)).get("/metrics").text
    checked = subprocess.run([promtool, "check", "metrics"], input=told, capture_output=True, text=True)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_a_token_guards_details_and_metrics_and_no_probe(serve: Serve, tmp_path: Path) -> None:
    """The kubelet sends none, so the probe paths stay open."""
    token = tmp_path / "token"
    token.write_text("let-me-see-it\n")
    agent = ran(serve(*BAD, sets=(*DETAILS, f"agent.token_file={token}")))
    assert agent.get("/metrics").status == 401
    assert agent.get("/metrics", Authorization="Bearer wrong").status == 401
    assert agent.get("/metrics", Authorization="Bearer let-me-see-it").status == 200
    assert agent.get("/readyz").text.splitlines()[1] == "[-]timezone failed: reason withheld"
    assert "No/Where" in agent.get("/readyz", Authorization="bearer let-me-see-it").text


def test_a_token_that_is_replaced_counts_without_being_asked(serve: Serve, tmp_path: Path) -> None:
    """As a mounted Secret changes; what is no token is refused and told of once."""
    (tmp_path / "token").write_text("let-me-see-it")
    agent = ran(serve(*GOOD, sets=(*QUICK, f"agent.token_file={tmp_path}/token")))

    def metrics(token: str) -> int:
        return agent.get("/metrics", Authorization=f"Bearer {token}").status

    def replace(text: str) -> None:
        (tmp_path / "new").write_text(text)
        (tmp_path / "new").rename(tmp_path / "token")

    assert metrics("let-me-see-it") == 200
    replace("short")
    refused = "token rejected, keeping the old one"
    wait_for(lambda: metrics("let-me-see-it") == 200 and refused in agent.events())
    assert agent.log[-1]["cause"] == f"{tmp_path}/token: must hold 8 to 4096 bytes to be agent.token_file"
    time.sleep(2.2)
    assert metrics("short") == 401
    assert agent.events().count(refused) == 1
    replace("another-one-now")
    wait_for(lambda: metrics("another-one-now") == 200)
    assert metrics("let-me-see-it") == 401
    assert agent.events().count("token reloaded") == 1


def raw(agent: Agent, data: bytes) -> bytes:
    """All that the agent answers to *data* until it closes."""
    with socket.create_connection(("127.0.0.1", agent.port), timeout=10) as line:
        line.sendall(data)
        answer = b""
        try:
            while piece := line.recv(1 << 16):
                answer += piece
        except ConnectionResetError:
            pass
        return answer


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /nothing HTTP/9.9\r\n\r\n", b"404"),
        (b"GET /livez HTTP/1.1\r\nA: " + b"x" * (10 << 20) + b"\r\n\r\n", b"431"),
        (b"POST /livez HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"GET /livez HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"GET /li\r\nvez HTTP/1.1\r\n\r\n", b"400"),
    ],
    ids=["nonsense", "version", "10 MB of headers", "large body", "negative length", "torn line"],
)
def test_what_is_no_request_harms_nobody(serve: Serve, data: bytes, status: bytes) -> None:
    """It gets its answer (or a closed line), and the next one is served."""
    agent = ran(serve(*GOOD))
    try:
        answer = raw(agent, data.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: close\r\n", 1))
    except (ConnectionResetError, BrokenPipeError):
        answer = b""
    assert not answer or answer.split()[1] == status
    assert agent.get("/livez").status == 200


def test_requests_in_a_row_are_answered_in_order(serve: Serve) -> None:
    """Pipelining: each answer follows the one before on the same connection."""
    agent = ran(serve(*GOOD))
    one = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = raw(agent, one * 49 + one.replace(b"Host: a", b"Host: a\r\nConnection: close"))
    assert answer.count(b"HTTP/1.1 200 OK") == 50


def test_who_has_closed_one_direction_is_still_answered(serve: Serve) -> None:
    """A client that sends its request and FIN (printf | nc -N) reads all the answers, then the end."""
    agent = ran(serve(*GOOD))
    one = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
    for number in (1, 50, 500):  # the last is more than is read at once
        with socket.create_connection(("127.0.0.1", agent.port), timeout=10) as line:
            line.sendall(one * number)
            line.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := line.recv(1 << 16):
                answer += piece
        assert answer.count(b"HTTP/1.1 200 OK") == number
        assert answer.endswith(b"\r\n\r\nok")


def test_half_a_request_and_the_end_leave_nothing(serve: Serve) -> None:
    """Who closes in the middle is let go at once, and leaves no descriptor behind."""
    agent = ran(serve(*GOOD))
    descriptors = Path(f"/proc/{agent.process.pid}/fd")
    wait_for(lambda: agent.get("/readyz").status == 200)
    before = len(list(descriptors.iterdir()))
    for end in (b"GET /li", b"GET /livez HTTP/1.1\r\nA: b", b""):
        with socket.create_connection(("127.0.0.1", agent.port), timeout=10) as line:
            line.sendall(end)
            line.shutdown(socket.SHUT_WR)
            assert line.recv(100) == b""
    wait_for(lambda: len(list(descriptors.iterdir())) <= before)


def test_a_crowd_that_says_nothing_keeps_nobody_out(serve: Serve) -> None:
    """With a thousand idle or dripping connections a new one is still served within a second."""
    agent = ran(serve(*GOOD))
    crowd = []
    for number in range(1000):
        line = socket.create_connection(("127.0.0.1", agent.port), timeout=10)
        if number % 2:
            line.send(b"GET /livez HTTP/1.1\r\nX-Drip: ")
        crowd.append(line)
        if number % 100 == 0:
            watch = Stopwatch()
            assert agent.get("/livez", Connection="close").status == 200
            assert watch.quiet() < 1
    for line in crowd:
        line.close()


def test_a_thousand_questions_cause_no_run(serve: Serve) -> None:
    """Only the schedule does."""
    agent = ran(serve(*GOOD, sets=("agent.interval_s=60",)))
    agent.until("/readyz", 200)
    runs = [line for line in agent.get("/metrics").text.splitlines() if line.startswith("probe_runs_total")]
    for _ in range(1000):
        assert agent.get("/readyz").status == 200
    again = agent.get("/metrics").text.splitlines()
    assert [line for line in again if line.startswith("probe_runs_total")] == runs
