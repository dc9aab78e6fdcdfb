"""Liveness beside a real Go program: what went wrong after its start ends nothing that works."""

import json
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.entrypoint.helpers import run, start
from tests.golang import builds
from tests.support.commands import RunProbe
from tests.support.leftovers import wait_until
from tests.support.pki import leaf, pems, root
from tests.tls import servers

# Reads its roots once, as every Go program does, and calls its server for ever.
CALLER = """package main

import (
	"crypto/tls"
	"fmt"
	"os"
	"time"
)

func main() {
	for {
		connection, err := tls.Dial("tcp", os.Args[1], nil)
		if err == nil {
			connection.Close()
		}
		fmt.Println("call:", err)
		time.Sleep(50 * time.Millisecond)
	}
}
"""


def answer(address: str, path: str) -> tuple[int, str]:
    """The status of an answer, 0 when nobody answers, and its text."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as got:
            return int(got.status), got.read().decode()
    except urllib.error.HTTPError as got:
        with got:
            return got.code, got.read().decode()
    except OSError:
        return 0, ""


def free_address() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{one.getsockname()[1]}"


@pytest.mark.parametrize("live_checks", [(), ("ca-bundle",)], ids=["default", "asked for"])
@pytest.mark.sweep
def test_a_program_that_works_on_without_its_bundle_is_live(
    tmp_path: Path, run_probe: RunProbe, live_checks: tuple[str, ...]
) -> None:
    """
    The bundle is removed: not ready, because the program would not start again; live, because it works.

    HTTP, `probe status` and `probe check` agree. With the check in live_checks all three say the opposite.
    """
    program = builds.build("1.27.3", {"main.go": CALLER})
    ca, address, bundle = root(), free_address(), tmp_path / "roots.pem"
    bundle.write_text(pems([ca]))
    env: dict[str, Any] = {
        "SSL_CERT_FILE": str(bundle),
        "SSL_CERT_DIR": str(tmp_path / "none"),
        "PROBE_AGENT__SOCKET": str(tmp_path / "run" / "probe.sock"),
        "PROBE_AGENT__INTERVAL_S": "0.3",
        "PROBE_AGENT__RETRY_S": "0.3",
        "PROBE_CHECKS": '["ca-bundle"]',
        "PROBE_LIVE_CHECKS": json.dumps(live_checks),
    }
    code = 1 if live_checks else 0
    with servers.tls(leaf(ca, "localhost")) as server, (tmp_path / "calls").open("wb") as calls:
        env["PROBE_CA_BUNDLE__ENDPOINTS"] = json.dumps([server.endpoint])
        command = (str(program), server.endpoint)
        process = start(*command, options=("--serve", address), env=env, stdout=calls)
        try:
            wait_until(lambda: answer(address, "/readyz")[0] == 200, 30)
            wait_until(lambda: b"call: <nil>" in (tmp_path / "calls").read_bytes(), 30)
            bundle.unlink()
            wait_until(lambda: answer(address, "/readyz")[0] == 503, 30)
            if live_checks:
                wait_until(lambda: answer(address, "/livez")[0] == 503, 30)
            made = (tmp_path / "calls").stat().st_size
            wait_until(lambda: (tmp_path / "calls").stat().st_size > made + 200, 30)
            assert {*(tmp_path / "calls").read_bytes().splitlines()} == {b"call: <nil>"}
            assert answer(address, "/livez")[0] == (503 if live_checks else 200)
            for asked in (("status",), ("check", "--timeout", "4")):
                assert run_probe(*asked, "--role", "live", **env).code == code
                assert run_probe(*asked, "--role", "ready", **env).code == 1
            again = run(*command, options=(), env=env)
            assert (again.returncode, again.stdout) == (1, b"")  # and it would not start again
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)


@pytest.mark.parametrize("fault", ["hangs", "is killed"])
def test_runs_that_come_to_nothing_say_nothing_of_liveness(tmp_path: Path, fault: str) -> None:
    """As of a program that takes all of the CPU: each run is late or lost, even one of live_checks itself."""
    address = free_address()
    env = {
        "PROBE_AGENT__SOCKET": "",
        "PROBE_AGENT__INTERVAL_S": "0.2",
        "PROBE_AGENT__RETRY_S": "0.2",
        "PROBE_AGENT__STALE_AFTER_S": "0.5",
        "PROBE_AGENT__FAILURE_THRESHOLD": "1",
        "PROBE_TIMEOUT_S": "0.3",
        "PROBE_CHECKS": '["timezone"]',
        "PROBE_LIVE_CHECKS": '["timezone"]',
    }
    process = start("sleep", "60", options=("--serve", address), env=env, stdout=subprocess.DEVNULL)
    seen = set()
    try:
        wait_until(lambda: answer(address, "/readyz")[0] == 200, 30)

        def stop_every_run() -> bool:
            for pid in runs_below(process.pid):
                try:
                    os.kill(pid, signal.SIGSTOP if fault == "hangs" else signal.SIGKILL)
                except ProcessLookupError:
                    continue
            seen.add(answer(address, "/livez")[0])
            return answer(address, "/readyz")[0] == 503

        wait_until(stop_every_run, 30)
        for _ in range(20):
            stop_every_run()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert seen == {200}


def runs_below(init: int) -> list[int]:
    """The runs of the agent that the init has started: they lead sessions of their own."""
    found = []
    for child in children(init):
        for pid in children(child):
            try:
                if os.getsid(pid) == pid:
                    found.append(pid)
            except ProcessLookupError:
                continue
    return found


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def test_a_role_without_checks_says_so(run_probe: RunProbe) -> None:
    """Healthy, and in words: live by default, ready where its list is empty or --only leaves nothing."""
    done = run_probe("check", "--role", "live", TZ="No/Where")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("healthy: the role live has no checks: live_checks is empty in ")
    done = run_probe("check", "--role", "ready", PROBE_READY_CHECKS="[]")
    assert (done.code, done.out[:51]) == (0, "healthy: the role ready has no checks: ready_checks")
    done = run_probe("check", "--role=ready", "--only=timezone", PROBE_READY_CHECKS='["go-env"]')
    assert "--only or --skip leave none of ready_checks" in done.out
    told = json.loads(run_probe("check", "--role", "live", "--format", "json").out)
    assert (told["healthy"], told["role"]) == (True, "live")
    assert [one["code"] for check in told["checks"] for one in check["findings"]] == ["ROLE_WITHOUT_CHECKS"]


def test_readiness_can_be_narrowed(run_probe: RunProbe) -> None:
    """To the checks that are named; what belongs to none that runs is refused."""
    env: dict[str, Any] = {
        "TZ": "No/Where",
        "PROBE_CHECKS": '["timezone", "go-env"]',
        "PROBE_READY_CHECKS": '["go-env"]',
    }
    assert run_probe("check", "--role", "startup", **env).code == 1
    done = run_probe("check", "--role", "ready", "--format", "json", **env)
    assert [check["name"] for check in json.loads(done.out)["checks"] if check["status"] != "skip"] == [
        "go-env"
    ]
    done = run_probe("check", "--set", 'live_checks=["clock"]')
    assert (done.code, done.err) == (
        78,
        "probe: --set: live_checks: clock does not run; name it in checks too\n",
    )
