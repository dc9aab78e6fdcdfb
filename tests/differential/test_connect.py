"""Which answers to CONNECT lead to a handshake: held against net/http, answer by answer."""

import contextlib
import random
import socket
import subprocess
from collections.abc import Iterator, Sequence

import pytest

from probe.golang.net.endpoint import Endpoint
from probe.golang.net.httpproxy import Proxy
from probe.golang.release import Go
from probe.tls.errors import Failed
from probe.tls.tunnel import open_tunnel
from tests.differential.harness import same
from tests.golang.builds import build, module
from tests.support.sweeps import examples
from tests.tls import servers

OK = b"HTTP/1.1 200 OK\r\n"
STATUS_LINES = [
    *(b"HTTP/1.1 200", b"HTTP/1.1 200 ", b"HTTP/1.1  200 OK", b"HTTP/1.1 200OK", b"HTTP/1.1\t200 OK"),
    *(b"http/1.1 200 OK", b"HTTP/2.0 200 OK", b"HTTP/2 200 OK", b"HTTP/3.0 200 OK", b"HTTP/0.9 200 OK"),
    *(b"HTTP/1.0 200 Connection established", b"HTTP/1.10 200 OK", b"HTTP/1.1 +20 OK", b"HTTP/1.1 -20 OK"),
    *(b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1 0x200 OK", b"HTTP/1.1 201 OK", b"HTTP/1.1 204 No"),
    *(b"HTTP/1.1 299 OK", b"HTTP/1.1 100 Continue", b"HTTP/1.1 101 Switching", b"HTTP/1.1 103 Early"),
    *(b"HTTP/1.1 302 Found", b"HTTP/1.1 407 Auth", b"HTTP/1.1 502 Bad", b"ICY 200 OK", b"SSH-2.0-x"),
    *(b"200 OK", b" HTTP/1.1 200 OK", b"HTTP/1.1 200 \xff\xfe", b"HTTP/1.1 200 O\0K", b"HTTP/1.1 200 O\rK"),
    *(
        b"HTTP/1.1 \xc2\xb2\xc2\xb9\xc2\xb2 OK",
        b"HTTP/1.1 200 " + b"x" * 9000,
        b"HTTP/a.b 200 OK",
        b"HTTP/1. 200",
    ),
    *(b"HTTP/1.1 2 0 OK", b"HTTP/ 1.1 200 OK", b"HTTP/1.1 200\tOK", b"HTTP/1.1\xa0200 OK", b""),
]
FIELDS = [
    *(
        b"A: b",
        b"A:b",
        b"A:",
        b"A : b",
        b"A\t: b",
        b": b",
        b"A",
        b"A b: c",
        b" A: b",
        b"\tA: b",
        b"A: b\r\n c",
    ),
    *(
        b"A: b\r\n\tc: d",
        b"A: \0",
        b"A: \x7f",
        b"A: \xff",
        b"\xc3\xa9: b",
        b"A\0: b",
        b"A: b\rC: d",
        b"A: \r",
    ),
    *(
        b'A"b: c',
        b"A(b: c",
        b"A,b: c",
        b"A/b: c",
        b"A@b: c",
        b"A[b: c",
        b"!#$%&'*+-.^_`|~: x",
        b"A: " + b"x" * 70000,
    ),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip", b"Transfer-Encoding: identity"),
    *(b"Transfer-Encoding: chunked, gzip", b"Transfer-Encoding: CHUNKED", b"Transfer-Encoding:"),
    *(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"transfer-encoding:  chunked "),
    *(
        b"Content-Length: 0",
        b"Content-Length: 5",
        b"Content-Length: -1",
        b"Content-Length: +5",
        b"Content-Length: 0x5",
    ),
    *(
        b"Content-Length: 5, 5",
        b"Content-Length: 5\r\nContent-Length: 5",
        b"Content-Length: 5\r\nContent-Length: 6",
    ),
    *(
        b"Content-Length:",
        b"Content-Length: x",
        b"Content-Length: 99999999999999999999",
        b"Content-Length: 1 2",
    ),
    *(b"Content-Length: 5\r\nContent-Length: 05", b"Content-Length: 5\r\nTransfer-Encoding: chunked"),
    *(b"Content-Length: x\r\nTransfer-Encoding: chunked", b"Content-Length: \r\nContent-Length: "),
    *(
        b"Trailer: Content-Length",
        b"Trailer: A",
        b"Trailer: A\r\nTransfer-Encoding: chunked",
        b"Connection: close",
    ),
    *(
        b"Trailer: Content-Length\r\nTransfer-Encoding: chunked",
        b"Trailer: Trailer\r\nTransfer-Encoding: chunked",
    ),
    *(
        b"Upgrade: h2c",
        b"Proxy-Authenticate: Basic",
        b"Content-Encoding: gzip",
        b"Proxy-Connection: Keep-Alive",
    ),
]
ENDS = [
    b"\r\n\r\n",
    b"\n\n",
    b"\r\n\n",
    b"\n\r\n",
    b"\r\n",
    b"",
    b"\r\r\n\r\n",
    b"\r\n \r\n\r\n",
    b"\r\n\r\nhello",
]
WHOLE = [
    *(b"", b"\r\n\r\n", b"\r\n" + OK + b"\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"\r\n"),
    b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK + b"\r\n",
    OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    *(OK + b"X: y\r\n" * 300_000 + b"\r\n", OK + b"\r\n" + b"x" * 5000, OK + b"\0\r\n\r\n"),
]
SOURCE = """package main

import (
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"
)

func main() {
	proxy, _ := url.Parse(os.Args[1])
	count, _ := strconv.Atoi(os.Args[2])
	var all sync.WaitGroup
	slots := make(chan bool, 16)
	for number := 0; number < count; number++ {
		all.Add(1)
		slots <- true
		go func(number int) {
			way := &http.Transport{Proxy: http.ProxyURL(proxy)}
			client := http.Client{Transport: way, Timeout: 10 * time.Second}
			answer, err := client.Get("https://" + strconv.Itoa(number) + ".test/")
			if err == nil {
				answer.Body.Close()
			}
			<-slots
			all.Done()
		}(number)
	}
	all.Wait()
}
"""


def answers(draw: random.Random, drawn: int) -> list[bytes]:
    """Each odd part in an answer that is sound but for it, and *drawn* mixtures."""
    found = [*WHOLE]
    found += [line + b"\r\n\r\n" for line in STATUS_LINES]
    found += [OK + field + b"\r\n\r\n" for field in FIELDS]
    found += [OK + b"A: b\r\n" + field + b"\r\n\r\n" for field in FIELDS]
    found += [OK + b"A: b" + end for end in ENDS] + [OK[:-2] + end for end in ENDS]
    for _ in range(drawn):
        line = OK[:-2] if draw.random() < 0.7 else draw.choice(STATUS_LINES)
        break_ = draw.choice([b"\r\n", b"\r\n", b"\n"])
        found.append(break_.join([line, *draw.choices(FIELDS, k=draw.randrange(4))]) + draw.choice(ENDS))
    return found


@contextlib.contextmanager
def proxy(told: Sequence[bytes], accepted: list[bool | None]) -> Iterator[servers.Server]:
    """Answers CONNECT to N.test with the Nth of *told*, and notes whether a TLS record comes after that."""

    def handler(connection: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:
            asked += connection.recv(4096)
        number = int(asked.split(b" ")[1].partition(b".")[0])
        with contextlib.suppress(OSError):
            connection.sendall(told[number])
            connection.shutdown(socket.SHUT_WR)
        try:
            accepted[number] = connection.recv(1) == b"\x16"
        except OSError:
            accepted[number] = False

    with servers.listen(handler) as made:
        yield made


@pytest.mark.parametrize("lax", ["0", "1"])
def test_an_answer_is_taken_where_net_http_takes_it(go_version: str, lax: str) -> None:
    """GODEBUG=httplaxcontentlength=1 takes an empty Content-Length from 1.22 on."""
    major, minor, patch = map(int, go_version.split("."))
    go = Go((major, minor, patch), "as-go", {"httplaxcontentlength": lax})
    told = answers(random.Random(6), examples(800))
    theirs: list[bool | None] = [None] * len(told)
    program = build(go_version, module(SOURCE, go=f"1.{minor}"))
    with proxy(told, theirs) as server:
        url, env = f"http://127.0.0.1:{server.port}", {"GODEBUG": f"httplaxcontentlength={lax}"}
        subprocess.run([program, url, str(len(told))], env=env, check=True, timeout=60)
    for answer, taken in zip(told, theirs, strict=True):
        same(ours(answer, go), taken, repr((answer[:100], answer[-100:])))


def ours(answer: bytes, go: Go) -> bool:
    way = Proxy("HTTPS_PROXY", "http", "proxy.test", 80), Endpoint("0.test", 443)
    try:
        open_tunnel(Recorded(answer), *way, go)
    except Failed:
        return False
    return True


class Recorded:
    """A stream from which one answer comes."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def send(self, data: bytes) -> None:
        assert data.startswith(b"CONNECT ")

    def receive(self, limit: int = 16 << 10) -> bytes:
        data, self._answer = self._answer[:limit], self._answer[limit:]
        return data

    def waiting(self, limit: int = 16 << 10) -> bytes:
        return self.receive(limit)
