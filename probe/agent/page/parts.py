"""Small pieces of HTML. `text` is the only way in for what comes from outside."""

from html import escape

from probe.lightweight import NamedTuple
from probe.output.base import printable, unicode_only
from probe.report import Report, Status

_LONGEST = 2000  # characters of one text


class Tone(NamedTuple):
    """A colour with its shape, so that colour is never all that tells: the CSS class, and the icon's path."""

    name: str
    path: str
    colour: str


GOOD = Tone("good", "M3 8.5 6.5 12 13 4.5", "0f7a43")
BAD = Tone("bad", "M4 4 12 12 M12 4 4 12", "c0202f")
WARN = Tone("warn", "M8 2.5V9.5 M8 13.2V13.4", "8a5800")
UNSURE = Tone("unsure", "M5.5 5.5a2.5 2.5 0 1 1 3.6 2.3C8.3 8.2 8 8.8 8 9.7 M8 13.2V13.4", "6b3fa8")
NONE = Tone("none", "M3.5 8H12.5", "5a6474")
_TONES = {
    Status.PASS: GOOD,
    Status.SKIP: NONE,
    Status.WARN: WARN,
    Status.UNKNOWN: UNSURE,
    Status.FAIL: BAD,
}


def text(value: str) -> str:
    """*value* on one line, bounded, as text or as the value of an attribute in quotes."""
    return escape(printable(unicode_only(_cut(value))))


def lines(value: str) -> str:
    """The same for what may hold several lines."""
    return "\n".join(escape(printable(line)) for line in unicode_only(_cut(value)).split("\n"))


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}..."


def tone_of(report: Report, status: Status) -> Tone:
    """A warning that makes the run unhealthy is as bad as a failure."""
    return BAD if status is Status.WARN and not report.accepts(status) else _TONES[status]


def icon(tone: Tone) -> str:
    return f'<svg viewBox="0 0 16 16" aria-hidden="true"><path d="{tone.path}"/></svg>'


def badge(tone: Tone, words: str) -> str:
    return f'<span class="badge {tone.name}">{icon(tone)}{text(words)}</span>'


def favicon(tone: Tone) -> str:
    """The verdict for the browser's tab."""
    return (
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
        f"%3Ccircle cx='8' cy='8' r='8' fill='%23{tone.colour}'/%3E"
        f"%3Cpath transform='translate(3 3) scale(.625)' d='{tone.path}' fill='none' stroke='%23fff' "
        "stroke-width='3' stroke-linecap='round'/%3E%3C/svg%3E"
    )
