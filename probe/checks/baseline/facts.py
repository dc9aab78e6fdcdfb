"""What is here: the facts that a baseline records and that are held against it."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from probe import redact
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang import binary, filepath, localtime
from probe.golang.command import environment_defaults
from probe.golang.x509 import trust
from probe.lightweight import Iterator, NamedTuple, Sequence
from probe.targets import TooLarge
from probe.targets.digests import Hashing

SECTIONS = ("go", "program", "files", "roots", "timezone", "env")
Section = Mapping[str, str]

_FILE_LIMIT = 16 << 30  # bytes
_TOOLS = ("compile", "link", "asm")
# What changes what a Go program or the go command does. Not all that begins with GO: there are
# GODADDY_API_KEY, and GO_API_PORT of a Service in Kubernetes.
_VARIABLES = environment_defaults.NAMES | {
    *("TZ", "ZONEINFO", "SSL_CERT_FILE", "SSL_CERT_DIR", "PATH", "LD_LIBRARY_PATH", "LD_PRELOAD"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
}


class BaselineScope(NamedTuple):
    """What is to be looked at."""

    sections: frozenset[str]
    program: str  # its path, "" for none
    files: tuple[str, ...] | None = None  # None: those that `recorded` names


class BaselineFacts(NamedTuple):
    """Sections of names and texts, and why something could not be told."""

    sections: Mapping[str, Section]
    unknown: tuple[tuple[str, str], ...]  # subject, reason


def gather(facts: Facts, wanted: BaselineScope, deadline: Deadline) -> BaselineFacts:
    """
    Look at all that is wanted, by *deadline*.

    Texts are redacted: of what may be a credential nothing is recorded, not even a
    digest, which could be guessed at.
    """
    work = _Gathering(facts, wanted)
    sections = {name: work.section(name, deadline) for name in SECTIONS if name in wanted.sections}
    return BaselineFacts(sections, tuple(work.unknown))


class _Gathering:
    def __init__(self, facts: Facts, wanted: BaselineScope) -> None:
        self._facts, self._target, self._wanted = facts, facts.target, wanted
        self._toolchain, self._loaded, self._zone = facts.toolchain(), facts.roots(), facts.local_time()
        self.unknown: list[tuple[str, str]] = []

    def section(self, name: str, deadline: Deadline) -> Section:
        if name == "files":
            return self._digests(deadline)
        looks = {
            "go": self._go,
            "program": self._program,
            "roots": self._pool,
            "timezone": self._timezone,
            "env": self._env,
        }
        return looks[name]()

    def _go(self) -> Section:
        found = self._toolchain
        if found and not found.version:
            self.unknown.append((found.go, "its version cannot be read from its files"))
        return {
            "version": found.version if found else "",
            "command": found.go if found else "",
            "root": found.root if found else "",
        }

    def _program(self) -> Section:
        path = self._wanted.program
        if not path:
            return {}
        found = self._facts.binary(path)
        if isinstance(found, binary.NoBinary):
            self.unknown.append((path, found.reason.lower()))
            return {"path": path}
        return {"path": path, "go": found.info.version if found.info else ""}

    def _digests(self, deadline: Deadline) -> Section:
        paths = list(self.recorded() if self._wanted.files is None else self._wanted.files)
        work = Hashing(self._target, paths, deadline, _FILE_LIMIT)
        found: dict[str, str] = {}
        for digest in work.results():
            if isinstance(digest.problem, (FileNotFoundError, NotADirectoryError)):
                found[digest.path] = ""
            elif digest.problem:
                words = getattr(digest.problem, "strerror", None) or str(digest.problem)
                self.unknown.append((digest.path, words.lower()))
            else:
                found[digest.path] = digest.sha256
        if work.done < len(paths):
            self.unknown.append(("[files]", f"{work.done} of {len(paths)} were hashed before the deadline"))
        return {path: found[path] for path in paths if path in found}

    def recorded(self) -> Sequence[str]:
        """The files whose digests belong into a new baseline: toolchain, bundle, zone and program."""
        return sorted({path for path in self._candidates() if self._target.is_file(path)})

    def _candidates(self) -> Iterator[str]:
        found = self._toolchain
        if found:
            yield found.go
        if found and found.root:
            yield from (filepath.join(found.root, name) for name in ("VERSION", "go.env"))
            yield from self._tools(filepath.join(found.root, "pkg", "tool"))
        yield from (
            source.path
            for source in self._loaded.sources
            if source.kind == "file" and source.outcome == trust.READ
        )
        if self._zone.file and self._zone.file != localtime.EMBEDDED:
            yield self._target.path(self._zone.file)
        if self._wanted.program:
            yield self._target.path(self._wanted.program)

    def _tools(self, folder: str) -> Iterator[str]:
        try:
            platforms = self._target.listdir(folder)
        except (OSError, TooLarge):
            return
        yield from (filepath.join(folder, platform, tool) for platform in platforms[:4] for tool in _TOOLS)

    def _pool(self) -> Section:
        loaded = self._loaded
        if loaded.blocks_on:
            self.unknown.append((loaded.blocks_on, "Go blocks on it for ever"))
        self.unknown += [("[roots]", reason) for reason in loaded.unread]
        return dict(sorted((sha256(one.certificate.der).hexdigest(), _subject(one)) for one in loaded.roots))

    def _timezone(self) -> Section:
        zone = self._zone
        if zone.blocks_on:
            self.unknown.append((zone.blocks_on, "Go blocks on it for ever"))
        file = "" if zone.file in (None, localtime.EMBEDDED) else self._target.path(zone.file or "")
        leads_to = self._target.resolve(file) if file and self._target.is_file(file) else ""
        return {"name": zone.name, "file": zone.file or "", "leads_to": leads_to}

    def _env(self) -> Section:
        return {
            name: redact.value(name, value)
            for name, value in sorted(self._target.env.items())
            if name in _VARIABLES
        }


def _subject(root: trust.Root) -> str:
    return redact.text(root.certificate.subject)
