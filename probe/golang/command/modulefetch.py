"""
The files of a module as the go command asks a proxy for them.

Sources in Go's tree: cmd/go/internal/modfetch/proxy.go, golang.org/x/mod/module,
cmd/go/internal/web/url.go.
"""

import re
from posixpath import normpath
from urllib.parse import quote

from probe.golang.net import neturl
from probe.golang.release import Go
from probe.lightweight import NamedTuple

FILES = (".info", ".mod", ".zip")  # in the order of `go mod download`
_IN_PATH = "/$&+,:;=@-_.~"  # net/url.(*URL).EscapedPath leaves these as they are
_IN_SEGMENT = "/$&+:=@-_.~"
_ELEMENT = r"[A-Za-z0-9_~-](?:[A-Za-z0-9._~-]*[A-Za-z0-9_~-])?"
_MODULE = re.compile(
    rf"(?P<path>{_ELEMENT}(?:/{_ELEMENT})*)"
    r"@(?P<version>v(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+incompatible)?)"
)


class ModuleVersion(NamedTuple):
    """A module at one version."""

    path: str
    version: str

    @property
    def directory(self) -> str:
        """Where the module cache has it unpacked."""
        return f"{_escape(self.path)}@{_escape(self.version)}"

    def file(self, kind: str) -> str:
        """Where a proxy has the file *kind* below its URL: every capital becomes "!" and a small letter."""
        return f"{_escape(self.path)}/@v/{_escape(self.version)}{kind}"


def parse(text: str) -> ModuleVersion | None:
    """The module in "example.com/m@v1.0.0"; None for what is no full path and version."""
    found = _MODULE.fullmatch(text)
    if not found or "." not in found["path"].partition("/")[0]:
        return None
    return ModuleVersion(found["path"], found["version"])


def url(base: str, file: str, go: Go) -> str:
    """The URL of a module's *file* below the proxy *base*, a URL that the go command takes."""
    parsed = neturl.parse(base, go)
    path = neturl.unescape(parsed.path)
    whole = _escaped(normpath(f"{path.removesuffix('/')}/{file}"), _IN_PATH)
    if parsed.path != _escaped(path, _IN_PATH):  # escaped in a way of its own, which stays
        whole = normpath(f"{parsed.path.removesuffix('/')}/{_escaped(file, _IN_SEGMENT)}")
    query = f"?{parsed.query}" if parsed.query else ""
    return f"{parsed.scheme}://{parsed.host}/{whole.lstrip('/')}{query}"


def local_path(base: str, file: str, go: Go) -> str:
    """The path of a module's *file* below a file:// proxy."""
    return normpath(f"/{neturl.unescape(neturl.parse(base, go).path).strip('/')}/{file}")


def _escape(text: str) -> str:
    return re.sub("[A-Z]", lambda capital: f"!{capital[0].lower()}", text)


def _escaped(path: str, plain: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"), safe=plain)
