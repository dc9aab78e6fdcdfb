"""What a module's files in a target say: its go.mod and go.sum, and what the module cache has of it."""

from __future__ import annotations

from probe.errors import reason
from probe.golang import filepath
from probe.golang.command import gomod, modulefetch
from probe.golang.command.gomod import GoMod, Required
from probe.targets import NotRegular, Target, TooLarge

SETTINGS = ("GOPROXY", "GONOPROXY", "GOSUMDB", "GONOSUMDB", "GOFLAGS", "GOMODCACHE", "GOROOT", "GOTOOLCHAIN")
"""What of the go command's environment decides whether a build needs the network."""


def read(target: Target, directory: str) -> GoMod | str:
    """The go.mod in *directory*, or why there is none."""
    path = filepath.join(directory, "go.mod")
    try:
        found = gomod.parse(target.read(path, gomod.LIMIT))
    except OSError as problem:
        return f"{path}: {reason(problem)}"
    except (ValueError, NotRegular, TooLarge) as problem:
        return str(problem)
    return found if found.module else f"{path}: no module line"


def sums(target: Target, directory: str) -> set[tuple[str, str]]:
    """What go.sum lists; nothing where there is none."""
    try:
        return gomod.sums(target.read(filepath.join(directory, "go.sum"), gomod.LIMIT))
    except FileNotFoundError:
        return set()


def in_cache(target: Target, cache: str, one: Required) -> bool:
    """
    Whether the module cache has it: unpacked, with the hash of its archive, or as an archive.

    Source: cmd/go/internal/modfetch/cache.go:DownloadDir.
    """
    if not cache:
        return False
    module = modulefetch.ModuleVersion(one.from_path, one.from_version)
    beside = filepath.join(cache, "cache", "download", module.file(""))
    if is_file(target, f"{beside}.zip"):
        return True
    unpacked = filepath.join(cache, module.directory)
    return is_dir(target, unpacked) and is_file(target, f"{beside}.ziphash")


def is_dir(target: Target, path: str) -> bool:
    """Whether a directory is there; OSError where that cannot be told."""
    try:
        return target.stat(path).is_dir
    except (FileNotFoundError, NotADirectoryError):
        return False


def is_file(target: Target, path: str) -> bool:
    """Whether a regular file is there; OSError where that cannot be told."""
    try:
        return target.stat(path).is_file
    except (FileNotFoundError, NotADirectoryError):
        return False
