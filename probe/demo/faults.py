"""The faults of the field: how each is made, which codes name it, and what of Go's meets it."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence

from probe import codes
from probe.codes import Code
from probe.demo.pki import Authority
from probe.demo.rootfs import BUNDLE, HOST, MODULE, TOOLCHAIN, Rootfs, require
from probe.demo.server import free_port
from probe.demo.toolchain import release
from probe.lightweight import NamedTuple

Fault = Callable[[Rootfs], Rootfs]
# A real Go program for which a fault matters: it shakes hands, and prints a moment as time.Local has it.
QUESTION = ("list", "-m", "-f", "{{.Time.Local}}", "demo.example/hello@v1.0.0")


class InjectedFault(NamedTuple):
    """One fault: *fault* makes it and gives the world that is broken by it."""

    title: str
    fault: Fault
    expects: frozenset[str]  # exactly these codes, besides those of the healthy world
    question: Sequence[str] = QUESTION  # what the real go command is asked to do
    owner: Callable[[Rootfs], object] | None = None  # what the server's owner does when asked to


def _scene(
    title: str,
    fault: Fault,
    *expects: Code,
    question: Sequence[str] = QUESTION,
    owner: Callable[[Rootfs], object] | None = None,
) -> InjectedFault:
    return InjectedFault(title, fault, frozenset(code.name for code in expects), question, owner)


# --- roots ------------------------------------------------------------------------------


def _no_bundle(world: Rootfs) -> Rootfs:
    shutil.rmtree(world.path("etc/ssl"))
    return world


def _volume_over_bundle(world: Rootfs) -> Rootfs:
    return world._replace(volume=os.path.dirname(BUNDLE))


def _error_page(world: Rootfs) -> Rootfs:
    _ca_left_out(world)
    world.path(BUNDLE).write_text("<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head></html>\n")
    return world


def _ca_left_out(world: Rootfs) -> Rootfs:
    for file in world.path("etc/ssl/certs").iterdir():
        rest = file.read_bytes().replace(world.ca.pem, b"")
        if rest:
            file.write_bytes(rest)
        else:
            file.unlink()
    return world


# --- the server, and what its owner does when asked -------------------------------------


def _expired_leaf(world: Rootfs) -> Rootfs:
    world.server.present(world.ca.leaf([HOST], since_days=91, for_days=90))
    return world


def _wrong_name(world: Rootfs) -> Rootfs:
    world.server.present(world.ca.leaf(["api.internal", "www.internal"]))
    return world


def _renewed(world: Rootfs) -> None:
    world.server.present(world.ca.leaf([HOST]))


def _no_intermediate(world: Rootfs) -> Rootfs:
    intermediate = Authority("Demo Issuing CA", world.ca)
    leaf = intermediate.leaf([HOST], fetch="http://ca.internal/issuing.crt")
    world.server.present(leaf, withheld=[intermediate.issued])
    return world


def _full_chain(world: Rootfs) -> None:
    world.server.send_withheld()


def _nobody_listens(world: Rootfs) -> Rootfs:
    port = free_port()
    return world._replace(port=port, settings=(f"ca-bundle.endpoints={HOST}:{port}",))


def _started(world: Rootfs) -> None:
    world.server.listen(world.port)


# --- time zone --------------------------------------------------------------------------


def _no_zone_data(world: Rootfs) -> Rootfs:
    shutil.rmtree(world.path("usr/share/zoneinfo"))
    world.path("etc/localtime").unlink()
    return _with_env({"TZ": "Asia/Shanghai"})(world)


def _dangling(world: Rootfs) -> Rootfs:
    shutil.rmtree(world.path("usr/share/zoneinfo"))
    localtime = world.path("etc/localtime")
    localtime.unlink(missing_ok=True)
    localtime.symlink_to("/usr/share/zoneinfo/Asia/Shanghai")
    return world._replace(env={name: value for name, value in world.env.items() if name != "TZ"})


# --- Go ---------------------------------------------------------------------------------


def _with_env(values: Mapping[str, str]) -> Fault:
    return lambda world: world._replace(env={**world.env, **values})


def _glibc_program(world: Rootfs) -> Rootfs:
    go = world.path(f"{TOOLCHAIN}/bin/go")
    go.unlink()
    shutil.copy(_dynamic_program(), go)
    return world


def _dynamic_program() -> str:
    """A program of this machine that needs a dynamic loader, which the world does not hold."""
    return os.path.realpath("/bin/sh")


def _gopath_as_goroot(world: Rootfs) -> Rootfs:
    world.path("go").mkdir(exist_ok=True)
    return _with_env({"GOROOT": "/go"})(world)


def _next_release(world: Rootfs) -> str:
    major, minor, *_ = release(world.path(TOOLCHAIN)).split(".")
    return f"{major}.{int(minor) + 1}"


def _needs_the_next(world: Rootfs) -> Rootfs:
    wanted = _next_release(world)
    require(world, wanted)
    return world._replace(settings=(f"go-version.minimum={wanted}",))


SCENES = (
    _scene("The image has no CA bundle", _no_bundle, codes.CA_BUNDLE_MISSING, codes.TLS_NO_ROOTS),
    _scene(
        "An empty volume is mounted over /etc/ssl/certs",
        _volume_over_bundle,
        codes.CA_BUNDLE_HIDDEN,
        codes.TLS_NO_ROOTS,
    ),
    _scene("The bundle is a download that failed", _error_page, codes.CA_BUNDLE_HTML, codes.TLS_NO_ROOTS),
    _scene("The private CA is not in the bundle", _ca_left_out, codes.TLS_UNKNOWN_AUTHORITY),
    _scene("The server's certificate has expired", _expired_leaf, codes.TLS_EXPIRED, owner=_renewed),
    _scene("The server's certificate is for other names", _wrong_name, codes.TLS_WRONG_NAME, owner=_renewed),
    _scene(
        "The server does not send its intermediate",
        _no_intermediate,
        codes.TLS_INTERMEDIATE_MISSING,
        owner=_full_chain,
    ),
    _scene(
        "Nothing listens where the service should be",
        _nobody_listens,
        codes.TLS_CONNECTION_REFUSED,
        owner=_started,
    ),
    _scene("TZ=Asia/Shanghai, and no zone data in the image", _no_zone_data, codes.TIMEZONE_TZDATA_MISSING),
    _scene("/etc/localtime leads to nothing", _dangling, codes.TIMEZONE_LINK_DANGLING),
    _scene("TZ=CST-8, a POSIX rule", _with_env({"TZ": "CST-8"}), codes.TIMEZONE_POSIX_STRING),
    _scene("GOPROXY=off", _with_env({"GOPROXY": "off"}), codes.MODULE_PROXY_OFF),
    _scene(
        "CGO_ENABLED=1",
        _with_env({"CGO_ENABLED": "1"}),
        codes.CGO_IS_ENABLED,
        question=("env", "CGO_ENABLED"),
    ),
    _scene(
        "GOROOT names what is a GOPATH",
        _gopath_as_goroot,
        codes.GO_TREE_MISSING,
        codes.GOROOT_WITHOUT_TREE,
        question=("tool", "compile", "-V"),
    ),
    _scene(
        "The next release of Go is required",
        _needs_the_next,
        codes.GO_TOO_OLD,
        question=("-C", f"/{MODULE}", "list", "-m"),
    ),
    _scene("A glibc program in an image without glibc", _glibc_program, codes.GO_LOADER_MISSING),
    _scene(
        "GODEBUG holds a setting that was removed", _with_env({"GODEBUG": "x509sha1=1"}), codes.GODEBUG_FATAL
    ),
)
