"""README.md here names tests: those that there are."""

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_the_table_names_tests_that_exist() -> None:
    """Each name, or each part of it around an ellipsis, is in the name of a test or of a file of tests."""
    files = [*HERE.glob("test_*.py"), *(HERE.parent / "containers").glob("test_*.py")]
    names = " ".join(re.findall(r"def (test_\w+)", "".join(file.read_text() for file in files)))
    known = f"{names} {' '.join(file.stem for file in files)}"
    table = [line for line in (HERE / "README.md").read_text().splitlines() if line.startswith("| ")][1:]
    assert len(table) > 25
    for line in table:
        for words in re.findall(r"`([^`]+)`", line.split(" | ")[1]):
            for part in re.split(r"…|: |\[.*\]", words):
                part = part.removeprefix("tests/containers/").removesuffix(".py")
                assert part in known, part
