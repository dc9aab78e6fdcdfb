"""What is set: values for each variable, and odd ones for all of them."""

import random
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.support.toolchains import Toolchain

_READ = tomllib.loads((Path(__file__).parent / "values.toml").read_text())
ODD = (*_READ.pop("any")["odd"], "\udcff", "x" * 5000)
SPECIFIC: dict[str, list[str]] = _READ

# The variable of a machine counts where one builds for it.
FOR = {
    "GO386": ("386",),
    "GOAMD64": ("amd64",),
    "GOARM": ("arm",),
    "GOARM64": ("arm64",),
    "GOMIPS": ("mips", "mipsle"),
    "GOMIPS64": ("mips64", "mips64le"),
    "GOPPC64": ("ppc64", "ppc64le"),
    "GORISCV64": ("riscv64",),
    "GOWASM": ("wasm",),
}


def names(go: Toolchain, env: dict[str, str]) -> list[str]:
    """The variables that this release's `go help environment` names."""
    said = subprocess.run([go.go, "help", "environment"], env=env, capture_output=True, text=True, check=True)
    found = re.findall(
        r"^\t([A-Z][A-Z0-9_]+(?:, [A-Z][A-Z0-9_]+)*)$", said.stdout.replace(" \n", "\n"), re.MULTILINE
    )
    return sorted({name for line in found for name in line.split(", ")})


def cases(
    go: Toolchain, env: dict[str, str], draw: random.Random | None = None, odd: int = 0
) -> Iterator[dict[str, str]]:
    """What is set in each case. Every value of SPECIFIC, and of ODD all, or *odd* for each variable."""
    for name in names(go, env):
        strange = [value for value in ODD if value not in SPECIFIC.get(name, ())]
        if draw:
            strange = draw.sample(strange, odd)
        for value in (*SPECIFIC.get(name, ()), *strange):
            yield {name: value}
        for machine in FOR.get(name, ()):
            system = {"GOOS": "js"} if machine == "wasm" else {}
            for value in (*SPECIFIC.get(name, ()), *strange):
                yield {"GOARCH": machine, **system, name: value}
