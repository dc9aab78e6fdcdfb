"""Cases of go commands that are none, of caches that are full, and of checks that could not tell."""

import json
import subprocess
from collections.abc import Callable

from tests.remedies.case import Case
from tests.remedies.container import Container
from tests.remedies.fault import NONE
from tests.remedies.tree_faults import lay_module
from tests.support.images import Image, file, tarred, write_tar

_EARLIER = "/opt/bin/go"  # before the real one in PATH
_HANGS, _PRINTS = "#!/bin/sh\nexec sleep 100\n", "#!/bin/sh\necho nothing of use\n"
_NO_INTERPRETER = "#!/no/such/python\n"


def go_commands() -> list[Case]:
    """Another program is called go, and comes first."""

    def first(script: str, **settings: str) -> Callable[[Container], None]:
        def arrange(here: Container) -> None:
            here.go()
            here.put(_EARLIER, script, 0o755)
            here.env |= {"PATH": f"/opt/bin:{here.env['PATH']}", "CGO_ENABLED": "0"}
            here.settings |= settings

        return arrange

    def answers(here: Container) -> bool:
        said = here.sh("timeout 1 go version")
        return said.out.startswith("go version go1.")

    def answers_env(here: Container) -> bool:
        return here.sh("timeout 1 go env GOOS").out == "linux\n"

    def with_bad_path(here: Container) -> None:
        here.go()
        here.env |= {"GOPATH": "/usr/local/go", "GOROOT": "", "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0"}
        here.env["GOPATH"] = "relative/path"

    garbled = "#!/bin/sh\ncase $1 in version) echo go version go1.27.3 linux/amd64;; *) echo nothing;; esac\n"
    hangs = first(_HANGS, timeout_s="1.0")
    return [
        Case("GO_HUNG", "go-version", hangs, answers),
        Case("GO_OUTPUT_UNEXPECTED", "go-version", first(_PRINTS), answers),
        Case("GO_ENV_GARBLED", "go-env", first(garbled), answers_env),
        Case("GO_ENV_NOT_STARTED", "go-env", first(_NO_INTERPRETER), rounds=2),
        Case("GO_ENV_FAILED", "go-env", with_bad_path),
    ]


def caches() -> list[Case]:
    """A file system that the go command's own cache has filled."""

    def full(options: str, fill: str, name: str) -> Callable[[Container], None]:
        def arrange(here: Container) -> None:
            here.go()
            place = here.root / "srv/cache"
            place.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
            here.at_end(lambda: subprocess.run(["umount", "-l", place], check=True))
            here.env[name] = "/srv/cache/go"
            here.settings |= {"permissions.write": json.dumps([name]), "permissions.execute": "[]"}
            said = here.sh(fill)
            assert said.code == 0, said

        return arrange

    def writes(here: Container) -> bool:
        return here.sh("head -c 100000 /dev/zero > /srv/cache/x && rm /srv/cache/x").code == 0

    bytes_ = (
        "mkdir -p /srv/cache/go/00; head -c 2M /dev/zero > /srv/cache/go/00/x-d; df /srv/cache >/dev/null"
    )
    files = "mkdir -p /srv/cache/go/cache; i=0; while : > /srv/cache/go/cache/$i; do i=$((i+1)); done"
    inodes = f"({files}) 2>/dev/null; ls /srv/cache > /dev/null"
    return [
        Case("PERMISSION_FULL", "permissions", full("size=2m", bytes_, "GOCACHE"), writes),
        Case("PERMISSION_NO_INODES", "permissions", full("nr_inodes=40", inodes, "GOMODCACHE"), writes),
    ]


def unknown() -> list[Case]:
    """What could not be told: the printed run, or a name, tells it."""

    def no_program(here: Container) -> None:
        here.put("/app", here.program(), 0o755)
        here.meant["/path/to/the/program"] = "/app"

    def no_tree(here: Container) -> None:
        here.settings["permissions.execute"] = '["GOROOT"]'

    def slow_gpgv(here: Container) -> None:
        here.put("/etc/sums", f"{'0' * 64}  /srv/a\n")
        for name in ("/etc/sums.sig", "/etc/keys.gpg"):
            here.put(name, b"x")
        status = "[GNUPG:] NODATA 4"
        here.put("/opt/gpgv", f"#!/bin/sh\nsleep 1.5\necho '{status}'\nexit 1\n", 0o755)
        here.settings |= {"pinned.sums": '"/etc/sums"', "pinned.signature": '"/etc/sums.sig"'}
        here.settings |= {
            "pinned.keyring": '"/etc/keys.gpg"',
            "pinned.gpgv": '"/opt/gpgv"',
            "timeout_s": "1.0",
        }

    def no_entrypoint(here: Container) -> None:
        app = file("app", here.program(), 0o755)
        here.put("/srv/image.tar", b"")
        place = here.root / "srv/image.tar"
        write_tar(place, Image([tarred([app])]).saved())

        def with_entrypoint(line: str) -> None:
            words = json.loads(line.removeprefix("ENTRYPOINT "))
            write_tar(place, Image([tarred([app])], Entrypoint=words).saved())

        here.built = with_entrypoint

    def no_account(here: Container) -> None:
        app = file("app", here.program(), 0o755)
        here.put("/srv/image.tar", b"")
        place = here.root / "srv/image.tar"

        def with_user(line: str) -> None:
            image = Image([tarred([app])], Entrypoint=["/app"], User=line.removeprefix("USER "))
            write_tar(place, image.saved())

        with_user("nobody-here")
        here.built = with_user

    def slow_go(here: Container) -> None:
        here.go(NONE)
        lay_module(here.root)
        here.go_again("1.27.3")
        script = '#!/bin/sh\ncase $1 in list) sleep 1.5;; esac\nexec /usr/local/go/bin/go "$@"\n'
        here.put("/opt/bin/go", script, 0o755)
        here.env |= {"PATH": f"/opt/bin:{here.env['PATH']}", "GOPROXY": "off", "GOTOOLCHAIN": "local"}
        here.env |= {"GOMODCACHE": "/srv/cache", "CGO_ENABLED": "0"}
        here.settings |= {"offline.module": '"/srv/src"', "timeout_s": "1.5"}

    return [
        Case("LINKAGE_UNKNOWN", "linkage", no_program),
        Case("PERMISSION_UNKNOWN", "permissions", no_tree),
        Case("PINNED_GPGV_FAILED", "pinned", slow_gpgv, slow=True),
        Case(
            "IMAGE_BINARY_UNKNOWN",
            "image",
            no_entrypoint,
            words=("--only", "image", "--image", "/srv/image.tar"),
        ),
        Case(
            "TARGET_USER_UNKNOWN",
            "go-version",
            no_account,
            words=("--only", "go-version", "--image", "/srv/image.tar"),
        ),
        Case("OFFLINE_NOT_TRIED", "offline", slow_go, slow=True),
    ]


def all_of_them() -> list[Case]:
    return [*go_commands(), *caches(), *unknown()]
