"""
Numbers that findings carry for metrics, and the table of all such metrics.

Their names, labels and units are a public contract. A check makes the samples; /metrics,
`--format prometheus` and the page render them without knowing what a check's evidence holds.
"""

from __future__ import annotations

from probe.lightweight import Iterable, Mapping, NamedTuple


class Sample(NamedTuple):
    """One value of a metric. `labels` hold what a configuration names, nothing a target makes many of."""

    name: str  # the metric's, without the prefix probe_
    value: float
    labels: Mapping[str, str] = {}
    unit: str = ""  # base units: "seconds"; "" for a count or a fact


class Metric(NamedTuple):
    """What a metric is. A "gauge" is a number; an "info" is always 1 and says all in its labels."""

    name: str
    help: str
    unit: str = ""
    kind: str = "gauge"
    lasting: bool = False  # found out by the roles that open connections; holds until the next one does

    def sample(self, value: float, **labels: str) -> Sample:
        return Sample(self.name, value, labels, self.unit)


_ALL = (
    ROOTS := Metric("ca_bundle_roots", "Roots that Go loads here."),
    ROOTS_USABLE := Metric("ca_bundle_roots_usable", "Roots that can verify a server now."),
    BLOCKS_SKIPPED := Metric(
        "ca_bundle_blocks_skipped", "Certificates in the bundle that Go skips silently."
    ),
    HANDSHAKE_OK := Metric(
        "tls_handshake_success", "Whether Go completes a TLS handshake with the endpoint.", lasting=True
    ),
    HANDSHAKE_DURATION := Metric(
        "tls_handshake_duration_seconds",
        "Duration of the TLS handshake alone, without connecting.",
        "seconds",
        lasting=True,
    ),
    CHAIN_END := Metric(
        "tls_chain_not_after_timestamp_seconds",
        "When the first certificate expires, of the chain that was presented and the one that Go verifies.",
        "seconds",
        lasting=True,
    ),
    GO_VERSION := Metric("go_version_info", "The Go release that was judged.", kind="info"),
    GO_SUPPORT_END := Metric(
        "go_end_of_support_timestamp_seconds", "When security fixes for that release end.", "seconds"
    ),
    TIMEZONE := Metric("timezone_info", "What time.Local is here.", kind="info"),
    MEMORY_LIMIT := Metric("memory_limit_bytes", "The container's limit of memory.", "bytes"),
    GOMEMLIMIT := Metric("gomemlimit_bytes", "GOMEMLIMIT of the judged program.", "bytes"),
    CPU_QUOTA := Metric("cpu_quota_processors", "The container's CPU quota, in processors."),
    GOMAXPROCS := Metric("gomaxprocs_processors", "GOMAXPROCS as the judged Go sets it here."),
    CLOCK_ERROR := Metric(
        "clock_estimated_error_seconds", "The kernel's own estimate of its clock's error.", "seconds"
    ),
    CLOCK_SKEW := Metric(
        "clock_skew_seconds",
        "How far the clock is ahead of a server's; negative: it is slow.",
        "seconds",
        lasting=True,
    ),
)
METRICS = {metric.name: metric for metric in _ALL}


def distinct(samples: Iterable[Sample]) -> list[Sample]:
    """Each set of labels of a metric once, as it was seen first; several findings of a check may carry it."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Sample] = {}
    for sample in samples:
        found.setdefault((sample.name, tuple(sorted(sample.labels.items()))), sample)
    return list(found.values())
