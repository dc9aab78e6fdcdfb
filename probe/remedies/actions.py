"""The actions that remedies are made of, and the text that is pasted for them."""

from __future__ import annotations

from probe import redact
from probe.remedies import quoting
from probe.report import Action, Remedy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

# Who acts.
IMAGE = "image"  # whoever writes the Dockerfile
BUILD = "build"  # a shell where the image is built, before it is built
CONTAINER = "container"  # whoever starts the container, or has a shell in it
POD = "pod"  # whoever writes the pod's, or the compose file's, fields
PROBE = "probe"  # whoever configures probe
OWNER = "owner"  # of a server, an authority, a machine: nobody here can act
KINDS = (
    *("set-env", "unset-env", "copy", "run", "from", "instruction", "build", "shell", "look", "start"),
    *("pod", "configure", "setting", "probe", "ask"),
)
AUDIENCES = (IMAGE, BUILD, CONTAINER, POD, PROBE, OWNER)


def set_env(name: str, value: str) -> Action:
    return Action("set-env", IMAGE, {"name": name, "value": value})


def prepend(name: str, entry: str) -> Action:
    """`ENV NAME=ENTRY:$NAME`: one entry more, before those that are there."""
    line = f"{name}={quoting.plain(entry)}:${name}"
    return Action("set-env", IMAGE, {"name": name, "value": f"{entry}:${name}", "line": line})


def env_line(name: str, value: str) -> Action:
    """`set_env` with a place in *value* for a secret, which nobody has given yet."""
    return Action("set-env", IMAGE, {"name": name, "value": value, "line": f"{name}={value}"})


def unset_env(name: str) -> Action:
    """Take a variable away; a Dockerfile can only empty it, which is not the same for every variable."""
    return Action("unset-env", IMAGE, {"name": name})


def copy(source: str, destination: str, *, stage: str = "", content: str = "") -> Action:
    """COPY; *content* says what is copied, for `effects`."""
    values = {"source": source, "destination": destination, "stage": stage, "content": content}
    return Action("copy", IMAGE, values)


def run(command: str, effect: str = "", *, needs: Sequence[str] = (), **values: Any) -> Action:
    """
    A command of sh, by root, while the image is built.

    *effect* is its name in `effects`, with *values* as that wants them; *needs* are
    the programs, the first word of the command where none are named.
    """
    programs = list(needs) or [command.split(" ", 1)[0]]
    return Action("run", IMAGE, {"command": command, "effect": effect, "needs": programs, **values})


def copy_owned(path: str, owner: str, mode: str = "") -> Action:
    """A file or directory from beside the Dockerfile, with an owner and a mode by COPY itself."""
    source = path.rstrip("/").rpartition("/")[2] or "."
    flags = f"--chown={owner} " + (f"--chmod={mode} " if mode else "")
    line = f"COPY {flags}{quoting.copy(source, path)}"
    values = {"command": line, "destination": path, "owner": owner, "mode": mode, "content": "owned"}
    return Action("copy", IMAGE, {"source": source, "stage": "", **values})


def in_build_stage(command: str) -> Action:
    """A RUN of the stage that builds the program, whose programs this image need not have."""
    return Action("run", IMAGE, {"command": command, "effect": "", "needs": None})


def from_image(image: str, stage: str = "") -> Action:
    """FROM; *stage* is its name."""
    return Action("from", IMAGE, {"image": f"{image} AS {stage}" if stage else image})


def build_with(release: str) -> Action:
    """The program built by another release of Go, such as "1.27"."""
    return from_image(f"golang:{release}", "build")


def build_stage(file: str, destination: str) -> Action:
    """COPY --from=build: what the stage that builds the program has made."""
    return copy(file, destination, stage="build")


def instruction(line: str) -> Action:
    """An instruction of a Dockerfile that is none of the others."""
    return Action("instruction", IMAGE, {"command": line})


def build(command: str) -> Action:
    """A command on the sources, before the image is built."""
    return Action("build", BUILD, {"command": command, "effect": "", "needs": ()})


def shell(command: str, effect: str = "", **values: Any) -> Action:
    """A command in the container, or beside it; *effect* as for `run`."""
    return Action("shell", CONTAINER, {"command": command, "effect": effect, "needs": (), **values})


def remount(option: str, point: str) -> Action:
    """A mount with another *option*, "rw" or "exec"."""
    command = f"mount -o remount,{option} {quoting.word(point)}"
    return shell(command, option=option, path=point)


def on_node(command: str) -> Action:
    """A command on the machine, whose clock is that of all its containers."""
    return Action("shell", OWNER, {"command": command, "effect": "", "needs": ()})


def with_probe(command: str) -> Action:
    """A command on what probe itself uses, where it is installed."""
    return Action("shell", PROBE, {"command": command, "effect": "", "needs": ()})


def set_clock() -> tuple[Remedy, ...]:
    """What sets the clock of the machine right."""
    return ways(on_node("chronyc makestep"), on_node("timedatectl set-ntp true"))


def more_room() -> tuple[Remedy, ...]:
    """More processes and memory for the container."""
    return ways(
        start("docker run --pids-limit 512 --memory 1g IMAGE"), pod("resources: {limits: {memory: 1Gi}}")
    )


def allow_syscall(name: str) -> Action:
    """An entry of a seccomp profile."""
    return pod(f'{{"names": ["{name}"], "action": "SCMP_ACT_ALLOW"}}')


def look(command: str, *paths: str) -> Action:
    """A command that shows more and changes nothing; *paths* are those of the target that it names."""
    return Action("look", CONTAINER, {"command": command, "paths": paths})


def start(command: str) -> Action:
    """How the container is started: `docker run …`."""
    return Action("start", CONTAINER, {"command": command})


def before_build(action: Action, directory: str = "") -> Action:
    """
    The command of an action on a file, done outside the image: on the file that is then copied.

    Where the tree lies in a *directory* of this machine, on the file there, and on nothing outside of it.
    """
    values, command = action.values, action.values["command"]
    if command.startswith("go env "):  # which knows its file by itself, and would take this machine's
        command = f"GOENV={quoting.word(values['path'])} {command}"
    return Action("build", BUILD, {**values, "command": _renamed(command, paths_of(action), directory)})


def below(action: Action, directory: str) -> Action:
    """A command that shows more, of the target's files as they lie in a *directory* of this machine."""
    command = action.values["command"]
    if command.startswith(("go ", *(f"{quoting.word(path)} " for path in paths_of(action)))):
        command = f"chroot {quoting.word(directory)} {command}"  # it is a program of the target
        return action._replace(values={**action.values, "command": command})
    if command.startswith("ldd "):  # which would show the libraries of this machine
        command = "readelf -l -d " + command.removeprefix("ldd ")
    command = _renamed(command, paths_of(action), directory)
    return action._replace(values={**action.values, "command": command})


def paths_of(action: Action) -> list[str]:
    """The paths of the target that a command names."""
    values = action.values
    return [path for path in (values.get("path"), values.get("to"), *values.get("paths", ())) if path]


def _renamed(command: str, named: Sequence[str], directory: str) -> str:
    """*command* with what it has *named* as it is called in *directory*, "": by its last part alone."""
    paths = sorted(set(named), key=len, reverse=True)
    for number, path in enumerate(paths):  # one may be the beginning of another
        command = _marked(command, quoting.word(path), number, whole=path == "/")
    for number, path in enumerate(paths):
        name = f"{directory.rstrip('/')}{path}" if directory else path.rpartition("/")[2]
        command = command.replace(f"\0{number}\0", quoting.word(name))
    return command


def _marked(command: str, word: str, number: int, *, whole: bool) -> str:
    """*command* with NUL *number* NUL for each *word* that begins an argument, or is the *whole* of one."""
    marked = ""
    while word in command:
        before, _, command = command.partition(word)
        marked += before
        begins = not marked or marked[-1].isspace() or marked[-1] == "="
        ends = not whole or not command or command[0].isspace() or command[0] == ";"
        marked += f"\0{number}\0" if begins and ends else word
    return marked + command


def pod(field: str) -> Action:
    """Fields of a pod's spec, in YAML's flow form, on one line."""
    return Action("pod", POD, {"field": field})


def configure(key: str, value: str) -> Action:
    """A setting of probe; *value* as TOML writes it."""
    return Action("configure", PROBE, {"key": key, "value": value})


def endpoints(endpoint: str) -> Action:
    """Another server for the handshake."""
    return configure("ca-bundle.endpoints", endpoint)


def setting(key: str, value: str) -> Action:
    """A line of probe's configuration; *value* as TOML writes it."""
    return Action("setting", PROBE, {"key": key, "value": value, "command": f"{key} = {value}"})


def probe(command: str) -> Action:
    """A command of probe, such as `probe check --timeout 20`."""
    return Action("probe", PROBE, {"command": command})


def ask(text: str, audience: str = OWNER) -> Action:
    """What nobody can paste: a sentence that says who has to do what."""
    return Action("ask", audience, {"text": text})


# --- remedies ------------------------------------------------------------------------------


def remedy(*actions: Action) -> Remedy:
    """The remedy that consists of *actions*, in this order."""
    return Remedy(text(actions), actions)


def ways(*options: Action | Remedy) -> tuple[Remedy, ...]:
    """The remedies of a finding, the best first: each of *options* is enough by itself."""
    return tuple(remedy(one) if isinstance(one, Action) else one for one in options)


def text(actions: Sequence[Action]) -> str:
    """The lines that are pasted; neighbouring commands and variables share one."""
    lines: list[str] = []
    previous = ""
    for action in actions:
        line, joint = _line(action)
        if joint and action.kind == previous:
            lines[-1] += joint + line.partition(" ")[2]
        else:
            lines.append(line)
        previous = action.kind
    return "\n".join(lines)


def _line(action: Action) -> tuple[str, str]:
    """The line of one action, and what joins it to one of its kind before it ("": nothing)."""
    values = action.values
    match action.kind:
        case "set-env":
            if line := values.get("line"):
                return f"ENV {line}", " "
            return f"ENV {quoting.env(values['name'], values['value'])}", " "
        case "unset-env":
            return f"Unset {values['name']}", " and "
        case "copy" if "command" not in values:
            stage = f"--from={values['stage']} " if values["stage"] else ""
            return f"COPY {stage}{quoting.copy(values['source'], values['destination'])}", ""
        case "run":
            return f"RUN {values['command']}", " && "
        case "from":
            return f"FROM {values['image']}", ""
        case "configure":
            return f"probe check --set {values['key']}={quoting.word(values['value'])}", ""
    return str(values.get("command") or values.get("field") or values.get("text")), ""


def as_json(action: Action) -> dict[str, Any]:
    """An action as a report may show it."""
    shown = {"kind": action.kind, "audience": action.audience}
    if action.kind == "set-env":
        values: Mapping[str, Any] = action.values
        if len(values.get("all", ())) > 1:
            return {**shown, "command": f"ENV {redact.text(str(values['line']))}"}
        return {**shown, "name": values["name"], "value": redact.value(values["name"], values["value"])}
    hidden = (
        *("effect", "needs", "content", "data", "path", "whole", "zone", "package"),
        *("paths", "owner", "group", "mode", "line", "each", "option", "built", "raises"),
    )
    told = {key: value for key, value in action.values.items() if key not in hidden and value != ""}
    return {**shown, **{key: redact.text(str(value)) for key, value in told.items()}}
