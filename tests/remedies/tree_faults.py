"""Faults of modules, permissions and pinned files."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.checks.offline.helpers import GO_MOD, MAIN, lay_proxy
from tests.remedies.fault import ABOUT, GO, USER, Fault, directory, pipe, promised
from tests.remedies.scenes import put, then
from tests.support.toolchains import install

_MODULE, _CACHE, _PROXY = "/srv/src", "/srv/cache", "/srv/proxy"
_NET = {"GOPROXY": f"file://{_PROXY}", "GONOSUMDB": "*", "GOFLAGS": "-modcacherw"}


def modules() -> list[Fault]:
    """A module that cannot be built without a network; what is advised is done where there is one."""
    quiet = {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOMODCACHE": _CACHE}

    def fault(code: str, act: Callable[[Path], object], old: str = "") -> Fault:
        return Fault(
            code,
            "offline",
            then(lay_module, act),
            quiet,
            (f"offline.module={_MODULE}",),
            old=old,
            net=_NET,
            proof=("go", "-C", _MODULE, "list", "-deps", "./..."),
            base="machine",
            inside=True,
            also=frozenset({"OFFLINE_NOT_TRIED"}),
        )

    wrapper = put("/usr/local/bin/go", b"#!/bin/sh\n", 0o755)
    return [
        fault("OFFLINE_MODULE_MISSING", lambda root: shutil.rmtree(f"{root}{_CACHE}")),
        fault("OFFLINE_SUM_MISSING", lambda root: Path(f"{root}{_MODULE}/go.sum").unlink()),
        fault("OFFLINE_SUM_MISMATCH", _damaged),
        fault("OFFLINE_UNTIDY", _without_requirement),
        fault("OFFLINE_VENDOR", _old_vendor),
        fault("OFFLINE_GO_TOO_OLD", put(f"{_MODULE}/go.mod", GO_MOD.format("1.27").encode()), old="1.21.13"),
        Fault(
            "OFFLINE_ENVIRONMENT_UNKNOWN",
            "offline",
            wrapper,
            {"PATH": "/usr/local/bin:/usr/bin:/bin"},
        ),
    ]


def lay_module(root: Path) -> None:
    """A module in /srv/src, its modules in a cache and in a proxy."""
    put(f"{_MODULE}/go.mod", GO_MOD.format("1.21").encode())(root)
    put(f"{_MODULE}/main.go", MAIN.encode())(root)
    lay_proxy(Path(f"{root}{_PROXY}"))
    _go(root, "mod", "tidy")
    _go(root, "mod", "download")


def _go(root: Path, *words: str) -> None:
    """By the go command of this machine, on the tree; as `mod`, with the proxy."""
    env = {
        **_NET,
        "GOPROXY": f"file://{root}{_PROXY}",
        "GOMODCACHE": f"{root}{_CACHE}",
        "GOCACHE": f"{root}/tmp/c",
        "GOTOOLCHAIN": "local",
        "HOME": "/nonexistent",
    }
    subprocess.run([install(GO).go, *words], cwd=f"{root}{_MODULE}", env=env, check=True, capture_output=True)


def _damaged(root: Path) -> None:
    """A module that was changed in the cache: its hash is no longer that of go.sum."""
    (found,) = Path(f"{root}{_CACHE}/cache/download/example.com/n/@v").glob("*.ziphash")
    found.write_text("h1:" + "A" * 43 + "=")


def _without_requirement(root: Path) -> None:
    path = Path(f"{root}{_MODULE}/go.mod")
    path.write_text("\n".join(line for line in path.read_text().split("\n") if "example.com/M" not in line))


def _old_vendor(root: Path) -> None:
    _go(root, "mod", "vendor")
    path = Path(f"{root}{_MODULE}/vendor/modules.txt")
    path.write_text(path.read_text().replace("M v1.0.0", "M v1.0.1"))


def access_lists() -> list[Fault]:
    """What POSIX ACLs refuse, and a GOBIN that nobody may make."""

    def listed(*words: str) -> Callable[[Path], object]:
        return lambda root: subprocess.run(["setfacl", *words, f"{root}/srv/a"], check=True)

    def fault(code: str, act: Callable[[Path], object], path: str = "/srv/a") -> Fault:
        wanted = ("permissions.execute=[]", "permissions.read=[]", f'permissions.write=["{path}"]')
        return Fault(code, "permissions", act, {}, wanted, USER, proof=("test", "-w", path), base="machine")

    closed = directory("/srv/a", 0o750)
    below = then(closed, listed("-m", "u:1000:rwx"), directory("/srv/a/b", 0o700))
    return [
        fault("PERMISSION_ACL_ENTRY", then(closed, listed("-m", "u:1000:r-x"))),
        fault("PERMISSION_ACL_MASK", then(closed, listed("-m", "u:1000:rwx,m::r-x"))),
        fault("PERMISSION_ACL_NO_DEFAULT", below, "/srv/a/b"),
        Fault(
            "PERMISSION_GOBIN_MISSING",
            "permissions",
            env={"GOBIN": "/srv/go/bin", "HOME": "/tmp"},
            settings=("permissions.execute=[]", "permissions.read=[]", 'permissions.write=["GOBIN"]'),
            user=USER,
            proof=("test", "-w", "/srv/go/bin"),
            base="debian",
        ),
    ]


def pinned() -> list[Fault]:
    """A pinned file, or the list of them, that cannot be read."""
    listed = ("pinned.sums=/srv.sums",)
    return [
        Fault("PINNED_SUMS_UNREADABLE", "pinned", pipe("/srv.sums"), settings=listed),
        Fault("PINNED_SUMS_TOO_LARGE", "pinned", put("/srv.sums", b"#" * (5 << 20)), settings=listed),
        Fault(
            "PINNED_FILE_UNREADABLE",
            "pinned",
            put("/srv/a", ABOUT, 0o600),
            settings=(promised(ABOUT),),
            user=USER,
            proof=("test", "-r", "/srv/a"),
        ),
    ]


def all_of_them() -> list[Fault]:
    return [*modules(), *access_lists(), *pinned()]
