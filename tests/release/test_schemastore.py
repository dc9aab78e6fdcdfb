"""What goes to SchemaStore is what the loader takes, and passes the rules there."""

import json
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from probe.config.json_schema import ADDRESS, config_schema
from tests.support import npm
from tests.support.commands import RunProbe
from tests.support.schemas import jsonschema

FOLDER = Path(__file__).parents[2] / "deploy/schemastore"
POSITIVE = sorted((FOLDER / "src/test/probe").glob("*.toml"))
NEGATIVE = sorted((FOLDER / "src/negative_test/probe").glob("*.toml"))
# SchemaStore/schemastore:cli.js validates in this mode what is in none of its lists of exceptions
AJV = """
const Ajv = require(process.argv[1]).default;
const [schema, documents] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const validate = new Ajv({strict: true, allErrors: true}).compile(schema);
console.log(JSON.stringify(documents.map((document) => validate(document))));
"""


def loaded(files: list[Path]) -> list[dict[str, Any]]:
    return [tomllib.loads(file.read_text()) for file in files]


def test_the_schema_is_the_one_that_is_printed() -> None:
    """`probe config --schema > deploy/schemastore/src/schemas/json/probe.json` brings it up to date."""
    kept = json.loads((FOLDER / "src/schemas/json/probe.json").read_text())
    assert kept == config_schema(), (
        "run: probe config --schema > deploy/schemastore/src/schemas/json/probe.json"
    )
    entry = json.loads((FOLDER / "catalog-entry.json").read_text())
    assert entry["url"] == config_schema()["$id"] == ADDRESS
    assert entry["fileMatch"] == ["probe.toml"]


@pytest.mark.parametrize("file", POSITIVE + NEGATIVE, ids=lambda file: file.stem)
def test_schema_and_loader_agree(file: Path, run_probe: RunProbe) -> None:
    """What one takes the other takes."""
    valid = jsonschema().Draft7Validator(config_schema()).is_valid(tomllib.loads(file.read_text()))
    assert valid == (file in POSITIVE)
    assert run_probe("config", "--check", "--config", str(file)).code == (0 if valid else 78)


def subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each schema of a key, tables and what lies in them."""
    for below in (*schema.get("properties", {}).values(), schema.get("additionalProperties")):
        if isinstance(below, dict):
            yield below
            yield from subschemas(below)


def test_every_key_is_described() -> None:
    """Draft 7; each key has a title in lower case, a description and a type, and nothing is open."""
    schema = config_schema()
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    jsonschema().Draft7Validator.check_schema(schema)
    found = [schema, *subschemas(schema)]
    assert len(found) > 80
    for one in found:
        assert one["title"][:1].islower()
        assert not one["description"].endswith(":")
        assert isinstance(one.get("type"), str) or len(one["anyOf"]) == 2
        assert one.get("type") != "object" or "additionalProperties" in one


@pytest.mark.needs("npm")
def test_it_passes_in_strict_mode() -> None:
    """Ajv, which judges there, and its verdict about each test."""
    ajv = npm.package("ajv", "8.17.1")
    asked = json.dumps([config_schema(), loaded(POSITIVE + NEGATIVE)])
    done = subprocess.run(
        ["node", "-e", AJV, str(ajv)], input=asked, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [True] * len(POSITIVE) + [False] * len(NEGATIVE)
