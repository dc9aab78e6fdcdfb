"""What /metrics says, by value: real certificates, a real toolchain, both formats, and who reads them."""

import calendar
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from probe import __version__
from tests.support.agents import QUICK, Agent, Serve, wait_for
from tests.support.pki import DAY, NOW, intermediate, leaf, pems, root
from tests.support.toolchains import Toolchain
from tests.tls import servers

Value = Callable[..., float]


def read(agent: Agent, *, as_openmetrics: bool = False) -> Value:
    """A function from a sample's name and some of its labels to its value; exactly one must fit."""
    if as_openmetrics:
        text = agent.get("/metrics", Accept="application/openmetrics-text").text
        parse: Any = openmetrics.text_string_to_metric_families
        families = list(parse(text))
    else:
        families = list(prometheus(agent.get("/metrics").text))
    samples = [sample for family in families for sample in family.samples]

    def value(name: str, **labels: str) -> float:
        found = [one for one in samples if one.name == name and labels.items() <= one.labels.items()]
        assert len(found) == 1, (name, labels, found)
        return float(found[0].value)

    return value


def labels(agent: Agent, name: str) -> list[Mapping[str, str]]:
    told = prometheus(agent.get("/metrics").text)
    return [one.labels for family in told for one in family.samples if one.name == name]


@pytest.mark.parametrize("as_openmetrics", [False, True])
def test_certificates_and_roots_by_value(serve: Serve, tmp_path: Path, as_openmetrics: bool) -> None:
    """The chain that was sent holds one that ends sooner and is not needed: the two ends are kept apart."""
    ca, gone = root(), root("Gone", not_after=NOW - DAY)
    middle, extra = intermediate(ca), intermediate(ca, "Not needed", not_after=NOW + 3 * DAY)
    server_s = leaf(middle, "localhost", not_after=NOW + 100 * DAY)
    bundle = tmp_path / "roots.pem"
    broken = pems([root("Broken")]).replace("\n", "\n!!!", 3)
    bundle.write_text(pems([ca, gone]) + broken + pems([root("Other")]))
    with servers.tls(server_s, middle, extra, delay_s=0.2) as server:
        sets = (*QUICK, f"ca-bundle.endpoints={json.dumps([server.endpoint])}")
        agent = serve(
            "--only", "ca-bundle", sets=sets, SSL_CERT_FILE=str(bundle), SSL_CERT_DIR=str(tmp_path / "d")
        )
        began = time.time()
        agent.until("/startupz", 200)
        value = read(agent, as_openmetrics=as_openmetrics)
    where = {"endpoint": server.endpoint}
    ends = "probe_tls_chain_not_after_timestamp_seconds"
    assert value(ends, **where, chain="presented") == int(NOW + 3 * DAY)
    assert value(ends, **where, chain="verified") == int(NOW + 100 * DAY)
    # The server waits from the moment it has us on, which may be before we know that we are.
    assert 0.15 <= value("probe_tls_handshake_duration_seconds", **where) < 2
    assert value("probe_ca_bundle_roots") == 3
    assert value("probe_ca_bundle_roots_usable") == 2
    assert value("probe_ca_bundle_blocks_skipped") == 1
    assert value("probe_check_success", check="ca-bundle") == 1
    assert value("probe_check_status", check="ca-bundle", status="warn") == 1
    assert value("probe_check_status", check="ca-bundle", status="pass") == 0
    assert 0 < value("probe_check_duration_seconds", check="ca-bundle") < 5
    assert abs(value("probe_check_last_run_timestamp_seconds", check="ca-bundle") - began) < 5
    assert value("probe_role_healthy", role="startup") == 1


def test_an_endpoint_that_is_not_verified_has_the_end_of_what_it_sent(serve: Serve, tmp_path: Path) -> None:
    """Expired and refused: when it ended is told, an end of a verified chain is not."""
    bundle = tmp_path / "roots.pem"
    ca = root()
    bundle.write_text(pems([ca]))
    with servers.tls(leaf(ca, "localhost", not_after=NOW - DAY)) as server:
        sets = (*QUICK, f"ca-bundle.endpoints={json.dumps([server.endpoint])}")
        agent = serve("--only", "ca-bundle", sets=sets, SSL_CERT_FILE=str(bundle))
        wait_for(lambda: "probe_tls_chain" in agent.get("/metrics").text)
    assert labels(agent, "probe_tls_chain_not_after_timestamp_seconds") == [
        {"endpoint": server.endpoint, "chain": "presented"}
    ]
    value = read(agent)
    assert value("probe_tls_chain_not_after_timestamp_seconds") == int(NOW - DAY)
    assert value("probe_check_success", check="ca-bundle") == 0
    assert value("probe_check_findings", code="TLS_EXPIRED", check="ca-bundle", status="fail") == 1


def test_zone_go_and_build_by_value(serve: Serve, go_1_24: Toolchain) -> None:
    """Which they are stands in labels; when Go's support ends is a time."""
    path = f"{go_1_24.root}/bin:/usr/bin:/bin"
    line = ("--only", "timezone", "--only", "go-version", "--set", "go-version.eol=ignore")
    agent = serve(*line, TZ="Asia/Shanghai", PATH=path)
    agent.until("/readyz", 200)
    assert labels(agent, "probe_build_info") == [{"version": __version__}]
    assert labels(agent, "probe_timezone_info") == [{"zone": "Asia/Shanghai", "abbreviation": "CST"}]
    assert labels(agent, "probe_go_version_info") == [{"version": "go1.24.11", "source": "toolchain"}]
    value = read(agent)
    assert value("probe_build_info") == value("probe_timezone_info") == value("probe_go_version_info") == 1
    # Go 1.24 is supported until 1.26 is there, in February 2026.
    assert value("probe_go_end_of_support_timestamp_seconds") == calendar.timegm((2026, 2, 10, 0, 0, 0))


def test_the_agent_itself_by_value(serve: Serve) -> None:
    """Memory, CPU and start as the kernel tells them; runs are counted, and one that was lost as well."""
    agent = serve("--only", "timezone", "--env", "TZ=UTC")
    agent.until("/readyz", 200)
    wait_for(lambda: read(agent)("probe_runs_total", result="healthy") >= 3)
    value, pid = read(agent), agent.process.pid
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert abs(value("process_resident_memory_bytes") - resident) < 1 << 20
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    assert 0 < value("process_cpu_seconds_total") <= ticks + 0.02
    boot = float(Path("/proc/uptime").read_text().split()[0])
    started = time.time() - boot + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    assert abs(value("process_start_time_seconds") - started) < 2
    assert value("probe_check_runs_total", check="timezone", result="pass") >= 3
    assert value("probe_config_last_reload_successful") == 1
    assert 0 <= value("probe_role_report_age_seconds", role="ready") < 5


def test_a_narrowed_readiness_still_says_what_would_not_start(serve: Serve, tmp_path: Path) -> None:
    """ready_checks = []: without the bundle traffic goes on, and the metric says that nothing would start."""
    bundle = tmp_path / "roots.pem"
    bundle.write_text(pems([root()]))
    sets = (*QUICK, "ready_checks=[]", 'checks=["ca-bundle", "timezone"]', "ca-bundle.endpoints=[]")
    agent = serve(sets=sets, SSL_CERT_FILE=str(bundle), SSL_CERT_DIR=str(tmp_path / "none"), TZ="UTC")
    agent.until("/startupz", 200)
    wait_for(lambda: read(agent)("probe_would_start") == 1)
    bundle.unlink()
    wait_for(lambda: read(agent)("probe_would_start") == 0)
    value = read(agent)
    assert value("probe_check_success", check="ca-bundle") == 0
    assert value("probe_ca_bundle_roots_usable") == 0
    assert value("probe_role_healthy", role="ready") == value("probe_role_healthy", role="startup") == 1
    assert agent.get("/readyz").status == 200
    assert "[+]agent ok\nreadyz check passed" in agent.get("/readyz?verbose").text


@pytest.mark.sweep
def test_series_do_not_follow_the_newest_run(serve: Serve, tmp_path: Path) -> None:
    """Startup fails for its handshake, ready passes without one: the check fails in every scrape."""
    bundle = tmp_path / "roots.pem"
    ca = root()
    bundle.write_text(pems([ca]))
    with servers.tls(leaf(ca, "localhost", not_after=NOW - DAY)) as server:
        sets = (*QUICK, f"ca-bundle.endpoints={json.dumps([server.endpoint])}")
        agent = serve("--only", "ca-bundle", sets=sets, SSL_CERT_FILE=str(bundle), SSL_CERT_DIR="/none")
        agent.until("/readyz", 200)
        wait_for(lambda: "TLS_EXPIRED" in agent.get("/metrics").text)
        runs = 0.0
        while runs < 12:
            value = read(agent)
            runs = value("probe_runs_total", run="ready", result="healthy")
            assert value("probe_check_success", check="ca-bundle") == 0
            assert value("probe_check_findings", code="TLS_EXPIRED") == 1
            assert value("probe_tls_handshake_success", endpoint=server.endpoint) == 0
            assert value("probe_ca_bundle_roots_usable") == 1
