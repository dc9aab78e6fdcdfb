"""Problems in a Dockerfile."""

import os
from collections.abc import Iterator, Sequence

from probe.manifest import buildkit, dockerfile, exec_form, health, shell
from probe.manifest.command_line import Interpret, arguments, of_step, shell_line, steps
from probe.manifest.dockerfile import Instruction, Stage
from probe.manifest.images import EMPTY, has_no_shell
from probe.manifest.rules import LintProblem, refused

_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # of an image without PATH
_TREES = ("rootfs", "dist", "out", "output", "install", "target", "result")
_TIMES = ("interval", "timeout", "start-period", "start-interval")


def problems(name: str, text: str, interpret: Interpret) -> Iterator[LintProblem]:
    """Problems when the last stage of the Dockerfile *text* is built and run."""
    stages = dockerfile.stages(text)
    if not stages:
        yield LintProblem(
            1, "NOT_A_MANIFEST", "no FROM in it", "name a Dockerfile, or a YAML file with .yaml"
        )
        return
    family = dockerfile.lineage(stages[-1], stages)
    checks = [one for stage in family for one in stage.instructions if one.name == "HEALTHCHECK"]
    yield from _not_heard(stages, family)
    lowest = family[0].base
    env = _environment(family)
    shell_missing = "" if _may_have_shell(family) else lowest
    yield from buildkit.problems(stages)
    for check in checks[-1:]:
        if check.text.strip().upper() != "NONE":
            yield from _checked(family, check, env, interpret)
    if checks and os.path.basename(name).startswith("Containerfile"):
        yield LintProblem(
            checks[-1].line,
            "HEALTHCHECK_LOST_IN_OCI",
            "podman and buildah build images in OCI format, which has no HEALTHCHECK",
            "build with --format docker, or run with --health-cmd",
        )
    yield from _started(family, env, interpret, shell_missing)


def _checked(
    family: Sequence[Stage], check: Instruction, env: dict[str, str], interpret: Interpret
) -> Iterator[LintProblem]:
    for flag in check.flags:
        name, _, value = flag.partition("=")
        if name.removeprefix("--") not in (*_TIMES, "retries"):
            known = ", ".join(f"--{one}" for one in (*_TIMES, "retries"))
            yield LintProblem(
                check.line,
                "COMMAND_REFUSED",
                f"HEALTHCHECK has no option {name[:60]}",
                f"choose from {known}",
            )
        elif name == "--retries" and not health.is_count(value):
            yield health.no_count(check.line, value)
    kind = check.text.split(" ")[0]
    if kind and kind.upper() != "CMD":
        yield LintProblem(
            check.line,
            "COMMAND_REFUSED",
            f'Docker takes no HEALTHCHECK that begins with "{kind[:60]}"',
            "write CMD in front of the command, or NONE",
        )
        return
    found = _health(check, env, "" if _may_have_shell(family) else family[0].base)
    yield from health.problems(found, interpret)
    if not list(exec_form.problems(0, found.words)):
        yield from _missing(family, check, found.words)


def _may_have_shell(family: Sequence[Stage]) -> bool:
    """False only where it is certain that there is none: nothing brings a /bin/sh into the base."""
    if _has(family, "SHELL") or not has_no_shell(family[0].base):
        return True
    for one in (one for stage in family for one in stage.instructions if one.name in ("COPY", "ADD")):
        *sources, place = dockerfile.listed(one.text) or one.text.split() or [""]
        if place in ("/", ".", "./"):
            if any(_is_tree(source) for source in sources):
                return True
        elif _covers(place, "/bin/sh"):
            return True
    return False


def _is_tree(source: str) -> bool:
    """Whether *source* is a directory or an archive by its name, and so may hold bin/sh."""
    name = os.path.basename(source.rstrip("/"))
    return source.endswith("/") or name in ("", ".", "..") or "root" in name or ".t" in name or name in _TREES


def _started(
    family: Sequence[Stage], env: dict[str, str], interpret: Interpret, shell_missing: str
) -> Iterator[LintProblem]:
    """What the container starts: the last ENTRYPOINT with the last CMD."""
    last = {one.name: one for stage in family for one in stage.instructions}
    starts = [last[name] for name in ("ENTRYPOINT", "CMD") if name in last]
    for start in starts:
        if start.words is None and exec_form.is_list(start.text):
            yield exec_form.broken_list(start.line, start.text)
            return
        if wrong := list(exec_form.problems(start.line, start.words or ())):
            yield from wrong
            return
    for start in starts[:1]:
        if shell_missing and (start.words is None or shell_line(start.words) is not None):
            form = "the shell form needs /bin/sh" if start.words is None else f"{start.words[0]} is started"
            yield LintProblem(
                start.line,
                "SHELL_MISSING",
                f"{form}, which {shell_missing} does not hold",
                f'write the exec form: {start.name} ["/app", "serve"]',
            )
            return
    if "ENTRYPOINT" in last:
        yield from _entrypoint(family, last["ENTRYPOINT"], env, interpret, shell_missing)


def _has(family: Sequence[Stage], name: str) -> bool:
    return any(one.name == name for stage in family for one in stage.instructions)


def _environment(family: Sequence[Stage]) -> dict[str, str]:
    """The variables of probe that ENV sets."""
    pairs = (pair for stage in family for one in stage.instructions for pair in _set(one))
    return {key: value for key, value in pairs if key.startswith("PROBE_") and "$" not in value}


def _set(one: Instruction) -> list[tuple[str, str]]:
    """What an ENV sets; nothing by another instruction."""
    words = next((step.words for step in steps(one.text)), []) if one.name == "ENV" else []
    if words and "=" not in words[0]:
        words = [f"{words[0]}={' '.join(words[1:])}"]
    return [(key, value) for key, _, value in (word.partition("=") for word in words)]


def _not_heard(stages: Sequence[Stage], family: Sequence[Stage]) -> Iterator[LintProblem]:
    for stage in stages:
        checks = [one for one in stage.instructions if one.name == "HEALTHCHECK"]
        for check in checks[:-1]:
            yield LintProblem(
                check.line,
                "HEALTHCHECK_OVERRIDDEN",
                f"the one in line {checks[-1].line} replaces this",
                "keep one of them",
            )
        if checks and stage not in family and not _has(family, "HEALTHCHECK"):
            yield LintProblem(
                checks[-1].line,
                "HEALTHCHECK_IN_ANOTHER_STAGE",
                f"the last stage, in line {stages[-1].line}, is not based on this one",
                "move it to the last stage",
            )


def _health(check: Instruction, env: dict[str, str], shell_missing: str) -> health.Health:
    times = {
        key: health.Time(check.line, value) for key in _TIMES if (value := check.flag(f"--{key}")) is not None
    }
    kind, _, rest = check.text.partition(" ")
    words = dockerfile.listed(rest) if kind.upper() == "CMD" else None
    return health.Health(check.line, words or (), "" if words else rest, times, env, shell_missing)


def _missing(family: Sequence[Stage], call: Instruction, words: Sequence[str]) -> Iterator[LintProblem]:
    """An empty image holds what is copied into it, and nothing else."""
    if family[0].base != EMPTY or not words or arguments(words) is None:
        return
    copies = [one for stage in family for one in stage.instructions if one.name in ("COPY", "ADD")]
    places = [(dockerfile.listed(one.text) or one.text.split() or [""])[-1] for one in copies]
    command = words[0]
    if command.startswith("/"):
        if any(place in ("/", ".", "./") or _covers(place, command) for place in places):
            return
        what = f"nothing is copied to {command} or to a directory that holds it"
    else:
        if any(_may_bring(place, command, path) for place in places for path in _path(family)):
            return
        what = f"nothing is copied to a directory of PATH, in which {command} is looked for"
    yield LintProblem(
        call.line,
        "PROBE_MISSING",
        what,
        "add COPY --from=probe:latest /opt/probe /opt/probe and call /opt/probe/bin/probe",
    )


def _path(family: Sequence[Stage]) -> list[str]:
    """The directories of PATH; those of the default stand for what a variable in it may name."""
    pairs = (step for stage in family for one in stage.instructions for step in _set(one))
    value = next((value for key, value in reversed(list(pairs)) if key == "PATH"), _DEFAULT_PATH)
    return [
        directory
        for one in value.split(":")
        for directory in (_DEFAULT_PATH.split(":") if "$" in one else [one])
    ]


def _may_bring(place: str, command: str, directory: str) -> bool:
    """Whether what is copied to *place* may be, or hold, *command* in *directory*."""
    return place in ("/", ".", "./") or not place.startswith("/") or _covers(place, f"{directory}/{command}")


def _covers(place: str, path: str) -> bool:
    place = "/" + place.strip("/")
    return path == place or path.startswith(f"{place}/")


def _entrypoint(
    family: Sequence[Stage], start: Instruction, env: dict[str, str], interpret: Interpret, shell_missing: str
) -> Iterator[LintProblem]:
    words = start.words
    if words is None:
        if any(of_step(step) is not None and step.words[0] != "exec" for step in steps(start.text)):
            yield LintProblem(
                start.line,
                "ENTRYPOINT_SHELL_FORM",
                "/bin/sh -c is process 1, and does not hand signals on",
                'write ENTRYPOINT ["probe", "run", "--"]',
            )
        return
    yield from _missing(family, start, words)
    yield from shell.between(start.line, words)
    given = arguments(words)
    if given is None:
        return
    commands = [one for stage in family for one in stage.instructions if one.name == "CMD"]
    rest = (commands[-1].words if commands else None) or []
    if commands and commands[-1].words is None and shell_missing:
        yield LintProblem(
            commands[-1].line,
            "SHELL_MISSING",
            f"the shell form makes /bin/sh -c the program, which {shell_missing} does not hold",
            'write the exec form: CMD ["/app", "serve"]',
        )
    call = interpret([*given, *rest], env)
    if call.problem:
        yield refused(start.line, call.problem)
