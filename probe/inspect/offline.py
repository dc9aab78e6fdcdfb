"""`probe inspect offline`: the modules that a go.mod lists, and where they are. Nothing is run."""

from __future__ import annotations

from probe import redact
from probe.errors import ProbeError
from probe.facts import Facts
from probe.golang.command import environment, module_files
from probe.golang.command.gomod import GoMod
from probe.golang.command.module_files import SETTINGS
from probe.golang.quoting import json_text
from probe.lightweight import Any
from probe.targets import NotRegular, TooLarge


def inspect(facts: Facts, directory: str) -> dict[str, Any]:
    """
    The answer as JSON values, in the published shape; ProbeError without a go.mod in *directory*.

    `sum` says whether go.sum lists the module, `cached` whether the module cache has it;
    both are null for one that a directory replaces, which stands in `from`.
    """
    target, go, settings = facts.target, facts.go_of_command(), facts.environment().settings
    wanted = module_files.read(target, directory)
    if not isinstance(wanted, GoMod):
        raise ProbeError(f"inspect offline: {wanted}")
    cache = environment.value(settings, "GOMODCACHE")
    try:
        listed = module_files.sums(target, directory)
        required = [
            {
                "path": json_text(redact.text(one.path)),
                "version": json_text(redact.text(one.version)),
                "indirect": one.indirect,
                "from": json_text(redact.text("@".join(filter(None, (one.from_path, one.from_version))))),
                "sum": (one.from_path, one.from_version) in listed if one.from_version else None,
                "cached": module_files.in_cache(target, cache, one) if one.from_version else None,
            }
            for one in wanted.required
        ]
    except (OSError, NotRegular, TooLarge) as problem:
        raise ProbeError(f"inspect offline: {problem}") from None
    return {
        "go": go.text,
        "module": json_text(redact.text(wanted.module)),
        "go_line": json_text(redact.text(wanted.go)) or None,
        "toolchain_line": json_text(redact.text(wanted.toolchain)) or None,
        "environment": {
            name: json_text(redact.value(name, environment.value(settings, name))) for name in SETTINGS
        },
        "required": required,
    }
