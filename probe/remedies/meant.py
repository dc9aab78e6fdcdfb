"""What a variable was probably meant to hold: its value as a shell would have read it."""

from __future__ import annotations

import re

from probe import redact
from probe.golang.x509.trust import DIRECTORY_VARIABLE
from probe.lightweight import Mapping
from probe.targets import NotRegular, Target, TooLarge

_SEPARATORS = re.compile(r"[;,\s]+")
# $NAME, ${NAME}, ${NAME-word} and ${NAME:-word}; $(cat FILE), $(<FILE) and the same in backquotes
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-([^}$]{0,400}))?\})")
_OUTPUT = re.compile(r"(?:\$\(|`)\s{0,9}(?:cat\s|<)\s{0,9}([^\s)`]{1,400})\s{0,9}[)`]")
_ASSIGNED = re.compile(r"(?:export\s{1,9})?\w{1,40}=", re.ASCII)
_SCHEME = re.compile(r"([A-Za-z0-9+]{1,12}?):?/{1,4}(.*)", re.DOTALL)
_SPELLED = {"htp": "http", "htttp": "http", "ttp": "http", "htps": "https", "socks": "socks5"}
_URL = re.compile(r"[a-z0-9]+://(?:[^\s/@$]{1,200}@)?[A-Za-z0-9._-]{1,250}(?::[0-9]{1,5})?")
_LONGEST = 4096  # characters of a value that is looked into
_QUOTES = "\"'` \t\r\n"
_MARKS = ('"', "'", "`")
_LIST = re.compile(r"[:;,\s]+")
_MOST = 32  # entries, and what is replaced in a value
_NAMES = 2000  # of a directory


def paths(target: Target, variable: str) -> str:
    """
    A value of SSL_CERT_FILE or SSL_CERT_DIR of which every entry is there; "" where none is found.

    Go takes the value as it stands: quotes, blanks, "~" and "$HOME" are part of a path, and only ":"
    separates two.
    """
    given = target.env.get(variable, "")
    if variable != DIRECTORY_VARIABLE:
        found = _plain(target, given)
        return found if found != given and _kind(target, found) == "file" else ""
    found_all = [_directories(target, entry) for entry in given.strip(_QUOTES).split(":")[:_MOST] if entry]
    if not all(found_all):
        return ""
    right = ":".join(dict.fromkeys(path for found in found_all for path in found))
    return right if right != given else ""


def candidates(target: Target, value: str) -> list[str]:
    """Files and directories that *value* may have been meant to name, all of which are there."""
    if not value or len(value) > _LONGEST or "\0" in value:
        return []
    found = [target.path(value)]
    for part in (value, *_LIST.split(value)[:_MOST]):
        path = _plain(target, part)
        path = path.rpartition("/")[0] if "*" in path else path
        if path.startswith("/"):
            found += [path, similar(target, path)]
    return [path for path in dict.fromkeys(found) if path and _kind(target, path)]


def similar(target: Target, path: str) -> str:
    """The file that is called as *path* but for its case or ending; "" where *path* is there, or none is."""
    path = _plain(target, path)
    directory, _, name = path.rpartition("/")
    if not path.startswith("/") or not name or _kind(target, path):
        return ""
    try:
        names = target.listdir(directory or "/")[:_NAMES]
    except (OSError, ValueError, TooLarge):
        return ""
    wanted = name.casefold()
    stem = wanted.rpartition(".")[0] or wanted
    alike = [one for one in names if one.casefold() == wanted]
    alike += [one for one in names if (one.casefold().rpartition(".")[0] or one.casefold()) == stem]
    return next((f"{directory}/{one}" for one in alike if _kind(target, f"{directory}/{one}") == "file"), "")


def slip(variable: str, value: str) -> str:
    """What in *value* Go takes for a part of a path and nobody meant as one; "" where nothing looks so."""
    bare = value.strip()
    several = bare.count("/") > 1 and re.search(r"[:;,\s]/", bare)
    found = (
        (value.rstrip(" \t\n").endswith("\r"), "the carriage return at its end is part of the path"),
        (value != bare, "the whitespace around it is part of the path"),
        (bare[:1] in _MARKS or bare[-1:] in _MARKS, "the quotes are part of the path"),
        (bare.startswith("file://"), "Go takes a path, not a URL"),
        (bare.startswith("~"), 'only a shell replaces "~"'),
        ("$" in bare, 'only a shell replaces "$"'),
        ("*" in bare, 'only a shell expands "*"'),
        (several and variable == DIRECTORY_VARIABLE, 'only ":" separates directories'),
        (several, "Go takes one path, not a list"),
    )
    return next((words for holds, words in found if value and holds), "")


def expanded(target: Target, text: str) -> str:
    """
    *text* without quotes and blanks around it, with "~", variables and `$(cat FILE)` replaced as by a shell.

    "" where a variable that it names is not set.
    """
    if len(text) > _LONGEST or max(text.count("$"), text.count("`")) > _MOST:
        return ""
    return replaced(target.env, _OUTPUT.sub(lambda found: _first_line(target, found[1]), text))


def replaced(env: Mapping[str, str], text: str) -> str:
    """The same without what commands print."""
    if len(text) > _LONGEST or text.count("$") > _MOST:
        return ""
    text = text.strip(_QUOTES)
    if text == "~" or text.startswith("~/"):
        text = f"$HOME{text[1:]}"
    text = _VARIABLE.sub(lambda found: _value(env, found[1] or found[2]) or found[3] or "\0", text)
    return "" if "\0" in text else text.strip(_QUOTES)


def _value(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    return value if len(value) <= _LONGEST else ""


def url(env: Mapping[str, str], text: str) -> str:
    """
    The URL with a host that *text* was probably meant to be; "" where that is no guess to make.

    No variable that may hold a secret is put in.
    """
    named = {name for found in _VARIABLE.finditer(text[:_LONGEST]) for name in found.groups()[:2] if name}
    shown = {name: env[name] for name in named if name in env and redact.value(name, env[name]) == env[name]}
    bare = _ASSIGNED.sub("", replaced(shown, text)).strip(f"{_QUOTES};,").replace("\\", "/")
    if bare.count("://") == 2:  # what was set to a URL has had its scheme already
        bare = bare.partition("://")[2]
    found = _SCHEME.match(bare)
    scheme, rest = found.groups() if found else ("http", bare)
    made = f"{_SPELLED.get(scheme.lower(), scheme.lower())}://{rest.strip('/')}"
    return made if _URL.fullmatch(made) else ""


def _first_line(target: Target, path: str) -> str:
    try:
        return target.read(path, 256).decode("ascii", "replace").partition("\n")[0].strip() or "\0"
    except (OSError, ValueError, NotRegular, TooLarge):
        return "\0"


def _directories(target: Target, entry: str) -> list[str]:
    """The directories that *entry* means, by itself or as a list; empty unless all are there."""
    for parts in ([entry], _SEPARATORS.split(entry.strip(_QUOTES))):
        found = [_directory(target, _plain(target, part)) for part in parts[:_MOST]]
        if found and all(found):
            return found
    return []


def _directory(target: Target, path: str) -> str:
    """*path*, of a file its directory; "" where it is neither."""
    path = path.removesuffix("/*")
    kind = _kind(target, path)
    return path.rpartition("/")[0] if kind == "file" else path if kind else ""


def _plain(target: Target, text: str) -> str:
    """*text* without what a shell or a URL has around a path."""
    return expanded(target, text.strip(_QUOTES).removeprefix("file://")).replace("//", "/")


def _kind(target: Target, path: str) -> str:
    if not path.startswith("/"):
        return ""
    try:
        found = target.stat(path)
    except (OSError, ValueError):
        return ""
    return "directory" if found.is_dir else "file"
