"""What the lines of a remedy do, their values left out, and what explain shows for a code."""

import re
from collections.abc import Iterator

from probe.codes import CODES
from probe.explain import explanation
from probe.remedies import audience, notation
from probe.report import Action

_REMARK = re.compile(r"^# (Kubernetes|or[^:]*|a [^:]*|for [^:]*): +")
_IN_IMAGE = "RUN "
_COMMANDS = ("run", "shell", "look", "build")
_NO_PROGRAMS = ("cd", "{", "}", "while", "do", "done")
_MANAGERS = ("apk", "apt-get", "dnf", "microdnf", "yum", "zypper")  # one a distribution: the same is done
_ANY_OF_GO = "GO"  # what is said of one variable of the go command holds for any


def done_by(text: str) -> set[str]:
    """What *text* does: each command by its program, each other action by its kind and by what it sets."""
    found: set[str] = set()
    for line in text.strip().splitlines():
        bare = re.sub(r"\s+#\s.*", "", _REMARK.sub("", line)).strip()
        if bare and not bare.startswith("#"):
            found |= {one for way in notation.ways(bare) for action in way.actions for one in _does(action)}
    return found


def explained(code: str) -> set[str]:
    """What explain shows for *code*, on any base."""
    return {one for text in texts(code) for one in done_by(text)}


def texts(code: str) -> tuple[str, ...]:
    """The fixes that explain shows for *code*: the way anywhere, then those on its bases."""
    written = explanation(CODES[code])
    return (written.fix, *written.on.values()) if written else ()


def by_anyone(done: set[str]) -> set[str]:
    """The same whoever does it: what an image has no program for is done beside it."""
    return {one.removeprefix(_IN_IMAGE) for one in done}


def _does(action: Action) -> Iterator[str]:
    values, kind = action.values, action.kind
    what = str(values.get("command") or values.get("field") or values.get("key") or "")
    if kind in _COMMANDS:
        names = [name for name in audience.programs(what) if name not in _NO_PROGRAMS]
        by = _IN_IMAGE if kind == "run" else ""
        for name in (name.rpartition("/")[2] for name in names):
            program = "a package manager" if name in _MANAGERS else name
            yield program if name == "go" else f"{by}{program}"  # whoever builds the program
    elif kind in ("set-env", "unset-env"):
        pairs = values.get("all") or [(values["name"], "")]
        yield from (
            f"{kind} {_ANY_OF_GO if name.startswith(_ANY_OF_GO) or name == 'NAME' else name}"
            for name, _ in pairs
        )
    elif kind == "copy":
        yield f"copy {'from' if values['stage'] else 'own'}"
    elif kind == "from":
        yield "from"
    elif kind == "pod":
        yield from (f"pod {name}" for name in re.findall(r"\w+(?=\"?:)", what))
    elif kind in ("start", "probe"):
        yield " ".join(re.sub(r"^\S*/", "", what).split()[:2])
    elif kind == "setting":
        yield f"setting {values['key'].rpartition('.')[2]}"
    elif kind == "instruction":
        yield f"copy {'from' if '--from=' in what else 'own'}" if what.startswith("COPY") else what.split()[0]
