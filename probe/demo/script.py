"""Tells the story: healthy, one fault after another, healthy again."""

import sys
import textwrap
from collections.abc import Sequence

from probe.demo import runner
from probe.demo.container import NotPermitted
from probe.demo.faults import InjectedFault
from probe.demo.rootfs import BUNDLE, HOST, ZONE, Rootfs
from probe.demo.runner import DemoReport

_WIDTH = 100
_RIGHT, _WRONG = "\u2714", "\u2718"


class Script:
    """What has been told so far, and whether every diagnosis was the right one."""

    def __init__(self, world: Rootfs, scenes: Sequence[InjectedFault]) -> None:
        self._world = world
        self._scenes = scenes
        self._wrong = 0
        self._told = 0
        self._left_out = 0
        self._usual: frozenset[str] = frozenset()  # warnings of the healthy world

    def tell(self) -> bool:
        """The whole of it; True when nothing was diagnosed wrongly."""
        self._introduce()
        self._expect_health("Everything is in its place")
        self._start_go()
        say("\nNow the faults of the field, one at a time, each fixed before the next:")
        for scene in self._scenes:
            self._play(scene)
        say()
        self._expect_health("All is fixed")
        self._conclude()
        return not self._wrong

    def _introduce(self) -> None:
        roots = self._world.path(BUNDLE).read_bytes().count(b"BEGIN CERTIFICATE")
        version = self._world.path("usr/local/go/VERSION").read_text().split()[0]
        say(f"A container root in {self._world.root}:")
        say(f"  {version} as distributed, {roots} CA certificates, one of them private; the zone {ZONE}")
        say(f"A TLS server on {HOST}:{self._world.server.port} with a certificate from the private CA.\n")

    def _expect_health(self, title: str) -> None:
        said = runner.text(self._world.arguments)
        answer = runner.ask(self._world.arguments)
        self._usual = answer.codes
        self._judge(title, right=answer.healthy)
        say(textwrap.indent(said.rstrip(), "    "))

    def _start_go(self) -> None:
        """In a root nothing is executed, so let the same toolchain run here once."""
        answer = runner.ask_here(self._world)
        self._judge("The same Go, really started", right=answer.healthy)
        self._quote(answer)

    def _play(self, scene: InjectedFault) -> None:
        say()
        try:
            with scene.fault(self._world) as arguments:
                answer = runner.ask(arguments)
        except NotPermitted as why:
            self._left_out += 1
            say(f"- {scene.title}\n    left out: this machine does not let us mount ({why})")
            return
        self._judge(scene.title, right=not answer.healthy and answer.codes - self._usual == scene.expects)
        self._quote(answer)

    def _judge(self, title: str, *, right: bool) -> None:
        self._told += 1
        self._wrong += not right
        say(f"{_RIGHT if right else _WRONG} {title}")

    def _quote(self, answer: DemoReport) -> None:
        for said in answer.complaints:
            if said.code in self._usual:
                continue
            say(_wrapped("    ", f"{said.code}: {said.cause}"))
            if said.remedy:
                say(_wrapped("      ", f"fix: {said.remedy}"))

    def _conclude(self) -> None:
        left_out = f", {self._left_out} left out" if self._left_out else ""
        say(f"\n{self._told - self._wrong} of {self._told} verdicts were the right ones{left_out}.")


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _wrapped(indent: str, text: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
