"""The command line: how it is read, what it refuses and how it helps."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.cli import check, commands, config, explain, inspect, manifest
from probe.cli.arguments import Command, Flag, Operand, parse
from probe.cli.commands import COMMANDS
from probe.cli.help import of_command
from probe.errors import UsageError
from tests.pictures import terminal
from tests.support.commands import RunProbe

SAMPLE = Command(
    "sample",
    "A sample.",
    (Flag("--on", "a switch"), Flag("--one", "one value", "X"), Flag("--many", "values", "X", many=True)),
    (Operand("FILE", "a file"), Operand("[MORE]", "another")),
)
REAL = (check.COMMAND, config.COMMAND, explain.COMMAND, inspect.COMMAND, manifest.COMMAND)


@pytest.mark.parametrize(
    ("line", "options", "operands"),
    [
        ("f", {}, ["f"]),
        ("f --on", {"--on": [""]}, ["f"]),
        ("--one 1 f", {"--one": ["1"]}, ["f"]),
        ("--one=1 f --one=2", {"--one": ["1", "2"]}, ["f"]),
        ("--one= f", {"--one": [""]}, ["f"]),
        ("--one=--on f", {"--one": ["--on"]}, ["f"]),
        ("--one - f", {"--one": ["-"]}, ["f"]),
        ("--many a=b --many c f g", {"--many": ["a=b", "c"]}, ["f", "g"]),
        ("-- --on -x", {}, ["--on", "-x"]),
        ("f -h", {"--help": [""]}, ["f"]),
        ("--help", {"--help": [""]}, []),
    ],
)
def test_it_is_taken_apart(line: str, options: dict[str, list[str]], operands: list[str]) -> None:
    """Values follow a blank or "=", options and operands mix, after -- there are only operands."""
    found = parse(SAMPLE, line.split())
    assert (found.options, list(found.operands)) == (options, operands)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("f --off", "there is no option --off"),
        ("f --o", "there is no option --o; did you mean --on?"),
        ("f -x", "there is no option -x"),
        ("f --one", "--one needs a value: --one X"),
        ("f --one --on", "--one needs a value: --one X"),
        ("f --on=1", "--on takes no value"),
        ("", "FILE is missing"),
        ("a b c", "unexpected argument c"),
    ],
)
def test_what_is_wrong_is_told(line: str, problem: str) -> None:
    """One line: the command, what is wrong with it, the nearest name, where to read more."""
    with pytest.raises(UsageError) as refused:
        parse(SAMPLE, line.split())
    assert str(refused.value) == f"probe sample: {problem} (probe sample --help)"


@given(
    st.lists(st.text(max_size=10) | st.sampled_from(["--on", "--one", "--many=1", "--", "-h"]), max_size=6)
)
def test_any_line_is_taken_or_refused(arguments: list[str]) -> None:
    """No command line makes anything else than a result or a UsageError."""
    try:
        found = parse(SAMPLE, arguments)
    except UsageError:
        return
    assert found.on("--help") or 1 <= len(found.operands) <= 2


@pytest.mark.parametrize("command", REAL, ids=lambda command: command.name)
def test_help_tells_all(command: Command) -> None:
    """Every option and operand has its line, nothing is wider than a terminal, examples use what exists."""
    text = of_command(command)
    for flag in command.flags:
        assert f"  {flag.name}" in text
        assert flag.doc
    assert all(len(line) <= 80 for line in text.splitlines())
    known = {flag.name for flag in command.flags}
    for example in command.examples:
        words = example.replace("=", " ").split()
        assert {word for word in words if word.startswith("--")} <= known
        assert f"probe {command.name}" in example


def test_help_costs_no_run(run_probe: RunProbe) -> None:
    """--help exits 0 and prints to stdout, for probe itself and for each command."""
    overview = run_probe("--help")
    assert (overview.code, overview.err) == (0, "")
    for name in COMMANDS:
        assert f"  {name} " in overview.out
        for option in ("--help", "-h"):
            done = run_probe(name, option)
            assert (done.code, done.err) == (0, "")
            assert done.out.startswith(f"usage: probe {name}")


def test_an_incomplete_line_still_gets_its_help(run_probe: RunProbe) -> None:
    """Whoever does not know yet what is missing can ask."""
    assert run_probe("inspect", "--help").code == 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("chekc", "probe: there is no command chekc; did you mean check? (probe --help)"),
        ("run", "probe run: write -- and the command: probe run -- CMD"),
        (
            "--formatt json",
            "probe check: there is no option --formatt; did you mean --format? (probe check --help)",
        ),
        ("check --json", "probe check: there is no option --json; use --format json (probe check --help)"),
        ("check --lang zh", "probe check: there is no option --lang; use PROBE_LANG=zh in the environment"),
        ("run --json -- x", "probe run: there is no option --json (probe run --help)"),
        ("--verson", "probe check: there is no option --verson; did you mean --version?"),
        ("check --version", "probe check: there is no option --version; use probe --version"),
        ("check --endpoint a", 'probe check: --endpoint a: the port is missing; write "a:443"'),
        (
            "check --endpoint https://u:p@a/",
            "probe check: --endpoint https://***@a/: write host:port without",
        ),
        ("baseline foo", "probe baseline: WHAT foo: choose from snapshot"),
        ("check --format yaml", "probe check: --format yaml: choose from text, json, "),
        (
            "check --role liev",
            "probe check: --role liev: choose from startup, ready, live, all; did you mean live?",
        ),
        ("check --only timezoen", "probe check: --only timezoen: choose from "),
        ("check --skip nothing", "probe check: --skip nothing: choose from "),
        ("check --timeout soon", 'probe check: --timeout must be a number from 0.1 to 3600, not "soon"'),
        ("check --timeout 0", "probe check: --timeout must be a number from 0.1 to 3600, not 0"),
        ("check --timeout nan", "probe check: --timeout must be a number from 0.1 to 3600, not nan"),
        ("check --at noon", "probe check: --at noon: write a time such as 2027-01-01T00:00:00Z"),
        ("check --at 2027-01-01T00:00:00", "probe check: --at 2027-01-01T00:00:00: write a time such as"),
        ("check --as-go old", "probe check: --as-go old: write a release of Go such as 1.24 or 1.24.3"),
        (
            "check --quiet --format json",
            "probe check: --quiet is for the text format, and not with --verbose",
        ),
        ("check --root / --pid 1", "probe check: --root and --pid exclude each other"),
        ("check --pid zero", "probe check: --pid zero: must be the number of a process"),
        ("check --pid 99999999999999999999", "probe check: --pid 99999999999999999999: must be the number"),
        ("check --env TZ", "probe check: --env TZ: write K=V"),
        ("serve 127.0.0.1:0 --pid zero", "probe serve: --pid zero: must be the number of a process"),
        ("check --user 1", "probe check: --user needs --root, --pid, --process or --image"),
        ("check more", "probe check: unexpected argument more; use --image FILE, --root DIR or --pid N"),
        ("explain CA_BUNDEL", "probe: there is no code CA_BUNDEL"),
        ("explain GO_ENV_OKAY", "probe: there is no code GO_ENV_OKAY; did you mean GO_ENV_OK?"),
        ("inspect", "probe inspect: WHAT is missing"),
        ("inspect time", "probe inspect: WHAT time: choose from "),
        ("inspect timezone --year 0", "probe inspect: --year 0: write a year such as "),
        ("config", "probe config: choose one of --check, --show, --schema"),
        ("config --check --show", "probe config: choose one of --check, --show, --schema"),
        ("config --schema reprot", "probe config: --schema reprot: choose from config, report"),
        ("config --show report", "probe config: unexpected argument report"),
    ],
)
def test_a_wrong_line_exits_64(run_probe: RunProbe, line: str, message: str) -> None:
    """One line on stderr, nothing on stdout, and never the exit code 2."""
    done = run_probe(*line.split())
    assert (done.code, done.out) == (64, "")
    assert done.err.startswith(message)
    assert done.err.count("\n") == 1


def test_every_check_skipped_is_a_wrong_line(run_probe: RunProbe) -> None:
    """Nothing looked at is never healthy, and here it is plain why."""
    from probe.checks import NAMES

    done = run_probe("check", *(word for name in NAMES for word in ("--skip", name)))
    assert (done.code, done.out) == (64, "")
    assert "--skip leaves no check to run" in done.err


def test_version_is_that_of_the_package(run_probe: RunProbe) -> None:
    """`probe 1.2.3`."""
    from probe import __version__

    assert run_probe("--version") == (0, f"probe {__version__}\n", "")


def test_the_operand_of_run_is_shown_whole(run_probe: RunProbe) -> None:
    """Only what stands in brackets as a whole loses them."""
    assert "\n  -- CMD [ARGS]           the program" in run_probe("run", "--help").out
    assert "\n  CODE                    a code" in run_probe("explain", "--help").out


def test_a_terminal_is_told_where_to_go_on(tmp_path: Path) -> None:
    """After the verdict of `probe` alone; not in a pipe, not with arguments."""
    if os.path.exists("/etc/probe.toml"):
        pytest.skip("needs a machine without /etc/probe.toml")
    told = terminal.run([], tmp_path)
    lines = terminal.plain(told).splitlines()
    assert "healthy: " in next(line for line in lines if line and not line.startswith("waiting for"))
    last = told.splitlines()[-4:]
    assert last[0].startswith("next: probe explain CODE")
    assert last[-1].strip().startswith("probe --help")
    assert all(len(line) <= 80 for line in last)
    assert "next:" not in terminal.run(["check"], tmp_path)


def test_a_pipe_is_not(run_probe: RunProbe) -> None:
    assert "next:" not in run_probe().out


def test_help_fits_a_terminal(run_probe: RunProbe) -> None:
    """24 lines of 80 columns; of each command, 80 columns."""
    lines = run_probe("--help").out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    for name in (*commands.COMMANDS, "completion", "man"):
        assert max(map(len, of_command(commands.described(name)).splitlines())) <= 80
