"""The page for a browser: what the agent knows, in one file of HTML that needs neither network nor script."""

import os
import time
from collections.abc import Iterator

from probe import __version__
from probe.agent.page import checks, parts
from probe.agent.page.parts import Tone
from probe.agent.roles import Role
from probe.agent.state import State
from probe.output.base import by_severity, timestamp
from probe.report import CheckResult, Report

_PATHS = {"startup": "/startupz", "ready": "/readyz", "live": "/livez"}


def _beside(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as stream:
        return stream.read()


STYLE, _SCRIPT = _beside("style.css"), _beside("refresh.js")


def policy(nonce: str) -> str:
    """The Content-Security-Policy: our own style and script, which carry *nonce*, and nothing else at all."""
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def render(state: State, *, details: bool, nonce: str) -> str:
    """The whole page. Without *details* it holds the verdict of each check and nothing of why."""
    now = time.monotonic()
    roles = list(state.schedule.roles.values())
    views = {role.name: role.view(now) for role in roles}
    tone, words, why = _verdict(views, details)
    tiles = "".join(_role(role, views[role.name]) for role in roles)
    shaken = "".join(checks.certificates(state)) if details else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{words} | probe</title>
<link rel="icon" href="{parts.favicon(tone)}">
<style nonce="{nonce}">
{STYLE}</style>
</head>
<body>
<div id="lost" role="alert" hidden>The agent does not answer. The data below is stale.</div>
<main>
{_top(state, details)}
<section class="verdict {tone.name}">{parts.icon(tone)}<div><h1>{words}</h1>{why}</div></section>
<div class="roles">{tiles}</div>
{_strip(state, details)}{shaken}{"".join(_runs(state, details))}{_foot(state)}
</main>
<script nonce="{nonce}">
{_SCRIPT}</script>
</body>
</html>
"""


def _verdict(views: dict[str, Report], details: bool) -> tuple[Tone, str, str]:
    """How it stands: the tone, a few words, and one line that says more."""
    ill = [name for name, view in views.items() if not view.healthy]
    if not ill:
        return parts.GOOD, "Healthy", "<p>Startup has passed; ready and live are healthy.</p>"
    if not any(len(view.checks) > 1 for view in views.values()):
        return parts.NONE, "No verdict yet", "<p>The first run has not finished.</p>"
    _, worst = max((next(by_severity(views[name])) for name in ill), key=lambda pair: pair[1].status.severity)
    why = f"<code>{parts.text(worst.code.name)}</code>: {parts.text(worst.cause)}" if details else ""
    return parts.BAD, f"Not healthy: {', '.join(ill)}", f"<p>{why or 'Reason withheld.'}</p>"


def _top(state: State, details: bool) -> str:
    last = next(reversed(state.schedule.last.values()), None)
    target = parts.text(last.target) if last and details else "this container"
    return f'<header class="top"><b>probe</b><span class="dim">{target}</span></header>\n'


def _role(role: Role, view: Report) -> str:
    """The tile of one role: what its path answers now."""
    own = view.checks[0].findings[0]
    tone = parts.GOOD if view.healthy else parts.BAD if role.report else parts.NONE
    words = "healthy" if view.healthy else "not healthy" if role.report else "no verdict yet"
    if view.healthy and not role.checks:  # nothing was looked at: not green
        tone, words = parts.NONE, "no checks"
    return (
        f'<section class="card {tone.name}"><h3>{role.name} {parts.badge(tone, words)}</h3>'
        f'<p class="dim"><code>{_PATHS[role.name]}</code> · {parts.text(own.cause)}</p></section>'
    )


def _strip(state: State, details: bool) -> str:
    """A bar for each of the last runs, the newest to the right; the bad ones are taller."""
    runs = state.schedule.history
    if not runs:
        return ""
    bars = []
    for run in runs:
        words = f"{_clock(run.ended_at)} {run.name}: {'healthy' if run.healthy else 'not healthy'}"
        if details:
            words += f", {run.duration_s:.2f} s" + ("" if run.healthy else f", {run.code}")
        tone = "good" if run.healthy else "bad"
        bars.append(f'<li class="{tone}" title="{parts.text(words)}"></li>')
    ill = sum(not run.healthy for run in runs)
    count = f"{len(runs)} runs, {ill} not healthy" if ill else f"{len(runs)} runs, all healthy"
    return (
        "<h2>Last runs</h2>\n"
        f'<section class="card strip"><ol role="img" aria-label="{count}">{"".join(bars)}</ol>'
        f"<p><span>{count}</span><span>{_clock(runs[0].ended_at)} to {_clock(runs[-1].ended_at)}</span></p>"
        "</section>\n"
    )


def _runs(state: State, details: bool) -> Iterator[str]:
    """What the last run of each kind found."""
    schedule = state.schedule
    for name, roles in schedule.kinds.items():
        report = schedule.last.get(name)
        if not report:
            continue
        when = f"{_clock(schedule.ended_at[name])}, took {report.duration_s:.2f} s"
        yield f"<h2>Checks for {' and '.join(roles)} <small>· {when}</small></h2>\n"
        for check in sorted(report.checks, key=_rank):
            yield checks.card(report, check, details=details, key=f"{name}/{check.name}")


def _rank(check: CheckResult) -> int:
    return -check.status.severity


def _foot(state: State) -> str:
    began, now = timestamp(state.started_at), timestamp(time.time())
    return f"<footer>probe {__version__} · agent since {began} · as of {now}</footer>\n"


def _clock(seconds: float) -> str:
    return f"{timestamp(seconds)[11:19]}Z"
