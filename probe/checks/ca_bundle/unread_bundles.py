"""Certificates and keys in a bundle of which Go reads nothing: no remedy writes over them."""

from __future__ import annotations

from probe.formats import pem
from probe.golang.x509 import trust
from probe.golang.x509.trust import Roots
from probe.lightweight import Mapping
from probe.remedies import forms, overlay
from probe.targets import NotRegular, Target, TooLarge

_LABELS = ("CERTIFICATE", "PRIVATE KEY")


def find(target: Target, loaded: Roots) -> Mapping[str, tuple[bytes, frozenset[bytes]]]:
    """What each bundle that gives Go nothing holds, and the certificates and keys in it (DER)."""
    giving = {source.path for source in loaded.sources if source.roots or source.repeated}
    known = {root.certificate.der for root in loaded.roots}  # as of a link to what Go has read
    contents = ((path, _content(target, path)) for path in trust.FILES if path not in giving)
    return {path: (data, held) for path, data in contents if (held := _certificates(data) - known)}


def are_lost(unread: Mapping[str, tuple[bytes, frozenset[bytes]]], changed: Target) -> bool:
    """Whether one of them is no more where it was, nor under another name."""
    for path, (data, held) in unread.items():
        now = _content(changed, path)
        if now != data and not overlay.holds(changed, data) and not held <= _certificates(now):
            return True
    return False


def _content(target: Target, path: str) -> bytes:
    try:
        return target.read(path, forms.LIMIT)
    except (OSError, NotRegular, TooLarge):
        return b""


def _certificates(data: bytes) -> frozenset[bytes]:
    sound = {block.data for block in pem.split(data) if not block.fault and block.label.endswith(_LABELS)}
    found = forms.look(data)
    return frozenset(sound.union(found.certificates if found else ()))
