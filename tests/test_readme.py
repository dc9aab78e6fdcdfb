"""What the README and docs/ say can be done is what the command takes, and the other way round."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

from probe import errors
from probe.checks import NAMES
from probe.cli import commands
from probe.cli.arguments import Command, parse
from probe.config.json_schema import config_schema
from probe.output import FORMATS

CHECKOUT = Path(__file__).parent.parent
README = (CHECKOUT / "README.md").read_text()
PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
ALL = "\n".join(page.read_text() for page in PAGES)
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", ALL, re.MULTILINE | re.DOTALL)


def table(name: str) -> Command:
    """What the command *name* takes."""
    from importlib import import_module

    found: Command = import_module(f"probe.cli.{name}").COMMAND
    return found


def calls() -> list[list[str]]:
    """The arguments of every `probe …` in a block of shell or in a Dockerfile's or manifest's list."""
    found = []
    for language, block in BLOCKS:
        for line in block.splitlines():
            if line.startswith(("docker build ", "helm ")):
                continue  # there it is the name of an image or a release
            if language in ("sh", "console") and (
                call := re.search(r"(?:^|\s|/)probe(?=\s|$)([^|&>]*)", line)
            ):
                found.append(shlex.split(call[1], comments=True))
            elif listed := re.search(r"\[\"?probe\"?, (.*?)\]", line):
                found.append([word.strip().strip('"') for word in listed[1].split(",")])
    return found


@pytest.mark.parametrize("arguments", calls(), ids=" ".join)
def test_every_call_is_taken(arguments: list[str]) -> None:
    """The command exists and takes these options and operands."""
    name = arguments[0] if arguments and not arguments[0].startswith("-") else "check"
    assert name in commands.COMMANDS
    parse(table(name), arguments[1:])


def test_there_are_calls() -> None:
    """The search above finds them, those for Docker and Kubernetes too."""
    assert ["check", "--role", "ready"] in calls()
    assert len(calls()) > 10


def test_every_option_that_is_named_exists() -> None:
    """`--option` in running text is one of ours."""
    known = {flag.name for name in commands.COMMANDS for flag in table(name).flags}
    prose = re.sub(r"^```.*?^```", "", ALL, flags=re.MULTILINE | re.DOTALL)
    foreign = {"--timeout=6s", "--sweep"}  # Docker's, told from ours, and that of the tests
    named = set(re.findall(r"`(--[a-z-]+(?:=\w+)?)", prose)) - foreign
    assert named <= known, named - known


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_every_command_is_told_of(name: str) -> None:
    """Whoever reads only the README meets them all."""
    assert f"probe {name}" in README


def test_every_check_and_format_is_told_of() -> None:
    """Each check has its row, and the formats stand in the order of --help."""
    for name in NAMES:
        assert f"\n| `{name}` | " in README
    assert " ".join(FORMATS) in README


def test_the_exit_codes_are_those_of_the_code() -> None:
    """The four numbers and their words."""
    said = re.search(r"^Exit codes: (.*?)\. ", README, re.MULTILINE | re.DOTALL)
    assert said
    numbers = [int(number) for number in re.findall(r"\*\*(\d+)\*\*", said[1])]
    assert numbers == [errors.HEALTHY, errors.UNHEALTHY, errors.USAGE, errors.CONFIG]


@pytest.mark.parametrize(
    "sample", [block for language, block in BLOCKS if language == "toml"], ids=("README", "configuration")
)
def test_the_configuration_shows_the_defaults(sample: str) -> None:
    """The sample loads, and each value in it is the default that the schema has."""
    properties: dict[str, Any] = config_schema()["properties"]
    for name, value in tomllib.loads(sample).items():
        if not isinstance(value, dict):
            assert properties[name]["default"] == value
        elif "properties" in properties[name]:
            fields = properties[name]["properties"]
            assert {key: field["default"] for key, field in fields.items()}.items() >= value.items()
        else:
            assert properties[name]["default"].items() >= value.items()


def test_every_key_is_told_of() -> None:
    """In docs/configuration.md, below its table; a table that is off stands there as a comment."""
    text = (CHECKOUT / "docs/configuration.md").read_text()
    sample = re.sub(r"^# (?=\[|[a-z_]+ =)", "", text, flags=re.MULTILINE)
    tables = dict(re.findall(r"^\[([a-z-]+)\](.*?)(?=^\[|^```)", sample, re.MULTILINE | re.DOTALL))
    for name, about in config_schema()["properties"].items():
        for key in about.get("properties", ()):
            assert f"\n{key} = " in tables[name], f"{name}.{key}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_links_lead_somewhere(page: Path) -> None:
    """Every file that a page points to is there."""
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / link).exists(), link


def test_the_configuration_page_has_every_key() -> None:
    """Each table with exactly its keys, those to opt in to behind `# `; of go-env there is a sample."""
    page = (CHECKOUT / "docs" / "configuration.md").read_text().split("```toml")[1].split("```")[0]
    shown = tomllib.loads(re.sub(r"^# (?=\[|\w+ = )", "", page, flags=re.MULTILINE))
    tables = {
        name: set(keys["properties"])
        for name, keys in config_schema()["properties"].items()
        if "properties" in keys
    }
    assert {name: set(table) for name, table in shown.items() if name in tables} == tables
