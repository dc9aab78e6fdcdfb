"""The opt-in check `downloads`: real module proxies on loopback, each failure beside its success."""

import email.utils
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.downloads import Downloads
from probe.checks.downloads.goproxy import retry_after_s
from probe.config import load
from probe.deadline import Deadline
from probe.errors import ProbeError
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Finding, Status
from tests.support import pki, proxies
from tests.support.commands import MakeTarget, RunProbe
from tests.support.fixes import fixes
from tests.support.proxies import MODULE, VERSION, ModuleProxy
from tests.support.timing import Stopwatch
from tests.tls import servers

WANTED = f"{MODULE}@{VERSION}"
CA = pki.root("Test CA")
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
NOBODY = "http://127.0.0.1:1"
SECRET = "s3cret"


@pytest.fixture(scope="module")
def plain() -> Iterator[ModuleProxy]:
    with proxies.serve() as server:
        yield server


@pytest.fixture(scope="module")
def secure() -> Iterator[ModuleProxy]:
    with proxies.serve(servers.context([pki.leaf(CA, "localhost")])) as server:
        yield server


class Look:
    """Download in a container with the given environment."""

    def __init__(self, make_target: MakeTarget) -> None:
        self._make_target = make_target

    def __call__(
        self,
        goproxy: str,
        *,
        files: dict[str, str] | None = None,
        env: dict[str, str] | None = None,
        role: str = "startup",
        timeout_s: float = 10.0,
        **settings: Any,
    ) -> list[Finding]:
        target = self._make_target(files, PATH="/bin", GOPROXY=goproxy, **(env or {}))
        run = Run(Deadline(timeout_s), role, pki.NOW, Facts(target, go=NEWEST), lambda _: None)
        found = list(Downloads(**{"module": WANTED, **settings}).run(target, run))
        assert SECRET not in json.dumps([[*finding] for finding in found], default=str)
        return found


@pytest.fixture
def look(make_target: MakeTarget, plain: ModuleProxy) -> Look:
    plain.asked.clear()
    return Look(make_target)


def only(found: list[Finding]) -> Finding:
    assert len(found) == 1, [(finding.code.name, finding.cause) for finding in found]
    return found[0]


def sound(look: Look, plain: ModuleProxy) -> None:
    """The twin of every failure: the same container with a proxy that answers."""
    finding = only(look(f"{plain.url}/200"))
    assert (finding.status, finding.code) == (Status.PASS, codes.DOWNLOADS_OK)


def test_a_download_tells_each_try(look: Look, plain: ModuleProxy) -> None:
    """404 goes on to 200, and each try has its id, attempt, phase and duration."""
    finding = only(look(f"{plain.url}/404,{plain.url}/200,{NOBODY}"))
    assert (finding.status, finding.code) == (Status.PASS, codes.DOWNLOADS_OK)
    assert finding.cause == f"{plain.url}/200 gives {WANTED}"
    tries = finding.evidence["tries"]
    assert [(one["id"], one["entry"][-3:], one["file"], one["status"]) for one in tries] == [
        (1, "404", ".info", 404),
        (2, "200", ".info", 200),
        (3, "404", ".mod", 404),
        (4, "200", ".mod", 200),
        (5, "404", ".zip", 404),
        (6, "200", ".zip", 200),
    ]
    assert {one["phase"] for one in tries} == {"HTTP answer"}
    assert {one["attempt"] for one in tries} == {1}
    assert all(0 < one["duration_s"] < 10 for one in tries)
    assert plain.asked[0].path == "/404/example.com/%21me/@v/v1.0.0.info"


@pytest.mark.parametrize(
    ("list_", "code", "said", "remedy"),
    [
        ("{}/403,{}/200", codes.DOWNLOADS_FORBIDDEN, "403 Forbidden; Go goes on", ".netrc"),
        ("{}/401,{}/200", codes.DOWNLOADS_FORBIDDEN, "401 Unauthorized", ".netrc"),
        ("{}/429,{}/200", codes.DOWNLOADS_RATE_LIMITED, "429", "ENV GOPROXY=https://proxy.internal"),
        ("{}/500,{}/200", codes.DOWNLOADS_SERVER_ERROR, "500", 'ENV GOPROXY="{}/500|{}/200"'),
        ("{}/404,{}/410", codes.DOWNLOADS_NOT_FOUND, "no entry of GOPROXY has it", "downloads.module"),
        (
            "{}/garbage,{}/200",
            codes.DOWNLOADS_BAD_ANSWER,
            "no JSON object",
            "ENV GOPROXY=https://proxy.golang.org,direct",
        ),
        (
            "{}/other",
            codes.DOWNLOADS_BAD_ANSWER,
            "another version",
            "ENV GOPROXY=https://proxy.golang.org,direct",
        ),
        ("{}/302", codes.DOWNLOADS_BAD_ANSWER, "302 Found", "ENV GOPROXY=https://proxy.golang.org,direct"),
        (
            "{}/loop",
            codes.DOWNLOADS_REDIRECT,
            "stopped after 10 redirects",
            "ENV GOPROXY=https://HOST-IT-REDIRECTS-TO",
        ),
        ("http://127.0.0.1:1,{}/200", codes.DOWNLOADS_UNREACHABLE, "connection refused", "127.0.0.1:1"),
        ("file:///srv/proxy,{}/200,off", codes.DOWNLOADS_OK, "", ""),
        ("{}/404,off", codes.DOWNLOADS_NOT_FOUND, "no entry of GOPROXY has it", "downloads.module"),
        ("off", codes.DOWNLOADS_OFF, "GOPROXY=off", "ENV GOPROXY=https://proxy.golang.org,direct"),
        ("nonsense", codes.DOWNLOADS_GOPROXY_REFUSED, "missing scheme", "ENV GOPROXY=https://proxy"),
        ("http://me:s3cret@{host}/200", codes.DOWNLOADS_FORBIDDEN, "over plain http", ".netrc"),
    ],
)
def test_what_ends_a_list(
    look: Look, plain: ModuleProxy, list_: str, code: codes.Code, said: str, remedy: str
) -> None:
    """What stands at its beginning decides, and is told with its phase and the line that fixes it."""

    def filled(text: str) -> str:
        return text.replace("{}", plain.url).replace("{host}", plain.url.partition("//")[2])

    finding = only(look(filled(list_), attempts=1))
    assert finding.code is code
    assert finding.status is (Status.PASS if code is codes.DOWNLOADS_OK else Status.FAIL)
    assert said in finding.cause
    assert filled(remedy) in fixes(finding)
    sound(look, plain)


def test_an_entry_that_is_passed_over(look: Look, plain: ModuleProxy) -> None:
    """Behind a bar the next entry stands in, which is a warning; 404 is none."""
    passed, odd = look(f"{NOBODY}|{plain.url}/200")
    assert (passed.status, passed.code) == (Status.PASS, codes.DOWNLOADS_OK)
    assert (odd.status, odd.code, odd.subject) == (Status.WARN, codes.DOWNLOADS_ENTRY_FAILS, NOBODY)
    assert "connection refused" in odd.cause
    assert fixes(odd) == "ENV GOPROXY=https://proxy.golang.org,direct\n\nAsk the operator of that proxy"
    assert only(look(f"{plain.url}/404|{plain.url}/200")).code is codes.DOWNLOADS_OK


def test_a_silent_entry_leaves_time_for_the_next(look: Look, plain: ModuleProxy) -> None:
    """Go would give up on it after 30 s and go on; here it gets half of the time."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        passed, odd = look(f"{silent_url}|{plain.url}/200", timeout_s=2.0)
        assert passed.code is codes.DOWNLOADS_OK
        assert "HTTP answer: no answer in time" in odd.cause
        finding = only(look(f"{silent_url},{plain.url}/200", timeout_s=1.0))
    assert (finding.status, finding.code) == (Status.FAIL, codes.DOWNLOADS_UNREACHABLE)


@pytest.mark.parametrize(
    ("env", "files", "status", "code", "said"),
    [
        ({"GOPROXY": "{}/404,direct"}, {}, Status.FAIL, codes.DOWNLOADS_NO_VCS, "PATH has no git"),
        ({"GOPROXY": "{}/404,direct"}, {"/bin/git": ""}, Status.UNKNOWN, codes.DOWNLOADS_DIRECT, "(direct)"),
        (
            {"GOPROXY": "{}/200", "GOPRIVATE": "example.com"},
            {},
            Status.FAIL,
            codes.DOWNLOADS_NO_VCS,
            "origin",
        ),
        ({"GOPROXY": "off", "GOPRIVATE": "*.com"}, {}, Status.FAIL, codes.DOWNLOADS_NO_VCS, "origin"),
        ({"GOPROXY": "{}/200", "GOPRIVATE": "example.org"}, {}, Status.PASS, codes.DOWNLOADS_OK, "gives"),
    ],
)
def test_what_goes_to_the_origin(
    look: Look,
    root: Path,
    plain: ModuleProxy,
    env: dict[str, str],
    files: dict[str, str],
    status: Status,
    code: codes.Code,
    said: str,
) -> None:
    """Unknown, because no version control program is run here; a failure where there is none."""
    for name in files:
        (root / name.lstrip("/")).parent.mkdir(parents=True)
        (root / name.lstrip("/")).touch(0o755)
    goproxy = env.pop("GOPROXY").replace("{}", plain.url)
    finding = only(look(goproxy, env=env))
    assert (finding.status, finding.code) == (status, code)
    assert said in finding.cause
    assert bool(fixes(finding)) is (status is not Status.PASS)


def test_a_second_attempt_is_told(look: Look, plain: ModuleProxy) -> None:
    """429 twice and then an answer: it works, and the go command, which asks once, would have failed."""
    passed, odd = look(f"{plain.url}/nth-429")
    assert (passed.status, passed.code) == (Status.PASS, codes.DOWNLOADS_OK)
    assert passed.evidence["attempts"] == 3
    assert [one["attempt"] for one in passed.evidence["tries"]] == [1, 2, 3, 3, 3]
    assert (odd.status, odd.code) == (Status.WARN, codes.DOWNLOADS_RETRIED)
    assert "429" in odd.cause
    assert "go mod download ||" in fixes(odd)
    sound(look, plain)


def test_retry_after_is_kept(look: Look, plain: ModuleProxy) -> None:
    """Where it fits into the time that is left, the pause is as long as the server asks for."""
    begin = time.monotonic()
    passed, _ = look(f"{plain.url}/nth-429-after1", timeout_s=20)
    assert passed.code is codes.DOWNLOADS_OK
    assert time.monotonic() - begin >= 2  # twice one second


def test_retry_after_that_does_not_fit(look: Look, plain: ModuleProxy) -> None:
    """It is said, and nobody waits."""
    watch = Stopwatch()
    finding = only(look(f"{plain.url}/429-after3600", timeout_s=5))
    assert finding.code is codes.DOWNLOADS_RATE_LIMITED
    assert "its Retry-After of 3600 s does not fit into the" in finding.cause
    assert finding.evidence["tries"][0]["retry_after"] == "3600"
    assert watch.quiet() < 4


@pytest.mark.parametrize(
    ("text", "seconds"), [("", None), ("7", 7.0), ("-1", None), ("soon", None), ("9" * 20, None)]
)
def test_retry_after_is_read(text: str, seconds: float | None) -> None:
    """Seconds, or nothing."""
    assert retry_after_s(text, 0.0) == seconds


def test_retry_after_may_be_a_date() -> None:
    """RFC 9110: an HTTP-date is the other form, and one in the past is now."""
    date = email.utils.formatdate(1000, usegmt=True)
    assert retry_after_s(date, 990.0) == 10.0
    assert retry_after_s(date, 2000.0) == 0.0


def test_tls_is_judged_by_the_roots_of_the_container(
    look: Look, secure: ModuleProxy, plain: ModuleProxy
) -> None:
    """With the root it is a download; without it the server is not even asked."""
    assert only(look(f"{secure.url}/200", files={BUNDLE: pki.pems([CA])})).code is codes.DOWNLOADS_OK
    secure.asked.clear()
    finding = only(look(f"{secure.url}/200", files={BUNDLE: pki.pems([pki.root("Other CA")])}))
    assert (finding.status, finding.code) == (Status.FAIL, codes.DOWNLOADS_UNTRUSTED)
    assert "certificate signed by unknown authority" in finding.cause
    assert fixes(finding).startswith("probe check --only ca-bundle")
    assert secure.asked == []


def test_https_may_not_lead_to_http(look: Look, secure: ModuleProxy) -> None:
    """As Go has it; a redirect that stays with https is followed and told."""
    bundle = {BUNDLE: pki.pems([CA])}
    finding = only(look(f"{secure.url}/down", files=bundle))
    assert (finding.status, finding.code) == (Status.FAIL, codes.DOWNLOADS_REDIRECT)
    assert "redirected from https to http://127.0.0.1:1/" in finding.cause
    assert "GOPROXY=https://" in fixes(finding)
    fine = only(look(f"{secure.url}/to-200", files=bundle))
    assert fine.code is codes.DOWNLOADS_OK
    assert fine.evidence["tries"][0]["redirects"] == [f"{secure.url}/200/example.com/%21me/@v/v1.0.0.info"]


def test_credentials_are_sent_over_tls_and_never_told(look: Look, secure: ModuleProxy) -> None:
    """By the URL or .netrc; `Look` asserts that no finding holds them."""
    host = secure.url.partition("//")[2]
    files = {BUNDLE: pki.pems([CA])}
    with_url = only(look(f"https://me:{SECRET}@{host}/auth", files=files))
    assert with_url.code is codes.DOWNLOADS_OK
    assert with_url.cause.startswith("https://***@localhost")
    assert only(look(f"{secure.url}/auth", files=files)).code is codes.DOWNLOADS_FORBIDDEN
    files["/root/.netrc"] = f"machine {host} login me password {SECRET}\n"
    assert only(look(f"{secure.url}/auth", files=files, env={"HOME": "/root"})).code is codes.DOWNLOADS_OK
    assert only(look(f"{secure.url}/auth", files=files, env={"NETRC": "/nowhere"})).status is Status.FAIL


def test_credentials_stay_with_their_host(look: Look, secure: ModuleProxy) -> None:
    """After a redirect to another host nothing of them is sent."""
    redirecting = f"https://me:{SECRET}@127.0.0.1"
    with proxies.serve(servers.context([pki.leaf(CA, ip=("127.0.0.1",))])) as other:
        port = other.url.rpartition(":")[2]
        secure.asked.clear()
        look(f"{redirecting}:{port}/away-{secure.url.rpartition(':')[2]}", files={BUNDLE: pki.pems([CA])})
        assert other.asked[0].authorization
    assert [one.authorization for one in secure.asked] == ["", "", ""]


def test_a_program_of_goauth_is_not_run(look: Look, secure: ModuleProxy) -> None:
    """What it would give decides, so nothing is known; netrc alone leaves a plain refusal."""
    files = {BUNDLE: pki.pems([CA])}
    finding = only(look(f"{secure.url}/auth", files=files, env={"GOAUTH": "netrc; /bin/token x"}))
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.DOWNLOADS_CREDENTIALS_UNKNOWN)
    assert "go mod download -x" in fixes(finding)
    refused = only(look(f"{secure.url}/auth", files=files, env={"GOAUTH": "netrc"}))
    assert refused.code is codes.DOWNLOADS_FORBIDDEN


def test_through_the_proxy_for_https(look: Look) -> None:
    """HTTPS_PROXY is taken as net/http takes it, and told without its password."""
    files = {BUNDLE: pki.pems([CA])}
    seen: list[bytes] = []
    with proxies.serve(servers.context([pki.leaf(CA, "modules.example")])) as server:
        port = int(server.url.rpartition(":")[2])
        with servers.listen(servers.http_proxy(port, seen)) as proxy:
            env = {"HTTPS_PROXY": f"http://me:{SECRET}@127.0.0.1:{proxy.port}"}
            finding = only(look("https://modules.example/200", files=files, env=env))
    assert finding.code is codes.DOWNLOADS_OK
    assert finding.evidence["tries"][0]["proxy"] == f"http://127.0.0.1:{proxy.port} (HTTPS_PROXY)"
    assert all(request.startswith(b"CONNECT modules.example:443 HTTP/1.1\r\n") for request in seen)
    refused = only(look("https://modules.example/200", files=files, env=env, attempts=1))
    assert (refused.status, refused.code) == (Status.FAIL, codes.DOWNLOADS_UNREACHABLE)
    assert "connect" in refused.cause


def test_a_proxy_of_files(look: Look, root: Path, plain: ModuleProxy) -> None:
    """file:// is read inside the container: a missing file goes on, one that may not be read ends it."""
    below = f"srv/a b/{proxies.ESCAPED}/@v"
    for kind, content in proxies.files().items():
        path = root / below / f"{VERSION}{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert only(look(f"file:///nowhere,file:///srv/a%20b,{NOBODY}")).code is codes.DOWNLOADS_OK
    (root / below / f"{VERSION}.zip").unlink()
    (root / below / f"{VERSION}.zip").mkdir()
    finding = only(look(f"file:///srv/a%20b,{plain.url}/200"))
    assert (finding.status, finding.code) == (Status.FAIL, codes.DOWNLOADS_UNREACHABLE)
    assert fixes(finding) == "ls -l '/srv/a b'"
    spaced = only(look(f"file:///srv/a%20b/$(reboot)/..,{plain.url}/200"))
    assert fixes(spaced) == "ls -l '/srv/a b'"
    odd = root / "srv/$(reboot)" / proxies.ESCAPED / "@v" / f"{VERSION}.info"
    odd.mkdir(parents=True)
    assert only(look("file:///srv/$(reboot)")).remedy == "ls -l '/srv/$(reboot)'"


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x: y\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"x: y\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1;" + b"x" * 10_000 + b"\r\n{\r\n"),
    ],
    ids=["header", "body", "continue", "trailer", "chunks"],
)
def test_answers_are_bounded(look: Look, plain: ModuleProxy, start: bytes, piece: bytes) -> None:
    """An answer without end ends with a finding, long before the time is up."""

    def endless(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(start)
        while True:
            connection.sendall(piece * 100)

    with servers.listen(endless) as server:
        finding = only(look(f"http://127.0.0.1:{server.port},{plain.url}/200", attempts=1, timeout_s=60))
    assert (finding.status, finding.code) == (Status.FAIL, codes.DOWNLOADS_BAD_ANSWER)
    assert finding.evidence["tries"][0]["duration_s"] < 30


def test_what_is_no_http(look: Look) -> None:
    """Another protocol is named by its own words."""
    with servers.listen(servers.says(b"SSH-2.0-x\r\n")) as server:
        assert only(look(f"http://127.0.0.1:{server.port}")).code is codes.DOWNLOADS_BAD_ANSWER


def test_what_a_server_says_is_shown_without_its_secrets(look: Look) -> None:
    """Each word of it that is told: a status line, Retry-After; `Look` asserts that there is no secret."""
    for answer in (
        f"HTTP/1.1 429 \x1b[1m token={SECRET}\r\nRetry-After: \x1b[1m password={SECRET}\r\n\r\n",
        f"\x1b[1m https://me:{SECRET}@example.com\r\n\r\n",
    ):
        with servers.listen(servers.says(answer.encode())) as server:
            finding = only(look(f"http://127.0.0.1:{server.port}", attempts=1))
        told = json.dumps([finding.cause, finding.evidence])
        assert ".[1m" in told
        assert "***" in told
        assert "u001b" not in told


def test_roots_at_which_go_waits(look: Look, root: Path, plain: ModuleProxy) -> None:
    """A FIFO in the bundle's place holds up every download; without it there is one."""
    import os

    (root / "etc/ssl").mkdir(parents=True)
    os.mkfifo(root / "etc/ssl/cert.pem")
    finding = only(look(f"{plain.url}/200"))
    assert (finding.code, fixes(finding)) == (codes.DOWNLOADS_UNTRUSTED, "rm /etc/ssl/cert.pem")
    (root / "etc/ssl/cert.pem").unlink()
    sound(look, plain)


def test_a_go_command_that_does_not_tell(make_target: MakeTarget, root: Path, plain: ModuleProxy) -> None:
    """A wrapper whose GOPROXY is baked in, where nothing may be run: unknown."""
    target = make_target({"/usr/local/go/bin/go": "#!/bin/sh\n"})
    (root / "usr/local/go/bin/go").chmod(0o755)
    run = Run(Deadline(5), "all", pki.NOW, Facts(target, go=NEWEST), lambda _: None)
    finding = only(list(Downloads().run(target, run)))
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.DOWNLOADS_GOPROXY_UNKNOWN)
    assert fixes(finding).startswith("ENV GOPROXY=")
    told = target._replace(env={"GOPROXY": f"{plain.url}/200", "PATH": "/bin"})
    run = run._replace(facts=Facts(told, go=NEWEST))
    assert only(list(Downloads(module=WANTED).run(told, run))).code is codes.DOWNLOADS_OK


def test_the_role_decides(look: Look, plain: ModuleProxy) -> None:
    """Network checks belong to startup; nobody is asked in the role of another."""
    finding = only(look(f"{plain.url}/403", role="ready"))
    assert (finding.status, finding.code) == (Status.SKIP, codes.DOWNLOADS_NOT_ASKED)
    assert plain.asked == []
    assert only(look(f"{plain.url}/200", role="ready", roles=("ready",))).code is codes.DOWNLOADS_OK


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('downloads.roles=["live"]', "restarting this container does not fix a remote server"),
        ('downloads.module="example.com/m"', "write a module and its full version"),
        ('downloads.module="example.com/m@latest"', "write a module and its full version"),
        ('downloads.module="../m@v1.0.0"', "write a module and its full version"),
        ("downloads.attempts=0", "downloads.attempts"),
    ],
)
def test_settings_that_are_refused(setting: str, said: str) -> None:
    """With a line that says what to write."""
    with pytest.raises(ProbeError, match=said):
        load.load(environ={}, sets=[setting], system_file="/no/such/file")


def test_runs_only_where_it_is_configured() -> None:
    """A key of its table turns it on."""
    for sets, runs in (([], False), ([f'downloads.module="{WANTED}"'], True)):
        settings = load.load(environ={}, sets=sets, system_file="/no/such/file")
        assert ("downloads" in settings.enabled) is runs


def test_command_from_the_list_to_the_exit_code(run_probe: RunProbe, plain: ModuleProxy) -> None:
    """As a user runs it."""
    args = ("check", "--only", "downloads", "--set", f'downloads.module="{WANTED}"')
    good = run_probe(*args, GOPROXY=f"{plain.url}/200")
    assert (good.code, good.err) == (0, ""), good.out
    bad = run_probe(*args, GOPROXY=f"{plain.url}/403,{plain.url}/200")
    assert bad.code == 1
    assert bad.out.startswith("unhealthy: DOWNLOADS_FORBIDDEN")
