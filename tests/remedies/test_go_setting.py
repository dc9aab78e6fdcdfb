"""What people write to choose a release or a platform: Go refuses it, and takes what is advised."""

import subprocess
from pathlib import Path

import pytest

from probe.remedies import go_setting
from tests.support.commands import clean_environment
from tests.support.toolchains import Toolchain, install

OWN = "go1.27.3"
RELEASES = {
    **dict.fromkeys(
        (
            *(
                "Local",
                "LOCAL",
                "local ",
                " local",
                '"local"',
                "'local'",
                "local;",
                "local,",
                "lcoal",
                "locale",
            ),
            *("GOTOOLCHAIN=local", "off", "none", "no", "false", "never", "disabled", "current", "local\r"),
        ),
        "local",
    ),
    **dict.fromkeys(("Auto", "auto ", "auto,local", "auto+local", "auto|path", "path+auto"), "auto"),
    "local,auto": "local+auto",
    "Path": "path",
    **dict.fromkeys(
        (
            *("1.27.3", "v1.27.3", "go 1.27.3", "golang1.27.3", "golang:1.27.3", "GO1.27.3", "go-1.27.3"),
            *(
                "go1.27.3 ",
                "go1.27.3+local",
                "go1.27.3,local",
                "1.27",
                "go1.27",
                "go1.27.x",
                "1.27.x",
                "v1.27",
            ),
        ),
        OWN,
    ),
    **dict.fromkeys(("1.24.1", "v1.24.1", "go 1.24.1", "golang1.24.1", "go1.24.1+local"), "go1.24.1"),
    **dict.fromkeys(("1.24", "go1.24", "go1.24.x", "golang1.24"), "go1.24.0"),
    "1.24.1+auto": "go1.24.1+auto",
}
UNKNOWN = ("latest", "stable", "default", "newest", "2.0", "$GO_VERSION", "", "x" * 300)
SYSTEMS = {
    **dict.fromkeys(("Linux", "LINUX", "linux ", '"linux"', "linux/amd64", "linx", "linux64"), "linux"),
    **dict.fromkeys(("macos", "macOS", "osx", "mac", "Darwin"), "darwin"),
    **dict.fromkeys(("win", "Windows", "win64", "win32", "window"), "windows"),
}
MACHINES = {
    **dict.fromkeys(("x86_64", "x86-64", "x64", "AMD64", "amd64 ", "linux/amd64", "admd64"), "amd64"),
    **dict.fromkeys(("aarch64", "ARM64", "arm64v8", "armv8", "arm64/v8", "'arm64'"), "arm64"),
    **dict.fromkeys(("armhf", "armv7", "armv7l", "armel", "arm/v7", "arm32v7"), "arm"),
    **dict.fromkeys(("i386", "i686", "x86"), "386"),
    "ppc64el": "ppc64le",
    "loongarch64": "loong64",
    "riscv": "riscv64",
    "s390": "s390x",
}
LEVELS = {  # variable, GOARCH, release that refuses → values
    ("GOAMD64", "amd64", "1.21.13"): {
        **dict.fromkeys(("V3", "3", "v3 ", "x86-64-v3", "x86_64_v3", "avx2", '"v3"', "GOAMD64=v3"), "v3"),
        "V1": "v1",
        "sse4.2": "v2",
        "avx512": "v4",
    },
    ("GOARM", "arm", "1.21.13"): dict.fromkeys(
        ("v7", "armv7", "7,hard", "7 ", "7hf", "8", '"7"', "armv7l", "7,hardfloat"), "7"
    ),
    ("GOARM64", "arm64", "1.27.3"): {
        **dict.fromkeys(("8", "v8", "armv8", "V8.0", "8.0", "armv8-a"), "v8.0"),
        **dict.fromkeys(("armv8.2", "V8.2", "8.2", "ARMv8.2-A", "v8.2 "), "v8.2"),
        "v9": "v9.0",
        "v8.2,LSE": "v8.2,lse",
        "v8.2+crypto": "v8.2,crypto",
    },
    ("GO386", "386", "1.27.3"): {
        **dict.fromkeys(("sse", "SSE2", "sse2 ", "hardfloat"), "sse2"),
        **dict.fromkeys(("387", "soft"), "softfloat"),
    },
}


def _said(go: Toolchain, home: Path, command: str, **env: str) -> str:
    """What a go command says to a setting: without it, nothing."""
    home.joinpath("go.mod").write_text("module x.example/m\n\ngo 1.21\n")
    home.joinpath("m.go").write_text("package m\n")
    settings = {
        **clean_environment(),
        "HOME": str(home),
        "GOCACHE": str(home / "cache"),
        "GOPROXY": "off",
        "GOFLAGS": "",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
        **env,
    }
    done = subprocess.run(
        [go.go, *command.split()], env=settings, cwd=home, capture_output=True, text=True, timeout=90
    )
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize("value", RELEASES)
def test_a_release(go_newest: Toolchain, tmp_path: Path, value: str) -> None:
    """What is advised runs, or is a release that would be fetched."""
    refusals = ("invalid GOTOOLCHAIN", "is a language version", "non-semver")
    assert any(words in _said(go_newest, tmp_path, "version", GOTOOLCHAIN=value) for words in refusals)
    told = go_setting.meant("GOTOOLCHAIN", value, OWN)
    assert told == RELEASES[value]
    said = _said(go_newest, tmp_path, "version", GOTOOLCHAIN=told)
    assert not any(words in said for words in refusals)
    assert not said or "1.24" in told


@pytest.mark.parametrize("value", UNKNOWN)
def test_nothing_is_guessed(value: str) -> None:
    """Empty is what Go takes for its default."""
    for name in ("GOTOOLCHAIN", "GOOS", "GOARCH", "GOAMD64", "GOARM", "GOARM64", "GO386"):
        assert go_setting.meant(name, value, OWN) == ""


@pytest.mark.parametrize(("name", "ways"), [("GOOS", SYSTEMS), ("GOARCH", MACHINES)])
def test_a_platform(go_newest: Toolchain, tmp_path: Path, name: str, ways: dict[str, str]) -> None:
    """As `go list` judges it, which asks for a known pair."""
    known = subprocess.run([go_newest.go, "tool", "dist", "list"], capture_output=True, text=True, check=True)
    pairs = known.stdout.split()
    for value, right in ways.items():
        assert "unsupported GOOS/GOARCH" in _said(go_newest, tmp_path, "build", **{name: value}), value
        assert go_setting.meant(name, value, OWN) == right, value
        assert any(right in pair.split("/") for pair in pairs)


@pytest.mark.parametrize(("name", "machine", "release"), LEVELS)
def test_a_level(tmp_path: Path, name: str, machine: str, release: str) -> None:
    go = install(release)
    for value, right in LEVELS[name, machine, release].items():
        assert name in _said(go, tmp_path, "build", GOARCH=machine, **{name: value}), value
        told = go_setting.meant(name, value, f"go{release}")
        assert told == right, value
    for right in set(LEVELS[name, machine, release].values()):
        assert not _said(go, tmp_path, "build", GOARCH=machine, **{name: right}), right
