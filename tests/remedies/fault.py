"""What a fault of a root is, and what faults are made of."""

import os
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tests.golang.builds import HELLO, build, module
from tests.remedies.scenes import made, put

GO, NONE = "1.27.3", "none"
ABOUT = b"checked by hand\n"
USER = "1000:1000"
_PATH = "/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Fault(NamedTuple):
    """One code, how it comes about, and what has to hold once the remedy has been carried out."""

    code: str
    check: str
    break_: Callable[[Path], object] = lambda _: None
    env: Mapping[str, str] = {}
    settings: tuple[str, ...] = ()
    user: str = ""
    old: str = ""  # the release of the toolchain in the root, where it is not the newest
    context: Mapping[str, Callable[[], bytes]] = {}  # what a COPY brings
    proof: tuple[str, ...] = ()  # a command that has to end well after it, in the root
    base: str = "alpine"  # or "debian", or "machine": its own root, changed in memory
    inside: bool = False  # whether probe is a process of it, which may run its go command
    source: Mapping[str, str] = module(HELLO)  # of the program, for a `go build` that is printed
    net: Mapping[str, str] = {}  # variables of what is done where there is a network
    cwd: str = ""  # of the target
    also: frozenset[str] = frozenset()  # codes of what else is odd in such a root


def program(**env: str) -> bytes:
    return build(GO, module(HELLO), **env).read_bytes()


def directory(path: str, mode: int, uid: int = 0, gid: int = 0) -> Callable[[Path], None]:
    def act(root: Path) -> None:
        there = root / path.lstrip("/")
        there.mkdir(parents=True, exist_ok=True)
        there.chmod(mode)
        os.chown(there, uid, gid)

    return act


def pipe(path: str) -> Callable[[Path], None]:
    return made(path.lstrip("/"), os.mkfifo)


def app(mode: int = 0o755, cut: int = 0, **env: str) -> Callable[[Path], None]:
    def act(root: Path) -> None:
        data = program(**env)
        put("/app", data[: len(data) - cut], mode)(root)

    return act


def built(*flags: str) -> Callable[[Path], None]:
    def act(root: Path) -> None:
        put("/app", build(GO, module(HELLO), *flags).read_bytes(), 0o755)(root)

    return act


def promised(content: bytes) -> str:
    """The setting that /srv/a has this content."""
    return f'pinned.files=["{sha256(content).hexdigest()}  /srv/a"]'
