"""`probe check --image` of many: one after another in a child, layers read once, one table at the end."""

from __future__ import annotations

import os
import stat
import time

from probe.cli import as_of, progress, settings, targets
from probe.cli.arguments import ParsedArgs, wrong
from probe.cli.exit import CommandResult
from probe.errors import HEALTHY, UNHEALTHY
from probe.lightweight import Any, Callable, Iterator, NamedTuple, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.cli.arguments import Command
    from probe.config.load import Settings
    from probe.node.scan import ScannedProgram
    from probe.report import Report
    from probe.targets import Target

FORMATS = ("text", "json", "github")  # those of which several are one after another
_MOST = 10_000  # entries of a directory
_LAYOUTS = ("oci-layout", "manifest.json")  # what makes a directory an image, and none of images
_ENDINGS = (".tar", ".tgz", ".gz", ".zst", ".tzst", ".oci")
_MAGIC = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"PK\3\4")
_TAR_AT, _TAR = 257, b"ustar"
_FIRST_LAYERS = 10  # of those that images share, in the table
_SPARE_S = 5.0


class Single(NamedTuple):
    """What `probe check` does with one target."""

    report_of: Callable[..., Report]
    repeatable: Callable[[Report, ParsedArgs], Report]
    text: Callable[[ParsedArgs, str, Report], str]
    exit_code: Callable[[Report, str, int | None], int]
    transient_code: Callable[[ParsedArgs, str], int | None]


class CheckedImage(NamedTuple):
    """What came of one image; values that marshal can write."""

    code: int  # the exit code that it would have alone
    verdict: Sequence[Any]  # as ProgramVerdict takes it
    printed: str  # its report in the format asked for, "" for the table alone
    layers: Sequence[Sequence[Any]]  # as ListedLayer takes it


def named(command: Command, given: ParsedArgs) -> list[str] | None:
    """The images that are to be examined, those of this shard only; None for one alone."""
    words = [*given.many("--image"), *given.operands]
    if words.count("-") > 1:
        wrong(command, "--image -: standard input holds one archive")
    found = [path for word in words for path in _archives(word)]
    if given.on("--shard"):
        part, parts = _shard(command, given.one("--shard") or "")
        return found[part::parts]
    return None if found == words[:1] else found


def _archives(path: str) -> list[str]:
    """*path* itself, or what a directory of images holds, by name."""
    try:
        entries = sorted(os.listdir(path))[:_MOST]
    except OSError:  # a file, standard input, or what the report will tell
        return [path]
    if any(name in entries for name in _LAYOUTS):
        return [path]
    return [place for name in entries if _is_image(place := os.path.join(path, name))] or [path]


def _is_image(path: str) -> bool:
    """Whether the entry of a directory of images is one, or at least is called like one."""
    name = os.path.basename(path)
    if name.startswith("."):
        return False
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            return any(os.path.exists(os.path.join(path, inner)) for inner in _LAYOUTS)
        if not stat.S_ISREG(found.st_mode):
            return False
        if name.endswith(_ENDINGS):
            return True
        with open(path, "rb", buffering=0) as stream:
            head = stream.read(512)
    except OSError:
        return name.endswith(_ENDINGS)  # a link to nothing, or not for us: told by its report
    return head.startswith(_MAGIC) or head[_TAR_AT:].startswith(_TAR)


def _shard(command: Command, text: str) -> tuple[int, int]:
    part, slash, parts = text.partition("/")
    good = slash and all(
        number.isascii() and number.isdecimal() and len(number) < 6 for number in (part, parts)
    )
    if not good or not int(part) < int(parts):
        wrong(command, f"--shard {text}: write I/N, I from 0 to N-1")
    return int(part), int(parts)


def run(
    command: Command, given: ParsedArgs, paths: Sequence[str], role: str, form: str, single: Single
) -> CommandResult:
    """
    Examine each of *paths*; the table of all, or with --format json a report a line.

    None can hold up the others or end them: each has a time, and a child that does not answer is
    replaced. Unhealthy where any is.
    """
    from probe.node import bounded
    from probe.targets import image

    if form not in FORMATS:
        wrong(command, f"--format {form} is for one image; of several: {', '.join(FORMATS)}")
    if given.on("--fix"):
        wrong(command, "--fix is for one image")
    if given.one("--as-go") == as_of.ALL:
        wrong(command, "--as-go all is for one image")
    targets.verify_image_options(command, given)
    work = _ImageCheck(command, given, role, form, single)
    patience_s = image.MAX_SECONDS + (image.STREAM_SECONDS if "-" in paths else 0.0)
    begin, done = time.monotonic(), list[CheckedImage]()
    answers = bounded.each(work.check, paths, patience_s + work.effective.timeout_s + _SPARE_S)
    for path in paths:
        _show(f"image {len(done) + 1} of {len(paths)}: {path}", first=not done)
        _, answer, problem = next(answers)
        done.append(CheckedImage(*answer) if answer else work.lost(path, problem))
    if paths:
        _show("", first=False)
    printed = "".join(one.printed for one in done)
    if form == "text":
        printed += _table(given, paths, done, time.monotonic() - begin)
    return CommandResult(_worst([one.code for one in done]), printed)


def _show(line: str, *, first: bool) -> None:
    if progress.possible():
        from probe.output.base import printable

        progress.replace(printable(line), first=first)


def _worst(found: Sequence[int]) -> int:
    """Healthy, or what all that are not have in common."""
    bad = {code for code in found if code != HEALTHY}
    return bad.pop() if len(bad) == 1 else UNHEALTHY if bad else HEALTHY


class _ImageCheck:
    """Examines one image after another in one process, where the layers stay."""

    def __init__(self, command: Command, given: ParsedArgs, role: str, form: str, single: Single) -> None:
        from probe.targets.shared_layers import SharedLayers

        self._command, self._given, self._role, self._form = command, given, role, form
        self.effective = settings.effective(command, given)
        self._single, self._transient = single, single.transient_code(given, form)
        self._shared = SharedLayers()

    def check(self, path: str) -> tuple[Any, ...]:
        """What CheckedImage takes."""
        from probe import runner, target_codes
        from probe.targets.errors import TargetUnavailable

        given = ParsedArgs({**self._given.options, "--image": [path]}, ())
        self._shared.listed.clear()
        try:
            target = targets.build(self._command, given, shared=self._shared)
        except TargetUnavailable as problem:
            why = target_codes.finding(problem)
            report = runner.refused(why, path, role=self._role, strict=self.effective.strict)
            return tuple(self._told(path, report))
        effective = self._settled(given, target)
        report = self._single.report_of(given, effective, self._role, lambda: target, shown=False)
        return tuple(self._told(path, self._single.repeatable(report, given), target))

    def lost(self, path: str, problem: str) -> CheckedImage:
        """For an image whose examination never ended, or ended the child."""
        from probe import codes, runner
        from probe.node.bounded import TIMED_OUT
        from probe.remedies import actions
        from probe.report import Finding, Status

        late = problem == TIMED_OUT
        why = Finding(
            Status.UNKNOWN,
            codes.CHECK_TIMED_OUT if late else codes.CHECK_CRASHED,
            path,
            "it was not examined in time" if late else "its examination ended without a result",
            actions.ways(actions.probe("probe check --image FILE")),
        )
        return self._told(path, runner.refused(why, path, role=self._role, strict=self.effective.strict))

    def _settled(self, given: ParsedArgs, target: Target) -> Settings:
        if not targets.wants_own_config(self._command, given):
            return self.effective
        return settings.of_target(self._command, given, target)

    def _told(self, path: str, report: Report, target: Target | None = None) -> CheckedImage:
        from probe import redact
        from probe.node import judge
        from probe.node.programs import ProgramVerdict
        from probe.output.json import as_json

        tag = report.target.removeprefix("image ") if target else path
        named = path if tag in (path, "standard input") else f"{path} ({tag})"
        report = report._replace(target=f"image {redact.text(named)}")
        told = as_json(report)
        verdict = judge.of_report(told, target) if target else ProgramVerdict(told, "", "", "", False)
        code = self._single.exit_code(report, self._form, self._transient)
        layers = [tuple(layer) for layer in self._shared.listed]
        return CheckedImage(code, tuple(verdict), self._printed(report), layers)

    def _printed(self, report: Report) -> str:
        if self._form == "text" and not self._given.on("--verbose"):
            return ""
        if self._form == "json":
            import json

            from probe.output.base import unicode_only
            from probe.output.json import as_json

            return json.dumps(unicode_only(as_json(report))) + "\n"
        return self._single.text(self._given, self._form, report)


def _table(given: ParsedArgs, paths: Sequence[str], done: Sequence[CheckedImage], took_s: float) -> str:
    from probe.node import table
    from probe.node.scan import Snapshot

    judged = tuple(_row(path, one) for path, one in zip(paths, done, strict=True))
    layers = [layer for one in done for layer in one.layers]
    read, distinct = sum(layer[2] for layer in layers), len({layer[0] for layer in layers})
    more = f"; {len(layers)} layers, {distinct} distinct, {read} read"
    text = table.render(Snapshot(judged, 0, {}, len(judged), took_s, time.time()), "image", more)
    if given.on("--quiet"):
        return "" if all(one.code == HEALTHY for one in done) else text.partition("\n")[0] + "\n"
    return text + "".join(f"{line}\n" for line in _shared_layers(done))


def _row(path: str, one: CheckedImage) -> ScannedProgram:
    from probe.node.containers import Name
    from probe.node.programs import Program, ProgramVerdict
    from probe.node.scan import ScannedProgram

    verdict = ProgramVerdict(*one.verdict)
    name = verdict.report["target"].removeprefix("image ")
    return ScannedProgram(Program(0, 0, path, (0, 0, 0, 0), "", ""), Name(container=name), verdict)


def _shared_layers(done: Sequence[CheckedImage]) -> Iterator[str]:
    """The layers that images share, once each: a broken base is seen by its number of unhealthy images."""
    used: dict[str, list[CheckedImage]] = {}
    sizes: dict[str, int] = {}
    for one in done:
        for digest, size, _ in {layer[0]: layer for layer in one.layers}.values():
            used.setdefault(digest, []).append(one)
            sizes[digest] = size
    shared = sorted(
        ((digest, by) for digest, by in used.items() if len(by) > 1), key=lambda item: -len(item[1])
    )
    if shared:
        yield "SHARED LAYER         SIZE       IMAGES  UNHEALTHY"
    for digest, by in shared[:_FIRST_LAYERS]:
        bad = sum(one.code != HEALTHY for one in by)
        yield f"{digest[:19]}  {sizes[digest] / 1e6:6.1f} MB  {len(by):7}  {bad:9}"
    if len(shared) > _FIRST_LAYERS:
        yield f"and {len(shared) - _FIRST_LAYERS} more that are shared"
