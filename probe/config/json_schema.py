"""The JSON Schema of the configuration, for editors and for those who generate it."""

from typing import Any

from probe.config.schema import DEFAULTS, RUN, TABLES, Configured, owner, table_of
from probe.options import Option

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def config_schema() -> dict[str, Any]:
    """What a configuration file may hold, with the defaults."""
    properties = {option.name: _option(option, DEFAULTS[option.name]) for option in RUN}
    return {
        "$schema": DIALECT,
        "title": "configuration of probe",
        **_object(properties | {name: _table(owner(name)) for name in TABLES}),
    }


def _table(check: Configured) -> dict[str, Any]:
    table = table_of(check.name)
    if table.rules:
        rules = _object({rule.name: _option(rule) for rule in table.rules.values()})
        default = _plain(getattr(check, table.rules_field))
        names = {"pattern": "^[^=\\x00-\\x1f]{1,100}$"}
        return {"type": "object", "propertyNames": names, "additionalProperties": rules, "default": default}
    return _object({name: _option(option, getattr(check, name)) for name, option in table.options.items()})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _option(option: Option, default: Any = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"description": option.doc, **_kind(option)}
    return schema if default is None else {**schema, "default": _plain(default)}


def _kind(option: Option) -> dict[str, Any]:
    match option.kind:
        case "boolean":
            return {"type": "boolean"}
        case "integer" | "number":
            bounds = {"minimum": option.minimum, "maximum": option.maximum}
            return {"type": option.kind, **{key: bound for key, bound in bounds.items() if bound is not None}}
        case "choice":
            return {"enum": list(option.choices)}
        case "version":
            return {"type": "string", "pattern": r"^(go)?\d+(\.\d+)*([a-z]+\d*)?$"}
        case "endpoints":
            forms = "|".join((*option.choices, r"\[[^\]]+\]:\d+", r"[^\s:/@\[\]]+:\d+"))
            host = f"^({forms})$"
            return {"type": "array", "items": {"type": "string", "pattern": host}}
        case "texts":
            return {"type": ["string", "array"], "items": {"type": "string"}}
        case "strings" | "choices":
            items = {"enum": list(option.choices)} if option.choices else {"type": "string"}
            least = {"minItems": int(option.minimum)} if option.minimum else {}
            return {"type": "array", "items": items, **least}
    return {"type": "string"}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return {key: _plain(item) for key, item in value.items()} if hasattr(value, "items") else value
