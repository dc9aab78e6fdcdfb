"""Problems in a compose file."""

from collections.abc import Iterator

from probe.manifest import duration, exec_form, health, noexec
from probe.manifest.command_line import Interpret, arguments, judged, shell_line, steps
from probe.manifest.images import has_no_shell
from probe.manifest.rules import LintProblem, refused
from probe.manifest.yaml_nodes import YamlNode

_TIMES = ("interval", "timeout", "start_period", "start_interval")
_GRACE_S = 10.0  # what compose and docker stop grant by default


def problems(document: YamlNode, interpret: Interpret) -> Iterator[LintProblem]:
    """Problems in the services of *document*."""
    volumes = dict(document.pairs("volumes"))
    for _, service in document.pairs("services"):
        env = _environment(service)
        yield from _commands(service)
        yield from noexec.of_service(service, volumes, _calls(service))
        yield from _health(service, env, interpret)
        yield from _grace(service, env, interpret)


def _commands(service: YamlNode) -> Iterator[LintProblem]:
    """Lists that are none, and shells in an image without one."""
    image = service.text("image")
    for key in ("entrypoint", "command"):
        words = service.texts(key)
        yield from exec_form.problems(service.line_at(key), words)
        starts = key == "entrypoint" or service.at("entrypoint") is None
        words = words or next((step.words for step in steps(service.text(key))), [])
        if starts and shell_line(words) is not None and has_no_shell(image):
            yield LintProblem(
                service.line_at(key),
                "SHELL_MISSING",
                f"{image} holds no {words[0]}",
                "name the program itself, without a shell",
            )


def _calls(service: YamlNode) -> list[str]:
    """The paths by which probe is called."""
    lists = [service.texts("healthcheck", "test")[1:], service.texts("entrypoint"), service.texts("command")]
    lists += [step.words for key in ("entrypoint", "command") for step in steps(service.text(key))[:1]]
    return [words[0] for words in lists if words and arguments(words) is not None]


def _environment(service: YamlNode) -> dict[str, str]:
    """The variables of probe, of a mapping or a list of K=V; what compose puts in is not known here."""
    pairs = [(key, node.value) for key, node in service.pairs("environment")]
    pairs += [(key, value) for key, _, value in (t.partition("=") for t in service.texts("environment"))]
    return {
        key: value
        for key, value in pairs
        if key.startswith("PROBE_") and isinstance(value, str) and "$" not in value
    }


def _health(service: YamlNode, env: dict[str, str], interpret: Interpret) -> Iterator[LintProblem]:
    check = service.at("healthcheck")
    if check is None or check.text("disable") == "true":
        return
    words, shell = check.texts("test"), check.text("test")
    if words[:1] == ["CMD-SHELL"] and len(words) > 2:
        words = ["/bin/sh", "-c", *words[1:]]  # as moby's daemon/health.go does: all but the first are lost
    elif words[:1] == ["CMD-SHELL"]:
        words, shell = [], " ".join(words[1:])
    elif words[:1] == ["NONE"]:
        return
    elif words[:1] == ["CMD"]:
        words = words[1:]
    elif words:
        yield LintProblem(
            check.line_at("test"),
            "COMMAND_REFUSED",
            f'compose takes no test that begins with "{words[0][:60]}"',
            "begin the list with CMD or CMD-SHELL",
        )
        return
    times = {
        key.replace("_", "-"): health.Time(check.line_at(key), check.text(key))
        for key in _TIMES
        if check.at(key) is not None
    }
    if (retries := check.at("retries")) is not None and not health.is_count(retries.value):
        yield health.no_count(check.line_at("retries"), check.text("retries"))
    image = service.text("image")
    found = health.Health(
        check.line_at("test"), words, shell, times, env, image if has_no_shell(image) else "", variables=True
    )
    yield from health.problems(found, interpret)


def _grace(service: YamlNode, env: dict[str, str], interpret: Interpret) -> Iterator[LintProblem]:
    """Whoever serves needs time to say that it leaves."""
    for key in ("entrypoint", "command"):
        words = service.texts(key) or next((step.words for step in steps(service.text(key))), [])
        if key == "command" and service.at("entrypoint") is None and words[:1] in (["serve"], ["run"]):
            words = ["probe", *words]  # of an image whose entrypoint is probe
        if key == "entrypoint" and words:
            words = [*words, *service.texts("command")]
        given = arguments(words)
        if given is None or list(exec_form.problems(0, words)):
            continue
        if (call := judged(interpret, given, env)) is None:
            continue
        if call.problem:
            yield refused(service.line_at(key), call.problem)
            return
        limit_s = duration.seconds(service.text("stop_grace_period") or f"{_GRACE_S:g}s")
        if call.listens and limit_s is not None and limit_s <= call.agent.drain_s:
            yield LintProblem(
                service.line_at("stop_grace_period"),
                "GRACE_UNDER_DRAIN",
                f"killed after {limit_s:g} s, while agent.drain_s is {call.agent.drain_s:g} s",
                f"write stop_grace_period: {call.agent.drain_s + 10:g}s",
            )
        return
