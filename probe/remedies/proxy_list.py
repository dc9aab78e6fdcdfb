"""What a GOPROXY was meant to be that the go command refuses (cmd/go/internal/modfetch/proxy.go)."""

from __future__ import annotations

from probe import likeness, redact
from probe.golang.command import moduleproxy
from probe.golang.command.moduleproxy import ModuleProxy
from probe.lightweight import Sequence
from probe.remedies import pasted

_LONG = 1000  # characters, more than any list has
_AROUND = " \t\r\n\"'`=<>[](){};,\\\u201c\u201d\u2018\u2019\u00a0\ufeff"
_SEPARATORS = (";", " ", "\t", "\r", "\n", "\\", "\uff0c", "\uff1b", "\u3001", "\u00a0")
_WORDS = ("direct", "off")


def meant(value: str) -> str:
    """
    Its own proxies, without quotes, slips and other separators than Go's; "" where they are not known.

    A bar between entries stays: it goes on after any error, a comma only where a module is not found.
    """
    text = pasted.value("GOPROXY", value[:_LONG], _AROUND)
    for slip, right in (("http:\\\\", "http://"), ("https:\\\\", "https://"), ("\\/", "/"), (":// ", "://")):
        text = text.replace(slip, right)
    for separator in _SEPARATORS:
        text = text.replace(separator, ",")
    made = "|".join(",".join(_entries(part)) for part in text.split("|"))
    entries, error = moduleproxy.proxies(made)
    refused = error or moduleproxy.unreachable(entries) or _lacks_host(text, entries)
    sound = not refused and redact.value("GOPROXY", made) == made
    return made if sound else ""


def _lacks_host(text: str, entries: Sequence[ModuleProxy]) -> bool:
    """Whether the first part of a path would become a host that has no dot: https:///path."""
    slashes = text.replace("file:///", "").count(":///")
    hosts = [entry.url.partition("://")[2].partition("/")[0] for entry in entries]
    return slashes > 0 and any(host and "." not in host and host != "localhost" for host in hosts)


def _entries(text: str) -> list[str]:
    found: list[str] = []
    for entry in text.split(","):
        plain = entry.strip(_AROUND)
        for word in _WORDS:  # https://goproxy.cn:direct
            if plain.lower().endswith(f":{word}"):
                found.append(_entry(plain[: -len(word) - 1]))
                plain = word
        if plain:
            found.append(_entry(plain))
    return found


def _entry(text: str) -> str:
    """One entry: a word of Go's in small letters, a URL with the scheme that was meant."""
    scheme, colon, rest = text.partition(":")
    if not colon and "/" not in text and "." not in text:
        return likeness.nearest(text.lower(), _WORDS, 0.75) or text
    if not colon and "//" in text:  # https//host
        scheme, _, rest = text.partition("//")
    elif not rest.startswith("/"):
        return text
    name = likeness.nearest(scheme.lower(), ("https", "http", "file"), 0.75) or scheme
    return f"{name}:{rest}" if name == "file" else f"{name}://{rest.lstrip('/')}"
