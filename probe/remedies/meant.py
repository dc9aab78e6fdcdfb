"""The paths that a variable was probably meant to name: its value as a shell would have read it."""

import re

from probe.golang.x509.trust import DIRECTORY_VARIABLE
from probe.targets import Target

_SEPARATORS = re.compile(r"[;,\s]+")
_HOME = re.compile(r"~|\$HOME\b|\$\{HOME\}")
_QUOTES = "\"'` \t\r\n"
_MARKS = ('"', "'", "`")
_MOST = 32  # entries


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
    path = text.strip(_QUOTES).removeprefix("file://")
    home = target.env.get("HOME", "")
    at = _HOME.match(path)
    return home.rstrip("/") + path[at.end() :] if at and home.startswith("/") else path


def _kind(target: Target, path: str) -> str:
    if not path.startswith("/"):
        return ""
    try:
        found = target.stat(path)
    except (OSError, ValueError):
        return ""
    return "directory" if found.is_dir else "file"
