"""Where roots come from and what they are good for; tests/differential/test_roots.py asks real Go."""

import time
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from _pytest.mark import ParameterSet

from probe import targets
from probe.facts import Facts
from probe.golang.release import NEWEST, Go
from probe.golang.x509 import root_use, trust
from probe.golang.x509.certificate import Certificate, parse
from probe.golang.x509.trust import BLOCKS, FAILED, IGNORED, MISSING, READ, TOO_LARGE
from probe.inspect.roots import inspect
from probe.targets import Files, Target
from tests.golang.odd_certificates import ODD
from tests.golang.root_worlds import ALPINE, CASES, CERTS, DEBIAN, KEY, A, B, Case
from tests.support import der
from tests.support.worlds import FIFO, NULL, Content, Link, lay


def world(path: Path, case: Case) -> Target:
    lay(path, case.world)
    return targets.at_root(str(path), case.env, cwd=case.cwd)


def test_every_path_that_go_tries_is_told(root: Path) -> None:
    """Files until one can be read, then all directories, and what became of each."""
    lay(
        root,
        {
            "/etc/ssl/ca-bundle.pem": A + KEY,
            f"{CERTS}/a.pem": A + B,
            f"{CERTS}/b.0": Link("a.pem"),
            f"{CERTS}/c.pem": Link("/gone"),
            f"{CERTS}/d/e.pem": A,
        },
    )
    loaded = trust.load(targets.at_root(str(root), {}), NEWEST)
    assert [(source.path, source.kind, source.outcome, source.roots) for source in loaded.sources] == [
        (DEBIAN, "file", MISSING, 0),
        ("/etc/pki/tls/certs/ca-bundle.crt", "file", MISSING, 0),
        ("/etc/ssl/ca-bundle.pem", "file", READ, 1),
        (CERTS, "directory", READ, 0),
        (f"{CERTS}/a.pem", "entry", READ, 1),
        (f"{CERTS}/b.0", "entry", IGNORED, 0),
        (f"{CERTS}/c.pem", "entry", MISSING, 0),
        (f"{CERTS}/d", "entry", FAILED, 0),
        ("/etc/pki/tls/certs", "directory", MISSING, 0),
    ]
    assert [source.detail for source in loaded.sources if source.outcome == FAILED] == [
        f"read {CERTS}/d: is a directory"
    ]
    assert [(found.file, found.line) for found in loaded.roots] == [
        ("/etc/ssl/ca-bundle.pem", 1),
        (f"{CERTS}/a.pem", A.count(b"\n") + 1),
    ]
    assert [(block.file, block.line, block.kind) for block in loaded.skipped] == [
        ("/etc/ssl/ca-bundle.pem", A.count(b"\n") + 1, trust.OTHER)
    ]


def test_a_fifo_ends_the_search(root: Path) -> None:
    """Where Go waits for ever nothing is trusted, not even what was read before."""
    lay(root, {ALPINE: A, f"{CERTS}/fifo": FIFO})
    loaded = trust.load(targets.at_root(str(root), {}), NEWEST)
    assert loaded.blocks_on == f"{CERTS}/fifo"
    assert loaded.roots == ()
    assert loaded.sources[-1][1:4] == ("entry", BLOCKS, "FIFO")


@pytest.mark.parametrize(
    ("files", "env", "unread"),
    [
        ({DEBIAN: trust.FILE_LIMIT + 1}, {}, f"{DEBIAN} holds more than {trust.FILE_LIMIT} bytes"),
        ({f"{CERTS}/big": trust.FILE_LIMIT + 1}, {}, f"{CERTS}/big holds more than {trust.FILE_LIMIT} bytes"),
        (
            {f"{CERTS}/{n}": trust.FILE_LIMIT for n in range(3)},
            {},
            f"all files together hold more than {trust.TOTAL_LIMIT} bytes",
        ),
        (
            {},
            {"SSL_CERT_DIR": ":".join(map(str, range(1001)))},
            "SSL_CERT_DIR names more than 1000 directories",
        ),
    ],
    ids=["file", "entry", "all files", "directories"],
)
def test_what_exceeds_our_limits_is_told(
    root: Path, files: dict[str, int], env: dict[str, str], unread: str
) -> None:
    """What Go would read and we do not is named, never dropped in silence."""
    lay(root, dict.fromkeys(files, b""))
    for name, size in files.items():
        with (root / name[1:]).open("wb") as stream:
            stream.truncate(size)
    loaded = trust.load(targets.at_root(str(root), env), NEWEST)
    assert loaded.unread == (unread,)
    assert not any(source.outcome == TOO_LARGE for source in loaded.sources) or files


def test_a_file_that_is_too_large_is_the_one_go_reads(root: Path) -> None:
    """The files after it are not tried in its place."""
    lay(root, {DEBIAN: b"", ALPINE: A})
    with (root / DEBIAN[1:]).open("wb") as stream:
        stream.truncate(1 << 40)
    loaded = trust.load(targets.at_root(str(root), {}), NEWEST)
    assert loaded.roots == ()
    assert loaded.sources[0].outcome == TOO_LARGE


@pytest.mark.slow
def test_a_million_blocks_end_in_time(root: Path) -> None:
    """Junk takes linear time, and what is over the limit is counted as one."""
    lay(root, {DEBIAN: b"-----BEGIN X-----\n" * (trust.SKIPPED_LIMIT + 10)})
    start = time.process_time()
    loaded = trust.load(targets.at_root(str(root), {}), NEWEST)
    assert time.process_time() - start < 5
    assert len(loaded.skipped) == trust.SKIPPED_LIMIT
    assert loaded.unread == (f"more than {trust.SKIPPED_LIMIT} blocks are skipped",)


def test_a_million_names_in_a_variable_end_in_time(root: Path) -> None:
    """The same directory a hundred thousand times is read once."""
    lay(root, {"/d/a": A})
    env = {"SSL_CERT_FILE": "x" * (1 << 20), "SSL_CERT_DIR": "/d:" * 300_000}
    start = time.process_time()
    loaded = trust.load(targets.at_root(str(root), env), NEWEST)
    assert time.process_time() - start < 5
    assert len(loaded.roots) == 1
    assert loaded.unread == ()


def cases() -> list[ParameterSet]:
    """Those of our own user; who is not root makes no device."""
    mknod = pytest.mark.root("mknod")
    return [
        pytest.param(case, id=case.what, marks=[mknod] if NULL in case.world.values() else [])
        for case in CASES
        if case.uid is None
    ]


@pytest.mark.parametrize("case", cases())
def test_each_world_gives_an_answer(root: Path, case: Case) -> None:
    """The worlds that Go is asked about give an answer of the published shape in every release."""
    seen = world(root, case)
    for minor in range(21, 28):
        answer = inspect(Facts(seen, go=Go((1, minor, 3), "as-go", case.debug)), 0)
        assert set(answer) == {"go", "go_source", "roots", "skipped", "sources", "error", "blocks_on"}
        assert (answer["blocks_on"] is not None) == case.blocks
        assert not (answer["roots"] and answer["error"])


def certificate(what: str) -> Certificate:
    made = parse(ODD[what].data, Go((1, 27, 3), "as-go"))
    assert isinstance(made, Certificate), made
    return made


NOW = 1_800_000_000  # 2027-01-15


@pytest.mark.parametrize(
    ("what", "kind", "words"),
    [
        ("plain", None, ""),
        ("version 1", None, ""),
        ("keyUsage empty", None, ""),
        ("extKeyUsage", None, ""),
        ("extKeyUsage empty", None, ""),
        ("expired", root_use.EXPIRED, "expired on 2000-01-01T00:00:00Z"),
        ("not yet valid", root_use.NOT_YET, "not valid before 2100-01-01T00:00:00Z"),
        ("basicConstraints CA:FALSE", root_use.NO_CA, "CA:FALSE"),
        ("version 3 without extensions", root_use.NO_CA, "without basicConstraints"),
        ("keyUsage of nine bits", None, ""),
        ("Ed448", root_use.KEY, "unknown to Go"),
        ("DSA", root_use.KEY, "unimplemented"),
        ("RSA 512", root_use.KEY, "512-bit"),
        ("extension unknown and critical", root_use.EXTENSION, "1.2.3.4"),
    ],
)
def test_a_root_may_be_of_no_use(what: str, kind: str | None, words: str) -> None:
    """Go loads it and can never verify a server with it; the good twin can be used."""
    unfit = root_use.unfit(certificate(what), NOW)
    assert (unfit and unfit.kind) == kind
    assert words in (unfit.text if unfit else "")


def test_a_root_may_be_meant_for_other_things() -> None:
    """Key usage without certificate signing, and purposes without TLS servers."""
    signs_lists = der.extension("2.5.29.15", der.bits(b"\x02", 1))
    for_clients = der.extension("2.5.29.37", der.seq(der.oid("1.3.6.1.5.5.7.3.2")))
    for extension, kind in ((signs_lists, root_use.NO_CA), (for_clients, root_use.PURPOSE)):
        made = parse(der.certificate(extensions=[der.constraints(), extension]), NEWEST)
        assert isinstance(made, Certificate)
        unfit = root_use.unfit(made, NOW)
        assert unfit
        assert unfit.kind == kind


def test_an_inspection_tells_everything(root: Path) -> None:
    """The published shape, down to the reasons."""
    lay(
        root,
        {ALPINE: A + der.pem(ODD["expired"].data) + KEY + b"-----BEGIN X-----\n", f"{CERTS}/x": Link("y")},
    )
    answer = inspect(Facts(targets.at_root(str(root), {}), go=NEWEST), NOW)
    assert answer["go"] == "go1.27.3"
    assert [(found["line"], found["usable"], found["why_not"]) for found in answer["roots"]] == [
        (1, True, None),
        (1 + A.count(b"\n"), False, "expired on 2000-01-01T00:00:00Z"),
    ]
    assert answer["roots"][0]["subject"] == "CN=A"
    assert answer["roots"][0]["file"] == ALPINE
    assert answer["roots"][0]["not_after"] == "2049-12-31T23:59:59Z"
    key = 1 + (A + der.pem(ODD["expired"].data)).count(b"\n")
    assert answer["skipped"] == [
        {"file": ALPINE, "line": key, "reason": "its label is PRIVATE KEY"},
        {"file": ALPINE, "line": key + 3, "reason": "no END line follows"},
    ]
    assert answer["sources"][-2] == {
        "path": f"{CERTS}/x",
        "kind": "entry",
        "outcome": "ignored",
        "detail": "a link to y, beside it",
    }


def test_fallback_roots_are_a_source(root: Path) -> None:
    """Roots that are compiled in are told only where they are used."""
    go = Go((1, 27, 3), "binary", fallback_roots=True)
    answer = inspect(Facts(targets.at_root(str(root), {}), go=go), NOW)
    assert answer["sources"][-1] == {"path": None, "kind": "fallback", "outcome": "compiled in"}
    lay(root, {ALPINE: A})
    answer = inspect(Facts(targets.at_root(str(root), {}), go=go), NOW)
    assert answer["sources"][-1]["kind"] == "directory"


RHEL, EXTRACTED = "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"
LINKED: dict[str, Content] = {
    EXTRACTED: A + KEY + B,
    f"{RHEL}/ca-bundle.crt": Link(EXTRACTED),
    f"{RHEL}/again.pem": Link(EXTRACTED),
    f"{RHEL}/one.pem": A,
    f"{RHEL}/odd.pem": KEY,
    "/etc/ssl/certs": Link(RHEL),
}


@pytest.mark.parametrize("minor", [21, 24, 27])
def test_what_is_read_once_counts_as_often_as_go_reads_it(tmp_path: Path, minor: int) -> None:
    """One file by many names, and one directory by two: as if each name were a file of its own."""
    copies: dict[str, Content] = {
        path: LINKED[EXTRACTED] if isinstance(content, Link) else content
        for path, content in LINKED.items()
        if path != "/etc/ssl/certs"
    }
    copies |= {path.replace(RHEL, "/etc/ssl/certs"): text for path, text in copies.items() if RHEL in path}
    loads = []
    for name, tree in (("linked", LINKED), ("copies", copies)):
        lay(tmp_path / name, tree)
        loads.append(trust.load(targets.at_root(str(tmp_path / name), {}), Go((1, minor, 0), "as-go", {})))
    assert loads[0] == loads[1]
    assert sum(source.outcome == READ and source.kind == "entry" for source in loads[0].sources) >= 6


class Recorded:
    """A file tree that writes down which files were opened."""

    def __init__(self, files: Files) -> None:
        self._files, self.opened = files, list[str]()

    def open(self, path: str) -> BinaryIO:
        self.opened.append(path)
        return self._files.open(path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._files, name)


def test_a_linked_bundle_is_read_once(tmp_path: Path) -> None:
    """By the bundle's own name, by links in two directories, and by two names of one directory."""
    lay(tmp_path, LINKED)
    target = targets.at_root(str(tmp_path), {})
    seen = Recorded(target.files)
    assert len(trust.load(target._replace(files=seen), NEWEST).roots) == 2
    assert seen.opened[0] == DEBIAN  # which is not there
    assert len(seen.opened) == 4
