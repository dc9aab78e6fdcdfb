"""Variables that end every program, or those of some releases."""

import subprocess
from pathlib import Path

import pytest

from probe import codes
from probe.checks.go_version import GoVersion, loading
from probe.checks.go_version.findings import JudgedProgram
from probe.codes import Code
from probe.golang import binary
from probe.report import Status
from probe.targets.processes import Processes
from tests.checks.go_version.helpers import findings, here, told
from tests.golang.builds import (
    HASH,
    HELLO,
    build,
    module,
)
from tests.support.toolchains import Toolchain

FATAL = [
    ("GODEBUG", "tls3des=1,http2client=0", codes.GODEBUG_FATAL, "ENV GODEBUG=http2client=0"),
    ("GODEBUG", "x509sha1=1,x509sha1=0", codes.GODEBUG_FATAL, "ENV GODEBUG="),
    ("GODEBUG", "cgocheck=2", codes.GODEBUG_FATAL, "ENV GODEBUG="),
    ("GODEBUG", "fips140=yes", codes.GODEBUG_FATAL, "ENV GODEBUG="),
    ("GOMEMLIMIT", "512Mi", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT=512MiB"),
    ("GOMEMLIMIT", "2g", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT=2GiB"),
    ("GOMEMLIMIT", "1,5G", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT=1536MiB"),
    ("GOMEMLIMIT", "unlimited", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT=off"),
    ("GOMEMLIMIT", "1.5GiB", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT=1536MiB"),
    ("GOMEMLIMIT", '"512MiB"', codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT=512MiB"),
    ("GOMEMLIMIT", "0.5g", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT=512MiB"),
    ("GOMEMLIMIT", "-1", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT=off"),
    ("GOMEMLIMIT", "9999999999GiB", codes.GOMEMLIMIT_FATAL, "ENV GOMEMLIMIT="),
]


@pytest.mark.parametrize("how", ["run", "read", "workload"])
@pytest.mark.parametrize(("name", "value", "code", "remedy"), FATAL)
def test_what_kills_every_program_is_named(
    base: dict[str, str], processes: Processes, name: str, value: str, code: Code, remedy: str, how: str
) -> None:
    """Recognised when the go command dies of it, predicted where nothing is run."""
    env = {**base, name: value}
    if how == "workload":
        program = str(build("1.27.3", module(HASH, go="1.27")))
        target, check = here(env), GoVersion(source="binary", binary=program)
        assert subprocess.run([program], env=env, capture_output=True, timeout=30).returncode == 2
    else:
        target, check = here(env, processes if how == "run" else None), GoVersion()
    (finding,) = findings(target, check)
    assert (finding.status, finding.code, finding.subject) == (Status.FAIL, code, name)
    assert finding.remedy == remedy


def test_fips140_kills_only_who_links_crypto(base: dict[str, str], tmp_path: Path) -> None:
    """Held to the real programs; of a vendor's build, which has values of its own, nothing is claimed."""
    env = {**base, "GODEBUG": "fips140=auto"}
    for source in (HELLO, HASH):
        program = build("1.27.3", module(source, go="1.27"))
        ended = subprocess.run([program], env=env, capture_output=True, timeout=30).returncode
        (finding,) = findings(here(env), GoVersion(source="binary", binary=str(program)))
        assert (finding.code is codes.GODEBUG_FATAL) == (source == HASH) == (ended == 2)
    vendor = tmp_path / "vendor"
    vendor.write_bytes(program.read_bytes())
    known = binary.read(here(env), str(vendor))
    assert isinstance(known, binary.Binary)
    assert known.info
    info = known.info._replace(version="go1.27.3 (Red Hat 1.27.3-1.el10)")
    subject = JudgedProgram(str(vendor), "binary", {})
    told = loading.fatal_environment(here(env), subject, 27, known._replace(info=info))
    assert told
    assert (told.status, told.code) == (Status.UNKNOWN, codes.GODEBUG_FATAL)
    assert "Red Hat" in told.cause


@pytest.mark.sweep
def test_programs_of_earlier_releases_do_not_mind_a_removed_setting(
    go_1_24: Toolchain, processes: Processes
) -> None:
    """Nor does 1.27 mind another value of it."""
    old = {"PATH": f"{go_1_24.root}/bin", "GODEBUG": "tls3des=1"}
    assert told(here(old, processes)) == [(Status.WARN, codes.GO_OUT_OF_SUPPORT)]
    program = str(build("1.24.11", module()))
    assert told(here(old), GoVersion(binary=program, eol="ignore", source="binary")) == [
        (Status.PASS, codes.GO_VERSION_OK)
    ]
