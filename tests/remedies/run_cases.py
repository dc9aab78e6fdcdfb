"""Cases that are of a run of probe, or of its target: what is printed is the run that tells more."""

from collections.abc import Callable

from probe.checks.go_env import POLICY
from tests.remedies.bases import BUNDLE
from tests.remedies.case import ALL, Case
from tests.remedies.container import Container
from tests.remedies.download_cases import with_proxies
from tests.remedies.network_cases import CA, with_server
from tests.remedies.tree_faults import lay_module
from tests.support import https
from tests.support.images import Image, file, tarred, write_tar

_TREE = ("--root", "/srv/tree")


def roles() -> list[Case]:
    """What is asked in certain roles only: nothing is wrong, and explain shows how it is asked."""

    def clock(here: Container) -> None:
        here.trust(https.CA.pem)
        here.settings["clock.endpoints"] = f'["localhost:{here.have(https.https()).port}"]'

    def download(here: Container) -> None:
        with_proxies(here, "proxy.golang.org")
        here.env["GOPROXY"] = "https://proxy.golang.org"

    def case(code: str, check: str, arrange: Callable[[Container], object], way: int = 0) -> Case:
        words = ("--only", check, "--role", "ready")
        return Case(code, check, arrange, way=way, words=words, explained=True)

    return [
        *(case("CLOCK_NOT_ASKED", "clock", clock, way) for way in (0, 1)),
        case("DOWNLOADS_NOT_ASKED", "downloads", download),
        case("TLS_NOT_ASKED", "ca-bundle", with_server),
        Case(
            "ROLE_WITHOUT_CHECKS", "go-version", lambda here: None, words=("--role", "live"), explained=True
        ),
    ]


def runs() -> list[Case]:
    def no_endpoint(here: Container) -> None:
        server = with_server(here)
        here.settings["ca-bundle.endpoints"] = "[]"
        here.meant["api.internal:443"] = f"api.test:{server.port}"

    def no_baseline(here: Container) -> None:
        here.at = "/srv"

    def many_bytes(here: Container) -> None:
        here.put("/srv/a", b"")
        with (here.root / "srv/a").open("r+b") as stream:
            stream.truncate(2 << 30)
        here.settings["pinned.files"] = f'["{"0" * 64}  /srv/a"]'
        here.settings["pinned.max_file_mb"] = "4096"
        here.settings["timeout_s"] = "0.5"

    def no_module(here: Container) -> None:
        here.go()
        lay_module(here.root)
        here.env |= {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOMODCACHE": "/srv/cache"}
        here.settings["offline.module"] = '"/srv/nothing"'
        here.meant["/path/to/the/module"] = "/srv/src"

    return [
        Case("TLS_NO_ENDPOINT", "ca-bundle", no_endpoint),
        Case("BASELINE_NOT_GIVEN", "baseline", no_baseline),
        Case("PINNED_UNFINISHED", "pinned", many_bytes, slow=True),
        Case("OFFLINE_NO_MODULE", "offline", no_module),
    ]


def targets() -> list[Case]:
    """Of what is looked at: a tree, an archive, a process."""

    def tree(here: Container) -> None:
        here.put(f"/srv/tree/{BUNDLE}", CA.pem)

    def alone(here: Container) -> None:
        tree(here)
        here.alone = True

    def archived(here: Container) -> None:
        tree(here)
        layer = tarred([file("app", (here.root / "bin/true").read_bytes(), 0o755)])
        here.put("/srv/image.tar", b"")
        write_tar(here.root / "srv/image.tar", Image([layer], Entrypoint=["/app"]).saved())
        here.meant["FILE"] = "/srv/image.tar"

    def touched(here: Container) -> None:
        (here.root / "srv/tree/data").mkdir(parents=True)
        here.settings |= {"permissions.touch": "true", "permissions.write": '["/data"]'}
        here.settings |= {"permissions.execute": "[]", "permissions.read": "[]"}

    def small_files(here: Container) -> None:
        (here.root / "srv/data").mkdir()
        here.settings |= {"permissions.touch": "true", "permissions.write": '["/srv/data"]'}
        here.settings |= {"permissions.execute": "[]", "permissions.read": "[]"}
        here.typed = ["ulimit -Sf 0"]

    def writes(here: Container) -> bool:
        return here.sh("echo x > /srv/data/x").code == 0

    def two_of_a_name(here: Container) -> None:
        here.put("/usr/bin/two-of-it", (here.root / "bin/sleep").read_bytes(), 0o755)
        for _ in range(2):
            here.start("/usr/bin/two-of-it", "100")

    return [
        Case("LIMITS_UNKNOWN", "limits", alone, words=(*_TREE, "--only", "limits")),
        Case("IMAGE_LAYERS_UNKNOWN", "image", archived, words=(*_TREE, "--only", "image")),
        Case("PERMISSION_TOUCH_FAILED", "permissions", small_files, writes),
        Case("PERMISSION_TOUCH_ELSEWHERE", "permissions", touched, words=(*_TREE, "--only", "permissions")),
        Case(
            "TARGET_AMBIGUOUS",
            "timezone",
            two_of_a_name,
            words=("--process", "two-of-it", "--only", "timezone"),
        ),
    ]


def go_env() -> list[Case]:
    def without_rules(here: Container) -> None:
        without_cgo(here)
        here.go()
        for name in POLICY:
            here.settings[f"go-env.{name}"] = "{}"

    def without_cgo(here: Container) -> None:
        here.env["CGO_ENABLED"] = "0"

    def unset(here: Container) -> None:
        here.go()
        here.settings["go-env.GOPATH.set"] = "true"
        here.env["HOME"] = ""

    def unknown(here: Container) -> None:
        here.put("/bin/gcc", b"", 0o755)
        here.settings["go-env.CGO_ENABLED.one_of"] = '["0", "1"]'

    return [
        Case("GO_ENV_NO_POLICY", "go-env", without_rules, explained=True),
        Case("GO_ENV_NO_TOOLCHAIN", "go-env", without_cgo, way=ALL, explained=True),
        Case("GO_ENV_UNSET", "go-env", unset, lambda here: here.sh('test "$(go env GOPATH)"').code == 0),
        Case("GO_ENV_UNKNOWN", "go-env", unknown),
    ]


def all_of_them() -> list[Case]:
    return [*roles(), *runs(), *targets(), *go_env()]
