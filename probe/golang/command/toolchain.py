"""The go command of a target: where it is, which one it is, and how to run it so that it leaves no trace."""

from __future__ import annotations

from probe.deadline import Deadline
from probe.golang import filepath, version
from probe.golang.command import environment_files
from probe.lightweight import Iterator, NamedTuple, Sequence, os
from probe.targets import NotRegular, Target, TooLarge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.binary import Binary
    from probe.golang.command.environment_files import EnvFile
    from probe.targets.supervisor_line import Finished

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Where go.dev, distributions and golang.org/dl put it; a "*" stands for one directory's name.
PLACES = (
    "/usr/local/go/bin",
    "/usr/lib/go/bin",
    "/usr/lib/golang/bin",
    "/usr/lib/go-*/bin",
    "/opt/go*/bin",
    "/root/sdk/go*/bin",
    "/snap/go/current/bin",
)
_MAX_MATCHES = 50
_INTERNAL = ("GOTOOLCHAIN_INTERNAL_SWITCH_VERSION", "GOTOOLCHAIN_INTERNAL_SWITCH_COUNT")
_VERSION_LIMIT = 4096  # bytes of GOROOT/VERSION


class Toolchain(NamedTuple):
    """A go command; `version` is what its files say, empty when they say nothing."""

    go: str  # an absolute path
    root: str = ""  # its GOROOT as it would find it itself, "" when it has none
    version: str = ""
    in_path: bool = True
    executable: bool = True  # by its mode, for the target's user
    script: str = ""  # the interpreter after "#!", where it is a script
    program: Binary | None = None  # what its headers tell, where it is an ELF program
    root_version: str = ""  # what GOROOT/VERSION says
    user: EnvFile | None = None  # the user's file of settings, where its GOROOT was asked for


def find(target: Target) -> Toolchain | None:
    """
    The go command that PATH leads to; else the one in GOROOT or in a usual place.

    One that may not be executed is passed over, as a shell does, and taken only when
    there is no other. Nothing is run.
    """
    refused = None
    for go, in_path in candidates(target):
        try:
            if target.stat(go).is_dir:
                continue
            target.access(go, os.X_OK)
            return _look(target, Toolchain(go, in_path=in_path))
        except PermissionError:
            refused = refused or Toolchain(go, in_path=in_path, executable=False)
        except (OSError, ValueError):  # ValueError: a NUL in the path
            continue
    return _look(target, refused) if refused else None


def candidates(target: Target) -> Iterator[tuple[str, bool]]:
    """Every path at which a go command is looked for, in order, and whether PATH names it."""
    path = target.env.get("PATH")
    for entry in filepath.search_path(DEFAULT_PATH if path is None else path):
        yield target.path(filepath.join(entry or ".", "go")), True
    # Without PATH, as below --root without --env, nobody can say that it leads elsewhere.
    in_path = path is None
    if root := target.env.get("GOROOT", ""):
        yield target.path(filepath.join(root, "bin", "go")), in_path
    for place in PLACES:
        for directory in _expand(target, place):
            yield f"{directory}/go", in_path


def run(target: Target, toolchain: Toolchain, args: Sequence[str], deadline: Deadline) -> Finished:
    """
    Run the go command with *args*: in "/", by the toolchain that is there, and without a trace.

    It sees the target's environment but for GOTOOLCHAIN=local, and writes neither to
    HOME nor to the working directory as long as *args* do not ask for it. OSError as
    execve(2) gave it. Only where `target.processes` is there.
    """
    if target.processes is None:
        raise RuntimeError("commands cannot be run in this target")
    return target.processes.run(
        [toolchain.go, *args], env=inert(target, toolchain), cwd="/", deadline=deadline, limit=1 << 16
    )


def inert(target: Target, toolchain: Toolchain) -> dict[str, str]:
    """
    The target's environment, changed so that a go command neither switches nor writes.

    From 1.23 on every go command counts itself in files below the user's configuration
    directory. Only a directory that cannot be made prevents it, such as one below a
    regular file; GOENV then keeps the user's settings. Relative paths become absolute,
    for the working directory is another one.
    """
    env = {name: value for name, value in target.env.items() if name not in _INTERNAL}
    env["GOTOOLCHAIN"] = "local"
    chosen = environment_files.user_path(target, _minor(toolchain))
    if chosen and chosen != "off":
        env["GOENV"] = filepath.clean(target.path(chosen))
    if environment_files.config_dir(env, _minor(toolchain)):
        env["XDG_CONFIG_HOME"] = toolchain.go
    if env.get("GOROOT"):
        env["GOROOT"] = target.path(env["GOROOT"])
    return env


def said(output: bytes) -> str:
    """What a command printed, in one line, bounded and without secrets."""
    from probe import redact, words

    return (
        words.shortened(" ".join(redact.text(output[:4096].decode("utf-8", "replace")).split()), 300)
        or "nothing"
    )


def has_tools(target: Target, root: str) -> bool:
    """Whether the go command takes *root* for a Go tree: it holds pkg/tool (cfg.isGOROOT)."""
    try:
        return target.stat(filepath.join(root, "pkg", "tool")).is_dir
    except (OSError, ValueError):
        return False


def _look(target: Target, toolchain: Toolchain) -> Toolchain:
    from probe.golang import binary  # where there is a go command

    found = binary.read(target, toolchain.go, linked=False)
    if isinstance(found, binary.Binary):
        built = found.info.version if found.info else ""
        toolchain = toolchain._replace(program=found, version=built)
    else:
        toolchain = toolchain._replace(script=_interpreter(target, toolchain.go))
    user = None if target.env.get("GOROOT") else _user_file(target, toolchain)
    root = _goroot(target, toolchain, user)
    stated = version_file(target, root)[0] if root else ""
    ours = toolchain.version or ("" if toolchain.script else stated)
    return toolchain._replace(root=root, root_version=stated, version=ours, user=user)


def _minor(toolchain: Toolchain) -> int:
    release = version.read(toolchain.version).release
    return release[1] if release else 0


def _user_file(target: Target, toolchain: Toolchain) -> EnvFile:
    return environment_files.read(target, environment_files.user_path(target, _minor(toolchain)), "file")


def _goroot(target: Target, toolchain: Toolchain, user: EnvFile | None) -> str:
    """GOROOT as the go command finds it; "" when it would have to know it from its making."""
    chosen = user.values.get("GOROOT", ("", 0))[0] if user else target.env["GOROOT"]
    if chosen:
        return filepath.clean(chosen)
    try:
        program = target.resolve(toolchain.go)  # what /proc/self/exe says
    except OSError:
        program = toolchain.go
    for up in ("../..", "../../.."):
        directory = filepath.join(program, up)
        if has_tools(target, directory):
            return directory
    return ""


def version_file(target: Target, root: str) -> list[str]:
    """The lines of GOROOT/VERSION (cmd/dist/build.go:findgoversion); one empty line where it says nothing."""
    try:
        data = target.read(filepath.join(root, "VERSION"), _VERSION_LIMIT)
    except (OSError, NotRegular, TooLarge):
        data = b""
    return [line.strip() for line in data.decode("utf-8", "surrogateescape").split("\n")]


def _interpreter(target: Target, path: str) -> str:
    """The program that the first line of a script names; "" for anything else."""
    try:
        with target.open(path) as stream:
            line = stream.read(256).partition(b"\n")[0]
    except (OSError, NotRegular):
        return ""
    words = line[2:].split() if line.startswith(b"#!") else []
    return words[0].decode("utf-8", "surrogateescape") if words else ""


def _expand(target: Target, place: str) -> list[str]:
    """The directories that *place* stands for, the newest version first."""
    parent, star, below = place.partition("*")
    if not star:
        return [place]
    above, _, prefix = parent.rpartition("/")
    try:
        names = [name for name in target.listdir(above) if name.startswith(prefix)]
    except (OSError, NotRegular):
        return []
    names.sort(key=_by_version, reverse=True)
    return [f"{above}/{name}{below}" for name in names[:_MAX_MATCHES]]


def _by_version(name: str) -> tuple[int, ...]:
    numbers = name.lstrip("go-").split(".")
    return tuple(int(number) if number.isdecimal() and len(number) < 7 else -1 for number in numbers)
