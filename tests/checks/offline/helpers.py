"""What the tests of builds without a network share: a module, its proxy and its caches."""

import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from probe.checks.base import Run
from probe.checks.offline import Offline
from probe.codes import Code
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Finding
from probe.targets import Target, at_root
from probe.targets.processes import Processes
from tests.support.toolchains import Toolchain

GO_MOD = (
    "module example.com/app\n\ngo {}\n\n"
    "require example.com/M v1.0.0\n\nrequire example.com/n v1.0.0 // indirect\n"
)


MAIN = 'package main\n\nimport "example.com/M"\n\nfunc main() { println(m.X) }\n'


MODULES = {
    "example.com/M": (
        "module example.com/M\n\ngo 1.20\n\nrequire example.com/n v1.0.0\n",
        'package m\n\nimport "example.com/n"\n\nvar X = n.X\n',
    ),
    "example.com/n": ("module example.com/n\n\ngo 1.20\n", "package n\n\nvar X = 1\n"),
}


def lay_proxy(folder: Path) -> None:
    """A directory of modules, as a file:// proxy is laid out."""
    for path, (mod, source) in MODULES.items():
        below = folder / path.replace("M", "!m") / "@v"
        below.mkdir(parents=True)
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as content:
            content.writestr(f"{path}@v1.0.0/go.mod", mod)
            content.writestr(f"{path}@v1.0.0/x.go", source)
        (below / "v1.0.0.info").write_text(json.dumps({"Version": "v1.0.0", "Time": "2024-01-01T00:00:00Z"}))
        (below / "v1.0.0.mod").write_text(mod)
        (below / "v1.0.0.zip").write_bytes(archive.getvalue())
        (below / "list").write_text("v1.0.0\n")


class Builder(NamedTuple):
    """A machine that builds: /src in a module, its modules in a cache, and a go command."""

    tool: Toolchain
    home: Path

    @property
    def source(self) -> Path:
        return self.home / "src"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    def env(self, **changed: str) -> dict[str, str]:
        base = {
            "PATH": str(self.tool.go.parent),
            "HOME": str(self.home),
            "GOMODCACHE": str(self.cache),
            "GOTOOLCHAIN": "local",
            "GOPROXY": "off",
            "GOFLAGS": "-modcacherw",
        }
        return {**base, **changed}

    def go(self, *args: str, **changed: str) -> None:
        env = self.env(GOSUMDB="off", HTTPS_PROXY="http://127.0.0.1:1", **changed)
        subprocess.run([self.tool.go, *args], cwd=self.source, env=env, check=True, capture_output=True)


def check(target: Target, timeout_s: float = 60.0, **settings: Any) -> list[Finding]:
    run = Run(Deadline(timeout_s), "all", 1.8e9, Facts(target, go=NEWEST), lambda _: None)
    return list(Offline(**settings).run(target, run))


def look(
    builder: Builder,
    processes: Processes | None = None,
    *,
    env: Mapping[str, str] | None = None,
    **settings: Any,
) -> list[Finding]:
    """In this machine's tree; with *processes* the go command is run."""
    target = at_root("/", builder.env(**(env or {})))._replace(processes=processes)
    return check(target, **{"module": str(builder.source), **settings})


def of(findings: list[Finding], code: Code) -> Finding:
    found = [finding for finding in findings if finding.code is code]
    assert len(found) == 1, [(finding.code.name, finding.cause) for finding in findings]
    return found[0]


def vendor(builder: Builder) -> None:
    builder.go("mod", "vendor")
    shutil.rmtree(builder.cache)


def newer_line(builder: Builder) -> None:
    (builder.source / "go.mod").write_text(GO_MOD.format("1.99"))


def files(tree: Path) -> list[Path]:
    return sorted(path for path in tree.rglob("*") if path.is_file())
