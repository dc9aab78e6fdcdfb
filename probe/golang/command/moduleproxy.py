"""
GOPROXY and GOSUMDB as the go command takes them apart, and whom it would call.

Sources in Go's tree: cmd/go/internal/modfetch/proxy.go and sumdb.go,
golang.org/x/mod/sumdb/note, golang.org/x/mod/module.
"""

from __future__ import annotations

from probe import redact
from probe.golang.command.environment_files import GoSetting, value
from probe.golang.net import neturl
from probe.golang.release import NEWEST, Go
from probe.lightweight import Iterator, Mapping, NamedTuple, Sequence

SUMDB = "sum.golang.org"
SUMDB_IN_CHINA = "sum.golang.google.cn"
_HTTPS = 443
_IN_NO_PATH = frozenset(";:\"'`$()|<>{}@")
_MAX_PORT = 65535
_OF_NAMES = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_%")
_SPACE = (  # unicode.IsSpace
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


class ModuleProxy(NamedTuple):
    """One entry of GOPROXY."""

    url: str  # "off", "direct", or a URL with its scheme
    on_any_error: bool = False  # "|" follows: the next is tried after any error, else after 404 and 410 only


class ProxyList(NamedTuple):
    """The entries up to the first `off` or `direct`, with which a list ends, or up to the faulty one."""

    entries: tuple[ModuleProxy, ...]
    error: str = ""  # why every download fails; found by Go only when it needs a module

    @property
    def off(self) -> bool:
        """Whether nothing can be fetched at all, except what GONOPROXY matches."""
        return bool(self.entries) and self.entries[0].url == "off"


class Sumdb(NamedTuple):
    """The checksum database."""

    name: str = ""  # host, or host/path; "" when there is none
    url: str = ""  # where it is reached; "" for https://NAME, or through a proxy that offers it
    error: str = ""  # why every lookup fails

    @property
    def off(self) -> bool:
        return not self.name and not self.error


def proxies(goproxy: str, go: Go = NEWEST) -> ProxyList:
    """GOPROXY in its order; blanks round an entry and empty entries do not count."""
    entries: list[ModuleProxy] = []
    for piece, separator in _pieces(goproxy):
        url = strip(piece)
        if url in ("off", "direct"):
            entries.append(ModuleProxy(url))
            break
        if not url:
            continue
        if any(char in url for char in ".:/") and ":/" not in url and not url.startswith("/"):
            url = f"https://{url}"
        if error := _refused(url, go):
            return ProxyList(tuple(entries), error)
        entries.append(ModuleProxy(url, separator == "|"))
    if not entries:
        return ProxyList((), "GOPROXY list is not the empty string, but contains no entries")
    return ProxyList(tuple(entries))


def unreachable(entries: Sequence[ModuleProxy], go: Go = NEWEST) -> str:
    """What ends a download that comes to one of *entries* which names no host that can be; "" for none."""
    for at, entry in enumerate(entries):
        url = neturl.parse(entry.url, go)
        if url.scheme not in ("http", "https") or (entry.on_any_error and at + 1 < len(entries)):
            continue
        if not url.host:
            return "http: no Host in request URL"
        if url.host.startswith("["):
            continue
        host, _, port = url.host.partition(":")
        if port.isdecimal() and int(port[:9]) > _MAX_PORT:
            return f"dial tcp: address {port}: invalid port"
        if any(char.isascii() and char not in _OF_NAMES for char in host):
            return "no such host"
    return ""


def _pieces(goproxy: str) -> Iterator[tuple[str, str]]:
    """The entries as they stand, each with the separator behind it."""
    start = 0
    for at, char in enumerate(goproxy):
        if char in ",|":
            yield goproxy[start:at], char
            start = at + 1
    yield goproxy[start:], ""


def _unreadable(url: str, go: Go) -> str:
    try:
        neturl.parse(url, go)
    except neturl.BadUrl as problem:
        return str(problem)
    return ""


def _refused(url: str, go: Go) -> str:
    if problem := _unreadable(url, go):
        return problem
    parsed = neturl.parse(url, go)
    if parsed.scheme in ("http", "https"):
        return ""
    if parsed.scheme == "file":
        import re

        plain = re.fullmatch("(?i:file):///[^?#]*#?", url, re.DOTALL)
        return "" if plain else "invalid file:// proxy URL with non-path elements"
    if not parsed.scheme:
        return "invalid proxy URL missing scheme"
    return "invalid proxy URL scheme (must be https, http, file)"


def sumdb(gosumdb: str, go: Go = NEWEST) -> Sumdb:
    """GOSUMDB: `off`, or a database known by name or by its key, and perhaps the URL to reach it by."""
    if gosumdb == "off":
        return Sumdb()
    if gosumdb == SUMDB_IN_CHINA:
        return Sumdb(SUMDB, f"https://{SUMDB_IN_CHINA}")
    if gosumdb == SUMDB:
        return Sumdb(SUMDB)
    import re

    words = [word for word in re.split(f"[{_SPACE}]", gosumdb) if word]
    if not words:
        return Sumdb(error="missing GOSUMDB")
    if len(words) > 2:
        return Sumdb(error="invalid GOSUMDB: too many fields")
    name, error = (SUMDB, "") if words[0] == SUMDB else _verifier(words[0])
    if error:
        return Sumdb(error=f"invalid GOSUMDB: {error}")
    if not re.fullmatch(r"[^/?#@\\%]+(?:/[^?#%]*[^/?#%])?", name) or _unreadable(f"https://{name}", go):
        return Sumdb(error="invalid sumdb name (must be host[/path])")
    if len(words) == 2 and (problem := _unreadable(words[1], go)):
        return Sumdb(error=f"invalid GOSUMDB URL: {problem}")
    return Sumdb(name, *words[1:])


def _verifier(key: str) -> tuple[str, str]:
    """The name in a verifier's key NAME+HASH+KEY, and what is wrong with it (note.NewVerifier)."""
    import base64
    import hashlib
    import re

    name, _, rest = key.partition("+")
    digest, _, encoded = rest.partition("+")
    encoded = re.sub("[\r\n]", "", encoded)
    try:
        public = base64.b64decode(encoded, validate=True) if len(encoded) % 4 == 0 else b""
    except ValueError:
        public = b""
    if not name or not re.fullmatch("[0-9a-fA-F]{8}", digest) or not public:
        return name, "malformed verifier id"
    named = name.encode("utf-8", "surrogateescape")
    if hashlib.sha256(named + b"\n" + public).digest()[:4] != bytes.fromhex(digest):
        return name, "invalid verifier hash"
    if public[0] != 1:  # Ed25519
        return name, "unknown verifier algorithm"
    return name, "" if len(public) == 33 else "malformed verifier id"


def patterns(globs: str) -> list[str]:
    """The patterns of GOPRIVATE and its like. Blanks belong to them (module.MatchPrefixPatterns)."""
    return [glob.removesuffix("/") for glob in globs.split(",") if glob.removesuffix("/")]


def matches_nothing(globs: str) -> str:
    """The first pattern of *globs* that no path of a module can match (module.CheckPath); "" for none."""
    for pattern in patterns(globs):
        first = pattern.partition("/")[0]
        upper = "[" not in first and first != first.lower()
        unclosed = "[" in pattern and "]" not in pattern
        if upper or unclosed or first[:1] in ("", ".", "^") or pattern.endswith("/..."):
            return pattern
        if any(char in _IN_NO_PATH or char.isspace() for char in pattern):
            return pattern
    return ""


def endpoints(settings: Mapping[str, GoSetting], go: Go = NEWEST) -> tuple[str, ...]:
    """
    host:port of each TLS server that the go command would call for a module, in its order.

    Plain http:// and file:// proxies are left out, and so is all behind a list that Go
    refuses, GOPROXY=off, or a GONOPROXY that sends everything to the origins.
    """
    chosen = proxies(value(settings, "GOPROXY"), go)
    found: list[str] = []
    if chosen.error or chosen.off:
        return ()
    if "*" not in patterns(value(settings, "GONOPROXY")):
        found += [address for entry in chosen.entries if (address := _address(entry.url, go))]
    database = sumdb(value(settings, "GOSUMDB"), go)
    if database.name and "*" not in patterns(value(settings, "GONOSUMDB")):
        found.append(_address(database.url or f"https://{database.name}", go))
    return tuple(dict.fromkeys(address for address in found if address))


def silence(settings: Mapping[str, GoSetting], go: Go = NEWEST) -> str:
    """Why `endpoints` are none: what of GOPROXY and GOSUMDB keeps the go command from TLS servers."""
    goproxy = redact.value("GOPROXY", value(settings, "GOPROXY"))
    chosen = proxies(value(settings, "GOPROXY"), go)
    if chosen.error:
        return f"the go command refuses GOPROXY={goproxy}"
    if chosen.off:
        return "GOPROXY=off disables the go command's downloads"
    gosumdb = redact.value("GOSUMDB", value(settings, "GOSUMDB"))
    return f"GOPROXY={goproxy} and GOSUMDB={gosumdb} name no TLS server"


def _address(url: str, go: Go) -> str:
    if url in ("off", "direct"):
        return ""
    parsed = neturl.parse(url, go)
    host, colon, port = parsed.host.rpartition(":")
    if not colon or (port and not port.isdecimal()):
        host, port = parsed.host, ""
    return f"{host}:{port or _HTTPS}" if parsed.scheme == "https" and host else ""


def strip(text: str) -> str:
    """*text* without white space at its ends, as strings.TrimSpace sees it."""
    return text.strip(_SPACE)
