"""The page of a node: a row for each distinct verdict, the worst first."""

from __future__ import annotations

from probe import __version__
from probe.agent.page import parts
from probe.agent.page.parts import BAD, GOOD, NONE, UNSURE, WARN
from probe.node.rows import name, rows
from probe.output.base import timestamp
from probe.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.agent.page.parts import Tone
    from probe.node.rows import Row
    from probe.node.scan import Snapshot

_TONES = {"fail": BAD, "unknown": UNSURE, "warn": WARN, "pass": GOOD, "skip": NONE}
_NAMED = 20  # containers of a row; the others are counted
_RELOAD_S = 30


def render(snapshot: Snapshot | None, *, nonce: str) -> str:
    """The whole page; without a snapshot it says so, and asks again by itself."""
    from probe.agent.page import STYLE

    found = rows(snapshot) if snapshot else []
    bad = sum(len(row.containers) for row in found if not row.healthy)
    tone = NONE if not snapshot else BAD if bad else GOOD
    words = _words(snapshot, bad)
    cards = "".join(map(_card, found))
    when = f" · scanned {timestamp(snapshot.at)} in {snapshot.duration_s:.2f} s" if snapshot else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="{_RELOAD_S}">
<title>{words} | probe node</title>
<link rel="icon" href="{parts.favicon(tone)}">
<style nonce="{nonce}">
{STYLE}</style>
</head>
<body>
<main>
<header class="top"><b>probe</b><span class="dim">this node</span></header>
<section class="verdict {tone.name}">{parts.icon(tone)}<div><h1>{words}</h1></div></section>
{cards}<footer>probe {__version__}{when}</footer>
</main>
</body>
</html>
"""


def _words(snapshot: Snapshot | None, bad: int) -> str:
    if not snapshot:
        return "No scan has ended yet"
    return f"{bad} of {counted(len(snapshot.judged), 'Go program')} unhealthy"


def _card(row: Row) -> str:
    tone: Tone = _TONES[row.status] if row.healthy else BAD if row.status == "fail" else UNSURE
    named = [parts.text(name(one)) for one in row.containers[:_NAMED]]
    more = len(row.containers) - len(named)
    who = "<br>".join([*named, *([f"and {more} more"] if more > 0 else [])])
    fix = f"<p>fix: <code>{parts.text(row.fix)}</code></p>" if row.fix else ""
    code = f" <code>{parts.text(row.code)}</code>" if row.code else ""
    program = f'<p class="dim"><code>{parts.text(row.program)}</code> {parts.text(row.go)}</p>'
    head = f"<h3>{parts.badge(tone, row.status)}{code}</h3>"
    return f'<section class="card {tone.name}">{head}<p>{who}</p>{program}{fix}</section>\n'
