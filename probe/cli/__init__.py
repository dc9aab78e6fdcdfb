"""The command `probe`. Importing this costs nothing: whatever a command needs, it imports itself."""

import gc
import os
import sys

TYPE_CHECKING = False  # a type checker takes it for true; importing typing would cost 3 ms
if TYPE_CHECKING:
    from typing import NoReturn

# Reference counts free all but cycles, and a run is over before those matter: 3 ms less.
_GARBAGE_THRESHOLD = 100_000

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


def main() -> "NoReturn":
    """Run the command line in sys.argv and end this process with its exit code."""
    gc.set_threshold(_GARBAGE_THRESHOLD)
    try:
        _stand_alone()
        if sys.argv[1:2] == ["status"]:
            from probe.cli import quick

            quick.usual(sys.argv[2:])  # comes back when there is more to it
        from probe.cli import answer, commands

        answer.fill_descriptors()
        try:
            result = commands.run(sys.argv[1:])
        except BaseException as problem:  # noqa: BLE001 - SystemExit too: only `leave` decides how we end
            result = answer.failed(problem, verbose="--verbose" in sys.argv)
        answer.leave(result)
    except KeyboardInterrupt:
        os._exit(130)  # 128 + SIGINT, as a shell says it


def _stand_alone() -> None:
    """
    Start again in isolated mode where the environment would have us import the workload's modules.

    It costs another start of the interpreter (10 ms) and is done only then. What such a
    variable has already loaded (sitecustomize) is gone with it.
    """
    if sys.flags.ignore_environment or not any(os.environ.get(name) for name in _FOREIGN):
        return
    home = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    # Last on the path, so that nothing that lies beside the package hides a standard module.
    code = f"import sys; sys.path.append({home!r}); from probe.cli import main; main()"
    options = ["-I", "-B"] if sys.flags.dont_write_bytecode else ["-I"]
    if sys.executable:
        os.execv(sys.executable, [sys.executable, *options, "-c", code, *sys.argv[1:]])  # noqa: S606
