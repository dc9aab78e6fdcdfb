"""The opt-in check `image`: how many layers, and how large and how linked the program is that it starts."""

from __future__ import annotations

from probe.checks.base import Run
from probe.errors import reason
from probe.lightweight import Iterator, NamedTuple
from probe.options import declared, option
from probe.report import Action, Finding
from probe.targets import Target


class _Settings(NamedTuple):
    max_layers: int = option(5, "integer", "the most layers that an image archive may have", minimum=1)
    max_binary_mb: float = option(
        45, "number", "how large the program may be, in units of 10^6 bytes", minimum=0.1
    )
    static: bool = option(True, "boolean", "the program must start without a dynamic loader")


class Image(_Settings):
    """The image keeps to what was agreed on about its size and shape; runs only where it is configured."""

    __slots__ = ()
    name = "image"
    options = declared(_Settings)

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        from probe.checks.image import findings  # only where the check runs
        from probe.golang import binary

        yield findings.layers(target, self.max_layers)
        path = target.executable
        if not path:
            cause = "the program that the image starts is unknown"
            yield findings.unreadable("the entrypoint", cause, _start_app())
            return
        try:
            found, size = run.facts.binary(path), target.stat(path).size
        except OSError as problem:
            from probe.remedies import actions, quoting

            yield findings.unreadable(
                path, reason(problem), actions.look(f"ls -l {quoting.word(path)}", path)
            )
            return
        if isinstance(found, binary.NoBinary):
            yield findings.unreadable(path, found.reason.lower(), _start_app())
            return
        yield from findings.program(found, size, self)


def _start_app() -> Action:
    from probe.remedies import actions

    return actions.instruction('ENTRYPOINT ["/app"]')
