"""`probe inspect` through the command: keys are a public contract, and options choose what is looked at."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import MakeTarget, RunProbe


@pytest.fixture
def ask(run_probe: RunProbe, root: Path) -> Any:
    def asked(*arguments: str) -> Any:
        done = run_probe("inspect", *arguments, "--root", str(root))
        assert (done.code, done.err) == (0, "")
        return json.loads(done.out)

    return asked


@pytest.mark.parametrize(
    ("what", "keys"),
    [
        ("roots", {"go", "go_source", "roots", "skipped", "sources", "error", "blocks_on"}),
        ("timezone", {"go", "go_source", "name", "file", "january", "july", "fallback", "blocks_on"}),
        ("version", {"toolchain", "binary"}),
        ("pinned", {"version_file", "sums"}),
        ("clock", {"now", "kernel", "why_not", "built", "newest_root"}),
    ],
)
def test_the_keys_are_those_that_were_promised(ask: Any, what: str, keys: set[str]) -> None:
    """An empty root has them all."""
    assert set(ask(what)) == keys


def test_the_environment_is_a_table_of_variables(ask: Any) -> None:
    """Each with its value and its origin; what --env says is the operating system's."""
    found = ask("env", "--env", "GOPROXY=off")
    assert found["GOPROXY"] == {"value": "off", "origin": "os"}
    assert all(set(entry) == {"value", "origin"} for entry in found.values())


def test_the_year_can_be_chosen(ask: Any) -> None:
    """Otherwise it is that of --at, and that is now."""
    line = ("timezone", "--env", "TZ=Europe/Berlin")
    assert ask(*line)["fallback"] is True
    assert ask(*line, "--year", "1950")["january"] == {"abbreviation": "UTC", "offset_s": 0}
    assert ask(*line, "--at", "1950-06-01T00:00:00Z") == ask(*line, "--year", "1950")
    assert ask(*line) == ask(*line, "--at", str(int(time.time())))


def test_the_release_can_be_chosen(ask: Any) -> None:
    """With or without "go"; the newest that is known when nobody says."""
    assert ask("roots", "--as-go", "1.21.13")["go"] == "go1.21.13"
    assert ask("roots", "--as-go", "go1.24.2")["go"] == "go1.24.2"
    assert (ask("roots")["go"], ask("roots")["go_source"]) == ("go1.27.3", "default")
    assert ask("timezone", "--as-go", "1.24")["go_source"] == "as-go"


def test_with_root_the_environment_is_empty(run_probe: RunProbe, root: Path) -> None:
    """Our own TZ is not the target's."""
    line = ("inspect", "timezone", "--root", str(root))
    assert json.loads(run_probe(*line, TZ="No/Where").out)["name"] == "UTC"
    assert json.loads(run_probe("inspect", "timezone", TZ="No/Where").out)["fallback"] is True


def test_variables_come_from_files_and_options(
    run_probe: RunProbe, make_target: MakeTarget, tmp_path: Path
) -> None:
    """--env-file as docker run reads it, --env over it."""
    file = tmp_path / "env"
    file.write_text("# a comment\nTZ=UTC\nGOPROXY=direct\nGOSUMDB\n")
    line = ("inspect", "env", "--root", make_target().name, "--env-file", str(file))
    found = json.loads(run_probe(*line, "--env", "GOPROXY=off", GOSUMDB="off").out)
    assert found["GOPROXY"]["value"] == "off"
    assert found["GOSUMDB"] == {"value": "off", "origin": "os"}
    done = run_probe(*line[:-1], str(tmp_path / "missing"))
    assert (done.code, done.err.count("\n")) == (64, 1)


def test_a_target_that_is_not_there_is_an_error(run_probe: RunProbe) -> None:
    """Exit 1 and one line with the code."""
    done = run_probe("inspect", "roots", "--root", "/no/such/root")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("probe: TARGET_NOT_FOUND: --root /no/such/root: ")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        *("roots --year 2026", "env /bin/go", "env --cwd srv", "env --timeout 0", "env --timeout soon"),
        *("roots --as-go 1.20", "roots --as-go 1.29", "roots --as-go 2.24"),
    ],
)
def test_options_of_another_question_are_refused(run_probe: RunProbe, line: str) -> None:
    """Nothing is silently left out."""
    assert run_probe("inspect", *line.split()).code == 64


def test_the_rules_of_every_known_release_can_be_chosen(ask: Any) -> None:
    """The first and the last one too."""
    assert ask("roots", "--as-go", "1.21")["go"] == "go1.21.0"
    assert ask("roots", "--as-go", "1.27")["go"] == "go1.27.0"
    assert ask("roots", "--as-go", "1.28")["go"] == "go1.28.0"


def test_it_ends_in_time(run_probe: RunProbe, tmp_path: Path) -> None:
    """A directory that takes long to read ends with one line; given time, it is read."""
    certs = tmp_path / "etc/ssl/certs"
    certs.mkdir(parents=True)
    for number in range(3000):
        (certs / f"{number}.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    line = ("inspect", "roots", "--root", str(tmp_path))
    done = run_probe(*line, "--timeout", "0.01")
    assert (done.code, done.out) == (1, "")
    assert done.err == "probe: inspect roots: not done after 0.01 s; raise --timeout\n"
    assert run_probe(*line).code == 0


def test_what_cannot_be_read_is_one_line(run_probe: RunProbe) -> None:
    """Memory looks like a file, and holds nothing at its beginning."""
    done = run_probe("inspect", "version", "/proc/self/mem")
    assert (done.code, done.out, done.err) == (
        1,
        "",
        "probe: inspect version: /proc/self/mem: input/output error\n",
    )


@pytest.mark.parametrize(
    ("file", "why"), [("/nowhere", "no such file or directory"), ("/etc", "a directory")]
)
def test_linkage_of_what_is_no_file(run_probe: RunProbe, file: str, why: str) -> None:
    """One line and exit 1, as for a chain."""
    done = run_probe("inspect", "linkage", file)
    assert (done.code, done.out, done.err) == (1, "", f"probe: inspect linkage: {file}: {why}\n")


def test_no_password_is_shown(run_probe: RunProbe) -> None:
    """One that somebody wrote into the variables of the roots, or that stands in any other."""
    url = "https://user:hunter2@proxy.internal/x"  # at its colons it falls apart into paths
    secrets = {"SSL_CERT_FILE": url, "SSL_CERT_DIR": url, "GOPROXY": url, "TZ": url}
    settings = [f"--env={name}={value}" for name, value in secrets.items()]
    for what in ("roots", "env", "timezone"):
        done = run_probe("inspect", what, *settings)
        assert done.code == 0
        assert "hunter2" not in done.out
    assert "proxy.internal" in run_probe("inspect", "roots", *settings).out
