"""What was promised: sums from the configuration, and from a checksum file that may have to be signed."""

from __future__ import annotations

from probe import codes
from probe.checks.base import Run
from probe.checks.pinned.version_file import Kind, read
from probe.codes import Code
from probe.formats import sums
from probe.lightweight import Iterator, NamedTuple, Sequence
from probe.report import Finding, Status
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.pinned import Pinned
    from probe.report import Remedies

_SUMS_LIMIT = 4 << 20  # bytes
_ENTRIES_LIMIT = 20_000
_SHOWN = 10  # faulty lines


class ExpectedDigest(NamedTuple):
    """What a file must hold, and where that is written."""

    path: str  # absolute, in the target
    sha256: str
    where: str  # "pinned.files", or FILE:LINE


def listed(target: Target, files: Sequence[str]) -> list[ExpectedDigest]:
    """The promises of the configuration; a relative path is joined to the target's working directory."""
    found = (sums.entry(text.encode("utf-8", "surrogateescape")) for text in files)
    return [
        ExpectedDigest(target.path(one.name), one.sha256, "pinned.files")
        for one in found
        if isinstance(one, sums.ChecksumLine)
    ]


def from_file(settings: Pinned, target: Target, run: Run) -> tuple[list[ExpectedDigest], list[Finding]]:
    """
    The promises of the checksum file, which is read once: the bytes that were signed are those that count.

    None where it is unusable in any line, or is not signed although it must be.
    """
    path = settings.sums
    data = read(target, path, _kind(path))
    if isinstance(data, Finding):
        return [], [data]
    signed: list[Finding] = []
    if settings.signature:
        from probe.checks.pinned import signature

        signed.append(signature.judge(settings, target, run, data))
        if signed[0].status is not Status.PASS:
            return [], signed
    found = sums.parse(data)
    if problem := _problem(path, found):
        return [], [*signed, problem]
    return list(_promises(target, path, found.entries)), signed


def _kind(path: str) -> Kind:
    return Kind(
        "checksum file",
        codes.PINNED_SUMS_MISSING,
        codes.PINNED_SUMS_UNREADABLE,
        codes.PINNED_SUMS_TOO_LARGE,
        _SUMS_LIMIT,
        lambda: _write(path),
    )


def _write(path: str) -> Remedies:
    from probe.remedies import actions, quoting

    files = "/usr/local/go/bin/go /etc/ssl/certs/ca-certificates.crt"
    return actions.ways(actions.run(f"sha256sum {files} > {quoting.word(path)}"))


def _promises(target: Target, path: str, entries: Sequence[sums.ChecksumLine]) -> Iterator[ExpectedDigest]:
    file = target.path(path)
    for entry in entries:
        yield ExpectedDigest(sums.located(entry.name, file), entry.sha256, f"{path}:{entry.line}")


def _problem(path: str, found: sums.Sums) -> Finding | None:
    evidence = {"entries": len(found.entries), "faults": found.faulty}

    def fail(code: Code, cause: str, remedies: Remedies) -> Finding:
        return Finding(Status.FAIL, code, path, cause, remedies, evidence)

    if found.faults:
        told = "; ".join(f"line {fault.line}: {fault.why}" for fault in found.faults[:_SHOWN])
        more = f"; and {found.faulty - _SHOWN} more" if found.faulty > _SHOWN else ""
        from probe.remedies import actions, quoting

        look = actions.ways(actions.look(f"sha256sum --check --warn {quoting.word(path)}", path))
        return fail(codes.PINNED_SUMS_MALFORMED, f"{path} is not a checksum file: {told}{more}", look)
    if not found.entries:
        return fail(codes.PINNED_SUMS_EMPTY, f"{path} lists no file", _write(path))
    if len(found.entries) > _ENTRIES_LIMIT:
        cause = f"{path} names {len(found.entries)} files, more than the {_ENTRIES_LIMIT} that are read"
        return fail(codes.PINNED_SUMS_TOO_LARGE, cause, _write(path))
    return None
