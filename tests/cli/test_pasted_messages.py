"""What is pasted as logs, runtimes, terminals and chat programs write it, and errors that are joined."""

import json
from collections.abc import Callable, Mapping

import pytest

from probe.explain import messages
from tests.cli.pasted import PASTED


def _curly(text: str) -> str:
    """As a chat program writes quotes."""
    opened = text.split('"')
    joined = "".join(part + ("\u201c" if at % 2 == 0 else "\u201d") for at, part in enumerate(opened))
    return joined[:-1].translate(dict.fromkeys(map(ord, "'`"), "\u2019"))


WRAPPINGS: Mapping[str, Callable[[str], str]] = {
    "slog json": lambda t: json.dumps(
        {"time": "2026-11-29T20:28:08Z", "level": "ERROR", "msg": "request failed", "err": t}
    ),
    "slog text": lambda t: (
        'time=2026-11-29T20:28:08.000Z level=ERROR msg="request failed" err=' + json.dumps(t)
    ),
    "zap": lambda t: json.dumps(
        {
            "level": "error",
            "ts": 1764447000.1,
            "caller": "app/main.go:7",
            "msg": "failed",
            "error": t,
            "stacktrace": "main.main\n\t/src/main.go:7\nruntime.main\n\t/go/src/runtime/proc.go:283",
        }
    ),
    "zap console": lambda t: (
        "2026-11-29T20:28:08.123Z\tERROR\tapp/main.go:7\tfailed\t" + json.dumps({"error": t})
    ),
    "zerolog": lambda t: json.dumps(
        {"level": "fatal", "error": t, "time": 1764447000, "message": "cannot start"}
    ),
    "logrus": lambda t: 'time="2026-11-29T20:28:08Z" level=fatal msg=' + json.dumps(t) + " component=api",
    "klog": lambda t: (
        'E1129 20:28:08.123456       1 reflector.go:138] "Unhandled Error" err=' + json.dumps(t)
    ),
    "docker json": lambda t: json.dumps(
        {"log": t + "\n", "stream": "stderr", "time": "2026-11-29T20:28:08.123Z"}
    ),
    "docker json of json": lambda t: json.dumps(
        {"log": json.dumps({"err": t}) + "\n", "stream": "stderr", "time": "2026-11-29T20:28:08.123Z"}
    ),
    "docker parts": lambda t: (
        json.dumps({"log": t[: len(t) // 2], "stream": "stderr", "time": "2026-11-29T20:28:08.123Z"})
        + "\n"
        + json.dumps({"log": t[len(t) // 2 :] + "\n", "stream": "stderr", "time": "2026-11-29T20:28:08.124Z"})
    ),
    "docker parts nospace": lambda t: (
        json.dumps(
            {"log": t[: len(t) // 2], "stream": "stderr", "time": "2026-11-29T20:28:08.123Z"},
            separators=(",", ":"),
        )
        + "\n"
        + json.dumps(
            {"log": t[len(t) // 2 :] + "\n", "stream": "stderr", "time": "2026-11-29T20:28:08.124Z"},
            separators=(",", ":"),
        )
    ),
    "cri F": lambda t: "2026-11-29T20:28:08.123456789Z stdout F " + t,
    "cri P": lambda t: (
        "2026-11-29T20:28:08.123456789+00:00 stderr P "
        + t[: len(t) // 2]
        + "\n2026-11-29T20:28:08.123456789+00:00 stderr F "
        + t[len(t) // 2 :]
    ),
    "cri PPF": lambda t: "\n".join(
        f"2026-11-29T20:28:08.123456789Z stderr {tag} {part}"
        for tag, part in zip("PPF", (t[:10], t[10:20], t[20:]), strict=True)
    ),
    "journal": lambda t: "Nov 29 20:28:08 node-1 app[4711]: " + t,
    "journal json": lambda t: json.dumps({"MESSAGE": t, "_PID": "12", "PRIORITY": "3"}),
    "loki": lambda t: '2026-11-29 20:28:08.123\t{"app":"api"}\t' + json.dumps({"msg": t}),
    "grafana csv": lambda t: '"1764447000","{""app"":""api""}","' + t.replace('"', '""') + '"',
    "markdown table": lambda t: "| 2026-11-29 | api | " + t + " |",
    "quoted twice": lambda t: json.dumps(json.dumps(json.dumps(t))),
    "goerr": lambda t: "main: start: " + json.dumps(t)[1:-1],
    "curly": _curly,
    "curly json": lambda t: json.dumps(_curly(t)),
    "hard wrap 40": lambda t: "\n".join(t[i : i + 40] for i in range(0, len(t), 40)),
    "hard wrap 24": lambda t: "\n".join(t[i : i + 24] for i in range(0, len(t), 24)),
    "html": lambda t: t.replace("&", "&amp;").replace('"', "&#34;").replace("<", "&lt;"),
    "ansi escaped": lambda t: "\\u001b[31mERR\\u001b[0m " + t,
    "nbsp": lambda t: t.replace(" ", "\u00a0"),
    "quote mail": lambda t: "> " + t,
    "code": lambda t: "```\n" + t + "\n```",
    "go test": lambda t: "    main_test.go:12: unexpected error: " + t + "\n--- FAIL: TestX (0.00s)",
    "k8s event": lambda t: '5m   Warning   Failed   pod/api-0   Error: failed to start container "api": ' + t,
}


def _codes(text: str) -> list[str]:
    return [known.codes[0].name for _, known in messages.find_all(text)]


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_one_error_is_told_whatever_is_around_it(wrapping: str) -> None:
    for text, code in PASTED:
        pasted = WRAPPINGS[wrapping](text)
        assert _codes(pasted) == [code], pasted


JOINTS = (", ", " | ", " and ", "\\n", "\n", "; ", " && ", " - ", " -> ", ". ", " || ", "\t", " / ", ": ")


@pytest.mark.parametrize("joint", JOINTS)
@pytest.mark.parametrize("apart", [1, 5, 9, 14])
def test_each_of_two_errors_is_told_whatever_joins_them(joint: str, apart: int) -> None:
    """After a colon only one of another check: in a chain of causes each says why the one before it is."""
    tells = {code: messages.find(text) for text, code in PASTED}
    for (one, first), (other, second) in zip(PASTED, (*PASTED[apart:], *PASTED[:apart]), strict=True):
        left, right = tells[first], tells[second]
        assert left
        assert right
        if joint != ": " or left.tells != right.tells:
            assert _codes(one + joint + other) == list(dict.fromkeys([first, second])), (one, other)


@pytest.mark.parametrize("end", ["", "\u2026", "...", ">"])
def test_what_is_cut_off_is_told_by_its_beginning(end: str) -> None:
    """As a column that is too narrow leaves it."""
    for text, code in (
        (
            'Get "https://a/": tls: failed to verify certificate: x509: certificate signed by unkn',
            "TLS_UNKNOWN_AUTHORITY",
        ),
        ("panic: unknown time zo", "TIMEZONE_TZDATA_MISSING"),
        ("runtime: failed to create new OS th", "THREADS_LIMITED"),
        ("remote error: tls: handshake fai", "TLS_HANDSHAKE_FAILURE"),
        ("tls: first record does not look like a T", "TLS_NOT_TLS"),
    ):
        assert _codes(text + end)[0] == code


def test_a_message_in_names_and_addresses_is_one() -> None:
    """Commas and the word "and" are in messages of Go's too."""
    for text, code in (
        (
            "x509: certificate is valid for a.example, b.example and c.example, not d.example",
            "TLS_WRONG_NAME",
        ),
        (
            "x509: certificate has expired or is not yet valid: current time 1, and 2 is after 3",
            "TLS_EXPIRED",
        ),
        (
            "unrecognized import path: https fetch: Get: proxyconnect tcp: dial tcp: i/o timeout",
            "TLS_PROXY_UNREACHABLE",
        ),
    ):
        assert _codes(text) == [code]


def test_a_process_that_is_not_made_is_no_missing_loader() -> None:
    """As fork(2) fails at the limit of threads: the file is there."""
    for text in (
        "fork/exec /app: resource temporarily unavailable",
        "bash: fork: retry: Resource temporarily unavailable",
    ):
        assert _codes(text)[0] == "THREADS_LIMITED"
