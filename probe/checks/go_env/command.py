"""One inert run of `go env -json`, and every way in which it can fail."""

from __future__ import annotations

from probe import codes
from probe.checks.base import Run
from probe.deadline import GO_ENV
from probe.golang.command import go_env, toolchain
from probe.golang.command.environment_defaults import COSTLY
from probe.golang.command.toolchain import Toolchain
from probe.lightweight import Iterable, Mapping, NamedTuple
from probe.report import Finding, Status
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.report import Action, Remedy
    from probe.targets.supervisor_line import Finished

_VERSION = "GOVERSION"
# The inert run changes these itself, or they depend on the working directory.
_NOT_ASKED = {*COSTLY, "GOBIN", "GOENV", "GOMOD", "GOTELEMETRY", "GOTELEMETRYDIR", "GOTOOLCHAIN", "GOWORK"}


class GoEnvOutput(NamedTuple):
    """What the go command printed, or why it did not."""

    values: Mapping[str, str] = {}
    problem: Finding | None = None


def askable(names: Iterable[str]) -> list[str]:
    """
    Those of *names* for which the go command is asked.

    Not those that make it run the C compiler, write below GOCACHE, or that would be
    answered for another directory and another configuration than the container's.
    """
    return [name for name in names if name not in _NOT_ASKED]


def ask(target: Target, found: Toolchain, names: list[str], minor: int, run: Run) -> GoEnvOutput:
    """
    The values of *names* by the go command itself; bytes that are no UTF-8 come as U+FFFD.

    Its version is asked for with them, and told to whoever waits for it.
    """
    if not names:
        return GoEnvOutput()
    from probe.targets.supervisor_line import SupervisorLost

    within = run.deadline.share(GO_ENV)
    patience = within.remaining()
    try:
        done = toolchain.run(target, found, go_env.arguments([*names, _VERSION], found), within)
    except (OSError, SupervisorLost) as why:
        words = (why.strerror if isinstance(why, OSError) else "") or str(why)
        told = f"{found.go} could not be started: {words.lower()}"
        from probe.remedies import actions, process_limits

        more = process_limits.for_files(words)
        way = actions.probe("probe check --only go-version")
        return _failed(codes.GO_ENV_NOT_STARTED, found, told, *(more or [way]), status=Status.UNKNOWN)
    if done.timed_out:
        from probe.remedies import actions, quoting

        told = f"`go env` had not finished after {patience:.1f} s"
        look = actions.look(f"file -L {quoting.word(found.go)}", found.go)
        return _failed(codes.GO_ENV_HUNG, found, told, look)
    if done.code != 0 and not done.truncated:
        return _ended_badly(target, found, done, minor)
    values = {} if done.truncated else go_env.values(done.out)
    version = values.pop(_VERSION, "") if _VERSION not in names else values.get(_VERSION, "")
    if set(values) != set(names):
        from probe.remedies import actions, other_go, quoting

        told = f"`{found.go} env -json` did not print the variables: {toolchain.said(done.out)}"
        look = actions.look(f"file -L {quoting.word(found.go)}", found.go)
        return _failed(codes.GO_ENV_GARBLED, found, told, *other_go.instead(target, found.go), look)
    run.facts.version.set_result(version)
    return GoEnvOutput(values)


def _ended_badly(target: Target, found: Toolchain, done: Finished, minor: int) -> GoEnvOutput:
    from probe.golang import godebug
    from probe.remedies import variables

    told = target.env.get("GODEBUG", "")
    if fatal := godebug.fatal(told, minor):
        setting = f"{fatal.name}={fatal.value}"
        return _failed(
            codes.GO_ENV_GODEBUG,
            found,
            f"the go command exits at once because of {setting} in GODEBUG: {fatal.why}",
            variables.without_godebug(told, fatal.name),
        )
    ending = f"exit status {done.code}" if done.code is not None else f"signal {done.signal}"
    return _failed(
        codes.GO_ENV_FAILED,
        found,
        f"`go env` ended with {ending}: {toolchain.said(done.err)}",
        _way(done.err.decode("utf-8", "replace"), found),
    )


# Words of a go command that fails → the variable that they are about, and a value that it takes.
_SOUND = (
    ("is trimmed and GOROOT is not set", "GOROOT", "/usr/local/go"),
    ("cannot find GOROOT directory", "GOROOT", ""),
    ("GOPATH entry", "GOPATH", "/go"),
    ("GO111MODULE", "GO111MODULE", ""),
    ("GOEXPERIMENT", "GOEXPERIMENT", ""),
    ("GOFIPS140", "GOFIPS140", "off"),
    ("GOAMD64", "GOAMD64", "v1"),
    ("GOWORK", "GOWORK", "off"),
    ("toolchain", "GOTOOLCHAIN", "local"),
)


def _way(said: str, found: Toolchain) -> Action:
    from probe.remedies import actions, quoting

    for sign, name, value in _SOUND:
        if sign in said:
            return actions.set_env(name, value)
    return actions.look(f"{quoting.word(found.go)} env", found.go)


def _failed(
    code: codes.Code, found: Toolchain, cause: str, *ways: Action | Remedy, status: Status = Status.FAIL
) -> GoEnvOutput:
    from probe.remedies import actions

    facts = {"go": found.go, "version": found.version}
    return GoEnvOutput(problem=Finding(status, code, "go env", cause, actions.ways(*ways), facts))
