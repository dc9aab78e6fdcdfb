"""The Go whose behaviour is asked for: three versions decide it, not one."""

from __future__ import annotations

from probe.lightweight import Mapping, NamedTuple


class ProgramZones(NamedTuple):
    """What a program brings for time zones (`golang.program_zones`)."""

    archive: bytes = b""  # of time/tzdata
    goroot: str = ""  # where the Go tree stood that built it
    packed: bool = False  # compressed as a whole: nothing can be told


class Go(NamedTuple):
    """
    A Go release together with what a program built by it carries.

    `godebug` holds only what differs from the release's own defaults: what the go
    line of the main module baked in, overlaid by the environment's GODEBUG
    (internal/godebug in Go's tree).
    """

    release: tuple[int, int, int]  # (1, 27, 3)
    source: str  # "as-go", "binary", "toolchain" or "default", for the evidence
    godebug: Mapping[str, str] = {}
    fallback_roots: bool = False  # golang.org/x/crypto/x509roots/fallback is linked in
    embedded_tzdata: bool = False  # time/tzdata is linked in
    fips_module: str = ""  # of GOFIPS140, where it is not the release's own: "v1.0.0"
    program: str = ""  # its path in the target
    zones: ProgramZones = ProgramZones()  # of the program
    vendor: str = ""  # whose FIPS build the program is: "Red Hat", "Microsoft"
    exact: bool = False  # of "as-go": 1.25.0 was asked for, not the newest release of the line 1.25
    cgo: str = ""  # "0" where it is known to look names up without the C library, "1" where it has the choice

    @property
    def minor(self) -> int:
        """27 for Go 1.27.3."""
        return self.release[1]

    @property
    def newest_of_line(self) -> bool:
        """Whether its line is meant, 1.25 and no more: what the newest release of that does."""
        return self.source == "as-go" and not self.release[2] and not self.exact

    @property
    def has_ml_dsa(self) -> bool:
        """Whether it knows ML-DSA: crypto/mldsa came with 1.27, and the FIPS 140 module v1.0.0 is older."""
        return self.minor >= 27 and self.fips_module != "v1.0.0"

    @property
    def with_cgo(self) -> bool:
        """Whether it is known to be built with cgo."""
        return self.cgo == "1"

    @property
    def without_cgo(self) -> bool:
        """Whether it is known to be built without cgo."""
        return self.cgo == "0"

    @property
    def text(self) -> str:
        return "go{}.{}.{}".format(*self.release)

    def debug(self, name: str) -> str:
        """The GODEBUG setting *name*, "" where the release's default stands."""
        return self.godebug.get(name, "")


OLDEST = 21
"""The minor release with which the rules begin that are known here."""

PREVIEW = 28
"""The minor release that is not out yet and can be asked for, as far as its changes are known."""

NEWEST = Go((1, 27, 3), "default")
"""Judged when nothing here says which Go it is: the strictest one that is known."""
