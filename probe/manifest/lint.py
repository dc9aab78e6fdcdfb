"""Problems in a Dockerfile, a compose file or a YAML file with Kubernetes objects."""

import os
from collections.abc import Iterator

from probe.manifest import (
    compose_rules,
    dockerfile_rules,
    kubernetes_rules,
    object_rules,
    source,
    yaml_nodes,
)
from probe.manifest.command_line import Interpret
from probe.manifest.rules import LintProblem
from probe.manifest.yaml_nodes import YamlNode

_YAML = (".yaml", ".yml", ".json")
_DOCKERFILES = ("dockerfile", "containerfile")
_FIRST = ("FROM", "ARG")  # what a Dockerfile begins with
_HEAD = 65536  # characters of which the first instruction is one


def lint(name: str, interpret: Interpret) -> list[LintProblem]:
    """
    The problems of the file *name*; of stdin for "-".

    A file that is not what its name says is a problem too. UsageError when it cannot be read.
    """
    try:
        text = source.read(name).text
        return list(_problems(name, text, interpret))
    except source.UnreadableSource as refused:
        return [LintProblem(refused.line, "UNREADABLE", refused.why, refused.fix)]


def _problems(name: str, text: str, interpret: Interpret) -> Iterator[LintProblem]:
    if _is_dockerfile(name, text):
        yield from dockerfile_rules.problems(name, text, interpret)
        return
    document, objects = None, []
    for document in yaml_nodes.documents(text):
        yield from _of_document(document, interpret)
        if _is_object(document):
            objects.append(document)
    yield from object_rules.problems(objects, interpret)
    if document is None:
        yield LintProblem(1, "NOT_A_MANIFEST", "there is no document in it", "name the file that holds one")


def _is_dockerfile(name: str, text: str) -> bool:
    """By the name; what has neither name (stdin, a FIFO of the shell's `<(…)`) tells by its first words."""
    base = os.path.basename(name).lower()
    if base.endswith(_YAML):
        return False
    if base.startswith(_DOCKERFILES) or base.endswith(_DOCKERFILES):
        return True
    lines = (line.split() for line in text[:_HEAD].splitlines())
    return next((words[0].upper() in _FIRST for words in lines if words and words[0][0] != "#"), False)


def _is_object(document: YamlNode) -> bool:
    return bool(document.text("apiVersion") and document.text("kind"))


def _of_document(document: YamlNode, interpret: Interpret) -> Iterator[LintProblem]:
    if _is_object(document):
        yield from kubernetes_rules.problems(document, interpret)
    elif document.at("services") is not None:
        yield from compose_rules.problems(document, interpret)
    elif document.at("include") is None:  # of compose, which may hold nothing else
        yield LintProblem(
            document.line,
            "NOT_A_MANIFEST",
            "neither services nor apiVersion and kind",
            "name a compose file or Kubernetes objects, for a Dockerfile a name without .yaml",
        )
