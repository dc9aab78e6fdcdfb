"""Small Go programs, built once by real toolchains and kept in .cache/programs; and ways to damage them."""

import fcntl
import hashlib
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.support.toolchains import CACHE, LEAN, install, need

HELLO = 'package main\n\nfunc main() { println("alive") }\n'
ZONES = """package main

import (
	"time"
	_ "time/tzdata"
)

func main() { println(time.Now().String()) }
"""
HASH = 'package main\n\nimport "crypto/sha256"\n\nfunc main() { println(sha256.Size, "alive") }\n'
ROOTS = """package main

import (
	_ "MODULE"
	"crypto/x509"
)

func main() { x509.SystemCertPool() }
"""
FALLBACK = """package fallback

import "crypto/x509"

func init() { x509.SetFallbackRoots(x509.NewCertPool()) }
"""


def build(version: str, files: Mapping[str, str], *flags: str, **env: str) -> Path:
    """The program made of *files* (path → text; without go.mod: of main.go alone), by that release of Go."""
    need(version)
    recipe = repr((version, sorted(files.items()), LEAN, flags, sorted(env.items())))
    store = CACHE.parent / "programs" / hashlib.sha256(recipe.encode()).hexdigest()[:20]
    store.parent.mkdir(parents=True, exist_ok=True)
    with store.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not store.exists():
            with tempfile.TemporaryDirectory(dir=store.parent) as scratch:
                source = Path(scratch) / "source"
                for name, text in files.items():
                    (source / name).parent.mkdir(parents=True, exist_ok=True)
                    (source / name).write_text(text)
                what = source if "go.mod" in files else source / "main.go"
                program = Path(scratch) / "program"
                install(version).build(what, program, "-buildvcs=false", *flags, **env)
                program.rename(store)
    return store


def module(source: str = HELLO, go: str = "1.21", more: str = "") -> dict[str, str]:
    """A module that asks for *go* ("" for no go line), with *source* as its only program."""
    line = f"\ngo {go}\n" if go else ""
    return {"go.mod": f"module example.com/hello\n{line}{more}", "main.go": source}


def with_roots(name: str) -> dict[str, str]:
    """A program that imports the module *name*, which brings fallback roots."""
    more = f"\nrequire {name} v0.0.1\n\nreplace {name} => ./fallback\n"
    return {
        **module(ROOTS.replace("MODULE", name), more=more),
        "fallback/go.mod": f"module {name}\n",
        "fallback/fallback.go": FALLBACK,
    }


def without_section_headers(data: bytes) -> bytes:
    """What `sstrip` or a packer leaves: the program runs, but has no section headers any more."""
    header = bytearray(data)
    struct.pack_into("<Q", header, 40, 0)
    struct.pack_into("<HHH", header, 58, 0, 0, 0)
    return bytes(header)


def without_build_info(data: bytes) -> bytes:
    """What `objcopy --remove-section` leaves where the build info stood."""
    return data.replace(b"\xff Go buildinf:", bytes(14))


def with_loader(data: bytes, loader: str) -> bytes:
    """The same program, but asking for another dynamic loader."""
    ours = b"/lib64/ld-linux-x86-64.so.2\0"
    assert data.count(ours) == 1
    assert len(loader) < len(ours)
    return data.replace(ours, loader.encode().ljust(len(ours), b"\0"))
