"""
Which credentials the go command sends to an https:// server.

Sources in Go's tree: cmd/go/internal/auth (auth.go, netrc.go), net/http/client.go.
What these functions return is secret.
"""

from binascii import b2a_base64

from probe.golang import filepath
from probe.golang.net import neturl
from probe.lightweight import NamedTuple
from probe.targets import NotRegular, Target, TooLarge

GOAUTH_SINCE = 24  # before it, every go command reads .netrc
PATHS_SINCE = 25  # a machine may be followed by the beginning of a path
_LIMIT = 256 << 10  # bytes of .netrc


class NetrcEntry(NamedTuple):
    machine: str  # "host", "host:port", from 1.25 on also with the beginning of a path
    login: str
    password: str


def runs_commands(goauth: str, minor: int) -> bool:
    """Whether credentials may come from a program that GOAUTH names; none is run here."""
    words = [entry.split()[:1] for entry in goauth.split(";")]
    return minor >= GOAUTH_SINCE and any(word and word[0] not in ("off", "netrc") for word in words)


def authorization(target: Target, host: str, path: str, userinfo: str, goauth: str, minor: int) -> str:
    """
    The header's value for https://HOST/PATH, "" for none.

    Up to 1.23 .netrc comes before what the URL holds; from 1.24 on it is passed over
    for such a URL, and GOAUTH says whether it is read at all.
    """
    own = _basic(*map(neturl.unescape, userinfo.partition(":")[::2])) if userinfo else ""
    if minor >= GOAUTH_SINCE:
        if own or "netrc" not in (entry.strip() for entry in goauth.split(";")):
            return own
        wanted = f"{host}{path}".rstrip("/")
        found = {_prefix(entry.machine): entry for entry in _netrc(target)[::-1]}
        while wanted not in found and "/" in wanted:
            wanted = wanted.partition("/")[0] if minor < PATHS_SINCE else wanted.rpartition("/")[0]
        entry = found.get(wanted)
    else:
        entry = next((entry for entry in _netrc(target) if entry.machine == host), None)
    return _basic(entry.login, entry.password) if entry else own


def _prefix(machine: str) -> str:
    return machine.removeprefix("https://").removesuffix("/")


def parse(text: str) -> list[NetrcEntry]:
    """The complete entries of a .netrc file, in its order (netrc.go:parseNetrc)."""
    entries: list[NetrcEntry] = []
    machine = login = password = ""
    in_macro = False
    for line in text.split("\n"):
        if in_macro:
            in_macro = line != ""
            continue
        words = line.split()
        for keyword, word in zip(words[::2], words[1::2], strict=False):
            if keyword == "machine":
                machine, login, password = word, "", ""
            elif keyword == "login":
                login = word
            elif keyword == "password":
                password = word
            elif keyword == "macdef":
                in_macro = True
            if machine and login and password:
                entries.append(NetrcEntry(machine, login, password))
                machine = login = password = ""
        if len(words) % 2 and words[-1] == "default":
            break
    return entries


def _netrc(target: Target) -> list[NetrcEntry]:
    """Of the file that NETRC names or of ~/.netrc; none where it cannot be read, as for Go."""
    home = target.env.get("HOME", "")
    path = target.env.get("NETRC", "") or (filepath.join(home, ".netrc") if home else "")
    if not path:
        return []
    try:
        return parse(target.read(path, _LIMIT).decode("utf-8", "surrogateescape"))
    except (OSError, ValueError, NotRegular, TooLarge):
        return []


def _basic(user: str, password: str) -> str:
    pair = f"{user}:{password}".encode("utf-8", "surrogateescape")
    return f"Basic {b2a_base64(pair, newline=False).decode()}"
