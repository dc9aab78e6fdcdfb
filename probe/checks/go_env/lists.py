"""Variables that hold lists: their entries, and when two of them mean the same."""

from probe.golang import filepath
from probe.golang.command import flags, moduleproxy


def split(name: str, value: str) -> list[str]:
    """The entries of a list variable, as the go command takes it apart."""
    if name == "GOPROXY":
        return [entry.url for entry in moduleproxy.proxies(value).entries]
    if name.endswith("FLAGS"):
        return flags.split(value) or []
    if name == "GOAUTH":
        return [entry for entry in map(str.strip, value.split(";")) if entry]
    if name.endswith("PATH"):
        return filepath.split_list(value)
    return moduleproxy.patterns(value)


def join(name: str, entries: list[str], like: str) -> str:
    """The value that `split` takes apart into *entries*; *like* is a value whose separator is kept."""
    if name.endswith("FLAGS"):
        return flags.join(entries) or ""
    if name == "GOAUTH":
        return "; ".join(entries)
    if name.endswith("PATH"):
        return ":".join(entries)
    return ("|" if name == "GOPROXY" and "|" in like and "," not in like else ",").join(entries)


def same(name: str, wanted: str, entry: str) -> bool:
    """Whether *entry* is what a policy calls *wanted*; a flag without "=" stands for it with any value."""
    if name == "GOPROXY":
        return _proxy(wanted) == _proxy(entry)
    if name.endswith("FLAGS") and entry.startswith("-"):
        wanted, entry = f"-{wanted.lstrip('-')}", f"-{entry.lstrip('-')}"
        return wanted in (entry, entry.partition("=")[0])
    return wanted.removesuffix("/") == entry.removesuffix("/")


def _proxy(url: str) -> str:
    entries = moduleproxy.proxies(url).entries
    return entries[0].url.rstrip("/") if entries else url


def meaning(name: str, value: str) -> str:
    """GOPROXY in one spelling: blanks, empty entries and what follows `off` or `direct` do not count."""
    if name != "GOPROXY":
        return value
    chosen = moduleproxy.proxies(value)
    if chosen.error:
        return value
    return "".join(entry.url + ("|" if entry.on_any_error else ",") for entry in chosen.entries).rstrip(",|")
