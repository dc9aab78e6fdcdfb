"""Certificate policies along a chain: RFC 5280 6.1 as RFC 9618 rewrote it (policiesValid in verify.go)."""

from collections.abc import Iterable, Sequence

from probe.golang import backports
from probe.golang.release import Go
from probe.golang.x509.certificate_fields import Certificate

ANY = "2.5.29.32.0"


def valid(chain: Sequence[Certificate], go: Go) -> bool:
    """Whether *chain* (leaf first, anchor last) keeps to its own policies, any policy being welcome."""
    path = chain[-2::-1]  # from below the anchor down to the leaf
    graph: _Graph | None = _Graph()
    explicit = mapping = inhibit_any = len(path) + 1
    for depth, certificate in enumerate(path):
        is_leaf = depth == len(path) - 1
        self_issued = certificate.raw_issuer == certificate.raw_subject
        if not certificate.policies:
            graph = None
        if explicit == 0 and graph is None:
            return False
        if graph is not None:
            graph.descend(certificate.policies, any_counts=inhibit_any > 0 or (not is_leaf and self_issued))
            if not is_leaf and not _map(graph, certificate, go, allowed=mapping > 0):
                return False
        if is_leaf:
            break
        if not self_issued:
            explicit, mapping, inhibit_any = (max(0, n - 1) for n in (explicit, mapping, inhibit_any))
        explicit = _lower(explicit, certificate.require_explicit_policy)
        mapping = _lower(mapping, certificate.inhibit_policy_mapping)
        inhibit_any = _lower(inhibit_any, certificate.inhibit_any_policy)
    explicit = 0 if path and path[-1].require_explicit_policy == 0 else max(0, explicit - 1)
    return explicit > 0 or (graph is not None and graph.has_valid_policy())


def _lower(count: int, limit: int | None) -> int:
    return count if limit is None or limit < 0 else min(count, limit)


class _Node:
    """A policy at one depth, and what it may be called one deeper."""

    __slots__ = ("children", "expected", "parents", "policy")

    def __init__(self, policy: str, parents: Iterable["_Node"] = ()) -> None:
        self.policy = policy
        self.expected = [policy]
        self.parents = set(parents)
        self.children: set[_Node] = set()
        for parent in self.parents:
            parent.children.add(self)


class _Graph:
    """The valid policies by depth; the last stratum holds those of the current certificate."""

    def __init__(self) -> None:
        self.strata = [{ANY: _Node(ANY)}]

    @property
    def leaves(self) -> dict[str, _Node]:
        return self.strata[-1]

    def insert(self, policy: str, parents: Iterable[_Node]) -> _Node:
        node = self.leaves[policy] = _Node(policy, parents)
        return node

    def descend(self, policies: Sequence[str], *, any_counts: bool) -> None:
        """Go one certificate down: keep what its *policies* share with what is expected above."""
        above = self.leaves
        self.strata.append({})
        expected = _by_expected(above.values())
        for policy in policies:
            if policy == ANY:
                continue
            parents = expected.get(policy) or ([above[ANY]] if ANY in above else [])
            if parents:
                self.insert(policy, parents)
        if ANY in policies and any_counts:
            missing = {name: nodes for name, nodes in expected.items() if name not in self.leaves}
            for name, nodes in missing.items():
                self.insert(name, nodes)
        self.prune()

    def delete(self, policy: str) -> None:
        node = self.leaves.pop(policy, None)
        if node is not None:
            for parent in node.parents:
                parent.children.discard(node)

    def prune(self) -> None:
        """Drop what leads nowhere; the root and the leaves stay."""
        for stratum in self.strata[-2:0:-1]:
            for node in [node for node in stratum.values() if not node.children]:
                for parent in node.parents:
                    parent.children.discard(node)
                del stratum[node.policy]

    def has_valid_policy(self) -> bool:
        if ANY in self.leaves:
            return True
        return any(
            node.policy != ANY and [parent.policy for parent in node.parents] == [ANY]
            for stratum in self.strata
            for node in stratum.values()
        )


def _by_expected(nodes: Iterable[_Node]) -> dict[str, list[_Node]]:
    index: dict[str, list[_Node]] = {}
    for node in nodes:
        for policy in node.expected:
            index.setdefault(policy, []).append(node)
    return index


def _map(graph: _Graph, certificate: Certificate, go: Go, *, allowed: bool) -> bool:
    """Rename policies as the certificate's mappings say; False when they may not stand there."""
    if not certificate.policy_mappings:
        return True
    renamed: dict[str, list[str]] = {}
    each = not backports.has(go, backports.POLICY_PRUNING)
    for issuer, subject in certificate.policy_mappings:
        if not allowed:
            graph.delete(issuer)
            if each:
                graph.prune()
        elif ANY in (issuer, subject):
            return False
        else:
            renamed.setdefault(issuer, []).append(subject)
    if not each:
        graph.prune()
    for issuer, subjects in renamed.items():
        node = graph.leaves.get(issuer)
        if node is None and ANY in graph.leaves:
            node = graph.insert(issuer, [graph.leaves[ANY]])
        if node is not None:
            node.expected = subjects
    return True
