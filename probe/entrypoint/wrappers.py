"""
Commands that become another one: what is started in the end, and as whom.

gosu, su-exec, setpriv, tini and their kind exec what they are given, as `sh -c 'exec …'` does. What cannot be
followed for certain (a script, an option that is not known) is left as it is.
"""

from __future__ import annotations

from probe.entrypoint import shell_line
from probe.lightweight import Mapping, NamedTuple, Sequence

_MOST = 8  # wrappers around one another


class StartedCommand(NamedTuple):
    """What a chain of wrappers executes: `user` as "UID", "NAME" or "NAME:GROUP", "" for the caller's."""

    words: tuple[str, ...]
    user: str = ""
    changes: Mapping[str, str | None] = {}  # variables that are set, or unset (None)
    kept: frozenset[str] | None = None  # variables that are not taken away; None for all
    cwd: str = ""
    limits: Mapping[str, int] = {}  # soft ones in bytes, by the letters of ulimit, -1 for none

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """The variables that the command finds where its wrappers were started with *env*."""
        left = env if self.kept is None else {name: env[name] for name in self.kept if name in env}
        changed = {**left, **self.changes}
        return {name: value for name, value in changed.items() if value is not None}


class _Rules(NamedTuple):
    """
    The options of a wrapper: those with a value, those without, and how many words precede the command.

    `users` and `groups` are options that name whom it becomes, `kept` the only variables that it hands on
    where it is not told otherwise; None for all.
    """

    valued: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    operands: int = 0
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kept: frozenset[str] | None = None


def _rules(
    valued: str = "",
    flags: str = "",
    operands: int = 0,
    users: str = "",
    groups: str = "",
    kept: str | None = None,
) -> _Rules:
    named = (*users.split(), *groups.split())
    return _Rules(
        frozenset((*valued.split(), *named)),
        frozenset(flags.split()),
        operands,
        tuple(users.split()),
        tuple(groups.split()),
        None if kept is None else frozenset(kept.split()),
    )


_INIT = _rules("-p -e", "-s -v -vv -vvv -w -g -l")
_SETPRIV = _rules(
    "--ruid --rgid --groups --inh-caps --ambient-caps --bounding-set "
    "--securebits --pdeathsig --selinux-label --apparmor-profile",
    "--clear-groups --keep-groups --init-groups --no-new-privs --nnp --reset-env",
    users="--reuid --euid",
    groups="--regid --egid",
)
_ROOT_OF_CHROOT = "/"  # another one is another container
_WRAPPERS = {
    "gosu": _rules(operands=1),
    "su-exec": _rules(operands=1),
    "s6-setuidgid": _rules(operands=1),
    "setuidgid": _rules(operands=1),
    "s6-applyuidgid": _rules("-G", users="-u", groups="-g"),
    "setpriv": _SETPRIV,
    "chroot": _rules("--groups", "--skip-chdir", 1, users="--userspec"),
    "chpst": _rules("-n -o -p -f -c -m -d", "-P -v", users="-u"),
    "runuser": _rules(
        "-G --supp-group", "-m -p --preserve-environment", users="-u --user", groups="-g --group"
    ),
    "sudo": _rules(  # sudoers(5): env_reset, env_keep and env_check as they are without a configuration
        "",
        "-E -n -H -S --preserve-env --non-interactive",
        users="-u --user",
        groups="-g --group",
        kept="PATH TZ LANG LANGUAGE LC_ALL LC_CTYPE LC_MESSAGES TERM HOSTNAME",
    ),
    "doas": _rules("", "-n", users="-u", kept="PATH TERM"),
    "tini": _INIT,
    "tini-static": _INIT,
    "docker-init": _INIT,
    "catatonit": _rules(flags="-g"),
    "dumb-init": _rules("-r --rewrite", "-c --single-child -v --verbose"),
    "env": _rules(
        "-u --unset -C --chdir -S --split-string",
        "-i --ignore-environment - -v --debug --ignore-signal --default-signal --block-signal",
    ),
    "nice": _rules("-n --adjustment"),
    "ionice": _rules("-c --class -n --classdata", "-t --ignore"),
    "chrt": _rules(flags="-b --batch -f --fifo -i --idle -o --other -r --rr -R --reset-on-fork", operands=1),
    "taskset": _rules(flags="-c --cpu-list -a --all-tasks", operands=1),
    "choom": _rules("-n --adjust"),
    # Of each the value is optional: it stands after "=", and the next word is the command.
    "prlimit": _rules(flags="--as --core --cpu --data --fsize --locks --memlock --nofile --nproc --stack"),
    "flock": _rules("-w --timeout -E", "-n --nonblock -x -e --exclusive -s --shared -o --close", 1),
    "nohup": _rules(),
    "setsid": _rules(flags="-c --ctty -w --wait"),
    "stdbuf": _rules("-i -o -e --input --output --error"),
    "timeout": _rules("-k --kill-after -s --signal", "-f --foreground -p --preserve-status -v --verbose", 1),
}
_BY_OPERAND = ("gosu", "su-exec", "s6-setuidgid", "setuidgid")  # whose first operand is the user
_SHELLS = ("sh", "bash", "ash", "dash")
_BUSYBOX = ("busybox", "toybox")


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
    if name in _BUSYBOX:  # what is none of these it does itself
        known = rest and (rest[0] in _SHELLS or rest[0] in _WRAPPERS)
        return outer._replace(words=rest) if known else None
    if name in _SHELLS:
        line = shell_line.read(name, rest)
        if not line:
            return None
        cwd = _joined(outer.cwd, line.cwd)
        changes, limits = {**outer.changes, **line.changes}, {**outer.limits, **line.limits}
        return outer._replace(words=line.words, changes=changes, cwd=cwd, limits=limits)
    rules = _WRAPPERS.get(name)
    if rules is None:
        return None
    if name == "nice" and rest and rest[0][:1] == "-" and rest[0].lstrip("-+").isdigit():
        rest = rest[1:]  # nice -19
    options, rest = _options(rules, rest)
    if options is None:
        return None
    outer = _reset(outer, rules, options)
    if name in ("env", "sudo"):
        return _env(outer, options, rest, rules)
    operands, words = rest[: rules.operands], rest[rules.operands :]
    if name == "flock" and words[:1] in (("-c",), ("--command",)):
        words = ("sh", "-c", *words[1:])
    elsewhere = name == "chroot" and operands[:1] != (_ROOT_OF_CHROOT,)
    unnamed = name == "runuser" and not _ids(rules, options)  # that form runs the user's own shell
    if not words or words[0].startswith("-") or elsewhere or unnamed:
        return None
    user = operands[0] if name in _BY_OPERAND else _ids(rules, options)
    if name == "prlimit":
        outer = outer._replace(limits={**outer.limits, **_limits(options)})
    if name == "chpst":
        user = user.removeprefix(":")  # by which it knows numbers
    cwd = "/" if name == "chroot" and ("--skip-chdir", "") not in options else outer.cwd
    return outer._replace(words=words, user=user or outer.user, cwd=cwd)


def _reset(outer: StartedCommand, rules: _Rules, options: Sequence[tuple[str, str]]) -> StartedCommand:
    """*outer* with the variables that a wrapper hands on which makes a new environment."""
    asked = [value for name, value in options if name in ("-E", "--preserve-env")]
    if rules.kept is None or "" in asked:
        return outer
    kept = rules.kept.union(*(value.split(",") for value in asked))
    changes = {name: value for name, value in outer.changes.items() if name in kept}
    return outer._replace(changes=changes, kept=kept if outer.kept is None else kept & outer.kept)


def _joined(outer: str, inner: str) -> str:
    return inner if inner.startswith("/") or not outer else f"{outer}/{inner}" if inner else outer


def _options(rules: _Rules, words: tuple[str, ...]) -> tuple[list[tuple[str, str]] | None, tuple[str, ...]]:
    """The options at the beginning and what follows them; None where one is not known (getopt_long(3))."""
    found: list[tuple[str, str]] = []
    while words and words[0].startswith("-"):
        word, words = words[0], words[1:]
        if word == "--":
            break
        if word in rules.flags:
            found.append((word, ""))
            continue
        read, words = _long(rules, word, words) if word.startswith("--") else _cluster(rules, word, words)
        if read is None:
            return None, words
        found += read
    return found, words


_Read = tuple["list[tuple[str, str]] | None", "tuple[str, ...]"]


def _long(rules: _Rules, word: str, words: tuple[str, ...]) -> _Read:
    name, equals, value = word.partition("=")
    if equals and (name in rules.valued or name in rules.flags):
        return [(name, value)], words
    if name in rules.valued and words:
        return [(name, words[0])], words[1:]
    return None, words


def _cluster(rules: _Rules, word: str, words: tuple[str, ...]) -> _Read:
    """-gs as -g -s; the last one may have a value, in the same word or in the next."""
    found: list[tuple[str, str]] = []
    for at, letter in enumerate(word[1:], 2):
        name = f"-{letter}"
        if name in rules.flags:
            found.append((name, ""))
        elif name in rules.valued and word[at:]:
            return [*found, (name, word[at:])], words
        elif name in rules.valued and words:
            return [*found, (name, words[0])], words[1:]
        else:
            return None, words
    return found, words


def _limits(options: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The soft limits among options of prlimit(1): N, SOFT:HARD, in bytes."""
    letters = {"--as": "v", "--data": "d"}
    given = [(letters[name], value.partition(":")[0]) for name, value in options if name in letters]
    return {letter: int(soft) if soft.isdecimal() else -1 for letter, soft in given if soft}


def _ids(rules: _Rules, options: Sequence[tuple[str, str]]) -> str:
    given = dict(options)
    user = next((given[name] for name in rules.users if given.get(name)), "").removeprefix("#")
    group = next((given[name] for name in rules.groups if given.get(name)), "").removeprefix("#")
    return f"{user}:{group}" if user and group else user


def _env(
    outer: StartedCommand, options: Sequence[tuple[str, str]], words: tuple[str, ...], rules: _Rules
) -> StartedCommand | None:
    """Of env(1), and of sudo(8), which takes variables before the command too."""
    changes, kept, cwd = dict(outer.changes), outer.kept, outer.cwd
    for name, value in () if rules.users else options:
        if name in ("-i", "-", "--ignore-environment"):
            changes, kept = {}, frozenset()
        elif name in ("-u", "--unset"):
            changes[value] = None
        elif name in ("-C", "--chdir"):
            cwd = _joined(cwd, value)
        elif name in ("-S", "--split-string"):
            split = shell_line.split(value)
            if split is None:
                return None
            words = (*split, *words)
    while words and "=" in words[0]:
        name, _, value = words[0].partition("=")
        changes[name] = value
        words = words[1:]
    if not words or words[0].startswith("-"):
        return None
    user = _ids(rules, options) or ("0" if rules is _WRAPPERS["sudo"] else outer.user)
    return outer._replace(words=words, user=user, changes=changes, kept=kept, cwd=cwd)
