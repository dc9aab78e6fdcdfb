"""The parts that all tests of containers stand on."""

from pathlib import Path

from tests.containers.engine import LABEL, Engine, docker, remove_all


def test_a_container_runs(engine: Engine, debian: str) -> None:
    """Exit code and both streams come back, and there is no network."""
    done = engine.run(debian, "sh", "-c", "cat /proc/net/route | wc -l; echo no >&2; exit 7")
    assert (done.code, done.out, done.err) == (7, "1\n", "no\n")


def test_a_file_is_replaced_in_a_running_container(engine: Engine, debian: str) -> None:
    """What is put there is what a process inside reads."""
    container = engine.start(debian, "sleep", "60")
    container.put("/etc/motd", b"new\n", 0o600)
    assert container.exec("cat", "/etc/motd").out == "new\n"
    assert container.exec("stat", "-c", "%a %u", "/etc/motd").out == "600 0\n"


def test_everything_of_a_run_is_removed(engine: Engine, tmp_path: Path) -> None:
    """Containers that still run, stopped ones and images, and nothing of another run."""
    other = Engine(f"{engine.run_id}-other")
    for one in (engine, other):
        (tmp_path / "Dockerfile").write_text(f"FROM scratch\nCOPY Dockerfile /{one.run_id}\n")
        docker("create", "--label", f"{LABEL}={one.run_id}", one.build(tmp_path, "empty"), "/none")
    remove_all(other.run_id)
    label = "label=" + LABEL + "={}"
    for kind in ("ps", "images"):
        options = ("--all",) if kind == "ps" else ()
        assert not docker(kind, *options, "--quiet", "--filter", label.format(other.run_id)).out
        assert docker(kind, *options, "--quiet", "--filter", label.format(engine.run_id)).out
