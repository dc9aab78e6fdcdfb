"""Files that want to cost time or memory, or a traceback."""

import os
import re
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.cli.arguments import ParsedArgs
from probe.cli.manifest import interpreter
from probe.manifest import compose_rules, dockerfile_rules, kubernetes_rules, yaml_nodes
from probe.manifest.lint import lint
from probe.manifest.source import LIMIT, UnreadableSource
from tests.manifest.samples import SAMPLES, Sample, pod
from tests.support.commands import RunProbe

OURS = interpreter(ParsedArgs({}, ()))


def names(path: Path) -> list[str]:
    return [found.name for found in lint(str(path), OURS)]


LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{i + 1}: &a{i + 1} [{f'*a{i},' * 9}]\n" for i in range(40))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("a.yaml", b"a: " + b"[" * 5000, "UNREADABLE"),
        ("a.yaml", b"- " * 5000, "UNREADABLE"),
        ("a.yaml", b"a: &a [*a]\n", "UNREADABLE"),
        ("a.yaml", b"a: *nobody\n", "UNREADABLE"),
        ("a.yaml", b"\xff\xfe", "UNREADABLE"),
        ("a.yaml", b"a: \x00", "UNREADABLE"),
        ("a.yaml", b"%YAML 9.9\n---\n", "UNREADABLE"),
        ("a.yaml", b"!!python/object/apply:os.system [false]\n", "NOT_A_MANIFEST"),
        ("a.yaml", b"[1, 2]\n", "NOT_A_MANIFEST"),
        ("a.yaml", b"? [a, b]\n: c\n", "UNREADABLE"),
        ("a.yaml", LAUGHS.encode(), "NOT_A_MANIFEST"),
        ("a.yaml", b" " * (LIMIT + 1), "UNREADABLE"),
        ("a.yaml", b"a,\n" * (LIMIT // 3), "NOT_A_MANIFEST"),
        ("Dockerfile", b"FROM a\n" * 30_000, None),
        ("Dockerfile", b"FROM a AS a\n" * 30_000, None),
        ("Dockerfile", b"FROM a\nHEALTHCHECK CMD " + b"[" * 100_000, None),
        ("Dockerfile", b"FROM a\nHEALTHCHECK " + b"--interval " * 50_000, "DURATION_INVALID"),
        ("Dockerfile", b"FROM a\nHEALTHCHECK CMD " + b"probe|" * 50_000, None),
        ("Dockerfile", b"FROM a\nRUN " + b"<<A " * 100_000, None),
        ("Dockerfile", b"ARG A=$A$A$A\n" * 20_000 + b"FROM $A\n", None),
        ("Dockerfile", b"\\\n" * 400_000, "NOT_A_MANIFEST"),
        ("Dockerfile", b"FROM a\n" + b"RUN x\n" * (LIMIT // 6 - 2), "UNREADABLE"),
        ("Dockerfile", b"\xff", "UNREADABLE"),
        pytest.param("a.yaml", b"---\n1\n" * (LIMIT // 6), "UNREADABLE", marks=pytest.mark.sweep),
    ],
)
def test_the_answer_comes_soon(tmp_path: Path, file: str, content: bytes, expected: str | None) -> None:
    """Within seconds, and as a finding; None: whatever is found, as long as it ends."""
    path = tmp_path / file
    path.write_bytes(content)
    before = time.process_time()
    found = names(path)
    assert time.process_time() - before < 12
    if expected:
        assert expected in found


@pytest.mark.sweep
@pytest.mark.slow
def test_what_helm_renders_of_a_large_chart_is_judged(tmp_path: Path) -> None:
    """Nearly 16 MiB of objects: the one fault at the end is found."""
    fine = pod(f"image: app\nargs: [serve, {'x' * 2000}]\n")
    text = f"---\n{fine}" * ((LIMIT - 1000) // (len(fine) + 4))
    last = pod("image: probe\nargs: [sevre]\n")
    (tmp_path / "a.yaml").write_text(f"{text}---\n{last}")
    assert names(tmp_path / "a.yaml") == ["COMMAND_REFUSED"]


def test_laughs_in_a_pod_cost_nothing(tmp_path: Path) -> None:
    """What is followed is followed along a path, and a list of lists has an end."""
    items = "".join(f"- &i{n + 1} {{kind: List, items: [{f'*i{n},' * 9}]}}\n" for n in range(30))
    text = f"apiVersion: v1\nkind: List\nitems:\n- &i0 {{kind: Pod, spec: {{}}}}\n{items}"
    (tmp_path / "a.yaml").write_text(text)
    before = time.process_time()
    assert names(tmp_path / "a.yaml") == []
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: None, "no such file or directory"),
        (lambda path: path.mkdir(), "is a directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_wrong_line(
    tmp_path: Path, run_probe: RunProbe, make: object, why: str
) -> None:
    """Exit 64, one line."""
    assert callable(make)
    make(tmp_path / "a.yaml")
    done = run_probe("manifest", "--lint", str(tmp_path / "a.yaml"))
    assert (done.code, done.out, done.err.count("\n")) == (64, "", 1)
    assert why in done.err


def test_a_pipe_without_a_writer_holds_nobody(tmp_path: Path, run_probe: RunProbe) -> None:
    """It is given up; exit 64."""
    os.mkfifo(tmp_path / "a.yaml")
    done = run_probe("manifest", "--lint", str(tmp_path / "a.yaml"), timeout=40)
    assert (done.code, done.out) == (64, "")
    assert "it does not end" in done.err


def test_names_and_values_cannot_draw_on_the_terminal(tmp_path: Path, run_probe: RunProbe) -> None:
    """Control characters are made visible."""
    path = tmp_path / "a.yaml"
    path.write_text('services: {a: {healthcheck: {test: ["\\e[31mred"]}}}\n')
    done = run_probe("manifest", "--lint", str(path))
    assert done.code == 1
    assert "\x1b" not in done.out


@given(st.text(alphabet="FROM a\n#\\`<-HEALTHCHECK[]\"'$|;&{}: CMD", max_size=200))
def test_any_dockerfile_is_taken(text: str) -> None:
    """Never an exception."""
    list(dockerfile_rules.problems("Dockerfile", f"FROM a\n{text}", OURS))


@given(st.text(alphabet="a:-[]{}&*!|>\n \"'#,?0<%@`", max_size=200))
def test_any_yaml_is_taken_or_refused(text: str) -> None:
    """Nodes or Refused, nothing else."""
    with suppress(UnreadableSource):
        assert all(node.line >= 1 for node in yaml_nodes.documents(text))


PIECES = (
    "x",
    "-1",
    "'6'",
    "[]",
    "{}",
    "null",
    "~",
    "[[a]]",
    "{a: b}",
    "99999999999",
    "1.5",
    "é",
    "''",
    "[1]",
)


@given(
    st.sampled_from([one for one in SAMPLES if one.file.endswith(("yaml", "yml"))]),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from(PIECES)), min_size=1, max_size=3),
)
def test_whatever_stands_in_a_place_is_no_accident(
    sample: Sample, wrong: bool, changes: list[tuple[int, str]]
) -> None:
    """Real files with other things where words should be: problems or Refused, nothing else."""
    text = sample.wrong if wrong else sample.right
    for place, piece in changes:
        words = list(re.finditer(r"[\w/:.\"-]+|$", text))
        one = words[place % len(words)]
        text = f"{text[: one.start()]}{piece}{text[one.end() :]}"
    with suppress(UnreadableSource):
        for document in yaml_nodes.documents(text):
            list(kubernetes_rules.problems(document, OURS))
            list(compose_rules.problems(document, OURS))
