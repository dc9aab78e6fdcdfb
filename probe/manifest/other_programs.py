"""Health checks that are not probe's: how long they may take by themselves, and how long they are given."""

import os
from collections.abc import Iterator, Mapping, Sequence

from probe.manifest import duration
from probe.manifest.command_line import shell_line, steps
from probe.manifest.rules import LintProblem

# program → its options that bound the whole call, with one dash and with two; from their manual pages
_LIMITS: Mapping[str, tuple[str, ...]] = {
    "curl": ("-m", "--max-time"),
    "grpc_health_probe": ("-connect-timeout", "-rpc-timeout", "--connect-timeout", "--rpc-timeout"),
    "mysqladmin": ("--connect-timeout", "--connect_timeout"),
    "nc": ("-w",),
    "pg_isready": ("-t", "--timeout"),
    "ping": ("-w",),
    "wget": ("-T", "--timeout"),
}


def problems(
    line: int, words: Sequence[str], *, caller: str, default_s: float, limit_s: float | None, fix: str
) -> Iterator[LintProblem]:
    """
    What hurts where *words* are killed by *caller* after *limit_s*, or, with None, after *default_s*.

    *fix* is how the caller's limit is written, with {} for the seconds.
    """
    if not words:
        return
    own = own_limit_s(words)
    given_s = default_s if limit_s is None else limit_s
    default = " (the default)" if limit_s is None else ""
    name = os.path.basename(words[0])[:60]
    if own is not None and own >= given_s:
        yield LintProblem(
            line,
            "TIMEOUT_UNDER_DEADLINE",
            f"{caller} kills {name} after {given_s:g} s{default}, its own limit is {own:g} s",
            f"write {fix.format(int(own) + 1)}, or a shorter limit for {name}",
        )
    elif limit_s is None:
        yield LintProblem(
            line,
            "TIMEOUT_MISSING",
            f"no timeout is written: {caller} kills {name} after {given_s:g} s",
            f"write {fix.format(int(own or 2) + 1)} or what it takes on a busy node",
        )


def own_limit_s(words: Sequence[str]) -> float | None:
    """The longest limit that the commands of *words*, a shell's too, set themselves; None without any."""
    line = shell_line(words)
    commands = [list(words)] if line is None else [step.words for step in steps(line)]
    found = [limit for command in commands for limit in _of_command(command)]
    return max(found, default=None)


def _of_command(words: Sequence[str]) -> Iterator[float]:
    name = os.path.basename(words[0]) if words else ""
    if name == "timeout":
        limits = (_seconds(word) for word in words[1:] if not word.startswith("-"))
        yield from [limit for limit in limits if limit is not None][-1:]
        return
    for option in _LIMITS.get(name, ()):
        for index, word in enumerate(words[1:], 1):
            if word == option:
                value = words[index + 1] if index + 1 < len(words) else ""
            elif word.startswith(f"{option}=") or (len(option) == 2 and word.startswith(option)):
                value = word[len(option) :].lstrip("=")
            else:
                continue
            if (limit := _seconds(value)) is not None:
                yield limit


def _seconds(text: str) -> float | None:
    return duration.seconds(f"{text}s" if text[-1:].isdecimal() else text)
