"""
What a program starts with when its go.mod names an older Go: the settings whose default has changed.

Sources in Go's tree: internal/godebugs/table.go of 1.21 to 1.27, cmd/go/internal/load/godebug.go.
"""

from __future__ import annotations

from probe.lightweight import Mapping, NamedTuple


class GodebugSetting(NamedTuple):
    """A setting whose default changed; a go line below `changed` brings `old` back."""

    name: str
    changed: int  # minor release
    old: str
    since: int = 0  # the first toolchain whose table has it, where that is not `changed`
    until: int = 99  # the first one that has it no more


SETTINGS = (
    GodebugSetting("asynctimerchan", 23, "1", until=27),
    GodebugSetting("containermaxprocs", 25, "0"),
    GodebugSetting("cryptocustomrand", 26, "1"),
    GodebugSetting("decoratemappings", 25, "0"),
    GodebugSetting("gotestjsonbuildtext", 24, "1"),
    GodebugSetting("gotypesalias", 23, "0", until=27),
    GodebugSetting("httpcookiemaxnum", 24, "0"),
    GodebugSetting("httplaxcontentlength", 22, "1"),
    GodebugSetting("httpmuxgo121", 22, "1"),
    GodebugSetting("httpservecontentkeepheaders", 23, "1"),
    GodebugSetting("httpservecontentmaxranges", 26, "1", since=27),
    GodebugSetting("multipathtcp", 24, "0"),
    GodebugSetting("netedns0", 19, "0", since=21),
    GodebugSetting("panicnil", 21, "1"),
    GodebugSetting("randseednop", 24, "0"),
    GodebugSetting("rsa1024min", 24, "0"),
    GodebugSetting("tls10server", 22, "1", until=27),
    GodebugSetting("tls3des", 23, "1", until=27),
    GodebugSetting("tlskyber", 23, "0", until=24),
    GodebugSetting("tlsmlkem", 24, "0"),
    GodebugSetting("tlsrsakex", 22, "1", until=27),
    GodebugSetting("tlssecpmlkem", 26, "0"),
    GodebugSetting("tlssha1", 25, "1"),
    GodebugSetting("tlsunsafeekm", 22, "1", until=27),
    GodebugSetting("tracebacklabels", 27, "0"),
    GodebugSetting("updatemaxprocs", 25, "0"),
    GodebugSetting("urlmaxqueryparams", 24, "0", since=26),
    GodebugSetting("urlstrictcolons", 26, "0"),
    GodebugSetting("winreadlinkvolume", 23, "0"),
    GodebugSetting("winsymlink", 23, "0"),
    GodebugSetting("x509keypairleaf", 23, "0", until=27),
    GodebugSetting("x509negativeserial", 23, "1"),
    GodebugSetting("x509rsacrt", 24, "0"),
    GodebugSetting("x509sha256skid", 25, "0"),
    GodebugSetting("x509sslcertoverrideplatform", 27, "0"),
    GodebugSetting("x509usepolicies", 24, "0"),
)


def defaults(toolchain: int, line: int) -> dict[str, str]:
    """What a program built by Go 1.*toolchain* starts with when its go.mod says `go 1.*line*`."""
    return {
        entry.name: entry.old
        for entry in SETTINGS
        if (entry.since or entry.changed) <= toolchain < entry.until and line < entry.changed
    }


def go_line(toolchain: int, settings: Mapping[str, str]) -> str:
    """
    The go line that explains a program's DefaultGODEBUG, as far as it can be told: "1.22".

    The defaults of 1.19 and 1.20 are the same, "1.20" stands for both; "" for what is
    older, and where single settings were chosen that fit no go line.
    """
    for line in range(20, toolchain + 1):
        expected = defaults(toolchain, line)
        newer = defaults(toolchain, line - 1).keys() - expected.keys()
        if expected.items() <= settings.items() and not newer & settings.keys():
            return "" if "netedns0" in settings else f"1.{line}"
    return ""
