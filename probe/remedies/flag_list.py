"""What a GOFLAGS was meant to be that the go command refuses (cmd/go/internal/base/goflags.go)."""

from probe import likeness, redact
from probe.golang.command import flags, goflags

_SHORT = 3  # letters of a word that is taken for a flag without its dash
_LONG = 1000  # characters, more than any list has
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u201c\u201d", '"'),
        "\u00a0": " ",
    }
)
_VALUED = frozenset(  # which a word of its own may follow on a command line, and not in GOFLAGS
    (
        *(
            "mod",
            "tags",
            "ldflags",
            "gcflags",
            "asmflags",
            "gccgoflags",
            "p",
            "modfile",
            "buildmode",
            "count",
        ),
        *(
            "timeout",
            "run",
            "exec",
            "overlay",
            "pgo",
            "installsuffix",
            "pkgdir",
            "toolexec",
            "compiler",
            "cpu",
        ),
    )
)
_KNOWN_VALUES = {  # cmd/go/internal/modload/init.go, work/init.go: others are refused by every build
    "mod": ("mod", "readonly", "vendor"),
    "buildmode": ("archive", "c-archive", "c-shared", "default", "exe", "pie", "plugin", "shared"),
}
_OF_COMMANDS = ("ldflags", "gcflags", "asmflags", "gccgoflags")  # whose value is a list itself


def meant(text: str, minor: int) -> str:
    """Its own flags as the go command of Go 1.*minor* takes them apart; "" where they are not known."""
    plain = text[:_LONG].translate(_SIGNS).strip(" \t\r\n;,")
    if plain[:8].upper() == "GOFLAGS=":
        plain = plain[8:]
    if plain[:1] in ("'", '"') and plain[-1:] == plain[:1] and plain.count(plain[0]) == 2:
        plain = plain[1:-1]
    for separator in (";", ","):
        plain = plain.replace(f"{separator} -", " -").replace(f"{separator}-", " -")
    words = flags.split(plain) or plain.replace('"', "").replace("'", "").split()
    found = _joined(words, minor)
    made = flags.join(found) or ""
    sound = (
        made
        and all(map(_takes_value, found))
        and not goflags.refused(made, minor)
        and redact.value("GOFLAGS", made) == made
    )
    return made if sound and made != text else ""


def _joined(words: list[str], minor: int) -> list[str]:
    """Each flag in one word, with its dash and its value."""
    found: list[str] = []
    for word in words:
        before = found[-1] if found else ""
        name, equals, _ = before.lstrip("-").partition("=")
        if before and (word.startswith("=") or before.endswith("=")):  # -mod = mod
            found[-1] += word
        elif not word.startswith("-") and name in _VALUED and not equals:  # -mod mod
            found[-1] += f"={word}"
        elif not word.startswith("-") and name in _OF_COMMANDS and not _is_flag(word, minor):
            found[-1] += f" {word}"  # -ldflags=-X main.version=1
        else:
            found.append(_flag(word, minor))
    return found


def _flag(word: str, minor: int) -> str:
    name, equals, value = word.lstrip("-").partition("=")
    if value[:1] in ("'", '"') and value[1:] and value[-1] == value[0]:  # -mod="mod"
        value = value[1:-1]
    if not word.startswith("-") and not equals and len(name) < _SHORT:
        return word
    if _is_flag(name, minor):
        return f"-{name}{equals}{value}"
    near = likeness.nearest(name.lower(), [known for known in goflags.NAMES if len(known) >= _SHORT], 0.8)
    return f"-{near or name}{equals}{value}"


def _takes_value(flag: str) -> bool:
    name, equals, value = flag.lstrip("-").partition("=")
    return not equals or name not in _KNOWN_VALUES or value in _KNOWN_VALUES[name]


def _is_flag(word: str, minor: int) -> bool:
    name = word.partition("=")[0]
    return bool(name) and not goflags.refused(f"-{name}", minor)
