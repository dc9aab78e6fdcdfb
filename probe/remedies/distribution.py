"""What a target is made of: its distribution, its package manager, the packages and programs that it has."""

from probe.lightweight import NamedTuple
from probe.targets import NotRegular, Target, TooLarge

BASES = ("debian", "alpine", "rhel", "suse", "distroless", "scratch")
_FAMILIES = {  # ID and ID_LIKE of os-release(5) → base
    "debian": "debian",
    "ubuntu": "debian",
    "alpine": "alpine",
    "wolfi": "alpine",
    "chainguard": "alpine",
    "rhel": "rhel",
    "fedora": "rhel",
    "centos": "rhel",
    "amzn": "rhel",
    "suse": "suse",
    "sles": "suse",
    "opensuse": "suse",
}
APT, APK, MICRODNF, DNF, YUM, ZYPPER = "apt-get", "apk", "microdnf", "dnf", "yum", "zypper"
_MANAGERS = (
    (APK, ("/sbin/apk", "/usr/bin/apk")),
    (APT, ("/usr/bin/apt-get",)),
    (MICRODNF, ("/usr/bin/microdnf",)),
    (DNF, ("/usr/bin/dnf",)),
    (YUM, ("/usr/bin/yum",)),
    (ZYPPER, ("/usr/bin/zypper",)),
)
_SHELLS = ("/bin/sh", "/usr/bin/sh", "/busybox/sh")
_PROGRAMS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/local/sbin", "/busybox")
_BUILT_IN = frozenset(("cd", "echo", "exit", "test", "[", "printf", "export", "umask", "ulimit"))
_DATABASE_LIMIT = 16 << 20  # bytes
_MOST = 64  # directories of PATH


class Distribution(NamedTuple):
    """*base* is one of BASES or "", *manager* the package manager that is there or ""."""

    base: str
    manager: str


def find(target: Target) -> Distribution:
    return Distribution(base(target), manager(target))


def base(target: Target) -> str:
    """Which of BASES *target* is made of, "" when it is none of them."""
    known = os_release(target)
    if known.get("PRETTY_NAME") == "Distroless":
        return "distroless"
    if not known:
        return "" if any(target.exists(shell) for shell in _SHELLS) else "scratch"
    names = [known.get("ID", "").partition("-")[0], known.get("ID", ""), *known.get("ID_LIKE", "").split()]
    return next((_FAMILIES[name] for name in names if name in _FAMILIES), "")


def manager(target: Target) -> str:
    return next((name for name, paths in _MANAGERS if any(target.exists(path) for path in paths)), "")


def os_release(target: Target) -> dict[str, str]:
    """What os-release(5) says, as far as it can be read."""
    for path in ("/etc/os-release", "/usr/lib/os-release"):  # in this order: os-release(5)
        data = content(target, path, 1 << 16)
        if data is not None:
            lines = data.decode("utf-8", "replace").splitlines()
            pairs = (line.partition("=") for line in lines if "=" in line)
            return {name: value.strip("\"'") for name, _, value in pairs}
    return {}


def installed(target: Target, *packages: str) -> str:
    """The first of *packages* that a package database has as installed, "" where none has."""
    for package in packages:
        if _by_dpkg(target, package) or _by_apk(target, package) or _by_rpm(target, package):
            return package
    return ""


def has_shell(target: Target) -> bool:
    return any(target.exists(shell) for shell in _SHELLS[:2])


def has_program(target: Target, name: str) -> bool:
    """Whether a command of a RUN line finds *name*."""
    if name.startswith("/"):
        return target.exists(name)
    in_path = [one for one in target.env.get("PATH", "").split(":")[:_MOST] if one.startswith("/")]
    places = dict.fromkeys((*_PROGRAMS, *in_path))
    return name in _BUILT_IN or any(target.exists(f"{directory}/{name}") for directory in places)


def content(target: Target, path: str, limit: int) -> bytes | None:
    """What the file holds, None where it cannot be read or holds more than *limit* bytes."""
    try:
        return target.read(path, limit)
    except (OSError, NotRegular, TooLarge):
        return None


def _by_dpkg(target: Target, package: str) -> bool:
    data = content(target, "/var/lib/dpkg/status", _DATABASE_LIMIT) or b""
    start = f"\n{data.decode('utf-8', 'replace')}".find(f"\nPackage: {package}\n")
    if start < 0:
        return target.exists(f"/var/lib/dpkg/status.d/{package}")  # distroless
    return "\nStatus: install ok installed\n" in data.decode("utf-8", "replace")[start : start + 400]


def _by_apk(target: Target, package: str) -> bool:
    for path in ("/lib/apk/db/installed", "/usr/lib/apk/db/installed"):
        data = content(target, path, _DATABASE_LIMIT) or b""
        if f"\nP:{package}\n".encode() in b"\n" + data:
            return True
    return False


def apk_owns(target: Target, path: str, data: bytes) -> bool:
    """Whether *path* holds what its Alpine package brought: by the SHA-1 in apk's database."""
    from base64 import b64encode
    from hashlib import sha1

    digest = b"Z:Q1" + b64encode(sha1(data, usedforsecurity=False).digest())
    directory, _, name = path.rpartition("/")
    for database in ("/lib/apk/db/installed", "/usr/lib/apk/db/installed"):
        listed = content(target, database, _DATABASE_LIMIT) or b""
        _, found, rest = listed.partition(f"\nF:{directory.lstrip('/')}\n".encode())
        _, found, rest = rest.partition(f"R:{name}\n".encode())
        if found and digest in rest[:120]:
            return True
    return False


def _by_rpm(target: Target, package: str) -> bool:
    """The database is SQLite (or older); the documentation of a package bears its name, too."""
    if target.exists(f"/usr/share/licenses/{package}") or target.exists(f"/usr/share/doc/{package}"):
        return target.exists("/var/lib/rpm") or target.exists("/usr/lib/sysimage/rpm")
    for path in ("/var/lib/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/rpmdb.sqlite"):
        data = content(target, path, 64 << 20) or b""
        if package.encode() + b"\0" in data:
            return True
    return False
