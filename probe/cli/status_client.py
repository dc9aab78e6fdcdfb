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
    Answer `probe status [--role R] [--set agent.socket=PATH]` from the agent, and end this process.

    Its place is that of --set, PROBE_AGENT__SOCKET, the system's file, or the usual one. Returns when there
    is no agent, or when it takes more to know what is asked and where.
    """
    role, place = _asked(arguments)
    written = _written() if role else ""
    variable = posix.environ.get(b"PROBE_AGENT__SOCKET", b"").decode("utf-8", "surrogateescape")
    setting = place or variable or written or ""
    if setting[:1] == "/" and _may_hang():
        return
    if written is not None and role and (setting[:1] == "/" or setting == SOCKET):
        for one in places(setting):
            tell(ask(one, role))


def _may_hang() -> bool:
    """Whether a place that somebody has chosen may lie on a mount that never answers."""
    try:
        from probe.cli import remote_mounts
    except ImportError:  # as a program of its own
        return False
    return remote_mounts.present()


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


def _asked(arguments: list[str]) -> tuple[str, str]:
    """The role and the socket ("" where none is named) of a command line; no role for one that holds more."""
    given: dict[str, str] = {}
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        value = value if equals else next(words, "")
        key, _, path = value.partition("=")
        known = value in ROLES if name == "--role" else key == "agent.socket" and _plain(path.encode())
        if name in given or name not in ("--role", "--set") or not known:
            return "", ""
        given[name] = value if name == "--role" else path
    return given.get("--role", "ready"), given.get("--set", "")


def _written() -> str | None:
    """
    The place that the system's file names, "auto" for none; None where reading it takes more.

    TOML costs more than all else here, so only the line that everybody writes is understood.
    """
    try:  # O_PATH asks neither the file system that it lies on nor the one that a link leads to
        posix.close(posix.open(SYSTEM_FILE, posix.O_PATH | posix.O_NOFOLLOW | posix.O_CLOEXEC))
    except OSError as problem:
        return (
            SOCKET if problem.errno == 2 else None
        )  # ENOENT; for all else somebody has to say what is wrong
    if _may_hang():
        return None
    try:
        descriptor = posix.open(SYSTEM_FILE, posix.O_RDONLY | posix.O_NONBLOCK | posix.O_CLOEXEC)
    except OSError:
        return None
    try:
        return socket_in(posix.read(descriptor, 1 << 20))
    except OSError:
        return None
    finally:
        posix.close(descriptor)


def socket_in(text: bytes) -> str | None:
    """What TOML says of agent.socket: a path, "auto" where it is not named; None where that is not plain."""
    if b"\\" in text:  # it may spell a key
        return None
    place, table = SOCKET, b""
    for line in map(bytes.strip, text.split(b"\n") if b"socket" in text else ()):
        if line[:1] == b"[":
            table = line
        if b"socket" in line and line[:1] != b"#":
            key, _, value = line.partition(b"=")
            quoted, path = value.strip(), value.strip()[1:-1]
            named = table == b"[agent]" and key.rstrip() == b"socket" and place == SOCKET
            if not named or quoted not in (b'"%b"' % path, b"'%b'" % path) or not _plain(path):
                return None
            place = path.decode()
    return None if place != SOCKET and (b'"""' in text or b"'''" in text) else place


def _plain(path: bytes) -> bool:
    """Whether a path is written without anything that TOML or a reader could take for something else."""
    return path[:1] == b"/" and path.translate(None, b"/._-").isalnum()


def ask(path: str, role: str) -> str:
    """
    The agent's line: exit code, space, text with NUL for line ends. "" when no agent of ours or of root
    listens at *path*.

    A socket that somebody else listens on is ignored, as is one that nobody listens on.
    """
    import _socket

    line = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    line.settimeout(_WITHIN_S)
    answer, peer = b"", b""
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
        why = _why(peer)
        return f"1 unhealthy: AGENT_NO_ANSWER: the agent at {path} did not answer within {_WITHIN_S} s{why}\n"
    except OSError:
        return ""
    finally:
        line.close()
    return answer.decode("utf-8", "replace") if answer.endswith(b"\n") else ""


def _why(peer: bytes) -> str:
    """What keeps the process that listens, and what helps."""
    pid = int.from_bytes(peer[:4], sys.byteorder)
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:  # proc_pid_stat(5): T for stopped
            stopped = stream.read(4096).rpartition(b")")[2].split()[0] == b"T"
    except (OSError, IndexError):
        stopped = False
    return f": it is stopped (SIGSTOP)\0  fix: kill -CONT {pid}" if stopped else "\0  fix: probe check"


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
