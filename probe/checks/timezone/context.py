"""What the check has seen of a target, and how it words it."""

from __future__ import annotations

import time

from probe import samples
from probe.checks.timezone import compare
from probe.codes import Code
from probe.formats import tzif
from probe.formats.tzif import Zone, ZoneOffset
from probe.golang import localtime, zonedata
from probe.golang.localtime import LOCALTIME, LocalTime
from probe.golang.quoting import quote
from probe.golang.release import Go
from probe.lightweight import Any, NamedTuple
from probe.report import Finding, Remedy, Status
from probe.targets import NotRegular, Target, TooLarge

_MAX_LINKS = 40
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-.")


Ways = tuple[Remedy, ...]  # the best first


class Context(NamedTuple):
    """One look at a target."""

    target: Target
    go: Go
    local: LocalTime
    now: int
    expected: str = ""  # "": any valid zone will do
    wanted: Zone | None = None  # the zone of that name

    @property
    def value(self) -> str | None:
        """TZ as it is set."""
        return self.target.env.get("TZ")

    @property
    def subject(self) -> str:
        """What decides here: the variable or the file."""
        return LOCALTIME if self.value is None else "TZ"

    @property
    def tz(self) -> str:
        """TZ as a report may show it: TZ="Asia/Shanghai "."""
        return f"TZ={quote(shown(self.value or ''))}"

    @property
    def met(self) -> bool:
        """Whether time.Local shows what the expected zone shows, these years."""
        return bool(self.expected) and compare.agree(self.local.zone, self.wanted, *compare.window(self.now))

    @property
    def claimed(self) -> str:
        """The zone that TZ or the link names; "" where nothing does."""
        path = self.local.file
        if path is None:
            return "UTC"
        if path == localtime.EMBEDDED or path.endswith(".zip"):
            return self.local.name
        names = [name for name in map(zone_name, links(self.target, path)) if name]
        return next((name for name in names if name in zonedata.names()), names[0] if names else "")

    def effect(self) -> str:
        """What comes of it: "time.Local is UTC (+00:00), wanted Asia/Shanghai (+08:00)"."""
        now = self.local.at(self.now)
        text = f"time.Local is {abbreviation(now)} ({offset(now)})"
        if not self.expected or self.met:
            return text
        text += f", wanted {self.expected} ({offset(compare.clock(self.wanted, self.now))})"
        parted = compare.differ(self.local.zone, self.wanted, self.now, compare.window(self.now)[1])
        if parted and parted.when > self.now:
            text += (
                f" and from {date(parted.when)} on {offset(parted.theirs)} instead of {offset(parted.ours)}"
            )
        return text

    def finding(
        self, status: Status, code: Code, cause: str, ways: Ways = (), subject: str = "", **evidence: Any
    ) -> Finding:
        """A finding with the evidence that all of them carry, and its remedies, the best first."""
        common = {
            "tz": None if self.value is None else shown(self.value),
            "name": shown(self.local.name),
            "file": None if self.local.file is None else shown(self.local.file),
            "abbreviation": shown(self.local.at(self.now).abbreviation),
            "offset_s": self.local.at(self.now).offset_s,
        }
        zone = str(evidence.get("zone") or common["name"])
        number = samples.TIMEZONE.sample(1, zone=zone, abbreviation=str(common["abbreviation"]))
        evidence = {**common, **evidence}
        return Finding(status, code, subject or self.subject, cause, ways, evidence, samples=(number,))

    def tried(self) -> list[str]:
        """Every place where Go looked, and what became of it."""
        return [f"{shown(attempt.path)}: {attempt.outcome}" for attempt in self.local.tried]

    def is_link(self, path: str) -> bool:
        try:
            return self.target.stat(path, follow=False).is_link
        except OSError:
            return False

    def without_tz(self) -> Context:
        """The same target, were TZ not set."""
        env = {name: value for name, value in self.target.env.items() if name != "TZ"}
        return self.on(self.target._replace(env=env))

    def on(self, target: Target) -> Context:
        """The same look at another target."""
        return self._replace(target=target, local=localtime.load(target, self.go, self.now))

    def install(self, name: str = "", *, upgrade: bool = False) -> Ways:
        """What brings the zone data into this image, or the newest of it; *name* is wanted of it."""
        from probe.remedies import zones

        return zones.bring(self.target, name or self.expected, upgrade=upgrade)

    def set_zone(self, name: str, alias: str = "") -> Ways:
        """What makes *name* the zone, data included; *alias* is another name of it that is installed."""
        from probe.remedies import zones

        return zones.use(self.target, name, there=installed(self.target, name), alias=alias)

    def repair(self, path: str, name: str = "") -> Ways:
        """What puts a sound file in the place of *path*; *name* is a guess at the wanted zone."""
        from probe.remedies import zones

        if path != LOCALTIME:
            named = zone_name(path)
            brought = self.install(named) if named in zonedata.names() else ()
            return (*brought, *self.set_zone(self.expected)) if self.expected or not brought else brought
        name = self.expected or name or self.written_name()
        if not name and not self.target.exists("/usr/share/zoneinfo/Etc/UTC"):
            return zones.use(self.target, "UTC", there=True)
        name = name or "Etc/UTC"
        return zones.repair(self.target, name, there=self.target.exists(f"/usr/share/zoneinfo/{name}"))

    def written_name(self) -> str:
        """The zone in /etc/timezone, as Debian and Alpine write it down; Go never reads it."""
        try:
            name = self.target.read("/etc/timezone", 256).decode("ascii", "replace").strip(" \t\r\n\"'")
        except (OSError, NotRegular, TooLarge):
            return ""
        return name if name in zonedata.names() else ""


def zone_named(target: Target, name: str) -> Zone | None:
    """The zone *name* by the reference data, else as the target has it."""
    parsed = tzif.parse(zonedata.load(name) or b"")
    if isinstance(parsed, Zone):
        return parsed
    parsed = tzif.parse(_installed_file(target, name))
    return parsed if isinstance(parsed, Zone) else None


def installed(target: Target, name: str) -> bool:
    """Whether Go finds a zone of that name among the target's files."""
    return name == "UTC" or isinstance(tzif.parse(_installed_file(target, name)), Zone)


def _installed_file(target: Target, name: str) -> bytes:
    if not name or name.startswith("/"):
        return b""
    for directory in localtime.DIRECTORIES:
        attempt, data = localtime.read(target, f"{directory}/{name}")
        if attempt.outcome == localtime.LOADED and data.startswith(b"TZif"):
            return data
    return b""


def links(target: Target, path: str) -> list[str]:
    """*path*, and where its links lead one after another, as far as that can be followed."""
    chain = [path]
    while len(chain) <= _MAX_LINKS:
        try:
            text = target.readlink(chain[-1])
        except OSError:
            break
        chain.append(text if text.startswith("/") else f"{chain[-1].rpartition('/')[0]}/{text}")
    return chain


def zone_name(path: str) -> str:
    """The zone that a path below a zoneinfo directory stands for, "" for any other path."""
    name = tidy(path).rpartition("/zoneinfo/")[2] if "/zoneinfo/" in path else ""
    for variant in ("posix/", "right/"):
        name = name.removeprefix(variant)
    return name


def tidy(path: str) -> str:
    """A path for people: without "." and ".." and doubled slashes."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def shown(text: str) -> str:
    """A text of the target as a report may show it: short and without secrets."""
    # The patterns of redact have to be compiled; on the way of a pass nothing needs them.
    name = text.removeprefix(f"{localtime.DIRECTORIES[0]}/")
    if name in zonedata.names() or text == LOCALTIME or (len(text) < 10 and _SAFE.issuperset(text)):
        return text
    from probe import redact

    return redact.value("TZ", text)


def plain(text: str) -> str:
    """The same on one line, whatever is in it."""
    return quote(shown(text))[1:-1]


def offset(clock: ZoneOffset) -> str:
    """The offset as "+08:00", with seconds where there are any."""
    hours, rest = divmod(abs(clock.offset_s), 3600)
    minutes, seconds = divmod(rest, 60)
    sign = "-" if clock.offset_s < 0 else "+"
    return f"{sign}{hours:02d}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")


def abbreviation(clock: ZoneOffset) -> str:
    return plain(clock.abbreviation) or "a clock without a name"


def date(instant: int) -> str:
    """The day of an instant: "2026-03-08"."""
    try:
        return time.strftime("%Y-%m-%d", time.gmtime(instant))
    except (OverflowError, ValueError, OSError):
        return f"second {instant}"
