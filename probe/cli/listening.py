"""The address of `probe run --serve`: bound before the checks, and held by the process that stays."""

import os
import sys

from probe.entrypoint import gate
from probe.entrypoint.inherited import InheritedSignals
from probe.lightweight import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def bound(address: str, options: "Sequence[str]", caller: InheritedSignals) -> socket.socket:
    """
    A socket bound to *address*; where that cannot be, the reason has been told and this process ends.

    What is wrong with the *options* is told rather than that.

    A child makes it and hands it over: a name may have to be looked up, and a signal must
    be able to end that.
    """
    try:
        ours, theirs = socket.socketpair()
    except OSError:
        return _bound_here(address, options)
    code = gate.passed(lambda _: _bind(address, options, theirs), caller, 0.0)
    if code:
        os._exit(code)
    theirs.close()
    _, ancillary, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(4), socket.MSG_CMSG_CLOEXEC)
    ours.close()
    return socket.socket(fileno=int.from_bytes(ancillary[0][2], sys.byteorder))


def _bound_here(address: str, options: "Sequence[str]") -> socket.socket:
    """The same in this process, where socketpair(2) is refused; a signal waits for its end."""
    from probe.agent import listener

    try:
        return listener.bind(address)
    except Exception as problem:  # noqa: BLE001 - whatever it is, it has to become an exit code
        os._exit(_failed(_wrong(options) or problem, address))


def listen(made: socket.socket, address: str) -> None:
    """From here on connections wait for the agent, whether it is there or being replaced."""
    from probe.agent import listener

    try:
        made.listen(listener.BACKLOG)
    except OSError as problem:
        os._exit(_failed(listener.refused(address, problem)))


def _bind(address: str, options: "Sequence[str]", line: socket.socket) -> int:
    from probe.agent import listener

    try:
        made = listener.bind(address)
        line.sendmsg([b"+"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, _packed(made))])
    except Exception as problem:  # noqa: BLE001 - whatever it is, it has to become an exit code
        return _failed(_wrong(options) or problem, address)
    return 0


def _wrong(options: "Sequence[str]") -> Exception | None:
    """Why the command line or the configuration would be refused, wherever it listened."""
    from probe.cli import run
    from probe.cli.arguments import parse
    from probe.errors import ConfigError, UsageError

    try:
        run.judged(parse(run.COMMAND, options))
    except (UsageError, ConfigError) as problem:
        return problem
    return None


def _packed(made: socket.socket) -> bytes:
    return made.fileno().to_bytes(4, sys.byteorder)


def _failed(problem: Exception, address: str = "") -> int:
    from probe.cli.exit import failed
    from probe.errors import UsageError

    if isinstance(problem, ValueError):
        problem = UsageError(f"probe run: --serve {address}: {problem} (probe run --help)")
    return failed(problem, verbose=False).code
