"""The variables that a go command goes by: where each stands, and the line that takes it away."""

from probe.golang import filepath, version
from probe.golang.command import environment_files
from probe.golang.command.environment_files import GoSetting, Sources
from probe.golang.command.toolchain import Toolchain
from probe.targets import Target


def setting(target: Target, found: Toolchain, name: str) -> GoSetting:
    """The value of a variable as the go command sees it, and where it stands."""
    release = version.read(found.version).release
    minor = release[1] if release else 0
    user = environment_files.read(target, environment_files.user_path(target, minor), "file")
    path = filepath.join(found.root, "go.env") if found.root else ""
    goroot = environment_files.read(target, path, "go.env")
    return Sources(target, minor, user, goroot).get(name)


def unset(name: str, chosen: GoSetting) -> str:
    """The line that takes a setting away from where it stands; an empty variable counts as unset."""
    return f"sed -i '/^{name}=/d' {chosen.file}" if chosen.file else f"ENV {name}="
