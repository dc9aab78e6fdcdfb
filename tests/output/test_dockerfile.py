"""`probe check --fix dockerfile`: the remedies as lines of a Dockerfile."""

from pathlib import Path

from tests.support.commands import RunProbe
from tests.support.worlds import File, lay
from tests.support.zonefiles import reference


def test_the_remedies_are_lines_of_a_dockerfile(run_probe: RunProbe, root: Path) -> None:
    """Each instruction once, its cause above it; what is none is a comment. The exit code stays."""
    (root / "etc").mkdir()
    only = ("--only", "ca-bundle", "--only", "timezone", "--as-go", "1.27.3", "--role", "ready")
    told = run_probe("check", "--root", str(root), "--env", 'TZ="Asia/Tokyo"', *only, "--fix", "dockerfile")
    assert told.code == 1
    lines = told.out.splitlines()
    assert "COPY --from=alpine /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/" in lines
    assert "ENV TZ=Asia/Tokyo" in lines
    assert any(line.startswith("# CA_BUNDLE_MISSING: ") for line in lines)
    assert all(line.split(" ", 1)[0] in ("#", "COPY", "ENV", "RUN") for line in lines)


def test_commands_are_of_root_and_the_user_comes_back(run_probe: RunProbe, root: Path) -> None:
    """A RUN after USER would be of that user, who may not; of root, and of COPY alone, no line is needed."""
    lay(root, {"/bin/sh": b"", "/bin/chmod": b"", "/etc/localtime": File(reference("Asia/Tokyo"), 0o600)})
    command = ("check", "--root", str(root), "--only", "timezone", "--as-go", "1.27.3", "--fix", "dockerfile")
    told = run_probe(*command, "--user", "65532:65531").out.splitlines()
    assert [line for line in told if not line.startswith("#")] == [
        "USER root",
        "RUN chmod a+r /etc/localtime",
        "USER 65532:65531",
    ]
    (root / "etc/localtime").unlink()
    told = run_probe(*command, "--user", "65532", "--env", "TZ=Asia/Tokyo").out.splitlines()
    assert told
    assert not any(line.startswith("USER") for line in told)


def test_a_newer_go_begins_no_stage_at_the_end(run_probe: RunProbe, root: Path) -> None:
    """FROM is told as a comment: pasted with the others it would make what follows another image."""
    lay(root, {"/bin/sh": b"", "/bin/chmod": b"", "/etc/localtime": File(reference("Asia/Tokyo"), 0o600)})
    lay(root, {"/usr/local/go/VERSION": b"go1.20.1\n", "/usr/local/go/bin/go": File(b"", 0o755)})
    only = ("--only", "go-version,timezone", "--user", "65532")
    told = run_probe("check", "--root", str(root), *only, "--fix", "dockerfile").out.splitlines()
    assert any(line.startswith("# ") and "FROM golang:" in line for line in told), told
    assert not any(line.startswith("FROM") for line in told)
    assert "RUN chmod a+r /etc/localtime" in told


def test_of_a_sound_container_there_is_nothing_to_paste(run_probe: RunProbe, root: Path) -> None:
    """The twin: no line."""
    zone = root / "usr/share/zoneinfo/Asia/Tokyo"
    zone.parent.mkdir(parents=True)
    zone.write_bytes(reference("Asia/Tokyo"))
    done = run_probe(
        *("check", "--root", str(root), "--env", "TZ=Asia/Tokyo", "--only", "timezone"),
        *("--as-go", "1.27.3", "--fix", "dockerfile"),
    )
    assert (done.code, done.out) == (0, "")


def test_it_prints_no_report(run_probe: RunProbe) -> None:
    """With a format there would be two things to print."""
    done = run_probe("check", "--fix", "dockerfile", "--format", "json")
    assert done.code == 64
    assert "--fix prints no report" in done.err
