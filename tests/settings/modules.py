"""go.mod and go.work of any kind in the working directory, with settings that decide what they come to."""

import random
from pathlib import Path

from tests.settings.compare import World

_FLAGS = ("", "", "", "-mod=mod", "-mod=readonly", "-mod=vendor", "-modfile=other.mod", "-trimpath -v")
_ODD_GO = ("1.021", "1", "go1.21", "1.21-x", "x", '"1.21"', "1.21 // now", "1.21.x", "1.99", "1.99.1")
_ODD_TOOLCHAIN = ("default", "foo", "go1.99.1", "go1.99", "go1.20", "local", "go1.99.1-x", "1.27.3")
_MORE = ("go 1.21", "nonsense", "require", "tool w", "ignore ./x", "module w2")
_USED = ("use .", "use ./", "use (\n\t.\n)", "use ./gone", "use . // here", "", "use ..", "use ../module")


class Files(dict[str, str]):
    """The files of a case by name, and what is set: names of files hold a dot."""


class _Versions:
    """Versions near that of a go command, far from it, and absurd ones."""

    def __init__(self, version: str, draw: random.Random) -> None:
        self.own = ".".join(version.split(".")[:3])
        self._minor, self._patch = map(int, self.own.split(".")[1:])
        self._draw = draw

    def go(self) -> str:
        of = f"1.{self._minor}"
        near = (self.own, of, f"{of}.{self._patch + 1}", f"1.{self._minor + 1}", f"{of}rc1", "1.21", "1.17")
        return self._draw.choice(self._draw.choice((near, near, _ODD_GO)))

    def toolchain(self) -> str:
        of = f"go1.{self._minor}"
        return self._draw.choice((f"go{self.own}", f"{of}.{self._patch + 1}", of, *_ODD_TOOLCHAIN))


def draw(here: World, random_: random.Random) -> Files:
    """A case for the go command of *here*."""
    versions, chance = _Versions(here.go.version, random_), random_.random
    lines = ["module w", *([f"go {versions.go()}"] if chance() < 0.9 else [])]
    lines += [f"toolchain {versions.toolchain()}"] if chance() < 0.4 else []
    lines += [random_.choice(_MORE)] if chance() < 0.1 else []
    case = Files({"go.mod": "\n".join(lines) + "\n"})
    if chance() < 0.3:
        lines = [f"go {versions.go()}"] if chance() < 0.9 else []
        lines.append(random_.choice(_USED))
        lines += [f"toolchain {versions.toolchain()}"] if chance() < 0.2 else []
        case["go.work"] = "\n".join(lines) + "\n"
    own = f"go{versions.own}"
    modes = ("local", "local", "auto", "path", "", own, f"{own}+auto", "local+path")
    case |= {"GOTOOLCHAIN": random_.choice(modes), "GOFLAGS": random_.choice(_FLAGS)}
    case["GOPROXY"] = random_.choice(("https://127.0.0.1:1", "off", "off"))
    if chance() < 0.15:
        case["GO111MODULE"] = random_.choice(("on", "auto", "off"))
    if chance() < 0.15:
        case["GOWORK"] = random_.choice(("off", "auto"))
    return case


def lay(case: Files, folder: Path) -> dict[str, str]:
    """Write the files of *case* into *folder*; what is left is set."""
    for name in ("go.mod", "go.work"):
        (folder / name).unlink(missing_ok=True)
        if name in case:
            (folder / name).write_text(case[name])
    return {name: value for name, value in case.items() if "." not in name}
