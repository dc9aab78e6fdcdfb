"""What commands print on a terminal, as a picture: SVG with the text in it, for a light and a dark page."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from tests.support.commands import clean_environment

COLUMNS = 100
_SIZE, _ADVANCE, _LEADING, _MARGIN = 13, 7.83, 19, 16  # pixels; the advance is that of most monospaced fonts
_FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
_CODE = re.compile(r"\x1b\[(\d*)m")


class Theme(NamedTuple):
    """The colours of a terminal."""

    ground: str
    edge: str
    text: str
    dim: str
    codes: Mapping[str, str]  # of SGR, ECMA-48 8.3.117


THEMES = {
    "light": Theme(
        "#ffffff", "#d0d7de", "#1f2328", "#59636e", {"31": "#cf222e", "32": "#1a7f37", "33": "#9a6700"}
    ),
    "dark": Theme(
        "#0d1117", "#30363d", "#e6edf3", "#8b949e", {"31": "#ff7b72", "32": "#3fb950", "33": "#d29922"}
    ),
}


def run(command: Sequence[str], folder: Path) -> str:
    """What `probe` with these arguments prints on a terminal of 100 columns, colours included."""
    ours, theirs = pty.openpty()
    told = {**clean_environment(), "TERM": "xterm", "COLUMNS": str(COLUMNS), "PYTHONPATH": os.getcwd()}
    process = subprocess.Popen(
        [sys.executable, "-m", "probe", *command],
        cwd=folder,
        env=told,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    pieces = list(_read(ours))
    process.wait(60)
    os.close(ours)
    return b"".join(pieces).decode().replace("\r\n", "\n")


def _read(terminal: int) -> Iterator[bytes]:
    try:
        while piece := os.read(terminal, 65536):
            yield piece
    except OSError:  # EIO: nobody holds the other end any longer
        return


def plain(text: str) -> str:
    """*text* without colours, its durations made equal."""
    return re.sub(r"\b\d+\.\d+ s\b", "0.00 s", _CODE.sub("", text))


def svg(text: str, theme: Theme, title: str) -> str:
    """The picture of *text*, which may hold SGR sequences; lines that begin with "$ " are what was typed."""
    rows = [row for line in text.rstrip("\n").split("\n") for row in _wrapped(line)]
    width = round(COLUMNS * _ADVANCE + 2 * _MARGIN)
    height = len(rows) * _LEADING + 2 * _MARGIN
    body = "\n".join(
        f'<text x="{_MARGIN}" y="{_MARGIN + _SIZE + number * _LEADING}" xml:space="preserve">'
        f"{_row(row, theme)}</text>"
        for number, row in enumerate(rows)
    )
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    font = f'font-family="{_FONT}" font-size="{_SIZE}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {font} fill="{theme.text}">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8" fill="{theme.ground}" '
        f'stroke="{theme.edge}"/>\n{body}\n</svg>\n'
    )


class Run(NamedTuple):
    """Characters of one look."""

    code: str
    text: str


def _wrapped(line: str) -> list[list[Run]]:
    """The rows that a terminal makes of a line: full ones, broken at the last column."""
    rows: list[list[Run]] = [[]]
    left, code = COLUMNS, "dim" if line.startswith("$ ") else ""
    pieces = _CODE.split(line)
    for number, piece in enumerate(pieces):
        if number % 2:
            code = "" if piece in ("", "0") else piece
            continue
        while piece:
            if not left:
                rows.append([])
                left = COLUMNS
            rows[-1].append(Run(code, piece[:left]))
            piece, left = piece[left:], left - min(left, len(piece))
    return rows


def _row(row: Sequence[Run], theme: Theme) -> str:
    return "".join(f"<tspan{_look(run.code, theme)}>{escape(run.text)}</tspan>" for run in row)


def _look(code: str, theme: Theme) -> str:
    if code == "1":
        return ' font-weight="bold"'
    fill = theme.dim if code == "dim" else theme.codes.get(code, "")
    return f' fill="{fill}" font-weight="bold"' if fill and code != "dim" else f' fill="{fill}"' * bool(fill)


def text_of(picture: str) -> str:
    """What a picture of `svg` shows, a line for each row."""
    from xml.etree import ElementTree as ET

    rows = ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")
    return "\n".join("".join(row.itertext()) for row in rows)
