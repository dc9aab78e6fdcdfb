"""The variables that a go command goes by: where each stands, and the line that takes it away."""

from probe.facts import Facts
from probe.golang.command.environment_files import GoSetting, Sources


def setting(facts: Facts, name: str) -> GoSetting:
    """What is set for a variable as the go command sees it, and where; its default is ""."""
    seen = facts.environment()
    return Sources(facts.target, 0, seen.user, seen.goroot).get(name)


def unset(name: str, chosen: GoSetting) -> str:
    """The line that takes a setting away from where it stands; an empty variable counts as unset."""
    return f"sed -i '/^{name}=/d' {chosen.file}" if chosen.file else f"ENV {name}="
