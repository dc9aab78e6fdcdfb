"""JSON as Go's encoding/json reads it into structs: keys in any case, bytes that are no UTF-8, types."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_SPACE = " \t\r\n"
# time.Time (RFC 3339, section 5.6), as Go's parser has it.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)

Shape = Any
"""
What a value must be: str, int, bool or `datetime` (an RFC 3339 time), [SHAPE] for a list of such,
{"": SHAPE} for a map to such, {KEY: SHAPE, …} for a struct, of which other keys may be anything,
`words` for a string or a list of strings, None for anything. null is always right: encoding/json
leaves the value as it was.
"""

words = "words"


def decode(data: bytes, *, first: bool = False) -> Any:
    """The value in *data*, or the *first* one in it, as json.Decoder takes it; ValueError, RecursionError."""
    text = data.decode("utf-8", "replace").lstrip(_SPACE)
    value, end = json.JSONDecoder(parse_constant=_no_constant).raw_decode(text)
    if not first and text[end:].strip(_SPACE):
        raise ValueError("more follows")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is Python's")


def field(value: Any, key: str) -> Any:
    """What a struct's field *key* gets of the map *value*: by the last key that differs in case alone."""
    if not isinstance(value, Mapping):
        return None
    found = None
    for name, one in value.items():
        if len(name) == len(key) and name.lower() == key.lower() and one is not None:
            found = one
    return found


def misfit(value: Any, shape: Shape, path: str = "") -> str:
    """Where *value* is not of the *shape*, as the path of keys to it; "" where it is."""
    if value is None or shape is None:
        return ""
    if shape is words:
        shape = str if isinstance(value, str) else [str]
    if shape is datetime:
        return "" if _is_time(value) else path
    if isinstance(shape, list) and isinstance(value, list):
        parts = _items(value, shape[0], path)
    elif isinstance(shape, dict) and isinstance(value, dict):
        parts = _fields(value, shape, path)
    else:
        return "" if type(value) is shape else path
    return next((wrong for where, one, what in parts if (wrong := misfit(one, what, where))), "")


def _items(value: list[Any], shape: Shape, path: str) -> list[tuple[str, Any, Shape]]:
    return [(f"{path}[{at}]", one, shape) for at, one in enumerate(value)]


def _fields(value: dict[str, Any], shape: dict[str, Shape], path: str) -> list[tuple[str, Any, Shape]]:
    if "" in shape:
        return [(f"{path}.{key}", one, shape[""]) for key, one in value.items()]
    return [(f"{path}.{key}".lstrip("."), field(value, key), what) for key, what in shape.items()]


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value[:19])
    except ValueError:
        return False
    return True
