"""Make the pictures in docs/pictures anew: python -m tests.pictures [terminal|page|dashboard]."""

import sys
import tempfile
from pathlib import Path

from tests.pictures import scenes, terminal

FOLDER = Path(__file__).parent.parent.parent / "docs" / "pictures"


def draw_terminal(folder: Path) -> None:
    text = scenes.failing_and_fixed(folder)
    for name, theme in terminal.THEMES.items():
        (FOLDER / f"check-{name}.svg").write_text(terminal.svg(text, theme, "probe check, failing and fixed"))


def draw_page(folder: Path) -> None:
    from tests.pictures import page

    page.draw(folder, FOLDER)


def draw_dashboard(folder: Path) -> None:
    from tests.pictures import dashboard

    dashboard.draw(folder, FOLDER)


DRAW = {"terminal": draw_terminal, "page": draw_page, "dashboard": draw_dashboard}

if __name__ == "__main__":
    for what in sys.argv[1:] or DRAW:
        with tempfile.TemporaryDirectory() as made:
            DRAW[what](Path(made))
