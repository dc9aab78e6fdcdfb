"""What is said of a version: against the minimum, the end of support, and as a release at all."""

from __future__ import annotations

from probe import codes, redact, samples
from probe.golang import release_dates, version
from probe.golang.version import ParsedVersion
from probe.lightweight import Any, Iterator, Mapping, NamedTuple
from probe.report import Finding, Remedies, Status
from probe.words import shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.command.environment_files import GoSetting
    from probe.samples import Sample

_SHOWN = 120  # characters of a version string in a sentence


class VersionPolicy(NamedTuple):
    """The settings of the check that versions are held against, and the time."""

    minimum: str  # "1.21"
    eol: str  # "fail", "warn" or "ignore"
    now: float


class JudgedProgram(NamedTuple):
    """The program whose version is judged."""

    path: str
    source: str  # "toolchain" or "binary"
    evidence: Mapping[str, Any]
    samples: tuple[Sample, ...] = ()

    @property
    def what(self) -> str:
        return "the go command" if self.source == "toolchain" else "the program"

    def finding(
        self, status: Status, code: codes.Code, cause: str, remedies: Remedies = (), **more: Any
    ) -> Finding:
        evidence = {"path": self.path, "source": self.source, **self.evidence, **more}
        return Finding(status, code, self.path, cause, remedies, evidence, samples=self.samples)


def judge(subject: JudgedProgram, text: str, rules: VersionPolicy) -> Iterator[Finding]:
    """What the version string *text* of *subject* is worth."""
    named = version.read(text)
    release = named.release
    if not release:
        yield _unreadable(subject, text)
        return
    support = release_dates.support(release[1], rules.now)
    subject = subject._replace(
        evidence={
            **subject.evidence,
            "version": shown(text),
            "minimum": rules.minimum,
            "supported_until": support.until,
            "supported_until_known": support.known,
        },
        samples=(
            samples.GO_VERSION.sample(1, version=shown(text), source=subject.source),
            samples.GO_SUPPORT_END.sample(release_dates.seconds(support.until), source=subject.source),
        ),
    )
    minimum = f"go{rules.minimum.removeprefix('go')}"
    if version.compare(named.name, minimum) < 0:
        yield _too_old(subject, named, minimum, support, rules)
    elif support.ended and rules.eol != "ignore":
        status = Status.FAIL if rules.eol == "fail" else Status.WARN
        yield subject.finding(
            status, codes.GO_OUT_OF_SUPPORT, f"{shown(text)} has had no security fixes since {support.until}",
            _take(subject, rules.now),
        )  # fmt: skip
    elif named.kind != "release":
        yield subject.finding(
            Status.WARN, codes.GO_UNRELEASED, f"{shown(text)} is a {named.kind} version, not a release",
            _take(subject, rules.now),
        )  # fmt: skip
    else:
        yield subject.finding(Status.PASS, codes.GO_VERSION_OK, _praise(named, support))


def release_to_take(now: float) -> str:
    """The release to name in a remedy: "1.27"; "latest" when all that are known are out of support."""
    return release_dates.to_take(now) or "latest"


def shown(text: str) -> str:
    """A version string as a finding may show it: one line, bounded."""
    plain = " ".join(redact.text(text[: _SHOWN + 1]).split())
    return shortened(plain, _SHOWN)


def _unreadable(subject: JudgedProgram, text: str) -> Finding:
    from probe.remedies import actions, images

    told = f'calls itself "{shown(text)}", which names no release' if text else "does not report its version"
    take = actions.from_image(images.GOLANG, "" if subject.source == "toolchain" else "build")
    return subject.finding(
        Status.UNKNOWN,
        codes.GO_VERSION_UNREADABLE,
        f"{subject.what} {told}",
        actions.ways(take),
        version=shown(text),
    )


def _too_old(
    subject: JudgedProgram,
    named: ParsedVersion,
    minimum: str,
    support: release_dates.Support,
    rules: VersionPolicy,
) -> Finding:
    since = f", and has had no security fixes since {support.until}" if support.ended else ""
    return subject.finding(
        Status.FAIL,
        codes.GO_TOO_OLD,
        f"{shown(named.text)} is older than the required minimum {minimum}{since}",
        _take(subject, rules.now, minimum),
    )


def _take(subject: JudgedProgram, now: float, minimum: str = "") -> Remedies:
    """What brings a supported release, or the minimum where that is newer."""
    from probe.remedies import actions

    release = release_to_take(now)
    if minimum and release != "latest" and version.compare(f"go{release}.999", minimum) < 0:
        release = minimum.removeprefix("go")
    stage = "" if subject.source == "toolchain" else "build"
    return actions.ways(actions.from_image(f"golang:{release}", stage))


def _praise(named: ParsedVersion, support: release_dates.Support) -> str:
    if support.ended:
        return f"{shown(named.text)}, out of support since {support.until}, which is allowed here"
    about = "" if support.known else "about "
    return (
        f"{shown(named.text)}, supported until {about}{support.until if support.known else support.until[:7]}"
    )


def corrected(name: str, chosen: GoSetting, own: str, platform: tuple[str, str] = ("", "")) -> Remedies:
    """What gives a setting the value that was meant, for the go command *own*; else what takes it away."""
    from probe.remedies import actions, go_setting

    meant = "" if chosen.file else go_setting.meant(name, chosen.value, own, platform)
    return actions.ways(actions.set_env(name, meant)) if meant else unset(name, chosen)


def unset(name: str, chosen: GoSetting) -> Remedies:
    """What takes a setting away from where it stands; an empty variable counts as unset."""
    from probe.remedies import actions, file_actions

    if chosen.file:
        return actions.ways(file_actions.delete_setting(name, chosen.file))
    return actions.ways(actions.set_env(name, ""))
