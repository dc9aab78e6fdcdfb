"""Cases whose remedy only shows more: the command must run where it is printed for, and show the cause."""

import time
from typing import NamedTuple

from tests.remedies.case import Arrange
from tests.remedies.container import Container
from tests.remedies.network_cases import CA, HOST
from tests.remedies.scenes import made
from tests.remedies.tree_faults import lay_module
from tests.support import https, pki, proxies
from tests.tls import servers


class LookCase(NamedTuple):
    """One code in a container, and words of what its command shows."""

    code: str
    check: str
    arrange: Arrange
    shows: str
    words: tuple[str, ...] = ()  # of `probe check`, where they are not those of the check alone
    explained: bool = False  # the finding has a sentence, and explain the command


def _year() -> str:
    return time.strftime("%Y", time.gmtime())


def network() -> list[LookCase]:
    def resetting(here: Container) -> None:
        here.trust(CA.pem)
        here.name(HOST, "127.0.0.1")
        port = here.have(servers.listen(servers.reset)).port
        here.settings["ca-bundle.endpoints"] = f'["{HOST}:{port}"]'

    def early(here: Container) -> None:
        later = pki.leaf(CA, HOST, not_before=pki.NOW + 9 * pki.DAY, not_after=pki.NOW + 99 * pki.DAY)
        here.trust(CA.pem)
        here.name(HOST, "127.0.0.1")
        here.settings["ca-bundle.endpoints"] = f'["{HOST}:{here.have(servers.tls(later)).port}"]'

    def early_root(here: Container) -> None:
        here.trust(
            CA.pem, pki.root("Early", not_before=pki.NOW + 9 * pki.DAY, not_after=pki.NOW + 99 * pki.DAY).pem
        )

    def unfit_extra_root(here: Container) -> None:
        leaf = pki.make("Corp", ca=False)
        here.at = "/srv"
        here.put("/srv/corp.pem", leaf.pem)
        here.trust(CA.pem, leaf.pem)
        here.settings["ca-bundle.extra_roots"] = '["/srv/corp.pem"]'

    return [
        LookCase("TLS_CONNECTION_RESET", "ca-bundle", resetting, "reset"),
        LookCase("TLS_NOT_YET_VALID", "ca-bundle", early, _year()),
        LookCase("CA_ROOTS_NOT_YET_VALID", "ca-bundle", early_root, _year()),
        LookCase("EXTRA_ROOT_UNUSABLE", "ca-bundle", unfit_extra_root, "CA:FALSE", explained=True),
    ]


def files() -> list[LookCase]:
    def no_program(here: Container) -> None:
        here.put("/app", "just a text\n", 0o755)
        here.settings["linkage.binary"] = '"/app"'

    def file_on_the_way(here: Container) -> None:
        here.put("/srv/f", "x")
        here.settings |= {"permissions.write": '["/srv/f/data"]', "permissions.execute": "[]"}

    def malformed(here: Container) -> None:
        here.put("/etc/sums", "nothing of the kind\n")
        here.settings["pinned.sums"] = '"/etc/sums"'

    def many(here: Container) -> None:
        for number in range(300):
            here.put(f"/srv/{number}", "x")
        here.put("/etc/sums", "".join(f"{'0' * 64}  /srv/{number}\n" for number in range(300)))
        here.settings["pinned.sums"] = '"/etc/sums"'
        here.meant["FILE"] = "/srv/299"

    def pipe_in_its_place(here: Container) -> None:
        here.trust(CA.pem)
        here.configure()
        assert here.sh("probe baseline snapshot > /srv/baseline.toml").code == 0
        here.settings["baseline.file"] = '"/srv/baseline.toml"'
        name = _file_of(here.read("/srv/baseline.toml"))
        made(name.lstrip("/"), lambda path: path.mkdir())(here.root)

    def broken_source(here: Container) -> None:
        here.go()
        lay_module(here.root)
        here.put("/srv/src/main.go", 'package main\n\nimport "example.com/M\n')
        here.env |= {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOMODCACHE": "/srv/cache", "CGO_ENABLED": "0"}
        here.settings["offline.module"] = '"/srv/src"'

    return [
        LookCase("LINKAGE_NO_PROGRAM", "linkage", no_program, "ASCII text"),
        LookCase("PERMISSION_NOT_A_DIRECTORY", "permissions", file_on_the_way, "-rw"),
        LookCase("PINNED_SUMS_MALFORMED", "pinned", malformed, "improperly formatted"),
        LookCase("PINNED_FILES_MORE", "pinned", many, "  /srv/299"),
        LookCase("BASELINE_UNKNOWN", "baseline", pipe_in_its_place, "total 0"),
        LookCase("OFFLINE_GO_FAILED", "offline", broken_source, "string literal not terminated"),
    ]


def _file_of(text: str) -> str:
    """The first file that a baseline names."""
    return text.partition("[files]\n")[2].partition(" = ")[0].strip('"')


def runs() -> list[LookCase]:
    def left_out(here: Container) -> None:
        here.settings["checks"] = '["timezone"]'

    def token(here: Container) -> None:
        here.go()
        here.trust(https.CA.pem)
        context = servers.context([pki.leaf(https.CA, "localhost")])
        proxy = here.have(proxies.serve(context))
        header = "Authorization: Basic bWU6czNjcmV0"
        here.put("/opt/token", f"#!/bin/sh\necho {proxy.url}/auth\necho\necho {header}\necho\n", 0o755)
        here.env |= {"GOPROXY": f"{proxy.url}/auth", "GOAUTH": "/opt/token", "GONOSUMDB": "*"}
        here.env |= {"GOMODCACHE": "/srv/mod", "GOTOOLCHAIN": "local", "GOFLAGS": "-modcacherw"}
        here.settings["downloads.module"] = f'"{proxies.MODULE}@{proxies.VERSION}"'
        here.put("/go.mod", f"module app\n\nrequire {proxies.MODULE} {proxies.VERSION}\n")

    every = ("--role", "startup")
    return [
        LookCase("CHECK_SKIPPED", "timezone", left_out, 'checks = ["timezone"]', words=every, explained=True),
        LookCase("DOWNLOADS_CREDENTIALS_UNKNOWN", "downloads", token, "200 OK"),
    ]


def all_of_them() -> list[LookCase]:
    return [*network(), *files(), *runs()]
