"""Certificates that somebody put into a bundle and that Go passes over."""

from __future__ import annotations

from probe import codes
from probe.checks.ca_bundle.findings import SHOWN, line, plain
from probe.codes import Code
from probe.formats import pem
from probe.golang.x509 import trust
from probe.golang.x509.trust import OTHER, Roots, Skipped
from probe.lightweight import Iterator
from probe.remedies import actions, conversions, forms, packages
from probe.report import Finding, Remedy, Status
from probe.targets import NotRegular, Target, TooLarge
from probe.words import counted, listed


def split(loaded: Roots) -> tuple[list[Skipped], list[Skipped], list[Skipped]]:
    """The blocks that Go skips: lost to a byte order mark, cut off at the end of a file, others."""
    last: dict[str, int] = {}  # file → line of its last block
    for items in (loaded.roots, loaded.skipped):
        for item in items:
            last[item.file] = max(item.line, last.get(item.file, 0))
    marked: list[Skipped] = []
    cut: list[Skipped] = []
    others: list[Skipped] = []
    for block in loaded.skipped:
        if block.reason == pem.MARKED:
            marked.append(block)
        elif block.reason == pem.NO_END and block.line == last[block.file]:
            cut.append(block)
        elif block.kind != OTHER:
            others.append(block)
    return marked, cut, others


def findings(target: Target, loaded: Roots) -> Iterator[Finding]:
    """Certificates that somebody put into a bundle and that Go passes over."""
    marked, cut, others = split(loaded)
    if marked:
        file = marked[0].file
        yield _blocks(
            Status.WARN,
            codes.CA_BUNDLE_BYTE_ORDER_MARK,
            marked,
            f"{plain(file)} begins with a byte order mark: Go loses its first certificate",
            *conversions.of(target, file, forms.look(_data(target, file)) or forms.of_variant(forms.MARKED)),
        )
    for block in cut:
        yield _blocks(
            Status.FAIL if _is_bundle(block, loaded) else Status.WARN,
            codes.CA_BUNDLE_TRUNCATED,
            [block],
            f"{plain(block.file)} is truncated in the certificate at line {block.line}: the rest is lost",
            *_anew(target, block.file, f"Copy {plain(block.file)} again, completely"),
        )
    if others:
        reasons = [f"line {block.line} of {plain(block.file)}: {line(block.reason)}" for block in others]
        yield _blocks(
            Status.WARN,
            codes.CA_BUNDLE_SKIPPED_BLOCKS,
            others,
            f"Go passes over {counted(len(others), 'certificate')} silently: {listed(reasons, 2)}",
            *_others(target, others),
        )


def _is_bundle(block: Skipped, loaded: Roots) -> bool:
    return any(source.path == block.file and source.kind == "file" for source in loaded.sources)


def _anew(target: Target, file: str, words: str) -> tuple[Remedy, ...]:
    """The package's own bundle is made again; any other file has to be brought whole."""
    ways = packages.roots(target) if file in trust.FILES else ()
    return (*ways, actions.remedy(actions.ask(words, actions.IMAGE)))


def _others(target: Target, others: list[Skipped]) -> tuple[Remedy, ...]:
    file = others[0].file
    found = forms.look(_data(target, file))
    ways = conversions.of(target, file, found) if found else ()
    return (
        *ways,
        *_anew(target, file, f"Replace or remove the block at line {others[0].line} of {plain(file)}"),
    )


def _data(target: Target, file: str) -> bytes:
    try:
        return target.read(file, trust.FILE_LIMIT)
    except (OSError, NotRegular, TooLarge):
        return b""


def _blocks(status: Status, code: Code, blocks: list[Skipped], cause: str, *remedies: Remedy) -> Finding:
    told = [
        {"file": plain(block.file), "line": block.line, "reason": line(block.reason)}
        for block in blocks[:SHOWN]
    ]
    return Finding(status, code, blocks[0].file, cause, remedies, {"count": len(blocks), "blocks": told})
