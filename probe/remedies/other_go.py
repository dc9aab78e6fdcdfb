"""Another go command, where the first one is none, or does not do what it should."""

from probe.golang import binary
from probe.remedies import actions, images
from probe.report import Remedies
from probe.targets import Target

_USUAL = ("/usr/local/go/bin", "/usr/lib/go/bin")
_MOST = 64  # directories of PATH


def instead(target: Target, bad: str) -> Remedies:
    """The directory that has another one, for PATH; else an image that brings one."""
    for directory in (*target.env.get("PATH", "").split(":")[:_MOST], *_USUAL):
        path = f"{directory.rstrip('/')}/go"
        if directory.startswith("/") and path != bad and _is_program(target, path):
            return actions.ways(actions.prepend("PATH", directory))
    return actions.ways(actions.from_image(images.GOLANG))


def _is_program(target: Target, path: str) -> bool:
    try:
        return not isinstance(binary.read(target, path), binary.NoBinary)
    except (OSError, ValueError):
        return False
