"""The options that choose what is examined, shared by all commands that examine something."""

from __future__ import annotations

from probe.cli.arguments import Command, Flag, ParsedArgs, wrong
from probe.lightweight import Callable, Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.targets import Target
    from probe.targets.processes import Processes
    from probe.targets.shared_layers import SharedLayers

FLAGS = (
    Flag("--root", "examine the file tree below DIR instead of this container", "DIR"),
    Flag("--pid", "examine process N: its root, environment, user and program", "N"),
    Flag("--process", "the same for the one process that is called NAME", "NAME"),
    Flag("--image", "examine an image archive: docker save or OCI layout; - is stdin", "FILE", many=True),
    Flag("--env", "set a variable of the target; with --root it holds nothing else", "K=V", many=True),
    Flag("--env-file", "set variables from FILE, as docker run --env-file does", "FILE", many=True),
    Flag("--user", "compute permissions as this user: UID, NAME, UID:GID", "USER"),
    Flag("--cwd", "the target's working directory", "DIR"),
)
OWN_CONFIG = Flag("--target-config", "use the target's own /etc/probe.toml instead of probe's")
_CHOICES = ("--root", "--pid", "--process", "--image")


def ours(given: ParsedArgs) -> bool:
    """Whether this container is the target."""
    return not any(map(given.on, _CHOICES))


def build(
    command: Command,
    given: ParsedArgs,
    processes: Processes | None = None,
    shared: SharedLayers | None = None,
) -> Target:
    """
    The target that the options name; UsageError when they do not fit together, else TargetError.

    *processes*: those of this container, where they are started already. *shared*: layers of the images
    that were examined before.
    """
    chosen = _chosen(command, given)
    if not chosen:
        return _ourselves(command, given, processes)
    if len(given.many("--image")) > 1:
        wrong(command, "--image: one archive at a time; probe check takes several")
    if chosen == ["--image"]:
        return _image(command, given, shared)
    return _BUILDERS[chosen[0]](command, given)


def verify_image_options(command: Command, given: ParsedArgs) -> None:
    """UsageError where the options do not fit an image, whichever it is."""
    _chosen(command, given)
    _env(command, given)
    wants_own_config(command, given)


def _chosen(command: Command, given: ParsedArgs) -> list[str]:
    cwd = given.one("--cwd")
    if cwd is not None and not cwd.startswith("/"):
        wrong(command, f"--cwd {cwd}: write an absolute path, as the target sees it")
    chosen = [flag for flag in _CHOICES if given.on(flag)]
    if len(chosen) > 1:
        wrong(command, f"{' and '.join(chosen)} exclude each other")
    return chosen


def again(command: Command, given: ParsedArgs) -> Callable[[], Target]:
    """
    What builds the target at each look, as `build` does.

    A --pid means the process that has that number now; once it has ended, none.
    """
    if not given.on("--pid"):
        return lambda: build(command, given)
    from probe.targets.process import start_time

    started = start_time(_number(command, given))
    return lambda: _pid(command, given, started)


def wants_own_config(command: Command, given: ParsedArgs) -> bool:
    """Whether the target's own configuration counts; UsageError where the target is this container."""
    if not given.on(OWN_CONFIG.name):
        return False
    if ours(given):
        wrong(command, f"{OWN_CONFIG.name} needs --root, --pid, --process or --image")
    return True


def name(given: ParsedArgs) -> str:
    """What a report calls a target that could not be built."""
    from probe import redact  # somebody may have written a URL where a path belongs

    found = next((f"{flag} {given.one(flag)}" for flag in _CHOICES if given.on(flag)), "this container")
    return redact.text(found)


def _ourselves(command: Command, given: ParsedArgs, processes: Processes | None) -> Target:
    if given.on("--user"):
        wrong(
            command,
            "--user needs --root, --pid, --process or --image; for this container, run probe as that user",
        )
    from probe import targets

    here = targets.ourselves(processes)
    return here._replace(env={**here.env, **_env(command, given)}, cwd=given.one("--cwd") or here.cwd)


def _root(command: Command, given: ParsedArgs) -> Target:
    from probe import targets

    return targets.at_root(
        given.one("--root") or "",
        _env(command, given),
        cwd=given.one("--cwd") or "/",
        user=given.one("--user"),
    )


def _number(command: Command, given: ParsedArgs) -> int:
    number = given.one("--pid") or ""
    if not number.isascii() or not number.isdecimal() or not 0 < int(number[:10]) < 2**31:
        wrong(command, f"--pid {number}: must be the number of a process")
    return int(number)


def _pid(command: Command, given: ParsedArgs, started: str | None = None) -> Target:
    from probe.targets.process import of_process

    env, user, cwd = _env(command, given), given.one("--user"), given.one("--cwd")
    return of_process(_number(command, given), env=env, user=user, cwd=cwd, started=started)


def _process(command: Command, given: ParsedArgs) -> Target:
    from probe.targets.process import by_name, of_process

    pid = by_name(given.one("--process") or "")
    return of_process(pid, env=_env(command, given), user=given.one("--user"), cwd=given.one("--cwd"))


def _image(command: Command, given: ParsedArgs, shared: SharedLayers | None) -> Target:
    from probe.targets.image import of_image

    env, user, cwd = _env(command, given), given.one("--user"), given.one("--cwd")
    return of_image(given.one("--image") or "", env=env, user=user, cwd=cwd, shared=shared)


_BUILDERS: Mapping[str, Callable[[Command, ParsedArgs], Target]] = {
    "--root": _root,
    "--pid": _pid,
    "--process": _process,
}


def _env(command: Command, given: ParsedArgs) -> dict[str, str]:
    """What --env-file and, over it, --env say."""
    from probe.lightweight import os

    env: dict[str, str] = {}
    for file in given.many("--env-file"):
        from probe.targets import environ

        env |= environ.from_file(file, os.environment())
    for setting in given.many("--env"):
        key, equals, value = setting.partition("=")
        if not key or not equals or "\0" in setting:
            wrong(command, f"--env {key}: write K=V")
        env[key] = value
    return env
