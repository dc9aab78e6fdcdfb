"""JSON against its schema."""

from functools import cache
from importlib import import_module
from typing import Any


@cache
def jsonschema() -> Any:
    """The library; it takes seconds to import, which collecting tests need not wait for."""
    return import_module("jsonschema")
