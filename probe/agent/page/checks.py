"""What the checks found, as HTML: a card for each, and the certificates in one table."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping

from probe.agent import handshakes
from probe.agent.page import parts
from probe.agent.state import State
from probe.lightweight import Any
from probe.report import CheckResult, Finding, Report, Status, worst
from probe.words import counted

_DAY_S = 86400
_MOST = 100  # findings of a check, values of an evidence, endpoints


def card(report: Report, check: CheckResult, *, details: bool, key: str) -> str:
    """The check: what is wrong with its remedy first, what is well behind a click."""
    tone = parts.tone_of(report, check.status)
    head = (
        f'<section class="card check {tone.name}"><h3>{parts.text(check.name)} '
        f"{parts.badge(tone, check.status.value)}"
    )
    if not details:
        return f"{head}</h3></section>\n"
    ordered = sorted(check.findings, key=lambda finding: -finding.status.severity)
    shown = [one for one in ordered if one.status.severity >= Status.WARN.severity]
    quiet = ordered[len(shown) :]
    body = [_finding(report, one, f"{key}/{place}") for place, one in enumerate(shown[:_MOST])]
    if len(shown) > _MOST:
        body.append(f'<p class="finding dim">and {len(shown) - _MOST} more: probe check --verbose</p>')
    if quiet:
        items = "".join(map(_quiet, quiet[:_MOST]))
        head_ = f"{counted(len(quiet), 'finding')} with nothing to fix"
        body.append(
            f'<details class="more" data-key="{parts.text(key)}">'
            f"<summary>{head_}</summary><ul>{items}</ul></details>"
        )
    took = f'<span class="dim">{check.duration_s * 1000:.0f} ms</span>'
    return f"{head}{took}</h3>{''.join(body)}</section>\n"


def _finding(report: Report, finding: Finding, key: str) -> str:
    tone = parts.tone_of(report, finding.status)
    fix = f"<pre>{parts.lines(finding.remedy)}</pre>" if finding.remedy else ""
    return (
        f'<div class="finding {tone.name}"><p class="said">{parts.badge(tone, finding.status.value)}'
        f"<code>{parts.text(finding.code.name)}</code>"
        f'<span class="dim mono">{parts.text(finding.subject)}</span></p>'
        f'<p class="cause">{parts.text(finding.cause)}</p>{fix}{_evidence(finding.evidence, key)}</div>'
    )


def _quiet(finding: Finding) -> str:
    return (
        f"<li>{parts.text(finding.cause)} <code>{parts.text(finding.code.name)}</code>"
        f' <span class="dim">{parts.text(finding.subject)}</span></li>'
    )


def _evidence(evidence: Mapping[str, Any], key: str) -> str:
    if not evidence:
        return ""
    pairs = list(evidence.items())[:_MOST]
    rows = "".join(
        f"<dt>{parts.text(name)}</dt><dd>{parts.text(_written(value))}</dd>" for name, value in pairs
    )
    return f'<details data-key="{parts.text(key)}"><summary>evidence</summary><dl>{rows}</dl></details>'


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def certificates(state: State) -> Iterator[str]:
    """How long the certificates of each endpoint still hold, soonest first."""
    found = sorted(handshakes.last(state.schedule), key=lambda one: min([*one.ends.values(), 1e12]))
    if not found:
        return
    yield (
        '<h2>Certificates</h2>\n<section class="card"><table><thead><tr><th>endpoint</th>'
        "<th>verified chain expires</th><th>presented chain expires</th><th>handshake</th>"
        "</tr></thead><tbody>\n"
    )
    for one in found[:_MOST]:
        took = "" if one.duration_s is None else f"{one.duration_s * 1000:.0f} ms"
        tone = parts.tone_of(one.report, worst(f.status for f in one.findings)).name
        yield (
            f'<tr class="{tone}"><td class="mono">{parts.text(one.endpoint)}</td>'
            f"<td>{_until(one.ends.get('verified'))}</td><td>{_until(one.ends.get('presented'))}</td>"
            f"<td>{took}</td></tr>\n"
        )
    yield "</tbody></table></section>\n"


def _until(end: float | None) -> str:
    if end is None:
        return '<span class="dim">none</span>'
    left = end - time.time()
    size = abs(left)
    span = counted(int(size // _DAY_S), "day") if size >= 2 * _DAY_S else f"{size / 3600:.0f} h"
    day = time.strftime("%Y-%m-%d", time.gmtime(end))
    return f'<b>{f"in {span}" if left > 0 else f"{span} ago"}</b><br><span class="dim">{day}</span>'
