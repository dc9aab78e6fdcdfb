"""`probe inspect downloads`: whom Go would ask, unjudged; nobody is called."""

import json
import time

import pytest

from probe.facts import Facts
from probe.golang.command import modulefetch, prefixes
from probe.golang.command.modulefetch import ModuleVersion
from probe.golang.release import NEWEST
from probe.inspect import downloads
from tests.support.commands import MakeTarget, RunProbe

MODULE = ModuleVersion("example.com/M", "v1.0.0")


def test_each_entry_in_its_order(make_target: MakeTarget) -> None:
    """What is asked for, through which proxy, and after which failures Go goes on; no credential."""
    target = make_target(
        GOPROXY="https://me:s3cret@p.example:8443/go?key=s3cret|http://q.example,file:///srv/x,direct",
        HTTPS_PROXY="http://u:s3cret@proxy:3128",
        NO_PROXY="q.example",
        HTTP_PROXY="http://other",
    )
    answer = downloads.inspect(Facts(target, go=NEWEST), MODULE)
    assert "s3cret" not in json.dumps(answer)
    assert answer["private"] is False
    assert answer["error"] is None
    assert [entry["next_after"] for entry in answer["entries"]] == ["any", "404", "404", None]
    assert [entry["proxy"] for entry in answer["entries"]] == [
        "http://proxy:3128 (HTTPS_PROXY)",
        None,
        None,
        None,
    ]
    assert [entry["url"] for entry in answer["entries"]] == [
        "https://p.example:8443/go/example.com/%21m/@v/v1.0.0.info?***",
        "http://q.example/example.com/%21m/@v/v1.0.0.info",
        "/srv/x/example.com/!m/@v/v1.0.0.info",
        None,
    ]


def test_a_private_module_goes_to_its_origin(make_target: MakeTarget) -> None:
    """GOPRIVATE turns the list into `direct`."""
    answer = downloads.inspect(Facts(make_target(GOPROXY="off", GOPRIVATE="*.com"), go=NEWEST), MODULE)
    assert (answer["private"], [entry["entry"] for entry in answer["entries"]]) == (True, ["direct"])


def test_a_list_that_go_refuses(make_target: MakeTarget) -> None:
    """In Go's words."""
    answer = downloads.inspect(Facts(make_target(GOPROXY="nonsense"), go=NEWEST), MODULE)
    assert answer["error"] == "invalid proxy URL missing scheme"


def test_as_a_user_runs_it(run_probe: RunProbe) -> None:
    """A module without its version is a wrong call."""
    done = run_probe("inspect", "downloads", "example.com/M@v1.0.0", GOPROXY="off")
    assert json.loads(done.out)["entries"][0]["entry"] == "off"
    for call in (("downloads",), ("downloads", "example.com/m"), ("downloads", "x@v1.0.0")):
        assert run_probe("inspect", *call).code == 64


@pytest.mark.parametrize(
    ("text", "module"),
    [
        ("example.com/m@v1.0.0", ModuleVersion("example.com/m", "v1.0.0")),
        ("gopkg.in/yaml.v3@v3.0.1-RC1", ModuleVersion("gopkg.in/yaml.v3", "v3.0.1-RC1")),
        ("example.com/m@v2.0.0+incompatible", ModuleVersion("example.com/m", "v2.0.0+incompatible")),
        ("example.com/m@v1.0", None),
        ("example.com/m@latest", None),
        ("example.com/../m@v1.0.0", None),
        ("m@v1.0.0", None),
        ("example.com/m@v1.0.0\n", None),
    ],
)
def test_a_module_and_its_version(text: str, module: ModuleVersion | None) -> None:
    """Only what is complete."""
    assert modulefetch.parse(text) == module


@pytest.mark.parametrize(
    ("pattern", "path", "holds"),
    [
        ("*a" * 2000 + "b", "a" * 2000, False),
        ("*a" * 100, "a" * 200, True),
        ("*" * 100_000, "a" * 200, True),
        ("?" * 100_000, "a" * 200, False),
        ("[" * 100_000, "a" * 200, False),
        ("[a-" * 30_000, "a" * 200, False),
        ("*/*", "example.com/m", True),
        ("*x", "example.com/x", False),
    ],
)
def test_a_hostile_pattern_takes_no_time(pattern: str, path: str, holds: bool) -> None:
    """The way through a pattern of path.Match does not branch, however long it is."""
    begin = time.process_time()
    assert prefixes.matches(pattern, path) is holds
    assert time.process_time() - begin < 1
