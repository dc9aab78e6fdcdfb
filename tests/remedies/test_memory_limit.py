"""What people write into GOMEMLIMIT: Go refuses it, and takes what is advised for what was meant."""

import subprocess

import pytest

from probe.remedies import memory_limit
from tests.golang.builds import build, module
from tests.support.commands import clean_environment

GO = "1.27.3"
OFF = (1 << 63) - 1
MEMORY = 1 << 30
_SOURCE = """package main

import "runtime/debug"

func main() { println(debug.SetMemoryLimit(-1)) }
"""
_M, _G = 1 << 20, 1 << 30
WAYS = {
    **dict.fromkeys(
        ("-1", "unlimited", "max", "none", "infinity", "no limit", "OFF", "Off", " off", "-1B"), OFF
    ),
    **dict.fromkeys(
        (" 2GiB", "2GiB ", "2 GiB", "2g", "2G", "2GB", "2Gb", "2gb", "2Gi", "2gib", "2GIB"), 2 * _G
    ),
    **dict.fromkeys(
        ('"2GiB"', "'2GiB'", "2GiB;", "=2GiB", "2GiB\r", "GOMEMLIMIT=2GiB", "2.0GiB", "2 gigabytes"), 2 * _G
    ),
    **dict.fromkeys(
        ("2048M", "2048Mi", "2048MB", "2 048 MiB", "2,048MiB", "2GiB # all", "2gig", "2Go", "0x80000000"),
        2 * _G,
    ),
    **dict.fromkeys(("1.5GiB", "1.5G", "1,5GiB", "1.5Gi", "1536M", "1536m", "1536Mi"), 1536 * _M),
    **dict.fromkeys(
        ("1e9", "1E9", "1e+9", "1_000_000_000", "1,000,000,000", "1'000'000'000", "1000000000 bytes"), 10**9
    ),
    **dict.fromkeys(("0x1000", "4k", "4K", "4KB", "4096 B", "4096b"), 4096),
    **dict.fromkeys(
        ("80%", "80 %", "80pct", "80 percent", "0.8", ".8", "80.0%", "80,0 %", "80% of memory"), 819 * _M
    ),
    **dict.fromkeys(("100%",), 1024 * _M),
    **dict.fromkeys(("512Mi", "512M", "512mb", "0.5G", "0.5g", "512 MB", "512Mib"), 512 * _M),
}
UNKNOWN = (
    "a lot",
    "",
    "120%",
    "GiB",
    "1.2.3GiB",
    "-2GiB",
    "$(LIMIT)",
    "1e99",
    "9999999999GiB",
    "0",
    "1" * 300,
    *("1,5", "4.0", "512.000", "80% of 2G"),  # bytes are whole, and a share of another amount is not ours
)


@pytest.fixture(scope="module")
def program() -> str:
    return str(build(GO, module(_SOURCE)))


def _seen(program: str, value: str) -> int | None:
    """The limit as the runtime has it; None where it does not start."""
    env = {**clean_environment(), "GOMEMLIMIT": value}
    done = subprocess.run([program], env=env, capture_output=True, text=True, timeout=20)
    return int(done.stderr) if done.returncode == 0 else None


@pytest.mark.parametrize("value", WAYS)
def test_go_takes_what_was_meant(program: str, value: str) -> None:
    assert _seen(program, value) is None, value
    told = memory_limit.meant(value, MEMORY)
    assert told is not None
    assert _seen(program, told) == WAYS[value], told


@pytest.mark.parametrize("value", UNKNOWN)
def test_nothing_is_guessed(value: str) -> None:
    assert memory_limit.meant(value, MEMORY) is None
    assert memory_limit.meant("80%") is None


def test_every_amount_in_every_notation() -> None:
    """A grid of amounts, units and blanks; what is advised is what Kubernetes and Docker take it for."""
    for amount in (1, 3, 64, 750, 1023):
        for unit, shift in (("k", 10), ("Ki", 10), ("m", 20), ("Mi", 20), ("MB", 20), ("g", 30), ("Gb", 30)):
            for form in ("{}{}", "{} {}", " {}{} ", '"{}{}"', "{}.0{}"):
                told = memory_limit.meant(form.format(amount, unit))
                assert told
                assert told.removesuffix("B")[:-2].isdigit()
                assert memory_limit.meant(told) == told
                known = {"KiB": 10, "MiB": 20, "GiB": 30}[told[-3:]]
                assert int(told[:-3]) << known == amount << shift
