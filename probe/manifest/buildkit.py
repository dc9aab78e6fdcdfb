"""What only BuildKit builds: the legacy builder of Docker refuses it, after all that stands above it."""

from collections.abc import Iterator, Sequence

from probe.manifest.dockerfile import HEREDOC, Instruction, Stage
from probe.manifest.rules import LintProblem

# what moby's builder/dockerfile/dispatchers.go takes; all other flags are BuildKit's
_OWN_FLAGS = {"RUN": (), "COPY": ("--from", "--chown"), "ADD": ("--chown",)}


def problems(stages: Sequence[Stage]) -> Iterator[LintProblem]:
    """The first instruction that the legacy builder does not take, as a note."""
    for one in (one for stage in stages for one in stage.instructions):
        if what := _needs(one):
            yield LintProblem(
                one.line,
                "NEEDS_BUILDKIT",
                f"{one.name} with {what} is refused by the legacy builder",
                "build with BuildKit: DOCKER_BUILDKIT=1 before Docker 23, and the package docker-buildx",
            )
            return


def _needs(one: Instruction) -> str:
    if one.name not in _OWN_FLAGS:
        return ""
    for flag in one.flags:
        if (name := flag.partition("=")[0]) not in _OWN_FLAGS[one.name]:
            return name
    return "a here-document" if HEREDOC.search(one.text) else ""
