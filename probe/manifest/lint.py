"""What will hurt in a Dockerfile, a compose file or a YAML file with Kubernetes objects."""

from collections.abc import Iterator

from probe.manifest import of_compose, of_dockerfile, of_kubernetes, source, tree
from probe.manifest.call import Interpret
from probe.manifest.problem import Problem
from probe.manifest.tree import Node

_YAML = (".yaml", ".yml", ".json")


def lint(name: str, interpret: Interpret) -> list[Problem]:
    """
    The problems of the file *name*; of stdin, "-", which must be YAML.

    A file that is not what its name says is a problem too. UsageError when it cannot be read.
    """
    try:
        text = source.read(name).text
        return list(_problems(name, text, interpret))
    except source.Refused as refused:
        return [Problem(refused.line, "UNREADABLE", refused.why, refused.fix)]


def _problems(name: str, text: str, interpret: Interpret) -> Iterator[Problem]:
    if name != "-" and not name.lower().endswith(_YAML):
        yield from of_dockerfile.problems(name, text, interpret)
        return
    documents = tree.documents(text)
    for document in documents:
        yield from _of_document(document, interpret)
    if not documents:
        yield Problem(1, "NOT_A_MANIFEST", "there is no document in it", "name the file that holds one")


def _of_document(document: Node, interpret: Interpret) -> Iterator[Problem]:
    if document.text("apiVersion") and document.text("kind"):
        yield from of_kubernetes.problems(document, interpret)
    elif document.at("services") is not None:
        yield from of_compose.problems(document, interpret)
    else:
        yield Problem(
            document.line,
            "NOT_A_MANIFEST",
            "neither services nor apiVersion and kind",
            "name a compose file or Kubernetes objects, for a Dockerfile a name without .yaml",
        )
