"""What the readers are given to begin with."""

import io
from pathlib import Path


def lines(*given: str) -> bytes:
    return "\n".join([*given, ""]).encode()


def elf_seed() -> bytes:
    """A small real program: what the loader of this machine is."""
    for name in ("/bin/true", "/usr/bin/true"):
        if Path(name).exists():
            return Path(name).read_bytes()[:40_000]
    return b"\x7fELF"


def zone_files() -> list[bytes]:
    from probe.golang import zonedata

    return [data for name in ("UTC", "Europe/Zurich", "America/New_York") if (data := zonedata.load(name))]


def tar_seed() -> bytes:
    import tarfile

    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("é" * 60)
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"abc"))
    return stream.getvalue()[:2048]


GOMOD = lines(
    "module example.test/m",
    "",
    "go 1.21",
    "toolchain go1.27.3",
    "",
    "require (",
    "\ta.test/b v1.2.3 // indirect",
    ")",
    "replace a.test/b => ../b",
    "replace a.test/b v1.2.3 => c.test/d v1.0.0",
    "exclude a.test/b v1.2.4",
    'retract [v1.0.0, v1.1.0] // "x"',
)
URLS = [
    b"https://user:pa%20ss@host.test:8443/a%2Fb?q=1#f",
    b"http://[fe80::1%25eth0]:80/",
    b"socks5://u@h:1",
    b"host:3128",
    b"x:y//u:p@h:1",
]
CONFIG = lines(
    "[checks]",
    'enabled = ["go-version"]',
    "[go-version]",
    'min = "1.21"',
    "[timezone]",
    'expected = "Europe/Zurich"',
)
COMPOSE = lines(
    "services:",
    "  a:",
    "    image: x",
    "    healthcheck:",
    '      test: ["CMD", "probe", "check"]',
    "      interval: 5s",
)
POD = lines(
    "apiVersion: v1",
    "kind: Pod",
    "metadata: {name: a, labels: &l {b: c}}",
    "spec:",
    "  containers:",
    "  - name: a",
    "    image: x:1",
    "    command: [sh, -c, 'probe run --serve :9810 -- /app']",
    "    env: [{name: PROBE_TIMEOUT_S, value: '5'}]",
    "    livenessProbe: {exec: {command: [probe, check]}, timeoutSeconds: 1, periodSeconds: 5}",
    "    readinessProbe: {httpGet: {path: /readyz, port: 9810}, failureThreshold: 3}",
    "    ports: [{name: p, containerPort: 9810}]",
    "    volumeMounts: [{name: v, mountPath: /etc/ssl/certs}]",
    "  volumes: [{name: v, configMap: {name: c}}]",
)
_FOUND = (
    '{"status": "fail", "code": "CA_BUNDLE_MISSING", "docs_url": "", "subject": "/x", "cause": "c", '
    '"remedy": "r", "remedies": [{"text": "r", "tried": true, "actions": []}], "evidence": {"a": [1]}}'
)
_CHECK = f'{{"name": "ca-bundle", "status": "fail", "duration_s": 0.1, "findings": [{_FOUND}]}}'
_WHOLE = (
    '{"target": "t", "role": "all", "status": "fail", "healthy": false, "strict": false, "duration_s": 0.1, '
    f'"time": "2026-01-02T03:04:05Z", "version": "0.2.0", "checks": [{_CHECK}]}}'
)
REPORT = lines(_WHOLE)
NODE = lines(
    '{"processes": 1, "skipped": {"a": 1}, "verdicts": [{"program": "/a", "go": "go1.27", "problem": "", '
    '"containers": [{"pid": 1, "program": "/a", "id": "", "pod_uid": "", "namespace": "n", "pod": "p", '
    f'"container": "c"}}], "report": {_WHOLE}}}]}}'
)
MOUNTINFO = lines(
    "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue",
    "1 0 0:1 / / ro - overlay overlay ro",
)
STATUS = lines(
    "Name:\tcat",
    "Umask:\t0022",
    "Uid:\t0\t0\t0\t0",
    "Gid:\t0\t0\t0\t0",
    "Groups:\t0 1",
    "CapEff:\t00000000a80425fb",
)
