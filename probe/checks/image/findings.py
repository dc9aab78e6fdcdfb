"""How many layers an image has, and the size and form of its program, as findings."""

from __future__ import annotations

from probe import codes
from probe.golang import program_form
from probe.lightweight import Iterator
from probe.report import Finding, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.image import Image
    from probe.golang.binary import Binary
    from probe.report import Action, Remedies
    from probe.targets import Target

_STATIC = "CGO_ENABLED=0 go build -o /app ."
_SMALL = 'CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /app .'


def layers(target: Target, most: int) -> Finding:
    """How many layers there are, and whether that is allowed."""
    if target.layers is None:
        cause = "a running container or a directory does not show how many layers its image has"
        from probe.remedies import actions

        archive = actions.ways(actions.probe("probe check --only image --image FILE"))
        return Finding(Status.UNKNOWN, codes.IMAGE_LAYERS_UNKNOWN, "layers", cause, archive)
    count = len(target.layers)
    evidence = {"layers": count, "max_layers": most, "sizes": list(target.layers[:100])}
    if count <= most:
        cause = f"{count} layers, at most {most} are allowed"
        return Finding(Status.PASS, codes.IMAGE_LAYERS_OK, "layers", cause, (), evidence)
    cause = f"the image has {count} layers, more than the {most} that are allowed"
    from probe.remedies import actions

    one_layer = actions.remedy(actions.from_image("scratch"), actions.build_stage("/out/", "/"))
    return Finding(Status.FAIL, codes.IMAGE_LAYERS_TOO_MANY, "layers", cause, (one_layer,), evidence)


def program(found: Binary, size: int, wanted: Image) -> Iterator[Finding]:
    """A finding for each rule that the program does not keep, else one that it keeps them."""
    path, headers = found.path, found.elf
    evidence = {"bytes": size, "static": headers.static, "needed": list(headers.needed)}
    large = program_form.too_large(path, size, wanted.max_binary_mb)
    linked = program_form.not_static(found) if wanted.static else ""
    if large:
        yield Finding(Status.FAIL, codes.IMAGE_BINARY_TOO_LARGE, path, large, _built(_SMALL), evidence)
    if linked:
        yield Finding(Status.FAIL, codes.IMAGE_BINARY_DYNAMIC, path, linked, _built(_STATIC), evidence)
    if not large and not linked:
        form = "static" if headers.static else "dynamically linked"
        cause = f"{path} is {size / program_form.MB:.1f} MB and {form}"
        yield Finding(Status.PASS, codes.IMAGE_BINARY_OK, path, cause, (), evidence)


def unreadable(path: str, why: str, way: Action) -> Finding:
    from probe.remedies import actions

    cause = f"{path} cannot be judged: {why}"
    return Finding(Status.UNKNOWN, codes.IMAGE_BINARY_UNKNOWN, path, cause, actions.ways(way))


def _built(command: str) -> Remedies:
    """An instruction of the stage that builds the program."""
    from probe.remedies import actions

    return actions.ways(actions.in_build_stage(command))
