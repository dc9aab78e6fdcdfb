"""Variables that name nothing because of how they are written: the fix keeps what was meant."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from probe import codes
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


@pytest.mark.parametrize("value", ["/opt/a;/gone", "~/ca.pem", "$HOMER/ca.pem", "/empty /empty", "\0", "a/b"])
def test_nothing_is_guessed_where_it_is_not_there(root: Path, value: str) -> None:
    """Half a list, no home, a directory without a root: the usual ways."""
    lay(root, {**OWN, "/empty": DIRECTORY})
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        for finding in judge(looking(root, {variable: value})):
            lines = [way.text for way in finding.remedies]
            assert not any(line.startswith(f"ENV {variable}=/") for line in lines), lines
