"""
Commands that become another one: what is started in the end, and as whom.

gosu, su-exec, setpriv, tini and their kind exec what they are given, as `sh -c 'exec …'` does. What cannot be
followed for certain (a script, an option that is not known) is left as it is.
"""

from __future__ import annotations

from probe.lightweight import Callable, Mapping, NamedTuple, Sequence

_MOST = 8  # wrappers around one another
_OF_A_SHELL = set(";&|<>()`*?[]{}~#!\n\\$")  # what makes a line more than one simple command


class StartedCommand(NamedTuple):
    """What a chain of wrappers executes: `user` as "UID", "NAME" or "NAME:GROUP", "" for the caller's."""

    words: tuple[str, ...]
    user: str = ""
    changes: Mapping[str, str | None] = {}  # variables that are set, or unset (None)
    cleared: bool = False  # the environment holds `changes` alone
    cwd: str = ""


class _Rules(NamedTuple):
    """The options of a wrapper: those with a value, those without, and how many words precede the command."""

    valued: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    operands: int = 0


def _rules(valued: str = "", flags: str = "", operands: int = 0) -> _Rules:
    return _Rules(frozenset(valued.split()), frozenset(flags.split()), operands)


_INIT = _rules("-p -e", "-s -v -vv -vvv -w -g -l")
_SETPRIV = _rules(
    "--reuid --regid --ruid --euid --rgid --egid --groups --inh-caps --ambient-caps --bounding-set "
    "--securebits --pdeathsig --selinux-label --apparmor-profile",
    "--clear-groups --keep-groups --init-groups --no-new-privs --nnp --reset-env",
)
_WRAPPERS = {
    "gosu": _rules(operands=1),
    "su-exec": _rules(operands=1),
    "s6-setuidgid": _rules(operands=1),
    "setpriv": _SETPRIV,
    "tini": _INIT,
    "tini-static": _INIT,
    "docker-init": _INIT,
    "catatonit": _rules(flags="-g"),
    "dumb-init": _rules("-r --rewrite", "-c --single-child -v --verbose"),
    "env": _rules("-u --unset -C --chdir", "-i --ignore-environment - -v --debug"),
    "nice": _rules("-n --adjustment"),
    "ionice": _rules("-c --class -n --classdata", "-t --ignore"),
    "nohup": _rules(),
    "setsid": _rules(flags="-c --ctty -w --wait"),
    "stdbuf": _rules("-i -o -e --input --output --error"),
    "timeout": _rules("-k --kill-after -s --signal", "--foreground --preserve-status -v", 1),
}
_SHELLS = ("sh", "bash", "ash", "dash")


def unwrap(command: Sequence[str]) -> StartedCommand:
    """What *command* starts in the end; itself where it is no wrapper that we know."""
    started = StartedCommand(tuple(command))
    for _ in range(_MOST):
        inner = _step(started)
        if inner is None:
            break
        started = inner
    return started


def _step(outer: StartedCommand) -> StartedCommand | None:
    name, rest = outer.words[0].rpartition("/")[2], outer.words[1:]
    if name in _SHELLS:
        words = _simple(rest)
        return outer._replace(words=words) if words else None
    rules = _WRAPPERS.get(name)
    if rules is None:
        return None
    options, rest = _options(rules, rest)
    if options is None:
        return None
    if name == "env":
        return _env(outer, options, rest)
    operands, words = rest[: rules.operands], rest[rules.operands :]
    if not words:
        return None
    user = operands[0] if operands and name != "timeout" else _ids(options)
    return outer._replace(words=words, user=user or outer.user)


def _options(rules: _Rules, words: tuple[str, ...]) -> tuple[list[tuple[str, str]] | None, tuple[str, ...]]:
    """The options at the beginning and what follows them; None where one is not known."""
    found: list[tuple[str, str]] = []
    while words and words[0].startswith("-"):
        word, words = words[0], words[1:]
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if word in rules.flags:
            found.append((word, ""))
        elif name in rules.valued and equals and name.startswith("--"):
            found.append((name, value))
        elif word in rules.valued and words:
            found.append((word, words[0]))
            words = words[1:]
        elif word[:2] in rules.valued and len(word) > 2:
            found.append((word[:2], word[2:]))
        else:
            return None, words
    return found, words


def _ids(options: Sequence[tuple[str, str]]) -> str:
    given = dict(options)
    user = given.get("--reuid") or given.get("--euid") or ""
    group = given.get("--regid") or given.get("--egid") or ""
    return f"{user}:{group}" if user and group else user


def _env(
    outer: StartedCommand, options: Sequence[tuple[str, str]], words: tuple[str, ...]
) -> StartedCommand | None:
    changes, cleared, cwd = dict(outer.changes), outer.cleared, outer.cwd
    for name, value in options:
        if name in ("-i", "-", "--ignore-environment"):
            changes, cleared = {}, True
        elif name in ("-u", "--unset"):
            changes[value] = None
        elif name in ("-C", "--chdir"):
            cwd = value
    while words and "=" in words[0]:
        name, _, value = words[0].partition("=")
        changes[name] = value
        words = words[1:]
    return outer._replace(words=words, changes=changes, cleared=cleared, cwd=cwd) if words else None


def _simple(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """The words of the one simple command of `sh -c`, with "$@" put in; () where it is more than that."""
    if len(arguments) < 2 or arguments[0] not in ("-c", "-ec", "-ce"):
        return ()
    import shlex

    script = arguments[1].replace('"$@"', "\0").strip()
    if _OF_A_SHELL.intersection(script):
        return ()
    try:
        words = shlex.split(script)
    except ValueError:
        return ()
    if words[:1] == ["exec"]:
        words = words[1:]
    if not words or "=" in words[0] or words[0].startswith("-"):
        return ()
    put: Callable[[str], tuple[str, ...]] = lambda word: arguments[3:] if word == "\0" else (word,)  # noqa: E731
    return tuple(each for word in words for each in put(word))
