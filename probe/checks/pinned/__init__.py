"""The opt-in check `pinned`: the version file says what was expected, and files hold what was promised."""

from __future__ import annotations

from probe.checks.base import Run
from probe.lightweight import Iterator, NamedTuple
from probe.options import declared, option
from probe.report import Finding
from probe.targets import Target

_MB = 1_000_000


class _Settings(NamedTuple):
    version: str = option("", "string", "the expected content of version_file; empty: not checked")
    version_file: str = option(
        "/etc/go-baseline.version", "string", "the target's file whose one line is the version"
    )
    files: tuple[str, ...] = option((), "strings", 'sums of files, each as sha256sum prints it: "SUM  /path"')
    sums: str = option("", "string", "a checksum file of the target, as sha256sum writes it")
    signature: str = option("", "string", "the target's detached OpenPGP signature of that checksum file")
    keyring: str = option("", "string", "the keys that may sign it: a file where probe runs, not armored")
    gpgv: str = option(
        "", "string", "the program that verifies it, where probe runs; empty: in the usual places"
    )
    max_file_mb: float = option(
        4096.0, "number", "the largest file that is read, in units of 10^6 bytes", minimum=0.1
    )


class Pinned(_Settings):
    """Files of the target are exactly those that were agreed on; runs only where it is configured."""

    __slots__ = ()
    name = "pinned"
    options = declared(_Settings)

    @property
    def needs_tools(self) -> bool:
        return bool(self.signature)

    def problem(self) -> str:
        """What is wrong with the settings together, "" when nothing is."""
        from probe.formats import sums

        for text in self.files:
            found = sums.entry(text.encode("utf-8", "surrogateescape"))
            if isinstance(found, sums.MalformedLine):
                return f'pinned.files: {found.why}; write "SUM  /path" as sha256sum prints it'
        if self.gpgv and not self.gpgv.startswith("/"):
            return "pinned.gpgv: PATH is not searched for it; write where it is, such as /usr/bin/gpgv"
        if self.signature and not self.sums:
            return "pinned.signature: it needs a checksum file; set pinned.sums too"
        if self.signature and not self.keyring:
            return "pinned.signature: it needs the keys that may sign; set pinned.keyring too"
        return ""

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        """Yield what is to be said about the version, the signature, and the contents."""
        from probe.checks.pinned import checksums, findings, verify, version_file

        if not (self.version or self.files or self.sums):
            yield findings.nothing()
            return
        if self.version:
            run.phase(f"reading {self.version_file}")
            yield version_file.judge(target, self.version_file, self.version)
        promised = checksums.listed(target, self.files)
        if self.sums:
            run.phase(f"reading {self.sums}")
            more, told = checksums.from_file(self, target, run)
            promised += more
            yield from told
        if promised:
            yield from verify.compare(target, run, promised, int(self.max_file_mb * _MB))
