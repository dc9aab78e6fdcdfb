"""Any report, for property tests."""

from hypothesis import strategies as st

from probe.remedies.actions import ask, ways
from probe.report import CheckResult, Finding, Report
from tests.output.reports import BROKEN, FINE, STATUSES

texts = st.text(st.characters(), max_size=40) | st.sampled_from(
    ["\x1b[0m", "]]>", "\udcff", "\n\n", '"', "|"]
)


findings = st.builds(
    Finding,
    st.sampled_from(STATUSES),
    st.sampled_from([BROKEN, FINE]),
    texts,
    texts,
    st.lists(texts.map(ask), max_size=2).map(lambda found: ways(*found)),
    st.dictionaries(texts, texts | st.lists(texts, max_size=3) | st.none() | st.integers(), max_size=3),
)


checks = st.builds(
    CheckResult,
    st.sampled_from(["go-env", "timezone"]),
    st.lists(findings, min_size=1, max_size=4).map(tuple),
    st.floats(0, 10),
)


reports = st.builds(
    Report,
    st.just("1.2.3"),
    texts,
    st.just("all"),
    st.floats(0, 4e9),
    st.floats(0, 10),
    st.booleans(),
    st.lists(checks, min_size=1, max_size=3, unique_by=lambda check: check.name).map(tuple),
)
