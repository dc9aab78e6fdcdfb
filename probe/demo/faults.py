"""The faults of the field: how each is made, and which codes name it."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from probe import codes
from probe.codes import Code
from probe.demo.container import with_empty_volume
from probe.demo.pki import Authority
from probe.demo.rootfs import BUNDLE, HOST, Rootfs
from probe.demo.server import free_port
from probe.lightweight import NamedTuple

Arguments = list[str]
Fault = Callable[[Rootfs], AbstractContextManager[Arguments]]


class InjectedFault(NamedTuple):
    """One fault; the block of `fault` lasts while it is there, and gives the arguments for probe check."""

    title: str
    fault: Fault
    expects: frozenset[str]  # exactly these codes, besides those of the healthy world


def _scene(title: str, fault: Fault, *expects: Code) -> InjectedFault:
    return InjectedFault(title, fault, frozenset(code.name for code in expects))


# --- ways to break things, each fixes itself --------------------------------------------


@contextlib.contextmanager
def _without(world: Rootfs, name: str) -> Iterator[Path]:
    """The path in the world's root, where nothing is until the block puts something there."""
    path = world.path(name)
    hidden = world.root.parent / path.name  # out of the container, and on the same file system
    path.rename(hidden)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        hidden.rename(path)


def _with_env(values: Mapping[str, str]) -> Fault:
    @contextlib.contextmanager
    def fault(world: Rootfs) -> Iterator[Arguments]:
        yield world._replace(env={**world.env, **values}).arguments

    return fault


def _with_settings(*settings: str) -> Fault:
    @contextlib.contextmanager
    def fault(world: Rootfs) -> Iterator[Arguments]:
        yield world._replace(settings=[*world.settings, *settings]).arguments

    return fault


# --- roots and handshakes ---------------------------------------------------------------


@contextlib.contextmanager
def _no_bundle(world: Rootfs) -> Iterator[Arguments]:
    with _without(world, "etc/ssl"):
        yield world.arguments


@contextlib.contextmanager
def _volume_over_bundle(world: Rootfs) -> Iterator[Arguments]:
    with with_empty_volume(world, os.path.dirname(BUNDLE)) as pid:
        settings = [argument for setting in world.settings for argument in ("--set", setting)]
        yield ["--pid", str(pid), *settings]


@contextlib.contextmanager
def _error_page(world: Rootfs) -> Iterator[Arguments]:
    with _without(world, BUNDLE) as bundle:
        bundle.write_text("<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head></html>\n")
        yield world.arguments


@contextlib.contextmanager
def _ca_left_out(world: Rootfs) -> Iterator[Arguments]:
    everything = world.path(BUNDLE).read_bytes()
    with _without(world, BUNDLE) as bundle:
        bundle.write_bytes(everything.replace(world.ca.pem, b""))
        yield world.arguments


@contextlib.contextmanager
def _expired_leaf(world: Rootfs) -> Iterator[Arguments]:
    with world.server.presenting(world.ca.leaf([HOST], since_days=91, for_days=90)):
        yield world.arguments


@contextlib.contextmanager
def _wrong_name(world: Rootfs) -> Iterator[Arguments]:
    with world.server.presenting(world.ca.leaf(["api.internal", "www.internal"])):
        yield world.arguments


@contextlib.contextmanager
def _no_intermediate(world: Rootfs) -> Iterator[Arguments]:
    intermediate = Authority("Demo Issuing CA", world.ca)
    with world.server.presenting(intermediate.leaf([HOST], fetch="http://ca.internal/issuing.crt")):
        yield world.arguments


@contextlib.contextmanager
def _nobody_listens(world: Rootfs) -> Iterator[Arguments]:
    elsewhere = f'ca-bundle.endpoints=["{HOST}:{free_port()}"]'
    yield world._replace(settings=[elsewhere, *world.settings[1:]]).arguments


# --- time zone --------------------------------------------------------------------------


@contextlib.contextmanager
def _no_zone_data(world: Rootfs) -> Iterator[Arguments]:
    with _without(world, "usr/share/zoneinfo"), _without(world, "etc/localtime"):
        yield world._replace(env={**world.env, "TZ": "Asia/Shanghai"}).arguments


@contextlib.contextmanager
def _dangling(world: Rootfs) -> Iterator[Arguments]:
    with _without(world, "usr/share/zoneinfo"):
        yield world.arguments


# --- Go ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _glibc_program(world: Rootfs) -> Iterator[Arguments]:
    with _without(world, "usr/local/go/bin/go") as go:
        shutil.copy(_dynamic_program(), go)
        yield world.arguments


def _dynamic_program() -> str:
    """A program of this machine that needs a dynamic loader, which the world does not hold."""
    return os.path.realpath("/bin/sh")


@contextlib.contextmanager
def _no_way_to_a_package(world: Rootfs) -> Iterator[Arguments]:
    with _without(world, "usr/local/go/pkg/tool"):
        nowhere = {"GOROOT": "/usr/local/go", "HOME": "", "GOPROXY": "off"}
        yield world._replace(env={**world.env, **nowhere}).arguments


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
    _scene("The server's certificate has expired", _expired_leaf, codes.TLS_EXPIRED),
    _scene("The server's certificate is for other names", _wrong_name, codes.TLS_WRONG_NAME),
    _scene("The server does not send its intermediate", _no_intermediate, codes.TLS_INTERMEDIATE_MISSING),
    _scene("Nothing listens where the service should be", _nobody_listens, codes.TLS_CONNECTION_REFUSED),
    _scene("TZ=Asia/Shanghai, and no zone data in the image", _no_zone_data, codes.TIMEZONE_TZDATA_MISSING),
    _scene("/etc/localtime leads to nothing", _dangling, codes.TIMEZONE_LINK_DANGLING),
    _scene("TZ=CST-8, a POSIX rule", _with_env({"TZ": "CST-8"}), codes.TIMEZONE_POSIX_STRING),
    _scene("GOPROXY=off", _with_env({"GOPROXY": "off"}), codes.MODULE_PROXY_OFF),
    _scene("CGO_ENABLED=1", _with_env({"CGO_ENABLED": "1"}), codes.CGO_IS_ENABLED),
    _scene(
        "GOROOT is incomplete, GOPATH is empty and GOPROXY is off",
        _no_way_to_a_package,
        codes.GO_TREE_MISSING,
        codes.GO_PACKAGES_UNREACHABLE,
    ),
    _scene("Go is older than required", _with_settings("go-version.minimum=1.99"), codes.GO_TOO_OLD),
    _scene("A glibc program in an image without glibc", _glibc_program, codes.GO_LOADER_MISSING),
    _scene(
        "GODEBUG holds a setting that was removed", _with_env({"GODEBUG": "x509sha1=1"}), codes.GODEBUG_FATAL
    ),
)
