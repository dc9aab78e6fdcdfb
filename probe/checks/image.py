"""The opt-in check `image`: how many layers, and how large and how linked the program is that it starts."""

from __future__ import annotations

from probe import codes
from probe.checks.base import Run
from probe.codes import Code
from probe.lightweight import NamedTuple
from probe.options import declared, option
from probe.report import Finding, Status
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from probe.golang.binary import Binary

_STATIC = "RUN CGO_ENABLED=0 go build -o /app ."
_SMALL = 'RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /app .'
_MB = 1_000_000


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
        from probe.golang import binary  # only where the check runs

        yield self._layers(target)
        path = target.executable
        if not path:
            yield _unreadable(
                "the entrypoint", "it is not known what the image starts", 'ENTRYPOINT ["/app"]'
            )
            return
        try:
            found, size = run.facts.binary(path), target.stat(path).size
        except OSError as problem:
            yield _unreadable(path, (problem.strerror or str(problem)).lower(), f"ls -l {path}")
            return
        if isinstance(found, binary.NoBinary):
            yield _unreadable(path, found.reason.lower(), f'ENTRYPOINT ["/app"]  # a program, not {path}')
            return
        yield from self._program(found, size)

    def _layers(self, target: Target) -> Finding:
        if target.layers is None:
            cause = "a running container or a directory does not show how many layers its image has"
            return Finding(
                Status.UNKNOWN, codes.IMAGE_LAYERS_UNKNOWN, "layers", cause, "probe check --image FILE"
            )
        count = len(target.layers)
        evidence = {"layers": count, "max_layers": self.max_layers, "sizes": list(target.layers[:100])}
        if count <= self.max_layers:
            cause = f"{count} layers, at most {self.max_layers} are allowed"
            return Finding(Status.PASS, codes.IMAGE_LAYERS_OK, "layers", cause, "", evidence)
        cause = f"the image has {count} layers, more than the {self.max_layers} that are allowed"
        remedy = "FROM scratch, and COPY --from=build what is needed in one step"
        return Finding(Status.FAIL, codes.IMAGE_LAYERS_TOO_MANY, "layers", cause, remedy, evidence)

    def _program(self, found: Binary, size: int) -> Iterator[Finding]:
        path, headers = found.path, found.elf
        evidence = {"bytes": size, "static": headers.static, "needed": list(headers.needed)}
        if size > self.max_binary_mb * _MB:
            cause = f"{path} is {size / _MB:.1f} MB, more than the {self.max_binary_mb:g} that are allowed"
            yield _fail(codes.IMAGE_BINARY_TOO_LARGE, path, cause, _SMALL, evidence)
        if self.static and not headers.static:
            needs = ", ".join((headers.interpreter, *headers.needed)).strip(", ")
            cause = f"{path} is not static: it needs {needs}"
            yield _fail(codes.IMAGE_BINARY_DYNAMIC, path, cause, _STATIC, evidence)
        if size <= self.max_binary_mb * _MB and (headers.static or not self.static):
            cause = (
                f"{path} is {size / _MB:.1f} MB and {'static' if headers.static else 'dynamically linked'}"
            )
            yield Finding(Status.PASS, codes.IMAGE_BINARY_OK, path, cause, "", evidence)


def _fail(code: Code, path: str, cause: str, remedy: str, evidence: dict[str, object]) -> Finding:
    return Finding(Status.FAIL, code, path, cause, remedy, evidence)


def _unreadable(path: str, why: str, remedy: str) -> Finding:
    cause = f"{path} cannot be judged: {why}"
    return Finding(Status.UNKNOWN, codes.IMAGE_BINARY_UNKNOWN, path, cause, remedy)
