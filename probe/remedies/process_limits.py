"""
Limits and the umask of a process that no shell starts: who sets them then.

Sources: prlimit(1), systemd.exec(5) for the limits that an engine's unit hands to all its containers,
docker-run(1), which knows neither addresses nor the umask, podman-run(1), umask(2).
"""

from probe.remedies import actions, places
from probe.report import Action, Remedies
from probe.targets import Target

_PROGRAMS = ("ulimit", "umask")
_ENGINES = {"n": ("nofile", "LimitNOFILE"), "f": ("fsize", "LimitFSIZE")}  # names, by ulimit's letters
_ENGINE = "in the unit of containerd, whose limits all its containers have"


def is_one(action: Action) -> bool:
    """Whether the command of *action* sets nothing but a limit or the umask of what is started after it."""
    return action.values["command"].partition(" ")[0] in _PROGRAMS


def without_shell(target: Target, action: Action) -> Remedies:
    """What comes to the same, by whoever starts the container or the machine's engine."""
    program, _, rest = action.values["command"].partition(" ")
    if program == "umask":
        call = f"Call syscall.Umask(0o{int(rest, 8):03o}) in the program before it creates files"
        asked = actions.ask(call, actions.BUILD)
        if places.in_pod(target):
            return actions.ways(asked)
        return actions.ways(actions.start(f"podman run --umask {rest} IMAGE"), asked)
    flag, _, value = rest.partition(" ")
    if names := _ENGINES.get(flag[-1]):
        option, setting = names
        wanted = value.replace("unlimited", "infinity")
        asked = actions.ask(f"Ask the operator of the machine for {setting}={wanted} {_ENGINE}")
        number = value.replace("unlimited", "-1")
        return places.fitting(target, actions.start(f"docker run --ulimit {option}={number} IMAGE"), asked)
    setting = "LimitDATA=" if flag.endswith("d") else "LimitAS="
    return actions.ways(actions.ask(f"Ask the operator of the machine to remove {setting} {_ENGINE}"))


def raised(letter: str, value: str) -> Remedies:
    """A higher limit by the shell, where the hard one allows it; by whoever starts the container."""
    import resource

    name, _ = _ENGINES[letter]
    hard = resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[1]
    enough = hard < 0 or (value.isdecimal() and int(value) <= hard)
    number = value.replace("unlimited", "-1")
    return actions.ways(
        actions.shell(f"ulimit -{letter} {value}", raises=not enough),
        actions.start(f"docker run --ulimit {name}={number} IMAGE"),
    )


def for_files(why: str) -> Remedies:
    """What to raise where the system's words for *why* are that too many files are open; () for others."""
    return raised("n", "1024") if "open files" in why.lower() else ()


def for_start(why: str) -> Remedies:
    """What to raise where a command could not be started, by the system's words for that."""
    return for_files(why) or actions.more_room()
