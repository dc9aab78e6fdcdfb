"""The overlays are valid, run restricted, call what exists and pass our own lint."""

import subprocess
import sys
from pathlib import Path

import pytest

from probe.cli.arguments import ParsedArgs
from probe.cli.manifest import interpreter
from probe.manifest.lint import lint
from probe.manifest.rules import hurts
from tests.deploy.rendered import DEPLOY, OVERLAYS, calls, containers, kustomize, objects, pod
from tests.support.commands import RunProbe
from tests.support.schemas import NEWEST, refused_by_a_release

# The oldest schema that knows all of it: native sidecars 1.29, volumes of images with subPath 1.33.
SINCE = {"sidecar": "1.29", "image-volume": "1.33"}


@pytest.fixture(params=OVERLAYS, ids=lambda path: path.name)
def overlay(request: pytest.FixtureRequest) -> Path:
    path = request.param
    assert isinstance(path, Path)
    return path


def test_all_the_ways_are_there() -> None:
    """Those that the README speaks of."""
    readme = (DEPLOY / "kubernetes/README.md").read_text()
    assert {path.name for path in OVERLAYS} == {
        *("exec-probes", "http-probes", "sidecar", "gate", "emptydir", "image-volume")
    }
    assert all(f"`{path.name}`" in readme for path in OVERLAYS)


def test_it_is_valid(overlay: Path) -> None:
    """By the schemas of Kubernetes, from the oldest version that has what is used to the newest known."""
    for version in (SINCE.get(overlay.name, "1.27"), NEWEST):
        for one in objects(overlay):
            assert not refused_by_a_release(one, version)


@pytest.mark.parametrize("name", SINCE)
def test_the_schemas_do_judge(name: str) -> None:
    """What an older cluster does not know is refused there."""
    overlay = DEPLOY / "kubernetes/overlays" / name
    before = {"sidecar": "1.27", "image-volume": "1.30"}[name]
    (workload,) = (one for one in objects(overlay) if one["kind"] == "Deployment")
    assert refused_by_a_release(workload, before)


def test_it_keeps_to_the_restricted_standard(overlay: Path) -> None:
    """Rule by rule: website:content/en/docs/concepts/security/pod-security-standards.md, "Restricted"."""
    spec = pod(overlay)
    whole = spec["securityContext"]
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    assert all(not {"hostPath"} & set(volume) for volume in spec["volumes"])
    allowed = {"name", "configMap", "emptyDir", "image"}
    assert all(set(volume) <= allowed for volume in spec["volumes"])
    assert whole["runAsNonRoot"] is True
    assert whole["runAsUser"] > 0
    assert whole["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"sysctls", "seLinuxOptions", "windowsOptions", "appArmorProfile"} & set(whole)
    for one in containers(overlay):
        own = one["securityContext"]
        assert set(own) == {"allowPrivilegeEscalation", "readOnlyRootFilesystem", "capabilities"}
        assert own["allowPrivilegeEscalation"] is False
        assert own["readOnlyRootFilesystem"] is True
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert "hostPort" not in str(one.get("ports"))
        assert set(one["resources"]["requests"]) == {"cpu", "memory"}
    assert spec["automountServiceAccountToken"] is False


def test_it_calls_what_exists(overlay: Path) -> None:
    """Our own parser takes each command line, and there is one."""
    found = list(calls(overlay))
    assert found
    interpret = interpreter(ParsedArgs({}, ()))
    assert [interpret(words, {}).problem for words in found] == [""] * len(found)
    assert interpret(["serve", "--no-such"], {}).problem


def test_nothing_in_it_hurts(overlay: Path, tmp_path: Path) -> None:
    """By the policy that the ConfigMap brings; with a longer deadline there would be something."""
    file, policy = tmp_path / "all.yaml", tmp_path / "probe.toml"
    file.write_text(kustomize(overlay))
    (text,) = (one["data"]["probe.toml"] for one in objects(overlay) if one["kind"] == "ConfigMap")
    policy.write_text(text)
    assert not hurts(lint(str(file), interpreter(ParsedArgs({"--config": [str(policy)]}, ()))))
    if overlay.name != "gate":  # it has no probes
        policy.write_text(text.replace("timeout_s = 5.0", "timeout_s = 3000.0"))
        assert hurts(lint(str(file), interpreter(ParsedArgs({"--config": [str(policy)]}, ()))))


def test_the_policy_is_valid(overlay: Path, tmp_path: Path, run_probe: RunProbe) -> None:
    """`probe config --check` takes it; and refuses it with one wrong key."""
    (text,) = (one["data"]["probe.toml"] for one in objects(overlay) if one["kind"] == "ConfigMap")
    for content, code in ((text, 0), (text + "no_such_key = 1\n", 78)):
        (tmp_path / "probe.toml").write_text(content)
        done = run_probe("config", "--check", "--config", str(tmp_path / "probe.toml"))
        assert done.code == code


def test_the_policy_is_where_probe_looks(overlay: Path) -> None:
    """Every container that runs probe has it at /etc/probe.toml."""
    for one in containers(overlay):
        if any(word.endswith("/bin/probe") for word in str(one).split("'")):
            mounts = {mount["mountPath"]: mount["name"] for mount in one["volumeMounts"]}
            assert mounts["/etc/probe.toml"] == "probe-policy"


def test_images_are_placeholders(overlay: Path) -> None:
    """Names without a registry, which `images:` replaces."""
    assert {one["image"] for one in containers(overlay)} <= {"app:latest", "probe:latest"}


def test_the_network_policy_closes_the_port_of_the_agent() -> None:
    """9810 is in the rule for Prometheus and in no other."""
    for name in ("http-probes", "sidecar", "exec-probes", "emptydir", "image-volume"):
        (policy,) = (
            one for one in objects(DEPLOY / "kubernetes/overlays" / name) if one["kind"] == "NetworkPolicy"
        )
        first, rest = policy["spec"]["ingress"]
        assert [port["port"] for port in first["ports"]] == [9810]
        assert "from" in first
        for port in rest["ports"]:
            assert port["protocol"] == "UDP" or not port["port"] <= 9810 <= port["endPort"]


def test_what_is_delivered_is_the_bundle(tmp_path: Path) -> None:
    """The init container's own program copies all of it, links as links, and may run a second time."""
    (one,) = (one for one in containers(DEPLOY / "kubernetes/overlays/emptydir") if one["name"] == "deliver")
    bundle, volume = tmp_path / "bundle", tmp_path / "volume"
    (bundle / "bin").mkdir(parents=True)
    volume.mkdir()
    (bundle / "bin/probe").write_bytes(b"program")
    (bundle / "bin/probe").chmod(0o755)
    (bundle / "bin/python3").symlink_to("probe")
    (program,) = one["args"]
    program = program.replace("/opt/probe", str(bundle)).replace("/deliver", str(volume))
    for _ in range(2):
        subprocess.run([sys.executable, *one["command"][1:], program], check=True)
        (volume / "probe/old").touch()
    subprocess.run([sys.executable, *one["command"][1:], program], check=True)
    there = volume / "probe/bin"
    assert sorted(path.name for path in (volume / "probe").iterdir()) == ["bin"]
    assert (there / "python3").readlink() == Path("probe")
    assert (there / "probe").stat().st_mode & 0o777 == 0o755
