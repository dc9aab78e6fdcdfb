"""What the tests of image archives share: one image in every form."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from probe import target_codes
from probe.codes import Code
from probe.report import Status
from probe.targets import Target
from probe.targets.errors import TargetUnavailable
from probe.targets.image import of_image
from tests.support.images import (
    Entry,
    Image,
    file,
    folder,
    hard,
    link,
    other,
    tarred,
    write_tar,
)

BASE = [
    folder("etc"),
    file("etc/passwd", b"root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n"),
    file("etc/group", b"staff:x:50:app\n"),
    file("etc/gone", b"old"),
    file("etc/kept", b"kept"),
    folder("opt/hidden"),
    file("opt/hidden/below", b"below"),
    link("lib", "usr/lib"),
    file("usr/lib/libc.so", b"libc"),
]


TOP = [
    file("etc/.wh.gone"),
    file("etc/new", b"new"),
    folder("opt/hidden"),
    file("opt/hidden/.wh..wh..opq"),
    file("opt/hidden/above", b"above"),
    file("app", b"\x7fELF...", 0o755),
    file("home/app/private", b"mine", 0o600, 1000, 1001),
    file("home/app/roots", b"not mine", 0o600),
    link("etc/localtime", "/usr/share/zoneinfo/UTC"),
    file("usr/share/zoneinfo/UTC", b"TZif"),
    hard("etc/alias", "etc/new"),
]


def refusal(path: Path | str) -> TargetUnavailable:
    with pytest.raises(TargetUnavailable) as caught:
        of_image(str(path))
    return caught.value


def refused(path: Path, code: Code, words: str) -> None:
    problem = refusal(path)
    assert target_codes.finding(problem).code is code, str(problem)
    assert words in target_codes.finding(problem).cause
    assert target_codes.finding(problem).status is Status.FAIL
    assert "\n" not in str(problem)


def single(path: Path, entries: list[Entry], **config: Any) -> Target:
    return of_image(str(write_tar(path / "image.tar", Image([tarred(entries)], **config).layout())))


def big(kind: bytes, size: int) -> bytes:
    """An entry of that kind and of zeros, packed."""
    head, _ = other("big", kind)
    head.size = size
    zeros = gzip.compress(bytes(1 << 20), mtime=0)
    return gzip.compress(head.tobuf()) + zeros * (size >> 20)
