"""Variables that name nothing because of how they are written: the fix keeps what was meant."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from probe import codes
from probe.remedies import meant
from tests.checks.ca_bundle.bundles import PASS, judge, looking
from tests.golang.root_worlds import A
from tests.support.worlds import DIRECTORY, Content, lay

OWN: Mapping[str, Content] = {"/opt/a/one.crt": A, "/opt/b/two.pem": A, "/root/ca.pem": A}


@pytest.mark.parametrize(
    ("variable", "value", "right"),
    [
        ("SSL_CERT_DIR", "/opt/a;/opt/b", "/opt/a:/opt/b"),
        ("SSL_CERT_DIR", "/opt/a,/opt/b", "/opt/a:/opt/b"),
        ("SSL_CERT_DIR", "/opt/a /opt/b", "/opt/a:/opt/b"),
        ("SSL_CERT_DIR", '"/opt/a:/opt/b"', "/opt/a:/opt/b"),
        ("SSL_CERT_DIR", " /opt/a", "/opt/a"),
        ("SSL_CERT_DIR", "/opt/a/*", "/opt/a"),
        ("SSL_CERT_DIR", "/opt/a/one.crt", "/opt/a"),
        ("SSL_CERT_DIR", "$HOME", "/root"),
        ("SSL_CERT_FILE", '"/opt/b/two.pem"', "/opt/b/two.pem"),
        ("SSL_CERT_FILE", "/opt/b/two.pem\n", "/opt/b/two.pem"),
        ("SSL_CERT_FILE", "~/ca.pem", "/root/ca.pem"),
        ("SSL_CERT_FILE", "${HOME}/ca.pem", "/root/ca.pem"),
        ("SSL_CERT_FILE", "file:///opt/b/two.pem", "/opt/b/two.pem"),
    ],
)
def test_the_paths_that_were_meant_are_kept(root: Path, variable: str, value: str, right: str) -> None:
    """No public bundle is offered in their place: it would lose a private CA. The line is enough."""
    lay(root, OWN)
    env = {"HOME": "/root"}
    (finding,) = judge(looking(root, {**env, variable: value}))
    assert finding.remedies[0].text == f"ENV {variable}={right}"
    assert not any("COPY" in way.text for way in finding.remedies)
    (after,) = judge(looking(root, {**env, variable: right}))
    assert (after.status, after.code) == (PASS, codes.CA_BUNDLE_OK)


def test_an_entry_that_is_right_stays(root: Path) -> None:
    """Beside roots that are found it is a warning, with the same line."""
    lay(root, OWN)
    found = judge(looking(root, {"SSL_CERT_DIR": "/opt/a: /opt/b"}))
    (warned,) = (finding for finding in found if finding.code is codes.SSL_CERT_DIR_MISSING)
    assert warned.remedies[0].text == "ENV SSL_CERT_DIR=/opt/a:/opt/b"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SSL_CERT_FILE", '"/opt/b/two.pem"', "the quotes are part of the path"),
        ("SSL_CERT_FILE", "/gone\r", "the carriage return at its end is part of the path"),
        ("SSL_CERT_FILE", " /gone", "the whitespace around it is part of the path"),
        ("SSL_CERT_FILE", "~/gone", 'only a shell replaces "~"'),
        ("SSL_CERT_FILE", "${HOME}/gone", 'only a shell replaces "$"'),
        ("SSL_CERT_FILE", "file:///gone", "Go takes a path, not a URL"),
        ("SSL_CERT_FILE", "/opt/b/two.pem:/gone", "Go takes one path, not a list"),
        ("SSL_CERT_DIR", "/opt/a;/opt/b", 'only ":" separates directories'),
        ("SSL_CERT_DIR", "/opt/a/*", 'only a shell expands "*"'),
        ("SSL_CERT_DIR", "/gone", "which does not exist"),
    ],
)
def test_the_cause_says_what_is_no_part_of_the_path(root: Path, variable: str, value: str, said: str) -> None:
    """Whether or not the intended path is there; and nothing is put at the path as it stands."""
    lay(root, OWN)
    finding = judge(looking(root, {"HOME": "/root", variable: value}))[0]
    assert f"{said}" in finding.cause
    copies = [way.text for way in finding.remedies if "COPY" in way.text and value.strip("/") in way.text]
    assert not copies or said == "which does not exist"


@pytest.mark.parametrize("value", ["/opt/a;/gone", "~/ca.pem", "$HOMER/ca.pem", "/empty /empty", "\0", "a/b"])
def test_nothing_is_guessed_where_it_is_not_there(root: Path, value: str) -> None:
    """Half a list, no home, a directory without a root: the usual ways."""
    lay(root, {**OWN, "/empty": DIRECTORY})
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        for finding in judge(looking(root, {variable: value})):
            lines = [way.text for way in finding.remedies]
            assert not any(line.startswith(f"ENV {variable}=/") for line in lines), lines


def test_a_value_of_nothing_but_blanks_costs_nothing() -> None:
    """As long as the kernel lets a variable be: a search that goes back at each blank took two minutes."""
    began = time.thread_time()
    assert meant.slip("SSL_CERT_FILE", f"/a/{' ' * (128 << 10)}b/c") == ""
    assert time.thread_time() - began < 1
