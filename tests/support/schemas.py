"""JSON against its schema, Kubernetes objects against that of a release."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

NEWEST = "newest"  # the newest release that there is a schema of


@cache
def jsonschema() -> Any:
    """The library; it takes seconds to import, which collecting tests need not wait for."""
    return import_module("jsonschema")


def refused_by_a_release(whole: Mapping[str, Any], release: str = NEWEST) -> str:
    """Why that release ("1.30") takes no such object, unknown fields included; "" where it is valid."""
    library = import_module("kubernetes_validate")  # brings jsonschema
    try:
        library.validate(whole, library.latest_version() if release == NEWEST else release, strict=True)
    except (library.ValidationError, library.SchemaNotFoundError) as problem:
        return str(getattr(problem, "message", problem)) or "refused"
    return ""
