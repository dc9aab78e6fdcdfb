"""Reports of many runs and nodes, read again as one snapshot."""

from __future__ import annotations

import json

from probe import redact
from probe.errors import ConfigError
from probe.lightweight import Any, Iterable, Iterator, Mapping
from probe.node.containers import Name
from probe.node.programs import Program, ProgramVerdict
from probe.node.scan import ScannedProgram, Snapshot
from probe.output.base import SCHEMA_VERSION, printable

LIMIT = 256 << 20  # bytes of one file
_STATUSES = frozenset(("pass", "skip", "warn", "unknown", "fail"))
_TEXTS = ("code", "subject", "cause", "remedy")


def snapshot(files: Iterable[str], now: float) -> Snapshot:
    """
    What *files* hold: what `probe node` and `probe check` print with --format json, one after another.

    A container that several scans of a node have seen counts once, as the last of them saw it.

    ConfigError, with file and number of the object, for anything else.
    """
    judged: list[tuple[str, ScannedProgram]] = []
    processes, skipped = 0, dict[str, int]()
    for file in files:
        for number, found in enumerate(_objects(file), 1):
            try:
                _readable(found, f"{file}: object {number}")
                if "verdicts" in found:
                    at = _text(found["at"])
                    judged += [(at, one) for one in _of_node(found)]
                    processes += int(found["processes"])
                    for reason, count in found["skipped"].items():
                        skipped[printable(reason)] = skipped.get(printable(reason), 0) + int(count)
                else:
                    judged.append(("", _of_check(found)))
            except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
                raise ConfigError(
                    f"{file}: object {number} is not a report; write it with --format json"
                ) from None
    last = tuple(_last(judged))
    return Snapshot(last, processes, skipped, len(last), 0.0, now)


def _last(judged: Iterable[tuple[str, ScannedProgram]]) -> Iterator[ScannedProgram]:
    """Each container's programs as of its last scan; what has no container's id as often as it was given."""
    judged = tuple(judged)
    newest: dict[str, str] = {}
    for at, one in judged:
        newest[one.program.container] = max(at, newest.get(one.program.container, ""))
    told: set[tuple[str, int]] = set()
    for at, one in judged:
        container, pid = one.program.container, one.program.pid
        if container and (at < newest[container] or (container, pid) in told):
            continue
        told.add((container, pid))
        yield one


def _readable(found: Mapping[str, Any], where: str) -> None:
    """ConfigError for the report of a release whose keys mean something else."""
    version = found["schema_version"]
    if version != SCHEMA_VERSION:
        shown = printable(str(version)[:20])
        raise ConfigError(
            f"{where} has schema_version {shown}, this probe reads {SCHEMA_VERSION}: "
            "merge it with the release that wrote it"
        )


def _objects(file: str) -> Iterator[dict[str, Any]]:
    try:
        with open(0 if file == "-" else file, "rb", closefd=file != "-") as stream:
            data = stream.read(LIMIT + 1)
    except (OSError, ValueError) as problem:
        raise ConfigError(f"{file}: {(getattr(problem, 'strerror', None) or str(problem)).lower()}") from None
    if len(data) > LIMIT:
        raise ConfigError(f"{file}: holds more than {LIMIT >> 20} MiB; merge it in parts")
    decoder, text, at, number = json.JSONDecoder(), data.decode("utf-8", "replace").rstrip(), 0, 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        number += 1
        try:
            found, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            raise ConfigError(f"{file}: object {number} is not JSON; write it with --format json") from None
        if not isinstance(found, dict):
            raise ConfigError(f"{file}: object {number} is not a report; write it with --format json")
        yield found


def _of_node(found: Mapping[str, Any]) -> Iterator[ScannedProgram]:
    for row in found["verdicts"]:
        report = None if row["report"] is None else _report(row["report"])
        verdict = (
            ProgramVerdict(report, _text(row["program"]), _text(row["go"]), "", False) if report else None
        )
        for one in row["containers"]:
            program = Program(
                int(one["pid"]),
                0,
                _text(row["program"]),
                (0, 0, 0, 0),
                _text(one["id"]),
                _text(one["pod_uid"]),
            )
            name = Name(_text(one["namespace"]), _text(one["pod"]), _text(one["container"]))
            yield ScannedProgram(program, name, verdict, "" if verdict else _text(row["problem"]))


def _of_check(found: Mapping[str, Any]) -> ScannedProgram:
    report, target = _report(found), _text(found["target"])
    program = Program(0, 0, "", (0, 0, 0, 0), "", "")
    return ScannedProgram(program, Name(container=target), ProgramVerdict(report, "", "", "", False))


def _report(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a table needs of a report; KeyError, TypeError or ValueError where it is none."""
    checks = [
        {"name": _text(check["name"]), "findings": list(map(_finding, check["findings"]))}
        for check in found["checks"]
    ]
    status = _status(found["status"])
    # No verdict is better than the status beside it says.
    healthy = found["healthy"] is True and status not in ("fail", "unknown")
    return {**found, "healthy": healthy, "status": status, "checks": checks}


def _finding(found: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        **_redacted(found),
        "status": _status(found["status"]),
        **{key: _text(found[key]) for key in _TEXTS},
    }


def _redacted(value: Any) -> Any:
    """*value* without secrets: who wrote the report may have been an older release, or somebody else."""
    if isinstance(value, dict):
        return {key: _redacted(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_redacted(one) for one in value]
    return redact.text(value) if isinstance(value, str) else value


def _status(word: Any) -> str:
    if word not in _STATUSES:
        raise ValueError(word)
    return str(word)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return printable(redact.text(value))
