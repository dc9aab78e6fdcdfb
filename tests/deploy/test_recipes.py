"""The recipes beside the overlays: valid by schema, restricted, and without a finding of our lint."""

import copy
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from probe.cli.arguments import ParsedArgs
from probe.cli.manifest import interpreter
from probe.manifest.lint import lint
from probe.manifest.rules import hurts
from tests.deploy.crds import KYVERNO, POLICY_CONTROLLER
from tests.deploy.rendered import DEPLOY, OVERLAYS, objects
from tests.support import npm
from tests.support.schemas import NEWEST, jsonschema, refused_by_a_release

FOLDER = DEPLOY / "kubernetes/recipes"
README = (DEPLOY / "kubernetes/README.md").read_text()
# The first release whose schema has all of it, and one that has not.
SINCE = {
    "restart-rules": ("1.34", "1.33"),
    "job": ("1.29", "1.28"),
    "images-job": ("1.29", "1.28"),
    "cluster-trust-bundle": ("1.37", "1.36"),
}
POLICIES = {"kyverno": KYVERNO, "policy-controller": POLICY_CONTROLLER}


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text()))


def valid(name: str, version: str) -> bool:
    return not any(refused_by_a_release(one, version) for one in documents(FOLDER / f"{name}.yaml"))


def test_each_recipe_is_told_of() -> None:
    """In the README beside them, by a link; and no other."""
    told = set(re.findall(r"\]\(recipes/([^)]+)\)", README))
    assert told == {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.yaml")}


@pytest.mark.parametrize("name", SINCE)
def test_it_is_valid_from_its_release_on(name: str) -> None:
    """And not before."""
    first, before = SINCE[name]
    assert valid(name, first)
    assert valid(name, NEWEST)
    assert not valid(name, before)


@pytest.mark.parametrize("name", SINCE)
def test_nothing_in_it_hurts(name: str, tmp_path: Path) -> None:
    """And with another port or a wrong option there would be something."""
    file = FOLDER / f"{name}.yaml"
    assert not hurts(lint(str(file), interpreter(ParsedArgs({}, ()))))
    other = tmp_path / file.name
    other.write_text(
        file.read_text()
        .replace("check, --role", "check, --roel")
        .replace("[::]:9810", "127.0.0.1:9810")
        .replace("--retry-for", "--retry")
        .replace("--shard", "--shart")
    )
    assert hurts(lint(str(other), interpreter(ParsedArgs({}, ()))))


@pytest.mark.parametrize("name", SINCE)
def test_its_pods_are_restricted(name: str) -> None:
    """As those of the overlays."""
    for one in documents(FOLDER / f"{name}.yaml"):
        spec = {"Pod": one["spec"], "Job": one["spec"].get("template", {}).get("spec")}.get(one["kind"])
        if spec is None:
            continue
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


def test_the_exit_codes_are_those_of_probe() -> None:
    """What a recipe waits for is what the command in it is told to exit with."""
    (pod,) = documents(FOLDER / "restart-rules.yaml")
    (gate,) = pod["spec"]["initContainers"]
    (rule,) = gate["restartPolicyRules"]
    assert gate["command"][-2:] == ["--exit-code-transient", str(rule["exitCodes"]["values"][0])]
    (job,) = documents(FOLDER / "job.yaml")
    count, fail = job["spec"]["podFailurePolicy"]["rules"]
    words = job["spec"]["template"]["spec"]["containers"][0]["command"]
    assert words[words.index("--exit-code-transient") + 1] == str(count["onExitCodes"]["values"][0])
    assert {1, 64, 78} <= set(fail["onExitCodes"]["values"])


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_is_valid(name: str) -> None:
    """By the fields and types of its kind; a field that is misspelt, or a word that is none, is refused."""
    (policy,) = documents(FOLDER / f"signed-images/{name}.yaml")
    jsonschema().validate(policy, POLICIES[name])
    for path in (("spec", "mod"), ("spec", "images", 0, "globb"), ("spec", "attestors", 0, "cosine")):
        broken = copy.deepcopy(policy)
        place: Any = broken
        try:
            for key in path[:-1]:
                place = place[key]
        except KeyError:
            continue
        place[path[-1]] = "x"
        with pytest.raises(jsonschema().ValidationError):
            jsonschema().validate(broken, POLICIES[name])


_PUBLISHED = """
import {readFileSync} from "node:fs";
const {validate} = await import(process.argv[1]);
for (const policy of JSON.parse(readFileSync(0))) console.log(validate(policy));
"""


@pytest.mark.needs("npm")
def test_kyverno_s_own_definition_takes_its_policy() -> None:
    """As a package has it that is made from the definitions; and it refuses values that are none."""
    folder = npm.package("@kubernetes-models/kyverno", "2.0.0") / "_schemas"
    module = folder / "ComGithubKyvernoApiApiPoliciesKyvernoIoV1ImageValidatingPolicy.js"
    (policy,) = documents(FOLDER / "signed-images/kyverno.yaml")
    policies = [policy, *(copy.deepcopy(policy) for _ in range(4))]
    policies[1]["spec"]["validationActions"] = ["Denied"]
    policies[2]["spec"]["failurePolicy"] = True
    policies[3]["spec"]["attestors"][0]["cosign"]["keyless"]["identities"] = "release"
    policies[4]["spec"]["matchConstraints"]["resourceRules"] = {}
    command = ["node", "--input-type=module", "--eval", _PUBLISHED, str(module)]
    done = subprocess.run(
        command, input=json.dumps(policies), capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["true", *["false"] * 4]


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_names_who_signs(name: str) -> None:
    """The workflow that release.yml is, and the registry that it pushes to."""
    text = (FOLDER / f"signed-images/{name}.yaml").read_text()
    release = (DEPLOY.parent / ".github/workflows/release.yml").read_text()
    assert "IMAGE: ghcr.io/${{ github.repository }}" in release
    assert "cosign sign --yes" in release
    assert "glob: ghcr.io/startup-probe/probe" in text
    (subject,) = re.findall(r"subjectRegExp: (\S+)", text)
    signer = "https://github.com/startup-probe/probe/.github/workflows/release.yml@refs/tags/v0.2.0"
    assert re.search(subject, signer)
    for other in ("heads/main", "tags/x"):
        assert not re.search(subject, signer.replace("tags/v0.2.0", other))
    assert not re.search(subject, signer.replace("startup-probe", "startup-prober"))
    assert not re.search(subject, signer.replace("github.com/", "github.com.example/"))
    assert "Not tried in a cluster here" in text
    assert "**Neither has been tried in a cluster here**" in README


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.name)
def test_user_namespaces_can_be_had(overlay: Path) -> None:
    """`hostUsers: false` is valid in each overlay, from the release on that the README names."""
    for one in objects(overlay):
        if one["kind"] == "Deployment":
            changed = copy.deepcopy(one)
            changed["spec"]["template"]["spec"]["hostUsers"] = False
            for version in ("1.33", NEWEST):
                assert not refused_by_a_release(changed, version)


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.name)
def test_readiness_asks_over_http(overlay: Path) -> None:
    """No exec readiness, which some releases of the kubelet stop at termination."""
    for one in objects(overlay):
        if one["kind"] == "Deployment":
            spec = one["spec"]["template"]["spec"]
            for container in (*spec.get("initContainers", ()), *spec["containers"]):
                assert "exec" not in container.get("readinessProbe", {})
