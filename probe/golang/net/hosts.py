"""What Go's own resolver makes of a name before it asks a server (net/hosts.go, net/dnsclient.go)."""

from __future__ import annotations

from probe.golang.net import netip
from probe.golang.net.config_lines import fields, lower

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_CHARACTERS = _LETTERS | frozenset("0123456789-")
_LABEL, _NAME = 63, 253  # characters at most


def lookup(text: str, name: str) -> list[str]:
    """The addresses that *text*, a hosts(5), has for *name*; case does not count, nor a dot after others."""
    wanted = _absolute(lower(name))
    if wanted.removesuffix(".") not in lower(text):  # a list that blocks advertisements has 100,000 lines
        return []
    lines = (fields(line.partition("#")[0]) for line in text.split("\n"))
    return [
        words[0]
        for words in lines
        if any(_absolute(lower(word)) == wanted for word in words[1:]) and netip.parse(words[0])
    ]


def is_domain_name(name: str) -> bool:
    """Whether it asks name servers for *name*; what it does not ask for does not exist."""
    labels = name.removesuffix(".").split(".")
    if name == "." or len(name.removesuffix(".")) > _NAME or not all(map(_is_label, labels)):
        return name == "."
    return not _LETTERS.isdisjoint(name) or "-" in name


def _is_label(label: str) -> bool:
    fits = 1 <= len(label) <= _LABEL and label[0] != "-" and label[-1] != "-"
    return fits and _CHARACTERS.issuperset(label)


def _absolute(name: str) -> str:
    """With a dot at its end where one is in it (net/dnsclient.go:absDomainName): "a." is another than "a"."""
    return name.removesuffix(".") + "." if "." in name else name
