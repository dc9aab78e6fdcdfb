"""Tells the story: healthy, one fault after another, each fixed by what was printed, healthy again."""

import shlex
import shutil
import sys
import textwrap
from collections.abc import Sequence

from probe.demo import container, rootfs, runner
from probe.demo.carry_out import CannotBeDone, carry_out
from probe.demo.container import GoAnswer, NotPermitted
from probe.demo.faults import QUESTION, InjectedFault
from probe.demo.rootfs import AUTHORITY, BUNDLE, HOST, TOOLCHAIN, ZONE, Rootfs
from probe.demo.runner import DemoFinding, DemoReport
from probe.output import text

_WIDTH = 100  # where nobody says how wide the terminal is
_RIGHT, _WRONG = "\u2714", "\u2718"
_ASK = "Ask "  # a fix that somebody else has to make


class Script:
    """What has been told so far, and whether every diagnosis and every fix was the right one."""

    def __init__(self, world: Rootfs, scenes: Sequence[InjectedFault], *, colour: bool = False) -> None:
        self._world = world
        self._scenes = scenes
        self._colour = colour
        self._width = shutil.get_terminal_size((_WIDTH, 24)).columns
        self._wrong: set[str] = set()  # titles
        self._told = 0
        self._left_out = 0
        self._fixed = 0
        self._usual: frozenset[str] = frozenset()  # warnings of the healthy world
        self._without: dict[Sequence[str], GoAnswer | None] = {}  # what Go says without a fault, by question
        self._go_refused = ""  # why the go command cannot be run in the root

    def tell(self) -> bool:
        """The whole of it; True when nothing was diagnosed wrongly and what was carried out helped."""
        self._introduce()
        self._expect_health("A healthy container")
        self._start_go()
        self.say()
        self.wrap("Now common faults, one at a time; the printed fix of each is applied:", "")
        for scene in self._scenes:
            self._play(scene)
        self.say()
        self._expect_health("Healthy again: only the printed fixes were applied")
        self._conclude()
        return not self._wrong

    def say(self, line: str = "") -> None:
        """One line of the story, in colour where that is wanted."""
        sys.stdout.write(f"{self._painted(line) if self._colour else line}\n")
        sys.stdout.flush()

    def _painted(self, line: str) -> str:
        if line.startswith((_RIGHT, _WRONG)):
            return f"\x1b[{'32' if line.startswith(_RIGHT) else '31'}m{line[0]}\x1b[0m{line[1:]}"
        return text.painted(line)

    def _introduce(self) -> None:
        world = self._world
        roots = world.path(BUNDLE).read_bytes().count(b"BEGIN CERTIFICATE")
        version = world.path(f"{TOOLCHAIN}/VERSION").read_text().split()[0]
        self.wrap("A container's root, and what is beside its Dockerfile, in", "")
        self.say(f"  {world.folder}")
        self.wrap(
            f"root: {version} as distributed, {roots} CA certificates, one of them private; the zone {ZONE}"
        )
        self.wrap(f"app.env: its variables; probe.toml: its expected state; {AUTHORITY}: the private CA")
        self.wrap(f"A TLS server on {HOST}:{world.port} with a certificate from the private CA.", "")
        self.say()

    def _expect_health(self, title: str) -> None:
        said = runner.text(self._world)
        answer = runner.ask(self._world)
        self._usual = answer.codes
        self._judge(title, right=answer.healthy)
        self._command(self._world)
        for line in said.splitlines():
            self.say(f"  {line}")
        if told := self._without_fault(QUESTION):
            self.say(f"  $ go {shlex.join(QUESTION)}")
            self.say(f"  {told.said}")

    def _start_go(self) -> None:
        """In a root nothing is executed, so let the same toolchain run here once."""
        answer = runner.ask_here(self._world)
        self._judge("The same Go, executed here by probe: it starts, and go env agrees", right=answer.healthy)
        self._quote(answer)

    def _play(self, scene: InjectedFault) -> None:
        self.say()
        before = self._without_fault(scene.question)
        broken = scene.fault(self._world)
        try:
            answer = runner.ask(broken)
        except NotPermitted as why:
            self._left_out += 1
            self.wrap(f"- {scene.title}", "")
            self.wrap(f"left out: nothing can be mounted here ({why})", "    ")
            return
        self._judge(scene.title, right=not answer.healthy and answer.codes - self._usual == scene.expects)
        self._command(broken)
        self._quote(answer)
        if (now := self._go(broken, scene.question)) and before:
            self.wrap(_real_go(scene, now))
            if now == before:
                self._wrong.add(scene.title)
                self.wrap(f"{_WRONG} which it says without the fault too")
        self._fix(scene, broken, answer, before)

    def _fix(self, scene: InjectedFault, broken: Rootfs, answer: DemoReport, before: GoAnswer | None) -> None:
        """Do what was printed, and look again."""
        fixed = broken
        try:
            for said in self._unusual(answer):
                fixed = self._done(scene, fixed, said.remedy)
            again = runner.ask(fixed)
        except CannotBeDone as why:
            self.wrap(f"not carried out: {why}; it is no longer required")
            rootfs.require(self._world)
            return
        now = self._go(fixed, scene.question)
        self._world = fixed._replace(volume="", mounts=(), settings=(), port=fixed.server.port)
        self._fixed += 1
        right = again.healthy and now == before
        if not right:
            self._wrong.add(scene.title)
        self.wrap(
            f"{_RIGHT if right else _WRONG} done: {'healthy' if again.healthy else 'still unhealthy'}"
            + (f"; {_real_go(scene, now)}" if now else "")
        )

    def _done(self, scene: InjectedFault, world: Rootfs, remedy: str) -> Rootfs:
        if remedy.startswith(_ASK) and scene.owner:
            scene.owner(world)
            return world
        return carry_out(world, remedy)

    def _without_fault(self, question: Sequence[str]) -> GoAnswer | None:
        if question not in self._without:
            self._without[question] = self._go(self._world, question)
        return self._without[question]

    def _go(self, world: Rootfs, question: Sequence[str]) -> GoAnswer | None:
        """What the real go command says in the root; None where it cannot be run, which is said once."""
        if self._go_refused:
            return None
        try:
            return container.go(world, question)
        except NotPermitted as why:
            if not world.mounted:
                self._go_refused = str(why)
                self.wrap(f"real Go is left out: this machine does not let us enter a root ({why})")
            return None

    def _judge(self, title: str, *, right: bool) -> None:
        self._told += 1
        if not right:
            self._wrong.add(title)
        self.wrap(f"{_RIGHT if right else _WRONG} {title}", "")

    def _command(self, world: Rootfs) -> None:
        self.say(f"  $ {runner.typed(world)}")

    def _unusual(self, answer: DemoReport) -> list[DemoFinding]:
        return [said for said in answer.complaints if said.code not in self._usual]

    def _quote(self, answer: DemoReport) -> None:
        for said in self._unusual(answer):
            self.wrap(f"{said.status} {said.code}: {said.cause}")
            for number, line in enumerate(said.remedy.splitlines()):
                self.say(f"    {'     ' if number else 'fix: '}{line}")

    def _conclude(self) -> None:
        left_out = f", {self._left_out} left out" if self._left_out else ""
        self.say()
        self.wrap(
            f"{self._told - len(self._wrong)} of {self._told} verdicts were right{left_out}; "
            f"{self._fixed} faults fixed by the printed fixes.",
            "",
        )

    def wrap(self, line: str, indent: str = "  ") -> None:
        """In the width of the terminal, at spaces; a fix is not told by this, because it is to be pasted."""
        for one in textwrap.wrap(
            line,
            self._width,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_long_words=False,
            break_on_hyphens=False,
        ):
            self.say(one)


def _real_go(scene: InjectedFault, now: GoAnswer) -> str:
    """Go's own words, without the URL that it was on its way to."""
    asked = "" if scene.question == QUESTION else f", go {shlex.join(scene.question)}"
    said = now.said.rpartition('": ')[2]
    return f"real Go{asked}: {said}"
