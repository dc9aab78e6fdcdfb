"""The roots of every world of files and variables, held against real Go."""

import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from probe import targets
from probe.facts import Facts
from probe.golang.release import Go
from probe.golang.x509 import trust
from probe.inspect.roots import inspect
from probe.targets import User
from tests.differential.harness import Blocks, ask, need_root, same
from tests.golang import root_worlds
from tests.golang.odd_certificates import ODD
from tests.golang.root_worlds import CASES, CERTS, DEBIAN, A, B, Case
from tests.support import der
from tests.support.sweeps import examples
from tests.support.worlds import DIRECTORY, FIFO, NULL, SOCKET, Content, File, Link, lay, shut

PATIENCE_S = 0.7  # for what is known to block


def compare(root: Path, case: Case, go_version: str) -> None:
    """One world, seen by both."""
    need_root()
    lay(root, case.world)
    release = tuple(map(int, go_version.split(".")))
    go = Go((release[0], release[1], release[2]), "as-go", case.debug, fallback_roots=bool(case.fallback))
    debug = ",".join(f"{name}={value}" for name, value in case.debug.items())
    env = {name: value for name, value in {**case.env, "GODEBUG": debug}.items() if name in case.env or value}
    user = None if case.uid is None else User(case.uid, case.uid, override=case.uid == 0)
    theirs = ask(
        go_version,
        "roots",
        {"fallback": case.fallback.decode()},
        root=root,
        env=env,
        cwd=case.cwd,
        uid=case.uid,
        patience_s=PATIENCE_S if case.blocks else 10,
    )
    seen = inspect(Facts(targets.at_root(str(root), env, cwd=case.cwd, user=user), go=go), 0)
    same(told(seen, case), expected(theirs), (case.what, go_version))


def told(seen: Mapping[str, Any], case: Case) -> dict[str, Any]:
    """Our answer in the oracle's form."""
    roots = [root["sha256"] for root in seen["roots"]]
    if any(source["kind"] == "fallback" for source in seen["sources"]):
        roots = [sha256(root_worlds.root("D")).hexdigest()]
    return {"roots": roots, "error": seen["error"], "blocks": seen["blocks_on"] is not None}


def expected(theirs: Any) -> dict[str, Any]:
    if theirs == Blocks():
        return {"roots": [], "error": None, "blocks": True}
    return {"roots": theirs["roots"], "error": theirs["error"], "blocks": False}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_world_gives_the_roots_that_go_sees(root: Path, case: Case, go_version: str) -> None:
    """The same certificates in the same order, the same error, the same wait."""
    compare(root, case, go_version)


def test_a_fifo_as_a_directory_blocks_until_1_23(root: Path, go_version: str) -> None:
    """From 1.24 on Go asks for a directory when it opens one."""
    before = go_version < "1.24"
    env = {"SSL_CERT_FILE": "/nowhere", "SSL_CERT_DIR": "/f"}
    compare(root, Case("a FIFO as a directory", {"/f": FIFO}, env, blocks=before), go_version)


def test_the_go_line_decides_about_negative_serials(root: Path, go_newest: object) -> None:
    """A program that asks for Go 1.22 takes what its own release would refuse."""
    need_root()
    lay(root, {DEBIAN: der.pem(ODD["serial negative"].data)})
    theirs = ask("1.27.3", "roots", root=root, go_line="1.22")
    go = Go((1, 27, 3), "binary", {"x509negativeserial": "1"})
    seen = inspect(Facts(targets.at_root(str(root), {}), go=go), 0)
    same(told(seen, Case("")), expected(theirs))


# Worlds that nobody has thought of: every place may hold anything, or lead to another.
_PLACES = (
    DEBIAN,
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    f"{CERTS}/a.pem",
    f"{CERTS}/b.0",
    "/etc/pki/tls/certs/x",
    "/w/d/one",
    "/w/x.pem",
    "/x.pem",
)
_TARGETS = (
    *_PLACES,
    *(place[1:] for place in _PLACES),
    "a.pem",
    "../cert.pem",
    "/gone",
    ".",
    "..",
    "/w/..",
    "",
)
_CONTENTS: st.SearchStrategy[Content] = st.one_of(
    st.sampled_from([A, B, A + B, b"", b"junk", A[:-9], b"\xef\xbb\xbf" + A, root_worlds.KEY + B]),
    st.sampled_from(
        [DIRECTORY, shut(DIRECTORY), SOCKET, NULL, File(A, 0o600), File(B, 0o640), File(A, 0o004)]
    ),
    st.sampled_from([text for text in _TARGETS if text]).map(Link),
)
_WORLDS = st.dictionaries(st.sampled_from(_PLACES), _CONTENTS, max_size=7)
_FILES = st.sampled_from([None, "", "/x.pem", "x.pem", "/w/x.pem", CERTS, "/w/../x.pem", "../x.pem", "/gone"])
_LISTS = st.lists(
    st.sampled_from(["", ".", "d", "/w", "/w/d", "/w/d/..", CERTS, "/x.pem", "/gone", "w/"]), max_size=3
)
_MODES = st.dictionaries(
    st.sampled_from(["/etc/ssl", CERTS, "/w/d"]), st.sampled_from([0, 0o711, 0o744, 0o750])
)


@settings(max_examples=examples(120), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    world=_WORLDS,
    modes=_MODES,
    file=_FILES,
    directories=st.none() | _LISTS,
    cwd=st.sampled_from(["/", "/w"]),
    uid=st.sampled_from([None, None, 1000]),
)
def test_a_composed_world_gives_the_roots_that_go_sees(
    root: Path,
    go_version: str,
    world: dict[str, Content],
    modes: dict[str, int],
    file: str | None,
    directories: list[str] | None,
    cwd: str,
    uid: int | None,
) -> None:
    """Whatever is where, both see the same."""
    need_root()
    shutil.rmtree(root)
    root.mkdir()
    (root / "w").mkdir()
    env = {} if file is None else {"SSL_CERT_FILE": file}
    if directories is not None:
        env["SSL_CERT_DIR"] = ":".join(directories)
    places = {place: content for place, content in world.items() if possible(place, world)}
    shuts = {
        place: DIRECTORY._replace(mode=mode)
        for place, mode in modes.items()
        if place not in places and possible(place, world)
    }
    try:
        lay(root, {**places, **shuts})
    except OSError:
        reject()  # what was asked for cannot be: a file below a file, or below a dangling link
    compare(root, Case("composed", {}, env, cwd=cwd, uid=uid), go_version)


def possible(place: str, world: Mapping[str, Content]) -> bool:
    """Whether *place* can be laid out: nothing above it is a file or a link."""
    return not any(place.startswith(f"{other}/") for other in world)


def test_our_limits_are_told(root: Path) -> None:
    """What Go would read and we do not is named; without root, too."""
    (root / "x.pem").touch()
    with (root / "x.pem").open("wb") as stream:
        stream.truncate(trust.FILE_LIMIT + 1)
    loaded = trust.load(targets.at_root(str(root), {"SSL_CERT_FILE": "/x.pem"}), Go((1, 27, 3), ""))
    assert loaded.unread == (f"/x.pem holds more than {trust.FILE_LIMIT} bytes",)
