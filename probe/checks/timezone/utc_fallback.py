"""Why time.Local is UTC though something else was asked for."""

from __future__ import annotations

from probe import codes
from probe.checks.timezone import file_errors, other_names
from probe.checks.timezone.compare import recognised
from probe.checks.timezone.context import Context, Ways, installed, offset, plain, zone_named
from probe.checks.timezone.guess import nearest, turning
from probe.formats import tzif
from probe.golang import localtime, zonedata
from probe.golang.localtime import DIRECTORIES, LOCALTIME, Attempt
from probe.golang.quoting import quote
from probe.report import Finding, Status
from probe.targets import TooLarge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.formats.tzif import Rule

_GO_TREES = ("/usr/local/go", "/usr/lib/go", "/usr/lib/golang")
# The names of the zone database that have never shown anything but UTC, and its letter.
_NAMES = ("utc", "uct", "gmt", "zulu", "universal", "greenwich", "gmt0", "gmt+0", "gmt-0")
_UTC = frozenset(("z", *_NAMES, *(f"etc/{name}" for name in _NAMES)))
_QUOTES = "\"'`"
_THIS_MACHINE = frozenset(("local", "localtime", "system", "host", "default", "auto"))


def diagnose(scene: Context, missing: Status) -> Finding:
    """
    One finding that names the cause; *missing* is the status of "nobody said anything".

    Where the expected zone shows what UTC shows, the damage is only worth a warning.
    """
    status = Status.WARN if scene.met else Status.FAIL
    if scene.value is None:
        return _localtime(scene, scene.local.tried[0], status, missing)
    if _selects_utc(_name(scene)) and (scene.met or not scene.expected):
        cause = f"{scene.tz} selects UTC by another name, and time.Local is UTC (+00:00)"
        return scene.finding(Status.PASS, codes.TIMEZONE_OK, cause, tried=scene.tried())
    rules = (_blank, _quoted, _colons, _path, _found, _case, _hidden, _only_in_go, _known, _posix)
    finding = next(filter(None, (rule(scene, status) for rule in rules)), None) or _unknown(scene, status)
    if scene.without_tz().local.zone:
        finding = finding._replace(cause=f"{finding.cause}; Go does not fall back to {LOCALTIME}")
    return finding


def _selects_utc(name: str) -> bool:
    """By a name of it, with or without a directory of zones, or by a POSIX rule of UTC's offset."""
    for directory in DIRECTORIES:
        name = name.removeprefix(f"{directory}/")
    rule = tzif.parse_rule(name.encode("utf-8", "surrogateescape"))
    fixed = rule is not None and rule.summer is None and rule.standard.offset_s == 0
    if fixed and rule and rule.standard.abbreviation.isalnum():
        return True
    return name.removeprefix("posix/").lower() in _UTC


def _localtime(scene: Context, attempt: Attempt, status: Status, missing: Status) -> Finding:
    if attempt.outcome != localtime.MISSING or scene.is_link(LOCALTIME):
        return file_errors.diagnose(scene, attempt, status)
    what, written = f"there is no {LOCALTIME} and no TZ", scene.written_name()
    if written:
        what += f" (/etc/timezone says {written}, but Go never reads it)"
    if scene.met:
        return scene.finding(
            Status.PASS, codes.TIMEZONE_OK, f"{what}, so time.Local is UTC, as expected", tried=scene.tried()
        )
    code, name = codes.TIMEZONE_UTC_BY_DEFAULT, written or "UTC"
    if scene.expected:
        code, name, missing = codes.TIMEZONE_LOCALTIME_MISSING, scene.expected, status
    ways = scene.set_zone(name)
    return scene.finding(missing, code, f"{what}: {scene.effect()}", ways, tried=scene.tried())


def _name(scene: Context) -> str:
    """TZ without its first colon, as Go looks it up."""
    value = scene.value or ""
    return value[1:] if value.startswith(":") else value


def _blank(scene: Context, status: Status) -> Finding | None:
    name = _name(scene)
    if name == name.strip():
        return None
    cause = f"{scene.tz} has a space or a newline too many: {scene.effect()}"
    return scene.finding(status, codes.TIMEZONE_TZ_BLANK, cause, _set(scene, name.strip()))


def _quoted(scene: Context, status: Status) -> Finding | None:
    name = _name(scene)
    if (name[:1] not in _QUOTES and name[-1:] not in _QUOTES) or _slip(name):
        return None
    cause = f"{scene.tz} has quotes in its value that nothing removed: {scene.effect()}"
    return scene.finding(status, codes.TIMEZONE_TZ_QUOTED, cause, _set(scene, name.strip(_QUOTES)))


def _colons(scene: Context, status: Status) -> Finding | None:
    name = _name(scene)
    if not name.startswith(":"):
        return None
    cause = f"{scene.tz} begins with more than one colon and Go removes one: {scene.effect()}"
    return scene.finding(status, codes.TIMEZONE_TZ_COLONS, cause, _set(scene, name.strip(":")))


def _path(scene: Context, status: Status) -> Finding | None:
    if not _name(scene).startswith("/"):
        return None
    return file_errors.diagnose(scene, scene.local.tried[0], status)


def _found(scene: Context, status: Status) -> Finding | None:
    """Something of that name is there, but it is no zone."""
    for attempt in scene.local.tried:
        if attempt.outcome == localtime.DIRECTORY:
            cause = f"{scene.tz} names the directory {plain(attempt.path)}, not a zone: {scene.effect()}"
            return scene.finding(
                status, codes.TIMEZONE_TZ_DIRECTORY, cause, _set(scene, ""), tried=scene.tried()
            )
        nothing = (localtime.MISSING, localtime.NOT_A_DIRECTORY, localtime.ERROR, localtime.HIDDEN)
        if attempt.outcome not in nothing or scene.is_link(attempt.path):
            return file_errors.diagnose(scene, attempt, status)
    return None


def _case(scene: Context, status: Status) -> Finding | None:
    name = _name(scene)
    right = _spelling(scene, name)
    if not right or right == name:
        return None
    cause = f"{scene.tz} is spelled {quote(right)}, and Go is case-sensitive here: {scene.effect()}"
    return scene.finding(status, codes.TIMEZONE_NAME_CASE, cause, _set(scene, right))


def _spelling(scene: Context, name: str) -> str:
    """How *name* is spelled in the target's zone data or else in the reference data; "" when in neither."""
    folded = name.casefold()
    for directory in DIRECTORIES:
        path = directory
        for part in folded.split("/"):
            found = _entry(scene, path, part)
            if not found:
                break
            path += f"/{found}"
        spelled = path.removeprefix(f"{directory}/")
        if spelled.casefold() == folded and installed(scene.target, spelled):
            return spelled
    return next((known for known in zonedata.names() if known.casefold() == folded), "")


def _entry(scene: Context, directory: str, folded: str) -> str:
    """The first name in *directory* that is *folded* but for its case."""
    try:
        entries = scene.target.listdir(directory)
    except (OSError, TooLarge):
        return ""
    return next((entry for entry in entries if entry.casefold() == folded), "")


def _hidden(scene: Context, status: Status) -> Finding | None:
    """A program that nobody can look into may hold any zone."""
    if not scene.local.unsure or (scene.expected and zone_named(scene.target, _name(scene)) is None):
        return None
    what = f"whether {plain(scene.go.program)} holds zone data cannot be determined"
    cause = f"{scene.tz} is in no file here, and {what}"
    status = Status.UNKNOWN if status is Status.FAIL else status
    ways = scene.set_zone(scene.expected or _name(scene))
    return scene.finding(status, codes.TIMEZONE_DATA_HIDDEN, cause, ways, tried=scene.tried())


def _only_in_go(scene: Context, status: Status) -> Finding | None:
    """Programs built without -trimpath look into the Go tree that built them; a known one was asked."""
    for tree in _GO_TREES:
        path = f"{tree}/lib/time/zoneinfo.zip"
        attempt, data = localtime.read_zip(scene.target, path, _name(scene))
        if attempt.outcome == localtime.LOADED and isinstance(tzif.parse(data), tzif.Zone):
            cause = (
                f"{scene.tz} is found in {path} only: a program built here without -trimpath"
                f" sees it, for any other {scene.effect()}"
            )
            if scene.go.program:
                cause = (
                    f"{scene.tz} is found in {path} only, where this program does not look: {scene.effect()}"
                )
            return scene.finding(
                status if scene.expected or scene.go.program else Status.WARN,
                codes.TIMEZONE_ONLY_IN_GOROOT,
                cause,
                scene.install(_name(scene)),
                tried=scene.tried(),
            )
    return None


def _known(scene: Context, status: Status) -> Finding | None:
    from probe.remedies import zones

    name = _name(scene)
    if name not in zonedata.names():
        return None
    rule = tzif.parse_rule(name.encode())
    other = "; libc takes it for a POSIX rule" if rule else ""
    if scene.target.env.get("ZONEINFO"):
        other += "; ZONEINFO is for LoadLocation, not for time.Local"
    if any(_holds_zones(scene, directory) for directory in DIRECTORIES):
        code, what = codes.TIMEZONE_NOT_INSTALLED, "names a zone that is not among those installed here"
        today = _installed_alias(scene, scene.expected or name)
        what += f"; {today} is the same zone" if today else ""
        ways = scene.set_zone(scene.expected or name, today)
    else:
        code, what = codes.TIMEZONE_TZDATA_MISSING, "names a zone, but no zone data is installed"
        ways = scene.set_zone(scene.expected or name)
    cause = f"{scene.tz} {what}: {scene.effect()}{other}"
    if name == (scene.expected or name) and (directory := zones.elsewhere(scene.target, name)):
        cause += f"; {plain(directory)}/{name} holds it, where Go does not look"
        ways = (*zones.reach(scene.target, directory, name), *ways)
    return scene.finding(status, code, cause, ways, tried=scene.tried())


def _installed_alias(scene: Context, name: str) -> str:
    """Another name of the zone that is installed: distributions have split off the old names."""
    zone = zone_named(scene.target, name)
    names = recognised(zone, scene.now) if zone else []
    return next((other for other in names[:8] if other != name and installed(scene.target, other)), "")


def _holds_zones(scene: Context, directory: str) -> bool:
    try:
        return bool(scene.target.listdir(directory))
    except TooLarge:
        return True
    except OSError:
        return False


def _posix(scene: Context, status: Status) -> Finding | None:
    name = _name(scene)
    rule = tzif.parse_rule(name.encode("utf-8", "surrogateescape"))
    # libc takes letters only for the name of a clock, and anything between < and >.
    if rule is None or not (name[0] == "<" or rule.standard.abbreviation.isalpha()) or " " in name:
        return None
    clock = rule.lookup(0, scene.now).clock
    cause = (
        f"{scene.tz} is a POSIX rule: libc shows {plain(clock.abbreviation)} ({offset(clock)}),"
        f" Go reads no rules and {scene.effect()}"
    )
    ways: Ways = ()
    name = _of_rule(rule, scene.now)
    said = other_names.offset(_name(scene))
    if said is not None and said * 60 != clock.offset_s:  # UTC+8 is west to libc, and east to people
        east = other_names.fixed(said)
        cause += f"; {offset(clock._replace(offset_s=said * 60))} is written the other way round there"
        ways, name = _set(scene, east), "" if scene.expected else name
    if name or not ways:
        ways += _set(scene, name)
    return scene.finding(status, codes.TIMEZONE_POSIX_STRING, cause, ways, libc_offset_s=clock.offset_s)


def _of_rule(rule: Rule, now: int) -> str:
    """The zone with the clocks of a POSIX rule; "" where none is known."""
    if rule.summer:
        return turning(rule, now)
    minutes, seconds = divmod(rule.standard.offset_s, 60)
    return "" if seconds or not -12 * 60 <= minutes <= 14 * 60 else other_names.fixed(minutes)


def _unknown(scene: Context, status: Status) -> Finding:
    name = _name(scene)
    slip = _slip(name)
    near = _expanded(scene, name) if slip else _this_machine(scene, name) or nearest(name)
    hint = f" (did you mean {near}?)" if near else ""
    cause = f"{scene.tz} names no zone that tzdata {zonedata.release()} knows{hint}: {scene.effect()}{slip}"
    return scene.finding(status, codes.TIMEZONE_NAME_UNKNOWN, cause, _set(scene, near), tried=scene.tried())


def _slip(name: str) -> str:
    """What only a shell replaces; "" where there is nothing of the kind."""
    if "$" in name or "`" in name:
        return '; only a shell replaces "$"'
    return '; only a shell replaces "~"' if name.startswith("~") else ""


def _this_machine(scene: Context, name: str) -> str:
    """The file of the zone that a TZ=Local is meant to leave in force; "" where that is not meant."""
    known = name.lower() in _THIS_MACHINE and scene.without_tz().local.zone
    return LOCALTIME if known else ""


def _expanded(scene: Context, name: str) -> str:
    """The zone, or the file of one, that a shell would have made of *name*; "" where that is neither."""
    from probe.remedies import meant

    env = {variable: value for variable, value in scene.target.env.items() if variable != "TZ"}
    made = meant.expanded(scene.target._replace(env=env), name)
    if made.startswith("/"):
        attempt, data = localtime.read(scene.target, made)
        return made if attempt.outcome == localtime.LOADED and data.startswith(b"TZif") else ""
    return made if made in zonedata.names() else ""


def _set(scene: Context, name: str) -> Ways:
    """What sets TZ right: to the expected zone, or to *name*, or to what was meant by it."""
    name = scene.expected or name
    if not zone_named(scene.target, name) and not name.startswith("/"):
        name = _expanded(scene, name) if _slip(name) else nearest(name)
    if name.startswith("/"):
        from probe.remedies import actions

        return (actions.remedy(actions.set_env("TZ", name)),)
    return scene.set_zone(name if zone_named(scene.target, name) else "")
