"""One case: does `go version` work, does `go build`, and what does probe say of it?"""

import importlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from probe.cli import main
from tests.support.commands import clean_environment
from tests.support.toolchains import CACHE, Toolchain

MEMORY = 6 << 30  # bytes of address space
PATIENCE_S = 60.0
_SHORT_S = 5.0
NEEDS_DOWNLOAD = "go: download"  # of another toolchain; whether that works, the check `downloads` tells
WARMED = (
    "probe.checks.ca_bundle",
    "probe.checks.go_env.command",
    "probe.checks.go_version.build_programs",
    "probe.cli.check",
    "probe.golang.binary",
    "probe.golang.command.gomod",
    "probe.output.json",
    "probe.remedies.trial",
    "probe.runner",
    "probe.targets.processes",
)

# A policy's own, and what is found out only where a module is downloaded.
POLICY = frozenset(
    (
        "CGO_IS_ENABLED",
        "GO_ENV_VALUE",
        "GO_ENV_SET",
        "GO_ENV_UNSET",
        "GO_ENV_LIST",
        "MODULE_PROXY_OFF",
        "SUMDB_OFF",
        "MODULES_UNPROTECTED",
        "MODULE_PROXY_UNUSABLE",
        "SUMDB_UNUSABLE",
    )
)


class World(NamedTuple):
    """A module to build, and where go commands keep what they make."""

    go: Toolchain
    module: Path  # a program
    library: Path  # a package: nothing has to be linked
    scratch: Path

    def surroundings(self, **env: str) -> dict[str, str]:
        base = {
            **{name: value for name, value in clean_environment().items() if name != "PWD"},
            "PATH": f"{self.go.root}/bin:/usr/bin:/bin",
            "HOME": str(self.scratch),
            "TMPDIR": str(self.scratch),
            "GOCACHE": str(CACHE.parent / "go-build" / self.go.version / "settings"),
            "GOPROXY": "https://127.0.0.1:1",
            "GOTOOLCHAIN": "local",
            "CGO_ENABLED": "0",
        }
        return {**base, **{name: self._placed(value) for name, value in env.items()}}

    def _placed(self, value: str) -> str:
        for mark, place in (
            ("@root", str(self.go.root)),
            ("@self", f"go{self.go.version}"),
            ("@work", str(self.module.parent / "good.work")),
            ("@oldwork", str(self.module.parent / "old.work")),
        ):
            value = value.replace(mark, place)
        return value


def warm() -> None:
    """Import what a check needs, so that each of its forks need not."""
    for name in WARMED:
        importlib.import_module(name)


def world(go: Toolchain, directory: Path) -> World:
    """An empty program, in a directory that is no root of temporary files."""
    warm()
    module, library, scratch = (directory / name for name in ("module", "library", "home"))
    for folder in (module, library, scratch):
        folder.mkdir()
    (module / "go.mod").write_text("module w\n\ngo 1.21\n")
    (module / "main.go").write_text("package main\n\nfunc main() {}\n")
    (library / "go.mod").write_text("module w\n\ngo 1.21\n")
    (library / "w.go").write_text("package w\n")
    (directory / "good.work").write_text("go 1.21\n\nuse ./module\n")
    (directory / "old.work").write_text("go 1.18\n\nuse ./elsewhere\n")
    return World(go, module, library, scratch)


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


# What may matter when a program is linked.
LINKED = frozenset(
    (
        "GOFLAGS",
        "GO_EXTLINK_ENABLED",
        "CC",
        "AR",
        "GOOS",
        "GOARCH",
        "GOEXPERIMENT",
        "GCCGOTOOLDIR",
        "GOROOT_FINAL",
        "GOFIPS140",
        "GOAMD64",
        "GODEBUG",
        "CGO_ENABLED",
        "CGO_LDFLAGS",
        "GOTMPDIR",
    )
)


def directory(here: World, case: Mapping[str, str]) -> Path:
    """Where a build is tried that tells what *case* does; that of a library costs a tenth."""
    foreign = len(case) > 1 and case.get("GOARCH") != "amd64"
    return here.library if foreign or LINKED.isdisjoint(case) else here.module


def works(here: World, where: Path, env: dict[str, str]) -> str:
    """ "" where the go command does all that is asked of it, else the first words of what does not work."""
    sources = {*where.iterdir()}
    try:
        for words in (["version"], ["env", "-w=false", "-u=false", "GOOS"], ["build", "."]):
            try:
                done = subprocess.run(
                    [here.go.go, *words],
                    cwd=where,
                    env=env,
                    capture_output=True,
                    timeout=_SHORT_S if "GOCACHEPROG" in env else PATIENCE_S,
                    stdin=subprocess.DEVNULL,
                    preexec_fn=_bounded,
                )
            except subprocess.TimeoutExpired:
                return f"{words[0]}: no end"
            if done.returncode:
                return f"{words[0]}: {done.stderr.decode('utf-8', 'replace').strip()}"
        return ""
    finally:
        for made in {*where.iterdir()} - sources:
            made.unlink()


def judged(where: Path, env: dict[str, str]) -> list[tuple[str, str, str]]:
    """The findings that say that something does not work: status, code, cause."""
    code, out = _in_fork(where, env, ["probe", "check", "--format", "json", "--only", "go-version,go-env"])
    assert code in (0, 1), (code, out[-300:])
    report = json.loads(out)
    return [
        (finding["status"], finding["code"], finding["cause"])
        for check in report["checks"]
        for finding in check["findings"]
        if finding["status"] in ("fail", "unknown") and finding["code"] not in POLICY
    ]


def _in_fork(cwd: Path, env: dict[str, str], argv: list[str]) -> tuple[int, bytes]:
    """The command as a process of its own that need not import everything anew."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.dup2(theirs, 1)
            os.dup2(theirs, 2)
            os.close(ours)
            os.chdir(cwd)
            os.environ.clear()
            os.environ.update(env)
            sys.argv[:] = argv
            main()
        finally:
            os._exit(99)
    os.close(theirs)
    with open(ours, "rb") as stream:
        out = stream.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), out
