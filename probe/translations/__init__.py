"""
What `probe` tells people, in other languages: one folder a language, beside this file.

Translated are what codes mean, why they happen, and the prose in causes and fixes. Codes, commands,
values and every machine format stay as they are. What has no translation, or one that was made from
another English text, is told in English: a whole line, never half of one.
"""

from __future__ import annotations

from probe.codes import Code
from probe.lightweight import Mapping

__all__ = ["ENGLISH", "VARIABLES", "directory", "file_of", "language"]

ENGLISH = ""
VARIABLES = ("PROBE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")  # the first one that is not empty decides
# Traditional Chinese has terms of its own: such a reader is better served in English.
_LANGUAGES = {"zh": "zh", "zh_cn": "zh", "zh_sg": "zh", "zh_hans": "zh", "zh_hans_cn": "zh"}


def language(environ: Mapping[str, str], asked: str = "") -> str:
    """
    The folder of the language that is *asked* for, else that of the first variable that is set.

    ENGLISH where there is none, we do not speak it, or it is for a terminal that takes no UTF-8. A
    value is a locale (POSIX, `zh_CN.UTF-8`) or a tag (RFC 5646, `zh-Hans-CN`).
    """
    value = asked or next((environ[name] for name in VARIABLES if environ.get(name)), "")
    plain, _, charset = value.partition("@")[0].replace("-", "_").lower().partition(".")
    if charset and charset not in ("utf8", "utf_8"):
        return ENGLISH
    return _LANGUAGES.get(plain, ENGLISH)


def directory(name: str) -> str:
    """Where the texts of the language *name* lie."""
    return f"{__file__.rpartition('/')[0]}/{name}"


def file_of(code: Code) -> str:
    """The name of the files that have the texts about *code*."""
    return "run" if code.check == "*" else code.check
