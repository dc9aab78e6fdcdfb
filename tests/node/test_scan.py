"""The verdicts of a scan are those of `probe check --pid`, and none is worked out twice."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import certifi
import pytest

from probe.cli import node
from probe.node import document, fingerprint, metrics, page, table
from probe.node.programs import SANDBOXED, identify
from probe.node.scan import Snapshot
from tests.node.conftest import MakeScanner, Start
from tests.support.commands import RunProbe, clean_environment
from tests.support.leftovers import wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: chroot")

BUNDLE = "etc/ssl/certs/ca-certificates.crt"
SECRETS = {
    "DATABASE_URL": "postgres://app:canary-7731@db/",
    "API_TOKEN": "canary-9915",
    "AWS_SECRET": "canary-1",
}


def laid(root: Path, *, bundle: bool = True, zone: bool = False) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    if bundle:
        (root / BUNDLE).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(certifi.where(), root / BUNDLE)
    if zone:
        (root / "etc").mkdir(exist_ok=True)
        (root / "etc/localtime").write_bytes(b"not a zone")
    return root


def told(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """What a report says, without what differs from run to run."""
    return [
        (
            check["name"],
            finding["status"],
            finding["code"],
            finding["subject"],
            finding["cause"],
            finding["remedy"],
        )
        for check in report["checks"]
        for finding in check["findings"]
    ]


def only(snapshot: Snapshot) -> dict[str, Any]:
    (one,) = snapshot.judged
    assert one.verdict, snapshot
    return dict(one.verdict.report)


@pytest.mark.parametrize(
    ("world", "env", "user"),
    [
        ({}, {}, 0),
        ({"bundle": False}, {}, 0),
        ({"zone": True}, {}, 65532),
        ({}, {"TZ": "Asia/Shanghai"}, 65532),
        ({}, {"SSL_CERT_FILE": "/nowhere.pem", "GODEBUG": "x509negativeserial=1", **SECRETS}, 0),
        (
            {"bundle": False},
            {"SSL_CERT_DIR": "/etc/own", "GOMEMLIMIT": "100MiB", "GOROOT": "/nowhere"},
            65532,
        ),
    ],
)
def test_a_verdict_is_that_of_check_pid(
    world: dict[str, bool],
    env: dict[str, str],
    user: int,
    tmp_path: Path,
    start: Start,
    make_scanner: MakeScanner,
    run_probe: RunProbe,
) -> None:
    """Finding for finding, whatever the environment holds."""
    pid = start(laid(tmp_path / "root", **world), env, user=user)
    found = only(make_scanner().scan())
    checks = [argument for check in found["checks"] for argument in ("--only", check["name"])]
    done = run_probe("check", "--pid", str(pid), "--role", "ready", "--format", "json", *checks)
    assert told(found) == told(json.loads(done.out))
    assert (done.code == 0) == found["healthy"]


def test_a_program_that_is_replaced_or_deleted_while_it_runs(
    tmp_path: Path, start: Start, make_scanner: MakeScanner, run_probe: RunProbe
) -> None:
    """What is at its path now would be started the next time: another file, or none."""
    root = laid(tmp_path / "root")
    pid = start(root)
    (root / "new").write_bytes((root / "app").read_bytes())
    (root / "new").chmod(0o755)
    scanner = make_scanner()
    for change, code in (
        (lambda: None, "GO_VERSION_OK"),
        (lambda: (root / "new").replace(root / "app"), "GO_VERSION_OK"),
        ((root / "app").unlink, "GO_BINARY_MISSING"),
    ):
        change()
        found = only(scanner.scan())
        assert found["checks"][0]["findings"][0]["code"] == code
        checks = ",".join(check["name"] for check in found["checks"])
        line = ("check", "--pid", str(pid), "--role", "ready", "--format", "json", "--only", checks)
        assert told(found) == told(json.loads(run_probe(*line).out))


def test_no_setting_makes_it_call_a_server_or_leave_a_check_out(
    tmp_path: Path, start: Start, make_scanner: MakeScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the configuration says of the role ready is for probes of a pod."""
    start(laid(tmp_path / "root"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("PROBE_CA_BUNDLE__HANDSHAKE_ROLES", '["startup", "ready"]')
        monkeypatch.setenv("PROBE_CA_BUNDLE__ENDPOINTS", f'["127.0.0.1:{server.getsockname()[1]}"]')
        monkeypatch.setenv("PROBE_READY_CHECKS", '["go-version"]')
        found = only(make_scanner().scan())
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert [check["name"] for check in found["checks"]] == list(node.CHECKS)


def test_programs_of_one_name_are_one_series(tmp_path: Path, start: Start, make_scanner: MakeScanner) -> None:
    """Of two host programs, one of them unhealthy; Prometheus refuses what has the same labels twice."""
    start(laid(tmp_path / "good"))
    start(laid(tmp_path / "bad", bundle=False))
    snapshot = make_scanner().scan()
    assert len(snapshot.judged) == 2
    lines = [line for line in metrics.render(snapshot, "1").splitlines() if not line.startswith("#")]
    series = [line.rpartition(" ")[0] for line in lines]
    assert len(series) == len(set(series))
    assert [line for line in lines if line.startswith("probe_container_healthy")] == [
        'probe_container_healthy{namespace="",pod="",container="app"} 0'
    ]


def test_a_namespace_needs_the_names_of_containers(
    tmp_path: Path, start: Start, proc: Path, make_scanner: MakeScanner
) -> None:
    """Without the kubelet's links nobody knows whose container it is, and that is not healthy."""
    identity, pod = "3f1c" * 16, "6f1d9d1a-3c1b-4c59-9f77-0f6f2d1c9b11"
    pid = start(laid(tmp_path / "root"))
    here = proc / str(pid)
    here.unlink()
    here.mkdir()
    for entry in Path(f"/proc/{pid}").iterdir():
        (here / entry.name).symlink_to(entry)
    (here / "cgroup").unlink()
    (here / "cgroup").write_text(f"0::/kubepods/pod{pod}/{identity}\n")
    logs = tmp_path / "logs"
    for name, judged, skipped in (
        ("", 0, {"unnamed": 1}),
        (f"web_shop_app-{identity}.log", 1, {}),
        (f"web_other_app-{identity}.log", 0, {}),
        (f"web_shop_app-{identity[::-1]}.log", 0, {"unnamed": 1}),
    ):
        shutil.rmtree(logs, ignore_errors=True)
        if name:
            logs.mkdir()
            (logs / name).touch()
        snapshot = make_scanner("--namespace", "shop").scan()
        assert (len(snapshot.judged), dict(snapshot.skipped)) == (judged, skipped)
        assert node._good(snapshot) is not bool(skipped)


def test_nothing_runs_again_while_nothing_changes(
    tmp_path: Path, start: Start, make_scanner: MakeScanner
) -> None:
    """A change of the bundle does; and turns the verdict."""
    root = laid(tmp_path / "root")
    start(root)
    scanner = make_scanner()
    first, second = scanner.scan(), scanner.scan()
    assert (first.fresh, second.fresh) == (1, 0)
    assert only(first) == only(second)
    assert only(second)["healthy"]
    (root / BUNDLE).write_text("nothing")
    third = scanner.scan()
    assert third.fresh == 1
    assert not only(third)["healthy"]
    assert [one.verdict for one in scanner.scan().judged] == [one.verdict for one in third.judged]


def test_programs_that_are_alike_share_a_verdict(
    tmp_path: Path, start: Start, make_scanner: MakeScanner
) -> None:
    """Started several times from one root; another environment, user or root has a verdict of its own."""
    root = laid(tmp_path / "root")
    for _ in range(3):
        start(root)
    start(root, {"TZ": "Asia/Shanghai"})
    start(root, user=65532)
    start(laid(tmp_path / "bare", bundle=False))
    scanner = make_scanner()
    snapshot = scanner.scan()
    assert (len(snapshot.judged), snapshot.fresh) == (6, 4)
    assert scanner.scan().fresh == 0


def test_limits_are_judged_too(tmp_path: Path, start: Start, make_scanner: MakeScanner) -> None:
    """Unless they are left out, by --skip or --only."""
    start(laid(tmp_path / "root"))
    for arguments, expected in (
        ((), ["go-version", "ca-bundle", "timezone", "limits"]),
        (("--skip", "timezone,limits"), ["go-version", "ca-bundle"]),
        (("--only", "timezone"), ["timezone"]),
    ):
        found = only(make_scanner(*arguments).scan())
        assert [check["name"] for check in found["checks"]] == expected


def test_one_that_has_ended_is_gone(
    tmp_path: Path, start: Start, make_scanner: MakeScanner, proc: Path
) -> None:
    """It is counted, and nobody is judged in its place."""
    start(laid(tmp_path / "root"))
    (proc / "4194303").symlink_to("/proc/4194303")
    snapshot = make_scanner().scan()
    assert len(snapshot.judged) == 1
    assert snapshot.skipped == {"gone": 1}


def test_a_quick_scan_tells_what_a_careful_one_tells(
    tmp_path: Path, start: Start, make_scanner: MakeScanner, proc: Path
) -> None:
    """Verdicts, reasons, and how many are new: as nothing changes, a file does, one comes, one is gone."""
    quick, careful = make_scanner(), make_scanner()
    roots = [laid(tmp_path / f"root{number}", bundle=number != 1) for number in range(3)]
    for root in roots:
        start(root)

    def told(snapshot: Snapshot) -> tuple[Any, ...]:
        judged = [(one.program, one.name, one.problem, _codes(one.verdict)) for one in snapshot.judged]
        return judged, snapshot.scanned, snapshot.skipped, snapshot.fresh

    def come() -> None:
        start(laid(tmp_path / "late"), {"TZ": "No/Where"})

    def change() -> None:
        (roots[0] / BUNDLE).write_text("")

    def end() -> None:
        (proc / "4194303").symlink_to("/proc/4194303")

    wanted = []
    for step in (None, None, change, come, end, None):
        if step:
            step()
        quickly = quick.unpacked(quick.packed(quick=quick.knows))
        wanted.append(told(careful.unpacked(careful.packed())))
        assert told(quickly) == wanted[-1]
    assert [found[-1] for found in wanted] == [3, 0, 1, 1, 0, 0]


def _codes(verdict: Any) -> Any:
    return verdict and [
        finding["code"] for check in verdict.report["checks"] for finding in check["findings"]
    ]


@pytest.mark.parametrize(
    "name", ["runsc", "containerd-shim-kata-v2", "cloud-hypervisor", "qemu-system-x86_64"]
)
def test_what_runs_in_a_sandbox_is_counted_and_not_judged(tmp_path: Path, name: str) -> None:
    """Its programs have no process here: gVisor, Kata."""
    program = tmp_path / name
    shutil.copy(shutil.which("sleep") or "", program)
    with subprocess.Popen([program, "60"]) as process:
        try:
            assert identify(process.pid, {}) == SANDBOXED
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("name", "line", "counted"),
    [
        ("runsc", ["runsc-sandbox", "--root=/run/runsc", "boot", "--bundle=/b"], True),
        ("runsc", ["runsc-gofer", "--root=/run/runsc", "gofer", "--bundle=/b"], False),
        ("runsc", ["/proc/self/exe", "--debug=false", "gofer", "--bundle", "/b"], False),
        ("containerd-shim-kata-v2", ["containerd-shim-kata-v2", "-address", "/run/kata/x"], True),
        ("qemu-system-x86_64", ["qemu", "-name", "sandbox-1", "-pidfile", "/run/vc/vm/1/pid"], False),
        ("cloud-hypervisor", ["cloud-hypervisor", "--api-socket", "/run/vc/vm/1/clh-api.sock"], False),
        ("qemu-system-x86_64", ["qemu", "-name", "a machine of somebody's", "-daemonize"], True),
    ],
)
def test_a_sandbox_counts_once(tmp_path: Path, name: str, line: list[str], counted: bool) -> None:
    """Not each of its processes: gVisor has a gofer for each container, Kata a shim and a machine."""
    program = tmp_path / name
    shutil.copy(os.path.realpath("/bin/sh"), program)
    command = [line[0], "-c", "read wait", *line[1:]]
    with subprocess.Popen(command, executable=program, stdin=subprocess.PIPE) as process:
        try:
            wait_until(lambda: bool(Path(f"/proc/{process.pid}/cmdline").read_bytes()))
            assert identify(process.pid, {}) == (SANDBOXED if counted else None)
        finally:
            process.kill()


def test_a_hostile_root_costs_only_itself(tmp_path: Path, start: Start, make_scanner: MakeScanner) -> None:
    """A FIFO as bundle, 20,000 entries beside it, a huge file, a link that leads out; then a healthy one."""
    hostile = laid(tmp_path / "hostile", bundle=False)
    (hostile / BUNDLE).parent.mkdir(parents=True)
    os.mkfifo(hostile / BUNDLE)
    for number in range(20_000):
        (hostile / "etc/ssl/certs" / str(number)).touch()
    (hostile / "etc/localtime").symlink_to("../../../../../../etc/shadow")
    huge = laid(tmp_path / "huge", bundle=False)
    (huge / BUNDLE).parent.mkdir(parents=True)
    with (huge / BUNDLE).open("wb") as stream:
        stream.truncate(1 << 40)
    start(hostile)
    start(huge)
    start(laid(tmp_path / "good"))
    begin = time.monotonic()
    snapshot = make_scanner().scan()
    assert time.monotonic() - begin < 30
    verdicts = [one.verdict.report["healthy"] if one.verdict else None for one in snapshot.judged]
    assert sorted(verdicts, key=str) in ([False, False, True], [False, None, True], [None, None, True])


def test_no_secret_leaves(tmp_path: Path, start: Start, make_scanner: MakeScanner) -> None:
    """No variable but those of the list is read, and no format has one of the others."""
    names = [f"VARIABLE_{number}" for number in range(1000)]
    start(laid(tmp_path / "root", bundle=False), {**SECRETS, **{name: f"canary-{name}" for name in names}})
    snapshot = make_scanner().scan()
    for text in (
        table.render(snapshot),
        document.render(snapshot),
        metrics.render(snapshot, "1"),
        page.render(snapshot, nonce="n"),
        repr(snapshot),
    ):
        assert "unhealthy" in text or "healthy" in text
        assert "canary" not in text


def test_the_environment_is_read_through_a_list(tmp_path: Path) -> None:
    """The first entry counts; names that only begin alike, and entries without a name, are nothing."""
    entries = [b"TZ=one", b"TZ=two", b"SECRET=canary", b"TZX=canary", b"=canary", b"noequals", b"PATH=/bin"]
    path = tmp_path / "environ"
    path.write_bytes(b"\0".join(entries) + b"\0")
    reader = fingerprint.EnvironmentReader()
    assert reader.read(str(path)) == {"TZ": "one", "PATH": "/bin"}
    assert b"canary" not in bytes(reader._block[: 1 << 20])


def test_checks_read_no_other_variable(tmp_path: Path, start: Start, make_scanner: MakeScanner) -> None:
    """What the checks of a scan ask an environment for stands in the list."""
    from probe.cli import node
    from probe.cli.arguments import parse
    from probe.cli.settings import effective
    from probe.targets.process import of_process

    asked: set[str] = set()

    class Recorder(dict[str, str]):
        def get(self, key: str, default: Any = None) -> Any:
            asked.add(key)
            return super().get(key, default)

        def __getitem__(self, key: str) -> str:
            asked.add(key)
            return super().__getitem__(key)

        def __contains__(self, key: object) -> bool:
            asked.add(str(key))
            return super().__contains__(key)

    settings = effective(node.COMMAND, parse(node.COMMAND, []))._replace(enabled=node.CHECKS)
    for world, env in (({}, {}), ({"bundle": False}, {"TZ": "Nowhere/Here"}), ({"zone": True}, {})):
        pid = start(laid(tmp_path / f"root-{len(env)}-{len(world)}-{'zone' in world}", **world), env)
        target = of_process(pid)
        node.reporter(settings)(target._replace(env=Recorder(target.env)))
    assert asked - fingerprint.VARIABLES == set()


_OPENED = """
import sys
from pathlib import Path
from probe.cli import node
from probe.cli.arguments import parse
from probe.cli.settings import effective
from probe.node import fingerprint, programs
from probe.targets.process import of_process

pid, opened = int(sys.argv[1]), set()
here = f"/proc/{pid}/"
sys.addaudithook(lambda event, args: event == "open" and opened.add(str(args[0])))
program = programs.identify(pid, {})
env = fingerprint.EnvironmentReader().read(here + "environ")
fingerprint.of(program, env, {})
compared = set(opened)
report = node.reporter(effective(node.COMMAND, parse(node.COMMAND, []))._replace(enabled=node.CHECKS))
report(of_process(pid, started_with=env))
print(*sorted(name for name in opened - compared if name.startswith(here) and "/root" not in name))
"""


def test_a_verdict_reads_nothing_of_a_process_that_is_not_compared(tmp_path: Path, start: Start) -> None:
    """Each file below /proc/PID that a verdict is drawn from is one by which the next scan tells a change."""
    pid = start(laid(tmp_path / "root", bundle=False, zone=True), {"TZ": "Nowhere/Here"})
    done = subprocess.run(
        [sys.executable, "-c", _OPENED, str(pid)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == []


def test_an_unchanged_scan_starts_one_process(
    tmp_path: Path, start: Start, make_scanner: MakeScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one in which all is compared; what judges is started, and imported, for what is new."""
    start(laid(tmp_path / "root"))
    forks: list[int] = []
    fork = os.fork

    def counted() -> int:
        forks.append(1)
        return fork()

    monkeypatch.setattr(os, "fork", counted)
    scanner = make_scanner()
    assert (scanner.scan().fresh, len(forks)) == (1, 2)
    assert (scanner.scan().fresh, len(forks)) == (0, 3)
    start(laid(tmp_path / "other"))
    assert (scanner.scan().fresh, len(forks)) == (1, 5)


def test_what_hangs_while_it_is_compared_is_told(
    tmp_path: Path, start: Start, make_scanner: MakeScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mount that has died since the last scan: its container stays in the table, and is unhealthy."""
    from probe.node import scan, watched

    start(laid(tmp_path / "good"))
    pid = start(laid(tmp_path / "bad", bundle=False))
    scanner = make_scanner()
    assert len(scanner.scan().judged) == 2
    compare = watched.unchanged

    def dead(root: str, seen: Any) -> bool:
        if f"/{pid}/" in root:
            time.sleep(30)
        return compare(root, seen)

    monkeypatch.setattr(scan, "unchanged", dead)
    snapshot = scanner.scan()
    assert {one.program.pid == pid: one.problem for one in snapshot.judged} == {True: "timed out", False: ""}


def test_no_scan_imports_openssl() -> None:
    """It makes no handshake, and the library would take a quarter of its memory."""
    code = (
        "import sys\nfrom probe.node import judge\nfrom probe.cli import node\n"
        "judge.preload(node.CHECKS)\nprint(sorted({'_ssl', 'inspect', 'ssl'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_what_may_not_be_read_is_not_healthy() -> None:
    """Without capabilities nothing is seen of others: it says what to grant, and does not exit 0."""
    without = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
    command = [*without, sys.executable, "-m", "probe", "node"]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True)
    assert done.returncode == 1, done
    assert "0 of 0 Go programs unhealthy" in done.stdout
    assert "denied" in done.stdout
    assert "fix: run it as root, with SYS_PTRACE and DAC_READ_SEARCH" in done.stdout
