"""
What `go build` refuses in the values that GOFLAGS gives to its flags.

Sources in Go's tree, below cmd/go/internal: goflags.go of base, build.go and init.go of work, flag.go of
load; Set of the types in flag.
"""

from probe.golang.command import flags

CACHE_PROGRAM_SINCE = 24  # the first release in which GOCACHEPROG counts
_ASKED_SINCE = 22  # whether external linking is possible
_BOOLEANS = frozenset((
    "a", "asan", "cover", "linkshared", "modcacherw", "msan", "n", "race", "trimpath", "v", "work", "x",
))  # fmt: skip
_TRUE = ("1", "t", "T", "true", "TRUE", "True")  # strconv.ParseBool
_FALSE = ("0", "f", "F", "false", "FALSE", "False")
_PER_PACKAGE = ("asmflags", "gcflags", "gccgoflags", "ldflags")
_CHOICES = {
    "compiler": ("gc", "gccgo"),
    "covermode": ("set", "count", "atomic"),
    "buildmode": ("archive", "c-archive", "c-shared", "default", "exe", "pie", "plugin", "shared"),
    "buildvcs": ("auto", *_TRUE, *_FALSE),
}
_MODES = ("", "mod", "readonly", "vendor")  # modload.setDefaultBuildMod
_WITH_CGO = ("race", "msan", "asan", "linkshared")
_VALUES = frozenset(
    (
        *_PER_PACKAGE,
        *_CHOICES.keys() - {"buildvcs"},
        "p",
        "mod",
        "modfile",
        "overlay",
        "pgo",
        "tags",
        "toolexec",
    )
)


def given(text: str) -> dict[str, str | None]:
    """The flags that GOFLAGS names, each with its last value; None for one without "="."""
    found: dict[str, str | None] = {}
    for word in flags.split(text) or []:
        name, equals, value = word.removeprefix("-").removeprefix("-").partition("=")
        found[name] = value if equals else None
    return found


def refused(text: str, minor: int, *, cgo: bool) -> str:
    """Why no `go build` of 1.*minor* works with this GOFLAGS, "" where it may; *cgo* is CGO_ENABLED."""
    found = given(text)
    names = sorted(found, key=lambda name: name != "mod")  # which is looked at before the others
    return next((why for name in names if (why := _refused(name, found[name], minor, cgo=cgo))), "")


def is_set(value: str | None) -> bool:
    """Whether a boolean flag with *value* is."""
    return value is None or value in _TRUE


def _refused(name: str, value: str | None, minor: int, *, cgo: bool) -> str:
    if name in _BOOLEANS:
        if value is not None and value not in (*_TRUE, *_FALSE):
            return f'invalid boolean value "{value}" for flag -{name}'
        if (
            name in _WITH_CGO
            and is_set(value)
            and not cgo
            and (name != "linkshared" or minor >= _ASKED_SINCE)
        ):
            return f"-{name} requires cgo, and CGO_ENABLED=0"
        return ""
    if value is None:
        return f"flag needs an argument: -{name}" if name in _VALUES else ""
    if name in _CHOICES:
        return "" if value in _CHOICES[name] else f'invalid value "{value}" for flag -{name}'
    if name == "mod":
        return "" if value in _MODES else f"-mod={value} not supported"
    if name == "p":
        return _workers(value)
    return _per_package(name, value) if name in _PER_PACKAGE else ""


def _workers(value: str) -> str:
    number = _integer(value)
    if number is None:
        return f'invalid value "{value}" for flag -p'
    return "" if number > 0 else f"-p must be a positive integer: {number}"


def _integer(value: str) -> int | None:
    """A number as strconv.ParseInt with base 0 takes it, None for what it refuses."""
    digits = value[1:] if value[:1] in ("+", "-") else value
    octal = digits[:1] == "0" and digits[1:2].isdigit()
    if not digits.isascii() or not digits[:1].isdigit():
        return None
    try:
        number = int(f"{value[: -len(digits)]}0o{digits}" if octal else value, 0)
    except ValueError:
        return None
    return number if -(1 << 63) <= number < 1 << 63 else None


def _per_package(name: str, value: str) -> str:
    """[PATTERN=]WORDS: what begins with a dash has no pattern."""
    text = value.strip()
    if text and not text.startswith("-"):
        if text[0] in "'\"":
            return ""  # quoted: the go command looks into it
        pattern, equals, text = text.partition("=")
        if not equals:
            return f"invalid value for flag -{name}: missing =<value> in <pattern>=<value>"
        if not pattern.strip():
            return f"invalid value for flag -{name}: missing <pattern> in <pattern>=<value>"
    return (
        f'invalid value "{value}" for flag -{name}: unterminated string' if flags.split(text) is None else ""
    )
