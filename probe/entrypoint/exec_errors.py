"""Why a program cannot be started: the kernel's answer often names the wrong file."""

import errno
import os

from probe import redact
from probe.entrypoint.path_lookup import places
from probe.errors import reason
from probe.golang import binary, startable
from probe.golang.binary import Binary
from probe.output.base import printable
from probe.targets import Target, ourselves

_LINE_LIMIT = 256  # the kernel reads no more of a #! line (BINPRM_BUF_SIZE)


def explain(file: bytes, problem: OSError) -> str:
    """One line: the command, why it cannot be started and, where it is there, what it lacks."""
    name = printable(redact.text(os.fsdecode(file))) or "an empty command"
    why = reason(problem)
    if problem.errno != errno.ENOENT:
        return f"{name} cannot be executed: {why}"
    path = next((place for place in places(file) if os.path.isfile(place)), None)
    if path is None:
        return f"{name} cannot be found: {why}{_searched(file)}"
    return f"{printable(os.fsdecode(path))} exists but cannot start: {_lacks(path) or why}"


def _searched(file: bytes) -> str:
    if not file or b"/" in file:
        return ""
    path = os.environ.get("PATH")
    return f" in PATH={printable(path)}" if path is not None else "; PATH is not set"


def _lacks(path: bytes) -> str:
    """The missing file that the kernel means, "" when it cannot be told."""
    try:
        with open(path, "rb") as stream:
            head = stream.read(_LINE_LIMIT)
        return _lacks_interpreter(head, path) if head.startswith(b"#!") else _lacks_loader(ourselves(), path)
    except OSError:
        return ""


def _lacks_interpreter(head: bytes, path: bytes) -> str:
    line = head[2:].partition(b"\n")[0].strip(b" \t")
    interpreter = printable(os.fsdecode(line.split()[0])) if line.split() else "nothing"
    if line.endswith(b"\r"):
        fix = f"sed -i 's/\\r$//' {printable(os.fsdecode(path))}"
        return f"its first line, for {interpreter}, ends with a carriage return: {fix}"
    return f"its first line names {interpreter}, which is not in this image"


def _lacks_loader(target: Target, path: bytes) -> str:
    program = binary.read(target, os.fsdecode(path))
    if not isinstance(program, Binary) or program.loader_present is not False:
        return ""
    fix = "build it with CGO_ENABLED=0" if program.info else "take a base image that has it"
    why = startable.missing_loader(target, program.elf.interpreter, program.elf.libc)
    return f"{printable(why)}; {fix}"
