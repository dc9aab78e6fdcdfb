"""Cases that end by what only an owner has: a key, an archive, a certificate, a baseline that was meant."""

import io
import json
import subprocess
import tarfile
from collections.abc import Callable
from hashlib import sha256

from tests.golang.builds import HELLO, build, module
from tests.remedies.bases import BUNDLE
from tests.remedies.case import ALL, Case
from tests.remedies.container import Container
from tests.remedies.layouts import INSTALL
from tests.remedies.scenes import CORP, OTHER
from tests.remedies.tree_faults import lay_module
from tests.support import pki
from tests.support.toolchains import install

_SUMS, _SIGNATURE, _RING = "/etc/baseline.sha256", "/etc/baseline.sha256.sig", "/etc/keys.gpg"
_LONG_AGO = "--faked-system-time 20200101T000000"
_SIGN = f"gpg --batch --quiet --yes {{}} --detach-sign --output {_SIGNATURE} {_SUMS}"


# --- signatures ---------------------------------------------------------------------------------


def signatures() -> list[Case]:
    """Made and put right by a real gpg, whose home the owner has."""

    def case(code: str, then: Callable[[Container], object], key: str = "", way: int = 0) -> Case:
        def arrange(here: Container) -> None:
            _with_a_key(here, key)
            then(here)

        return Case(code, "pinned", arrange, way=way)

    def changed(here: Container) -> None:
        _gpg(here, _SIGN.format(""))
        here.put(_SUMS, here.read(_SUMS) + "\n")

    def by_a_stranger(here: Container) -> None:
        _gpg(here, _generated("Stranger <s@example>"))
        _gpg(here, _SIGN.format("--local-user s@example"))

    def long_ago(here: Container) -> None:
        _gpg(here, _SIGN.format(_LONG_AGO))

    def for_a_day(here: Container) -> None:
        _gpg(here, _SIGN.format(f"{_LONG_AGO} --default-sig-expire 1d"))

    def revoked(here: Container) -> None:
        _gpg(here, _SIGN.format(""))
        (made,) = (here.root / "root/gnupg/openpgp-revocs.d").iterdir()
        made.write_text(made.read_text().replace(":-----", "-----"))
        _gpg(here, f"gpg --batch --quiet --import /root/gnupg/openpgp-revocs.d/{made.name}")
        _gpg(here, f"gpg --batch --quiet --yes --output {_RING} --export")
        _gpg(here, _generated("New <n@example>"))
        here.meant["NEW_KEY"] = "n@example"

    def no_signature(here: Container) -> None:
        here.put(_SIGNATURE, b"none\n")

    def armored(here: Container) -> None:
        _gpg(here, _SIGN.format(""))
        _gpg(here, f"gpg --batch --quiet --yes --armor --output {_RING} --export")
        _gpg(here, "gpg --batch --quiet --armor --export > /KEY.asc")
        here.meant["export KEY"] = "export b@example"

    def without_gpgv(here: Container) -> None:
        _gpg(here, _SIGN.format(""))
        program = here.root / "usr/bin/gpgv"
        here.put("/repository/gpgv/usr/bin/gpgv", program.read_bytes(), 0o755)
        program.unlink()
        here.put("/usr/bin/apt-get", INSTALL, 0o755)

    return [
        case("PINNED_SIGNATURE_MISSING", lambda _: None),
        case("PINNED_SIGNATURE_BAD", changed),
        case("PINNED_SIGNATURE_NO_KEY", by_a_stranger),
        case("PINNED_SIGNATURE_KEY_EXPIRED", long_ago, f"{_LONG_AGO} 1y"),
        case("PINNED_SIGNATURE_EXPIRED", for_a_day, f"{_LONG_AGO} never"),
        case("PINNED_SIGNATURE_KEY_REVOKED", revoked),
        case("PINNED_SIGNATURE_UNREADABLE", no_signature),
        *(case("PINNED_KEYRING_UNUSABLE", armored, way=way) for way in (0, 1)),
        case("PINNED_GPGV_MISSING", without_gpgv),
    ]


def _with_a_key(here: Container, how: str) -> None:
    """A key in the owner's home and in the keyring, and a list of sums that it may sign."""
    here.env["GNUPGHOME"] = "/root/gnupg"
    (here.root / "root/gnupg").mkdir(mode=0o700)
    here.put("/srv/tool", b"tool")
    here.put(_SUMS, f"{sha256(b'tool').hexdigest()}  /srv/tool\n")
    here.at_end(lambda: here.sh("gpgconf --kill all"))
    options, _, expires = how.rpartition(" ")
    _gpg(here, _generated("Base Line <b@example>", options, expires or "never"))
    _gpg(here, f"gpg --batch --quiet --yes --output {_RING} --export")
    here.settings |= {
        "pinned.sums": json.dumps(_SUMS),
        "pinned.signature": json.dumps(_SIGNATURE),
        "pinned.keyring": json.dumps(_RING),
    }


def _generated(name: str, options: str = "", expires: str = "never") -> str:
    key = f"--passphrase '' --quick-generate-key '{name}' ed25519 sign {expires}"
    return f"gpg --batch --quiet --yes {options} {key}"


def _gpg(here: Container, line: str) -> None:
    said = here.sh(line)
    assert said.code == 0, (line, said)


# --- baselines ----------------------------------------------------------------------------------


def baselines() -> list[Case]:
    """What has changed was meant: the printed command writes the baseline anew."""

    def case(code: str, before: Callable[[Container], object], change: Callable[[Container], object]) -> Case:
        def arrange(here: Container) -> None:
            here.trust(CORP.pem)
            before(here)
            here.configure()
            said = here.sh("probe baseline snapshot > /srv/baseline.toml")
            assert said.code == 0, said
            here.settings["baseline.file"] = '"/srv/baseline.toml"'
            change(here)

        return Case(code, "baseline", arrange)

    def nothing(_: Container) -> None:
        pass

    def flags(here: Container) -> None:
        here.env["GOFLAGS"] = "-mod=mod"

    def other_roots(here: Container) -> None:
        here.trust(OTHER.pem)

    def other_zone(here: Container) -> None:
        here.env["TZ"] = "Asia/Tokyo"

    def another_go(here: Container) -> None:
        here.go_again("1.26.6")

    def program(here: Container) -> None:
        here.put("/app", here.program(), 0o755)
        here.settings["go-version.binary"] = '"/app"'

    def built_otherwise(here: Container) -> None:
        here.put("/app", build("1.26.6", module(HELLO)).read_bytes(), 0o755)

    def without_bundle(here: Container) -> None:
        (here.root / BUNDLE).unlink()

    return [
        case("BASELINE_ENV", nothing, flags),
        case("BASELINE_ROOTS", nothing, other_roots),
        case("BASELINE_TIMEZONE", nothing, other_zone),
        case("BASELINE_GO", lambda here: here.go(), another_go),
        case("BASELINE_PROGRAM", program, built_otherwise),
        case("BASELINE_FILE", nothing, other_roots),
        case("BASELINE_FILE_GONE", nothing, without_bundle),
    ]


# --- the rest -----------------------------------------------------------------------------------


def _tar(*files: tuple[str, bytes], mode: str = "w") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as made:  # type: ignore[call-overload]
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def archives() -> list[Case]:
    quiet = {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}

    def listed(content: bytes | None) -> Callable[[Container], None]:
        def arrange(here: Container) -> None:
            here.env |= quiet
            here.settings |= {"offline.listing": '"/srv/list"', "offline.tree": '"/srv/tree"'}
            here.put("/srv/list", f"{sha256(b'a').hexdigest()}  a\n")
            (here.root / "srv/tree").mkdir()
            if content is not None:
                here.put("/srv/tree/a", content)
            here.put("/sdk.tar", _tar(("a", b"a")))

        return arrange

    def without_sources(here: Container) -> None:
        here.env |= quiet | {"PATH": f"/opt/go/bin:{here.env['PATH']}", "CGO_ENABLED": "0"}
        tree = install("1.27.3").root
        for name in ("bin/go", "VERSION", "go.env"):
            here.put(f"/opt/go/{name}", (tree / name).read_bytes(), 0o755)
        (here.root / "opt/go/pkg/tool").mkdir(parents=True)
        command = ["tar", "-C", tree.parent, "--transform", f"s,^{tree.name},go,", "-I", "gzip -1", "-cf"]
        names = ("unsafe", "errors", "fmt", "internal", "math", "net/http", "runtime")
        whole = [f"{tree.name}/src/{name}" for name in names]
        subprocess.run([*map(str, command), str(here.root / "go.tar.gz"), *whole], check=True)

    def builds(here: Container) -> bool:
        return here.sh("/opt/go/bin/go list -deps errors").code == 0

    def empty_proxy(here: Container) -> None:
        here.go()
        lay_module(here.root)
        (here.root / "srv/empty").mkdir()
        here.env |= quiet | {"GOPROXY": "file:///srv/empty", "GOMODCACHE": "/srv/cache"}

    def from_it(here: Container) -> bool:
        """With a cache of its own, so that all comes from the proxy."""
        own = "GOMODCACHE=/srv/new GOFLAGS=-modcacherw GONOSUMDB='*'"
        return here.sh(f"{own} go -C /srv/src list -deps ./...").code == 0

    return [
        Case("OFFLINE_LISTING_MISSING", "offline", listed(None)),
        Case("OFFLINE_LISTING_CHANGED", "offline", listed(b"b")),
        Case("OFFLINE_NO_SOURCES", "offline", without_sources, builds),
        Case("OFFLINE_PROXY_EMPTY", "offline", empty_proxy, from_it),
    ]


def others() -> list[Case]:
    def other_version(here: Container) -> None:
        here.put("/etc/go-baseline.version", "1.27.2\n")
        here.settings["pinned.version"] = '"1.27.3"'

    def misspelled(here: Container) -> None:
        here.settings["timezone.expected"] = '"Asia/Tokyoo"'
        here.env["TZ"] = "Asia/Tokyo"

    def no_authority(here: Container) -> None:
        made = pki.root("Corp Root", usage=(0,))
        here.at = "/srv"
        here.put("/srv/ca.pem", made.pem)
        here.env |= {"SSL_CERT_FILE": "/srv/ca.pem", "SSL_CERT_DIR": "/srv/nothing"}
        (here.root / "srv/nothing").mkdir()

    return [
        Case("PINNED_VERSION_MISMATCH", "pinned", other_version, way=1),
        Case("TIMEZONE_EXPECTED_UNKNOWN", "timezone", misspelled),
        Case("CA_ROOTS_UNUSABLE", "ca-bundle", no_authority, way=ALL, explained=True),
    ]


def all_of_them() -> list[Case]:
    return [*signatures(), *baselines(), *archives(), *others()]
