"""`probe inspect roots`: which certificates a Go program trusts."""

from hashlib import sha256
from typing import Any

from probe import redact
from probe.facts import Facts
from probe.golang.quoting import json_text
from probe.golang.release import Go
from probe.golang.timefmt import rfc3339
from probe.golang.x509 import root_use, trust
from probe.golang.x509.trust import Root, RootSource


def inspect(facts: Facts, now: float) -> dict[str, Any]:
    """
    The answer as JSON values, in the published shape.

    `roots` stand in the order of the pool; `usable` says whether a server's chain can
    end there at *now*. Where Go waits for ever, `blocks_on` names the path and nothing
    is trusted. `unread` is there only when our own limits kept us from reading all.
    """
    go, loaded = facts.go(), facts.roots()
    answer: dict[str, Any] = {
        "go": go.text,
        "go_source": go.source,
        "roots": [_root(root, go, now) for root in loaded.roots],
        "skipped": [
            {"file": _path(block.file), "line": block.line, "reason": block.reason}
            for block in loaded.skipped
        ],
        "sources": [_source(source) for source in loaded.sources],
        "error": loaded.error and json_text(redact.path(loaded.error)),
        "blocks_on": loaded.blocks_on and _path(loaded.blocks_on),
    }
    if loaded.fallback:
        answer["sources"].append({"path": None, "kind": "fallback", "outcome": "compiled in"})
    if loaded.unread:
        answer["unread"] = [json_text(redact.path(reason)) for reason in loaded.unread]
    return answer


def _path(text: str) -> str:
    """A path as it is, but for a password that SSL_CERT_FILE or SSL_CERT_DIR may hold."""
    return json_text(redact.path(text))


def _root(root: Root, go: Go, now: float) -> dict[str, Any]:
    certificate = root.certificate
    why_not = root_use.unfit(certificate, now)
    distrusted = root_use.distrusted(certificate, go)
    return {
        "sha256": sha256(certificate.der).hexdigest(),
        "subject": certificate.subject,
        "not_after": rfc3339(certificate.not_after),
        "file": _path(root.file),
        "line": root.line,
        "usable": not (why_not or distrusted),
        "why_not": why_not.text if why_not else distrusted or None,
    }


def _source(source: RootSource) -> dict[str, Any]:
    told: dict[str, Any] = {
        "path": _path(source.path),
        "kind": source.kind,
        "outcome": source.outcome,
    }
    if source.detail:
        told["detail"] = json_text(redact.path(source.detail))
    if source.outcome == trust.READ and source.kind != "directory":
        told |= {"roots": source.roots, "repeated": source.repeated, "skipped": source.skipped}
    return told
