"""A proxy that somebody has set, and that Go does not use for this server: why not, and what makes it."""

from __future__ import annotations

from probe import redact
from probe.golang.net import httpproxy
from probe.golang.net.endpoint import Endpoint
from probe.golang.release import NEWEST
from probe.lightweight import Mapping
from probe.remedies import actions, quoting
from probe.report import Action, Remedies

HTTPS = "HTTPS_PROXY"
_OTHERS = (
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
)  # of curl and Python; httpproxy.FromEnvironment


def explain(cause: str, endpoint: Endpoint, env: Mapping[str, str]) -> tuple[str, Remedies]:
    """*cause* with the reason, and what makes Go use the proxy; nothing more where none was meant."""
    name = next((one for one in (HTTPS, HTTPS.lower()) if env.get(one)), "")
    if not name:
        other = next((one for one in _OTHERS if env.get(one)), "")
        if not other:
            return cause, ()
        value = env[other]
        known = httpproxy.is_read(value, NEWEST) and redact.value(HTTPS, value) == value
        use = actions.set_env(HTTPS, value) if known else actions.env_line(HTTPS, f"${other}")
        return f"{cause}; {other} is set, and for https Go reads HTTPS_PROXY", actions.ways(use)
    if not httpproxy.is_read(env[name], NEWEST):
        why = httpproxy.fault(env[name], NEWEST)
        told = f"{cause}; {name} is no URL that Go can read ({why}), so it connects without a proxy"
        return told, actions.ways(meant_proxy(name, env))
    entry = httpproxy.exempts(endpoint.host, endpoint.port, env, NEWEST)
    if not entry:
        return cause, ()
    variable = "NO_PROXY" if env.get("NO_PROXY") else "no_proxy"
    kept = [one.strip() for one in env[variable].split(",") if one.strip().lower() not in ("", entry)]
    told = f"{cause}; {quoting.plain(entry)} in {variable} keeps it from the proxy of {name}"
    return told, actions.ways(actions.set_env(variable, ",".join(kept)))


def meant_proxy(name: str, env: Mapping[str, str]) -> Action:
    """The variable as it was meant, where that can be told and is no secret; else its form."""
    from probe.remedies import meant

    made = meant.url(env, env.get(name, ""))
    if (
        made
        and made != env.get(name)
        and httpproxy.is_read(made, NEWEST)
        and redact.value(name, made) == made
    ):
        return actions.set_env(name, made)
    return actions.env_line(name, "http://HOST:PORT")
