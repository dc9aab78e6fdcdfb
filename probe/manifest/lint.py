"""What will hurt in a Dockerfile, a compose file or a YAML file with Kubernetes objects."""

from collections.abc import Iterator

from probe.manifest import compose_rules, dockerfile_rules, kubernetes_rules, source, yaml_nodes
from probe.manifest.command_line import Interpret
from probe.manifest.rules import LintProblem
from probe.manifest.yaml_nodes import YamlNode

_YAML = (".yaml", ".yml", ".json")


def lint(name: str, interpret: Interpret) -> list[LintProblem]:
    """
    The problems of the file *name*; of stdin, "-", which must be YAML.

    A file that is not what its name says is a problem too. UsageError when it cannot be read.
    """
    try:
        text = source.read(name).text
        return list(_problems(name, text, interpret))
    except source.UnreadableSource as refused:
        return [LintProblem(refused.line, "UNREADABLE", refused.why, refused.fix)]


def _problems(name: str, text: str, interpret: Interpret) -> Iterator[LintProblem]:
    if name != "-" and not name.lower().endswith(_YAML):
        yield from dockerfile_rules.problems(name, text, interpret)
        return
    document = None
    for document in yaml_nodes.documents(text):
        yield from _of_document(document, interpret)
    if document is None:
        yield LintProblem(1, "NOT_A_MANIFEST", "there is no document in it", "name the file that holds one")


def _of_document(document: YamlNode, interpret: Interpret) -> Iterator[LintProblem]:
    if document.text("apiVersion") and document.text("kind"):
        yield from kubernetes_rules.problems(document, interpret)
    elif document.at("services") is not None:
        yield from compose_rules.problems(document, interpret)
    else:
        yield LintProblem(
            document.line,
            "NOT_A_MANIFEST",
            "neither services nor apiVersion and kind",
            "name a compose file or Kubernetes objects, for a Dockerfile a name without .yaml",
        )
