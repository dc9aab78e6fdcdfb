"""
Remedies from the lines that are pasted: what each line is, who pastes it, and what it does.

A check writes a remedy as its text, a blank line between two ways to the same end; here
each becomes actions. `actions.text` is the way back, and gives the same lines.
"""

import shlex
from collections.abc import Iterator

from probe.remedies import actions
from probe.remedies.actions import BUILD, CONTAINER, IMAGE, OWNER, POD, PROBE
from probe.report import Action, Remedy

# Fields of a pod, a compose service and a seccomp profile, as they begin.
_FIELDS = (
    *("securityContext:", "volumes:", "volumeMounts:", "env:", "resources:", "hostPID:", "image:"),
    *("command:", "args:", "terminationGracePeriodSeconds:", "shareProcessNamespace:", "- {"),
)
_PROFILE = '{"names": '
_ON_THE_SOURCE = ("go", "GOARCH", "GOAMD64", "CGO_ENABLED", "GOTOOLCHAIN", "GOPROXY", "cd", "strip")
_ENGINES = ("docker", "podman", "kubectl")
# What shows more and changes nothing.
_LOOKS = (
    *("ls", "file", "findmnt", "lsattr", "fuser", "df", "du", "date", "curl", "getent", "find", "sha256sum"),
    *("ldd", "readelf", "stat", "cat", "env", "id", "dmesg", "journalctl", "openssl", "gpgv"),
)
_PROGRAMS = (
    *("chmod", "chown", "chgrp", "setfacl", "mount", "umount", "mv", "install", "mkdir", "sed", "tar", "gpg"),
    *("base64", "iconv", "keytool", "tail", "head", "awk", "gunzip", "grep", "{"),
    *("cp", "ln", "rm", "rmdir", "umask", "ulimit", "chronyc", "timedatectl", "printf", "pip", "sysctl"),
    *("apt-get", "apk", "dnf", "microdnf", "zypper", "update-ca-certificates", "update-ca-trust", "setcap"),
)
_ASKS = ("Ask ", "Wait ")


def ways(text: str) -> tuple[Remedy, ...]:
    """The remedies that *text* holds, the best first; of a line that no rule knows, a sentence."""
    found = (tuple(map(_action, part.strip().split("\n"))) for part in text.split("\n\n") if part.strip())
    return tuple(actions.remedy(*one) for one in found)


def _action(line: str) -> Action:
    return next(_instruction(line), None) or next(_other(line), None) or actions.ask(line)


def _instruction(line: str) -> Iterator[Action]:
    """A line of a Dockerfile."""
    word, _, rest = line.partition(" ")
    if word == "RUN":
        yield _run(rest)
    elif word == "ENV" and (pairs := _assignments(rest)):
        name, value = pairs[0]
        yield Action("set-env", IMAGE, {"name": name, "value": value, "all": tuple(pairs), "line": rest})
    elif word == "FROM":
        yield actions.from_image(rest)
    elif word == "COPY" and len(operands := rest.split()) in (2, 3) and not rest.startswith("["):
        *stage, source, destination = operands
        yield actions.copy(source, destination, stage="".join(stage).removeprefix("--from="))
    elif word in ("USER", "ENTRYPOINT", "COPY", "WORKDIR", "ARG"):
        yield Action("instruction", IMAGE, {"command": line})
    elif word == "Unset" and rest:
        yield actions.unset_env(rest)


def _other(line: str) -> Iterator[Action]:
    """A field, a setting, or a command of a shell."""
    word = line.split(" ", 1)[0].split("=", 1)[0].rpartition("/")[2]
    if line.startswith(_FIELDS):
        yield actions.pod(line)
    elif line.startswith(_PROFILE):
        yield Action("pod", POD, {"field": line})
    elif line.startswith(_ASKS):
        yield actions.ask(line, OWNER)
    elif word == "probe":
        yield Action("probe", PROBE, {"command": line})
    elif word in _ON_THE_SOURCE:
        yield Action("build", BUILD, {"command": line, "effect": "", "needs": ()})
    elif word in _ENGINES:
        yield Action("start", CONTAINER, {"command": line})
    elif word in _LOOKS:
        yield Action("look", CONTAINER, {"command": line})
    elif word in _PROGRAMS:
        yield _run(line, kind="shell", audience=CONTAINER)
    elif _is_setting(line):
        key, _, value = line.partition(" = ")
        yield Action("setting", PROBE, {"key": key, "value": value, "command": line})


def _is_setting(line: str) -> bool:
    key, equals, value = line.partition(" = ")
    return bool(equals and value) and key.replace("-", "").replace("_", "").replace(".", "").isalnum()


def _assignments(rest: str) -> list[tuple[str, str]]:
    """The variables of an ENV line; none where it is something else."""
    try:
        words = shlex.split(rest)
    except ValueError:
        return []
    pairs = [word.partition("=") for word in words]
    return [(name, value) for name, equals, value in pairs if equals] if all(p[1] for p in pairs) else []


def _run(command: str, *, kind: str = "run", audience: str = IMAGE) -> Action:
    """A command with what is known of its effect."""
    effect, values = _effect(command)
    programs = [command.split(" ", 1)[0]]
    return Action(kind, audience, {"command": command, "effect": effect, "needs": programs, **values})


def _effect(command: str) -> tuple[str, dict[str, object]]:
    """The name of the effect of a simple command, with what `effects` wants for it; "" for any other."""
    try:
        words = shlex.split(command)
    except ValueError:
        return "", {}
    if any(sign in command for sign in ("|", ";", "&&", "`", "$", "*", "#", "<", ">")) or not words:
        return "", {}
    match words:
        case ["chmod", mode, path] | ["chmod", "-R", mode, path] if mode[0] != "-":
            return "chmod-to", {"mode": mode, "path": path}
        case ["chown", owner, path] | ["chown", "-R", owner, path] if owner[0] != "-":
            return "chown", {"owner": owner, "path": path}
        case ["mv", path, to]:
            return "move", {"path": path, "to": to}
        case ["rm", path] if path[0] != "-":
            return "remove", {"path": path}
        case ["install", "-d", "-o", user, "-g", group, *paths] if paths:
            return "make", {"owner": f"{user}:{group}", "paths": tuple(paths), "mode": "755"}
        case ["install", "-d", "-m", mode, "-g", group, *paths] if paths:
            return "make", {"owner": f"0:{group}", "paths": tuple(paths), "mode": mode}
        case ["install", "-d", "-m", mode, *paths] if paths:
            return "make", {"owner": "0:0", "paths": tuple(paths), "mode": mode}
        case ["mkdir", "-p", *paths] if paths:
            return "make", {"owner": "0:0", "paths": tuple(paths), "mode": "755"}
    return "", {}
