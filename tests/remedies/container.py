"""A running container in which a remedy is typed: this machine's root, changed in memory, with probe."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tests.golang.builds import HELLO, build, module
from tests.remedies import bases
from tests.remedies.bases import BUNDLE
from tests.remedies.dockerfile import PATH, carry_out, set_env
from tests.remedies.fault import GO
from tests.remedies.mounted import MountedGo
from tests.remedies.scenes import put, removed

BAD = ("warn", "unknown", "fail")
CONFIGURATION = "/etc/probe.toml"
_T = TypeVar("_T")
_PROBE = (
    "#!{python} -P\nimport runpy, sys\nsys.path.insert(0, {repository!r})\nsys.argv[0] = 'probe'\n"
    "runpy.run_module('probe', {{}}, '__main__')\n"
)
_DIALS = """package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"os"
	"time"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	trace := &httptrace.ClientTrace{TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
		if err == nil {
			os.Exit(0)
		}
	}}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), "HEAD", os.Args[1], nil)
	if err == nil {
		_, err = http.DefaultClient.Do(request)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
"""


class Said(NamedTuple):
    """What a command ended with, and what it wrote."""

    code: int
    out: str
    err: str


class Container:
    """What its owner may change: files, environment, the configuration of probe, what was typed before."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        self.root, self._stack = root, stack
        self.env = {"PATH": f"/usr/local/go/bin:{PATH}", "HOME": "/root"}
        self.settings: dict[str, str] = {}
        self.context: dict[str, bytes] = {}  # beside its Dockerfile
        self.meant: dict[str, str] = {}  # what its owner knows: the place that a line leaves for it, and what
        self.typed: list[str] = []  # of the shell that probe is started by
        self.built: Callable[[str], object] = self.sh  # what builds its image with another instruction
        self.alone = False  # whether each shell is the first process of a PID namespace of its own
        self.at = "/"  # where commands are typed

    def have(self, thing: AbstractContextManager[_T]) -> _T:
        """Something that is there as long as the container is."""
        return self._stack.enter_context(thing)

    def put(self, path: str, content: bytes | str, mode: int = 0o644) -> None:
        put(path, content.encode() if isinstance(content, str) else content, mode)(self.root)

    def read(self, path: str) -> str:
        return (self.root / path.lstrip("/")).read_text()

    def trust(self, *roots: str) -> None:
        """Have these as the only roots that Go takes."""
        removed("etc/ssl/certs")(self.root)
        removed("usr/local/share/ca-certificates")(self.root)
        self.put(BUNDLE, "".join(roots))

    def name(self, host: str, address: str) -> None:
        """An entry of /etc/hosts."""
        hosts = self.root / "etc/hosts"
        self.put("/etc/hosts", (hosts.read_text() if hosts.exists() else "") + f"{address} {host}\n")

    def at_end(self, act: Callable[[], object]) -> None:
        self._stack.callback(act)

    def go(self, release: str = GO) -> None:
        self._tree = self.have(MountedGo(self.root, release))

    def go_again(self, release: str) -> None:
        """Another release in the place of the one that is there."""
        self._tree.take(release)

    def program(self, *flags: str) -> bytes:
        return build(GO, module(HELLO), *flags).read_bytes()

    def sh(self, line: str, *, timeout: float = 100) -> Said:
        """A line of sh in the container."""
        whole = "\n".join([*self.typed, f"cd {shlex.quote(self.at)}", line])
        apart = ["unshare", "--pid", "--fork", f"--mount-proc={self.root}/proc"] * self.alone
        done = subprocess.run(
            [*apart, "chroot", str(self.root), "/bin/sh", "-c", whole],
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def report(self, *words: str) -> list[dict[str, Any]]:
        """What `probe check` finds with these words, check by check."""
        self.configure()
        return self._reported(shlex.join(["probe", "check", *words]))

    def dials(self, url: str) -> bool:
        """Whether a program of Go shakes hands with that server."""
        self.put("/dials", build(GO, {"main.go": _DIALS}).read_bytes(), 0o755)
        return self.sh(f"/dials {url}").code == 0

    def start(self, *command: str) -> int:
        """A process that runs as long as the container does; its number."""
        process = subprocess.Popen(
            ["chroot", str(self.root), *command], env=self.env, stdin=subprocess.DEVNULL
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process.pid

    def _reported(self, command: str) -> list[dict[str, Any]]:
        said = self.sh(f"{command} --format json")
        assert said.out, (command, said.err)
        found: list[dict[str, Any]] = json.loads(said.out)["checks"]
        return found

    # --- what is printed ------------------------------------------------------------------

    def follow(self, text: str) -> list[dict[str, Any]] | None:
        """
        Do what *text* says, line by line.

        What the last command of probe reports, where the lines end with one: it is what asks again.
        """
        found: list[dict[str, Any]] | None = None
        table = ""
        for line in text.split("\n"):
            line, found = self._as_meant(line), None
            word = line.split(" ", 1)[0]
            if re.search(r"(^|[ /])probe check( |$)", line):
                found = self._reported(line)
                self._kept(line)
            elif word == "ENV":
                set_env(self.env, line.partition(" ")[2])
            elif line.startswith("COPY --from=golang:"):
                self.go()
            elif word in ("ENTRYPOINT", "USER"):
                self.built(line)
            elif word in ("RUN", "COPY"):
                carry_out(self.root, self.env, line, self.context, "/")
            elif named := re.fullmatch(r"\[([\w.-]+)\]", line):
                table = f"{named[1]}."
            elif re.match(r"[a-z-]*[\w.]+ = ", line):
                key, _, value = line.partition(" = ")
                self.settings.pop(table.rstrip("."), "")
                self.settings[f"{table}{key}"] = value
            elif word == "ulimit":
                self.typed.append(line)
            else:
                said = self.sh(line)
                assert said.code == 0, (line, said)
            self.configure()
        return found

    def _kept(self, line: str) -> None:
        """What was set for the one run goes into the configuration, so that it stays."""
        words = shlex.split(line)
        for before, after in pairwise(words):
            if before == "--set":
                key, _, value = after.partition("=")
                lists = key.endswith((".endpoints", ".extra_roots"))
                self.settings[key] = json.dumps([value]) if lists else json.dumps(value)

    def _as_meant(self, line: str) -> str:
        for place, value in self.meant.items():
            line = line.replace(place, value)
        return line

    def configure(self) -> None:
        """Write the settings down."""
        self.put(CONFIGURATION, "".join(f"{key} = {value}\n" for key, value in self.settings.items()))


def findings(report: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [finding for check in report for finding in check["findings"]]


@contextmanager
def container() -> Iterator[Container]:
    with bases.machine() as root, ExitStack() as stack:
        made = Container(root, stack)
        text = _PROBE.format(python=sys.executable, repository=str(bases.REPOSITORY))
        made.put("/usr/local/bin/probe", text, 0o755)
        yield made
