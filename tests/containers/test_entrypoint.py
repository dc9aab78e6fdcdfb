"""`probe run` as the ENTRYPOINT of real containers: stop, kill, restart, --init beside it, an empty image."""

import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.containers import with_entrypoint
from tests.containers.engine import Container, Engine, docker
from tests.golang.builds import build
from tests.support.init import FORWARDED
from tests.support.leftovers import wait_until
from tests.support.timing import Stopwatch

ENTRYPOINT = ("probe", "run", "--only", "timezone")
SERVE = ("--serve", "127.0.0.1:9810")
UNHEALTHY = ("--set", "timezone.expected=No/Where")
FOR_EACH_STYLE = pytest.mark.parametrize("style", [(), SERVE], ids=["exec", "serve"])
# Nothing but the interpreter, its libraries and the program: no shell, no /tmp, no /etc/passwd, no libffi.
EMPTY = """FROM {base} AS full
RUN ldd /usr/bin/python3.11 | grep -o '/[^ ]*' | xargs cp --parents -Lt /mnt /usr/bin/python3.11 \\
 && cp --parents -rt /mnt /usr/lib/python3.11 /usr/local/lib/python3.11 \\
 && rm /mnt/usr/lib/python3.11/lib-dynload/_ctypes.*
FROM scratch
COPY --from=full /mnt /
COPY app /app
ENV TZ=UTC
ENTRYPOINT ["/usr/bin/python3.11", "-I", "-m", "probe", "run", "--only", "timezone"]
"""
APP = """package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	fmt.Println("ready", os.Getpid())
	fmt.Println("told", <-told)
	os.Exit(5)
}
"""


@pytest.fixture(scope="session")
def with_probe(engine_of_this_run: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Debian with its own Python, `probe` as pip would install it, and a workload that records signals."""
    if os.geteuid():
        pytest.skip("needs root: debootstrap")
    if not shutil.which("debootstrap"):
        pytest.skip("needs debootstrap")
    return with_entrypoint.image(engine_of_this_run, tmp_path_factory.mktemp("entrypoint"))


@pytest.fixture(scope="session")
def empty(engine_of_this_run: Engine, with_probe: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same in an image that holds nothing else but a Go program."""
    folder = tmp_path_factory.mktemp("nothing")
    shutil.copy(build("1.27.3", {"main.go": APP}), folder / "app")
    (folder / "Dockerfile").write_text(EMPTY.format(base=with_probe))
    return engine_of_this_run.image("nothing", lambda _: engine_of_this_run.build(folder, "nothing"))


def recording(engine: Engine, image: str, *options: str, given: Sequence[str] = ()) -> Container:
    """A started container whose workload writes its signals to stdout, and has begun."""
    command = [*ENTRYPOINT, *options, "--", "python3", "-I", "-S", "/recorder.py", "/dev/stdout"]
    container = engine.start(image, *command, options=given)
    wait_until(lambda: words(container)[:1] == ["ready"], 20)
    return container


def words(container: Container) -> list[str]:
    """What the workload has written to stdout."""
    return docker("logs", container.id).out.split()


def kill(container: Container, number: int) -> None:
    docker("kill", "--signal", str(number), container.id)


@FOR_EACH_STYLE
@pytest.mark.parametrize("init", [(), ("--init",)], ids=["alone", "beside-init"])
def test_every_signal_that_docker_kill_sends_arrives(
    engine: Engine, with_probe: str, style: Sequence[str], init: Sequence[str]
) -> None:
    """Once each, real-time ones too; the exit code of the workload is the container's."""
    container = recording(engine, with_probe, *style, given=init)
    for count, number in enumerate(FORWARDED, 2):
        kill(container, number)
        wait_until(lambda count=count: len(words(container)) == count)  # type: ignore[misc]
    kill(container, signal.SIGALRM)
    assert container.wait() == 42
    assert words(container) == ["ready", *map(str, FORWARDED), str(int(signal.SIGALRM))]


@FOR_EACH_STYLE
@pytest.mark.parametrize(
    "given", [(), ("--init",), ("--read-only", "--user", "65534:65534", "--cap-drop", "ALL")], ids=" ".join
)
def test_docker_stop_is_in_time(
    engine: Engine, with_probe: str, style: Sequence[str], given: Sequence[str]
) -> None:
    """The workload hears of it and takes its leave; nobody waits for the 10 s after which docker kills."""
    script = "trap 'echo told; exit 5' TERM; echo ready; while :; do sleep 0.05; done"
    container = engine.start(with_probe, *ENTRYPOINT, *style, "--", "sh", "-c", script, options=given)
    wait_until(lambda: words(container) == ["ready"], 20)
    watch = Stopwatch()
    container.stop()
    assert watch.quiet() < 5
    assert (container.state["ExitCode"], words(container)) == (5, ["ready", "told"])


@pytest.mark.parametrize(
    "given", [("--retry-for", "600"), ("--on-fail", "hold"), (*SERVE, "--on-fail", "hold")]
)
def test_docker_stop_is_in_time_before_the_workload_exists(
    engine: Engine, with_probe: str, given: Sequence[str]
) -> None:
    """During the checks and while we stay unhealthy: 143, and the workload is never started."""
    command = [*ENTRYPOINT, *UNHEALTHY, *given, "--", "echo", "workload"]
    container = engine.start(with_probe, *command)
    wait_until(lambda: "probe: try 1" in container.logs() or "staying, unhealthy" in container.logs(), 20)
    watch = Stopwatch()
    container.stop()
    assert watch.quiet() < 5
    assert (container.state["ExitCode"], words(container)) == (143, [])


@FOR_EACH_STYLE
def test_a_stop_signal_of_the_image_reaches_the_workload(
    engine: Engine, with_probe: str, style: Sequence[str]
) -> None:
    """Such as systemd's SIGRTMIN+3."""
    number = signal.SIGRTMIN + 3
    container = recording(
        engine, with_probe, *style, given=["--stop-signal", str(number), "--stop-timeout", "2"]
    )
    container.stop()
    assert words(container) == ["ready", str(number)]
    assert container.state["ExitCode"] == 137  # it has no mind to end: docker kills it, us too


def test_the_restart_policy_sees_that_the_checks_failed(engine: Engine, with_probe: str) -> None:
    """Exit 1 is a failure to it; once fixed, the workload is what runs."""
    command = ["probe", "run", "--only", "timezone", "--", "sh", "-c", "echo workload; exec sleep 60"]
    given = ["--restart", "on-failure", "--env", "TZ=/zone"]
    container = engine.start(with_probe, *command, options=given)
    wait_until(lambda: container.inspect()["RestartCount"] >= 2, 30)
    assert words(container) == []
    container.put("/zone", Path("/usr/share/zoneinfo/UTC").read_bytes())
    wait_until(lambda: words(container) == ["workload"], 30)


@FOR_EACH_STYLE
def test_the_restart_policy_sees_how_the_workload_ended(
    engine: Engine, with_probe: str, style: Sequence[str]
) -> None:
    """on-failure: again after 3, no more after 0."""
    script = "echo run; test -e /tmp/second || { touch /tmp/second; exit 3; }"
    command = [*ENTRYPOINT, *style, "--", "sh", "-c", script]
    container = engine.start(with_probe, *command, options=["--restart", "on-failure"])
    wait_until(lambda: words(container) == ["run", "run"] and container.state["Status"] == "exited", 30)
    assert (container.inspect()["RestartCount"], container.state["ExitCode"]) == (1, 0)


@pytest.mark.parametrize("init", [(), ("--init",)], ids=["alone", "beside-init"])
def test_orphans_are_reaped_by_the_init_that_is_nearest(
    engine: Engine, with_probe: str, init: Sequence[str]
) -> None:
    """As PID 1 those of `docker exec` too; beside --init those of the workload, as a subreaper."""
    script = "sh -c 'sleep 61 & echo $$ $!'; sleep 62"
    container = engine.start(with_probe, *ENTRYPOINT, *SERVE, "--", "sh", "-c", script, options=init)
    wait_until(lambda: len(words(container)) == 2, 20)
    orphan = words(container)[1]
    second = "ls -v /proc | grep -x '[0-9]*' | sed -n 2p"
    ours = container.exec("sh", "-c", second).out.strip() if init else "1"
    parent = container.exec("sh", "-c", f"cut -d' ' -f4 /proc/{orphan}/stat").out.strip()
    assert parent == ours
    assert "probe" in container.exec("cat", f"/proc/{ours}/cmdline").out
    assert container.exec("sh", "-c", "(sleep 0.2 &)").code == 0
    assert container.exec("sh", "-c", f"kill {orphan}").code == 0
    wait_until(lambda: container.exec("test", "-e", f"/proc/{orphan}").code != 0)
    wait_until(lambda: not container.zombies())
    container.stop()
    assert container.state["ExitCode"] == 143


def test_probes_that_leave_children_fill_no_table(engine: Engine, with_probe: str) -> None:
    """What a health check forgets is inherited by PID 1, and reaped; `sleep` as PID 1 would not."""
    alone = engine.start(with_probe, "sleep", "60")
    served = engine.start(with_probe, *ENTRYPOINT, *SERVE, "--", "sleep", "60")
    for container in (alone, served):
        for _ in range(10):
            assert container.exec("sh", "-c", "(sleep 0.1 &)").code == 0
    wait_until(lambda: len(alone.zombies()) == 10)
    wait_until(lambda: "sleep 0.1" not in docker("top", served.id).out and not served.zombies())


@FOR_EACH_STYLE
def test_the_codes_of_what_cannot_start_are_dockers_own(
    engine: Engine, with_probe: str, style: Sequence[str]
) -> None:
    """127 and 126, as without us."""
    for command, code in (("/no/such", 127), ("/etc/passwd", 126)):
        assert engine.run(with_probe, *ENTRYPOINT, *style, "--", command).code == code
        assert engine.run(with_probe, command).code == code


@FOR_EACH_STYLE
def test_the_workloads_python_settings_reach_it_and_not_us(
    engine: Engine, with_probe: str, style: Sequence[str]
) -> None:
    """Those that would end any interpreter before its first statement, and what `site` would import."""
    given = {"PYTHONHOME": "/no", "PYTHONHASHSEED": "junk", "PYTHONMALLOC": "junk", "PYTHONPATH": "/own"}
    options = [word for name, value in given.items() for word in ("--env", f"{name}={value}")]
    script = "mkdir /own; echo 'raise SystemExit(9)' > /own/sitecustomize.py; exec \"$@\""
    isolated = ["env", *(f"-u{name}" for name in given), "python3", "-I", "-m"]
    for start in ([], isolated):
        done = engine.run(
            with_probe, "sh", "-c", script, "sh", *start, *ENTRYPOINT, *style, "--", "env", options=options
        )
        assert done.code == 0
        told = dict(line.split("=", 1) for line in done.out.splitlines())
        assert (told.items() >= given.items()) is (not start)


@FOR_EACH_STYLE
def test_it_is_pid_1_of_an_image_that_holds_nothing(engine: Engine, empty: str, style: Sequence[str]) -> None:
    """No shell, no users, no /tmp, no ctypes: a Go program is stopped in time, with its code."""
    container = engine.start(empty, *style, "--", "/app", options=["--read-only"])
    wait_until(lambda: words(container)[:1] == ["ready"], 20)
    assert (words(container)[1] == "1") is (not style)  # the program itself, unless an init is asked for
    container.stop()
    assert words(container)[2:] == ["told", "terminated"]
    assert container.state["ExitCode"] == 5


def test_what_is_missing_in_an_empty_image_is_said(engine: Engine, empty: str) -> None:
    """The one line, and the code."""
    done = engine.run(empty, "--", "sh")
    assert done.code == 127
    assert done.err.startswith("probe: sh cannot be found: no such file or directory in PATH=")
    assert done.err.count("\n") == 1
