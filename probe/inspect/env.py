"""`probe inspect env`: the go command's environment, and what gave each value."""

from typing import Any

from probe import redact
from probe.facts import Facts
from probe.golang.quoting import json_text


def inspect(facts: Facts) -> dict[str, Any]:
    """
    Each variable that `go env` knows or a file sets, as JSON values: `value` and `origin`.

    The origin is one of `os` `file` `go.env` `default` `unknown`. Nothing is run.
    Credentials are hidden, and what is longer than 256 characters is cut.
    """
    settings = facts.environment().settings
    return {
        json_text(redact.text(name)): {
            "value": json_text(redact.value(name, setting.value)),
            "origin": setting.origin,
        }
        for name, setting in settings.items()
    }
