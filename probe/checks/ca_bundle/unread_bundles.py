"""Certificates and keys in a bundle of which Go reads nothing: no remedy writes over them."""

from __future__ import annotations

from probe.formats import pem
from probe.golang.x509 import trust
from probe.golang.x509.trust import Roots
from probe.lightweight import Mapping
from probe.remedies import forms, overlay
from probe.targets import NotRegular, Target, TooLarge

_LABELS = ("CERTIFICATE", "PRIVATE KEY")


def find(target: Target, loaded: Roots) -> Mapping[str, bytes]:
    """What each bundle that gives Go nothing holds."""
    giving = {source.path for source in loaded.sources if source.roots or source.repeated}
    return {path: data for path in trust.FILES if path not in giving and (data := _content(target, path))}


def are_lost(unread: Mapping[str, bytes], loaded: Roots, changed: Target) -> bool:
    """Whether a certificate or key in one of them (DER) is no more where it was, nor under another name."""
    for path, data in unread.items():
        now = _content(changed, path)
        if now != data and not overlay.holds(changed, data):
            known = {root.certificate.der for root in loaded.roots}  # as of a link to what Go has read
            if not _certificates(data) - known <= _certificates(now):
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
