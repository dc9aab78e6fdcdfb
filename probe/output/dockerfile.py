"""What the remedies of a report come to in a Dockerfile, at whose end they are pasted."""

from collections.abc import Iterator

from probe.output.base import by_severity, printable
from probe.report import Finding, Remedy, Report

_INSTRUCTIONS = ("RUN", "ENV", "COPY")


def render(report: Report) -> str:
    """
    The best remedy of each finding that can be carried out in an image, its cause above it.

    Where the target has another user, root's commands are between two USER lines. What others have to do
    stands at the end, as comments. "" where nothing is to be done.
    """
    lines: list[str] = []
    others: list[str] = []
    for _, finding in by_severity(report):
        if not finding.remedies:
            continue
        told = _lines(finding)
        head = f"# {finding.code.name}: {printable(finding.cause)}"
        if told is None:
            others += [head, f"#   {printable(finding.remedy.split(chr(10))[0])}"]
        elif fresh := [line for line in told if line not in lines]:
            lines += [head, *fresh]
    if report.uid and any(line.startswith("RUN ") for line in lines):
        lines = ["USER root", *lines, f"USER {report.uid}:{report.gid}"]
    if others:
        lines += ["# Not for a Dockerfile:", *others]
    return "".join(f"{line}\n" for line in lines)


def _lines(finding: Finding) -> list[str] | None:
    """The instructions of the best remedy that consists of nothing else; None where there is none."""
    return next((list(_instructions(way)) for way in finding.remedies if _fits(way)), None)


def _fits(way: Remedy) -> bool:
    kinds = {action.kind for action in way.actions}
    return kinds <= {"run", "set-env", "copy", "from", "build", "instruction"} and kinds != {"build"}


def _instructions(way: Remedy) -> Iterator[str]:
    for line in way.text.split("\n"):
        word = line.partition(" ")[0]
        # A command before the build stays a comment, as does FROM: at the end it would begin another image.
        if word == "FROM":
            yield f"# instead of the FROM that is there: {printable(line)}"
        else:
            yield printable(line) if word in _INSTRUCTIONS else f"# before the build: {printable(line)}"
