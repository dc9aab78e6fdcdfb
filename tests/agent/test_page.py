"""The page for a browser: asked for by a client, and shown by a real Chromium."""

import json
import shutil
import socket
import struct
import subprocess
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from probe import codes
from tests.support.agents import QUICK, Agent, Serve, wait_for
from tests.support.pki import DAY, NOW, leaf, pems, root
from tests.tls import servers

GOOD = ("--only", "timezone", "--env", "TZ=UTC")
HOSTILE = "No/<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">&amp;"
BAD = ("--only", "timezone", "--env", f"TZ={HOSTILE}")
DETAILS = (*QUICK, "agent.expose_details=true")
SILENT = ("quic", "background-networking", "component-update", "sync", "gpu")


class Browser:
    """A headless Chromium that starts anew for each page."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder = program, folder
        self.said = ""  # what the last one wrote on stderr, its console included

    def _run(self, url: str, *options: str) -> str:
        home = self._folder / f"profile-{time.monotonic_ns()}"
        line = [self._program, "--headless", "--no-sandbox", "--no-first-run", f"--user-data-dir={home}"]
        line += [f"--disable-{what}" for what in SILENT]
        line += ["--enable-logging=stderr", "--hide-scrollbars", *options, url]
        done = subprocess.run(line, capture_output=True, text=True, timeout=100)
        self.said = done.stderr
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def dom(self, url: str, *options: str) -> str:
        """The document as it is after scripts have run."""
        return self._run(url, "--dump-dom", *options)

    def colours(self, url: str, *options: str) -> Counter[tuple[int, int, int]]:
        """How many pixels of which colour a screenshot has."""
        image = self._folder / "page.png"
        self._run(url, f"--screenshot={image}", "--window-size=450,350", *options)
        return Counter(pixels(image.read_bytes()))


def pixels(png: bytes) -> Iterator[tuple[int, int, int]]:
    """Those of a PNG with 8 bits for each of three or four colours, not interlaced (RFC 2083)."""
    width, height, depth, kind, *_ = struct.unpack(">IIBBBBB", png[16:29])
    size = {2: 3, 6: 4}[kind]
    assert depth == 8
    data, place = b"", 8
    while place < len(png):
        length, name = struct.unpack(">I4s", png[place : place + 8])
        data += png[place + 8 : place + 8 + length] if name == b"IDAT" else b""
        place += length + 12
    raw, above = zlib.decompress(data), bytearray(width * size)
    for row in range(height):
        start = row * (width * size + 1)
        line = bytearray(raw[start + 1 : start + 1 + width * size])
        unfilter(raw[start], line, above, size)
        yield from ((line[i], line[i + 1], line[i + 2]) for i in range(0, len(line), size))
        above = line


def unfilter(kind: int, line: bytearray, above: bytearray, size: int) -> None:
    for i in range(len(line) if kind else 0):
        left, up = line[i - size] if i >= size else 0, above[i]
        if kind == 4:
            corner = above[i - size] if i >= size else 0
            left = min((left, up, corner), key=lambda one: abs(left + up - corner - one))
        line[i] = (line[i] + (0, left, up, (left + up) // 2, left)[kind]) & 255


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    program = shutil.which("chromium")
    if not program:
        pytest.skip("needs chromium")
    return Browser(program, tmp_path)


def url(agent: Agent) -> str:
    return f"http://127.0.0.1:{agent.port}/"


def ran(agent: Agent) -> Agent:
    wait_for(lambda: "timezone" in agent.get("/readyz?verbose").text)
    return agent


GREEN, RED = (0x0F, 0x7A, 0x43), (0xC0, 0x20, 0x2F)
LIGHT, DARK = "--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0"


def test_green_and_red_at_a_glance(serve: Serve, browser: Browser) -> None:
    """In the pixels of a screenshot: the one colour is there and the other is not; a dark page is dark."""
    good, bad = ran(serve(*GOOD)), ran(serve(*BAD))
    good.until("/readyz", 200)
    well, ill = browser.colours(url(good), LIGHT), browser.colours(url(bad), LIGHT)
    assert well[GREEN] > 500 > 10 > well[RED]
    assert ill[RED] > 500 > 10 > ill[GREEN]
    assert sum(well.most_common(1)[0][0]) > 600
    assert sum(browser.colours(url(good), DARK).most_common(1)[0][0]) < 150


def test_words_say_it_too(serve: Serve, browser: Browser) -> None:
    """Whoever sees no colour, or has no script, reads the same."""
    good, bad = ran(serve(*GOOD, sets=DETAILS)), ran(serve(*BAD, sets=DETAILS))
    good.until("/readyz", 200)
    assert "<h1>Healthy</h1>" in browser.dom(url(good))
    body = bad.get("/").text.encode()
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
    head += "Content-Security-Policy: script-src 'none'\r\n\r\n"
    with servers.listen(servers.says(head.encode() + body)) as server:
        told = browser.dom(f"http://127.0.0.1:{server.port}/")
    assert "violates the following Content Security Policy" in browser.said
    assert "<h1>Not healthy: startup, ready</h1>" in told
    assert codes.TIMEZONE_NAME_UNKNOWN.name in told
    assert "<pre>Set TZ to the name of a zone, such as TZ=Europe/Berlin</pre>" in told


def test_what_a_target_says_stays_text(serve: Serve, browser: Browser) -> None:
    """Markup in a value is shown and not obeyed, and the policy of the page finds nothing to refuse."""
    told = browser.dom(url(ran(serve(*BAD, sets=DETAILS))))
    assert "No/&lt;script&gt;document.title='taken'&lt;/script&gt;&lt;img src=x" in told
    assert "<title>Not healthy: startup, ready | probe</title>" in told
    assert told.count("<script") == 1
    assert "<img" not in told
    assert "violates the following Content Security Policy" not in browser.said


def test_nothing_else_may_load_or_frame_it(serve: Serve) -> None:
    """A policy without exceptions but for our own style and script, by a nonce that is used once."""
    agent = ran(serve(*GOOD))
    first, second = agent.get("/"), agent.get("/")
    assert (first.status, first.headers["content-type"]) == (200, "text/html; charset=utf-8")
    rules = dict(
        rule.strip().partition(" ")[::2] for rule in first.headers["content-security-policy"].split(";")
    )
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["style-src"] == rules["script-src"]
    assert rules["script-src"].removeprefix("'nonce-").removesuffix("'") in first.text
    assert first.headers["content-security-policy"] != second.headers["content-security-policy"]
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["referrer-policy"] == "no-referrer"
    assert "http://" not in first.text.replace("http://www.w3.org/2000/svg", "")
    assert agent.get("/", "HEAD").text == ""


def test_a_script_keeps_it_fresh(serve: Serve, browser: Browser) -> None:
    """It asks again by itself, shows what it then got, and says when nobody answers any more."""
    agent = ran(serve(*GOOD))
    agent.until("/readyz", 200)
    most, given = 100, 0

    def relay(line: socket.socket) -> None:
        nonlocal given
        if not line.recv(4096).startswith(b"GET / ") or given == most:
            return
        given += 1
        body = agent.get("/").text.replace("<h1>", f"<h1>{given}. ").encode()
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        line.sendall(head.encode() + body)

    with servers.listen(relay) as server:
        where = f"http://127.0.0.1:{server.port}/"
        told = browser.dom(where, "--virtual-time-budget=18000")
        shown = int(told.partition("<h1>")[2].partition(". Healthy</h1>")[0])
        assert 2 <= shown <= given
        assert '<div id="lost" role="alert" hidden="">' in told
        most, given = 1, 0
        told = browser.dom(where, "--virtual-time-budget=18000")
        assert "<h1>1. Healthy</h1>" in told
        assert '<div id="lost" role="alert">' in told


def test_without_details_it_tells_how_and_not_why(serve: Serve) -> None:
    """The verdict of each role and check, the strip of runs; no code, no cause, no evidence."""
    text = ran(serve(*BAD)).get("/").text
    assert "<h1>Not healthy: startup, ready</h1>" in text
    assert "Reason withheld." in text
    assert '<h3>timezone <span class="badge bad">' in text
    for secret in ("TIMEZONE_", "script&gt;document", "tzdata", "evidence</summary>"):
        assert secret not in text


def test_a_token_guards_it_and_a_browser_can_bring_it(serve: Serve, tmp_path: Path) -> None:
    """A browser asks for a password; the token is one."""
    token = tmp_path / "token"
    token.write_text("let-me-see-it\n")
    agent = ran(serve(*BAD, sets=(*DETAILS, f"agent.token_file={token}")))
    refused = agent.get("/")
    assert (refused.status, refused.text) == (401, "401 unauthorized\n")
    assert 'Basic realm="probe"' in refused.headers["www-authenticate"]
    for wrong in ("Basic bm86cGU=", "Basic ===", "Basic \xe9", "Digest let-me-see-it", "Bearer", ""):
        assert agent.get("/", Authorization=wrong).status == 401
    for right in ("Bearer let-me-see-it", "Basic YW55Ym9keTpsZXQtbWUtc2VlLWl0"):
        assert codes.TIMEZONE_NAME_UNKNOWN.name in agent.get("/", Authorization=right).text


def test_certificates_say_how_long_they_last(serve: Serve, tmp_path: Path) -> None:
    """For each endpoint the chain that was sent and the one that Go verifies, soonest first."""
    ca = root()
    late, soon = leaf(ca, "localhost"), leaf(ca, "localhost", not_after=NOW + 5.5 * DAY)
    bundle = tmp_path / "roots.pem"
    bundle.write_text(pems([ca]))
    with servers.tls(late) as one, servers.tls(soon) as other:
        endpoints = json.dumps([one.endpoint, other.endpoint])
        sets = (*DETAILS, f"ca-bundle.endpoints={endpoints}")
        agent = serve("--only", "ca-bundle", sets=sets, SSL_CERT_FILE=str(bundle))
        agent.until("/startupz", 200)
        text = agent.get("/").text
    rows = text.partition("<tbody>")[2].partition("</tbody>")[0].split("</tr>")
    assert [other.endpoint in rows[0], one.endpoint in rows[1]] == [True, True]
    assert rows[0].count("<b>in 5 days</b>") == 2
    assert rows[0].strip().startswith('<tr class="warn">')
    assert rows[1].count("<b>in 299 days</b>") == 2
    assert rows[1].strip().startswith('<tr class="good">')


@pytest.mark.sweep
def test_the_strip_shows_each_run(serve: Serve, tmp_path: Path) -> None:
    """A bar a run, at most 60, good ones and bad ones by class, and in words."""
    place = tmp_path / "place"
    place.mkdir()
    sets = ("agent.interval_s=0.1", "agent.retry_s=0.1", *DETAILS[2:])
    agent = serve("--only", "timezone", "--root", str(place), "--env", "TZ=UTC", sets=sets)
    wait_for(lambda: agent.get("/").text.count('<li class="good" title="') >= 3)
    place.rename(tmp_path / "away")
    wait_for(lambda: agent.get("/").text.count('<li class="bad" title="') >= 2)
    assert " not healthy</span>" in agent.get("/").text
    wait_for(lambda: ">60 runs, " in agent.get("/").text, within_s=60)
    time.sleep(0.5)
    text = agent.get("/").text
    assert text.count('<li class="bad" title="') + text.count('<li class="good" title="') == 60
