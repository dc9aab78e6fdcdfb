"""The go command: run it where that is possible, else judge it by its files."""

from __future__ import annotations

from probe import codes
from probe.checks.base import Run
from probe.checks.go_version import findings
from probe.checks.go_version.findings import JudgedProgram, VersionPolicy
from probe.deadline import GO_VERSION, WAIT_FOR_GO_ENV
from probe.facts import Facts
from probe.golang import version
from probe.golang.command import toolchain
from probe.golang.command.toolchain import Toolchain
from probe.lightweight import Iterator
from probe.report import Finding, Status
from probe.targets import Target

_STAYING = ("", "local", "auto", "path", "local+auto", "local+path")


def diagnose(target: Target, run: Run, found: Toolchain, rules: VersionPolicy) -> Iterator[Finding]:
    """What keeps the go command from working, else what its version is worth."""
    subject = JudgedProgram(found.go, "toolchain", _evidence(found))
    if not found.in_path:
        yield _not_in_path(subject)
    if not found.executable:
        from probe.checks.go_version import loading

        yield loading.not_executable(target, subject)
        return
    answer = _ask(target, run, found, subject) if target.runs_commands else _read(run.facts, found, subject)
    if isinstance(answer, Finding):
        yield answer
        return
    if tree := _tree(run.facts, found, subject, answer):
        yield tree
    switch = _switching(run.facts, subject, answer)
    if switch:
        yield switch
    from probe.checks.go_version import builds

    yield from builds.obstacles(run, found, subject, answer)
    if not switch or switch.status is not Status.FAIL:
        yield from findings.judge(subject, answer, rules)


def _ask(target: Target, run: Run, found: Toolchain, subject: JudgedProgram) -> str | Finding:
    """The version that `go version` prints, or why it prints none; GOVERSION is the same (envcmd.MkEnv)."""
    if run.facts.version.expected:
        run.phase(f"running {found.go} env")
        if told := run.facts.version.result(WAIT_FOR_GO_ENV * run.deadline.remaining()):
            return told
    from probe.targets.supervisor_line import SupervisorLost

    run.phase(f"running {found.go} version")
    within = run.deadline.share(GO_VERSION)
    patience = within.remaining()
    try:
        done = toolchain.run(target, found, ["version"], within)
    except (SupervisorLost, OSError) as problem:
        from probe.checks.go_version import command_errors

        if isinstance(problem, SupervisorLost):
            return command_errors.start_failed(subject, str(problem))
        return command_errors.not_started(target, found, subject, problem)
    if done.timed_out:
        from probe.remedies import actions, other_go, quoting

        cause = f"{found.go} version had not finished after {patience:.1f} s"
        look = actions.ways(actions.look(f"file -L {quoting.word(found.go)}", found.go))
        ways = (*other_go.instead(target, found.go), *look)
        return subject.finding(Status.FAIL, codes.GO_HUNG, cause, ways)
    text = None if done.truncated else version.from_output(done.out.decode("utf-8", "surrogateescape"))
    if text is not None and done.code == 0:
        run.facts.version.known(text)
        return text
    from probe.checks.go_version import command_errors

    if done.truncated:
        return command_errors.unexpected(target, subject, done.out, "writes endless output")
    if done.code != 0:
        return command_errors.ended_badly(run.facts, found, subject, done)
    return command_errors.unexpected(target, subject, done.out, "did not print its version")


def _read(facts: Facts, found: Toolchain, subject: JudgedProgram) -> str | Finding:
    """The version by the files, or what would keep the command from starting."""
    from probe.checks.go_version import command_errors, loading

    target = facts.target
    if found.script:
        cause = f"{found.go} is a script, whose version is known only when it is run"
        from probe.remedies import actions

        other = actions.ways(actions.configure("go-version.source", "binary"))
        return subject.finding(Status.UNKNOWN, codes.GO_VERSION_UNREADABLE, cause, other)
    if not found.program:
        return command_errors.no_program(target, subject)
    problem = loading.missing_loader(target, subject, found.program)
    release = facts.release_of(version.read(found.version).release)
    if not problem and release:
        problem = loading.fatal_environment(target, subject, release[1])
    return problem or command_errors.bad_root(facts, found, subject) or found.version


def _tree(facts: Facts, found: Toolchain, subject: JudgedProgram, told: str) -> Finding | None:
    """A fault of GOROOT that `go version` does not notice."""
    root = found.root
    if not root or found.script:
        return None
    evidence = {"root": root, "root_version": findings.shown(found.root_version)}
    if not toolchain.has_tools(facts.target, root):
        cause = f"GOROOT={root} is a directory without a Go tree (no pkg/tool), so nothing can be built"
        unset = findings.unset("GOROOT", facts.setting("GOROOT"))
        problem = subject.finding(Status.FAIL, codes.GO_TREE_MISSING, cause, unset, **evidence)
        return problem._replace(subject="GOROOT")
    stated = version.read(found.root_version).name
    if not stated or not version.compare(version.read(told).name, stated):
        return None
    cause = (
        f"the go command is {findings.shown(told)}, but its GOROOT {root} holds {stated}: every build fails"
    )
    archive = f"{version.read(told).name}.linux-{(subject.evidence.get('architecture') or 'amd64')}.tar.gz"
    from probe.remedies import actions, quoting

    place, parent = quoting.word(root), quoting.word(root.rpartition("/")[0] or "/")
    image = f"golang:{version.read(told).name.removeprefix('go')}"
    copied = actions.copy(root, root, stage=image)
    way = actions.shell(
        f"mv {place} {place}.old && tar -C {parent} -xzf {archive}",
        path=root,
        to=root.rpartition("/")[0] or "/",
        built=copied,
    )
    if facts.target.env.get("GOROOT"):
        way = actions.set_env("GOROOT", "")
    problem = subject.finding(Status.FAIL, codes.GO_MIXED_TOOLCHAIN, cause, actions.ways(way), **evidence)
    return problem._replace(subject="GOROOT")


def _switching(facts: Facts, subject: JudgedProgram, told: str) -> Finding | None:
    """What GOTOOLCHAIN makes of the go command; we ran it with `local` (toolchain/select.go:Select)."""
    chosen = facts.setting("GOTOOLCHAIN")
    wanted = chosen.value
    if wanted in _STAYING or facts.setting("GO111MODULE").value == "off":
        return None
    name, plus, mode = wanted.partition("+")
    blank = name != told and any(char.isspace() for char in name)  # which no version of a module has
    named = name == "local" or (version.toolchain_version(name) and name.startswith("go1") and not blank)
    if not named or (plus and mode not in ("auto", "path")):
        return _misnamed(facts, subject, told, "it names no toolchain")
    if name in ("local", told):
        return None
    if _is_language(name):
        why = f"{name} is a language version but not a toolchain version ({name}.x)"
        return _misnamed(facts, subject, told, why)
    from probe.checks.go_version import switching

    if why := switching.impossible(facts, name, path_only=mode == "path"):
        from probe.checks.go_version import command_errors

        return command_errors.refused(subject, "GOTOOLCHAIN", chosen, why, told)
    from probe.remedies import actions

    return subject.finding(
        Status.WARN,
        codes.GO_SWITCHES,
        f"GOTOOLCHAIN={findings.shown(wanted)} makes every go command run {findings.shown(name)} instead, "
        "from PATH or by download",
        actions.ways(actions.set_env("GOTOOLCHAIN", "local")),
        origin=chosen.origin,
    )


def _misnamed(facts: Facts, subject: JudgedProgram, told: str, why: str) -> Finding:
    """A GOTOOLCHAIN that no go command takes; a release that cannot be had here is not advised either."""
    from probe.checks.go_version import command_errors, switching
    from probe.remedies import go_setting

    chosen = facts.setting("GOTOOLCHAIN")
    name, _, mode = go_setting.meant("GOTOOLCHAIN", chosen.value, told).partition("+")
    other = name.startswith("go") and name != told
    away = other and switching.impossible(facts, name, path_only=mode == "path")
    finding = command_errors.refused(subject, "GOTOOLCHAIN", chosen, why, told)
    return finding._replace(remedies=findings.unset("GOTOOLCHAIN", chosen)) if away else finding


def _is_language(name: str) -> bool:
    """Whether *name* lacks its patch number: since 1.21 no toolchain is called so (gover.IsLang)."""
    minor = name.removeprefix("go1.")
    return minor.isdecimal() and int(minor) >= 21


def _not_in_path(subject: JudgedProgram) -> Finding:
    from probe.remedies import actions

    cause = f"the go command is {subject.path}, but its directory is not in PATH"
    more = actions.ways(actions.prepend("PATH", subject.path.rpartition("/")[0]))
    return subject.finding(Status.WARN, codes.GO_NOT_IN_PATH, cause, more)


def _evidence(found: Toolchain) -> dict[str, object]:
    evidence: dict[str, object] = {"root": found.root}
    if found.program:
        evidence["architecture"] = found.program.elf.architecture
    if found.script:
        evidence["interpreter"] = found.script
    return evidence
