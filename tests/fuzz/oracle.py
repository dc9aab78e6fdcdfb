"""The Go oracle as a process that answers a stream of requests."""

import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any

from tests.differential.harness import oracle

Request = tuple[bytes, Sequence[bytes]]  # question (one octet), fields
_MEMORY = "512MiB"


class Stream:
    """`oracle stream` of one release; a context manager that ends it."""

    def __init__(self, version: str) -> None:
        self._process = subprocess.Popen(
            [oracle(version), "stream"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"GOMEMLIMIT": _MEMORY, "GOMAXPROCS": "1"},
        )

    def __enter__(self) -> "Stream":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def ask(self, requests: Sequence[Request]) -> Iterator[dict[str, Any]]:
        """The answers in order; as many as there are requests, or an error."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        data = b"".join(map(_packed, requests))

        def send() -> None:
            stdin.write(data)
            stdin.flush()

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        for _ in requests:
            line = stdout.readline()
            if not line:
                raise EOFError(f"the oracle ended: {self._process.wait()}")
            yield json.loads(line)
        sender.join()


def _packed(request: Request) -> bytes:
    question, fields = request
    return question + bytes((len(fields),)) + b"".join(len(f).to_bytes(4, "big") + f for f in fields)
