"""`probe inspect downloads`: whom the go command would ask for a module, in its order. Nobody is called."""

from __future__ import annotations

from probe import redact
from probe.facts import Facts
from probe.golang.command import modulefetch, moduleproxy, prefixes
from probe.golang.command.moduleproxy import ModuleProxy
from probe.golang.net import neturl
from probe.golang.net.httpproxy import proxy_for
from probe.golang.quoting import json_text
from probe.golang.release import Go
from probe.lightweight import Any, NamedTuple
from probe.targets import Target
from probe.web import address


class _DownloadsQuery(NamedTuple):
    """For whom the answer is worked out."""

    target: Target
    go: Go
    module: modulefetch.ModuleVersion


def inspect(facts: Facts, module: modulefetch.ModuleVersion) -> dict[str, Any]:
    """
    The answer as JSON values, in the published shape.

    Each entry has `next_after`, the failures after which Go asks the following one: "404"
    stands for 404 and 410, "any" for every one; null for the last. `url` is that of the
    .info file; `proxy` is what net/http goes through to it. Credentials are hidden.
    """
    go, settings = facts.go_of_command(), facts.environment().settings
    goproxy = settings["GOPROXY"]
    private = prefixes.matches(settings["GONOPROXY"].value, module.path)
    chosen = moduleproxy.proxies(goproxy.value, go)
    entries = (ModuleProxy("direct"),) if private else chosen.entries
    asked = _DownloadsQuery(facts.target, go, module)
    return {
        "go": go.text,
        "module": f"{module.path}@{module.version}",
        "goproxy": json_text(redact.value("GOPROXY", goproxy.value)),
        "origin": goproxy.origin,
        "private": private,
        "error": json_text(redact.text(chosen.error)) if chosen.error and not private else None,
        "entries": [_entry(asked, entry, last=entry is entries[-1]) for entry in entries],
    }


def _entry(asked: _DownloadsQuery, entry: ModuleProxy, *, last: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "entry": json_text(redact.url(entry.url)),
        "url": None,
        "proxy": None,
        "next_after": None if last else "any" if entry.on_any_error else "404",
    }
    if entry.url in ("off", "direct"):
        return told
    file = asked.module.file(".info")
    if neturl.parse(entry.url, asked.go).scheme == "file":
        path = modulefetch.local_path(entry.url, file, asked.go)
        return {**told, "url": json_text(redact.path(path))}
    url = modulefetch.url(entry.url, file, asked.go)
    told["url"] = json_text(redact.text(url))
    try:
        called = address.read(url, asked.go)
    except neturl.BadUrl:
        return told
    host, port = called.endpoint
    variable = f"{called.scheme.upper()}_PROXY"
    proxy = proxy_for(host, port, asked.target.env, asked.go, variable=variable)
    return {**told, "proxy": proxy and f"{proxy.address} ({proxy.variable})"}
