"""
The JSON Schema of the configuration, for editors and for those who generate it.

Draft 7, and the other rules of SchemaStore, where editors look (SchemaStore/schemastore:CONTRIBUTING.md).
"""

from typing import Any

from probe.config.schema import DEFAULTS, RUN, TABLES, Configured, owner, table_of
from probe.options import Option

DIALECT = "http://json-schema.org/draft-07/schema#"
ADDRESS = "https://www.schemastore.org/probe.json"


def config_schema() -> dict[str, Any]:
    """What a configuration file may hold, with the defaults."""
    properties = {option.name: _option(option, DEFAULTS[option.name]) for option in RUN}
    return {
        "$schema": DIALECT,
        "$id": ADDRESS,
        "title": "probe.toml",
        "description": "The settings of probe, which tells whether a Go program will work in its container",
        **_object(properties | {name: _table(owner(name)) for name in TABLES}),
    }


def _table(check: Configured) -> dict[str, Any]:
    table = table_of(check.name)
    if table.rules:
        rules = _object({rule.name: _option(rule) for rule in table.rules.values()})
        default = _plain(getattr(check, table.rules_field))
        names = {"type": "string", "pattern": "^[^=\\x00-\\x1f]{1,100}$"}
        return {
            **_told(check.name, f"What [{check.name}.NAME] says of the variable NAME"),
            "type": "object",
            "propertyNames": names,
            "additionalProperties": {**_told("variable", "The rules for one variable"), **rules},
            "default": default,
        }
    return _told(check.name, f"The settings of {check.name}") | _object(
        {name: _option(option, getattr(check, name)) for name, option in table.options.items()}
    )


def _told(name: str, description: str) -> dict[str, Any]:
    return {"title": name.removesuffix("_s").replace("_", " "), "description": description}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _option(option: Option, default: Any = None) -> dict[str, Any]:
    schema: dict[str, Any] = {**_told(option.name, option.doc), **_kind(option)}
    return schema if default is None else {**schema, "default": _plain(default)}


def _kind(option: Option) -> dict[str, Any]:
    match option.kind:
        case "boolean":
            return {"type": "boolean"}
        case "integer" | "number":
            bounds = {"minimum": option.minimum, "maximum": option.maximum}
            return {"type": option.kind, **{key: bound for key, bound in bounds.items() if bound is not None}}
        case "choice":
            return {"type": "string", "enum": list(option.choices)}
        case "version":
            return {"type": "string", "pattern": r"^(go)?\d+(\.\d+)*([a-z]+\d*)?$"}
        case "endpoints":
            forms = "|".join((*option.choices, r"\[[^\]]+\]:\d+", r"[^\s:/@\[\]]+:\d+"))
            host = f"^({forms})$"
            return {"type": "array", "items": {"type": "string", "pattern": host}}
        case "texts":
            return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
        case "strings" | "choices":
            items = {"type": "string"} | ({"enum": list(option.choices)} if option.choices else {})
            least = {"minItems": int(option.minimum)} if option.minimum else {}
            return {"type": "array", "items": items, **least}
    return {"type": "string"}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return {key: _plain(item) for key, item in value.items()} if hasattr(value, "items") else value
