"""`probe inspect`: what Go sees, unjudged, for other programs to read."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from probe.cli import as_of, targets
from probe.cli.arguments import Command, Flag, Operand, ParsedArgs, choose, wrong
from probe.cli.exit import CommandResult
from probe.cli.in_time import in_child
from probe.errors import ProbeError, reason
from probe.facts import Facts

_WHAT = (
    *("roots", "timezone", "env", "version", "chain", "permissions", "linkage", "pinned", "clock"),
    *("downloads", "offline"),
)
COMMAND = Command(
    "inspect",
    "Prints what Go sees, without a verdict, as one JSON object. Exit 0 if it can be\n"
    "determined. WHAT is one of the words below.",
    (
        Flag("--host", "chain: the name or address that the certificates are for", "NAME"),
        Flag("--roots", "chain: trust the certificates in this PEM file; default: the target's", "FILE"),
        Flag("--year", "timezone: the year of the two months; default: this one", "YEAR"),
        Flag("--timeout", "how long it may take, in seconds; default: 30", "S"),
        *targets.FLAGS,
        *as_of.FLAGS,
    ),
    (
        Operand("WHAT", "what to look at", choices=_WHAT),
        Operand(
            "[FILE]",
            "version, linkage: the program; default: the workload's own. chain: certificates, leaf first. "
            "pinned: a checksum file. downloads: MODULE@VERSION. offline: the directory of a go.mod",
        ),
    ),
    (
        "probe inspect roots --root /srv/image",
        "probe inspect timezone --env TZ=Europe/Berlin --as-go 1.24",
        "probe inspect version --root /srv/image /app",
        "probe inspect permissions --root /srv/image --user app",
        "probe inspect chain fullchain.pem --host api.internal",
        "probe inspect pinned /etc/go-baseline.sha256",
    ),
)

_WITH_FILE = ("version", "chain", "linkage", "pinned", "downloads", "offline")
_OWN = {"--year": "timezone", "--host": "chain", "--roots": "chain"}
_LONGEST_S = 3600
_PEM_LIMIT = 32 << 20  # bytes


def run(given: ParsedArgs) -> CommandResult:
    """One JSON object; its keys are a public contract."""
    import json

    from probe.output.base import unicode_only

    what = choose(COMMAND, "WHAT", given.operand(0) or "", tuple(_QUESTIONS))
    if what not in _WITH_FILE and given.operand(1):
        wrong(COMMAND, f"{what} takes no FILE")
    for flag, owner in _OWN.items():
        if given.on(flag) and what != owner:
            wrong(COMMAND, f"{flag} is for inspect {owner}")
    as_go = as_of.as_go(COMMAND, given)
    seconds = _seconds(given.one("--timeout") or "30")
    in_child(seconds, ProbeError(f"inspect {what}: not done after {seconds:g} s; raise --timeout"))
    found = _QUESTIONS[what](given, Facts(targets.build(COMMAND, given), as_go=as_go))
    return CommandResult(0, _shown(json.dumps(unicode_only(found), indent=2), given.operand(1) or "") + "\n")


def _shown(text: str, file: str) -> str:
    """*text*, in which a URL with a password that was given where FILE belongs is not repeated."""
    from probe import redact

    plain = redact.text(file)
    return text if plain == file else text.replace(file, plain)


def _seconds(text: str) -> float:
    try:
        limit = float(text)
    except ValueError:
        limit = 0.0
    if not 0 < limit <= _LONGEST_S:
        wrong(COMMAND, f"--timeout {text}: write seconds, at most {_LONGEST_S}")
    return limit


def _timezone(given: ParsedArgs, facts: Facts) -> dict[str, Any]:
    from probe.inspect import timezone

    now = time.gmtime(as_of.moment(COMMAND, given)).tm_year
    year = given.one("--year") or str(now)
    if not (year.isascii() and year.isdecimal() and 1 <= len(year) <= 4 and int(year)):
        wrong(COMMAND, f"--year {year}: write a year such as {now}")
    return timezone.inspect(facts, int(year))


def _roots(given: ParsedArgs, facts: Facts) -> dict[str, Any]:
    from probe.inspect import roots

    return roots.inspect(facts, as_of.moment(COMMAND, given))


def _env(_: ParsedArgs, facts: Facts) -> dict[str, Any]:
    from probe.inspect import env

    return env.inspect(facts)


def _permissions(_: ParsedArgs, facts: Facts) -> dict[str, Any]:
    from probe.inspect import permissions

    return permissions.inspect(facts)


def _linkage(given: ParsedArgs, facts: Facts) -> dict[str, Any]:
    from probe.inspect import linkage

    return linkage.inspect(facts, given.operand(1) or "")


def _version(given: ParsedArgs, facts: Facts) -> dict[str, Any]:
    from probe.inspect import version

    file = given.operand(1) or ""
    try:
        return version.inspect(facts, file, as_of.moment(COMMAND, given))
    except OSError as problem:
        where = file or facts.target.executable or "the go command"
        raise ProbeError(f"inspect version: {where}: {reason(problem)}") from None


def _downloads(given: ParsedArgs, facts: Facts) -> dict[str, Any]:
    from probe.golang.command import modulefetch
    from probe.inspect import downloads

    module = modulefetch.parse(given.operand(1) or "")
    if not module:
        wrong(COMMAND, "downloads needs a module and its full version, such as example.com/m@v1.0.0")
    return downloads.inspect(facts, module)


def _offline(given: ParsedArgs, facts: Facts) -> dict[str, Any]:
    from probe.inspect import offline

    directory = given.operand(1)
    if not directory:
        wrong(COMMAND, "offline needs the directory of a go.mod")
    return offline.inspect(facts, directory)


def _chain(given: ParsedArgs, facts: Facts) -> dict[str, Any]:
    from probe import redact
    from probe.golang.quoting import json_text
    from probe.inspect import chain

    file, host = given.operand(1), given.one("--host")
    if not file:
        wrong(COMMAND, "chain needs a FILE: the certificates in PEM, leaf first")
    if not host:
        wrong(COMMAND, "chain needs --host: the name or address that the certificates are for")
    own = given.one("--roots")
    if own:
        data = _read(own)
        roots = chain.certificates(data, facts.go())
        if not roots:
            raise ProbeError(f"inspect chain: --roots: {own} {_kind(data)}: Go takes no root from it")
    else:
        roots = [root.certificate for root in facts.roots().roots]
    data = _read(file)
    answer = chain.inspect(data, host, as_of.moment(COMMAND, given), roots, facts.go())
    if answer["error"] == chain.NONE:
        answer["error"] = redact.text(f"{chain.NONE}: {json_text(file)} {_kind(data)}")
    return answer


def _kind(data: bytes) -> str:
    from probe.checks.ca_bundle import file_kinds

    return file_kinds.look(data[: file_kinds.LOOK_LIMIT]).words


def _pinned(given: ParsedArgs, facts: Facts) -> dict[str, Any]:
    from probe.inspect import pinned

    return pinned.inspect(facts.target, given.operand(1) or "")


def _clock(given: ParsedArgs, facts: Facts) -> dict[str, Any]:
    from probe.inspect import clock

    return clock.inspect(facts, as_of.moment(COMMAND, given))


def _read(path: str) -> bytes:
    """A file of ours, whatever the target is."""
    from probe.targets.files import NotRegular, TooLarge, read
    from probe.targets.host_fs import HostFiles

    try:
        return read(HostFiles(), os.path.abspath(path), _PEM_LIMIT)
    except (NotRegular, TooLarge) as problem:
        raise ProbeError(f"inspect chain: {problem}") from None
    except OSError as problem:
        raise ProbeError(f"inspect chain: {path}: {reason(problem)}") from None


_QUESTIONS: Mapping[str, Callable[[ParsedArgs, Facts], dict[str, Any]]] = {
    "roots": _roots,
    "timezone": _timezone,
    "env": _env,
    "version": _version,
    "chain": _chain,
    "permissions": _permissions,
    "linkage": _linkage,
    "pinned": _pinned,
    "clock": _clock,
    "downloads": _downloads,
    "offline": _offline,
}
