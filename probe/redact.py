"""
What must not leave: credentials in URLs, in variables, in the words of other programs.

Everything read from a target goes through here before it becomes a finding. Where
a text can be read in two ways, more is hidden rather than less, because what is
malformed for a parser may still show a password to a reader.
"""

from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

MARK = "***"
VALUE_LIMIT = 256  # characters of a variable's value that a report may hold
TEXT_LIMIT = 2000  # characters of free text
_LOOK_LIMIT = 64 << 10  # characters that are looked at

# Where a URL begins: after nothing or a separator, so that a password may hold "http:".
_SCHEME = (
    r"(?:(?<![^\s,|;\"'`<>()\[\]{}=])|(?<=\\[nrt\"]))"
    r"(?:https?|ftps?|socks(?:[45][ah]?)?|wss?|file|ssh|git|svn|bzr|hg|fossil|(?:git|svn|bzr)\+(?:https?|ssh))"
    r"(?::|%3a)(?:[/\\]|%2f)*"
)
_AT = r"@|%(?:25)*40"
# "module@v1.2.3" and the paths of the module proxy protocol are no credentials.
_VERSION = r"(?!v/|latest\b|none\b|upgrade\b|patch\b|v\d+\.\d+\.\d+)"
_SECRET_WORD = (  # what a name holds, no secret itself
    r"(?:token|passw(?:or)?d|passphrase|secret|(?:api|access|private|account|shared)[-_]?key|credential"  # noqa: S105
    r"|x-amz-signature)"
)
_IN_A_PATH = rf"({_SECRET_WORD}[\w.-]{{0,64}}(?:=|%(?:25)*3d))[^/&;,|\s]+"
_SHAPES = (
    r"gh[a-z]_\w{16,}|github_pat_\w+|glpat-[\w-]+|eyJ[\w-]{6,}(?:\.[\w-]*){1,4}|xox[a-z]-[\w-]+"
    r"|A[KS]IA(?=[A-Z]{0,15}\d)[0-9A-Z]{12,}|npm_\w{16,}|AIza[\w-]{20,}|hv[sb]\.[\w-]{16,}|sk-[\w-]{16,}"
    r"|[rs]k_(?:live|test)_\w{8,}|dckr_[a-z]{3}_[\w-]{8,}|pypi-[\w-]{16,}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r"|ya29\.[\w-]{16,}|AGE-SECRET-KEY-1\w+|(?<=/)bot\d{5,}:[\w-]{16,}"
)
# What follows these words in a sentence, and is no credential.
_AFTER_BEARER = frozenset(
    (
        *("token", "tokens", "auth", "authentication", "authorization", "scheme", "credentials", "header"),
        *("of", "is", "was", "not", "and", "or", "for", "from", "in", "to", "with", "certificate", "only"),
    )
)
# A name as it stands in a connection string, YAML or JSON, that is secret only as a word of its own.
_NAMES = (
    r"(?<![\w/.-])(?:(?:[\w-]{0,40}[_-])?(?:pass|pwd)\\{0,3}[\"']?\s{0,2}=\s{0,2}"
    r"|[\w-]{0,40}[_-](?:pass|pwd)\\{0,3}[\"']?\s{0,2}:\s{0,2}|[\"'](?:pass|pwd)[\"']\s{0,2}:\s{0,2})"
)
# Anywhere in a variable's name, as in DBPASSWORD.
_TELLING = (
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "CREDENTIAL",
    "APIKEY",
    "API_KEY",
    "ACCESSKEY",
    "ACCESS_KEY",
    "PRIVATEKEY",
    "PRIVATE_KEY",
)
# Only as words of their own: there is MONKEY and PASSENGER.
_TELLING_ALONE = frozenset(("KEY", "KEYS", "AUTH", "PASS", "PWD", "COOKIE", "SESSION"))
# A text of ASCII without any of these, in whatever case, is changed by no pattern. It is told without `re`,
# whose import and patterns cost more than the rest of a small check.
_HINTS = (
    *("@", "%", "://", "http", "ftp", "socks", "ws:", "wss:", "file:", "ssh:"),  # _SCHEME, _AT
    *("git:", "svn:", "bzr:", "hg:", "fossil:"),
    *("token", "passw", "passphrase", "secret", "credential"),  # _SECRET_WORD
    *(f"{kind}{joint}key" for kind in ("api", "access", "private") for joint in ("", "-", "_")),
    *("github_pat", "glpat", "eyj", "akia", "xox", "npm_", "aiza", "hvs", "hvb", "sk-"),  # _SHAPES
    *("sk_", "rk_", "dckr_", "pypi-", "sg.", "ya29.", "accountkey", "account_key", "sharedkey"),
    *("-----begin", "authorization", "cookie", "bearer", "basic", "digest ", "ntlm ", "negotiate "),
    *(
        "pass=",
        "pass =",
        "pass:",
        'pass"',
        "pass'",
        "pass\\",
        "pwd=",
        "pwd =",
        "pwd:",
        'pwd"',
        "pwd'",
        "pwd\\",
    ),
    *("sig=", "curl", "mysql", 'auth"', "auth'", "auth:", "auth=", "auth\\"),
)
# What every toolchain ships needs no closer look, nor does what is too short and plain to hold a secret.
_HARMLESS = frozenset(("https://proxy.golang.org,direct", "sum.golang.org"))
_SHORT = 10  # characters; the shortest shape of a token is longer
# How it begins, in "/run/secrets/token: no such file or directory".
_REASONS = frozenset(
    ("no", "not", "is", "it", "permission", "operation", "input/output", "too", "must", "holds")
)
_COMMAND_FLAG = r"--?(?:ldflags|gcflags|asmflags|gccgoflags|toolexec|exec)\b"


def url(text: str) -> str:
    """*text*, a URL or a list by `,` `|` or blanks, without user names, passwords, queries and `token=…`."""
    hidden = _pattern(_IN_A_PATH).sub(rf"\1{MARK}", _urls(_look(text)))
    return _cut(_shapes(hidden), VALUE_LIMIT)


def value(name: str, text: str) -> str:
    """The value of the environment variable *name* as a report may show it."""
    if _is_secret(name):
        return MARK if text else ""
    if (
        text in _HARMLESS
        or (len(text) < _SHORT and text.replace(".", "").replace("/", "").isalnum())
        or not text
    ):
        return text
    upper = name.upper()
    looked = _look(text)
    if upper.endswith("_PROXY") or upper in ("GOPROXY", "GOSUMDB"):
        return url(text)
    if upper == "GOAUTH":
        looked = ";".join(_auth(command) for command in looked.split(";"))
    elif upper == "GOFLAGS":
        looked = _pattern(f"(?s)({_COMMAND_FLAG}).*").sub(rf"\1={MARK}", looked)
    return _cut(_words(looked), VALUE_LIMIT)


def text(text: str) -> str:
    """Free text, such as what another program printed, without the credentials in it."""
    return _cut(_words(_look(text)), TEXT_LIMIT)


def path(text: str) -> str:
    """
    A path that a variable named, at its full length.

    Somebody may have put a URL into SSL_CERT_DIR: at its colons it falls apart into paths,
    and what stands before the "@" of one that is relative may be a password.
    """
    user, at, rest = text.rpartition("@")
    return _words(_look(f"{MARK}@{rest}" if at and not user.startswith("/") else text))


_compiled: "dict[str, re.Pattern[str]]" = {}


def _pattern(pattern: str) -> "re.Pattern[str]":
    import re

    if pattern not in _compiled:
        _compiled[pattern] = re.compile(pattern, re.IGNORECASE)
    return _compiled[pattern]


def _harmless(text: str) -> bool:
    """Whether _words leaves *text* as it is for certain."""
    lower = text.lower()
    of_github = "gh" in lower and "_" in lower  # gh[a-z]_ in _SHAPES; "Asia/Shanghai" is none
    if of_github or "ASIA" in text or not text.isascii():
        return False
    return not any(hint in lower for hint in _HINTS)


def _look(text: str) -> str:
    # What is cut off may hold the "@" that would give a password away as one.
    return text if len(text) <= _LOOK_LIMIT else text[:_LOOK_LIMIT] + "@"


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    shown = f"more than {_LOOK_LIMIT}" if len(text) > _LOOK_LIMIT else str(len(text))
    return f"{text[:limit]}… ({shown} characters)"


def _is_secret(name: str) -> bool:
    upper = name.upper().replace("-", "_")
    if upper in ("PWD", "SSH_AUTH_SOCK"):
        return False
    return any(word in upper for word in _TELLING) or not _TELLING_ALONE.isdisjoint(upper.split("_"))


def _auth(command: str) -> str:
    """One command of GOAUTH: `off`, `netrc`, `git DIR`, or a program whose arguments may hold anything."""
    words = command.split()
    if len(words) < 2 or (words[0] == "git" and len(words) == 2):
        return command
    return f"{words[0]} {MARK}"


def _urls(text: str) -> str:
    """Hide in a text that is nothing but URLs: blanks and newlines may be part of a password."""
    starts = [found.start() for found in _pattern(_SCHEME).finditer(text)]
    edges = sorted({0, *starts, len(text)})
    return "".join(_one(text[start:end]) for start, end in pairwise(edges))


def _one(entry: str) -> str:
    """One URL with what follows it up to the next."""
    scheme = _pattern(_SCHEME).match(entry)
    head = scheme[0] if scheme else ""
    rest = entry[len(head) :]
    rest, end = _split_end(rest)
    ats = list(_pattern(_AT).finditer(rest))
    if ats:
        head, rest = f"{head}{MARK}@", rest[ats[-1].end() :]
    elif not _hosts(rest):
        head, rest = head + MARK, ""
    return head + _paths(_pattern(r"(?s)[?#].*").sub(f"?{MARK}", rest)) + end


def _paths(rest: str) -> str:
    """What follows the scheme of a URL, without segments of its path that look like a token."""
    return _pattern(r"(?<=/)[\w~=-]{16,}(?![\w~=.@-])").sub(_segment, rest)


def _segment(found: "re.Match[str]") -> str:
    """
    A segment as it is where people have written it: words, numbers and dates with signs between.

    Hidden is what has a run of 16 or more in which letters and digits alternate, or 24 letters, or
    a UUID; and what mixes both cases and digits over 20 characters.
    """
    text: str = found[0]
    mixed = len(text) >= 20 and text.lower() != text != text.upper() and any(map(str.isdigit, text))
    for run in _pattern(r"[a-z0-9]{16,}").findall(text):
        mixed = mixed or len(run) >= 24 or not (run.isalpha() or run.isdigit())
    return MARK if mixed or _pattern(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").search(text) else text


def _split_end(rest: str) -> tuple[str, str]:
    """A list without the `off`, `direct` and empty entries at its end, and these."""
    pieces = _pattern(r"([,|\s])").split(rest)
    kept = len(pieces)
    while kept > 1 and pieces[kept - 1].strip(",| \t\r\n") in ("", "off", "direct"):
        kept -= 1
    return "".join(pieces[:kept]), "".join(pieces[kept:])


def _hosts(rest: str) -> bool:
    """Whether every entry of a list begins with a host that has no port or a numeric one."""
    well_formed = _pattern(r"(?s)\s*(?:\[[^\]]*\]|[^:/?#\\]*)(?::\d*)?\s*(?:[/?#\\].*)?")
    return all(well_formed.fullmatch(entry) for entry in _pattern("[,|]").split(rest))


def _words(text: str) -> str:
    """Hide in a text that may hold anything."""
    return text if _harmless(text) else _searched(text)


def _searched(text: str) -> str:
    text = _pattern(r"(?s)(-----BEGIN [^\n]{0,40}PRIVATE KEY(?: BLOCK)?-----).*?(?:-----END|\Z)").sub(
        rf"\1{MARK}", text
    )
    text = _pattern(r"\b((?:proxy-)?authorization|(?:set-)?cookie)\b[\"']?\s{0,4}[:=][^\r\n]*").sub(
        rf"\1: {MARK}", text
    )
    text = _pattern(r"\b(bearer|basic)(\s+)([^\s\"',]+)").sub(_scheme, text)
    text = _pattern(r"\b(digest\s+)username=[^\r\n]*").sub(rf"\1{MARK}", text)
    text = _pattern(r"\b((?:ntlm|negotiate)\s+)(?:TlRM|YI|oYI|oX)[\w+/=]+").sub(rf"\1{MARK}", text)
    text = _pattern(
        r"(\bcurl\b[^\r\n|;]{0,200}?\s(?:-u|--user|--proxy-user|-U)[ =]?)[^\s:\"']+:[^\s\"']+"
    ).sub(rf"\1{MARK}", text)
    text = _pattern(r"(\bmysql\w{0,10}\b[^\r\n|;]{0,200}?\s-p)[^\s\"']+").sub(rf"\1{MARK}", text)
    text = _pattern(r"(\blogin\s+\S+\s+(?:account\s+\S+\s+)?password\s+)\S+").sub(rf"\1{MARK}", text)
    text = "".join(_line(line) for line in text.splitlines(keepends=True))
    quoted = r"(\\{1,3}\"(?:(?!\\{1,3}\")[^\r\n]){0,4096}\\{1,3}\"|\"[^\"]*\"|'[^']*'|[^\s&;]+)"
    assigned = rf"({_SECRET_WORD}[\w.-]{{0,64}}\\{{0,3}}[\"']?\s{{0,4}}(?:[=:]|%3d)\s{{0,4}}){quoted}"
    text = _pattern(assigned).sub(_assigned, text)
    text = _pattern(rf"({_NAMES})(?!/){quoted}").sub(_assigned, text)
    text = _pattern(r"(?m)^([ \t]*pass:[ \t]+)\S+[ \t\r]*$").sub(rf"\1{MARK}", text)
    text = _pattern(r"(\bsig=)[^&\s;\"']+").sub(rf"\1{MARK}", text)
    text = _pattern(
        r"(\bauth\\{0,3}[\"']?\s{0,2}[:=]\s{0,2}\\{0,3}[\"']?)[\w+/]{6,}={0,2}(?=[\"'\\]|$|(?<==)\s)"
    ).sub(_encoded, text)
    text = _pattern(rf"((?<!-)-++[\w-]{{0,32}}{_SECRET_WORD}\s+)\S+").sub(rf"\1{MARK}", text)
    return _shapes(text)


def _scheme(found: "re.Match[str]") -> str:
    """A scheme of authentication with what follows it: a credential, a challenge, or a sentence."""
    scheme, space, word = found.groups()
    plain = word.rstrip(".:;!?)")
    if plain.lower().startswith("realm="):
        return str(found[0])
    sentence = plain.lower() in _AFTER_BEARER if scheme.lower() == "bearer" else not _may_be_basic(plain)
    return str(found[0]) if sentence else f"{scheme}{space}{MARK}"


def _may_be_basic(word: str) -> bool:
    """Whether *word* may be user:password in base64: nothing but letters, it holds a colon if it is."""
    import binascii

    if not word.isalpha() or not word.isascii():
        return True
    try:
        return b":" in binascii.a2b_base64(word + "=" * (-len(word) % 4))
    except ValueError:
        return False


def _encoded(found: "re.Match[str]") -> str:
    """What "auth" is set to, as in the configuration of docker; a word in small letters is none."""
    value = found[0][len(found[1]) :]
    return str(found[0]) if value.isalpha() and value.islower() else f"{found[1]}{MARK}"


def _assigned(found: "re.Match[str]") -> str:
    """A value without what it is; as it is where it only begins what is wrong with a file of such a name."""
    before = found.string[: found.start()].rsplit(None, 1)
    reason = found[1].endswith(": ") and found[0][len(found[1]) :].lower() in _REASONS
    in_a_path = before and not found.string[found.start() - 1].isspace() and before[-1].startswith("/")
    return found[0] if reason and in_a_path else f"{found[1]}{MARK}"


def _shapes(text: str) -> str:
    return _pattern(rf"\b(?:{_SHAPES})").sub(MARK, text)


def _line(line: str) -> str:
    """The URLs of one line, and words like `user:password@host`."""
    starts = [found.start() for found in _pattern(_SCHEME).finditer(line)]
    edges = [*starts, len(line)]
    before = _pattern(r"\S+").sub(_bare, line[: edges[0]])
    return before + "".join(_found(line[a:b]) for a, b in pairwise(edges))


def _bare(word: "re.Match[str]") -> str:
    at = _last_at(word[0])
    if at < 0 or not _pattern(":|%3a").search(word[0], 0, at):
        return word[0]
    return MARK + word[0][at:]


def _found(text: str) -> str:
    """A URL in free text, and what follows it on its line."""
    scheme = _pattern(_SCHEME).match(text)
    head = scheme[0] if scheme else ""
    rest = text[len(head) :]
    at = _last_at(rest)
    if at >= 0:
        head, rest = head + MARK, rest[at:]
    elif not _pattern(r"(?:\[[^\]\s]*\]|[^:/?#\s\"'\\]*)(?::\d*)?(?:[/?#\s\"'`<>),;|\\]|:?(?:\s|$))").match(
        rest
    ):
        head, rest = head + MARK, _pattern(r"[^/?#\s\"']*").sub("", rest, count=1)
    rest = _pattern(r"(?:[?]|#(?=[^\s\"'<>]*=))[^\s\"'<>]*").sub(f"?{MARK}", rest)
    word = (_pattern(r"[^\s\"'<>]*").match(rest) or [""])[0]
    return head + _paths(word) + rest[len(word) :]


def _last_at(text: str) -> int:
    """Where the last sign ends a user name or password; -1 when none does."""
    return max((found.start() for found in _pattern(f"(?:{_AT}){_VERSION}").finditer(text)), default=-1)
