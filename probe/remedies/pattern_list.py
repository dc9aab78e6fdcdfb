"""What a GOPRIVATE, or another list of patterns, was meant to be (module.MatchPrefixPatterns)."""

import re

from probe import redact
from probe.golang.command import moduleproxy
from probe.remedies import pasted

_LONG = 1000  # characters, more than any list has
_AROUND = " \t\r\n\"'`^$()\u201c\u201d\u2018\u2019\u00a0"
_SEPARATORS = re.compile(r"[;|\s\uff0c\uff1b]+")


def meant(name: str, value: str) -> str:
    """Its own patterns as Go takes them: no URLs, regular expressions or other separators; "" for none."""
    text = pasted.value(name, value[:_LONG], _AROUND)
    entries = map(_pattern, _SEPARATORS.sub(",", text).split(","))
    made = ",".join(dict.fromkeys(filter(None, entries)))
    sound = made and not moduleproxy.matches_nothing(made) and redact.value(name, made) == made
    return made if sound else ""


def _pattern(entry: str) -> str:
    """One pattern: a host, perhaps with a path, both perhaps with stars."""
    text = entry.strip(_AROUND).rpartition("://")[2].replace("\\", "").replace(".*", "*")
    if found := re.fullmatch(r"git@([^:/]+):(.*)", text):  # as ssh writes it
        text = f"{found[1]}/{found[2]}"
    host, slash, path = text.lstrip("/").removesuffix("/...").partition("/")
    host = re.sub(r":\d{1,5}$", "", host).lower()
    host = f"*{host}" if host.startswith(".") else host
    return f"{host}{slash}{path.removesuffix('.git')}".rstrip("/") if host else ""
