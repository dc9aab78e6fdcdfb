"""Where an agent must not take one thing for another: links, other processes, checks that did not run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.agents import QUICK, Serve


def test_a_link_in_place_of_the_termination_log_is_not_followed(serve: Serve, tmp_path: Path) -> None:
    """Whoever may write to its directory cannot choose what the agent overwrites; nor by a hard link."""
    for number, make in enumerate((Path.symlink_to, Path.hardlink_to)):
        victim, log = tmp_path / f"victim{number}", tmp_path / f"termination{number}"
        victim.write_text("mine")
        make(log, victim)
        sets = (*QUICK, "timezone.expected=Asia/Shanghai", f"agent.termination_log={log}")
        agent = serve("--only", "timezone", "--env", "TZ=UTC", sets=sets)
        agent.until("/startupz", 503)
        assert agent.stop() == 0
        assert victim.read_text() == "mine"


def test_a_skipped_check_is_not_said_to_be_well(serve: Serve) -> None:
    agent = serve("--skip=go-version", "--skip=go-env", "--skip=ca-bundle", "--env", "TZ=UTC")
    agent.until("/readyz", 200)
    text = agent.get("/readyz?verbose").text
    assert "[+]ca-bundle skipped: not checked\n" in text
    assert "ca-bundle ok" not in text
    assert "[+]timezone ok\n" in text
    assert agent.get("/readyz/ca-bundle").status == 503
    assert agent.get("/readyz/timezone").status == 200


HELD = """
import subprocess, sys, time
from probe.targets import process
from probe import target_codes
from probe.targets.errors import TargetUnavailable
first = subprocess.Popen(["sleep", "60"])
started = process.start_time(first.pid)
print(process.of_process(first.pid, started=started).name)
first.kill()
first.wait()
time.sleep(0.05)  # start times count in hundredths of a second
with open("/proc/sys/kernel/ns_last_pid", "w") as stream:
    stream.write(str(first.pid - 1))
second = subprocess.Popen(["sleep", "60"])
print(second.pid == first.pid)
try:
    process.of_process(second.pid, started=started)
except TargetUnavailable as problem:
    print(target_codes.finding(problem).code.name)
second.kill()
"""


@pytest.mark.root
def test_a_process_with_the_number_of_another_is_not_judged() -> None:
    """`serve --pid N` means the process that had that number when the agent began."""
    line = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", sys.executable, "-c", HELD]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[1:] == ["True", "TARGET_GONE"]


@pytest.mark.root
def test_metrics_are_given_without_proc(tmp_path: Path) -> None:
    """What only /proc knows is left out."""
    script = f"""
mount -t tmpfs none /proc
{sys.executable} -m probe serve 127.0.0.1:0 --only timezone --set agent.socket= 2> {tmp_path}/log & pid=$!
for i in $(seq 200); do
  port=$(sed -n 's/.*127.0.0.1:\\([1-9][0-9]*\\).*/\\1/p' {tmp_path}/log | head -1)
  [ -n "$port" ] && break; sleep 0.1
done
{sys.executable} -c "import urllib.request as u; print(u.urlopen('http://127.0.0.1:$port/metrics').read().decode())"
kill $pid; wait $pid
"""
    line = ["unshare", "--mount", "sh", "-c", script]
    done = subprocess.run(line, capture_output=True, text=True, timeout=90, check=False)
    assert "process_cpu_seconds_total" in done.stdout, done.stderr
    assert "process_resident_memory_bytes" not in done.stdout
