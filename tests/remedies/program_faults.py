"""Faults of go commands and of programs: what they are, what loads them, of which release they are."""

import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.golang.builds import build, module, with_roots, without_build_info, without_section_headers
from tests.remedies.fault import GO, NONE, Fault, app, built, program
from tests.remedies.scenes import put, removed, then

GLIBC, MUSL = "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"
LIBC = "/lib/x86_64-linux-gnu/libc.so.6"
# With cgo the resolver is the C library's, without it Go's own: the sources do for both.
_LINKED = module('package main\n\nimport _ "net"\n\nfunc main() { println("alive") }\n')
_ANOTHER = "/path/to/the/program"  # as remedies write it where only the reader can know
_GO = ("go", "version")
HELLO = module()
Act = Callable[[Path], object]


def go_commands() -> list[Fault]:
    """A go command that is none, that fails, or of which nobody can say what it is."""
    first = "/usr/local/bin/go"
    earlier = {"PATH": f"{os.path.dirname(first)}:/usr/local/go/bin:/usr/bin:/bin"}
    tree = "/usr/local/go/bin/go"  # what FROM replaces

    def script(path: str, text: str) -> Callable[[Path], None]:
        return put(path, text.encode(), 0o755)

    def command(code: str, text: str) -> Fault:
        return Fault(code, "go-version", script(tree, text), old=NONE, proof=_GO, base="machine", inside=True)

    return [
        command("GO_FAILED", "#!/bin/sh\necho boom >&2\nexit 3\n"),
        command("GO_UNRELEASED", "#!/bin/sh\necho go version go1.28rc1 linux/amd64\n"),
        Fault("GO_NOT_A_PROGRAM", "go-version", script(tree, "<html>"), old=NONE, proof=_GO),
        Fault(
            "GO_INTERPRETER_MISSING",
            "go-version",
            script(first, "#!/opt/venv/bin/python3\n"),
            earlier,
            proof=_GO,
            base="machine",
            inside=True,
        ),
        Fault(
            "GO_VERSION_UNREADABLE",
            "go-version",
            then(app(), script(first, "#!/bin/sh\nexec /usr/local/go/bin/go\n")),
            earlier,
            ("go-version.source=toolchain", "go-version.binary=/app"),
            proof=("/app",),
        ),
        Fault(
            "GO_MIXED_TOOLCHAIN",
            "go-version",
            _other_tree,
            {"GOROOT": "/srv/go"},
            proof=("go", "list", "fmt"),
        ),
        Fault(
            "GO_MODULE_NEWER",
            "go-version",
            put("/srv/src/go.mod", b"module w\n\ngo 1.27\n"),
            {"GOTOOLCHAIN": "local"},
            old="1.21.13",
            cwd="/srv/src",
            proof=("go", "-C", "/srv/src", "list", "-m"),
            also=frozenset({"GO_OUT_OF_SUPPORT"}),
        ),
        Fault(
            "GO_ENV_GODEBUG",
            "go-env",
            env={"GODEBUG": "fips140=maybe,netdns=go"},
            proof=("go", "env", "GOOS"),
            base="machine",
            inside=True,
        ),
    ]


def _other_tree(root: Path) -> None:
    put("/srv/go/VERSION", b"go1.26.6\ntime x\n")(root)
    (root / "srv/go/pkg/tool").mkdir(parents=True)


def programs() -> list[Fault]:
    """A program that is none of Go, or of which the build info is gone."""
    named = ("go-version.source=binary", "go-version.binary=/app")
    return [
        Fault(
            "GO_BINARY_NOT_GO",
            "go-version",
            then(put("/app", b"#!/bin/sh\n", 0o755), put(_ANOTHER, program(), 0o755)),
            settings=named,
            proof=(_ANOTHER,),
        ),
        Fault(
            "GO_BUILD_INFO_MISSING",
            "go-version",
            put("/app", without_build_info(program()), 0o755),
            settings=named,
            proof=("/app",),
        ),
        Fault(
            "CA_BUNDLE_FALLBACK",
            "ca-bundle",
            then(removed("etc/ssl"), _with_roots),
            settings=named,
        ),
        Fault(
            "TIMEZONE_DATA_HIDDEN",
            "timezone",
            then(removed("usr/share/zoneinfo"), _packed),
            {"TZ": "Asia/Tokyo"},
            settings=named,
            proof=("test", "-s", "/usr/share/zoneinfo/Asia/Tokyo"),
        ),
    ]


def loading() -> list[Fault]:
    """A loader or a library that is missing, closed, of another C library, or too old."""
    closed = then(_pie, _brought(GLIBC), lambda root: (root / GLIBC[1:]).chmod(0o644))
    old = then(_linked, _brought(GLIBC, LIBC), _older)
    thing = {"/path/to/libthing.so": _thing}
    return [
        _of_version("GO_WRONG_ARCHITECTURE", _foreign)._replace(base="machine", inside=True),
        _of_version("GO_LOADER_UNUSABLE", closed),
        _of_version("GO_LIBRARY_TOO_OLD", old, source=_LINKED),
        _of_version("GO_LIBRARY_MISSING", then(_linked, _brought(GLIBC)), source=_LINKED),
        _of_linkage("LINKAGE_LOADER_UNUSABLE", closed),
        _of_linkage("LINKAGE_VERSION_MISSING", old, source=_LINKED),
        _of_linkage("LINKAGE_OTHER_LIBC", then(_linked, put(MUSL, b"x", 0o755)), source=_LINKED),
        _of_linkage("LINKAGE_LIBRARY_MISSING", _with_a_library, context=thing),
    ]


def shape() -> list[Fault]:
    """A program that is larger, or linked otherwise, than was agreed on."""
    return [
        _of_linkage("LINKAGE_FORM", then(_pie, _brought(GLIBC)), "linkage.form=static"),
        _of_linkage("LINKAGE_TOO_LARGE", app(), "linkage.max_mb=1.5"),
    ]


def _of_version(code: str, act: Act, source: Mapping[str, str] = HELLO) -> Fault:
    named = ("go-version.binary=/app", "go-version.source=binary")
    return Fault(code, "go-version", act, settings=named, source=source, proof=("/app",))


def _of_linkage(
    code: str,
    act: Act,
    *settings: str,
    source: Mapping[str, str] = HELLO,
    context: Mapping[str, Callable[[], bytes]] = {},
) -> Fault:
    named = ("linkage.binary=/app", *settings)
    return Fault(code, "linkage", act, settings=named, source=source, context=context, proof=("/app",))


def _foreign(root: Path) -> None:
    app(GOARCH="arm64" if os.uname().machine == "x86_64" else "amd64")(root)


def _packed(root: Path) -> None:
    """A program that does not say what it holds."""
    header = struct.pack("<4sBBBB8x", b"\x7fELF", 2, 1, 1, 0) + bytes(112) + b"UPX!"
    put("/app", without_section_headers(header), 0o755)(root)


def _with_roots(root: Path) -> None:
    """A program that has roots in it, for where there are none."""
    made = build(GO, with_roots("golang.org/x/crypto/x509roots/fallback"))
    put("/app", made.read_bytes(), 0o755)(root)


def _pie(root: Path) -> None:
    built("-buildmode=pie")(root)


def _linked(root: Path) -> None:
    put("/app", build(GO, _LINKED, CGO_ENABLED="1").read_bytes(), 0o755)(root)


def _brought(*paths: str) -> Callable[[Path], None]:
    """Files of this machine at the same place in the root."""

    def act(root: Path) -> None:
        for path in paths:
            (root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.realpath(path), root / path[1:])

    return act


def _older(root: Path) -> None:
    """The C library without a version that the program wants: a name of the same length stands there."""
    libc = root / LIBC[1:]
    libc.write_bytes(libc.read_bytes().replace(b"GLIBC_2.34\0", b"GLIBC_2.3x\0"))


def _compiled(code: str, *flags: str) -> bytes:
    with tempfile.NamedTemporaryFile() as made:
        command = ["gcc", "-o", made.name, "-x", "c", "-", "-x", "none", *flags]
        subprocess.run(command, input=code.encode(), check=True)
        return Path(made.name).read_bytes()


def _thing() -> bytes:
    return _compiled("int thing(void) { return 0; }\n", "-shared", "-fPIC", "-Wl,-soname,libthing.so")


def _with_a_library(root: Path) -> None:
    _brought(GLIBC, LIBC)(root)
    library = root / "tmp/libthing.so"
    library.write_bytes(_thing())
    main = "int thing(void); int main(void) { return thing(); }\n"
    put("/app", _compiled(main, str(library)), 0o755)(root)
    library.unlink()


def all_of_them() -> list[Fault]:
    return [*go_commands(), *programs(), *loading(), *shape()]
