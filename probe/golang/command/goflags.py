"""
What the go command refuses in GOFLAGS (cmd/go/internal/base/goflags.go).

The flags are those of all its commands, hidden ones too: each name that stands in the sources of cmd/go was
given to `go version` of 1.21, 1.22, 1.23, 1.24, 1.25, 1.26 and 1.27.
"""

from probe.golang.command import flags

_FIRST, _LAST = 21, 27  # minor releases that were asked
_KNOWN = (
    "C", "a", "asan", "asmflags", "bench", "benchmem", "benchtime", "blockprofile", "blockprofilerate",
    "buildmode", "buildvcs", "c", "cache", "compat", "compiled", "compiler", "count", "cover",
    "covermode", "coverpkg", "coverprofile", "cpu", "cpuprofile", "d", "debug-actiongraph",
    "debug-runtime-trace", "debug-trace", "deps", "dropexclude", "dropreplace", "droprequire",
    "dropretract", "dropuse", "e", "exclude", "exec", "export", "f", "failfast", "find", "fix", "fmt",
    "fullpath", "fuzz", "fuzzcache", "fuzzminimizetime", "fuzztime", "gccgoflags", "gcflags", "go", "i",
    "insecure", "installsuffix", "json", "ldflags", "linkshared", "list", "m", "memprofile",
    "memprofilerate", "mod", "modcache", "modcacherw", "modfile", "module", "msan", "mutexprofile",
    "mutexprofilefraction", "n", "o", "outputdir", "overlay", "p", "parallel", "pgo", "pkgdir", "print",
    "r", "race", "replace", "require", "retract", "retracted", "reuse", "run", "short", "shuffle",
    "skip", "t", "tags", "test", "testcache", "timeout", "toolchain", "toolexec", "trace", "trimpath",
    "u", "use", "v", "vendor", "versions", "vet", "vettool", "w", "work", "x",
)  # fmt: skip
_OF_TESTS = (
    "bench", "benchmem", "benchtime", "blockprofile", "blockprofilerate", "count", "coverprofile",
    "cpu", "cpuprofile", "failfast", "fullpath", "fuzz", "fuzzminimizetime", "fuzztime", "list",
    "memprofile", "memprofilerate", "mutexprofile", "mutexprofilefraction", "outputdir", "parallel",
    "run", "short", "shuffle", "skip", "timeout", "trace", "v",
)  # fmt: skip
_SINCE = {
    "changed": 23, "diff": 23, "dropgodebug": 23, "godebug": 23, "droptool": 24, "tool": 24, "dropignore": 25,
    "ignore": 25, "artifacts": 26, "fixtool": 26, "test.artifacts": 26,
}  # fmt: skip
NAMES = frozenset((*_KNOWN, *(f"test.{name}" for name in _OF_TESTS)))


def refused(text: str, minor: int) -> str:
    """What every go command but `go env` of Go 1.*minor* refuses in this GOFLAGS, "" for nothing."""
    words = flags.split(text)
    if words is None:
        return "unterminated string"
    for word in words:
        name = word.removeprefix("-").removeprefix("-")
        if not word.startswith("-") or not name or name[0] in "-=":
            return f"non-flag {word}"
        name = name.partition("=")[0]
        if _FIRST <= minor <= _LAST and name not in NAMES and _SINCE.get(name, 99) > minor:
            return f"unknown flag -{name}"
    return ""
