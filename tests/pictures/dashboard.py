"""
deploy/grafana/dashboard.json, drawn without Grafana: its panels, in its places, over series of a real agent.

The agent looks at a root whose bundle loses the private CA of a real TLS server for a while. Grafana looks
otherwise; the panels, their queries and the numbers are those that it would show.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import certifi
from prometheus_client.parser import text_string_to_metric_families

from probe.demo.pki import Authority
from probe.demo.server import Server
from tests.pictures import page

_DASHBOARD = Path(__file__).parent.parent.parent / "deploy" / "grafana" / "dashboard.json"
_UNIT, _ROW, BOTTOM = 40, 26, 32  # pixels for each of 24 columns, and for each row; rows that are drawn
_SECONDS, _LOST, _BACK = 24.0, 8.0, 16.0
_COLOURS = ("#5794f2", "#73bf69", "#ff9830", "#f2495c", "#b877d9", "#37872d", "#fade2a", "#8ab8ff")
_GROUND, _PANEL, _EDGE, _TEXT, _DIM = "#111217", "#181b1f", "#2c3235", "#d8d9da", "#8e9297"


class Sample(NamedTuple):
    """One value of a series at one scrape."""

    at: float  # seconds since the first scrape
    now: float
    labels: Mapping[str, str]
    value: float


Series = Mapping[str, Sequence[Sample]]  # by the metric's name


def draw(folder: Path, out: Path) -> None:
    """Write dashboard.svg into *out*."""
    panels = [one for one in json.loads(_DASHBOARD.read_text())["panels"] if one["gridPos"]["y"] < BOTTOM]
    series = _recorded(folder)
    body = "\n".join(_panel(one, series) for one in panels)
    width, height = 24 * _UNIT, BOTTOM * _ROW
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    (out / "dashboard.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        f'font-family="Inter,Helvetica,Arial,sans-serif" font-size="12" fill="{_TEXT}">\n'
        f"<title>The dashboard, drawn without Grafana</title>\n"
        f'<rect width="{width}" height="{height}" fill="{_GROUND}"/>\n{body}\n</svg>\n'
    )


def _recorded(folder: Path) -> Series:
    root, bundle = page.rootfs(folder)
    ca = Authority("Example Private CA")
    public = Path(certifi.where()).read_bytes()
    bundle.write_bytes(public + ca.pem)
    server = Server(ca.leaf(["localhost"]))
    handshakes = '--set=ca-bundle.handshake_roles=["startup","ready"]'
    found: dict[str, list[Sample]] = {}
    with server.running(), page.agent(folder, root, server.port, handshakes, "--env=TZ=UTC") as address:
        while "probe_tls_handshake_duration" not in page.get(address + "/metrics"):
            time.sleep(0.1)
        began = time.monotonic()
        while (at := time.monotonic() - began) < _SECONDS:
            bundle.write_bytes(public if _LOST < at < _BACK else public + ca.pem)
            for family in text_string_to_metric_families(page.get(address + "/metrics")):
                for one in family.samples:
                    found.setdefault(one.name, []).append(Sample(at, time.time(), one.labels, one.value))
            time.sleep(0.5)
    return found


def _selected(query: str, series: Series) -> Iterator[tuple[Mapping[str, str], list[tuple[float, float]]]]:
    """Each series of a panel's query: labels, and (time, value) pairs."""
    found = re.search(r"(probe_[a-z_]+)\{([^}]*)\}", query)
    assert found, query
    wanted = re.findall(r'(\w+)(=|!=|=~|!~)"([^"]*)"', found[2])
    lines: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    for one in series.get(found[1], ()):
        if all(_matches(one.labels, *test) for test in wanted if test[0] not in ("job", "instance")):
            value = (one.value - one.now) / 86400 if "- time()" in query else one.value
            lines.setdefault(tuple(sorted(one.labels.items())), []).append((one.at, value))
    for labels, points in lines.items():
        yield dict(labels), points


def _matches(labels: Mapping[str, str], name: str, how: str, text: str) -> bool:
    equal = labels.get(name, "") == text if "~" not in how else bool(re.fullmatch(text, labels.get(name, "")))
    return equal != how.startswith("!")


def _panel(panel: Mapping[str, Any], series: Series) -> str:
    grid = panel["gridPos"]
    x, y = grid["x"] * _UNIT + 4, grid["y"] * _ROW + 4
    w, h = grid["w"] * _UNIT - 8, grid["h"] * _ROW - 8
    queries = [(one["expr"], one.get("legendFormat", "")) for one in panel["targets"]]
    inner = _KINDS[panel["type"]](queries, series, w, h)
    return (
        f'<g transform="translate({x} {y})">'
        f'<rect width="{w}" height="{h}" rx="3" fill="{_PANEL}" stroke="{_EDGE}"/>'
        f'<text x="10" y="20" font-weight="600">{escape(panel["title"])}</text>{inner}</g>'
    )


def _legend(form: str, labels: Mapping[str, str]) -> str:
    if not form or form == "__auto":
        return ", ".join(f"{key}={value}" for key, value in labels.items())
    filled = re.sub(r"\{\{ ?(\w+) ?\}\}", lambda found: labels.get(found[1], ""), form)
    return filled.strip() or "value"


def _timeline(queries: Sequence[tuple[str, str]], series: Series, w: int, h: int) -> str:
    lines = list(_selected(queries[0][0], series))
    each = (h - 60) / max(1, len(lines))
    parts = []
    for number, (labels, points) in enumerate(lines):
        top = 36 + number * each
        parts.append(f'<text x="10" y="{top + each / 2:.0f}">{escape(_legend("{{role}}", labels))}</text>')
        step = (w - 90) / len(points)
        for at, (_, value) in enumerate(points):
            fill = "#73bf69" if value else "#f2495c"
            parts.append(
                f'<rect x="{80 + at * step:.1f}" y="{top:.0f}" width="{step + 0.5:.1f}" '
                f'height="{each - 10:.0f}" fill="{fill}"/>'
            )
    return "".join(parts) + _axis(w, h, 80)


def _stat(queries: Sequence[tuple[str, str]], series: Series, w: int, h: int) -> str:
    query = queries[0][0]
    last = [points[-1][1] for _, points in _selected(query, series)]
    value = (
        f"{sum(one == 0 for one in last)}" if query.startswith("count") else f"{max(last, default=0):.1f} s"
    )
    place = f'x="{w / 2}" y="{h / 2 + 22}" text-anchor="middle"'
    return f'<text {place} font-size="44" fill="#73bf69">{value}</text>'


def _table(queries: Sequence[tuple[str, str]], series: Series, w: int, h: int) -> str:
    rows = [
        (
            labels.get("check", ""),
            labels.get("code", ""),
            labels.get("status", ""),
            f"{max(v for _, v in points):.0f}",
        )
        for labels, points in _selected(queries[0][0], series)
        if any(value for _, value in points)
    ]
    parts = []
    for number, row in enumerate([("check", "code", "status", "findings"), *rows][:7]):
        fill = _DIM if not number else _TEXT
        for column, cell in zip((10, 0.25 * w, 0.65 * w, 0.85 * w), row, strict=True):
            parts.append(f'<text x="{column:.0f}" y="{46 + number * 22}" fill="{fill}">{escape(cell)}</text>')
    return "".join(parts)


def _graph(queries: Sequence[tuple[str, str]], series: Series, w: int, h: int) -> str:
    lines = [
        (_legend(form, labels), points)
        for query, form in queries
        for labels, points in _selected(query, series)
    ]
    top = max((value for _, points in lines for _, value in points), default=1) * 1.1 or 1
    parts = []
    for number in range(4):
        y = h - 46 - number * (h - 90) / 3
        parts.append(f'<path d="M56 {y:.0f}H{w - 10}" stroke="{_EDGE}"/>')
        parts.append(
            f'<text x="50" y="{y + 4:.0f}" text-anchor="end" fill="{_DIM}">{top * number / 3:.3g}</text>'
        )
    at = 56
    for number, (name, points) in enumerate(lines):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(
            f"{56 + when / _SECONDS * (w - 66):.1f},{h - 46 - value / top * (h - 90):.1f}"
            for when, value in points
        )
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        if at + 7 * len(name) < w:
            parts.append(f'<text x="{at}" y="{h - 10}" fill="{colour}" font-size="11">{escape(name)}</text>')
        at += 7 * len(name) + 14
    return "".join(parts) + _axis(w, h - 20, 56)


def _axis(w: int, h: int, left: int) -> str:
    ticks = range(0, int(_SECONDS) + 1, 6)
    return "".join(
        f'<text x="{left + one / _SECONDS * (w - left - 10):.0f}" y="{h - 10}" fill="{_DIM}" '
        f'text-anchor="{"end" if one == int(_SECONDS) else "start"}">{one} s</text>'
        for one in ticks
    )


_KINDS = {"state-timeline": _timeline, "stat": _stat, "table": _table, "timeseries": _graph}
