"""No secret leaves: canaries in every place where one can stand, through every output."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import images
from tests.support.agents import Serve
from tests.support.commands import RunProbe

CANARY = "CaNaRy9f3KQ0xZ7p1W"
# Where people put secrets: user information, paths, queries, flags, words, and URLs where a path belongs.
PLACES: dict[str, Any] = {
    "GOPROXY": f"https://golang.registry.example/{CANARY}/acme/go/,https://u:{CANARY}@p.example/go,direct",
    "GOSUMDB": f"sum.example https://u:{CANARY}@sum.example",
    "HTTPS_PROXY": f"http://u:{CANARY}@proxy.example:3128",
    "HTTP_PROXY": f"http://{CANARY}@proxy.example:3128",
    "GOFLAGS": f"-mod=mod -ldflags=-X=main.token={CANARY}",
    "GOAUTH": f"helper --token {CANARY}",
    "GOPRIVATE": f"https://u:{CANARY}@git.example/acme",
    "GOENV": f"https://u:{CANARY}@files.example/env",
    "SSL_CERT_FILE": f"https://u:{CANARY}@files.example/roots.pem",
    "SSL_CERT_DIR": f"https://u:{CANARY}@files.example/roots",
    "ZONEINFO": f"https://u:{CANARY}@files.example/zoneinfo.zip",
    "TZ": f":https://u:{CANARY}@files.example/zone",
    "GITHUB_TOKEN": CANARY,
    "DB_PASSWORD": CANARY,
    "CGO_CFLAGS": f"-DAPI_KEY={CANARY}",
}
FORMATS = ("text", "json", "health+json", "junit", "tap", "nagios", "prometheus", "sarif", "github", "gitlab")
COMMANDS = (
    *(
        ("check", "--verbose", "--timeout", "3", "--skip", "ca-bundle", f"--format={form}")
        for form in FORMATS
    ),
    ("check", "--only", "ca-bundle", "--set", "ca-bundle.endpoints=[]", "--verbose"),
    ("inspect", "env"),
    ("inspect", "roots"),
    ("inspect", "timezone"),
    ("baseline", "snapshot"),
    ("config", "--show"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2] + command[-1:]))
def test_no_canary_is_printed(run_probe: RunProbe, command: tuple[str, ...]) -> None:
    """All the places at once, in what this container's environment says."""
    done = run_probe(*command, **PLACES)
    assert CANARY not in done.out + done.err
    assert done.out + done.err


@pytest.mark.parametrize("name", PLACES)
def test_rules_about_a_variable_print_none(run_probe: RunProbe, name: str) -> None:
    """Each rule of go-env that a value can break shows the value, redacted."""
    for rule in ('equals = "x"', "unset = true", "exists = true", "writable = true"):
        key, _, wanted = rule.partition(" = ")
        done = run_probe("check", "--only", "go-env", f"--set=go-env.{name}.{key}={wanted.strip()}", **PLACES)
        assert CANARY not in done.out + done.err


URL = f"https://user:{CANARY}@registry.example/app"


@pytest.mark.parametrize("flag", ["--root", "--image", "--config", "--env-file", "--baseline", "--process"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_url_where_a_path_belongs_is_not_repeated(run_probe: RunProbe, flag: str, form: str) -> None:
    done = run_probe("check", flag, URL, "--format", form)
    assert CANARY not in done.out + done.err
    assert done.code not in (0, 2)


@pytest.mark.parametrize("key", ["token_file", "tls_cert", "tls_key"])
def test_a_secret_where_its_file_belongs_is_not_repeated(run_probe: RunProbe, key: str) -> None:
    sets = [
        f"--set=agent.{one}={CANARY}" for one in ({key, "tls_cert", "tls_key"} if "tls" in key else {key})
    ]
    done = run_probe("serve", "127.0.0.1:0", "--set=agent.socket=", *sets)
    assert CANARY not in done.out + done.err
    assert done.code == 78


LINES = (
    *(("inspect", what, URL) for what in ("version", "linkage", "pinned", "offline")),
    ("inspect", "chain", URL, "--host", "a.test"),
    ("inspect", "downloads", f"{URL}/m@v1.0.0"),
    *(("inspect", "roots", flag, URL) for flag in ("--root", "--image", "--env-file")),
    ("run", "--only", "timezone", "--", f"{URL}/app"),
    ("run", "--serve", URL, "--", "true"),
    *((name, URL) for name in ("merge", "baseline", "manifest", "inspect", "completion", "serve")),
    ("manifest", "--lint", URL),
    *(("check", flag, URL) for flag in ("--endpoint", "--timeout", "--only", "--role", "--cwd", "--as-go")),
    ("node", "--serve", URL),
    ("status", "--set", f"agent.socket={URL}"),
    *(
        ("explain", f"{before}{URL}{after}")
        for before, after in (("", ""), ('Get "', '": EOF'), ("x509: ", ""))
    ),
    ("explain", f'Get "{URL}": x509: certificate signed by unknown authority'),
    ("check", "--as-go", "all", "--skip", "ca-bundle"),
    ("check", "--as-go", "all", "--skip", "ca-bundle", "--format", "json"),
    ("check", "--fix", "dockerfile", "--skip", "ca-bundle"),
)


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line[:3])[:30])
def test_no_command_repeats_one(run_probe: RunProbe, line: tuple[str, ...]) -> None:
    """A URL with a password wherever a path, an address or a message belongs, among all the places."""
    done = run_probe(*line, **{**PLACES, "TZ": "UTC"})
    assert CANARY not in done.out + done.err
    assert "internal error" not in done.err


DEPLOYMENTS = {
    "Dockerfile": "FROM a\n"
    + "".join(f'ENV {name}="{value}"\n' for name, value in PLACES.items())
    + f"ENTRYPOINT probe run --set x={URL} --config {URL} -- /app --token {CANARY}\n"
    + f'CMD ["probe", "check", "--endpoint", "{URL}", "--password={CANARY}"]\n'
    + f'HEALTHCHECK CMD curl -H "Authorization: Bearer {CANARY}" {URL} | cat\n',
    "pod.yaml": f"""apiVersion: v1
kind: Pod
metadata: {{name: a}}
spec:
  containers:
  - name: a
    image: {URL}
    command: [sh, -c, "probe run --set ca-bundle.endpoints={URL} -- /app --token={CANARY}"]
    env:
    - {{name: PROBE_TIMEOUT_S, value: "{URL}"}}
    - {{name: GITHUB_TOKEN, value: "{CANARY}"}}
    livenessProbe: {{exec: {{command: [probe, check, --endpoint, "{URL}", "--password={CANARY}"]}}}}
    readinessProbe: {{httpGet: {{path: "/readyz?token={CANARY}", port: 99}}}}
""",
    "compose.yaml": f"""services:
  a:
    image: x
    environment: {{PROBE_TIMEOUT_S: "{URL}", DB_PASSWORD: {CANARY}}}
    healthcheck: {{test: "probe check --set timeout_s={URL} --password={CANARY}"}}
    command: probe run -- /app --token={CANARY}
""",
}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_the_lint_repeats_none(run_probe: RunProbe, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(DEPLOYMENTS[name])
    for form in ("text", "json", "sarif", "github", "gitlab"):
        done = run_probe("manifest", "--lint", str(tmp_path / name), "--format", form)
        assert done.code == 1
        assert CANARY not in done.out + done.err


def test_an_image_shows_none(run_probe: RunProbe, tmp_path: Path) -> None:
    """In its environment, user, directory, command and health check."""
    settings: dict[str, Any] = {
        "Env": [f"{name}={value}" for name, value in PLACES.items()],
        "User": URL,
        "WorkingDir": f"/x?token={CANARY}",
        "Entrypoint": ["/app", f"--token={CANARY}"],
        "Healthcheck": {"Test": ["CMD", "probe", "check", f"--password={CANARY}"]},
    }
    image = images.Image([images.tarred([images.file("etc/x", b"1")])], **settings)
    path = str(images.write_tar(tmp_path / "image.tar", image.saved()))
    user = ("--user", "0")
    for line in (
        ("check", "--image", path),
        *(("check", "--image", path, *user, "--format", form) for form in FORMATS),
        ("check", "--image", path, *user, "--only", "image,permissions,linkage,go-version", "--verbose"),
        ("check", "--image", path, path),
        ("inspect", "env", "--image", path, *user),
        ("baseline", "snapshot", "--image", path, *user),
    ):
        done = run_probe(*line)
        assert CANARY not in done.out + done.err, line


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_report_of_somebody_else_shows_none(run_probe: RunProbe, tmp_path: Path, form: str) -> None:
    """What `merge` joins may be of an older release, or no work of ours at all."""
    report = json.loads(run_probe("check", "--only", "go-env", "--format", "json", **PLACES).out)
    told = {"cause": f"GOPROXY={URL}", "remedy": f"ENV GITHUB_TOKEN={CANARY}", "evidence": {"a": [URL]}}
    for check in report["checks"]:
        check["findings"] = [{**found, **told, "status": "fail"} for found in check["findings"]]
    (tmp_path / "report.json").write_text(json.dumps({**report, "healthy": False, "status": "fail"}))
    done = run_probe("merge", "--format", form, str(tmp_path / "report.json"))
    assert CANARY not in done.out + done.err
    assert done.code == 1


def test_the_agent_shows_none(serve: Serve) -> None:
    """Its log, its page, its metrics and its verdicts, with all details shown."""
    agent = serve(
        "--skip=ca-bundle", sets=("agent.interval_s=1", "agent.expose_details=true", "strict=true"), **PLACES
    )
    agent.until("/readyz", 503)
    for path in ("/readyz?verbose", "/livez?verbose", "/metrics", "/", "/readyz/go-env"):
        assert CANARY not in agent.get(path).text
    assert CANARY not in agent.get("/readyz", Accept="application/json").text
    assert CANARY not in json.dumps(agent.log)


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/python3/dist-packages",
        "/etc/ssl/certs/0f5dc4f3.0",
        "/go/pkg/mod/cache/download/sumdb",
        "/a@b/c",
    ],
)
def test_plain_paths_stay(path: str) -> None:
    from probe import redact

    assert redact.path(path) == redact.text(path) == path


@pytest.mark.parametrize(
    "url",
    [
        "https://artifactory.example/artifactory/api/go/go-virtual-2024",
        "https://gitlab.example/api/v4/projects/123/packages/go",
        "https://sum.golang.org/lookup/github.com/kubernetes-sigs/controller-runtime@v0.19.0",
        "https://proxy.golang.org/golang.org/x/net/@v/v0.0.0-20240102150405-abcdef123456.info",
    ],
)
def test_plain_urls_stay(url: str) -> None:
    from probe import redact

    assert redact.text(f'Get "{url}": EOF') == f'Get "{url}": EOF'


EVIL = """
#include <fcntl.h>
#include <stdlib.h>
__attribute__((constructor)) static void loaded(void) { creat(getenv("MARKER"), 0644); }
int OSSL_provider_init(void *a, void *b, void **c, void **d) { return 0; }
"""
CONFIGURED = "openssl_conf = a\n[a]\nproviders = b\n[b]\nevil = c\n[c]\nmodule = {module}\nactivate = 1\n"


@pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc")
def test_openssl_of_ours_is_configured_by_nobody(run_probe: RunProbe, tmp_path: Path) -> None:
    """A provider that OPENSSL_CONF names is for the container's programs: no command loads it."""
    (tmp_path / "evil.c").write_text(EVIL)
    module, marker = tmp_path / "evil.so", tmp_path / "marker"
    line = ["gcc", "-shared", "-fPIC", "-o", str(module), str(tmp_path / "evil.c")]
    subprocess.run(line, check=True, timeout=60)
    (tmp_path / "evil.cnf").write_text(CONFIGURED.format(module=module))
    env: dict[str, Any] = {"OPENSSL_CONF": str(tmp_path / "evil.cnf"), "MARKER": str(marker)}
    line = ["openssl", "dgst", "-sha256", str(module)]
    subprocess.run(line, env={**env, "PATH": "/usr/bin:/bin"}, check=False, timeout=20, capture_output=True)
    assert marker.exists()  # that is what it does to others
    marker.unlink()
    digest = f"{'0' * 64}  {module}"
    for command in (
        ("check", "--only", "pinned", f'--set=pinned.files=["{digest}"]'),
        ("check", "--only", "ca-bundle", "--set=ca-bundle.endpoints=['127.0.0.1:1']"),
        ("inspect", "roots"),
        ("baseline", "snapshot"),
        ("run", "--only", "timezone", "--on-fail=warn", "--", "true"),
    ):
        run_probe(*command, **env)
        assert not marker.exists(), command
    done = run_probe("run", "--only", "timezone", "--on-fail=warn", "--", "env", **env)
    assert f"OPENSSL_CONF={tmp_path}/evil.cnf" in done.out  # the program keeps its own
