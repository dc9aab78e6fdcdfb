"""A sentence is translated as a whole or not at all."""

import time

import pytest

from probe.translations.phrases import Catalogue, catalogue, lines, read
from tests.translations.rendered import FILES

SPOKEN = Catalogue(
    {
        "{path} holds {what:part} instead of {zone}": "{path} 的内容是 {what}，而不是 {zone}",
        "another zone": "另一个时区",
        "{number} certificate(s) of {hosts:list}": "{hosts} 的 {number} 个证书",
        "{user:name} owns it: {words:text}": "属于 {user}：{words}",
        "{path:said} is gone": "{path} 不见了",
        "{first:part}; {second:part}": "{first}；{second}",
    }
)


@pytest.mark.parametrize(
    ("english", "told"),
    [
        ("/a holds another zone instead of Asia/X", "/a 的内容是另一个时区，而不是 Asia/X"),
        ("/a holds some zone instead of Asia/X", None),
        ("nothing holds another zone instead of Asia/X", None),
        ("/a holds another zone instead of Asia/X; and more", None),
        ("1 certificate of a.example", "a.example 的 1 个证书"),
        (
            "3 certificates of a.example, b.example and c.example",
            "a.example、b.example、c.example 的 3 个证书",
        ),
        ("root owns it: exec format error", "属于 root：exec format error"),
        ("root owns it: {user}", "属于 root：{user}"),
        ("/a b is gone", "/a b 不见了"),
        ("another zone is gone", "另一个时区不见了"),
        ("/a is gone; another zone is gone", "/a 不见了；另一个时区不见了"),
        ("/a is gone; and more", None),
        ("/a\0 is gone", None),
    ],
)
def test_all_or_nothing(english: str, told: str | None) -> None:
    """Values are taken over, phrases translated; a plain English word is no value."""
    assert SPOKEN.translate(english) == told


def test_lines_of_a_fix() -> None:
    """Comments and prose are told, commands are not touched."""
    fix = "# another zone\nRUN ln -snf another zone\nENV TZ=UTC  # another zone\nanother zone"
    assert (
        lines(fix, SPOKEN) == "# 另一个时区\nRUN ln -snf another zone\nENV TZ=UTC  # 另一个时区\n另一个时区"
    )


def test_hostile_values_take_no_time() -> None:
    """However often a value says what stands between the values."""
    begin = time.monotonic()
    for piece in (" holds ", " instead of ", ", and ", " owns it: ", "1 certificates of "):
        SPOKEN.translate((piece * 2000)[:1999])
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize("name", FILES)
def test_every_placeholder_is_in_both(name: str) -> None:
    """No value is lost, none is invented."""
    import re

    for english, told in read("zh", name).items():
        wanted = {found.partition(":")[0] for found in re.findall(r"\{([\w:]+)\}", english)}
        assert set(re.findall(r"\{(\w+)\}", told)) == wanted, english


def test_the_catalogue_translates_its_own_lines() -> None:
    """Those without values."""
    plain = {english: told for english, told in read("zh", "interface").items() if "{" not in english}
    assert len(plain) > 10
    for english, told in plain.items():
        assert catalogue("zh", "interface").translate(english) == told
