"""What was agreed on about the program: its linkage, its size, how it was built."""

from __future__ import annotations

from probe import codes
from probe.codes import Code
from probe.formats import elf
from probe.golang import program_form
from probe.golang.binary import Binary
from probe.lightweight import Any, Iterator
from probe.remedies import actions
from probe.remedies.libraries import with_cgo
from probe.report import Action, Finding, Status
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.linkage import Linkage


def judge(target: Target, found: Binary, rules: Linkage) -> Iterator[Finding]:
    """A finding for each rule that is not kept."""
    yield from _form(found, rules.form)
    yield from _cgo(found, rules.cgo)
    yield from _symbols(found, rules.stripped)
    size = target.stat(found.path).size
    if rules.max_mb and (cause := program_form.too_large(found.path, size, rules.max_mb)):
        smaller = actions.build('CGO_ENABLED=0 go build -trimpath -ldflags="-s -w"')
        yield _fail(codes.LINKAGE_TOO_LARGE, found, cause, smaller, bytes=size)


def _form(found: Binary, wanted: str) -> Iterator[Finding]:
    headers = found.elf
    if wanted == "any" or (wanted == "static") == headers.static:
        return
    if headers.static:
        cause = f"{found.path} is static, but must be linked to the libraries of its base image"
        yield _fail(codes.LINKAGE_FORM, found, cause, with_cgo("1"))
        return
    cause = program_form.not_static(found)
    yield _fail(codes.LINKAGE_FORM, found, cause, actions.build("CGO_ENABLED=0 go build -buildmode=exe"))


def _cgo(found: Binary, wanted: str) -> Iterator[Finding]:
    if wanted == "any":
        return
    value = found.settings.get("CGO_ENABLED")
    if value is None:
        cause = (
            f"{found.path} does not say with which CGO_ENABLED it was built: {found.no_info or 'an old Go'}"
        )
        again = actions.ways(with_cgo(wanted))
        yield Finding(Status.UNKNOWN, codes.LINKAGE_UNKNOWN, found.path, cause, again)
    elif value != wanted:
        cause = f"{found.path} was built with CGO_ENABLED={value}, and not with {wanted}"
        yield _fail(codes.LINKAGE_CGO, found, cause, with_cgo(wanted), cgo_enabled=value)


def _symbols(found: Binary, wanted: str) -> Iterator[Finding]:
    if wanted == "any":
        return
    has = [section.name for section in found.elf.sections if section.name in elf.SYMBOLS]
    if has and wanted == "yes":
        cause = f"{found.path} is not stripped: it holds {', '.join(has)}"
        yield _fail(
            codes.LINKAGE_NOT_STRIPPED, found, cause, actions.build('go build -ldflags="-s -w"'), sections=has
        )
    elif not has and wanted == "no":
        cause = f"{found.path} is stripped, so debuggers and profilers show no names"
        yield _fail(codes.LINKAGE_STRIPPED, found, cause, actions.build("go build -ldflags="))


def _fail(code: Code, found: Binary, cause: str, way: Action, **evidence: Any) -> Finding:
    return Finding(Status.FAIL, code, found.path, cause, actions.ways(way), evidence)
