"""A tree of toolchains against its listing."""

import hashlib
import os
import tempfile
from pathlib import Path

import pytest

from probe import codes
from probe.checks.offline import file_list
from probe.deadline import Deadline
from probe.report import Finding, Status
from probe.targets import at_root
from tests.checks.offline.helpers import Builder, files, look, of
from tests.support.fixes import fixes


@pytest.fixture
def sdk(newest: Builder) -> Path:
    """An unpacked SDK, and a listing of it beside."""
    tree = newest.home / "sdk"
    for name in ("src/fmt/print.go", "mod/cache/lock", "cache/00/x-a", "VERSION"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(name)
    (newest.home / "listing").write_text("./src/fmt/print.go\r\n# note\nmod/cache/lock\ncache/\nVERSION\n")
    return tree


def listed(newest: Builder, sdk: Path) -> list[Finding]:
    return look(newest, module="", listing=str(newest.home / "listing"), tree=str(sdk))


def test_a_tree_as_it_is_listed(newest: Builder, sdk: Path) -> None:
    """Every file is there and no other; a directory with a slash stands for all that is in it."""
    assert of(listed(newest, sdk), codes.OFFLINE_LISTING_OK).evidence["listed"] == 4
    digests = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(sdk)}\n" for path in files(sdk)
    ]
    (newest.home / "listing").write_text("".join(digests))
    assert of(listed(newest, sdk), codes.OFFLINE_LISTING_OK).evidence["listed"] == 4
    (sdk / "VERSION").write_text("another")
    changed = of(listed(newest, sdk), codes.OFFLINE_LISTING_CHANGED)
    assert changed.status is Status.FAIL
    assert changed.cause.endswith("differ: VERSION")


def test_a_digest_that_is_not_compared_is_unknown(newest: Builder, sdk: Path) -> None:
    """A file beyond what is hashed never passes by its name alone."""
    with (sdk / "VERSION").open("wb") as stream:
        stream.truncate(2 << 30)
    (newest.home / "listing").write_text(f"{'0' * 64}  VERSION\n{'cache/'}\n")
    finding = of(listed(newest, sdk), codes.OFFLINE_LISTING_UNREADABLE)
    assert finding.status is Status.UNKNOWN
    assert finding.cause.startswith("1 of 1 files were not compared")


def test_files_that_are_missing_or_too_many(newest: Builder, sdk: Path) -> None:
    """Each is named, up to ten; one that is missing fails, one too many is a warning."""
    (sdk / "VERSION").unlink()
    (sdk / "mod/cache/lock").unlink()
    (sdk / "mod/cache/lock").mkdir()  # not what is listed
    for number in range(12):
        (sdk / f"src/old{number:02}.go").touch()
    findings = listed(newest, sdk)
    missing = of(findings, codes.OFFLINE_LISTING_MISSING)
    assert missing.status is Status.FAIL
    assert missing.cause.startswith("2 of 4 files of")
    assert missing.cause.endswith("mod/cache/lock, VERSION")
    assert fixes(missing) == f"tar -C {sdk} -xf sdk.tar"
    extra = of(findings, codes.OFFLINE_LISTING_EXTRA)
    assert extra.status is Status.WARN
    assert extra.cause.endswith("src/old09.go and 2 more")
    assert "| sort > " in fixes(extra)
    assert codes.OFFLINE_LISTING_OK not in [finding.code for finding in findings]


@pytest.mark.parametrize("content", [None, b"", b"/etc/passwd\n", b"a/../../b\n", b"# nothing\n"])
def test_a_listing_that_cannot_be_read(newest: Builder, sdk: Path, content: bytes | None) -> None:
    """Unknown, with the command that makes one."""
    (newest.home / "listing").unlink()
    if content is not None:
        (newest.home / "listing").write_bytes(content)
    finding = of(listed(newest, sdk), codes.OFFLINE_LISTING_UNREADABLE)
    assert finding.status is Status.UNKNOWN
    assert fixes(finding).startswith(f"cd {sdk} && find . -type f | sort > ")


def test_names_that_no_file_can_have(newest: Builder, sdk: Path) -> None:
    """They are missing, and told in part."""
    with (newest.home / "listing").open("a") as stream:
        stream.write("x" * 5000 + "\n" + "y/" * 3000 + "z\n")
    missing = of(listed(newest, sdk), codes.OFFLINE_LISTING_MISSING)
    assert missing.cause.startswith("2 of 6 files of")
    assert len(missing.cause) < 900


def test_a_tree_that_may_not_be_searched() -> None:
    """Unknown, not missing, with the command that says where; with search permission it is as listed."""
    with tempfile.TemporaryDirectory() as name:  # below pytest's own nobody else may search
        home = Path(name)
        home.chmod(0o755)
        (home / "listing").write_text("VERSION\n")
        (home / "sdk").mkdir()
        (home / "sdk/VERSION").touch()
        for mode, code in ((0, codes.OFFLINE_LISTING_UNREADABLE), (0o755, codes.OFFLINE_LISTING_OK)):
            (home / "sdk").chmod(mode)
            finding = of(as_somebody(home), code)
            assert finding.status is (Status.PASS if mode else Status.UNKNOWN)
            assert fixes(finding) == ("" if mode else f"find {home}/sdk > /dev/null")


def as_somebody(home: Path) -> list[Finding]:
    """The comparison as it is without root's capabilities."""
    before = os.geteuid()
    os.seteuid(before or 4321)
    try:
        target = at_root("/", {})
        return list(file_list.findings(target, f"{home}/listing", f"{home}/sdk", Deadline(10)))
    finally:
        os.seteuid(before)


def test_a_link_out_of_the_tree_is_not_followed(newest: Builder, sdk: Path) -> None:
    """A link to a directory counts as one file."""
    (sdk / "loop").symlink_to("..")
    assert of(listed(newest, sdk), codes.OFFLINE_LISTING_EXTRA).evidence["extra"] == 1
