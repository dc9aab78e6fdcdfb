"""Which Go is judged, and with which settings."""

from pathlib import Path

import pytest

from probe.errors import UsageError
from probe.facts import Facts
from probe.golang.release import NEWEST, Go, ProgramZones
from probe.targets import Target, access
from probe.targets.host_fs import HostFiles
from probe.targets.processes import Processes
from tests.golang.builds import HELLO, ZONES, build, module, with_roots, without_build_info
from tests.support.commands import MakeTarget
from tests.support.toolchains import Toolchain


def determine(target: Target, as_go: str = "", program: str = "", patience_s: float = 0.0) -> Go:
    """What every check of a run gets."""
    return Facts(target, as_go=as_go, program=program, patience_s=patience_s).go()


def data(path: Path) -> bytes:
    return path.read_bytes()


def test_nothing_at_all_is_judged_as_the_newest(make_target: MakeTarget) -> None:
    """With the environment's GODEBUG."""
    assert determine(make_target()) == NEWEST
    found = determine(make_target(GODEBUG="x509negativeserial=1"))
    assert found == NEWEST._replace(godebug={"x509negativeserial": "1"})


def test_a_toolchain_is_better_than_nothing(make_target: MakeTarget, root: Path, go_1_24: Toolchain) -> None:
    """Its own baked-in settings are the go command's."""
    target = make_target({"usr/local/go/bin/go": data(go_1_24.go)}, PATH="/usr/local/go/bin", GODEBUG="a=1")
    (root / "usr/local/go/bin/go").chmod(0o755)
    assert determine(target) == Go((1, 24, 11), "toolchain", {"a": "1"})


def test_a_wrapper_is_asked_where_it_may_be_run(tmp_path: Path, go_1_21: Toolchain) -> None:
    """Its files tell nothing; where it may not be run, or says something else, the newest is judged."""
    shim = tmp_path / "go"
    env = {"PATH": str(tmp_path), "GODEBUG": "a=1"}
    with Processes() as processes:
        target = Target("here", HostFiles(), env, "/", access.ourselves(), (), "", processes)
        for script, release in ((f'exec {go_1_21.go} "$@"', (1, 21, 13)), ("echo hello", NEWEST.release)):
            shim.write_text(f"#!/bin/sh\n{script}\n")
            shim.chmod(0o755)
            assert determine(target, patience_s=10).release == release
    assert determine(target._replace(processes=None), patience_s=10).source == "default"


@pytest.mark.sweep
def test_the_workload_is_better_than_a_toolchain(
    make_target: MakeTarget, root: Path, go_newest: Toolchain
) -> None:
    """It is what serves; by default the target's own executable, else the one that is named."""
    old, new = build("1.21.13", module()), build("1.24.11", module(go="1.24"))
    files = {"usr/local/go/bin/go": data(go_newest.go), "old": data(old), "new": data(new)}
    target = make_target(files, PATH="/usr/local/go/bin")._replace(executable="/old")
    (root / "usr/local/go/bin/go").chmod(0o755)
    own, other = determine(target), determine(target, program="/new")
    assert own == Go((1, 21, 13), "binary", program="/old", zones=own.zones, cgo="0")
    assert other == Go((1, 24, 11), "binary", program="/new", zones=other.zones, cgo="0")
    assert determine(target._replace(executable=""), "").release == (1, 27, 3)


def test_as_go_is_better_than_all(make_target: MakeTarget) -> None:
    """What is linked in stays; what was baked in belongs to another release and does not."""
    target = make_target({"app": data(build("1.27.3", module(ZONES, go="1.22")))}, GODEBUG="a=1")
    target = target._replace(executable="/app")
    assert determine(target).debug("x509negativeserial") == "1"
    found = determine(target, "1.24")
    expected = Go(
        (1, 24, 0), "as-go", {"a": "1"}, embedded_tzdata=True, program="/app", zones=found.zones, cgo="0"
    )
    assert found == expected
    assert found.zones.archive.startswith(b"PK")
    assert determine(target, "go1.25.5").release == (1, 25, 5)
    for text, newest in (("1.25", True), ("go1.25.0", False), ("1.25.5", False)):
        assert determine(target, text).newest_of_line is newest
    assert determine(target, "1.28rc1").release == (1, 28, 0)


@pytest.mark.parametrize("text", ["latest", "1.", "2.0", "x1.24", "1.24.1.1", "1.9999999"])
def test_as_go_must_be_a_version(make_target: MakeTarget, text: str) -> None:
    """Anything else is wrong usage."""
    with pytest.raises(UsageError, match=r"--as-go .*not a Go version"):
        determine(make_target(), text)


def test_what_is_linked_in_is_seen(make_target: MakeTarget) -> None:
    """Fallback roots and the zone database."""
    files = {
        "roots": data(build("1.27.3", with_roots("golang.org/x/crypto/x509roots/fallback"))),
        "zones": data(build("1.27.3", module(ZONES))),
        "plain": data(build("1.27.3", {"main.go": HELLO})),
    }
    target = make_target(files)
    seen = {name: determine(target, program=f"/{name}") for name in files}
    assert {name: (go.fallback_roots, go.embedded_tzdata) for name, go in seen.items()} == {
        "roots": (True, False),
        "zones": (False, True),
        "plain": (False, False),
    }


def test_the_environment_overrides_what_was_baked_in(make_target: MakeTarget) -> None:
    """Key by key; an empty value brings the release's default back."""
    target = make_target(
        {"app": data(build("1.27.3", module(go="1.22")))}, GODEBUG="x509negativeserial=,tlsmlkem=1,other=2"
    )
    found = determine(target, program="/app")
    assert found.debug("x509negativeserial") == ""
    assert found.debug("tlsmlkem") == "1"
    assert found.debug("other") == "2"
    assert found.debug("x509usepolicies") == "0"


@pytest.mark.parametrize("path", ["/nowhere", "/script", "/bare", "/folder"])
def test_a_workload_that_tells_nothing_is_passed_over(make_target: MakeTarget, root: Path, path: str) -> None:
    """Missing, a script, without build info, a directory: the next in line is judged."""
    target = make_target(
        {"script": "#!/bin/sh\n", "bare": without_build_info(data(build("1.27.3", {"main.go": HELLO})))}
    )
    (root / "folder").mkdir()
    found = determine(target._replace(executable=path))
    assert found._replace(program="", zones=ProgramZones()) == NEWEST
