"""GOPROXY and GOSUMDB taken apart (tests/differential/test_moduleproxy.py asks Go)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.golang.command import moduleproxy
from probe.golang.command.environment import GoSetting
from probe.golang.command.moduleproxy import ModuleProxy, ProxyList, Sumdb

EMPTY = "GOPROXY list is not the empty string, but contains no entries"
KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

LISTS = [
    ("https://a.example,direct", [ModuleProxy("https://a.example"), ModuleProxy("direct")]),
    (
        "https://a.example|https://b.example",
        [ModuleProxy("https://a.example", True), ModuleProxy("https://b.example")],
    ),
    (" https://a.example\t, \u00a0direct ", [ModuleProxy("https://a.example"), ModuleProxy("direct")]),
    (",,|off", [ModuleProxy("off")]),
    ("off,https://a.example", [ModuleProxy("off")]),
    ("direct|nonsense", [ModuleProxy("direct")]),
    ("a.example|direct", [ModuleProxy("https://a.example", True), ModuleProxy("direct")]),
    ("host:8080", [ModuleProxy("https://host:8080")]),
    ("host/path", [ModuleProxy("https://host/path")]),
    ("http://a.example", [ModuleProxy("http://a.example")]),
    ("HTTPS://a.example", [ModuleProxy("HTTPS://a.example")]),
    ("file:///srv/proxy", [ModuleProxy("file:///srv/proxy")]),
    ("Off.", [ModuleProxy("https://Off.")]),
]
REFUSED = [
    ("", EMPTY),
    (" ", EMPTY),
    (",|, ", EMPTY),
    ("OFF", "invalid proxy URL missing scheme"),
    ("/srv/proxy", "invalid proxy URL missing scheme"),
    ("ftp://a.example", "invalid proxy URL scheme (must be https, http, file)"),
    ("file:/srv", "invalid file:// proxy URL with non-path elements"),
    ("file://host/srv", "invalid file:// proxy URL with non-path elements"),
    ("file:///srv?x", "invalid file:// proxy URL with non-path elements"),
    ("https://a:b", 'invalid port ":b" after host'),
    ("https://a.example,nonsense", "invalid proxy URL missing scheme"),
]


@pytest.mark.parametrize(("text", "entries"), LISTS)
def test_a_list_is_split_at_both_signs(text: str, entries: list[ModuleProxy]) -> None:
    """A comma goes on after 404 and 410, a bar after any error; `off` and `direct` end it."""
    assert moduleproxy.proxies(text) == ProxyList(tuple(entries))


@pytest.mark.parametrize(("text", "error"), REFUSED)
def test_a_faulty_list_is_refused_as_a_whole(text: str, error: str) -> None:
    """Go finds that only when it needs a module, and then says it in these words."""
    assert moduleproxy.proxies(text).error == error


def test_only_a_list_that_begins_with_off_is_off() -> None:
    """Behind a proxy, `off` means: this proxy or nothing."""
    assert moduleproxy.proxies(" off").off
    assert not moduleproxy.proxies("https://a.example,off").off
    assert not moduleproxy.proxies("").off


@pytest.mark.parametrize(
    ("text", "database"),
    [
        ("sum.golang.org", Sumdb("sum.golang.org")),
        ("sum.golang.google.cn", Sumdb("sum.golang.org", "https://sum.golang.google.cn")),
        (f" {KEY} ", Sumdb("sum.golang.org")),
        (f"{KEY} https://s.example/x", Sumdb("sum.golang.org", "https://s.example/x")),
        ("sum.golang.org\thttps://s.example", Sumdb("sum.golang.org", "https://s.example")),
        ("off", Sumdb()),
    ],
)
def test_a_database_is_known_by_name_or_by_key(text: str, database: Sumdb) -> None:
    """Either may be followed by the URL to reach it by."""
    assert moduleproxy.sumdb(text) == database
    assert moduleproxy.sumdb(text).off == (text == "off")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "missing GOSUMDB"),
        (" ", "missing GOSUMDB"),
        (" off", "invalid GOSUMDB: malformed verifier id"),
        ("sum.example", "invalid GOSUMDB: malformed verifier id"),
        ("sum.golang.google.cn x", "invalid GOSUMDB: malformed verifier id"),
        (KEY.replace("033de0ae", "033de0af"), "invalid GOSUMDB: invalid verifier hash"),
        (KEY[:-1], "invalid GOSUMDB: malformed verifier id"),
        ("a b c", "invalid GOSUMDB: too many fields"),
        ("sum.golang.org https://a:b", 'invalid GOSUMDB URL: invalid port ":b" after host'),
        ("x+a7966926+AAAA", "invalid GOSUMDB: unknown verifier algorithm"),
        ("x+be710db5+AQAA", "invalid GOSUMDB: malformed verifier id"),
        ("a/+302ea1ab+" + "AQ" + "A" * 42, "invalid sumdb name (must be host[/path])"),
    ],
)
def test_any_other_database_is_an_error(text: str, error: str) -> None:
    """Not off, as one might think of a misspelt `off`: every lookup fails."""
    assert moduleproxy.sumdb(text) == Sumdb(error=error)


@pytest.mark.parametrize(
    ("text", "patterns"),
    [("", []), ("a.example/,,*.b", ["a.example", "*.b"]), ("a, b", ["a", " b"]), ("/", [])],
)
def test_patterns_are_split_at_commas_alone(text: str, patterns: list[str]) -> None:
    """A blank belongs to its pattern, which then matches nothing."""
    assert moduleproxy.patterns(text) == patterns


DIALLED = [
    ({"GOPROXY": "https://a.example,direct", "GOSUMDB": KEY}, ["a.example:443", "sum.golang.org:443"]),
    ({"GOPROXY": "https://u:p@a.example:84/x|https://a.example:84", "GOSUMDB": "off"}, ["a.example:84"]),
    ({"GOPROXY": "http://a.example,b.example,off", "GOSUMDB": "off"}, ["b.example:443"]),
    ({"GOPROXY": "file:///srv,direct", "GOSUMDB": "sum.golang.google.cn"}, ["sum.golang.google.cn:443"]),
    ({"GOPROXY": "direct", "GOSUMDB": KEY + " http://s.example"}, []),
    ({"GOPROXY": "https://[::1]:8443", "GOSUMDB": KEY}, ["[::1]:8443", "sum.golang.org:443"]),
    ({"GOPROXY": "https://a.example:", "GOSUMDB": "nonsense"}, ["a.example:443"]),
    ({"GOPROXY": "off", "GOSUMDB": "sum.golang.org"}, []),
    ({"GOPROXY": "nonsense,https://a.example", "GOSUMDB": "sum.golang.org"}, []),
    ({"GOPROXY": "https://", "GOSUMDB": "off"}, []),
    ({"GOPROXY": "https://a.example", "GOSUMDB": KEY, "GONOPROXY": "x.example,*", "GONOSUMDB": "*/"}, []),
    ({"GOPROXY": "https://a.example", "GOSUMDB": "off", "GONOPROXY": "*.corp.example"}, ["a.example:443"]),
    ({}, []),
]  # fmt: skip


@pytest.mark.parametrize(("values", "endpoints"), DIALLED)
def test_whom_go_would_call_over_tls(values: dict[str, str], endpoints: list[str]) -> None:
    """Each server once, in the order of the list, without what is not TLS."""
    settings = {name: GoSetting(value, "os") for name, value in values.items()}
    assert moduleproxy.endpoints(settings) == tuple(endpoints)


@given(st.text(), st.text())
def test_any_text_is_a_list_or_an_error(goproxy: str, gosumdb: str) -> None:
    """Nothing raises, and nobody is called that is no host."""
    entries = moduleproxy.proxies(goproxy)
    assert entries.entries or entries.error
    moduleproxy.sumdb(gosumdb)
    settings = {"GOPROXY": GoSetting(goproxy, "os"), "GOSUMDB": GoSetting(gosumdb, "os")}
    for endpoint in moduleproxy.endpoints(settings):
        assert endpoint.rpartition(":")[0]
        assert endpoint.rpartition(":")[2].isdigit()


pieces = st.lists(
    st.sampled_from(["https://", "a", ".", ":", "/", ",", "|", "@", "[", "]", "%", "off", " ", "1", "?", "#"])
)


@given(pieces.map("".join))
def test_any_piece_of_a_url_is_a_list_or_an_error(goproxy: str) -> None:
    """The same for what looks more like one."""
    settings = {"GOPROXY": GoSetting(goproxy, "os"), "GOSUMDB": GoSetting(goproxy, "os")}
    assert all("@" not in endpoint for endpoint in moduleproxy.endpoints(settings))
