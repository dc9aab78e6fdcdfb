"""
`probe status` where an agent answers: little more than the start of the interpreter.

Nothing is imported here but what is built into the interpreter, and `_socket`. Can also be run as a
program of its own, which saves `site`: python3 -I -S .../probe/cli/status_client.py --role ready
"""

import posix
import sys

ROLES = ("startup", "ready", "live")
SOCKET = "auto"  # see places()
SYSTEM_FILE = "/etc/probe.toml"
_WITHIN_S = 0.9  # the kubelet allows a second
_SO_PEERCRED = 17  # asm-generic/socket.h
_LONGEST = 107  # bytes of a path; sun_path in unix(7) holds 108 with its end


def usual(arguments: list[str]) -> None:
    """
    Answer `probe status [--role R]` from the agent at its usual place, and end this process.

    Returns when there is no agent, or when it takes more to know what is asked and where.
    """
    role = _role(arguments)
    setting = posix.environ.get(b"PROBE_AGENT__SOCKET", SOCKET.encode()).decode("utf-8", "surrogateescape")
    if role and (setting[:1] == "/" or setting == SOCKET) and not _speaks_of_socket():
        for place in places(setting):
            tell(ask(place, role))


def places(setting: str) -> list[str]:
    """
    Where the agent listens, in the order in which it tries and `status` asks: by agent.socket.

    "auto" is /run/probe, else a directory below TMPDIR or /dev/shm, else an abstract address
    (unix(7)), which begins with NUL. The last three are named after the user and the mount namespace,
    because the containers of a pod share /dev/shm and the network's addresses.
    """
    if setting != SOCKET:
        return [setting] if setting else []
    try:
        space = posix.readlink("/proc/self/ns/mnt").strip("mnt:[]")
    except OSError:
        space = ""
    name = f"probe-{posix.geteuid()}-{space}"
    temporary = posix.environ.get(b"TMPDIR", b"/tmp").decode("utf-8", "surrogateescape")
    folders = ["/run/probe", *(f"{base.rstrip('/')}/{name}" for base in (temporary, "/dev/shm") if base)]  # noqa: S108 - directories of our own
    paths = [f"{folder}/probe.sock" for folder in folders if folder[:1] == "/"]
    fitting = [path for path in paths if len(path.encode("utf-8", "surrogateescape")) <= _LONGEST]
    return [*fitting, f"\0{name}"] if space else fitting[:1]


def _role(arguments: list[str]) -> str:
    """The role that is asked for; "" for a command line that holds anything else."""
    if not arguments:
        return "ready"
    role = arguments[-1].removeprefix("--role=") if len(arguments) == 1 else arguments[-1]
    plain = len(arguments) == 1 or (len(arguments) == 2 and arguments[0] == "--role")
    return role if plain and role in ROLES else ""


def _speaks_of_socket() -> bool:
    """Whether the system's configuration may name another path; reading TOML costs more than all else."""
    try:
        descriptor = posix.open(SYSTEM_FILE, posix.O_RDONLY | posix.O_NONBLOCK | posix.O_CLOEXEC)
    except OSError as problem:
        return problem.errno != 2  # ENOENT; for anything else somebody has to say what is wrong
    try:
        return b"socket" in posix.read(descriptor, 1 << 20)
    except OSError:
        return True
    finally:
        posix.close(descriptor)


def ask(path: str, role: str) -> str:
    """
    The agent's line: exit code, space, text with NUL for line ends. "" when no agent of ours or of root
    listens at *path*.

    A socket that somebody else listens on is ignored, as is one that nobody listens on.
    """
    import _socket

    line = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    line.settimeout(_WITHIN_S)
    answer = b""
    try:
        line.connect(path)
        # struct ucred in unix(7): pid, uid, gid
        peer = line.getsockopt(_socket.SOL_SOCKET, _SO_PEERCRED, 12)
        if int.from_bytes(peer[4:8], sys.byteorder) not in (0, posix.geteuid()):
            return ""
        line.sendall(f"{role}\n".encode())
        while not answer.endswith(b"\n") and len(answer) < 4096:
            piece = line.recv(4096)
            if not piece:
                break
            answer += piece
    except TimeoutError:
        return f"1 unhealthy: AGENT_NO_ANSWER: the agent at {path} did not answer within {_WITHIN_S} s\n"
    except OSError:
        return ""
    finally:
        line.close()
    return answer.decode("utf-8", "replace") if answer.endswith(b"\n") else ""


def tell(line: str) -> None:
    """Print the text of an agent's line and end with its code; return for none."""
    code, space, text = line.partition(" ")
    if not space or code not in ("0", "1"):
        return
    number = int(code)
    try:
        posix.write(1, text.replace("\0", "\n").encode("utf-8", "backslashreplace"))
    except OSError:
        number = 1  # a verdict that nobody could be told is no healthy one
    posix._exit(number)


def _program() -> None:
    usual(sys.argv[1:])
    home = __file__.rpartition("/probe/cli/")[0] or "."
    code = f"import sys; sys.path.append({home!r}); from probe.cli import main; main()"
    posix.execv(sys.executable, [sys.executable, "-I", "-c", code, "status", *sys.argv[1:]])


if __name__ == "__main__":
    _program()
