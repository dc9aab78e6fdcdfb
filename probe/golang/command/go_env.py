"""Asking the go command for its environment: the arguments of `go env -json`, and what it prints."""

from __future__ import annotations

from probe.deadline import Deadline
from probe.golang import version
from probe.golang.command import toolchain
from probe.golang.command.environment_files import GoSetting
from probe.golang.command.toolchain import Toolchain
from probe.lightweight import Mapping, Sequence
from probe.targets import Target

_CHANGED = (1, 23, 0)  # the first release of the flag -changed


def arguments(names: Sequence[str], found: Toolchain) -> list[str]:
    """
    -json, and against GOFLAGS, whose -w and -u are flags of this command, too, none of the others.

    -changed only for a release that is known to have it: the others refuse it.
    """
    release = version.read(found.version).release
    later = ["-changed=false"] if release and release >= _CHANGED else []
    return ["env", "-json", "-w=false", "-u=false", *later, *names]


def told(
    target: Target, found: Toolchain, names: Sequence[str], deadline: Deadline
) -> Mapping[str, GoSetting]:
    """
    The settings *names* by the go command's own word, where its files do not tell: a wrapper's.

    Nothing where it may not be run or has no answer; the check go-env says why.
    """
    if not target.runs_commands or not found.executable:
        return {}
    from probe.targets.supervisor_line import SupervisorLost

    try:
        done = toolchain.run(target, found, arguments(names, found), deadline)
    except (OSError, SupervisorLost):
        return {}
    answered = values(done.out)
    return {name: GoSetting(answered[name], "default") for name in names if name in answered}


def values(output: bytes) -> dict[str, str]:
    """The variables in *output*; none when it is not an object of strings."""
    text = output.decode("utf-8", "replace")
    return _plain_values(text) or _json_values(text)


def _plain_values(text: str) -> dict[str, str]:
    """The same where no value needs an escape, as is usual: importing `json` costs more than all this."""
    lines = text.split("\n")
    if "\\" in text or lines[0] != "{" or lines[-2:] != ["}", ""]:
        return {}
    found = {}
    for line in lines[1:-2]:
        name, colon, value = line.removesuffix(",").removeprefix('\t"').partition('": "')
        if not colon or not value.endswith('"') or value.count('"') > 1:
            return {}
        found[name] = value[:-1]
    return found


def _json_values(text: str) -> dict[str, str]:
    from json import loads

    try:
        answer = loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(answer, dict) or not all(isinstance(value, str) for value in answer.values()):
        return {}
    return answer
