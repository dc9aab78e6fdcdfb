"""SARIF 2.1.0 (OASIS), as code scanning takes it: a log with one run."""

import json
from collections.abc import Iterable
from typing import Any

from probe import __homepage__, __version__
from probe.codes import CODES
from probe.output.annotations import Annotation, fingerprint, of_report
from probe.output.base import docs_url
from probe.report import Report

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_SAFE = "/!$&'()*+,;=@-._~"  # of a path by RFC 3986; no colon, which would begin a scheme


def render(report: Report) -> str:
    """The findings of *report* that did not pass."""
    return log(of_report(report), report.version)


def log(annotations: Iterable[Annotation], version: str = __version__) -> str:
    """The *annotations* that probe *version* made, as results; their rules by the alphabet."""
    results = list(annotations)
    rules = {one.rule: one for one in results}
    names = sorted(rules)
    driver = {
        "name": "probe",
        "version": version,
        "informationUri": __homepage__,
        "rules": [_rule(rules[name]) for name in names],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, names.index(one.rule)) for one in results],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(one: Annotation) -> dict[str, Any]:
    link = docs_url(one.rule) if one.rule in CODES else ""
    return {
        "id": one.rule,
        "shortDescription": {"text": one.meaning},
        "fullDescription": {"text": one.meaning},
        # What code scanning shows beside a result: it does not show helpUri.
        "help": {"text": f"{one.meaning} {link}".rstrip()},
        **({"helpUri": link} if link else {}),
        "defaultConfiguration": {"level": one.level},
    }


def _result(one: Annotation, index: int) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": _uri(one.path)},
        "region": {"startLine": one.line},
    }
    return {
        "ruleId": one.rule,
        "ruleIndex": index,
        "level": one.level,
        "message": {"text": one.told},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"probe/v1": fingerprint(one)},
    }


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path, safe=_SAFE)
