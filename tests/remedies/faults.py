"""Faults of what the other checks look at, made in a root with a real toolchain in /usr/local/go."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from tests.remedies import program_faults, tree_faults
from tests.remedies.bases import BUNDLE
from tests.remedies.fault import ABOUT, NONE, USER, Fault, app, built, directory, pipe, program, promised
from tests.remedies.scenes import BOTH, bundle, made, put, then


def go_env() -> list[Fault]:
    """What the go command's environment is, against the default policy or a rule."""
    go = ("/usr/local/go/bin/go", "list", "fmt")
    found = [
        Fault(code, "go-env", env=env, proof=go)
        for code, env in (
            ("CGO_IS_ENABLED", {"CGO_ENABLED": "1"}),
            ("MODULE_PROXY_OFF", {"GOPROXY": "off"}),
            ("MODULE_PROXY_UNUSABLE", {"GOPROXY": "nonsense://"}),
            ("SUMDB_OFF", {"GOSUMDB": "off"}),
            ("SUMDB_UNUSABLE", {"GOSUMDB": "sum.example.com+bad"}),
            ("GOFLAGS_UNUSABLE", {"GOFLAGS": "mod=vendor"}),
            ("MODULES_UNPROTECTED", {"GOFLAGS": "-insecure -v"}),
            ("MODULES_UNPROTECTED", {"GONOSUMDB": "*"}),
        )
    ]
    cache = ("go-env.GOMODCACHE.exists=true",)
    return [
        *found,
        Fault("GO_ENV_VALUE", "go-env", env={"GOOS": "linux"}, settings=("go-env.GOARCH.equals=arm64",)),
        Fault(
            "GO_ENV_SET", "go-env", env={"GOEXPERIMENT": "x"}, settings=("go-env.GOEXPERIMENT.unset=true",)
        ),
        Fault(
            "GO_ENV_LIST",
            "go-env",
            env={"GOFLAGS": "-v"},
            settings=("go-env.GOFLAGS.contains=-trimpath",),
            proof=go,
        ),
        Fault("GO_ENV_NO_DIRECTORY", "go-env", env={"GOMODCACHE": "/srv/mod"}, settings=cache),
        Fault(
            "GO_ENV_NOT_WRITABLE",
            "go-env",
            directory("/srv/mod", 0o755),
            {"GOMODCACHE": "/srv/mod"},
            ("go-env.GOMODCACHE.writable=true",),
            USER,
        ),
        Fault("GO_ENV_FILE_BLOCKS", "go-env", pipe("/root/goenv"), {"GOENV": "/root/goenv"}, proof=go),
        Fault(
            "GO_ENV_FILE_TOO_LARGE",
            "go-env",
            put("/root/goenv", b"# x\n" * 100_000),
            {"GOENV": "/root/goenv"},
            proof=go,
        ),
        Fault("GOROOT_WITHOUT_TREE", "go-env", directory("/srv", 0o755), {"GOROOT": "/srv"}, proof=go),
        Fault(
            "GO_PACKAGES_UNREACHABLE",
            "go-env",
            directory("/srv", 0o755),
            {"GOROOT": "/srv", "GOPATH": "", "HOME": "", "GOPROXY": "off"},
            also=frozenset({"GOROOT_WITHOUT_TREE"}),
        ),
    ]


def permissions() -> list[Fault]:
    """What a user may do, as the kernel says too."""

    def place(
        code: str, act: Callable[[Path], object], want: str, path: str, test: str, base: str = "alpine"
    ) -> Fault:
        none = tuple(f"permissions.{key}=[]" for key in ("execute", "write", "read") if key != want)
        wanted = (*none, f'permissions.{want}=["{path}"]')
        return Fault(
            code, "permissions", act, settings=wanted, user=USER, proof=("test", test, path), base=base
        )

    return [
        place("PERMISSION_MODE", directory("/srv/a", 0o755), "write", "/srv/a", "-w"),
        place("PERMISSION_MODE", put("/srv/b", b"x", 0o600), "read", "/srv/b", "-r"),
        place("PERMISSION_MODE", put("/srv/run", b"#!/bin/sh\n", 0o644), "execute", "/srv/run", "-x"),
        place(
            "PERMISSION_NO_SEARCH",
            then(put("/srv/closed/c", b"x"), directory("/srv/closed", 0o700)),
            "read",
            "/srv/closed/c",
            "-r",
        ),
        place("PERMISSION_MISSING", directory("/srv", 0o755), "write", "/srv/new", "-w", "debian"),
        place("PERMISSION_STICKY_LINK", _others_link, "write", "/shared/cache", "-w"),
        Fault(
            "PERMISSION_NO_PLACE",
            "permissions",
            env={"HOME": ""},
            settings=("permissions.execute=[]", 'permissions.write=["GOCACHE"]'),
        ),
    ]


def _others_link(root: Path) -> None:
    """Where everybody may write, the kernel follows a link for its owner only."""
    directory("/srv/data", 0o755, 1000, 1000)(root)
    directory("/shared", 0o1777)(root)
    (root / "shared/cache").symlink_to("/srv/data")
    os.chown(root / "shared/cache", 1001, 1001, follow_symlinks=False)


def go_version() -> list[Fault]:
    """What keeps a go command or a program from working, or makes it too old."""
    go = ("go", "version")
    named = ("go-version.binary=/app", "go-version.source=binary")
    bring = {"/path/to/the/program": program, "/app": program}
    return [
        Fault("GO_NOT_IN_PATH", "go-version", env={"PATH": "/usr/bin:/bin:/sbin"}, proof=go),
        Fault("GO_SWITCHES", "go-version", env={"GOTOOLCHAIN": "go1.26.1"}, proof=go),
        Fault("GO_TOO_OLD", "go-version", old="1.21.13", settings=('go-version.minimum="1.26"',), proof=go),
        Fault("GO_OUT_OF_SUPPORT", "go-version", old="1.21.13", proof=go),
        Fault("GODEBUG_FATAL", "go-version", env={"GODEBUG": "fips140=maybe,netdns=go"}, proof=go),
        Fault("GOMEMLIMIT_FATAL", "go-version", env={"GOMEMLIMIT": "512Mi"}, proof=go),
        Fault("GO_ROOT_MISSING", "go-version", env={"GOROOT": "/nowhere"}, proof=go),
        Fault("GO_TREE_MISSING", "go-version", directory("/srv", 0o755), {"GOROOT": "/srv"}, proof=go),
        Fault("GO_SETTING_REFUSED", "go-version", env={"GOTOOLCHAIN": "nonsense"}, proof=go),
        Fault("GO_BUILD_IMPOSSIBLE", "go-version", env={"GOWORK": "nonsense"}, proof=("go", "list", "fmt")),
        Fault("GO_BINARY_MISSING", "go-version", settings=named, context=bring, proof=("/app",)),
        Fault("GO_TRUNCATED", "go-version", app(cut=900_000), settings=named, context=bring, proof=("/app",)),
        Fault("GO_NOT_EXECUTABLE", "go-version", app(0o644), settings=named, proof=("/app",)),
        Fault(
            "GOMAXPROCS_FATAL",
            "go-version",
            app(),
            {"GOMAXPROCS": "100000000"},
            settings=named,
            proof=("/app",),
        ),
        Fault("GO_BINARY_UNREADABLE", "go-version", app(0o711), settings=named, user=USER, proof=("/app",)),
    ]


def linkage() -> list[Fault]:
    named = ("linkage.binary=/app",)
    bring = {"/path/to/the/program": program, "/app": program}
    return [
        Fault("LINKAGE_PROGRAM_MISSING", "linkage", settings=named, context=bring, proof=("/app",)),
        Fault("LINKAGE_NOT_EXECUTABLE", "linkage", app(0o644), settings=named, proof=("/app",)),
        Fault(
            "LINKAGE_TRUNCATED", "linkage", app(cut=900_000), settings=named, context=bring, proof=("/app",)
        ),
        Fault(
            "LINKAGE_INTERPRETER_MISSING",
            "linkage",
            put("/app", b"#!/bin/sh\r\nexit 0\r\n", 0o755),
            settings=named,
            proof=("/app",),
            also=frozenset({"LINKAGE_FORM"}),
        ),
    ]


def rebuilt() -> list[Fault]:
    """A program that was not built as agreed on, built again by the command that is printed."""
    named, proof = ("linkage.binary=/app",), ("/app",)

    def fault(code: str, act: Callable[[Path], object], *settings: str) -> Fault:
        return Fault(code, "linkage", act, settings=(*named, *settings), proof=proof)

    return [
        fault("LINKAGE_NOT_STRIPPED", app(), "linkage.stripped=yes"),
        fault("LINKAGE_STRIPPED", built("-ldflags=-s -w"), "linkage.stripped=no"),
        fault("LINKAGE_CGO", app(CGO_ENABLED="1"), "linkage.cgo=0"),
        fault("LINKAGE_ARCHITECTURE", app(GOARCH="arm64")),
        fault("LINKAGE_LOADER_MISSING", built("-buildmode=pie"), "linkage.form=any"),
        Fault(
            "GO_LOADER_MISSING",
            "go-version",
            built("-buildmode=pie"),
            settings=("go-version.binary=/app", "go-version.source=binary"),
            proof=proof,
        ),
        Fault("GO_NOT_FOUND", "go-version", app(), old=NONE, proof=proof),
    ]


def certificates() -> list[Fault]:
    """What is not of the bundle's form."""
    return [
        Fault("CA_BUNDLE_TOO_LARGE", "ca-bundle", _sparse(BUNDLE)),
        Fault("CA_BUNDLE_DEVICE", "ca-bundle", _device("dev/zero", 5), {"SSL_CERT_FILE": "/dev/zero"}),
        Fault("CA_ROOTS_TOO_FEW", "ca-bundle", bundle(BOTH), settings=("ca-bundle.min_roots=100",)),
        Fault(
            "EXTRA_ROOT_UNREADABLE",
            "ca-bundle",
            settings=("ca-bundle.extra_roots=/corp/ca.pem",),
            context={"authority.pem": lambda: BOTH},
            also=frozenset({"EXTRA_ROOT_MISSING"}),
        ),
    ]


def _sparse(path: str) -> Callable[[Path], None]:
    def act(root: Path) -> None:
        os.truncate(root / path, 40 << 20)

    return act


def _device(path: str, minor: int) -> Callable[[Path], None]:
    return made(path, lambda there: os.mknod(there, 0o666 | stat.S_IFCHR, os.makedev(1, minor)))


def pinned() -> list[Fault]:
    version = ('pinned.version="go1.27.3"',)
    name = "/etc/go-baseline.version"
    wrong = {
        "PINNED_VERSION_MISSING": lambda _: None,
        "PINNED_VERSION_EMPTY": put(name, b"\n"),
        "PINNED_VERSION_LINES": put(name, b"go1.27.3\ngo1.27.2\n"),
        "PINNED_VERSION_BOM": put(name, b"\xef\xbb\xbfgo1.27.3\n"),
        "PINNED_VERSION_NOT_TEXT": put(name, b"go1.27.3\xff\n"),
        "PINNED_VERSION_TOO_LARGE": put(name, b"x" * 5000),
    }
    bring = {"FILE": lambda: ABOUT}
    return [
        *(Fault(code, "pinned", act, settings=version) for code, act in wrong.items()),
        Fault("PINNED_FILE_MISSING", "pinned", settings=(promised(ABOUT),), context=bring),
        Fault(
            "PINNED_FILE_MISMATCH", "pinned", put("/srv/a", b"x"), settings=(promised(ABOUT),), context=bring
        ),
        Fault("PINNED_FILE_SPECIAL", "pinned", pipe("/srv/a"), settings=(promised(ABOUT),), context=bring),
        Fault("PINNED_NOTHING", "pinned", put(name, b"1.27.3\n")),
        Fault("PINNED_VERSION_UNREADABLE", "pinned", pipe(name), settings=version),
        Fault("PINNED_SUMS_MISSING", "pinned", settings=("pinned.sums=/srv.sums",)),
        Fault("PINNED_SUMS_EMPTY", "pinned", put("/srv.sums", b"\n"), settings=("pinned.sums=/srv.sums",)),
        Fault(
            "PINNED_FILE_TOO_LARGE",
            "pinned",
            put("/srv/a", ABOUT * 10_000),
            settings=(
                promised(ABOUT * 10_000),
                "pinned.max_file_mb=0.1",
            ),
        ),
    ]


def offline() -> list[Fault]:
    """An environment that would ask the network; a listing that is not there."""
    quiet = {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}
    listed = ("offline.listing=/srv/list", "offline.tree=/srv/tree")
    return [
        Fault("OFFLINE_GOPROXY", "offline", env={**quiet, "GOPROXY": "https://proxy.golang.org"}),
        Fault("OFFLINE_PRIVATE", "offline", env={**quiet, "GONOPROXY": "corp.example"}),
        Fault("OFFLINE_SUMDB", "offline", env={**quiet, "GOFLAGS": "-mod=mod"}),
        Fault("OFFLINE_TOOLCHAIN", "offline", env={**quiet, "GOTOOLCHAIN": "auto"}),
        Fault("OFFLINE_LISTING_UNREADABLE", "offline", put("/srv/tree/a", b"a"), quiet, settings=listed),
        Fault(
            "OFFLINE_LISTING_EXTRA",
            "offline",
            then(put("/srv/tree/a", b"a"), put("/srv/tree/b", b"b"), put("/srv/list", b"a\n")),
            quiet,
            settings=listed,
        ),
    ]


def all_of_them() -> list[Fault]:
    return [
        *go_env(),
        *permissions(),
        *go_version(),
        *linkage(),
        *rebuilt(),
        *certificates(),
        *pinned(),
        *offline(),
        *program_faults.all_of_them(),
        *tree_faults.all_of_them(),
        Fault("GO_ENV_PATTERN", "go-env", env={"GOPRIVATE": "https://git.corp.example"}),
    ]
