"""From the start of the interpreter to a command: signals, environment, isolation."""

import gc
import sys

from probe import openssl_env, room
from probe.lightweight import Any, os, thread

TYPE_CHECKING = False
if TYPE_CHECKING:  # "typing" imports much else
    from typing import NoReturn

_imp = sys.modules["_imp"]
# Made for the workload, these would lead our interpreter astray.
_FOREIGN = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONPLATLIBDIR",
    "PYTHONPYCACHEPREFIX",
    "PYTHONUSERBASE",
    "PYTHONWARNINGS",
    "PYTHONDEVMODE",
)


def main(held: frozenset[int] | None = None) -> "NoReturn":
    """
    Run the command line in sys.argv and end this process with its exit code.

    *held*: the signals that were held when we were first started, where we have started ourselves again.
    """
    entrypoint = sys.argv[1:2] == ["run"]
    try:
        before: frozenset[int] = frozenset()
        if entrypoint:
            from probe.entrypoint import block_signals

            before = block_signals.hold()
        held = _as_before(held)
        held = before if held is None else held
        _stand_alone(held)
        if entrypoint and "--" in sys.argv:
            from probe.cli import run_entrypoint

            run_entrypoint.enter(sys.argv[2:], held)
        openssl_env.shield()
        if entrypoint:
            block_signals.release(held)
        if sys.argv[1:2] == ["status"] and not sys.flags.isolated:  # else it has been tried
            from probe.cli import status_client

            status_client.usual(sys.argv[2:])  # comes back when there is more to it
        _command()
    except KeyboardInterrupt:
        os._exit(130)  # 128 + SIGINT, as a shell says it
    except OSError as problem:  # a system call that everybody needs; what a command meets, it tells itself
        advice = f"; {advice}" if (advice := room.advice(problem)) else ""
        os.write(2, f"probe: cannot start: {(problem.strerror or str(problem)).lower()}{advice}\n".encode())
        os._exit(1)


def _as_before(held: frozenset[int] | None) -> frozenset[int] | None:
    """Undo what bin/probe or the bundle's launcher did for our start; the signals held before it."""
    options = sys._xoptions
    if "tz" not in options:
        return held
    _give_back_zone(options["tz"])
    if "bundle" in options:
        if os.has_odd_names():
            from probe.entrypoint import environment

            environment.uncover()
        if sys.argv[1:2] != ["run"]:
            return held
        from probe.entrypoint import block_signals

        return block_signals.held_before(str(options["bundle"]))
    if "_PROBE_ENVIRONMENT" in os.environment():
        from probe.entrypoint import environment

        environment.recover()
    if "packages" in options:
        sys.meta_path.append(_Site)  # type: ignore[arg-type]
    if "held" not in options:
        return held
    from probe.entrypoint import block_signals

    block_signals.raise_again(str(options["came"]))
    return block_signals.held_before(str(options["held"]))


def _give_back_zone(zone: object) -> None:
    """
    Give TZ the value that it had before bin/probe or deploy/bundle/launcher.c put another one in its place.

    CPython reads the time zone before our first statement, and would wait for ever where it leads to a
    FIFO or a dead mount: they hand it over as -X tz=VALUE, -X tz for none.
    """
    os.set_variable(b"TZ", None if zone is True else os.fsencode(str(zone)))


def _let_others_import() -> bool:
    """Release the lock of all imports; False where we are asked by ourselves, and importlib holds none."""
    try:
        _imp.release_lock()
    except RuntimeError:
        return False
    return True


class _Site:
    """
    Look where `site` would have, the first time that something is not beside the package.

    importlib asks a finder while it holds the lock of all imports, which is not kept here: what `site` runs
    (.pth files) may import what another thread has begun to, and that waits for the lock.
    """

    _lock = thread.allocate_lock()
    _at_work = 0  # the thread that runs `site`

    @classmethod
    def find_spec(cls, name: str, path: object = None, _target: object = None) -> object:
        if path is not None or name in sys.stdlib_module_names or cls._at_work == thread.get_ident():
            return None
        released = _let_others_import()
        try:
            with cls._lock:
                cls._look()
        finally:
            if released:
                _imp.acquire_lock()
        finders: Any = sys.meta_path
        for finder in finders:
            if finder is not cls and (spec := finder.find_spec(name, None)):
                return spec
        return None

    @classmethod
    def _look(cls) -> None:
        finders: Any = sys.meta_path
        if cls not in finders:  # another thread has done it meanwhile
            return
        cls._at_work = thread.get_ident()
        try:
            import site

            site.main()
        finally:
            finders.remove(cls)
            cls._at_work = 0


def _command() -> "NoReturn":
    from probe.cli.exit import GARBAGE_THRESHOLD, failed, leave

    gc.set_threshold(GARBAGE_THRESHOLD)
    if sys.argv[1:2] in ([], ["check"]) or sys.argv[1].startswith("-"):
        from probe import importer, preloaded

        importer.preload(preloaded.COMMAND)
    from probe.cli import commands, std_streams

    std_streams.fill()
    _guard(sys.argv[1:])
    try:
        result = commands.run(sys.argv[1:])
    except BaseException as problem:  # noqa: BLE001 - SystemExit too: only `leave` decides how we end
        result = failed(problem, verbose="--verbose" in sys.argv)
    leave(result)


def _guard(arguments: list[str]) -> None:
    """Have somebody wait for us who touches no file; not where we stay, or guard what we do ourselves."""
    from probe.cli import remote_mounts

    if arguments[:1] in (["serve"], ["run"], ["node"], ["demo"]):
        return
    if room.tight():
        from probe.cli import tight_memory

        tight_memory.guard()
    if remote_mounts.present():
        from probe.cli import in_time

        in_time.guard()


def _stand_alone(held: frozenset[int]) -> None:
    """
    Start again in isolated mode where the environment would have us import the workload's modules.

    It costs another start of the interpreter and is done only then. What such a
    variable has already loaded (sitecustomize) is gone with it.
    """
    if sys.flags.ignore_environment or not any(os.environment().get(name) for name in _FOREIGN):
        return
    from os.path import abspath, dirname

    home = dirname(dirname(dirname(abspath(__file__))))
    # Last on the path, so that nothing that lies beside the package hides a standard module.
    code = (
        f"import sys; sys.path.append({home!r}); "
        f"from probe.cli import main; main(frozenset({sorted(map(int, held))}))"
    )
    options = ["-I", "-B"] if sys.flags.dont_write_bytecode else ["-I"]
    if sys.executable:
        from probe.entrypoint import environment

        environment.restore()
        os.execv(sys.executable, [sys.executable, *options, "-c", code, *sys.argv[1:]])
