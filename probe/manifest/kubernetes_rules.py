"""Problems in Kubernetes objects."""

from collections.abc import Iterator, Sequence

from probe.manifest import exec_form, handlers, httpget, other_programs, pods, timings
from probe.manifest.command_line import Interpret, ProbeCall, shell_line
from probe.manifest.images import has_no_shell
from probe.manifest.pods import PROBES, Container
from probe.manifest.rules import LintProblem, refused
from probe.manifest.shell import between, traps
from probe.manifest.yaml_nodes import YamlNode

# Kubernetes' own, website:content/en/docs/concepts/workloads/pods/probes.md
DEFAULTS = {"initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3}
_GRACE_S = 30


def problems(document: YamlNode, interpret: Interpret) -> Iterator[LintProblem]:
    """Problems in the pods of *document*."""
    for spec in pods.specs(document):
        members = pods.containers(spec, interpret)
        for one in members:
            if one.call and one.call.problem:
                key = "args" if one.node.at("args") else "command"
                yield refused(one.node.line_at(key), one.call.problem)
            yield from _command(one)
            yield from handlers.hooks(one)
            yield from _probes(one, members, interpret)
            yield from _missing(one, spec, members)
            yield from _socket(one)
        yield from _grace(spec, members)


def number(probe: YamlNode, key: str) -> float | None:
    """The number under *key*, Kubernetes' default without one; None for what is no number."""
    node = probe.at(key)
    if node is None:
        return DEFAULTS[key]
    digits = node.value if isinstance(node.value, str) and node.plain else ""
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None


def _command(one: Container) -> Iterator[LintProblem]:
    """What the container starts, when that is no list of words or needs a shell that is not there."""
    for key in ("command", "args"):
        if text := one.node.text(key):
            yield exec_form.one_string(one.node.line_at(key), text)
    words, image = one.node.texts("command"), one.node.text("image")
    yield from exec_form.problems(one.node.line_at("command"), words)
    yield from between(one.node.line_at("command"), [*words, *one.node.texts("args")])
    if shell_line(words) is not None and has_no_shell(image):
        yield _no_shell(one.node.line_at("command"), image, words[0])


def _no_shell(line: int, image: str, shell: str) -> LintProblem:
    return LintProblem(
        line, "SHELL_MISSING", f"{image} holds no {shell}", "name the program itself, without a shell"
    )


def _probes(one: Container, members: Sequence[Container], interpret: Interpret) -> Iterator[LintProblem]:
    ours = False
    for kind in PROBES:
        if (probe := one.node.at(kind)) is None:
            continue
        for key in DEFAULTS:
            if number(probe, key) is None:
                yield LintProblem(
                    probe.line_at(key),
                    "DURATION_INVALID",
                    f'{key} "{probe.text(key)[:60]}" is not a whole number of seconds',
                    "write such as 6",
                )
        yield from handlers.problems(one, members, kind, probe)
        if probe.at("exec") is not None:
            ours = ours or pods.starts_probe(probe.texts("exec", "command"))
            yield from _exec(one, kind, probe, interpret)
        elif agent := httpget.asked(one, members, probe):
            ours = ours or agent is one
            yield from httpget.problems(one, agent, kind, probe)
            yield from _budget(kind, probe, agent.call.timeout_s if agent.call else 0)
        if kind == "startupProbe":
            yield from _deadlock(one, probe)
    if ours and one.node.at("startupProbe") is None:
        later = next(kind for kind in PROBES if one.node.at(kind) is not None)
        yield LintProblem(
            one.node.line_at(later),
            "STARTUP_PROBE_MISSING",
            "no startupProbe: no handshake is ever made, and other probes count from the first second",
            "add the startupProbe that probe manifest kubernetes prints",
        )


def _exec(one: Container, kind: str, probe: YamlNode, interpret: Interpret) -> Iterator[LintProblem]:
    words, line = probe.texts("exec", "command"), probe.line_at("exec", "command")
    image, text = one.node.text("image"), probe.text("exec", "command")
    if wrong := [exec_form.one_string(line, text)] if text else list(exec_form.problems(line, words)):
        yield from wrong
        return
    if (shell := shell_line(words)) is not None:
        yield from traps(line, shell, docker=False, options=words)
        if has_no_shell(image):
            yield _no_shell(line, image, words[0])
    if not pods.starts_probe(words):
        yield from _other(probe, words)
        return
    call = pods.judge(words, interpret, one.env)
    if call is None:
        return
    if call.problem:
        yield refused(line, call.problem)
        return
    timeout = number(probe, "timeoutSeconds")
    if call.command in ("check", "status") and timeout is not None and timeout <= call.timeout_s:
        default = "" if probe.at("timeoutSeconds") else " (the default)"
        yield LintProblem(
            probe.line_at("timeoutSeconds"),
            "TIMEOUT_UNDER_DEADLINE",
            f"the kubelet kills probe after {timeout:g} s{default}, its deadline is {call.timeout_s:g} s",
            f"write timeoutSeconds: {timings.caller(call.timeout_s)}",
        )
    yield from _budget(kind, probe, call.timeout_s)
    yield from _role(kind, line, call)


def _other(probe: YamlNode, words: Sequence[str]) -> Iterator[LintProblem]:
    written = probe.at("timeoutSeconds") is not None
    yield from other_programs.problems(
        probe.line_at("timeoutSeconds"),
        words,
        caller="the kubelet",
        default_s=DEFAULTS["timeoutSeconds"],
        limit_s=number(probe, "timeoutSeconds") or DEFAULTS["timeoutSeconds"] if written else None,
        fix="timeoutSeconds: {}",
    )


def _deadlock(one: Container, probe: YamlNode) -> Iterator[LintProblem]:
    """The kubelet starts what follows a sidecar when its startup probe has passed, and not before."""
    looks_elsewhere = one.call is not None and one.call.other_process
    if one.is_sidecar and looks_elsewhere and (probe.at("httpGet") or probe.at("exec")):
        yield LintProblem(
            probe.line,
            "SIDECAR_DEADLOCK",
            "the program that is examined starts only after this probe has passed",
            "ask startup in the program's own container; here write tcpSocket: {port: …}",
        )


def _budget(kind: str, probe: YamlNode, deadline_s: float) -> Iterator[LintProblem]:
    values = [number(probe, key) for key in ("initialDelaySeconds", "failureThreshold", "periodSeconds")]
    if kind != "startupProbe" or None in values:
        return
    delay, failures, period = (value or 0 for value in values)
    budget = delay + failures * period
    if budget <= deadline_s:
        yield LintProblem(
            probe.line_at("failureThreshold"),
            "STARTUP_BUDGET_TOO_SHORT",
            f"the container is restarted after {budget:g} s, and one run may take {deadline_s:g} s",
            f"write failureThreshold times periodSeconds of at least {3 * timings.caller(deadline_s)}",
        )


def _role(kind: str, line: int, call: ProbeCall) -> Iterator[LintProblem]:
    if kind == "livenessProbe" and call.command in ("check", "status"):
        yield from _on_liveness(line, call)
    elif kind == "readinessProbe" and call.shakes:
        yield LintProblem(
            line,
            "HANDSHAKE_ON_READINESS",
            f"role {call.role} does handshakes: an endpoint that is down takes every pod out at once",
            "write --role ready, and keep ready out of ca-bundle.handshake_roles",
        )


def _on_liveness(line: int, call: ProbeCall) -> Iterator[LintProblem]:
    if call.shakes:
        what = f"role {call.role} does handshakes: an endpoint that is down restarts every container"
        fix = f"let liveness ask the program itself{_status_live(call)}"
    elif call.role != "live":
        what = "restarting the container adds no CA bundle, no zone data and no other Go"
        fix = f"let liveness probe the program itself{_status_live(call)}"
    elif call.live_checks:
        what = httpget.restarts(call.live_checks)
        fix = httpget.TAKE_OUT
    elif call.command == "check":
        what = "probe check --role live has no checks, so it exits 0 whatever happens"
        fix = f"let liveness probe the program itself{_status_live(call)}"
    else:
        return
    yield LintProblem(line, "CHECK_ON_LIVENESS", what, fix)


def _status_live(call: ProbeCall) -> str:
    """The rest of a fix: `probe status --role live`, where that runs no check."""
    return "" if call.live_checks else ", or beside an agent: probe status --role live"


def _missing(one: Container, spec: YamlNode, members: Sequence[Container]) -> Iterator[LintProblem]:
    """Probes whose program is in a volume that nobody fills, or in an image that holds one program only."""
    empty = {volume.text("name") for volume in spec.items("volumes") if volume.at("emptyDir") is not None} - {
        mount.text("name")
        for other in members
        if other.is_init and other.node is not one.node
        for mount in other.node.items("volumeMounts")
    }
    mounts = [
        (mount.text("mountPath").rstrip("/"), mount.text("name")) for mount in one.node.items("volumeMounts")
    ]
    for kind in PROBES:
        words = one.node.texts(kind, "exec", "command")
        if not pods.starts_probe(words) or shell_line(words) is not None:
            continue
        over = [name for path, name in mounts if words[0].startswith(f"{path}/")]
        image = one.node.text("image")
        if over and not empty.isdisjoint(over):
            what = f"the volume {over[0]} is empty: no init container mounts it"
        elif not over and has_no_shell(image):
            what = f"{image} holds no {words[0]}"
        else:
            continue
        yield LintProblem(
            (one.node.at(kind) or one.node).line_at("exec", "command"),
            "PROBE_MISSING",
            f"{what}, and the kubelet discards such errors",
            "add it with an init container or an image volume: see deploy/kubernetes",
        )


def _socket(one: Container) -> Iterator[LintProblem]:
    """The agent wants a directory of its own, closed to others, which a read-only root or a volume is not."""
    socket = one.call.agent.socket if one.call and one.serves else ""
    if not socket.startswith("/"):
        return
    folder = socket.rpartition("/")[0]
    mounts = [mount.text("mountPath").rstrip("/") for mount in one.node.items("volumeMounts")]
    sealed = one.node.text("securityContext", "readOnlyRootFilesystem") == "true"
    if folder in mounts:
        why = f"{folder} is a volume, whose root is open to others"
    elif sealed and not any(folder.startswith(f"{mount}/") for mount in mounts):
        why = f"{folder} is on a read-only root"
    else:
        return
    yield LintProblem(
        one.node.line_at("env"),
        "SOCKET_WITHOUT_PLACE",
        f"agent.socket is {socket}, and {why}",
        "leave agent.socket unset, and the agent finds a place by itself",
    )


def _grace(spec: YamlNode, members: Sequence[Container]) -> Iterator[LintProblem]:
    text = spec.text("terminationGracePeriodSeconds") or str(_GRACE_S)
    drains = [one.call.agent.drain_s for one in members if one.call and one.serves]
    if drains and text.isdecimal() and int(text[:9]) <= max(drains):
        yield LintProblem(
            spec.line_at("terminationGracePeriodSeconds"),
            "GRACE_UNDER_DRAIN",
            f"killed after {text[:9]} s, while agent.drain_s is {max(drains):g} s",
            f"write terminationGracePeriodSeconds: {round(max(drains)) + 10}",
        )
