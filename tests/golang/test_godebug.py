"""GODEBUG: what is baked in, what the environment overrides, and what is fatal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.golang import godebug, godebug_defaults
from probe.golang.godebug import Fatal
from tests.support.godebug import BAD, GOOD, OTHERS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("x509negativeserial=1", {"x509negativeserial": "1"}),
        ("a=1,b=2,a=3", {"a": "3", "b": "2"}),
        ("a,b=,c=d=e,=f", {"b": "", "c": "d=e", "": "f"}),
        ("a=1#pattern,b=#x", {"a": "1", "b": ""}),
        (" a = 1 ", {" a ": " 1 "}),
    ],
)
def test_settings_are_read_as_go_reads_them(text: str, expected: dict[str, str]) -> None:
    """The last entry counts, nothing is trimmed, a pattern behind # is no value."""
    assert godebug.parse(text) == expected


def test_an_old_go_line_brings_old_defaults_back() -> None:
    """Settings that the toolchain does not know (yet, or any more) are left out."""
    assert godebug_defaults.defaults(27, 27) == {}
    assert godebug_defaults.defaults(27, 26) == {"tracebacklabels": "0", "x509sslcertoverrideplatform": "0"}
    assert godebug_defaults.defaults(27, 22)["x509negativeserial"] == "1"
    assert "x509negativeserial" not in godebug_defaults.defaults(27, 23)
    assert "tls10server" not in godebug_defaults.defaults(27, 20)
    assert godebug_defaults.defaults(26, 21)["tls10server"] == "1"
    assert godebug_defaults.defaults(23, 22)["tlskyber"] == "0"
    assert "tlskyber" not in godebug_defaults.defaults(24, 22)
    assert godebug_defaults.defaults(21, 18) == {"netedns0": "0", "panicnil": "1"}


@pytest.mark.parametrize("toolchain", range(21, 28))
def test_the_go_line_is_told_by_the_defaults(toolchain: int) -> None:
    """What a go line bakes in names that go line, also beside settings that were chosen."""
    for line in range(20, toolchain + 1):
        settings = godebug_defaults.defaults(toolchain, line)
        assert godebug_defaults.go_line(toolchain, settings) == f"1.{line}"
        assert godebug_defaults.go_line(toolchain, settings | {"http2client": "0"}) == f"1.{line}"
    assert godebug_defaults.go_line(toolchain, godebug_defaults.defaults(toolchain, 18)) == ""


def test_settings_that_fit_no_go_line_tell_none() -> None:
    """Somebody chose them one by one."""
    assert godebug_defaults.go_line(27, {"panicnil": "1"}) == "1.27"
    assert godebug_defaults.go_line(27, {"tracebacklabels": "0"}) == ""


@pytest.mark.parametrize("name", godebug.REMOVED)
def test_a_removed_setting_kills_from_1_27_on(name: str) -> None:
    """Only its old values do, wherever they stand; programs of 1.26 ignore it."""
    refused, removed = godebug.REMOVED[name]
    for value in refused:
        expected = Fatal(name, value, f"Go 1.{removed} removed the setting")
        assert godebug.fatal(f"{name}={value}", 27) == expected
        assert godebug.fatal(f"madvdontneed=1,{name}={value},{name}=9", 28) == expected
        assert godebug.fatal(f"{name}={value}", 26) is None
        assert godebug.fatal(f"{name}={value} ", 27) is None
    assert godebug.fatal(f"{name}=7,{name}", 27) is None


# What tests/differential puts to real programs, too.


@pytest.mark.parametrize(("text", "minor", "name"), OTHERS)
def test_other_fatal_entries(text: str, minor: int, name: str) -> None:
    """cgocheck above 1 in all releases, an unknown fips140 from 1.24 on."""
    found = godebug.fatal(text, minor)
    assert (found.name if found else "") == name


@pytest.mark.parametrize("text", GOOD)
def test_a_memory_limit_that_go_reads(text: str) -> None:
    """A whole number, alone or with its unit."""
    assert not godebug.bad_memory_limit(text, 21)


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:20])
def test_a_memory_limit_that_kills(text: str) -> None:
    """512Mi is what Kubernetes writes, and fatal."""
    assert godebug.bad_memory_limit(text, 27)


@given(st.text(alphabet="cgohek=,#0123456789+-xfips14"), st.integers(0, 40))
def test_any_text_gives_a_value(text: str, minor: int) -> None:
    """Nothing is raised, and what is fatal stands in the text."""
    found = godebug.fatal(text, minor)
    assert found is None or found.name in text
    godebug.bad_memory_limit(text, minor)
    godebug_defaults.go_line(minor, godebug.parse(text))
