"""
The flags that the compiler and the linker take, each as `-h` of 1.21 to 1.27 lists them.

-gcflags and -ldflags hand them over; one that a tool does not know ends every build of a program.
"""

from __future__ import annotations

from probe.golang.command import flags

_FIRST, _LAST = 21, 27  # minor releases that were asked
_TOOLS = {
    "gcflags": ("compile", """
    % + B C D E I K L N S V W asan asmhdr bench blockprofile buildid c clobberdead clobberdeadreg
    complete coveragecfg cpuprofile d dwarf dwarfbasentries dwarflocationlists dynlink e embedcfg
    env errorurl gendwarfinl goversion h importcfg installsuffix j json l lang linkobj linkshared
    live m memprofile memprofilerate msan mutexprofile nolocalimports o p pack pgoprofile r race
    shared smallframes spectre std symabis t traceprofile trimpath u v w wb
    """),
    "ldflags": ("link", """
    B D E H I L R T V X a asan aslr benchmark benchmarkprofile bindnow buildid buildmode c
    capturehostobjs checklinkname compressdwarf cpuprofile d debugnosplit debugtextsize debugtramp
    dumpdep e extar extld extldflags f fipso funcalign g h importcfg installsuffix k libgcc linkmode
    linkshared macos macsdk memprofile memprofilerate msan n o pluginpath pruneweakmap r race
    randlayout s strictdups tmpdir v w
    """),
}  # fmt: skip
_CHANGED = {  # tool/flag → first and last release
    "compile/env": (22, 27),
    "compile/u": (27, 27),
    "link/D": (26, 27),
    "link/bindnow": (23, 27),
    "link/checklinkname": (23, 27),
    "link/e": (25, 27),
    "link/fipso": (24, 27),
    "link/funcalign": (25, 27),
    "link/macos": (27, 27),
    "link/macsdk": (27, 27),
    "link/randlayout": (23, 27),
}


def refused(name: str, value: str, minor: int) -> str:
    """What of the value of -gcflags or -ldflags the tool of Go 1.*minor* refuses; "" for nothing."""
    if name not in _TOOLS or not _FIRST <= minor <= _LAST:
        return ""
    tool, known = _TOOLS[name]
    text = value.strip()
    if not text.startswith("-"):
        pattern, _, text = text.partition("=")
        if pattern not in ("all", "."):
            return ""  # nobody knows whether a package is meant
    for word in flags.split(text) or []:
        if not word.startswith("-") or word in ("-", "--"):
            return ""  # a value of the flag before it, or the end of all flags
        flag = word.removeprefix("-").removeprefix("-").partition("=")[0]
        first, last = _CHANGED.get(f"{tool}/{flag}", (_FIRST, _LAST))
        if flag not in known.split() or not first <= minor <= last:
            return f"{tool}: flag provided but not defined: -{flag}"
    return ""
