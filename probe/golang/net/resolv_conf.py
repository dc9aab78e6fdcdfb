"""resolv.conf(5) as Go's own resolver reads it (net/dnsconfig_unix.go, net/dnsclient_unix.go:nameList)."""

from __future__ import annotations

from probe.golang.net import netip
from probe.golang.net.config_lines import fields
from probe.lightweight import NamedTuple

_MOST_SERVERS, _MOST_DOTS = 3, 15
_NAME = 254  # bytes at most
_BY_TCP = frozenset(("use-vc", "usevc", "tcp"))  # of which each C library knows one at most
_AVOIDED = (".onion.",)  # RFC 7686


class ResolvConf(NamedTuple):
    """What decides which name is asked for, and whom."""

    servers: tuple[str, ...] = ("127.0.0.1", "::1")
    search: tuple[str, ...] = ()  # with a dot at their end
    dots: int = 1
    tcp: bool = False  # asked by TCP alone
    odd: bool = False  # the C library makes something else of this text


def parse(text: str, host_name: str) -> ResolvConf:
    """Without domains in *text*, that of *host_name* is searched."""
    servers: list[str] = []
    search: tuple[str, ...] = ()
    dots, tcp, odd = 1, False, "\r" in text  # which for the C library is a part of the word before it
    for line in text.split("\n"):
        key, *values = (fields(line) if line[:1] not in (";", "#") else []) or [""]
        odd = odd or line[:1] in (" ", "\t")  # which the C library passes over
        if key == "nameserver" and values and len(servers) < _MOST_SERVERS:
            known = netip.parse(values[0]) is not None
            servers += values[:1] if known else []
            odd = odd or not known  # 0177.0.0.1
        elif key == "domain" and values:
            search = (_rooted(values[0]),)
        elif key == "search":
            odd = odd or bool(search and not values)  # which the C library passes over
            search = tuple(_rooted(one) for one in values if one != ".")
        elif key == "options":
            numbers = [one.partition(":") for one in values if one.startswith(("ndots:", "attempts:"))]
            dots = next((_dots(number) for name, _, number in reversed(numbers) if name == "ndots"), dots)
            tcp = tcp or not _BY_TCP.isdisjoint(values)
            # For Go one attempt at least; for the C library none, or as atoi(3) has it.
            odd = odd or any(
                not number.isdecimal() or (name == "attempts" and not number.strip("0"))
                for name, _, number in numbers
            )
    search = search or tuple(_rooted(one) for one in [host_name.partition(".")[2]] if one)
    return ResolvConf(tuple(servers) or ResolvConf().servers, search, dots, tcp, odd or tcp)


def names(name: str, conf: ResolvConf) -> list[str]:
    """The absolute names that are asked for one after another."""
    if name.endswith("."):
        return _allowed([name])
    itself, longer = [f"{name}."], [f"{name}.{suffix}" for suffix in conf.search]
    return _allowed(itself + longer if name.count(".") >= conf.dots else longer + itself)


def _allowed(found: list[str]) -> list[str]:
    return [one for one in found if len(one.encode()) <= _NAME and not one.lower().endswith(_AVOIDED)]


def _rooted(name: str) -> str:
    return name if name.endswith(".") else f"{name}."


def _dots(number: str) -> int:
    """net/parse.go:dtoi, and what is made of its result."""
    digits = number[: len(number) - len(number.lstrip("0123456789"))]
    return min(int(digits[:9]), _MOST_DOTS) if digits else 0
