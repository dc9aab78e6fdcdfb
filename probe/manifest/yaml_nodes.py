"""
YAML as nodes that know their line.

PyYAML reads the events; what is made of them is bounded here, because its own constructor
follows aliases and nesting as far as a file likes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from probe.errors import UsageError
from probe.lightweight import NamedTuple
from probe.manifest.source import UnreadableSource

_DEEPEST = 60
_MOST = 1_000_000  # nodes and documents of a file
_MERGE = "<<"


class YamlNode(NamedTuple):
    """A mapping, a sequence or a scalar. `line` is 1-based, of a value in a mapping the one of its key."""

    line: int
    value: "Mapping[str, YamlNode] | Sequence[YamlNode] | str"
    plain: bool = False  # a scalar without quotes: only then a number is a number

    def at(self, *path: str) -> "YamlNode | None":
        """What is found by following *path* through mappings."""
        here: YamlNode | None = self
        for key in path:
            if here is None or not isinstance(here.value, Mapping):
                return None
            here = here.value.get(key)
        return here

    def line_at(self, *path: str) -> int:
        found = self.at(*path)
        return found.line if found else self.line

    def items(self, *path: str) -> "Sequence[YamlNode]":
        """The members of the sequence at *path*; none where there is no such."""
        found = self.at(*path)
        return () if found is None or isinstance(found.value, str | Mapping) else found.value

    def pairs(self, *path: str) -> "Iterator[tuple[str, YamlNode]]":
        found = self.at(*path)
        if found is not None and isinstance(found.value, Mapping):
            yield from found.value.items()

    def text(self, *path: str) -> str:
        """The scalar at *path*, "" where there is none."""
        found = self.at(*path)
        return found.value if found is not None and isinstance(found.value, str) else ""

    def texts(self, *path: str) -> list[str]:
        """The scalars of the sequence at *path*."""
        return [item.value for item in self.items(*path) if isinstance(item.value, str)]


def documents(text: str) -> Iterator[YamlNode]:
    """
    The documents of *text* one after the other, empty ones left out.

    Refused for what is not YAML, is nested too deep or holds too much; UsageError without PyYAML.
    """
    try:
        import yaml
    except ImportError:
        raise UsageError("probe manifest: reading YAML needs PyYAML; write pip install PyYAML") from None
    try:
        yield from _NodeBuilder(yaml).documents(text)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        why = problem.problem or problem.context or "a syntax error"
        raise UnreadableSource(mark.line + 1 if mark else 1, f"not YAML: {why}", _HINT) from None
    except yaml.YAMLError as problem:
        raise UnreadableSource(1, f"not YAML: {str(problem).splitlines()[0]}", _HINT) from None


_HINT = "fix the syntax; render a template first (helm template, kubectl kustomize)"


class _NodeBuilder:
    """Makes nodes of events, without recursion: what is open stands on a stack."""

    def __init__(self, yaml: Any) -> None:
        self._yaml = yaml
        self._count = 0

    def documents(self, text: str) -> Iterator[YamlNode]:
        yaml, loader = self._yaml, getattr(self._yaml, "CSafeLoader", self._yaml.SafeLoader)
        stack: list[tuple[Any, int, list[YamlNode]]] = []  # the event that opened it, its line, its members
        anchors: dict[str, YamlNode] = {}
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.DocumentStartEvent):
                stack, anchors = [(event, 0, [])], {}
                self._bound(0, event)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                stack.append((event, event.start_mark.line + 1, []))
                self._bound(len(stack), event)
            elif isinstance(event, yaml.NodeEvent):
                stack[-1][2].append(self._leaf(event, anchors))
            elif isinstance(event, yaml.CollectionEndEvent):
                opened, line, members = stack.pop()
                node = self._collection(opened, line, members)
                if opened.anchor:
                    anchors[opened.anchor] = node
                stack[-1][2].append(node)
            elif isinstance(event, yaml.DocumentEndEvent):
                yield from (node for node in stack[0][2] if node.value != "")

    def _bound(self, depth: int, event: Any) -> None:
        self._count += 1
        line = event.start_mark.line + 1
        if depth > _DEEPEST:
            raise UnreadableSource(line, f"nested deeper than {_DEEPEST}", "this is no deployment file")
        if self._count > _MOST:
            raise UnreadableSource(line, f"more than {_MOST} values", "split the file")

    def _leaf(self, event: Any, anchors: dict[str, YamlNode]) -> YamlNode:
        line = event.start_mark.line + 1
        self._bound(0, event)
        if isinstance(event, self._yaml.AliasEvent):
            if event.anchor not in anchors:  # not known, or still open: a node within itself
                raise UnreadableSource(
                    line, f"*{event.anchor} names nothing that is complete here", "write it out"
                )
            return anchors[event.anchor]._replace(line=line)
        node = YamlNode(line, event.value, event.implicit[0])
        if event.anchor:
            anchors[event.anchor] = node
        return node

    def _collection(self, opened: Any, line: int, members: list[YamlNode]) -> YamlNode:
        if isinstance(opened, self._yaml.SequenceStartEvent):
            return YamlNode(line, tuple(members))
        own: dict[str, YamlNode] = {}
        merged: dict[str, YamlNode] = {}
        for key, value in zip(members[::2], members[1::2], strict=True):
            if key.value == _MERGE and key.plain:
                sources = (value,) if isinstance(value.value, Mapping) else value.items()
                for source in reversed(sources):
                    merged |= dict(source.pairs())
                self._count += len(merged)
            elif not isinstance(key.value, str):
                raise UnreadableSource(key.line, "a key that is not a string", _HINT)
            else:
                own[key.value] = value._replace(line=key.line)
        return YamlNode(line, {**merged, **own})
