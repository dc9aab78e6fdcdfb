"""Settings and files with which no go command or no build works: real Go is asked the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import toolchains
from tests.support.commands import clean_environment
from tests.support.toolchains import CACHE, Toolchain

# variable, value: valid, odd and absurd
SETTINGS = [
    ("GOFLAGS", "-nosuchflag"),
    ("GOFLAGS", "-mod=readonly"),
    ("GOFLAGS", "-mod=foo"),
    ("GOFLAGS", "-mod=foo -mod=mod"),
    ("GOFLAGS", "-trimpath -buildvcs=false"),
    ("GOFLAGS", "-test.short -artifacts"),
    ("GOFLAGS", "-toolexec=/nope"),
    ("GOFLAGS", "--tags=a,b -ldflags=-s"),
    ("GOFLAGS", "-test.nosuch=1"),
    ("GOFLAGS", "---v"),
    ("GOOS", "foo"),
    ("GOOS", "windows"),
    ("GOOS", "LINUX"),
    ("GOARCH", "foo"),
    ("GOARCH", "x86_64"),
    ("GOARCH", "arm64"),
    ("GOWORK", "/nope/go.work"),
    ("GOWORK", "go.work"),
    ("GOWORK", "off"),
    ("GOCACHEPROG", "/nope"),
    ("GOTOOLCHAIN", "go1.22"),
    ("GOTOOLCHAIN", "go1.22+auto"),
    ("GOTOOLCHAIN", "local"),
    ("GOTOOLCHAIN", "nonsense"),
    ("GOTOOLCHAIN", "go1.27.3 "),
    ("GOTOOLCHAIN", "go1.27.3"),
    ("GOFLAGS", "-v=maybe"),
    ("GOFLAGS", "-trimpath=T -work=0"),
    ("GOFLAGS", "-trimpath=maybe"),
    ("GOFLAGS", "-race"),
    ("GOFLAGS", "-race=false -p=0x2"),
    ("GOFLAGS", "-p=0"),
    ("GOFLAGS", "-p=x"),
    ("GOFLAGS", "-tags"),
    ("GOFLAGS", "-compiler=gc -buildmode=exe"),
    ("GOFLAGS", "-compiler=clang"),
    ("GOFLAGS", "-buildmode=foo"),
    ("GOFLAGS", "-buildmode=pie"),
    ("GOFLAGS", "-covermode=foo"),
    ("GOFLAGS", "-buildvcs=maybe"),
    ("GOFLAGS", "-buildvcs=auto"),
    ("GOFLAGS", "-asmflags=x"),
    ("GOFLAGS", "-gcflags=all=-N"),
    ("GOFLAGS", "'-ldflags=-s -w'"),
    ("GOFLAGS", "-ldflags==-s"),
    ("GOFLAGS", "-modfile=/gone/go.mod"),
    ("GOFLAGS", "-modfile=/etc/hostname"),
    ("GOFLAGS", "-overlay=/gone"),
    ("GOFLAGS", "-pgo=/gone"),
    ("GOFLAGS", "-pgo=off"),
    ("GOFLAGS", "-linkshared"),
    ("GOFLAGS", "-toolexec=no-such-program"),
    ("GOFLAGS", "-toolexec=env"),
    ("GOOS", "js"),
    ("GOARCH", "wasm"),
    ("GOCACHE", "off"),
    ("GOCACHE", "relative"),
    ("GOCACHE", "/dev/null"),
    ("GOCACHE", "/etc/hostname/cache"),
    ("GOTMPDIR", "/gone"),
    ("GOTMPDIR", "/etc/hostname"),
    ("GOTMPDIR", "."),
    ("GOCACHEPROG", "no-such-program"),
    ("GOCACHEPROG", "/etc"),
    ("GOWORK", "/etc"),
    ("GOWORK", "/dev/null"),
    ("GOWORK", "/etc/passwd"),
    ("CC", "relative/cc"),
    ("CXX", "relative/c++ -O2"),
    ("CC", "'unterminated"),
    ("CC", "no-such-compiler"),
    ("FC", "relative/fortran"),
]


# The variable of a machine counts where one builds for it; each refusal comes before anything is compiled.
LEVELS = [
    ("arm64", "GOARM64", "v9.9"),
    ("arm64", "GOARM64", "v8"),
    ("arm64", "GOARM64", "v9.0,foo"),
    ("386", "GO386", "387"),
    ("mips", "GOMIPS", "foo"),
    ("mips64le", "GOMIPS64", "foo"),
    ("ppc64le", "GOPPC64", "power7"),
    ("riscv64", "GORISCV64", "rva21u64"),
    ("amd64", "GOAMD64", "v3"),
    ("amd64", "GOAMD64", "v9.0"),
    ("amd64", "GOARM64", "v9.9"),
    ("amd64", "GOARM", "x"),
]


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """An empty program, in a directory that is no root of temporary files."""
    folder = tmp_path / "module"
    folder.mkdir()
    (folder / "go.mod").write_text("module w\n\ngo 1.21\n")
    (folder / "main.go").write_text("package main\n\nfunc main() {}\n")
    return folder


def surroundings(go: Toolchain, tmp_path: Path, **env: str) -> dict[str, str]:
    return {
        **{name: value for name, value in clean_environment().items() if name != "PWD"},
        "PATH": f"{go.root}/bin:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "GOPROXY": "https://127.0.0.1:1",
        "CGO_ENABLED": "0",
        **env,
    }


def works(go: Toolchain, module: Path, env: dict[str, str]) -> bool:
    """Whether both `go version` and `go build` do."""
    surrounded = {"GOCACHE": str(CACHE.parent / "go-build" / go.version / "cache"), **env}
    for words in (["version"], ["build", "-o", "/dev/null", "."]):
        done = subprocess.run([go.go, *words], cwd=module, env=surrounded, capture_output=True, timeout=100)
        if done.returncode:
            return False
    return True


def judged(module: Path, env: dict[str, str]) -> tuple[bool, str]:
    command = [sys.executable, "-m", "probe", "check", "--role", "ready"]
    done = subprocess.run(
        [*command, "--only", "go-version", "--only", "go-env"],
        cwd=module,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode == 0, done.stdout


@pytest.mark.parametrize(("name", "value"), SETTINGS)
@pytest.mark.sweep
def test_a_setting_with_which_nothing_works(
    go_newest: Toolchain, module: Path, tmp_path: Path, name: str, value: str
) -> None:
    """The verdict is what `go version` and `go build` come to."""
    env = surroundings(go_newest, tmp_path, **{"GOTOOLCHAIN": "local", name: value})
    healthy, text = judged(module, env)
    assert healthy == works(go_newest, module, env), text
    if not healthy:
        codes = ("GOFLAGS_UNUSABLE", "GO_BUILD_IMPOSSIBLE", "GO_SETTING_REFUSED")
        assert any(f"fail {code}" in text for code in codes)


@pytest.mark.sweep
def test_an_experiment_that_the_compiler_does_not_survive(
    go_version: str, module: Path, tmp_path: Path
) -> None:
    """Up to Go 1.23; a build with it compiles the library anew."""
    go = toolchains.install(go_version)
    env = surroundings(go, tmp_path, GOTOOLCHAIN="local", GOEXPERIMENT="preemptibleloops")
    healthy, text = judged(module, env)
    assert healthy == works(go, module, env), text
    assert ("fail GO_BUILD_IMPOSSIBLE" in text) == (not healthy)


@pytest.mark.parametrize(("machine", "name", "value"), LEVELS)
@pytest.mark.sweep
def test_a_level_of_a_machine(
    go_newest: Toolchain, module: Path, tmp_path: Path, machine: str, name: str, value: str
) -> None:
    env = surroundings(go_newest, tmp_path, GOTOOLCHAIN="local", GOARCH=machine, **{name: value})
    healthy, text = judged(module, env)
    assert healthy == works(go_newest, module, env), text


@pytest.mark.parametrize(
    ("file", "text", "env"),
    [
        ("go.mod", "module w\ngo 1.99\n", {}),
        ("go.mod", "module w\ngo 1.99\n", {"GOTOOLCHAIN": "local"}),
        ("go.mod", "module w\ngo 1.21\ntoolchain go1.99.1\n", {}),
        ("go.mod", "module w\ngo 1.21\ntoolchain go1.99.1\n", {"GOTOOLCHAIN": "local"}),
        ("go.mod", "module w\ngo 1.21\ntoolchain foo\n", {}),
        ("go.mod", "module w\ngo 1.99\n", {"GOPROXY": "off"}),
        ("go.work", "go 1.99\nuse .\n", {}),
        ("go.work", "go 1.21\nuse .\n", {}),
    ],
)
def test_a_module_that_wants_another_go(
    go_newest: Toolchain, module: Path, tmp_path: Path, file: str, text: str, env: dict[str, str]
) -> None:
    """In the working directory of the target, as each go command looks there."""
    (module / file).write_text(text)
    surrounded = surroundings(go_newest, tmp_path, **env)
    healthy, told = judged(module, surrounded)
    assert healthy == works(go_newest, module, surrounded), told
    assert healthy == ("GO_MODULE_NEWER" not in told)
