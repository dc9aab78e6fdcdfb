"""
Every reader of text and bytes that come from outside, as a function of bytes, with what it may raise.

A new reader belongs in `READERS`; `test_readers.py` finds the modules of probe/formats that are in none.
"""

import io
import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from probe import redact, targets
from probe.agent import reports
from probe.checks.baseline import document
from probe.cli import status_client
from probe.cli.arguments import ParsedArgs
from probe.cli.manifest import interpreter
from probe.config import address, files, values
from probe.entrypoint import wrappers
from probe.errors import ConfigError, UsageError
from probe.explain import messages
from probe.formats import acl, elf, gnupg, go_json, ldcache, pem, sums, tar, tzif
from probe.formats.elf import buildinfo, dynamic, pclntab
from probe.formats.tar import sparse
from probe.formats.tzif.rule import parse_rule
from probe.golang import godebug, quoting, version
from probe.golang.command import (
    credentials as netrc,
)
from probe.golang.command import (
    environment_files,
    flags,
    go_env,
    gomod,
    modulefetch,
    moduleproxy,
    prefixes,
)
from probe.golang.net import addresses, endpoint, httpproxy, netip, neturl, nsswitch, resolv_conf
from probe.golang.release import NEWEST, Go
from probe.golang.x509 import mailbox
from probe.golang.x509.certificate import Parser
from probe.manifest import command_line, dockerfile, shell, yaml_nodes
from probe.manifest.duration import seconds
from probe.manifest.lint import lint
from probe.manifest.source import UnreadableSource
from probe.node import merge
from probe.options import InvalidValue, Option
from probe.targets import credentials as status_file
from probe.targets import environ, image_config, kernel_clock, mounts, passwd
from probe.targets.archive_errors import ArchiveError
from probe.targets.errors import TargetUnavailable
from probe.targets.rooted_fs import RootedFiles
from probe.web import address as request_url
from probe.web import date_header
from tests.fuzz import image_documents
from tests.fuzz.adapters import in_file, in_utf8, scratch, text
from tests.fuzz.seeds import (
    COMPOSE,
    CONFIG,
    GOMOD,
    MOUNTINFO,
    NODE,
    POD,
    REPORT,
    STATUS,
    URLS,
    elf_seed,
    lines,
    tar_seed,
    zone_files,
)
from tests.fuzz.text_mutations import TextMutator

OLD = Go((1, 21, 13), "as-go")
REPOSITORY = Path(__file__).parent.parent.parent


class Reader(NamedTuple):
    """A function that takes whatever it is given, and what it may raise."""

    read: Callable[[bytes], object]
    seeds: Sequence[bytes]
    raises: tuple[type[Exception], ...] = ()


def _tzif(data: bytes) -> None:
    zone = tzif.parse(data)
    if isinstance(zone, tzif.Zone):
        for at in (-(1 << 40), 0, 1 << 31, 1 << 40):
            zone.lookup(at)
        zone.remembered(1 << 31)
        zone.timeline(0, 1 << 31)
        zone.as_meant()
        _ = zone.footer_fault, zone.footer


def _elf(data: bytes) -> None:
    stream = io.BytesIO(data)
    found = elf.read(stream)
    if isinstance(found, elf.Elf):
        _ = found.architecture, found.static, found.stripped, found.libc
        buildinfo.find(stream, found)
        dynamic.read(stream, found)
        pclntab.linked(stream, found, ["time.LoadLocation"])


def _tar_block(data: bytes) -> None:
    block = data[: tar.BLOCK].ljust(tar.BLOCK, b"\0")
    found = tar.header(block)
    if isinstance(found, tar.Header):
        with_records = tar.records(data)
        if isinstance(with_records, dict):
            tar.extended(found, with_records)
            sparse.version(with_records)
            sparse.length(with_records, 7)
            sparse.in_header(with_records)
    tar.records(data)
    pieces = sparse.before_data(io.BytesIO(data).read)
    if not isinstance(pieces, tar.BadTarBlock):
        sparse.holds(pieces[0], len(data), len(data) - pieces[1])


def _proxy(value: str) -> None:
    for variables in ({"HTTPS_PROXY": value}, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": value}):
        for go in (OLD, NEWEST):
            found = httpproxy.proxy_for("api.internal", 443, variables, go)
            _ = found and found.address


def _urls(value: str) -> None:
    for go in (OLD, NEWEST):
        with suppress(neturl.BadUrl):
            neturl.parse(value, go)
        with suppress(neturl.BadUrl):
            _ = request_url.read(value, go).shown
    with suppress(neturl.BadUrl):
        neturl.unescape(value)


def _names_in_certificates(value: str) -> None:
    for go in (OLD, NEWEST):
        mailbox.parse_mailbox(value, go)
        mailbox.domain_valid(value, go)
        with suppress(neturl.BadUrl):
            mailbox.uri_host(value, go)


def _versions(value: str) -> None:
    _ = version.read(value).release
    version.compare(value, "go1.21")
    version.toolchain_version(value)
    version.language(value)
    version.from_output(f"go version {value} linux/amd64\n")
    version.from_output(value)


def _godebug(value: str) -> None:
    godebug.parse(value)
    godebug.fatal(value, 27)
    godebug.bad_memory_limit(value, 27)


def _module_settings(value: str) -> None:
    for go in (OLD, NEWEST):
        moduleproxy.proxies(value, go)
        moduleproxy.sumdb(value, go)
    moduleproxy.patterns(value)
    prefixes.matches(value, "example.test/a/b")
    netrc.runs_commands(value, 27)
    flags.split(value)


def _netrc(data: bytes) -> None:
    root = Path(scratch()) / "netrc"
    root.mkdir(exist_ok=True)
    (root / ".netrc").write_bytes(data)
    target = targets.at_root(str(root), {"HOME": "/"})
    for minor in (21, 24, 27):
        netrc.authorization(target, "example.test", "/a/b", "", "netrc", minor)


def _accounts(data: bytes) -> None:
    root = Path(scratch()) / "accounts"
    (root / "etc").mkdir(parents=True, exist_ok=True)
    (root / "etc/passwd").write_bytes(data)
    (root / "etc/group").write_bytes(data)
    rooted = RootedFiles(str(root))
    passwd.membership(1000, rooted)
    passwd.group_name(0, rooted)
    passwd.home(0, rooted)
    for spec in ("app", "0:root", "1000"):
        with suppress(TargetUnavailable):
            passwd.find(spec, rooted)


def _user(value: str) -> None:
    passwd.find(value, RootedFiles(scratch()))


def _addresses(value: str) -> None:
    addresses.parse(value)
    addresses.parse_scoped(value)
    addresses.split_host_port(value)
    netip.parse(value)


def _gomod(data: bytes) -> None:
    gomod.parse(data)
    gomod.sums(data)
    gomod.vendored(data)


def _dockerfile(value: str) -> None:
    found = dockerfile.stages(value)
    for instruction in dockerfile.instructions(value):
        _ = instruction.words, instruction.flag("--interval")
        dockerfile.expanded(instruction.text, {"A": "b"})
    for stage in found:
        dockerfile.lineage(stage, found)


def _shell(value: str) -> None:
    for step in command_line.steps(value):
        command_line.of_step(step)
    list(shell.traps(1, value, docker=True))


_OPTIONS = [
    Option("key", kind, "")
    for kind in ("string", "strings", "endpoints", "integer", "number", "boolean", "version")
]


def _option(value: str) -> None:
    for option in _OPTIONS:
        with suppress(InvalidValue):
            values.checked(option, values.from_text(option, value))


def _redacted(value: str) -> None:
    redact.text(value)
    redact.url(value)
    redact.path(value)
    redact.value("HTTPS_PROXY", value)
    redact.value("GOPROXY", value)
    redact.value("GOAUTH", value)


def _lint(data: bytes) -> None:
    """The whole of it: as YAML, as a Dockerfile, and by its content."""
    for name in ("file.yaml", "Dockerfile", "file"):
        path = Path(scratch()) / name
        path.write_bytes(data)
        list(lint(str(path), interpreter(ParsedArgs({}, ()))))


def _started(value: str) -> None:
    _ = wrappers.unwrap(value.split(" ")).words


def _report(data: bytes) -> None:
    reports.withheld(reports.read(data))


# --- seeds ----------------------------------------------------------------------------------


def _image_config(data: bytes) -> None:
    value = go_json.decode(data, first=True)
    with suppress(ArchiveError):
        image_config.config(value)
    with suppress(ArchiveError):
        image_config.entry(value)


READERS: dict[str, Reader] = {
    "pem": Reader(
        lambda data: [*pem.split(data), *pem.split(data, begin_first=True)],
        [b"-----BEGIN A-----\nk: v\n\nAAAA\n-----END A-----\n" * 2],
    ),
    "certificate": Reader(
        lambda data: [Parser(go).parse(data) for go in (OLD, NEWEST)], [bytes.fromhex("3082010a30819b")]
    ),
    "tzif": Reader(_tzif, zone_files()),
    "posix-tz": Reader(
        parse_rule, [b"CET-1CEST,M3.5.0,M10.5.0/3", b"<+08>-8", b"EST5EDT,J60/2,300/-25:10:01"]
    ),
    "elf": Reader(_elf, [elf_seed()]),
    "buildinfo": Reader(
        text(buildinfo.parse),
        [b'path\tm\nmod\tm\t(devel)\t\ndep\ta\tv1\th1:x\n=>\tb\tv2\t\nbuild\t-tags="a b"\nbuild\tA=b\n'],
    ),
    "acl": Reader(
        acl.parse,
        [acl.pack(()), bytes.fromhex("0200000001000700ffffffff02000500e803000004000500ffffffff")],
    ),
    "ldcache": Reader(
        lambda data: [ldcache.parse(data), ldcache.parse(data, big_endian=True)],
        [
            Path("/etc/ld.so.cache").read_bytes()[:3000]
            if Path("/etc/ld.so.cache").exists()
            else b"glibc-ld.so.cache1.1"
        ],
    ),
    "gnupg": Reader(
        gnupg.verdict,
        [
            lines(
                "[GNUPG:] NEWSIG",
                "[GNUPG:] GOODSIG 0123456789ABCDEF A <a@b>",
                "[GNUPG:] VALIDSIG 00 2024-01-01 1 0 4 0 1 10 00 00",
            )
        ],
    ),
    "image-config": Reader(
        _image_config,
        [
            b'{"created": "2024-01-02T03:04:05.678Z", "os": "linux", "rootfs": {"diff_ids": ["sha256:0"]}}',
            b'{"config": {"Env": ["A=b"], "cmd": "x", "Labels": {"a": "b"}, "Tty": true}, "history": [{}]}',
            b'{"Config": "a.json", "RepoTags": null, "Layers": ["a/layer.tar"]}',
        ],
        (ValueError, RecursionError),
    ),
    "sums": Reader(
        sums.parse,
        [
            lines(
                "0" * 64 + "  file",
                "0" * 64 + " *b\\n",
                "SHA256 (file) = " + "0" * 64,
                "\\" + "0" * 64 + "  a\\\\b",
            )
        ],
    ),
    "tar": Reader(_tar_block, [tar_seed(), b"30 mtime=1700000000.123456789\n", b"11 path=a/b\n"]),
    "go.mod": Reader(
        _gomod,
        [
            GOMOD,
            lines("# a.test/b v1.2.3 => ../b", "## explicit; go 1.21", "a.test/b/c"),
            b"a.test/b v1.2.3/go.mod h1:x=\n",
        ],
    ),
    "go-env-file": Reader(
        environment_files.parse,
        [lines("GOPROXY=https://a.test,direct", "GOFLAGS=-mod=mod", "# x", "lower=1")],
    ),
    "go-env-output": Reader(
        go_env.values, [b'{\n\t"GOPROXY": "a",\n\t"GOFLAGS": ""\n}\n', b'{"A": "\\u0000"}']
    ),
    "module-settings": Reader(
        text(_module_settings),
        [
            b"https://a.test,direct",
            b"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8 https://x",
            b"*.corp,a.test/b",
            b"-mod=mod '-ldflags=-s -w'",
            b"netrc; git /x",
        ],
    ),
    "netrc": Reader(
        _netrc,
        [
            lines(
                "machine example.test login u password p",
                "macdef init",
                "x",
                "",
                "default login a password b",
            )
        ],
    ),
    "godebug": Reader(text(_godebug), [b"x509sha1=1,tlskyber=0", b"512MiB", b"9223372036854775807"]),
    "version": Reader(
        text(_versions),
        [b"go1.27.3", b"go1.28rc1", b"devel go1.24-abc Mon", b"go1.22.2 (Red Hat 1.22.2-1.el9)"],
    ),
    "url": Reader(text(_urls), URLS),
    "proxy": Reader(text(_proxy), [*URLS, b"a.com,.b.com,*.c,10.0.0.0/8,::1,h:80"]),
    "address": Reader(
        text(_addresses), [b"10.0.0.1", b"::ffff:1.2.3.4%eth0", b"[::1]:443", b"h:80", b"0177.1"]
    ),
    "endpoint": Reader(
        text(endpoint.parse_endpoint), [b"api.internal:443", b"[::1]:443", b"https://a/b"], (ValueError,)
    ),
    "names-in-certificates": Reader(
        text(_names_in_certificates), [b'"a b"@c.d', b"a.b@c", b".x.test", b"https://u@h.test:1/"]
    ),
    "quoting": Reader(text(quoting.quote), [b'a\x07\xff\xe2\x80\xa8"\\']),
    "environ-block": Reader(environ.from_block, [b"A=b\0PATH=/bin\0=x\0A\0"]),
    "env-file": Reader(
        in_file(lambda name: environ.from_file(name, {"A": "b"})),
        [lines("A=b", "# c", "B", " C=d")],
        (UsageError,),
    ),
    "mountinfo": Reader(mounts.parse, [MOUNTINFO]),
    "process-status": Reader(status_file.fields, [STATUS]),
    "passwd": Reader(
        _accounts, [lines("root:x:0:0:root:/root:/bin/sh", "app:x:1000:1000::/home/app:", "g:x:5:app,root")]
    ),
    "user": Reader(text(_user), [b"1000:1000", b"app:users", b"0"], (TargetUnavailable,)),
    "timex": Reader(lambda data: kernel_clock.decoded(0, data.ljust(256, b"\0")), [bytes(208)]),
    "image-documents": Reader(image_documents.read, [b"seed"], (TargetUnavailable,)),
    "config": Reader(
        in_file(files.load), [CONFIG, b'a = [1, {b = "c"}]\n[x.y]\n"k" = 1e5 # c\n'], (ConfigError,)
    ),
    "option": Reader(text(_option), [b'["a:443", "b:443"]', b"1.21", b"true", b'"x"', b"5s", b"1e400"]),
    "listen-address": Reader(text(address.address), [b"127.0.0.1:9810", b"[::]:9810"], (ValueError,)),
    "baseline": Reader(
        in_file(document.read), [b'format = 1\n\n[go-version]\nversion = "go1.27.3"\n'], (ConfigError,)
    ),
    "dockerfile": Reader(
        in_utf8(_dockerfile),
        [
            (REPOSITORY / "Dockerfile").read_bytes(),
            lines(
                "FROM a AS b",
                'HEALTHCHECK --interval=5s CMD ["probe", "check"]',
                "RUN <<EOF",
                "x",
                "EOF",
                'ENV A=b C="d e"',
                "COPY --from=b x y",
            ),
        ],
    ),
    "yaml": Reader(
        in_utf8(yaml_nodes.documents),
        [COMPOSE, lines("a: &x [1]", "b: *x", "---", "? c", ": |", "  d")],
        (UnreadableSource, UsageError),
    ),
    "lint": Reader(_lint, [POD, COMPOSE, (REPOSITORY / "Dockerfile").read_bytes()]),
    "merge": Reader(in_file(lambda name: merge.snapshot([name], 0.0)), [REPORT, NODE], (ConfigError,)),
    "report": Reader(_report, [REPORT], (ValueError,)),
    "message": Reader(
        text(messages.told),
        [b'Get "https://a.test/": x509: certificate signed by unknown authority', b"unknown time zone A/B"],
    ),
    "wrappers": Reader(
        text(_started),
        [b"gosu app:app env -i A=b -u C nice -n 5 timeout -k 1 5 /app", b"sh -c exec\t/app"],
    ),
    "socket-in-toml": Reader(status_client.socket_in, [b'[agent]\nsocket = "/run/a.sock"\n', b"x = '''\n"]),
    "module-version": Reader(text(modulefetch.parse), [b"example.com/M/v2@v2.0.0-rc.1+incompatible"]),
    "duration": Reader(text(seconds), [b"1m30s", b"1.5h", b"250ms", b"9999999999999h"]),
    "resolv.conf": Reader(
        text(lambda told: resolv_conf.parse(told, "here")),
        [lines("nameserver 10.0.0.1", "nameserver ::1"), lines("search a b", "options ndots:2 attempts:x")],
    ),
    "nsswitch.conf": Reader(
        text(nsswitch.parse), [lines("passwd: files", "hosts: files a [!UNAVAIL=return] dns")]
    ),
    "shell": Reader(text(_shell), [b"exec probe check --only timezone || exit 1; a=b probe run | cat"]),
    "http-date": Reader(
        date_header.date_in, [b"HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"]
    ),
    "redaction": Reader(text(_redacted), [*URLS, b"Authorization: Basic abc", b"password=x token: y"]),
}
"""By the name under which a failure is told."""


def mutants(name: str, chance: random.Random) -> Iterator[bytes]:
    """The seeds themselves, then what becomes of them."""
    seeds = READERS[name].seeds
    yield from seeds
    yield b""
    mutator = TextMutator(seeds, chance)
    while True:
        yield mutator.mutant()


def failure(name: str, data: bytes) -> str:
    """What *name* raises at *data* that it may not, "" when nothing."""
    reader = READERS[name]
    try:
        reader.read(data)
    except reader.raises:
        return ""
    except Exception as raised:  # noqa: BLE001 that is what is looked for
        import traceback

        where = traceback.extract_tb(raised.__traceback__)[-1]
        return f"{type(raised).__name__}: {raised} ({os.path.basename(where.filename)}:{where.lineno})"
    return ""
