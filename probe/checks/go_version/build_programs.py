"""The programs that a build starts: that they are there, and that they answer as the go command wants."""

from __future__ import annotations

from probe.checks.go_version.build_settings import Build
from probe.deadline import GO_VERSION, Deadline
from probe.errors import reason
from probe.golang import filepath
from probe.golang.command import build_flags, flags, toolchain
from probe.golang.command.environment_places import look_path
from probe.lightweight import Iterator
from probe.report import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.targets.supervisor_line import Finished


def obstacles(build: Build, deadline: Deadline) -> Iterator[Finding]:
    """Yield what is wrong with the programs of GOFLAGS and GOCACHEPROG."""
    for name, judge in (("GOFLAGS", _of_flags), ("GOCACHEPROG", _cache)):
        setting = build.facts.setting(name)
        if setting.value and (why := judge(build, setting.value, deadline)):
            yield build.impossible(name, setting, why)


def _of_flags(build: Build, text: str, deadline: Deadline) -> str:
    values = build_flags.given(text)
    if command := values.get("toolexec"):
        why = _toolexec(build, command, deadline)
        return f"the program of -toolexec: {why}" if why else ""
    if values.get("compiler") == "gccgo":
        compiler = build.facts.setting("GCCGO").value or "gccgo"
        return f"-compiler=gccgo: {why}" if (why := look_path(build.facts.target, compiler)[1]) else ""
    return ""


def _toolexec(build: Build, command: str, deadline: Deadline) -> str:
    """It runs each tool; the first thing asked is the compiler's version (work/buildid.go:toolID)."""
    words = flags.split(command)
    if not words:
        return "unterminated string" if words is None else ""
    if why := look_path(build.facts.target, words[0])[1]:
        return why
    root, host = build.toolchain.root, build.toolchain.program
    if not root or not host:
        return ""
    compiler = filepath.join(root, "pkg", "tool", f"linux_{host.elf.architecture}", "compile")
    done = _run(build, [*words, compiler, "-V=full"], deadline)
    if not done or done.timed_out or done.out.startswith(b"compile version "):
        return ""
    return f"run as `{words[0]} … compile -V=full` it does not print the compiler's version"


def _cache(build: Build, command: str, deadline: Deadline) -> str:
    """It says what it can do before it is asked anything (cmd/go/internal/cacheprog)."""
    if build.minor < build_flags.CACHE_PROGRAM_SINCE:
        return ""
    words = flags.split(command)
    if not words:
        return "unterminated string" if words is None else ""
    if why := look_path(build.facts.target, words[0])[1]:
        return f"error starting it: {why}"
    done = _run(build, words, deadline)
    if not done or done.timed_out or b"KnownCommands" in done.out:
        return ""
    return "it does not speak the protocol of GOCACHEPROG"


def _run(build: Build, words: list[str], deadline: Deadline) -> Finished | None:
    """What became of a command; None where it could not be started, or none can be."""
    target = build.facts.target
    if target.processes is None or not target.runs_commands:
        return None
    from probe.targets.supervisor_line import Finished, SupervisorLost

    program = look_path(target, words[0])[0]
    try:
        return target.processes.run(
            [target.path(program), *words[1:]],
            env=toolchain.inert(target, build.toolchain),
            cwd="/",
            deadline=deadline.share(GO_VERSION),
            limit=1 << 16,
        )
    except SupervisorLost:
        return None
    except OSError as problem:
        return Finished(None, None, b"", reason(problem).encode())
