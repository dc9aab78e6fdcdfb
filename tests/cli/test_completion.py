"""Completion scripts and the manual page, by the shells and the formatter that read them."""

import shutil
import subprocess

import pytest

from probe.cli.commands import COMMANDS
from tests.support.commands import RunProbe

DRIVER = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _probe
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(run_probe: RunProbe, tmp_path: object, *words: str) -> set[str]:
    """What bash offers for the last of *words*."""
    script = f"{tmp_path}/probe.bash"
    with open(script, "w") as stream:
        stream.write(run_probe("completion", "bash").out)
    done = subprocess.run(["bash", "-c", DRIVER, "-", script, *words], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


def test_bash_completes(run_probe: RunProbe, tmp_path: object) -> None:
    """Commands, options, values, codes; a command line that begins with an option is that of check."""
    assert set(COMMANDS) <= completed(run_probe, tmp_path, "probe", "")
    assert completed(run_probe, tmp_path, "probe", "ch") == {"check"}
    assert completed(run_probe, tmp_path, "probe", "check", "--fo") == {"--format"}
    assert "junit" in completed(run_probe, tmp_path, "probe", "check", "--format", "")
    assert completed(run_probe, tmp_path, "probe", "node", "--format", "t") == {"table"}
    assert completed(run_probe, tmp_path, "probe", "explain", "CA_BUNDLE_MISS") == {"CA_BUNDLE_MISSING"}
    assert completed(run_probe, tmp_path, "probe", "inspect", "ro") == {"roots"}
    assert "timezone" in completed(run_probe, tmp_path, "probe", "--only", "")
    assert completed(run_probe, tmp_path, "probe", "check", "--timeout", "") == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_of_its_shell(shell: str, run_probe: RunProbe) -> None:
    """The shell's own parser takes it, and it knows every command."""
    if not shutil.which(shell):
        pytest.skip(f"needs {shell}")
    text = run_probe("completion", shell).out
    done = subprocess.run([shell, "-n", "/dev/stdin"], input=text, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert all(name in text for name in COMMANDS)


def test_the_manual_page_is_well_formed(run_probe: RunProbe) -> None:
    """mandoc finds no error, and prints every command."""
    if not shutil.which("mandoc"):
        pytest.skip("needs mandoc")
    text = run_probe("man").out
    command = ["mandoc", "-T", "lint", "-W", "error"]
    assert subprocess.run(command, input=text, capture_output=True, text=True).stdout == ""
    page = subprocess.run(["mandoc", "-T", "html"], input=text, capture_output=True, text=True).stdout
    words = " ".join(page.replace("_", " ").split())  # html breaks lines, and joins headings in links
    assert all(f"PROBE {name.upper()}" in words for name in COMMANDS)


def test_no_option_is_broken_in_help_or_manual(run_probe: RunProbe) -> None:
    """At its dashes: it could not be found or copied."""
    lines = [line for name in COMMANDS for line in run_probe(name, "--help").out.splitlines()]
    assert not [line for line in lines if line.endswith("-") and line[-2] != " "]
    assert run_probe("man").out.splitlines()[1:3] == [".nh", ".ad l"]


@pytest.mark.parametrize("line", ["help", "help check", "version", "-V", "check -q", "-v --only timezone"])
def test_habits_are_served(line: str, run_probe: RunProbe) -> None:
    """What everybody types first."""
    assert run_probe(*line.split()).code in (0, 1)


def test_the_first_help_fits_a_terminal(run_probe: RunProbe) -> None:
    """24 lines of 80 columns, and the first says what this is."""
    lines = run_probe("--help").out.splitlines()
    assert len(lines) <= 24
    assert lines[0].startswith("Check whether a Go program will work in this container")
    for name in ("--help", *(f"{command} --help" for command in (*COMMANDS, "completion", "man"))):
        assert max(map(len, run_probe(*name.split()).out.splitlines())) <= 80, name


def test_names_may_be_joined(run_probe: RunProbe) -> None:
    """--only a,b is --only a --only b."""
    joined = run_probe("check", "--only", "timezone,go-env", "--format", "tap")
    apart = run_probe("check", "--only", "timezone", "--only", "go-env", "--format", "tap")
    assert joined.out.splitlines()[0] == apart.out.splitlines()[0]
    assert joined.out.count("\nok") + joined.out.count("\nnot ok") == 2
    assert run_probe("check", "--only", "timezone,nothing").code == 64


def test_an_endpoint_has_its_option(run_probe: RunProbe) -> None:
    """As short as what one tries first; it is the configuration's key."""
    shown = run_probe("config", "--show", "--endpoint", "a.example:443", "--endpoint", "b.example:444")
    assert 'endpoints = ["a.example:443", "b.example:444"]' in shown.out
    assert run_probe("check", "--endpoint", "https://a.example").code == 64
