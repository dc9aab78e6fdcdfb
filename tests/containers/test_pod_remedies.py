"""What probe prints for a pod or an engine is applied to a container; probe and real Go are asked again."""

import json
import os
import shlex
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.containers import pods
from tests.containers.engine import Engine, docker
from tests.differential.harness import oracle
from tests.golang.builds import build, module
from tests.remedies import bases, printed
from tests.remedies.dockerfile import set_env
from tests.remedies.fault import GO, directory
from tests.remedies.pod_faults import PodFault, all_of_them
from tests.remedies.scenes import put

pytestmark = [pytest.mark.root, pytest.mark.timeout(300)]
BAD = ("warn", "unknown", "fail")
PROBE = "/opt/probe/bin/probe"
_SOURCE = """package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
)

func main() {
	if len(os.Args) < 3 {
		return
	}
	memory, _ := strconv.ParseInt(os.Args[1], 10, 64)
	processors, _ := strconv.Atoi(os.Args[2])
	limit := os.Getenv("GOMEMLIMIT") != "" && debug.SetMemoryLimit(-1) > memory/100*95
	if limit || runtime.GOMAXPROCS(0) > max(2, processors) {
		os.Exit(1)
	}
}
"""


_GREEDY = """package main

import "os"

func main() {
	held := make([]byte, 300<<20)
	for at := 0; at < len(held); at += 4096 {
		held[at] = 1
	}
	os.Stdout.WriteString("go version go1.27.3 linux/amd64\\n")
}
"""
_DIRECTORIES = (("scratch", 0o777, 0), ("team", 0o770, 7000), ("shared", 0o2775, 7000), ("crew", 0o770, 7001))


@pytest.fixture(scope="session")
def image(engine_of_this_run: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Busybox, a bundle, zones, a program of Go that knows its limits, and the oracle."""

    archive = tmp_path_factory.mktemp("pod") / "root.tar"
    with bases.alpine() as root:
        programs = {"app": build(GO, module(_SOURCE)), "oracle": oracle(GO)}
        programs["greedy/go"] = build(GO, module(_GREEDY))
        for name, program in programs.items():
            put(name, program.read_bytes(), 0o755)(root)
        for name, mode, group in _DIRECTORIES:
            directory(name, mode, 0, group)(root)
            (root / name).chmod(mode)  # with the bit that a change of the owner takes away
        put("etc/passwd", b"root:x:0:0::/:/bin/sh\nworker:x:65532:65532::/:/bin/sh\n")(root)
        put("etc/group", b"root:x:0:\nworker:x:65532:\ncrew:x:7001:worker\n")(root)
        subprocess.run(["tar", "-C", root, "--exclude=./repository", "-cf", archive, "."], check=True)
    return engine_of_this_run.imported("pods", archive)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param(
            f"pod {fault.code}-{number}",
            fault,
            id=f"{fault.code}-{number}",
            marks=pytest.mark.sweep if number else (),
        )
        for number, fault in enumerate(all_of_them())
    ],
)
def test_the_remedy_helps(
    name: str, fault: PodFault, engine: Engine, image: str, bundle: Path, tmp_path: Path
) -> None:
    """The finding is gone and nothing is worse, and what the kernel or Go refused before it works."""
    started = Started(fault, tmp_path)
    worked, before = started.run(engine, image, bundle)
    assert not worked or not fault.proof_fails, fault.proof
    finding = next((one for one in before if one["code"] == fault.code), None)
    assert finding, [(one["code"], one["cause"]) for one in before]
    printed.hold(name, finding, timed=True)
    for line in finding["remedy"].split("\n"):
        started.apply(line)
    worked, after = started.run(engine, image, bundle)
    assert not [one for one in after if one["code"] == fault.code and one["status"] in BAD], finding["remedy"]
    worse = {one["code"] for one in after if one["status"] in ("unknown", "fail")}
    assert worse <= {one["code"] for one in before}
    assert worked, (fault.proof, finding["remedy"])


def test_a_snippet_is_pasted_below_the_user(engine: Engine, image: str, bundle: Path, tmp_path: Path) -> None:
    """At the end of a Dockerfile with another user than root: it builds, helps, and the user stays."""
    made = tmp_path / "Dockerfile"
    closed = "RUN chmod 600 /etc/ssl/certs/ca-certificates.crt"
    made.write_text(f"FROM {image}\n{closed}\nUSER 65532:65532\n")
    told = (PROBE, "check", "--only", "ca-bundle", "--role", "ready")

    def ask(tag: str, *words: str) -> tuple[int, str]:
        built = engine.build(tmp_path, tag)
        try:
            done = engine.run(built, *words, options=("--volume", f"{bundle}:/opt/probe:ro"))
        finally:
            docker("image", "rm", "--force", built, check=False)
        return done.code, done.out

    code, snippet = ask("snippet-before", *told, "--fix", "dockerfile")
    assert code == 1
    assert "RUN chmod a+r" in snippet
    made.write_text(made.read_text() + snippet)
    code, shown = ask("snippet-after", "/bin/sh", "-c", f"{' '.join(told)} && grep ^Uid: /proc/self/status")
    assert code == 0, (snippet, shown)
    assert shown.split()[-4:] == ["65532"] * 4


class Started:
    """How a container is started: the pod, options of the engine, what is typed before the program."""

    def __init__(self, fault: PodFault, scratch: Path) -> None:
        self._fault, self._scratch, self._runs = fault, scratch, 0
        self._pod = pods.merged(fault.pod)
        self._flags, self._shell = list(fault.flags), list(fault.shell)
        self._profile = dict(fault.profile)

    def apply(self, line: str) -> None:
        """A line of a remedy, where its reader pastes it."""
        word = line.split(" ", 1)[0]
        if word == "ENV":
            env: dict[str, str] = {}
            set_env(env, line.removeprefix("ENV "))
            fields = [{"name": name, "value": value} for name, value in env.items()]
            self._pod = pods.merged([self._pod, {"env": fields}])
        elif word == "docker":
            given = pods.flags(line)
            self._flags = [*pods.without(self._flags, given), *given]
        elif line.startswith('{"names"'):
            self._profile = pods.profile(self._profile, line)
        elif word in ("umask", "ulimit"):
            self._shell.append(line)
        else:
            (key, *_) = self._fault.files or ("NAME.crt",)
            self._pod = pods.applied(self._pod, line.replace("NAME.crt", key))

    def run(self, engine: Engine, image: str, bundle: Path) -> tuple[bool, list[dict[str, Any]]]:
        """Whether the proof succeeds in such a container, and what probe finds there."""
        self._runs += 1
        here = self._scratch / str(self._runs)
        here.mkdir()
        here.chmod(0o755)
        only = [word for check in self._fault.check.split(",") for word in ("--only", check)]
        told = [PROBE, "check", *only, "--format", "json", "--role", "ready"]
        told += ["--timeout", "20", *(f"--set={setting}" for setting in self._fault.settings)]
        lines = [*self._shell, f"({self._fault.proof}) >/dev/null 2>&1; echo $?", f"exec {shlex.join(told)}"]
        options = [*self._options(here), "--volume", f"{bundle}:/opt/probe:ro"]
        done = engine.run(image, "/bin/sh", "-c", "\n".join(lines), options=options)
        code, _, report = done.out.partition("\n")
        assert report, done
        found: list[dict[str, Any]] = [
            one for check in json.loads(report)["checks"] for one in check["findings"]
        ]
        return code == "0", found

    def _options(self, scratch: Path) -> list[str]:
        words = [*pods.options(self._pod, self._fault.files, self._fault.mode, scratch), *self._flags]
        if self._fault.cluster:
            words.append("--env=KUBERNETES_SERVICE_HOST=10.0.0.1")
        if self._profile:
            (scratch / "seccomp.json").write_text(json.dumps(self._profile))
            words += ["--security-opt", f"seccomp={scratch / 'seccomp.json'}"]
        if self._fault.capability:
            words += ["--volume", f"{_with_capability(scratch, self._fault.capability)}:/cap:ro"]
        return words


def _with_capability(scratch: Path, number: int) -> Path:
    """A directory with a program that has a capability as a file (linux/capability.h: revision 2)."""
    place = scratch / "cap"
    place.mkdir()
    (place / "app").write_bytes(build(GO, module(_SOURCE)).read_bytes())
    (place / "app").chmod(0o755)
    data = struct.pack("<IIIII", 0x02000001, 1 << number, 0, 0, 0)
    os.setxattr(place / "app", "security.capability", data)
    return place
