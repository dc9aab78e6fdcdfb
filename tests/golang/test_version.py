"""Version strings: every form, and Go's own order of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.golang import version
from tests.support.versions import ORDER

# From the smallest to the greatest; names in one row are equal.


def test_versions_are_ordered_as_go_orders_them() -> None:
    """Every pair of the table compares by its rows."""
    ranked = [(rank, name) for rank, row in enumerate(ORDER) for name in row]
    for rank, name in ranked:
        for other_rank, other in ranked:
            expected = (rank > other_rank) - (rank < other_rank)
            assert version.compare(name, other) == expected, (name, other)


@pytest.mark.parametrize("row", ORDER[1:], ids=lambda row: row[0])
def test_what_has_a_place_in_the_order_is_valid(row: list[str]) -> None:
    """Only the first row holds what go/version refuses."""
    assert all(version.is_valid(name) for name in row)


@pytest.mark.parametrize("name", ORDER[0])
def test_malformed_versions_are_invalid(name: str) -> None:
    """They compare less than all others, and have no language version."""
    assert not version.is_valid(name)
    assert version.language(name) == ""


@pytest.mark.parametrize(
    ("text", "name", "kind", "release", "suffix", "valid"),
    [
        ("go1.27.3", "go1.27.3", "release", (1, 27, 3), "", True),
        ("go1.20", "go1.20", "release", (1, 20, 0), "", True),
        ("go1.28rc1", "go1.28rc1", "pre-release", (1, 28, 0), "", True),
        ("go1.21beta1", "go1.21beta1", "pre-release", (1, 21, 0), "", True),
        ("go1.27.3-X:arenas", "go1.27.3", "release", (1, 27, 3), "X:arenas", True),
        ("go1.24.11 X:arenas", "go1.24.11", "release", (1, 24, 11), "X:arenas", False),
        ("go1.28-devel_abc Mon Nov 2", "go1.28", "development", (1, 28, 0), "devel_abc Mon Nov 2", True),
        ("devel go1.24-abc Mon Nov 2 2026", "go1.24", "development", (1, 24, 0), "abc Mon Nov 2 2026", False),
        ("devel +abc Mon Nov 2 2026", "", "unreadable", None, "", False),
        ("go1.27", "go1.27", "development", (1, 27, 0), "", True),
        ("go1.21.5-bigcorp", "go1.21.5", "release", (1, 21, 5), "bigcorp", True),
        ("go1.21.13-1ubuntu1", "go1.21.13", "release", (1, 21, 13), "1ubuntu1", True),
        (
            "go1.22.2 (Red Hat 1.22.2-1.el9)",
            "go1.22.2", "release", (1, 22, 2), "(Red Hat 1.22.2-1.el9)", False,
        ),
        ("go1.21.5+fips", "go1.21.5", "release", (1, 21, 5), "fips", False),
        ("go1.18 gccgo (GCC) 12.2.0", "go1.18", "release", (1, 18, 0), "gccgo (GCC) 12.2.0", False),
        ("go1.9999999", "go1.9999999", "development", None, "", True),
        ("", "", "unreadable", None, "", False),
        ("unknown", "", "unreadable", None, "", False),
    ],
)  # fmt: skip
def test_every_form_is_read(
    text: str, name: str, kind: str, release: tuple[int, int, int] | None, suffix: str, valid: bool
) -> None:
    """What orders a version, what it is, and what somebody appended."""
    named = version.read(text)
    assert (named.name, named.kind, named.release, named.suffix, named.valid) == (
        name,
        kind,
        release,
        suffix,
        valid,
    )


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("go version go1.27.3 linux/amd64\n", "go1.27.3"),
        ("go version go1.24.11 X:arenas linux/amd64\n", "go1.24.11 X:arenas"),
        ("go version devel +abc Mon Nov 2 linux/amd64\n", "devel +abc Mon Nov 2"),
        ("welcome!\ngo version go1.27.3 linux/arm64\n", "go1.27.3"),
        ("go version go1.27.3\n", None),
        ("go: no such tool\n", None),
        ("version go1.27.3 linux/amd64\n", None),
        ("", None),
    ],
)
def test_the_version_is_found_in_the_output(output: str, expected: str | None) -> None:
    """It may hold blanks; anything that is not this line is none."""
    assert version.from_output(output) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("go1.21.3-bigcorp", "1.21.3"),
        ("go1.24.11 X:arenas", "1.24.11"),
        ("go1.21", "1.21"),
        ("local", ""),
        ("go1.21/../x", ""),
        ("1.21", ""),
    ],
)
def test_a_toolchain_name_tells_its_version(name: str, expected: str) -> None:
    """As the go command reads GOTOOLCHAIN."""
    assert version.toolchain_version(name) == expected


@given(st.text() | st.from_regex(r"(go|devel go)?[0-9]{1,3}(\.[0-9]{1,3}){0,3}[a-z]{0,4}[0-9]*([-+ ].*)?"))
def test_any_text_is_a_version_or_none(text: str) -> None:
    """Nothing but a value comes out, and a text compares equal to itself."""
    named = version.read(text)
    assert (named.kind == "unreadable") == (named.name == "")
    assert version.compare(text, text) == 0
    assert version.is_valid(named.name) or not named.name
    version.from_output(text)
    version.toolchain_version(text)
