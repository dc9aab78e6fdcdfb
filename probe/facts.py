"""
What can be known about one target: each thing found out once in a run, by whoever asks first.

What it takes to find something out is imported when somebody asks for it.
"""

from __future__ import annotations

from probe.deadline import WHOM_TO_CALL
from probe.lightweight import Callable, Hashable, Mapping, Memo, cast, thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from probe.deadline import Deadline
    from probe.golang.binary import Binary, NoBinary
    from probe.golang.command.environment import Environment, GoSetting
    from probe.golang.command.toolchain import Toolchain
    from probe.golang.localtime import LocalTime
    from probe.golang.release import Go
    from probe.golang.x509.trust import Roots
    from probe.targets import Target

    _Found = TypeVar("_Found")

# What the go command is asked for where its files do not tell: all that decides whom it calls.
# GOTOOLCHAIN is not among them: it is run with GOTOOLCHAIN=local.
ASKED = (
    *("GOPROXY", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOAUTH"),
    *("GOFLAGS", "GOMODCACHE", "GOROOT"),
)


class Facts:
    """
    One target, and what is known of it.

    Nothing is read before somebody asks. Threads that ask for the same thing at the same time
    wait for one answer, and a failure is everybody's: the exception is raised for each of them.
    Only `go` and `settings` may run something, where the target allows it.
    """

    __slots__ = ("_as_go", "_known", "_patience_s", "_tell", "now", "program", "target", "version")

    def __init__(
        self,
        target: Target,
        *,
        now: float | None = None,
        program: str = "",
        as_go: str = "",
        patience_s: float = 0.0,
        go: Go | None = None,
    ) -> None:
        """
        *now* (seconds since the epoch, default: this moment) decides what time.Local is; *program* is the
        workload's, where the target does not know it.

        The judged Go is *go*, or found out as `detect.determine` does it with *as_go* and *patience_s*.
        """
        self.target = target
        self.now = now
        self.program = program
        self.version = VersionFuture()
        self._as_go, self._patience_s = as_go, patience_s
        self._known = Memo()
        self._tell: Callable[[str], object] = _ignore
        if go:
            self._known.get("go", lambda: go)

    def telling(self, tell: Callable[[str], object]) -> Facts:
        """
        The same facts for one check: *tell* is called with what it waits for, and afterwards with what it
        returned, which is what the check said before.
        """
        view = Facts.__new__(Facts)
        for name in self.__slots__:
            setattr(view, name, getattr(self, name))
        view._tell = tell
        return view

    def under(self, go: Go) -> Facts:
        """
        The same target under another Go, where nothing is started: who was asked already is not asked again.

        What depends on no Go that is judged is known from here.
        """
        target = self.target._replace(processes=None)
        facts = Facts(target, now=self.now, program=self.program, as_go=go.text, go=go)
        facts._known.take_over(self._known, ("toolchain", "told", "binary"))
        return facts

    def go(self) -> Go:
        """The Go that is judged."""
        return self._find("go", "finding out which Go is here", self._determine)

    def release_of(self, found: tuple[int, int, int] | None) -> tuple[int, int, int] | None:
        """The release of what has *found* in it, or the one as which it is to be judged (`--as-go`)."""
        return self.go().release if found and self._as_go else found

    def toolchain(self) -> Toolchain | None:
        """The go command."""
        return self._find("toolchain", "looking for the go command", self._toolchain)

    def go_of_command(self) -> Go:
        """The Go that the go command itself is; the judged one where there is none, or it was asked for."""
        from probe.golang import detect

        return detect.of_command(self.target, self.toolchain(), self.go())

    def environment(self) -> Environment:
        """The go command's environment, as far as files tell."""
        return self._find("environment", "reading the go command's environment", self._environment)

    def settings(self, names: tuple[str, ...], deadline: Deadline) -> Mapping[str, GoSetting]:
        """
        The same, and by the go command's own word where the files do not tell one of *names* (of `ASKED`).

        It is asked within a share of the time that *deadline* leaves; once in a run, for all of `ASKED`.
        """
        known, found = self.environment().settings, self.toolchain()
        if not found or not any(name in known and known[name].origin == "unknown" for name in names):
            return known
        from probe.golang.command import go_env

        asked = [name for name in ASKED if name in known]
        within = deadline.share(WHOM_TO_CALL)
        told = self._find(
            "told",
            f"asking {found.go} whom it would call",
            lambda: go_env.told(self.target, found, asked, within),
        )
        return {**known, **told}

    def setting(self, name: str) -> GoSetting:
        """What files and the operating system's environment set for a variable; its default is ""."""
        from probe.golang.command.environment_files import Sources

        seen = self.environment()
        return Sources(self.target, 0, seen.user, seen.goroot).get(name)

    def roots(self, go: Go | None = None) -> Roots:
        """What *go*, by default the judged one, trusts."""
        from probe.golang.x509 import trust

        go = go or self.go()
        rules = (go.release, tuple(sorted(go.godebug.items())), go.fallback_roots)
        return self._find(("roots", rules), "reading the CA bundle", lambda: trust.load(self.target, go))

    def local_time(self) -> LocalTime:
        """time.Local of a program of the judged Go that starts at `now`."""
        from probe.golang import localtime

        go = self.go()
        return self._find(
            "local time", "reading the time zone", lambda: localtime.load(self.target, go, self.now)
        )

    def binary(self, path: str) -> Binary | NoBinary:
        """The program at *path*; OSError as `golang.binary.read`."""
        from probe.golang import binary

        return self._find(("binary", path), f"reading {path}", lambda: binary.read(self.target, path))

    def _determine(self) -> Go:
        from probe.golang import detect

        return detect.determine(
            self.target,
            self._as_go,
            self.program,
            patience_s=self._patience_s,
            find=self._told_toolchain,
            read=self.binary,
            tell=self.version.known,
        )

    def _told_toolchain(self) -> Toolchain | None:
        """The go command, with the version that it has told in this run where its files tell none."""
        found, told = self.toolchain(), self.version.text
        return found._replace(version=told) if found and told and not found.version else found

    def _toolchain(self) -> Toolchain | None:
        from probe.golang.command import toolchain

        return toolchain.find(self.target)

    def _environment(self) -> Environment:
        from probe.golang.command import environment

        return environment.look(self.target, self.toolchain(), self.go())

    def _find(self, key: Hashable, phase: str, find: Callable[[], _Found]) -> _Found:
        if key in self._known:
            return cast("_Found", self._known.get(key, find))
        before = self._tell(phase)
        try:
            return cast("_Found", self._known.get(key, find))
        finally:
            self._tell(before if isinstance(before, str) else "")


class VersionFuture:
    """The go command's own version, from a check that asks it anyway: the others save a process."""

    __slots__ = ("_first", "_text", "_unset", "expected")

    def __init__(self) -> None:
        self.expected = False  # whether somebody will set it in this run
        self._text = ""
        self._unset = thread.allocate_lock()
        self._unset.acquire()
        self._first = thread.allocate_lock()  # taken by the first that sets it, and kept

    def set_result(self, text: str) -> None:
        """Tell all who wait, "" for nothing; only the first time counts."""
        if self._first.acquire(blocking=False):  # `_unset` is locked for a moment by each that waits, too
            self._text = text
            self._unset.release()

    @property
    def text(self) -> str:
        """What has been set so far; "" while nothing has."""
        return self._text

    def known(self, text: str) -> None:
        """Tell it, where nobody has told anything, and that there is something to wait for."""
        self._text = self._text or text
        self.set_result(self._text)
        self.expected = True

    def result(self, seconds: float) -> str:
        """What was set; "" when that is nothing or does not come within *seconds*."""
        if self.expected and self._unset.acquire(timeout=seconds):
            self._unset.release()
            return self._text
        return ""


def _ignore(phase: str) -> None:
    """Nobody wants to know."""
