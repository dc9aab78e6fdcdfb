"""`probe explain`: all codes, or one, with the way that fits the image at hand first."""

import json
import re
from pathlib import Path

import pytest

from probe.codes import CODES
from probe.explain import base, find, messages
from probe.golang.x509 import verify
from probe.targets import Target
from tests.cli.pasted import PASTED, UNTRUSTED
from tests.support.commands import MakeTarget, RunProbe

DISTROLESS = 'PRETTY_NAME="Distroless"\nNAME="Debian GNU/Linux"\nID="debian"\n'


def test_it_lists_every_code(run_probe: RunProbe) -> None:
    """One line each, below the check that makes it."""
    done = run_probe("explain")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    for code in CODES.values():
        assert sum(line.split()[:1] == [code.name] for line in lines) == 1
        assert any(line.startswith(f"  {code.name} ") and line.endswith(code.meaning) for line in lines)
    for check in {code.check for code in CODES.values()} - {"*"}:
        assert f"{check}:" in lines


@pytest.mark.parametrize("name", ["CHECK_TIMED_OUT", "check_timed_out", "Check-Timed-Out"])
def test_a_code_is_found_in_any_case(run_probe: RunProbe, name: str) -> None:
    """It tells the meaning, the causes, and what fixes it."""
    done = run_probe("explain", name)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(
        "CHECK_TIMED_OUT (any check)\n  A check had not finished when the deadline came.\n"
    )
    assert "\nwhy:\n  - " in done.out
    assert "\nfix:\n  probe check --timeout 10" in done.out


@pytest.mark.parametrize("name", ["go-version", "GO_VERSION"])
def test_the_codes_of_a_check_are_listed(run_probe: RunProbe, name: str) -> None:
    """And of no other."""
    done = run_probe("explain", name)
    listed = [line.split()[0] for line in done.out.splitlines()[1:]]
    assert listed == [code.name for code in CODES.values() if code.check == "go-version"]


def test_codes_that_begin_alike_are_listed(run_probe: RunProbe) -> None:
    """A word of a code stands for all that begin with it."""
    done = run_probe("explain", "ssl_cert")
    listed = [line.split()[0] for line in done.out.splitlines()[1:]]
    assert listed == [name for name in CODES if name.startswith("SSL_CERT_")]
    assert len(listed) > 1


def test_what_is_fine_needs_no_fix(run_probe: RunProbe) -> None:
    """A code of success says so."""
    done = run_probe("explain", "GO_ENV_OK")
    assert done.code == 0
    assert done.out.endswith("Nothing to do: this is how it should be.\n")


def test_every_explanation_can_be_printed(run_probe: RunProbe, make_target: MakeTarget) -> None:
    """No text breaks the form."""
    from probe.explain import one

    target = make_target({"/etc/os-release": "ID=alpine\n"})
    for code in CODES.values():
        text = one(find(code.name), target)
        assert text.startswith(f"{code.name} (")
        assert all(line.isprintable() for line in text.splitlines())


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/etc/os-release": "ID=debian\n"}, "debian"),
        ({"/etc/os-release": "ID=ubuntu\nID_LIKE=debian\n"}, "debian"),
        ({"/etc/os-release": 'ID="linuxmint"\nID_LIKE="ubuntu debian"\n'}, "debian"),
        ({"/etc/os-release": "NAME='Alpine Linux'\nID=alpine\n"}, "alpine"),
        ({"/etc/os-release": "ID=wolfi\n"}, "alpine"),
        ({"/usr/lib/os-release": 'ID="rhel"\nID_LIKE="fedora"\n'}, "rhel"),
        ({"/etc/os-release": 'ID="rocky"\nID_LIKE="rhel centos fedora"\n'}, "rhel"),
        ({"/etc/os-release": DISTROLESS}, "distroless"),
        ({"/etc/os-release": "ID=arch\n", "/bin/sh": ""}, ""),
        ({"/bin/sh": ""}, ""),
        ({"/app": ""}, "scratch"),
        ({"/etc/os-release": b"\xff\xfe\x00ID", "/bin/sh": ""}, ""),
    ],
)
def test_the_base_is_recognised(make_target: MakeTarget, files: dict[str, str], expected: str) -> None:
    """By os-release(5), its relatives included; an image that has nothing of a system is scratch."""
    assert base(make_target(files)) == expected


def test_the_way_on_this_image_comes_first(run_probe: RunProbe, make_target: MakeTarget) -> None:
    """Marked, and before the others."""
    target: Target = make_target({"/etc/os-release": "ID=alpine\n"})
    code = "TIMEZONE_TZDATA_MISSING"
    here = run_probe("explain", code, "--root", target.name).out
    assert here.index("  alpine (this image):") < here.index("  debian:")
    elsewhere = run_probe("explain", code, "--root", "/proc").out
    assert elsewhere.index("  debian:") < elsewhere.index("  alpine:")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (
            'Get "https://a/": tls: failed to verify: x509: certificate signed by unknown authority',
            "TLS_UNKNOWN_AUTHORITY",
        ),
        ("panic: unknown time zone Asia/Shanghai", "TIMEZONE_TZDATA_MISSING"),
        ("open /etc/localtime: no such file or directory", "TIMEZONE_LOCALTIME_MISSING"),
        ("exec /app: exec format error", "GO_WRONG_ARCHITECTURE"),
        (
            "/app: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found",
            "LINKAGE_VERSION_MISSING",
        ),
        ("GLIBC_2.34 not found", "LINKAGE_VERSION_MISSING"),
        ("tls: first record does not look like a TLS handshake", "TLS_NOT_TLS"),
        ("go: download go1.22 for linux/amd64: toolchain not available", "GO_TOO_OLD"),
        (
            "X509:  Certificate has expired or is not yet valid: current time 2027 is after 2026",
            "TLS_EXPIRED",
        ),
        ("remote error: tls: handshake failure", "TLS_HANDSHAKE_FAILURE"),
        ("dial tcp: lookup api.internal on 10.0.0.10:53: no such host", "TLS_HOST_NOT_FOUND"),
        ("exec /app: no such file or directory", "LINKAGE_LOADER_MISSING"),
    ],
)
def test_a_message_of_gos_is_explained(run_probe: RunProbe, message: str, code: str) -> None:
    """What is in the clipboard: its codes, the likeliest first, and the command that tells which."""
    done = run_probe("explain", message)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[1].split()[0] == code
    assert "probe check --only " in done.out


FORMS = (
    "2026/11/29 20:28:08 main.go:7: {}",
    "E1129 20:28:08.123456       1 reflector.go:138] failed to list *v1.Pod: {}",
    "\x1b[31mERROR\x1b[0m {}\r",
    'time="2026-11-29T20:28:08Z" level=fatal msg="{}"',
    "'{}'",
    'rpc error: code = Unavailable desc = connection error: desc = "transport: {}"',
    "panic: {}\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:10 +0x1d\nexit status 2",
)


@pytest.mark.parametrize("form", FORMS)
def test_a_message_is_known_as_it_is_pasted(form: str) -> None:
    """With what a logger puts around it, in quotes, wrapped by a terminal, as JSON once and twice."""
    for text, code in PASTED:
        line = form.format(text)
        wrapped = text.replace(" ", "\n ", 1)
        for pasted in (line, wrapped, json.dumps({"error": line}), json.dumps(json.dumps({"error": line}))):
            found = messages.find_all(pasted)
            assert [known.codes[0].name for _, known in found] == [code], pasted


def test_each_of_several_errors_is_told(run_probe: RunProbe) -> None:
    """On lines as errors.Join has them, or with a semicolon between; one is not told twice."""
    both = (f'Get "https://a/": {UNTRUSTED}', "unknown time zone Asia/Tokyo")
    for text in ("\n".join(both), "; ".join(both), json.dumps({"error": "\n".join((*both, both[0]))})):
        done = run_probe("explain", text)
        assert (done.code, done.err) == (0, "")
        assert done.out.index("TLS_UNKNOWN_AUTHORITY") < done.out.index("TIMEZONE_TZDATA_MISSING")
        assert done.out.startswith("certificate signed by unknown authority\n")
        assert done.out.count("probe check --only ") == 2


def test_messages_are_told_by_codes_that_exist() -> None:
    """Each entry is found by every one of its own pieces, whatever stands around it."""
    for known in messages.table():
        for piece in known.says:
            assert messages.find(f"2027/01/15 main.go:7: {piece.replace(' … ', ' x ')}, bye") is known


def test_gos_own_words_of_every_verdict_are_known() -> None:
    """Whatever error a verdict on a chain can carry leads to its code."""
    source = "".join(path.read_text() for path in (Path(verify.__file__).parents[1]).rglob("*.py"))
    said = set(re.findall(r'"((?:x509|tls): [^"{]{12,})"', source))
    assert len(said) > 8
    assert not {text for text in said if not messages.find(text)}
