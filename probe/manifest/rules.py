"""What can be wrong with a deployment file: names that stay, and one line for each place."""

from collections.abc import Iterable

from probe.lightweight import NamedTuple

# name → what it means; the names are part of the output's contract
RULES = {
    "UNREADABLE": "The file cannot be read as what it is.",
    "NOT_A_MANIFEST": "The file holds nothing that can be judged.",
    "COMMAND_REFUSED": "probe would refuse this command line or these settings.",
    "COMMAND_IN_ONE_STRING": "A whole command line is given where one file is executed.",
    "EXEC_FORM_BROKEN": "A list that is not valid JSON is given to a shell as a command.",
    "CMD_IN_COMMAND": "CMD, CMD-SHELL or NONE is in the list of words that is executed.",
    "SHELL_DROPS_ARGUMENTS": "A shell gets more words after -c than the one that it runs.",
    "TIMEOUT_UNDER_DEADLINE": "The caller gives up before the program's own deadline, and reasons are lost.",
    "TIMEOUT_MISSING": "A health check without a timeout gets the default of its caller.",
    "DURATION_INVALID": "A duration or number that cannot be understood.",
    "START_INTERVAL_WITHOUT_START_PERIOD": "A start interval has no effect without a start period.",
    "SHELL_MISSING": "A shell is needed, and the image has none.",
    "PROBE_ON_NOEXEC": "No program can be started from the mount that holds probe.",
    "PROBE_MISSING": "probe does not exist where it is called.",
    "EXIT_CODE_RESERVED": "Docker reserves exit code 2.",
    "VERDICT_DISCARDED": "The shell ends with another exit code than probe's.",
    "HEALTHCHECK_OVERRIDDEN": "Only the last HEALTHCHECK of a stage counts.",
    "HEALTHCHECK_IN_ANOTHER_STAGE": "A HEALTHCHECK that the last stage does not inherit.",
    "IMAGE_VOLUME_NOEXEC": "Kubernetes allows runtimes to mount image volumes noexec.",
    "NEEDS_BUILDKIT": "The legacy builder of Docker refuses this instruction.",
    "HEALTHCHECK_LOST_IN_OCI": "Images in OCI format hold no HEALTHCHECK.",
    "ENTRYPOINT_SHELL_FORM": "A shell is between the runtime's signals and probe.",
    "CHECK_ON_LIVENESS": "A restart fixes none of what probe checks, so liveness should run no check.",
    "HANDSHAKE_ON_READINESS": "An endpoint that is down would take every pod out of service at once.",
    "STARTUP_PROBE_MISSING": "The startup checks never run, or liveness fails during the start.",
    "SIDECAR_DEADLOCK": "The sidecar waits for a program that starts only after the sidecar.",
    "STARTUP_BUDGET_TOO_SHORT": "The startup probe gives up before the first run can have ended.",
    "PORT_NOT_SERVED": "The agent does not listen on the port that is probed.",
    "PROTOCOL_NOT_SERVED": "The agent speaks HTTP/1.1, not the protocol of the probe.",
    "HOST_IN_PROBE": "A host in a probe or hook is refused by the Pod Security Standards.",
    "PATH_NOT_SERVED": "The agent has no such path.",
    "LISTENS_ON_LOOPBACK": "The kubelet asks the pod's address, where the agent does not listen.",
    "ALWAYS_WELL": "It answers healthy whatever the checks find.",
    "SCHEME_MISMATCH": "The kubelet speaks TLS and the agent does not, or vice versa.",
    "SOCKET_WITHOUT_PLACE": "The agent cannot have the directory of agent.socket to itself.",
    "TOKEN_REQUIRED": "The path needs a token that is not sent.",
    "GRACE_UNDER_DRAIN": "The agent is killed before draining ends.",
}
# told, but no reason to fail: the file is not at fault
NOTES = frozenset({"HEALTHCHECK_LOST_IN_OCI", "IMAGE_VOLUME_NOEXEC", "NEEDS_BUILDKIT"})


class LintProblem(NamedTuple):
    """One problem. `line` is 1-based."""

    line: int
    name: str  # of RULES
    what: str  # what will happen, with the values at hand
    fix: str  # what to write


def refused(line: int, why: str) -> LintProblem:
    """The problem with a call of probe that ends in its usage, *why* in its own words."""
    return LintProblem(
        line, "COMMAND_REFUSED", why, "correct the command line, or the variable that it names"
    )


def render(file: str, problems: Iterable[LintProblem]) -> str:
    """One line each, in the order of the file: FILE:LINE: NAME: what; fix: how."""
    return "".join(
        f"{file}:{found.line}: {'note: ' if found.name in NOTES else ''}{found.name}: {found.what}; "
        f"fix: {found.fix}\n"
        for found in sorted(set(problems))
    )


def hurts(problems: Iterable[LintProblem]) -> bool:
    """Whether one of them is more than a note."""
    return any(found.name not in NOTES for found in problems)
