"""The opt-in check `image`: real archives with real programs in them."""

from pathlib import Path
from typing import Any

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.image import Image as Check
from probe.codes import Code
from probe.config import load
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Finding, Status
from probe.targets import Target
from probe.targets.image import of_image
from tests.support.commands import MakeTarget, RunProbe
from tests.support.images import Image, file, tarred, write_tar
from tests.support.toolchains import Toolchain

SOURCE = 'package main\nfunc main() { println("hello") }\n'
SCRIPT = b"#!/bin/sh\n"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, go_newest: Toolchain) -> bytes:
    """A static program of Go."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "main.go").write_text(SOURCE)
    return go_newest.build(folder / "main.go", folder / "app").read_bytes()


@pytest.fixture(scope="module")
def dynamic(tmp_path_factory: pytest.TempPathFactory, go_newest: Toolchain) -> bytes:
    """The same, built so that it asks for a dynamic loader."""
    folder = tmp_path_factory.mktemp("dynamic")
    (folder / "main.go").write_text(SOURCE)
    built = go_newest.build(
        folder / "main.go", folder / "app", "-buildmode=pie", "-ldflags=-linkmode=internal"
    )
    return built.read_bytes()


def saved(path: Path, content: bytes, layers: int = 1) -> Path:
    tars = [tarred([file(f"file-{number}", b"x")]) for number in range(layers - 1)]
    image = Image([tarred([file("app", content, 0o755)]), *tars], Entrypoint=["/app"])
    return write_tar(path / "image.tar", image.saved())


def look(target: Target, **settings: Any) -> list[Finding]:
    run = Run(Deadline(60), "all", 1.8e9, Facts(target, go=NEWEST), lambda phase: None)
    return list(Check(**settings).run(target, run))


def found(findings: list[Finding], code: Code) -> Finding:
    (one,) = (finding for finding in findings if finding.code is code)
    return one


def test_image_within_the_policy(tmp_path: Path, program: bytes) -> None:
    """Few layers, a small static program: both are said."""
    findings = look(of_image(str(saved(tmp_path, program))))
    assert [finding.code for finding in findings] == [codes.IMAGE_LAYERS_OK, codes.IMAGE_BINARY_OK]
    assert all(finding.status is Status.PASS for finding in findings)
    assert findings[1].evidence["static"] is True


def test_too_many_layers(tmp_path: Path, program: bytes) -> None:
    """One more than allowed fails, as many as allowed do not."""
    target = of_image(str(saved(tmp_path, program, layers=6)))
    one = found(look(target), codes.IMAGE_LAYERS_TOO_MANY)
    assert one.status is Status.FAIL
    assert one.cause == "the image has 6 layers, more than the 5 that are allowed"
    assert len(one.evidence["sizes"]) == 6
    assert found(look(target, max_layers=6), codes.IMAGE_LAYERS_OK).status is Status.PASS


def test_too_large_a_program(tmp_path: Path, program: bytes) -> None:
    """The size of the program, not of the image, is judged."""
    target = of_image(str(saved(tmp_path, program)))
    one = found(look(target, max_binary_mb=1.0), codes.IMAGE_BINARY_TOO_LARGE)
    assert one.status is Status.FAIL
    assert "-ldflags" in one.remedy
    assert found(look(target, max_binary_mb=45), codes.IMAGE_BINARY_OK).evidence["bytes"] == len(program)


@pytest.mark.sweep
def test_program_that_needs_a_loader(tmp_path: Path, dynamic: bytes) -> None:
    """What asks for a dynamic loader fails where the policy wants it static."""
    target = of_image(str(saved(tmp_path, dynamic)))
    one = found(look(target), codes.IMAGE_BINARY_DYNAMIC)
    assert "/ld-linux" in one.cause or "/ld-musl" in one.cause
    assert "CGO_ENABLED=0" in one.remedy
    assert found(look(target, static=False), codes.IMAGE_BINARY_OK).evidence["static"] is False


def test_program_that_cannot_be_judged(tmp_path: Path) -> None:
    """A script, or nothing at all, is unknown, never a pass."""
    script = of_image(str(saved(tmp_path, SCRIPT)))
    assert found(look(script), codes.IMAGE_BINARY_UNKNOWN).status is Status.UNKNOWN
    one = found(look(script._replace(executable="")), codes.IMAGE_BINARY_UNKNOWN)
    assert "the program that the image starts is unknown" in one.cause


def test_layers_of_a_directory_are_unknown(make_target: MakeTarget, program: bytes) -> None:
    """Elsewhere than in an archive nobody can count them."""
    target = make_target({"app": program})._replace(executable="/app")
    findings = look(target)
    assert found(findings, codes.IMAGE_LAYERS_UNKNOWN).status is Status.UNKNOWN
    assert found(findings, codes.IMAGE_BINARY_OK).status is Status.PASS


@pytest.mark.parametrize(
    ("sets", "runs"),
    [
        ([], False),
        (["image.max_layers=3"], True),
        (['checks=["timezone"]', "image.max_layers=3"], False),
        (['checks=["image"]'], True),
    ],
)
def test_runs_only_where_it_is_configured(sets: list[str], runs: bool) -> None:
    """A key of its table or its name in `checks` turns it on; otherwise nobody misses it."""
    settings = load.load(environ={}, sets=sets, system_file="/no/such/file")
    assert ("image" in settings.enabled) is runs
    assert "image" not in settings.left_out


def test_command_over_an_archive(tmp_path: Path, program: bytes, run_probe: RunProbe) -> None:
    """From the archive to the exit code."""
    path = str(saved(tmp_path, program, layers=3))
    good = run_probe("check", "--image", path, "--only", "image")
    assert (good.code, good.err) == (0, "")
    bad = run_probe("check", "--image", path, "--only", "image", "--set", "image.max_layers=2")
    assert bad.code == 1
    assert bad.out.startswith("unhealthy: IMAGE_LAYERS_TOO_MANY")
