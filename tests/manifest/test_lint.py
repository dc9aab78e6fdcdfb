"""What `probe manifest --lint` finds, and what it leaves alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from probe.cli.arguments import ParsedArgs
from probe.cli.manifest import interpreter
from probe.manifest.lint import lint
from probe.manifest.rules import RULES
from tests.manifest.mistakes import MISTAKES
from tests.manifest.samples import SAMPLES, STARTUP, Sample, exec_of, pod
from tests.support.commands import RunProbe

OURS = interpreter(ParsedArgs({}, ()))


@pytest.mark.parametrize("sample", SAMPLES + MISTAKES, ids=lambda sample: f"{sample.rule}-{sample.file}")
def test_what_hurts_is_found_and_its_twin_is_not(tmp_path: Path, sample: Sample) -> None:
    """Exactly the one rule, on its line; the twin has nothing at all."""
    file = tmp_path / sample.file
    file.write_text(sample.wrong)
    assert [(found.name, found.line) for found in lint(str(file), OURS)] == [(sample.rule, sample.line)]
    file.write_text(sample.right)
    assert lint(str(file), OURS) == []


def test_every_rule_has_its_sample() -> None:
    """No rule without a file that breaks it."""
    assert {sample.rule for sample in SAMPLES + MISTAKES} == set(RULES)


def test_a_line_tells_where_what_and_how(tmp_path: Path, run_probe: RunProbe) -> None:
    """FILE:LINE: NAME: what; fix: how. Exit 1 for what hurts, 0 for nothing and for a note."""
    (tmp_path / "Dockerfile").write_text('FROM scratch\nHEALTHCHECK --timeout=2s CMD ["/probe"]\n')
    (tmp_path / "Containerfile").write_text('FROM a\nHEALTHCHECK --timeout=3s CMD ["/a"]\n')
    (tmp_path / "pod.yaml").write_text(pod(STARTUP))
    files = ("--lint", "Dockerfile", "--lint", "pod.yaml", "--lint", "Containerfile")
    done = run_probe("manifest", *files, cwd=str(tmp_path))
    assert (done.code, done.err) == (1, "")
    for line in done.out.splitlines():
        assert re.fullmatch(r"(Docker|Container)file:2: (note: )?[A-Z_]+: [^;]+; fix: .+", line)
    names = [line.split(": ")[1] for line in done.out.splitlines()]
    assert names == ["PROBE_MISSING", "TIMEOUT_UNDER_DEADLINE", "note"]
    assert run_probe("manifest", *files[2:], cwd=str(tmp_path)).code == 0
    assert run_probe("manifest", *files[2:4], cwd=str(tmp_path)) == (0, "", "")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ((), []),
        (("--timeout", "6"), ["TIMEOUT_UNDER_DEADLINE"]),
        (("--set", "timeout_s=6"), ["TIMEOUT_UNDER_DEADLINE"]),
        (("--set", 'ca-bundle.handshake_roles=["ready"]'), ["HANDSHAKE_ON_READINESS"]),
        (("--set", 'ca-bundle.handshake_roles=["ready"]', "--skip", "ca-bundle"), []),
    ],
)
def test_our_settings_count(
    tmp_path: Path, run_probe: RunProbe, options: tuple[str, ...], names: list[str]
) -> None:
    """A file is judged by the settings that its containers will have."""
    (tmp_path / "pod.yaml").write_text(
        pod(exec_of("readinessProbe", "probe, check, --role, ready") + STARTUP)
    )
    done = run_probe("manifest", "--lint", "pod.yaml", *options, cwd=str(tmp_path))
    assert sorted({line.split(": ")[1] for line in done.out.splitlines()}) == names


def test_a_policy_stands_for_the_file_that_is_named(tmp_path: Path) -> None:
    """--config in a manifest is a path of the container; ours is read instead."""
    (tmp_path / "ours.toml").write_text("timeout_s = 9\n")
    (tmp_path / "pod.yaml").write_text(
        pod(exec_of("startupProbe", "probe, check, --config, /etc/theirs.toml"))
    )
    found = lint(
        str(tmp_path / "pod.yaml"), interpreter(ParsedArgs({"--config": [str(tmp_path / "ours.toml")]}, ()))
    )
    assert [one.name for one in found] == ["TIMEOUT_UNDER_DEADLINE"]
    assert "9 s" in found[0].what


@pytest.mark.parametrize(
    "kind",
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "PodTemplate", "List", "Pod"],
)
def test_every_kind_with_pods_is_looked_into(tmp_path: Path, kind: str) -> None:
    """The pod of each kind of workload, in a document that is not the first."""
    bare = "containers: [{name: a, startupProbe: {exec: {command: [probe]}}}]"
    template = f"template: {{spec: {{{bare}}}}}"
    bodies = {
        "Pod": f"spec: {{{bare}}}",
        "PodTemplate": template,
        "CronJob": f"spec: {{jobTemplate: {{spec: {{{template}}}}}}}",
        "List": f"items: [{{kind: Pod, spec: {{{bare}}}}}]",
    }
    body = bodies.get(kind, f"spec: {{{template}}}")
    (tmp_path / "a.yml").write_text(
        f"apiVersion: v1\nkind: ConfigMap\n---\napiVersion: v1\nkind: {kind}\n{body}\n"
    )
    found = lint(str(tmp_path / "a.yml"), OURS)
    assert [(one.name, one.line) for one in found] == [("TIMEOUT_UNDER_DEADLINE", 6)]


def test_merged_and_repeated_parts_are_seen(tmp_path: Path) -> None:
    """Anchors, aliases and merge keys, as compose files have them."""
    (tmp_path / "c.yaml").write_text(
        "x-check: &check\n  test: [CMD, probe, check]\n  timeout: 9s\n"
        "services:\n  a:\n    healthcheck: *check\n"
        "  b:\n    healthcheck:\n      <<: *check\n      timeout: 1s\n"
    )
    found = lint(str(tmp_path / "c.yaml"), OURS)
    assert [(one.name, one.line) for one in found] == [("TIMEOUT_UNDER_DEADLINE", 10)]


def test_stdin_is_read(tmp_path: Path) -> None:
    """As in `kubectl kustomize | probe manifest --lint -`."""
    for text, code in ((pod(STARTUP), 0), (pod("startupProbe: {exec: {command: [probe]}}\n"), 1)):
        done = subprocess.run(
            [sys.executable, "-m", "probe", "manifest", "--lint", "-"],
            input=text,
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (code, "")
        assert done.stdout.startswith("stdin:7: TIMEOUT") == bool(code)


def test_a_pipe_of_the_shell_is_known_by_its_content(tmp_path: Path) -> None:
    """`--lint <(kubectl kustomize .)` and a Dockerfile on stdin: neither has a name that tells."""
    (tmp_path / "right").write_text('# syntax=a\nFROM a\nHEALTHCHECK --timeout=6s CMD ["probe"]\n')
    (tmp_path / "wrong").write_text(pod("startupProbe: {exec: {command: [probe]}}\n"))
    script = f"""
        {sys.executable} -m probe manifest --lint <(cat {tmp_path}/wrong); echo $?
        {sys.executable} -m probe manifest --lint - < {tmp_path}/right; echo $?"""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert re.fullmatch(r"/dev/fd/\d+:7: TIMEOUT_UNDER_DEADLINE: .*\n1\n0\n", done.stdout), done


def test_a_fifo_without_a_writer_is_named(tmp_path: Path, run_probe: RunProbe) -> None:
    """It ends soon, says why, and holds nobody."""
    os.mkfifo(tmp_path / "deploy.yaml")
    done = run_probe("manifest", "--lint", "deploy.yaml", cwd=str(tmp_path))
    assert (done.code, done.out) == (64, "")
    assert "does not end within 5 s; name a file" in done.err
