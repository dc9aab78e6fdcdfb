"""Each translation was made from the English text that stands there now."""

import re

import pytest

from probe.codes import CODES, Code
from probe.explain import explanation
from probe.translations import file_of
from probe.translations.codes import CodeText, digest, entries, translated

FILES = sorted({file_of(code) for code in CODES.values()})


def english(code: Code) -> CodeText:
    written = explanation(code)
    return CodeText(code.meaning, written.why if written else ())


def test_no_translation_is_stale() -> None:
    """The digest of the English source is stored with each; those that are late are named."""
    late = {
        name: digest(english(CODES[name]))
        for file in FILES
        for name, entry in entries("zh", file).items()
        if name not in CODES or entry["source"] != digest(english(CODES[name]))
    }
    assert not late, f"translate anew, then store these digests: {late}"


def test_a_stale_one_falls_back_to_english() -> None:
    """The whole text, when the English one is another by now."""
    code = CODES["TIMEZONE_NOT_EXPECTED"]
    now = english(code)
    changed = now._replace(meaning=now.meaning + " Really.")
    assert translated(code, now, "zh") != now
    assert translated(code, changed, "zh") == changed


@pytest.mark.parametrize("file", FILES)
def test_codes_and_commands_are_kept(file: str) -> None:
    """What is in capitals in the English meaning stands in the Chinese one; as many causes as there."""
    for name, entry in entries("zh", file).items():
        source = english(CODES[name])
        for word in re.findall(r"\b[A-Z]{3,}[A-Z0-9_]*\b|`[^`]+`", source.meaning):
            assert word in entry["meaning"], name
        assert entry["meaning"].endswith("。"), name
        assert len(entry.get("why", source.why)) == len(source.why), name
